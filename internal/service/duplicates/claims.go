package duplicates

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// The registry claims a NIK for a person when she gets it and frees it when she goes. A
// merge needs one thing more: the claim passes from one record to the other with all that
// hangs on it (the old cards that answer the public check, the programmes it shows), and
// back again. That is all this file writes of nik_index.

// claim is a row of nik_index. A claim of nobody is the absence of a row.
type claim struct {
	Hash       sqldb.Hash  `json:"hash"`
	Tenant     area.Tenant `json:"tenant,omitempty"`
	Person     sqldb.ID    `json:"person"`
	Family     sqldb.ID    `json:"family"`
	Contested  int64       `json:"contested,omitempty"`
	Tags       []byte      `json:"tags,omitempty"`
	Listed     int64       `json:"listed,omitempty"`
	Programmes string      `json:"programmes,omitempty"`
}

func (c claim) held() bool { return !c.Person.IsZero() }

func claimIn(ctx context.Context, tx *act.Tx, hash sqldb.Hash) (claim, error) {
	c := claim{Hash: hash}
	var tenant int64
	err := tx.QueryRow(ctx, `
		SELECT kabkota, person_id, family_id, contested, check_tags, listed, programmes FROM nik_index WHERE nik_hash = $1`, hash).
		Scan(&tenant, &c.Person, &c.Family, &c.Contested, &c.Tags, &c.Listed, &c.Programmes)
	if found, err := sqldb.Found(err); !found {
		if err != nil {
			return c, fmt.Errorf("read claim: %w", err)
		}
		return claim{Hash: hash}, nil
	}
	c.Tenant = area.Tenant(tenant)
	return c, nil
}

