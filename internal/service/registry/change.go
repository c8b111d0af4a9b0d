package registry

import (
	"bytes"
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const (
	motherPurpose = seal.Mother
	phonePurpose  = seal.Phone
)

func fold(name string) string { return person.Fold(name) }

// ChangePersonIn keeps a changed person: the row before goes to the history, a
// changed NIK is claimed, one that is given up goes to who claimed it next, and the
// counts of her families follow, and their names where she heads them. p.Version must be the version that was read.
func (s *Service) ChangePersonIn(ctx context.Context, tx *act.Tx, p Person) (Person, error) {
	before, p, rivalled, err := s.changeIn(ctx, tx, p)
	if err != nil {
		return p, err
	}
	if rivalled && gaveUp(before, p) {
		if err := s.followIn(ctx, tx, before); err != nil {
			return p, err
		}
	}
	if err := s.NameFamilyIn(ctx, tx, before, p); err != nil {
		return p, err
	}
	if becameProved(before, p) {
		if err := s.provedIn(ctx, tx, p); err != nil {
			return p, err
		}
	}
	return p, nil
}

// ChangeMergedIn is ChangePersonIn for a merge and its undo: those move NIKs between two
// records and settle the claims themselves, so that one given up passes on to nobody else and
// can be taken back, and say themselves by whom her family is called (NameFamilyIn).
func (s *Service) ChangeMergedIn(ctx context.Context, tx *act.Tx, p Person) (Person, error) {
	_, p, _, err := s.changeIn(ctx, tx, p)
	return p, err
}

// changeIn writes a changed person, and gives her as she was and as she is now, and whether
// somebody else claimed the NIK she had when it was touched.
func (s *Service) changeIn(ctx context.Context, tx *act.Tx, p Person) (before, after Person, rivalled bool, err error) {
	before, err = s.PersonIn(ctx, tx, p.Tenant, p.ID)
	if err != nil {
		return before, p, false, err
	}
	if before.Version != p.Version {
		return before, p, false, fail.Conflict("registry.changed")
	}
	document, err := s.sealPersonDocument(&before)
	if err != nil {
		return before, p, false, err
	}
	if err := insertHistory(ctx, tx, "person_history", p.Tenant, p.ID, before.Version, before.RecordedAt, document); err != nil {
		return before, p, false, fmt.Errorf("keep history: %w", err)
	}
	if before.NIK != p.NIK || (before.State == Active) != (p.State == Active) {
		if rivalled, err = contestedIn(ctx, tx, s.NIKHash(before.NIK)); err != nil {
			return before, p, false, err
		}
		if err := s.reclaimIn(ctx, tx, before, &p); err != nil {
			return before, p, false, err
		}
	}
	if before.FamilyID != p.FamilyID {
		if err := insertMembership(ctx, tx, &before, tx.Now.Format("2006-01-02")); err != nil {
			return before, p, false, fmt.Errorf("end membership: %w", err)
		}
		p.MemberSince = tx.Now.Format("2006-01-02")
	}
	if err := updatePerson(ctx, tx, s, &p); err != nil {
		return before, p, false, fmt.Errorf("change person: %w", err)
	}
	p.Version++
	p.RecordedAt = tx.Now
	if before.FamilyID != p.FamilyID || (before.State == Active) != (p.State == Active) { // a member's answers count with her family's
		if err := s.markRanksIn(ctx, tx, p.Tenant, []sqldb.ID{before.FamilyID, p.FamilyID}, nil); err != nil {
			return before, p, false, err
		}
	}
	return before, p, rivalled, s.recountIn(ctx, tx, before, p)
}

// NameFamilyIn calls a family by its head as she is now; where it has two, by the one it was called by. Who is brought back changes nothing.
// Like the counts the name is taken from the members: the family stays in its version. For a merge before may be a record of the same
// family that after takes up.
func (s *Service) NameFamilyIn(ctx context.Context, tx *act.Tx, before, after Person) error {
	headed := func(p Person) bool { return p.State == Active && p.Relation == person.Head }
	if !headed(after) || before.State != Active || headed(before) && before.FamilyID == after.FamilyID && before.Name == after.Name {
		return nil
	}
	called := before.Name
	if !headed(before) {
		called = ""
	}
	_, err := tx.Exec(ctx, `UPDATE family SET head_name = $1 WHERE kabkota = $2 AND id = $3 AND (head_name = $4 OR NOT EXISTS (
		SELECT 1 FROM person p WHERE p.kabkota = $2 AND p.family_id = $3 AND p.relation = $5 AND p.state = 1 AND p.id <> $6))`,
		after.Name, int64(after.Tenant), after.FamilyID, called, int64(person.Head), after.ID)
	if err != nil {
		return fmt.Errorf("name family: %w", err)
	}
	return nil
}

// CallFamilyIn calls a family by a name it bore before, for the undo of a merge. The family stays in its version.
func (s *Service) CallFamilyIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, family sqldb.ID, name string) error {
	if _, err := tx.Exec(ctx, `UPDATE family SET head_name = $1 WHERE kabkota = $2 AND id = $3`, name, int64(tenant), family); err != nil {
		return fmt.Errorf("call family: %w", err)
	}
	return nil
}

