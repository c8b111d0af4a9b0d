package registry

import (
	"bytes"
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// freed is what hung on a NIK when its holder gave it up: it comes back with the NIK.
type freed struct {
	heir       sqldb.ID // to whom the NIK passed on because of that; zero when to nobody
	doubtful   bool     // the holder had inherited it herself and was not proved
	tags       []byte
	listed     int64
	programmes string
}

// freeIn takes the claim on her NIK from its holder and keeps what hung on it.
func (s *Service) freeIn(ctx context.Context, tx *act.Tx, p Person) error {
	hash := s.NIKHash(p.NIK)
	var tenant, listed int64
	var family sqldb.ID
	var tags []byte
	var programmes string
	held, err := sqldb.Found(tx.QueryRow(ctx, `SELECT kabkota, family_id, check_tags, listed, programmes FROM nik_index WHERE nik_hash = $1 AND person_id = $2`, hash, p.ID).
		Scan(&tenant, &family, &tags, &listed, &programmes))
	if err != nil {
		return fmt.Errorf("read claim: %w", err)
	}
	if !held {
		return nil
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO nik_freed (kabkota, person_id, nik_hash, family_id, heir_id, doubtful, check_tags, listed, programmes, freed_at)
		VALUES ($1, $2, $3, $4, NULL, 0, $5, $6, $7, $8)
		ON CONFLICT (kabkota, person_id, nik_hash) DO UPDATE SET family_id = excluded.family_id, heir_id = excluded.heir_id, doubtful = excluded.doubtful,
			check_tags = excluded.check_tags, listed = excluded.listed, programmes = excluded.programmes, freed_at = excluded.freed_at`,
		tenant, p.ID, hash, family, tags, listed, programmes, tx.Micros())
	if err != nil {
		return fmt.Errorf("keep claim: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM nik_index WHERE nik_hash = $1 AND person_id = $2`, hash, p.ID); err != nil {
		return fmt.Errorf("free NIK: %w", err)
	}
	return nil
}

// freedIn reads what a person gave up with a NIK; found is false when she never held it or holds it again.
func freedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, person sqldb.ID, hash sqldb.Hash) (f freed, found bool, err error) {
	var doubtful int64
	found, err = sqldb.Found(q.QueryRow(ctx, `
		SELECT heir_id, doubtful, check_tags, listed, programmes FROM nik_freed WHERE kabkota = $1 AND person_id = $2 AND nik_hash = $3`,
		int64(tenant), person, hash).Scan(&f.heir, &doubtful, &f.tags, &f.listed, &f.programmes))
	if err != nil {
		return f, false, fmt.Errorf("read claim given up: %w", err)
	}
	f.doubtful = doubtful == 1
	return f, found, nil
}

// GaveUpIn tells whether a person gave a NIK up and what hung on it is kept for her: it comes back when she
// claims the NIK and nobody else holds it.
func (s *Service) GaveUpIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, person sqldb.ID, hash sqldb.Hash) (bool, error) {
	_, found, err := freedIn(ctx, q, tenant, person, hash)
	return found, err
}

// noteHeirIn remembers with what a person gave up who got her NIK, or that she held it in doubt.
func noteHeirIn(ctx context.Context, tx *act.Tx, before Person, hash sqldb.Hash, heir sqldb.ID, doubtful bool) error {
	_, err := tx.Exec(ctx, `UPDATE nik_freed SET heir_id = $1, doubtful = $2 WHERE kabkota = $3 AND person_id = $4 AND nik_hash = $5`,
		heir, flag(doubtful), int64(before.Tenant), before.ID, hash)
	if err != nil {
		return fmt.Errorf("note heir of NIK: %w", err)
	}
	return nil
}

// inheritedIn tells whether somebody, in whichever district, gave a NIK up to a person.
func inheritedIn(ctx context.Context, q sqldb.Querier, hash sqldb.Hash, heir sqldb.ID) (bool, error) {
	var one int64
	found, err := sqldb.Found(q.QueryRow(ctx, `
		SELECT 1 FROM nik_freed WHERE kabkota IN (SELECT kabkota FROM tenant) AND nik_hash = $1 AND heir_id = $2 LIMIT 1`, hash, heir).Scan(&one))
	if err != nil {
		return false, fmt.Errorf("read who gave up a NIK: %w", err)
	}
	return found, nil
}

// forgetFreedIn drops what is kept for a person who holds her NIK again.
func forgetFreedIn(ctx context.Context, tx *act.Tx, p *Person, hash sqldb.Hash) error {
	_, err := tx.Exec(ctx, `DELETE FROM nik_freed WHERE kabkota = $1 AND person_id = $2 AND nik_hash = $3`, int64(p.Tenant), p.ID, hash)
	if err != nil {
		return fmt.Errorf("forget claim given up: %w", err)
	}
	return nil
}

// takeBackIn takes a NIK from who got it only because its holder ended, when the holder comes back. An heir
// to whom alone the civil registry agrees keeps it, and so does anybody who came to it another way.
func (s *Service) takeBackIn(ctx context.Context, tx *act.Tx, p Person) (taken bool, err error) {
	hash := s.NIKHash(p.NIK)
	if hash.IsZero() {
		return false, nil
	}
	f, found, err := freedIn(ctx, tx, p.Tenant, p.ID, hash)
	if err != nil || !found || f.heir.IsZero() {
		return false, err
	}
	holders, err := s.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return false, fmt.Errorf("read holder: %w", err)
	}
	holder, held := holders[hash]
	if !held || holder.PersonID != f.heir {
		return false, nil
	}
	heir, err := s.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	if err != nil {
		return false, err
	}
	if heir.Match.Group() == civilmatch.Agreed && p.Match.Group() != civilmatch.Agreed {
		return false, nil
	}
	if err := s.freeIn(ctx, tx, heir); err != nil {
		return false, err
	}
	return true, s.restateIn(ctx, tx, heir, Contested)
}

// restateIn writes how a person stands to her NIK; her row before goes to the history.
func (s *Service) restateIn(ctx context.Context, tx *act.Tx, p Person, state NIKState) error {
	document, err := s.sealPersonDocument(&p)
	if err != nil {
		return err
	}
	if err := insertHistory(ctx, tx, "person_history", p.Tenant, p.ID, p.Version, p.RecordedAt, document); err != nil {
		return fmt.Errorf("keep history: %w", err)
	}
	p.NIKState = state
	if err := updatePerson(ctx, tx, s, &p); err != nil {
		return fmt.Errorf("restate claim on NIK: %w", err)
	}
	return nil
}

// mergedTags are the cards that answered before and the one of today.
func mergedTags(before, today []byte) []byte {
	for i := 0; i+TagSize <= len(today); i += TagSize {
		before = addTag(before, [TagSize]byte(today[i:i+TagSize]))
	}
	return bytes.Clone(before)
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