// claimsIn reads the claims on the NIKs of two persons, each NIK once.
func (s *Service) claimsIn(ctx context.Context, tx *act.Tx, persons ...registry.Person) ([]claim, error) {
	var out []claim
	for _, p := range persons {
		hash := s.reg.NIKHash(p.NIK)
		if hash.IsZero() || slices.ContainsFunc(out, func(c claim) bool { return c.Hash == hash }) {
			continue
		}
		c, err := claimIn(ctx, tx, hash)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func putClaim(ctx context.Context, tx *act.Tx, c claim) error {
	tags := c.Tags
	if tags == nil {
		tags = []byte{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO nik_index (nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (nik_hash) DO UPDATE SET kabkota = excluded.kabkota, person_id = excluded.person_id, family_id = excluded.family_id,
			contested = excluded.contested, check_tags = excluded.check_tags, listed = excluded.listed, programmes = excluded.programmes`,
		c.Hash, int64(c.Tenant), c.Person, c.Family, c.Contested, tags, c.Listed, c.Programmes)
	if err != nil {
		return fmt.Errorf("keep claim: %w", err)
	}
	return nil
}

func dropClaim(ctx context.Context, tx *act.Tx, hash sqldb.Hash, holder sqldb.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM nik_index WHERE nik_hash = $1 AND person_id = $2`, hash, holder); err != nil {
		return fmt.Errorf("drop claim: %w", err)
	}
	return nil
}

// settle says anew whether the NIKs of claims are contested: by whoever else is active and
// claims them.
func settle(ctx context.Context, tx *act.Tx, claims []claim) error {
	for _, c := range claims {
		// -- national: the other claimant lives in any district (kabkota)
		_, err := tx.Exec(ctx, `
			UPDATE nik_index SET contested = CASE WHEN EXISTS (
				SELECT 1 FROM person p WHERE p.kabkota IN (SELECT kabkota FROM tenant) AND p.nik_hash = nik_index.nik_hash
				AND p.state = 1 AND p.id <> nik_index.person_id) THEN 1 ELSE 0 END
			WHERE nik_hash = $1`, c.Hash)
		if err != nil {
			return fmt.Errorf("settle claim: %w", err)
		}
	}
	return nil
}

// passClaim gives the kept person the claim on the NIK she has after the merge, when the
// merged one holds it or nobody does.
func (s *Service) passClaim(ctx context.Context, tx *act.Tx, after, before, merged registry.Person, card person.KK) error {
	hash := s.reg.NIKHash(after.NIK)
	if hash.IsZero() {
		return nil
	}
	c, err := claimIn(ctx, tx, hash)
	if err != nil || c.held() && c.Person != merged.ID {
		return err
	}
	if !c.held() {
		c.Listed = 1
	}
	if before.NIK != after.NIK && before.NIKState == registry.Holder {
		own, err := claimIn(ctx, tx, s.reg.NIKHash(before.NIK))
		if err != nil {
			return err
		}
		c.Programmes = union(c.Programmes, own.Programmes)
	}
	c.Tenant, c.Person, c.Family = after.Tenant, after.ID, after.FamilyID
	if !card.IsZero() {
		c.Tags = withTag(c.Tags, s.reg.CheckTag(after.NIK, card.Last6()))
	}
	return putClaim(ctx, tx, c)
}

// keepProgrammes lets the public check show under the kept NIK what it showed under the
// merged record's own.
func (s *Service) keepProgrammes(ctx context.Context, tx *act.Tx, after, merged registry.Person) error {
	if merged.NIKState != registry.Holder || merged.NIK == after.NIK || after.NIK.IsZero() {
		return nil
	}
	theirs, err := claimIn(ctx, tx, s.reg.NIKHash(merged.NIK))
	if err != nil || theirs.Programmes == "" {
		return err
	}
	own, err := claimIn(ctx, tx, s.reg.NIKHash(after.NIK))
	if err != nil || own.Person != after.ID {
		return err
	}
	own.Programmes = union(own.Programmes, theirs.Programmes)
	return putClaim(ctx, tx, own)
}

// union joins two lists of programmes, "pkh 2024-10;sembako 2024-10".
func union(a, b string) string {
	var out []string
	for part := range strings.SplitSeq(a+";"+b, ";") {
		if part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ";")
}

// withTag adds a card to those that answer for a NIK.
func withTag(tags []byte, tag [registry.TagSize]byte) []byte {
	for i := 0; i+registry.TagSize <= len(tags); i += registry.TagSize {
		if bytes.Equal(tags[i:i+registry.TagSize], tag[:]) {
			return tags
		}
	}
	tags = append(bytes.Clone(tags), tag[:]...)
	return tags[max(0, len(tags)-maxTags*registry.TagSize):]
}

// maxTags bounds the cards held for one person, as the registry does; the oldest goes.
const maxTags = 8

// returnClaims puts the claims back as they were before a merge, as far as nobody else
// holds them by now. givesBack says that the kept person still has the NIK of the merge.
func (s *Service) returnClaims(ctx context.Context, tx *act.Tx, p plan, kept, merged registry.Person, givesBack bool) error {
	for i, old := range p.ClaimsBefore {
		now, err := claimIn(ctx, tx, old.Hash)
		if err != nil {
			return err
		}
		if now.held() && now.Person != kept.ID && now.Person != merged.ID {
			continue // a third person holds it by now
		}
		if !now.held() && old.held() {
			kept, err := s.reg.GaveUpIn(ctx, tx, old.Tenant, old.Person, old.Hash)
			if err != nil {
				return err
			}
			if kept {
				continue // the registry gives it back with the person, in step with the lists of today
			}
		}
		toMerged := old.Person == merged.ID && s.reg.NIKHash(merged.NIK) == old.Hash && (givesBack || now.Person != kept.ID)
		toKept := old.Person == kept.ID && givesBack
		switch {
		case toMerged:
			old.Family = merged.FamilyID
			err = putClaim(ctx, tx, old.unless(p.ClaimsAfter[i], now))
		case toKept:
			old.Family = kept.FamilyID
			err = putClaim(ctx, tx, old.unless(p.ClaimsAfter[i], now))
		case !old.held() && now.Person == kept.ID && givesBack:
			err = dropClaim(ctx, tx, old.Hash, kept.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unless gives a claim as it was, but with what has changed on it since it was made so:
// a newer list frozen meanwhile, a newer card.
func (c claim) unless(made, now claim) claim {
	if now.held() && now.Programmes != made.Programmes {
		c.Programmes = now.Programmes
	}
	if now.held() && !bytes.Equal(now.Tags, made.Tags) {
		c.Tags = now.Tags
	}
	return c
}
