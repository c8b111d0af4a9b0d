package duplicates

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Telling is a reviewer's finding that a pair is two persons.
type Telling struct {
	Pair   Ref
	Reason string // one of Reasons
	Note   string // needed for "other"; kept sealed
}

// maxNote bounds a note, in bytes.
const maxNote = 2000

// Distinct holds the two persons of a pair apart: no later run asks again. Whoever reviews at the place of one of them only says
// so, and the office of the other one answers (Agree, Disagree): the pair given back is then awaiting. Errors:
// duplicates.reason, duplicates.note, duplicates.state when the pair is decided.
func (s *Service) Distinct(ctx context.Context, who access.Actor, in Telling) (p Pair, err error) {
	in.Note = strings.TrimSpace(in.Note)
	switch {
	case !slices.Contains(Reasons(), in.Reason):
		return p, fail.Invalid("duplicates.reason").On("reason")
	case in.Reason == "other" && in.Note == "", len(in.Note) > maxNote:
		return p, fail.Invalid("duplicates.note", "max", maxNote).On("note")
	}
	facts := map[string]any{"reason": in.Reason}
	return s.change(ctx, who, "duplicate.distinct", in.Pair, Open, facts, func(tx *act.Tx, p *Pair, seesLeft, seesRight bool) error {
		if !(seesLeft && seesRight) {
			facts["state"] = string(Awaiting)
			return s.sayIn(ctx, tx, p, in, seesLeft, seesRight)
		}
		p.State, p.Decision, p.Note, p.DecidedBy, p.DecidedAt = Distinct, in.Reason, in.Note, who.ID, tx.Now
		return nil
	})
}

// Reopen takes back that a pair is two persons. Where two offices said so together, either may; else it takes somebody who
// reviews at both places. Where that was found of a record one of the two has taken up, it is taken back there.
func (s *Service) Reopen(ctx context.Context, who access.Actor, pair Ref) (Pair, error) {
	return s.change(ctx, who, "duplicate.reopen", pair, Distinct, map[string]any{}, func(tx *act.Tx, p *Pair, seesLeft, seesRight bool) (err error) {
		words, err := s.wordsIn(ctx, tx, *p)
		if err != nil {
			return err
		}
		if !(seesLeft && seesRight) && !heldBy(*p, words) {
			return fail.Forbidden("access.denied")
		}
		if p.Decision == passedOn {
			err = s.openAnswers(ctx, tx, *p)
		}
		p.State, p.Decision, p.Note, p.DecidedBy, p.DecidedAt = Open, "", "", sqldb.ID{}, time.Time{}
		return err
	})
}

// change moves a pair on that stands where it must, for whoever reviews at one place at least; f asks for both where both
// are needed.
func (s *Service) change(ctx context.Context, who access.Actor, name string, ref Ref, from State, facts map[string]any, f func(tx *act.Tx, p *Pair, seesLeft, seesRight bool) error) (p Pair, err error) {
	err = s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		if p, err = s.pairIn(ctx, tx, ref.Tenant, ref.ID); err != nil {
			return err
		}
		left, right, err := s.personsIn(ctx, tx, p)
		if err != nil {
			return err
		}
		seesLeft, seesRight, err := allowIn(tx, left, right, false)
		if err != nil {
			return err
		}
		if p.State != from {
			return wrongState(p)
		}
		if from == Open {
			if err := s.weighIn(ctx, tx, &p, left, right); err != nil {
				return err
			}
		}
		if err := f(tx, &p, seesLeft, seesRight); err != nil {
			return err
		}
		if err := s.changePair(ctx, tx, &p); err != nil {
			return err
		}
		n, err := s.followIn(ctx, tx, p)
		if err != nil {
			return err
		}
		n.note(facts)
		return recordBoth(ctx, tx, p, left, right, facts)
	})
	return p, err
}

// Merging is a reviewer's finding that a pair is one person.
type Merging struct {
	Pair Ref
	Keep sqldb.ID // the person whose record stays
	Take []Field  // values taken from the other record
	// LeftVersion and RightVersion are the versions of the two she saw.
	LeftVersion, RightVersion int64
}

