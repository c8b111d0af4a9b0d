package programmes

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// Freezing is the settings of a run of kind "freeze".
type Freezing struct {
	List   sqldb.ID `json:"list"`
	Decree Decree   `json:"decree"`
}

// FreezeKind is the run that puts a draft in force: the decree is kept, the list frozen, the public check
// shows the programme, and the list it follows ends. The decision itself is the first chunk; the others
// carry it out, and go on after a kill. Whoever made the list cannot freeze it.
func (s *Service) FreezeKind() runs.Kind {
	return runs.Kind{Name: "freeze", Counts: runs.Rows, Start: access.ApproveEnrolment, View: s.previewFreeze, Prepare: s.prepareFreeze}
}

// Reasons why the rows of a list end; keys of the catalogue under programmes.ended.
const (
	EndedContinues   = "continues"    // enrolled on the following list too
	EndedNotSelected = "not_selected" // without a place on the following list
	EndedListOver    = "list_over"    // waited on a list that another followed
	EndedSuspended   = "suspended"    // was suspended when another list followed: not paid for the time of this one
)

// Freeze makes a run of kind "freeze" and works it to its end, for callers without background jobs.
func (s *Service) Freeze(ctx context.Context, work *runs.Service, who access.Actor, n runs.NewRun) (runs.Run, error) {
	n.Kind = "freeze"
	r, err := work.Create(ctx, who, n)
	if err == nil {
		r, err = work.Look(ctx, who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = work.Submit(ctx, who, r.Tenant, r.ID)
	}
	if err != nil {
		return r, err
	}
	return work.Drive(ctx, r.Tenant, r.ID, nil)
}

// freezing reads and checks what a run is to freeze. Errors: programme.no_list, programme.list_state,
// programme.period_past, access.same_person, installation.not_our_level, decree.*.
func (s *Service) freezing(ctx context.Context, tx *act.Tx, r runs.Run) (set Freezing, l List, err error) {
	if err = r.Decode(&set); err != nil {
		return set, l, err
	}
	if l, err = listByID(ctx, tx, r.Tenant, set.List); err != nil {
		return set, l, err
	}
	if l.State != Draft {
		return set, l, wrongState(l)
	}
	if err = set.Decree.check(s.Places.LocalDate(r.Area, tx.Now)); err != nil {
		return set, l, err
	}
	p, err := s.Set(l.AsOf).Programme(l.Programme)
	if err != nil {
		return set, l, err
	}
	if p.Owner == programme.OwnerNational {
		if err = s.Home.MustPerform(installation.Determine); err != nil {
			return set, l, err
		}
	}
	maker, err := makerOf(ctx, tx, r.Tenant, l.ID)
	if err != nil {
		return set, l, err
	}
	if err = access.OtherPerson(maker, tx.Who); err != nil {
		return set, l, err
	}
	frozen, err := listsIn(ctx, tx, r.Tenant, l.Programme, Frozen)
	for _, f := range frozen {
		if l.Period.Before(f.Period) {
			return set, l, fail.Conflict("programme.period_past", "period", l.Period.Text(), "held", f.Period.Text())
		}
	}
	return set, l, err
}

func (s *Service) previewFreeze(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	_, l, err := s.freezing(ctx, tx, r)
	if err != nil {
		return runs.Preview{}, err
	}
	if err := s.verify(ctx, tx, l); err != nil {
		return runs.Preview{}, err
	}
	return runs.Preview{Total: l.Demand, Figures: runs.Tally{"demand": l.Demand, "quota": l.Quota, "enrolled": l.Enrolled, "waiting": l.Waiting}}, nil
}

// verify works the digest of a list out from its rows. Error: programme.digest when the rows are not the
// ones the list was made with.
func (s *Service) verify(ctx context.Context, q sqldb.Querier, l List) error {
	p, err := s.Set(l.AsOf).Programme(l.Programme)
	if err != nil {
		return err
	}
	h := newDigest(p, l.AsOf.Text(), l.Period.Text(), l.Quota, l.Enrolled, l.Demand)
	if err := addRows(ctx, q, l, h); err != nil {
		return fmt.Errorf("read rows of list: %w", err)
	}
	if h.text() != l.Digest {
		return fail.Conflict("programme.digest", "programme", string(l.Programme), "period", l.Period.Text())
	}
	return nil
}

// The phases of a freeze: the decision, the rows in force, and the end of the lists before, one after the
// other.
const (
	phaseDecide  = "d"
	phasePublish = "p"
	phaseOver    = "o"
)

func (s *Service) prepareFreeze(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	p, err := readPlace(cursor, phaseDecide)
	if err != nil {
		return runs.Chunk{}, err
	}
	if p.phase == phaseDecide {
		return runs.Chunk{Next: place{phase: phasePublish}.text(), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
			return nil, s.decide(ctx, tx, r)
		}}, nil
	}
	var set Freezing
	if err := r.Decode(&set); err != nil {
		return runs.Chunk{}, err
	}
	l, err := listByID(ctx, s.Acts.DB().Direct(), r.Tenant, set.List)
	if err != nil {
		return runs.Chunk{}, err
	}
	if p.phase == phasePublish {
		return s.publishChunk(ctx, l, p)
	}
	return s.overChunk(ctx, l, p)
}