// ChangeFamilyIn keeps a changed family; the row before goes to the history.
func (s *Service) ChangeFamilyIn(ctx context.Context, tx *act.Tx, f Family) (Family, error) {
	before, err := s.FamilyIn(ctx, tx, f.Tenant, f.ID)
	if err != nil {
		return f, err
	}
	if before.Version != f.Version {
		return f, fail.Conflict("registry.changed")
	}
	document, err := s.sealFamilyDocument(&before)
	if err != nil {
		return f, err
	}
	if err := insertHistory(ctx, tx, "family_history", f.Tenant, f.ID, before.Version, before.RecordedAt, document); err != nil {
		return f, fmt.Errorf("keep history: %w", err)
	}
	if err := updateFamily(ctx, tx, s, &f); err != nil {
		return f, fmt.Errorf("change family: %w", err)
	}
	if before.KK != f.KK {
		if err := s.retagIn(ctx, tx, f); err != nil {
			return f, err
		}
	}
	f.Version++
	f.RecordedAt = tx.Now
	return f, nil
}

// EndPersonIn takes a person off the registry for a reason: Ended, Died, Merged or MovedOut.
func (s *Service) EndPersonIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID, state State, reason string) (Person, error) {
	p, err := s.PersonIn(ctx, tx, tenant, id)
	if err != nil {
		return p, err
	}
	if p.State != Active {
		return p, fail.Conflict("registry.not_active")
	}
	p.State, p.EndedReason = state, reason
	return s.ChangePersonIn(ctx, tx, p)
}

// RestorePersonIn brings an ended person back, with the NIK she held and all that hung on it: the cards that
// answer the public check and the programmes it shows, in step with the lists that are in force today. Who
// inherited the NIK when she ended claims it again; who came to it since another way keeps it.
func (s *Service) RestorePersonIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID) (Person, error) {
	p, err := s.PersonIn(ctx, tx, tenant, id)
	if err != nil {
		return p, err
	}
	if p.State == Active || p.State == Erased {
		return p, fail.Conflict("registry.not_ended")
	}
	p.State, p.EndedReason = Active, ""
	taken, err := s.takeBackIn(ctx, tx, p)
	if err != nil {
		return p, err
	}
	if p, err = s.ChangePersonIn(ctx, tx, p); err != nil || !taken {
		return p, err
	}
	return p, markIn(ctx, tx, s.NIKHash(p.NIK), true)
}

// reclaimIn gives the old NIK free when p held it and claims the new one; the NIK
// state of p follows.
func (s *Service) reclaimIn(ctx context.Context, tx *act.Tx, before Person, p *Person) error {
	shown := ""
	if before.NIKState == Holder {
		if err := s.freeIn(ctx, tx, before); err != nil {
			return err
		}
		f, _, err := freedIn(ctx, tx, before.Tenant, before.ID, s.NIKHash(before.NIK))
		if err != nil {
			return err
		}
		shown = f.programmes // the programmes are hers, whichever NIK she has
	}
	switch {
	case p.RawNIK != "":
		p.NIKState = BadNIK
		return nil
	case p.NIK.IsZero():
		p.NIKState = NoNIK
		return nil
	case p.State != Active:
		if p.NIKState == Holder {
			p.NIKState = Contested // to be claimed again when she comes back
		}
		return nil
	}
	family, err := s.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil {
		return err
	}
	holder, err := s.claimIn(ctx, tx, p, family.KK, shown)
	if err != nil {
		return err
	}
	p.NIKState = Holder
	if holder.PersonID != p.ID {
		p.NIKState = Contested
	}
	return nil
}