// Merge makes one record of a pair. Where money or another office's person is concerned it
// only asks, and a second person approves: the merge given back is then awaiting.
//
// Errors: duplicates.keep, duplicates.field, duplicates.state, registry.changed when one of
// the two changed since she saw it, registry.not_active, access.denied.
func (s *Service) Merge(ctx context.Context, who access.Actor, in Merging) (m Merge, err error) {
	for _, f := range in.Take {
		if !slices.Contains(Fields(), f) {
			return m, fail.Invalid("duplicates.field").On("take")
		}
	}
	err = s.acts.Write(ctx, who, "duplicate.merge", func(tx *act.Tx) error {
		p, err := s.pairIn(ctx, tx, in.Pair.Tenant, in.Pair.ID)
		if err != nil {
			return err
		}
		if m, err = s.newMerge(ctx, tx, p, in); err != nil {
			return err
		}
		if m.State == MergeAwaiting {
			p.State = Awaiting
			if err := s.insertMerge(ctx, tx, m); err != nil {
				return err
			}
			return s.closeIn(ctx, tx, &p, m, nil)
		}
		m.DecidedBy = who.ID
		if err := s.performIn(ctx, tx, &m); err != nil {
			return err
		}
		if err := s.insertMerge(ctx, tx, m); err != nil {
			return err
		}
		p.State, p.DecidedBy, p.DecidedAt = Merged, who.ID, tx.Now
		return s.closeIn(ctx, tx, &p, m, nil)
	})
	return m, err
}

// newMerge checks who asks for what, and says whether a second person is needed.
func (s *Service) newMerge(ctx context.Context, tx *act.Tx, p Pair, in Merging) (m Merge, err error) {
	kept, merged, err := s.lockBoth(ctx, tx, p)
	if err != nil {
		return m, err
	}
	keptVersion, mergedVersion := in.LeftVersion, in.RightVersion
	switch in.Keep {
	case kept.ID:
	case merged.ID:
		kept, merged, keptVersion, mergedVersion = merged, kept, in.RightVersion, in.LeftVersion
	default:
		return m, fail.Invalid("duplicates.keep").On("keep")
	}
	seesKept, seesMerged, err := allowIn(tx, kept, merged, false)
	if err != nil {
		return m, err
	}
	if p.State != Open {
		return m, wrongState(p)
	}
	if err := s.weighIn(ctx, tx, &p, kept, merged); err != nil {
		return m, err
	}
	aidKept, err := aidIn(ctx, tx, kept)
	if err != nil {
		return m, err
	}
	aidMerged, err := aidIn(ctx, tx, merged)
	if err != nil {
		return m, err
	}
	if !(seesKept && seesMerged) && len(in.Take) > 0 {
		return m, fail.Forbidden("duplicates.blind") // nobody chooses between values she may not see
	}
	m = Merge{
		Tenant: p.Tenant, ID: tx.NewID(), PairID: p.ID, Kept: Ref{kept.Tenant, kept.ID}, Merged: Ref{merged.Tenant, merged.ID},
		State: MergeDone, Take: in.Take, AskedBy: tx.Who.ID, AskedAt: tx.Now, keptNIK: s.reg.NIKHash(kept.NIK), mergedNIK: s.reg.NIKHash(merged.NIK),
		plan: plan{Take: in.Take, SeesKept: seesKept, SeesMerged: seesMerged, KeptVersion: keptVersion, MergedVersion: mergedVersion},
	}
	if len(secondPerson(aidKept, aidMerged, seesKept && seesMerged)) > 0 {
		m.State = MergeAwaiting
	}
	return m, m.plan.check(kept, merged)
}

// check refuses a merge of persons who are not as they were seen.
func (p plan) check(kept, merged registry.Person) error {
	switch {
	case kept.State != registry.Active || merged.State != registry.Active:
		return fail.Conflict("registry.not_active")
	case kept.Version != p.KeptVersion || merged.Version != p.MergedVersion:
		return fail.Conflict("registry.changed")
	}
	return nil
}

