package duplicates

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// undoDays is how long a merge can be undone.
const undoDays = 30

// mergedReason is why a merged person ended.
const mergedReason = "merged"

// performIn merges: the claim on the NIK passes on, the merged record ends, the kept one
// takes the chosen values and is compared with the civil registry again. All that the undo
// needs goes into the plan.
func (s *Service) performIn(ctx context.Context, tx *act.Tx, m *Merge) error {
	kept, merged, err := s.lockMerge(ctx, tx, *m)
	if err != nil {
		return err
	}
	if err := m.plan.check(kept, merged); err != nil {
		return err
	}
	family, was, err := s.calledIn(ctx, tx, kept)
	if err != nil {
		return err
	}
	after := kept
	for _, f := range m.Take {
		after = f.take(after, merged)
	}
	m.plan.KeptBefore, m.plan.MergedBefore = snapshotOf(kept), snapshotOf(merged)
	if m.plan.ClaimsBefore, err = s.claimsIn(ctx, tx, kept, merged); err != nil {
		return err
	}
	if err := s.keepProgrammes(ctx, tx, after, merged); err != nil {
		return err
	}
	if err := s.passClaim(ctx, tx, after, kept, merged, family.KK); err != nil {
		return err
	}
	if _, err := s.reg.EndPersonIn(ctx, tx, merged.Tenant, merged.ID, registry.Merged, mergedReason); err != nil {
		return err
	}
	if after, err = s.keepPerson(ctx, tx, kept, after); err != nil {
		return err
	}
	m.plan.KeptAfter = snapshotOf(after)
	if m.plan.Called, err = s.settleFamilies(ctx, tx, was, kept, merged, after); err != nil {
		return err
	}
	if err := settle(ctx, tx, m.plan.ClaimsBefore); err != nil {
		return err
	}
	if m.plan.ClaimsAfter, err = s.claimsIn(ctx, tx, kept, merged); err != nil {
		return err
	}
	m.MergedAt, m.UndoUntil = tx.Now, tx.Now.AddDate(0, 0, undoDays)
	return nil
}

// keepPerson writes the kept person with her new values, when anything changed.
func (s *Service) keepPerson(ctx context.Context, tx *act.Tx, before, after registry.Person) (registry.Person, error) {
	after, err := s.stand(ctx, tx, after)
	if err != nil {
		return after, err
	}
	if after == before {
		return after, nil
	}
	asks := after.NIKState != before.NIKState || slices.ContainsFunc(Differing(before, after), Field.compared)
	if asks {
		after.Match, after.MatchFields = civilmatch.Pending, 0
	}
	if after, err = s.reg.ChangeMergedIn(ctx, tx, after); err != nil || !asks {
		return after, err
	}
	return s.civil.RematchIn(ctx, tx, after)
}

// calledIn gives a person's family and by what name it goes.
func (s *Service) calledIn(ctx context.Context, tx *act.Tx, p registry.Person) (registry.Family, called, error) {
	f, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil {
		return f, called{}, err
	}
	heads, err := s.headsIn(ctx, tx, f)
	return f, called{Family: f.ID, Before: f.HeadName, Stale: !slices.Contains(heads, f.HeadName)}, err
}

// settleFamilies calls the kept person's family by its head as the merge leaves it, says so, and ends a family nobody is left in.
func (s *Service) settleFamilies(ctx context.Context, tx *act.Tx, was called, kept, merged, after registry.Person) (called, error) {
	if err := s.reg.NameFamilyIn(ctx, tx, kept, after); err != nil {
		return was, err
	}
	if merged.FamilyID == was.Family {
		if err := s.reg.NameFamilyIn(ctx, tx, merged, after); err != nil {
			return was, err
		}
	}
	now, err := s.reg.FamilyIn(ctx, tx, kept.Tenant, was.Family)
	if err != nil {
		return was, err
	}
	was.After = now.HeadName
	return was, s.endEmptyFamily(ctx, tx, merged)
}