// claimIn claims p's NIK and gives who holds it after that: p, or who was first. The tags of a person who
// changed her No. KK stay, so that her old card still answers; who held the NIK before gets back what hung
// on it, and else the public check shows the programmes given. A NIK that was proved to be of somebody who is gone is in doubt until the
// civil registry agrees.
func (s *Service) claimIn(ctx context.Context, tx *act.Tx, p *Person, kk person.KK, shown string) (HolderOf, error) {
	hash := s.NIKHash(p.NIK)
	tags := []byte{}
	if !kk.IsZero() {
		tag := s.CheckTag(p.NIK, kk.Last6())
		tags = tag[:]
	}
	was, kept, err := freedIn(ctx, tx, p.Tenant, p.ID, hash)
	if err != nil {
		return HolderOf{}, err
	}
	if !kept {
		was = freed{listed: 1, programmes: shown}
	}
	doubtful := was.doubtful
	if !doubtful {
		if doubtful, err = provedOfGoneIn(ctx, tx, hash, p.ID); err != nil {
			return HolderOf{}, err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO nik_index (nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (nik_hash) DO NOTHING`, hash, int64(p.Tenant), p.ID, p.FamilyID, flag(doubtful && p.Match.Group() != civilmatch.Agreed),
		mergedTags(was.tags, tags), was.listed, was.programmes)
	if err != nil {
		return HolderOf{}, fmt.Errorf("claim NIK: %w", err)
	}
	holders, err := s.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return HolderOf{}, fmt.Errorf("read holder: %w", err)
	}
	holder := holders[hash]
	if holder.PersonID == p.ID {
		return holder, forgetFreedIn(ctx, tx, p, hash)
	}
	return holder, markIn(ctx, tx, hash, true)
}

// retagIn adds the new No. KK of a family to what its members may answer the public check with.
func (s *Service) retagIn(ctx context.Context, tx *act.Tx, f Family) error {
	if f.KK.IsZero() {
		return nil
	}
	members, err := s.MembersIn(ctx, tx, f.Tenant, f.ID)
	if err != nil {
		return err
	}
	for _, p := range members {
		if p.NIKState != Holder {
			continue
		}
		hash := s.NIKHash(p.NIK)
		holders, err := s.HoldersIn(ctx, tx, []sqldb.Hash{hash})
		if err != nil {
			return err
		}
		tag := s.CheckTag(p.NIK, f.KK.Last6())
		tags := addTag(holders[hash].Tags, tag)
		if _, err := tx.Exec(ctx, `UPDATE nik_index SET check_tags = $1 WHERE nik_hash = $2`, tags, hash); err != nil {
			return fmt.Errorf("tag NIK: %w", err)
		}
	}
	return nil
}

// maxTags bounds the numbers held for one person; the oldest goes.
const maxTags = 8

func addTag(tags []byte, tag [TagSize]byte) []byte {
	for i := 0; i+TagSize <= len(tags); i += TagSize {
		if bytes.Equal(tags[i:i+TagSize], tag[:]) {
			return tags
		}
	}
	tags = append(bytes.Clone(tags), tag[:]...)
	if len(tags) > maxTags*TagSize {
		tags = tags[len(tags)-maxTags*TagSize:]
	}
	return tags
}

// recountIn keeps the member counts of the families before and after a change.
func (s *Service) recountIn(ctx context.Context, tx *act.Tx, before, after Person) error {
	if before.FamilyID == after.FamilyID && before.State == after.State && before.Match == after.Match {
		return nil
	}
	if err := addCounts(ctx, tx, before, -1); err != nil {
		return err
	}
	return addCounts(ctx, tx, after, 1)
}

func addCounts(ctx context.Context, tx *act.Tx, p Person, sign int64) error {
	if p.State != Active {
		return nil
	}
	var unmatched int64
	if p.Match.Group() == civilmatch.NotMatching {
		unmatched = sign
	}
	_, err := tx.Exec(ctx, `UPDATE family SET persons = persons + $1, unmatched = unmatched + $2 WHERE kabkota = $3 AND id = $4`,
		sign, unmatched, int64(p.Tenant), p.FamilyID)
	if err != nil {
		return fmt.Errorf("count members: %w", err)
	}
	return nil
}