// closeIn keeps the pair with its new state, has other pairs follow a merge that was made or undone, and leaves an entry under both persons.
func (s *Service) closeIn(ctx context.Context, tx *act.Tx, p *Pair, m Merge, extra map[string]any) error {
	if err := s.changePair(ctx, tx, p); err != nil {
		return err
	}
	var n moved
	if m.State != MergeAwaiting {
		var err error
		if n, err = s.passIn(ctx, tx, m.Kept, m.Merged); err != nil {
			return err
		}
	}
	left, right, err := s.personsIn(ctx, tx, *p)
	if err != nil {
		return err
	}
	facts := map[string]any{"merge": m.ID.String(), "kept": m.Kept.ID.String(), "state": string(m.State), "fields": m.Take}
	n.note(facts)
	for k, v := range extra {
		facts[k] = v
	}
	return recordBoth(ctx, tx, *p, left, right, facts)
}

// note says so among the facts of an audit entry.
func (n moved) note(facts map[string]any) {
	if n.queued > 0 {
		facts["passed"] = n.queued
	}
	if n.apart > 0 {
		facts["passed_apart"] = n.apart
	}
}

// Approve is the second person's yes: she is another one than who asked, and the two
// together review at the places of both persons.
func (s *Service) Approve(ctx context.Context, who access.Actor, ref Ref) (m Merge, err error) {
	return s.decide(ctx, who, "duplicate.approve", ref, func(tx *act.Tx, m *Merge, p *Pair, seesKept, seesMerged bool) error {
		if err := m.approves(who, seesKept, seesMerged); err != nil {
			return err
		}
		m.State = MergeDone
		if err := s.performIn(ctx, tx, m); err != nil {
			return err
		}
		p.State, p.DecidedBy, p.DecidedAt = Merged, who.ID, tx.Now
		return nil
	})
}

// Refuse is the second person's no, or the first one's change of mind; the pair is open again.
func (s *Service) Refuse(ctx context.Context, who access.Actor, ref Ref) (m Merge, err error) {
	return s.decide(ctx, who, "duplicate.refuse", ref, func(_ *act.Tx, m *Merge, p *Pair, _, _ bool) error {
		m.State, p.State = MergeRefused, Open
		return nil
	})
}

// decide moves an awaiting merge on.
func (s *Service) decide(ctx context.Context, who access.Actor, name string, ref Ref, f func(tx *act.Tx, m *Merge, p *Pair, seesKept, seesMerged bool) error) (m Merge, err error) {
	err = s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		var p Pair
		if m, err = s.mergeIn(ctx, tx, ref.Tenant, ref.ID); err != nil {
			return err
		}
		if p, err = s.pairIn(ctx, tx, m.Tenant, m.PairID); err != nil {
			return err
		}
		kept, merged, err := s.lockMerge(ctx, tx, m)
		if err != nil {
			return err
		}
		seesKept, seesMerged, err := allowIn(tx, kept, merged, false)
		if err != nil {
			return err
		}
		if m.State != MergeAwaiting {
			return fail.Conflict("duplicates.state", "state", string(m.State))
		}
		m.DecidedBy = who.ID
		if err := f(tx, &m, &p, seesKept, seesMerged); err != nil {
			return err
		}
		if err := s.changeMerge(ctx, tx, m, MergeAwaiting); err != nil {
			return err
		}
		return s.closeIn(ctx, tx, &p, m, nil)
	})
	return m, err
}

// lockBoth reads both persons of a pair, and keeps everybody else from changing them or
// their families until the act ends.
func (s *Service) lockBoth(ctx context.Context, tx *act.Tx, p Pair) (left, right registry.Person, err error) {
	if err = lock(ctx, tx, "person", p.Left, p.Right); err != nil {
		return
	}
	if left, right, err = s.personsIn(ctx, tx, p); err != nil {
		return
	}
	err = lock(ctx, tx, "family", Ref{left.Tenant, left.FamilyID}, Ref{right.Tenant, right.FamilyID})
	return
}

func (s *Service) lockMerge(ctx context.Context, tx *act.Tx, m Merge) (kept, merged registry.Person, err error) {
	return s.lockBoth(ctx, tx, Pair{Left: m.Kept, Right: m.Merged})
}

// lock takes rows in the order of their ids. Counts and statuses change without a new
// version, so that a version alone would not show it.
func lock(ctx context.Context, tx *act.Tx, table string, refs ...Ref) error {
	slices.SortFunc(refs, func(a, b Ref) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, r := range refs {
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET version = version WHERE kabkota = $1 AND id = $2`, int64(r.Tenant), r.ID); err != nil {
			return fmt.Errorf("lock %s: %w", table, err)
		}
	}
	return nil
}
