package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// claimant is somebody who claims a NIK that another holds.
type claimant struct {
	tenant area.Tenant
	id     sqldb.ID
}

// gaveUp tells whether a change ended a person's claim to the NIK she had. A merge is no end of it: the record that stays takes
// the NIK over (service/duplicates).
func gaveUp(before, after Person) bool {
	return before.State == Active && !before.NIK.IsZero() && (before.NIKState == Holder || before.NIKState == Contested) &&
		(before.NIK != after.NIK || after.State != Active && after.State != Merged)
}

// followIn gives a NIK that was given up to the one who claimed it next, in whichever district she is, and takes the mark of a
// contested NIK away when nobody else claims it any more. Who inherits a NIK that was never proved hers keeps the mark until the
// civil registry agrees to her, and so does who holds one that was proved to be of somebody who left the registry, her twin say. It is
// called when the row of who gave it up is written.
func (s *Service) followIn(ctx context.Context, tx *act.Tx, before Person) error {
	hash := s.NIKHash(before.NIK)
	rivals, err := claimantsIn(ctx, tx, hash, before.ID)
	if err != nil {
		return err
	}
	proved := true
	if before.NIKState == Holder {
		if len(rivals) == 0 {
			return noteHeirIn(ctx, tx, before, hash, sqldb.ID{}, true) // the mark was hers alone
		}
		if err := noteHeirIn(ctx, tx, before, hash, rivals[0].id, false); err != nil {
			return err
		}
		if proved, err = s.inheritIn(ctx, tx, rivals[0]); err != nil {
			return err
		}
		rivals = rivals[1:]
	} else if len(rivals) == 0 {
		if proved, err = s.holderProvedIn(ctx, tx, hash); err != nil {
			return err
		}
	}
	return markIn(ctx, tx, hash, !proved || len(rivals) > 0)
}

// holderProvedIn tells whether who holds a NIK came to it by herself and it was never proved to be of another, or the civil registry
// agrees to her.
func (s *Service) holderProvedIn(ctx context.Context, tx *act.Tx, hash sqldb.Hash) (bool, error) {
	holders, err := s.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return false, fmt.Errorf("read holder: %w", err)
	}
	holder, held := holders[hash]
	if !held {
		return true, nil
	}
	doubtful, err := inheritedIn(ctx, tx, hash, holder.PersonID)
	if err == nil && !doubtful {
		doubtful, err = provedOfGoneIn(ctx, tx, hash, holder.PersonID)
	}
	if err != nil || !doubtful {
		return !doubtful, err
	}
	p, err := s.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	return p.Match.Group() == civilmatch.Agreed, err
}

// provedOfGoneIn tells whether the civil registry agreed that a NIK is that of somebody else, who has left the registry and bears it
// still: who died of two twins, say, with whose number the other stands. Who moved out is registered elsewhere, where her NIK is asked
// about. The last condition is that of the index person_nik.
func provedOfGoneIn(ctx context.Context, q sqldb.Querier, hash sqldb.Hash, but sqldb.ID) (bool, error) {
	var agreed []int64
	for _, s := range civilmatch.Statuses() {
		if s.Group() == civilmatch.Agreed {
			agreed = append(agreed, int64(s))
		}
	}
	a := sqldb.NewArgs(q)
	query := `SELECT 1 FROM person WHERE kabkota IN (SELECT kabkota FROM tenant) AND nik_hash = ` + a.P(hash) + ` AND id <> ` + a.P(but) +
		` AND state IN ` + sqldb.In(a, []int64{int64(Ended), int64(Died)}) + ` AND match_status IN ` + sqldb.In(a, agreed) +
		` AND (nik_state <> 1 OR state <> 1) LIMIT 1`
	var one int64
	found, err := sqldb.Found(q.QueryRow(ctx, query, a.Values...).Scan(&one))
	if err != nil {
		return false, fmt.Errorf("read who bore a NIK: %w", err)
	}
	return found, nil
}

// provedIn takes the mark of a contested NIK away from a holder whom the civil registry has just agreed to, when nobody else claims it.
func (s *Service) provedIn(ctx context.Context, tx *act.Tx, p Person) error {
	hash := s.NIKHash(p.NIK)
	rivals, err := claimantsIn(ctx, tx, hash, p.ID)
	if err != nil || len(rivals) > 0 {
		return err
	}
	return markIn(ctx, tx, hash, false)
}

// becameProved tells whether the civil registry agrees to a holder since this change.
func becameProved(before, after Person) bool {
	return after.State == Active && after.NIKState == Holder && after.Match.Group() == civilmatch.Agreed && before.Match.Group() != civilmatch.Agreed
}

// contestedIn tells whether several claim a NIK: to look for them in every district costs a thousand times what this does, and
// most NIKs have one claimant.
func contestedIn(ctx context.Context, tx *act.Tx, hash sqldb.Hash) (bool, error) {
	var contested int64
	found, err := sqldb.Found(tx.QueryRow(ctx, `SELECT contested FROM nik_index WHERE nik_hash = $1`, hash).Scan(&contested))
	if err != nil {
		return false, fmt.Errorf("read mark of NIK: %w", err)
	}
	return found && contested == 1, nil
}

// markIn says whether a NIK is contested: then the public check answers neutrally, and a screening waits for verification.
func markIn(ctx context.Context, tx *act.Tx, hash sqldb.Hash, doubtful bool) error {
	contested := int64(0)
	if doubtful {
		contested = 1
	}
	if _, err := tx.Exec(ctx, `UPDATE nik_index SET contested = $1 WHERE nik_hash = $2`, contested, hash); err != nil {
		return fmt.Errorf("mark NIK: %w", err)
	}
	return nil
}

// claimantsIn gives the first two who claim a NIK without holding it, beside one: ids sort by the time they were made. The
// districts are asked by IN: joined with them, SQLite reads every person. The last condition is that of the index person_nik.
func claimantsIn(ctx context.Context, q sqldb.Querier, hash sqldb.Hash, but sqldb.ID) ([]claimant, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT p.kabkota, p.id FROM person p
		WHERE p.kabkota IN (SELECT kabkota FROM tenant) AND p.nik_hash = $1 AND p.id <> $2 AND p.state = 1 AND p.nik_state = 2
			AND (p.nik_state <> 1 OR p.state <> 1) ORDER BY p.id LIMIT 2`, []any{hash, but}, func(r sqldb.Row) (c claimant, err error) {
		var tenant int64
		err = r.Scan(&tenant, &c.id)
		c.tenant = area.Tenant(tenant)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read who claims a NIK: %w", err)
	}
	return list, nil
}

// inheritIn makes a claimant the holder of her NIK, and tells whether the civil registry agrees that it is hers. What the public
// check showed of the holder before does not pass on; what it showed of herself when she held it comes back.
func (s *Service) inheritIn(ctx context.Context, tx *act.Tx, c claimant) (proved bool, err error) {
	p, err := s.PersonIn(ctx, tx, c.tenant, c.id)
	if err != nil {
		return false, err
	}
	family, err := s.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil {
		return false, err
	}
	holder, err := s.claimIn(ctx, tx, &p, family.KK, "")
	if err != nil || holder.PersonID != p.ID { // somebody was first: she holds it
		return false, err
	}
	return p.Match.Group() == civilmatch.Agreed, s.restateIn(ctx, tx, p, Holder)
}