// decide freezes the list: from here on it is in force, and the list before it is not.
func (s *Service) decide(ctx context.Context, tx *act.Tx, r runs.Run) error {
	set, l, err := s.freezing(ctx, tx, r)
	if err != nil {
		return err
	}
	decree, err := keepDecree(ctx, tx, r.Tenant, set.Decree)
	if err != nil {
		return err
	}
	frozen, err := listsIn(ctx, tx, r.Tenant, l.Programme, Frozen)
	if err != nil {
		return err
	}
	for _, before := range frozen {
		if err := moveList(ctx, tx, r.Tenant, before.ID, Ending, Frozen); err != nil {
			return err
		}
	}
	if err := moveList(ctx, tx, r.Tenant, l.ID, Frozen, Draft); err != nil {
		return err
	}
	if err := setDecree(ctx, tx, l, decree.ID); err != nil {
		return err
	}
	return sealDecree(ctx, tx, r.Tenant, decree.ID)
}

// publishChunk puts rows in force and shows the enrolled in the public check.
func (s *Service) publishChunk(ctx context.Context, l List, p place) (runs.Chunk, error) {
	some, err := s.pageOf(ctx, l, p.after, max(s.chunk/2, 1))
	if err != nil {
		return runs.Chunk{}, err
	}
	done := p.at + len(some.rows)
	chunk := runs.Chunk{Next: place{phase: phasePublish, after: some.last, at: done}.text(), Units: int64(len(some.rows))}
	if done >= int(l.Demand) || !some.more {
		if chunk.Next, chunk.Last, err = s.nextOver(ctx, l, sqldb.ID{}); err != nil {
			return chunk, err
		}
	}
	still, err := s.suspended(ctx, l, some.rows)
	if err != nil {
		return chunk, err
	}
	placed := slices.DeleteFunc(slices.Clone(some.rows), func(r placed) bool { return slices.Contains(still, r) })
	shown, err := s.listing(l, l.Period.Text(), placed, Selected)
	from := behind(l, p.after)
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if err := enforceRows(ctx, tx, l, from, some.last); err != nil {
			return nil, err
		}
		if err := suspendRows(ctx, tx, l, still); err != nil {
			return nil, err
		}
		n, err := s.Registry.SetProgrammesIn(ctx, tx, l.Tenant, shown)
		enrolled := int64(len(shown.Persons) + len(shown.Families))
		return runs.Tally{"enrolled": enrolled, "suspended": int64(len(still)), "waiting": int64(len(placed)) - enrolled, "shown": n}, err
	}
	return chunk, err
}

// listing names whom the public check shows of rows in a state: the persons of a personal programme,
// else everybody in the families, since one card holds them.
func (s *Service) listing(l List, period string, rows []placed, states ...State) (registry.Listing, error) {
	out := registry.Listing{Programme: string(l.Programme), Period: period}
	p, err := s.Set(l.AsOf).Programme(l.Programme)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		switch {
		case !slices.Contains(states, r.state):
		case personal(p):
			out.Persons = append(out.Persons, r.person)
		default:
			out.Families = append(out.Families, r.family)
		}
	}
	return out, nil
}

// nextOver gives the cursor at which the next list before this one ends. The decision of this run may not
// be written yet when it is asked: then that list is still in force.
func (s *Service) nextOver(ctx context.Context, l List, after sqldb.ID) (next string, last bool, err error) {
	before, err := listsIn(ctx, s.Acts.DB().Direct(), l.Tenant, l.Programme, Ending, Frozen)
	if err != nil {
		return "", false, err
	}
	var found sqldb.ID
	for _, b := range before {
		if b.ID != l.ID && compare(b.ID, after) > 0 && (found.IsZero() || compare(b.ID, found) < 0) {
			found = b.ID
		}
	}
	if found.IsZero() {
		return over, true, nil
	}
	return place{phase: phaseOver, list: found}.text(), false, nil
}

// overChunk ends rows of a list that this one follows: who is on both continues, who is not is told so,
// and the public check forgets her.
func (s *Service) overChunk(ctx context.Context, l List, p place) (runs.Chunk, error) {
	old, err := listByID(ctx, s.Acts.DB().Direct(), l.Tenant, p.list)
	if err != nil {
		return runs.Chunk{}, err
	}
	some, err := s.pageOf(ctx, old, p.after, max(s.chunk/2, 1))
	if err != nil {
		return runs.Chunk{}, err
	}
	done := p.at + len(some.rows)
	chunk := runs.Chunk{Next: place{phase: phaseOver, list: p.list, after: some.last, at: done}.text()}
	whole := done >= int(old.Demand) || !some.more
	if whole {
		if chunk.Next, chunk.Last, err = s.nextOver(ctx, l, p.list); err != nil {
			return chunk, err
		}
	}
	gone, err := s.gone(ctx, old, l, some.rows)
	if err != nil {
		return chunk, err
	}
	hidden, err := s.listing(old, "", gone, Enrolled, Suspended)
	from := behind(old, p.after)
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if _, err := s.Registry.SetProgrammesIn(ctx, tx, l.Tenant, hidden); err != nil {
			return nil, err
		}
		if whole {
			if err := moveList(ctx, tx, old.Tenant, old.ID, Superseded, Ending); err != nil {
				return nil, err
			}
		}
		return endRows(ctx, tx, old, l, gone, from, some.last)
	}
	return chunk, err
}