// returnName gives the family of the kept person the name it bore before the merge, where it still bears the one the merge left and that
// one is a head's, or was nobody's then. Else, as where merges of two heads of one family are undone in another order, it is called by a
// head it has.
func (s *Service) returnName(ctx context.Context, tx *act.Tx, was called, kept registry.Person) error {
	f, err := s.reg.FamilyIn(ctx, tx, kept.Tenant, kept.FamilyID)
	if err != nil {
		return err
	}
	heads, err := s.headsIn(ctx, tx, f)
	if err != nil {
		return err
	}
	name := f.HeadName
	switch {
	case f.ID == was.Family && name == was.After && (was.Stale || slices.Contains(heads, was.Before)):
		name = was.Before
	case len(heads) > 0 && !slices.Contains(heads, name):
		name = heads[0]
	}
	if name == f.HeadName {
		return nil
	}
	return s.reg.CallFamilyIn(ctx, tx, f.Tenant, f.ID, name)
}

// headsIn gives the names of a family's heads.
func (s *Service) headsIn(ctx context.Context, q sqldb.Querier, f registry.Family) (names []string, err error) {
	members, err := s.reg.MembersIn(ctx, q, f.Tenant, f.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range members {
		if p.State == registry.Active && p.Relation == person.Head {
			names = append(names, p.Name)
		}
	}
	return names, nil
}

// endEmptyFamily ends a family whose last member was merged away.
func (s *Service) endEmptyFamily(ctx context.Context, tx *act.Tx, merged registry.Person) error {
	f, err := s.reg.FamilyIn(ctx, tx, merged.Tenant, merged.FamilyID)
	if err != nil || f.Persons > 0 || f.State != registry.Active {
		return err
	}
	f.State = registry.Merged
	_, err = s.reg.ChangeFamilyIn(ctx, tx, f)
	return err
}

// UndoMerge restores both records as they were, within 30 days, for whoever reviews at the
// place of one of them. What somebody else changed since stays as it is. Errors:
// duplicates.too_late, duplicates.state, duplicates.undo when one of the two has gone on
// another way: ended, or merged into somebody; duplicates.later when the kept record took
// up another one since, or another merge moved one of the NIKs: that one goes back first.
func (s *Service) UndoMerge(ctx context.Context, who access.Actor, ref Ref) (m Merge, err error) {
	err = s.acts.Write(ctx, who, "duplicate.undo", func(tx *act.Tx) error {
		if m, err = s.mergeIn(ctx, tx, ref.Tenant, ref.ID); err != nil {
			return err
		}
		p, err := s.pairIn(ctx, tx, m.Tenant, m.PairID)
		if err != nil {
			return err
		}
		kept, merged, err := s.lockMerge(ctx, tx, m)
		if err != nil {
			return err
		}
		if _, _, err := allowIn(tx, kept, merged, false); err != nil {
			return err
		}
		switch {
		case m.State != MergeDone:
			return fail.Conflict("duplicates.state", "state", string(m.State))
		case tx.Now.After(m.UndoUntil):
			return fail.Conflict("duplicates.too_late", "days", undoDays)
		case kept.State != registry.Active || merged.State != registry.Merged:
			return fail.Conflict("duplicates.undo")
		}
		later, err := laterMerge(ctx, tx, m)
		if err != nil {
			return err
		}
		if later {
			return fail.Conflict("duplicates.later")
		}
		if err := s.restoreIn(ctx, tx, m, kept, merged); err != nil {
			return err
		}
		m.State, m.UndoneBy, m.UndoneAt = MergeUndone, who.ID, tx.Now
		if err := s.changeMerge(ctx, tx, m, MergeDone); err != nil {
			return err
		}
		p.State, p.DecidedBy, p.DecidedAt = Open, sqldb.ID{}, time.Time{}
		return s.closeIn(ctx, tx, &p, m, nil)
	})
	return m, err
}

// restoreIn is the way back: the claims first, so that the registry finds each NIK with whom
// it belonged to, then the kept person, then the family and the merged person.
func (s *Service) restoreIn(ctx context.Context, tx *act.Tx, m Merge, kept, merged registry.Person) error {
	before, err := m.plan.KeptBefore.person()
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	made, err := m.plan.KeptAfter.person()
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	givesBack := NIK.same(kept, NIK.take(kept, made))
	if err := s.returnClaims(ctx, tx, m.plan, kept, merged, givesBack); err != nil {
		return err
	}
	fence, err := s.fenceIn(ctx, tx, m, kept)
	if err != nil {
		return err
	}
	if err := s.returnKept(ctx, tx, kept, before, made); err != nil {
		return err
	}
	// A family whose members were merged away one by one comes back with the first of them.
	if err := s.reviveFamily(ctx, tx, merged); err != nil {
		return err
	}
	if merged, err = s.reg.RestorePersonIn(ctx, tx, merged.Tenant, merged.ID); err != nil {
		return err
	}
	if err := s.returnName(ctx, tx, m.plan.Called, kept); err != nil {
		return err
	}
	for _, hash := range fence {
		if err := dropClaim(ctx, tx, hash, m.ID); err != nil {
			return err
		}
	}
	if err := s.compareAnew(ctx, tx, merged, m.plan.MergedBefore.NIKState); err != nil {
		return err
	}
	return settle(ctx, tx, m.plan.ClaimsBefore)
}

// returnKept takes from the kept person what the merge gave her.
func (s *Service) returnKept(ctx context.Context, tx *act.Tx, kept, before, made registry.Person) error {
	back, err := s.stand(ctx, tx, revert(kept, before, made))
	if err != nil || back == kept {
		return err
	}
	back.Match, back.MatchFields, back.MatchedAt = before.Match, before.MatchFields, before.MatchedAt
	if back, err = s.reg.ChangeMergedIn(ctx, tx, back); err != nil {
		return err
	}
	return s.compareAnew(ctx, tx, back, before.NIKState)
}

// fenceIn claims, in the name of the merge itself, the NIKs that nobody held before it, so
// that the registry does not give them to whoever comes back first: an earlier merge has
// freed them, and its own undo gives them back. The caller drops these claims.
func (s *Service) fenceIn(ctx context.Context, tx *act.Tx, m Merge, kept registry.Person) (free []sqldb.Hash, err error) {
	for _, old := range m.plan.ClaimsBefore {
		now, err := claimIn(ctx, tx, old.Hash)
		if err != nil {
			return nil, err
		}
		if old.held() || now.held() {
			continue
		}
		if err := putClaim(ctx, tx, claim{Hash: old.Hash, Tenant: kept.Tenant, Person: m.ID, Family: kept.FamilyID}); err != nil {
			return nil, err
		}
		free = append(free, old.Hash)
	}
	return free, nil
}

// compareAnew compares a person with the civil registry again whose NIK somebody else got
// hold of while the merge stood.
func (s *Service) compareAnew(ctx context.Context, tx *act.Tx, p registry.Person, was registry.NIKState) error {
	if p.NIKState == was {
		return nil
	}
	_, err := s.civil.RematchIn(ctx, tx, p)
	return err
}

// revert gives the kept person without what the merge did to her: every field that still
// is as the merge made it goes back.
func revert(kept, before, made registry.Person) registry.Person {
	back := kept
	for _, f := range Fields() {
		if !f.same(before, made) && f.same(kept, f.take(kept, made)) {
			back = f.take(back, before)
		}
	}
	return back
}

// stand says how a person stands to her NIK by who holds it now.
func (s *Service) stand(ctx context.Context, tx *act.Tx, p registry.Person) (registry.Person, error) {
	switch {
	case p.RawNIK != "":
		p.NIKState = registry.BadNIK
	case p.NIK.IsZero():
		p.NIKState = registry.NoNIK
	default:
		c, err := claimIn(ctx, tx, s.reg.NIKHash(p.NIK))
		if err != nil {
			return p, err
		}
		p.NIKState = registry.Contested
		if c.Person == p.ID {
			p.NIKState = registry.Holder
		}
	}
	return p, nil
}

func (s *Service) reviveFamily(ctx context.Context, tx *act.Tx, merged registry.Person) error {
	f, err := s.reg.FamilyIn(ctx, tx, merged.Tenant, merged.FamilyID)
	if err != nil || f.State != registry.Merged {
		return err
	}
	f.State = registry.Active
	_, err = s.reg.ChangeFamilyIn(ctx, tx, f)
	return err
}
