package programmes

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// EnrolKind is the run that makes a list: who is admitted, in order of priority, and who of them has
// a place. Its settings are Settings, its area is a district. What it writes is a draft.
//
// The whole list is worked out once, of one moment, and written in chunks. After a kill it is worked
// out again: when it comes out the same the run goes on where it stopped, else, since the registry
// changed meanwhile, it takes back what was written and begins anew, so that a list is always of one
// moment.
func (s *Service) EnrolKind() runs.Kind {
	return runs.Kind{
		Name: "enrol", Counts: runs.Rows, Start: access.RunEnrolment, Approve: access.ApproveEnrolment,
		View: s.previewList, Prepare: s.prepareList, Finish: s.finishList, Undo: s.undoList, Undoable: s.undoable,
	}
}

// Kinds gives the runs of the service: "enrol" makes a list, "freeze" puts it in force.
func (s *Service) Kinds() []runs.Kind { return []runs.Kind{s.EnrolKind(), s.FreezeKind()} }

// sampleRows is how many places a preview shows at the top, at the last place and behind it.
const sampleRows = 3

func (s *Service) previewList(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	x, err := s.settings(ctx, tx, r)
	if err != nil {
		return runs.Preview{}, err
	}
	d, err := s.demand(ctx, tx.Tx, x)
	if err != nil {
		return runs.Preview{}, err
	}
	s.held.Put(r.ID, d)
	return runs.Preview{Figures: d.figures, Samples: d.samples(), Total: int64(len(d.order))}, nil
}

// samples are the first places, the last ones that are enrolled and the first that wait, without names.
func (d *draft) samples() (out []runs.Sample) {
	shown := map[int]bool{}
	for _, from := range []int{0, d.enrolled - sampleRows, d.enrolled} {
		for position := max(from, 0); position < min(from+sampleRows, len(d.order)); position++ {
			if shown[position] {
				continue
			}
			shown[position] = true
			e := d.at(position)
			outcome := "enrolled"
			if position >= d.enrolled {
				outcome = "waiting"
			}
			out = append(out, runs.Sample{Subject: e.family, Outcome: outcome,
				Label: fmt.Sprintf("%d · %s · %d", position+1, e.area.Dotted(), e.decile)})
		}
	}
	return out
}

// The phases of the run, as its cursor names them: rows are written, or taken back to begin anew; then
// the rows of earlier drafts are taken away.
const (
	phaseWrite = "w"
	phaseBack  = "x"
	phaseClear = "c"
)

func (s *Service) prepareList(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	p, err := readPlace(cursor, phaseWrite)
	if err != nil {
		return runs.Chunk{}, err
	}
	switch p.phase {
	case phaseBack:
		return s.backChunk(ctx, r, p)
	case phaseClear:
		return s.clearChunk(ctx, r, p)
	}
	d, again, err := s.resume(ctx, r, p.at > 0)
	if err != nil {
		return runs.Chunk{}, err
	}
	if again {
		return s.backChunk(ctx, r, place{phase: phaseBack})
	}
	return s.writeChunk(ctx, r, d, p)
}

// resume gives the list of a run. again tells that rows were written of a list that would come out
// otherwise now.
func (s *Service) resume(ctx context.Context, r runs.Run, begun bool) (d *draft, again bool, err error) {
	if d = s.held.Get(r.ID); d != nil {
		if begun {
			return d, false, nil
		}
		untouched, err := s.untouched(ctx, r, d)
		if err != nil || untouched {
			return d, false, err
		}
	}
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		x, err := s.settings(ctx, tx, r)
		if err != nil {
			return err
		}
		if d, err = s.demand(ctx, tx, x); err != nil || !begun {
			return err
		}
		l, err := listByID(ctx, tx, r.Tenant, r.ID)
		again = l.Digest != d.digest
		return err
	})
	if err == nil {
		s.held.Put(r.ID, d)
	}
	return d, again, err
}

// writeChunk writes the next rows; with the first it writes the list.
func (s *Service) writeChunk(ctx context.Context, r runs.Run, d *draft, p place) (runs.Chunk, error) {
	end := min(p.at+s.chunk, len(d.order))
	chunk := runs.Chunk{Next: place{phase: phaseWrite, at: end}.text(), Units: int64(end - p.at)}
	if end == len(d.order) {
		var err error
		if chunk.Next, chunk.Last, err = s.nextClear(ctx, r, d.plan.p.ID, sqldb.ID{}); err != nil {
			return chunk, err
		}
	}
	rows := make([]row, end-p.at)
	for i := range rows {
		rows[i] = d.row(d.written[p.at+i])
	}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if p.at == 0 {
			if err := putList(ctx, tx, d); err != nil {
				return nil, err
			}
		}
		return runs.Tally{"written": int64(len(rows))}, insertRows(ctx, tx, d.plan, rows)
	}
	return chunk, nil
}

// row is a place as it is written.
type row struct {
	*entrant
	state   State
	working string
}

func (d *draft) row(i int32) row {
	e := &d.entrants[i]
	out := row{entrant: e, state: Selected, working: e.kept()}
	if int(e.position) > d.enrolled {
		out.state = WouldWait
	}
	return out
}

// backChunk takes back rows of this run, until it can begin anew.
func (s *Service) backChunk(ctx context.Context, r runs.Run, p place) (runs.Chunk, error) {
	chunk, more, err := s.removal(ctx, List{Tenant: r.Tenant, ID: r.ID}, p)
	if err != nil {
		return chunk, err
	}
	if !more {
		chunk.Next = ""
	}
	remove := chunk.Apply
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		tally, err := remove(ctx, tx)
		n := tally["cleared"]
		return runs.Tally{"written": -n, "taken_back": n}, err
	}
	return chunk, nil
}

// nextClear gives the cursor at which the rows of the next earlier draft are taken away.
func (s *Service) nextClear(ctx context.Context, r runs.Run, id programme.ID, after sqldb.ID) (next string, last bool, err error) {
	earlier, err := listsIn(ctx, s.Acts.DB().Direct(), r.Tenant, id, Draft)
	if err != nil {
		return "", false, err
	}
	var found sqldb.ID
	for _, l := range earlier {
		if l.ID != r.ID && compare(l.ID, after) > 0 && (found.IsZero() || compare(l.ID, found) < 0) {
			found = l.ID
		}
	}
	if found.IsZero() {
		return over, true, nil
	}
	return place{phase: phaseClear, list: found}.text(), false, nil
}

// clearChunk takes away rows of an earlier draft.
func (s *Service) clearChunk(ctx context.Context, r runs.Run, p place) (runs.Chunk, error) {
	l, err := listByID(ctx, s.Acts.DB().Direct(), r.Tenant, p.list)
	if err != nil {
		return runs.Chunk{}, err
	}
	chunk, more, err := s.removal(ctx, l, p)
	if err == nil && !more {
		chunk.Next, chunk.Last, err = s.nextClear(ctx, r, l.Programme, p.list)
	}
	return chunk, err
}

// finishList makes the list a draft that can be looked at and frozen; earlier drafts are past.
func (s *Service) finishList(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	s.held.Drop(r.ID)
	if err := moveList(ctx, tx, r.Tenant, r.ID, Draft, Building); err != nil {
		return nil, err
	}
	l, err := listByID(ctx, tx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	earlier, err := listsIn(ctx, tx, r.Tenant, l.Programme, Draft)
	if err != nil {
		return nil, err
	}
	for _, e := range earlier {
		if e.ID == l.ID {
			continue
		}
		if err := moveList(ctx, tx, r.Tenant, e.ID, Superseded, Draft); err != nil {
			return nil, err
		}
	}
	return runs.Tally{"demand": l.Demand, "quota": l.Quota, "enrolled": l.Enrolled, "waiting": l.Waiting}, nil
}

// undoable refuses to take a list away that is or was in force: who receives is changed by the next list, or one by one.
// Error: programme.list_state.
func (s *Service) undoable(ctx context.Context, tx *act.Tx, r runs.Run) error {
	l, err := listByID(ctx, tx, r.Tenant, r.ID)
	if fail.CodeOf(err) == "programme.no_list" { // cancelled before it wrote anything
		return nil
	}
	if err == nil && l.State != Draft && l.State != Building {
		err = wrongState(l)
	}
	return err
}

// undoList takes a list away that was not frozen.
func (s *Service) undoList(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	s.held.Drop(r.ID)
	p, err := readPlace(cursor, phaseBack)
	if err != nil {
		return runs.Chunk{}, err
	}
	l, err := listByID(ctx, s.Acts.DB().Direct(), r.Tenant, r.ID)
	if fail.CodeOf(err) == "programme.no_list" { // cancelled before it wrote anything
		return runs.Chunk{Last: true}, nil
	}
	if err != nil {
		return runs.Chunk{}, err
	}
	if l.State != Draft && l.State != Building {
		return runs.Chunk{}, wrongState(l)
	}
	chunk, more, err := s.removal(ctx, l, p)
	if err != nil {
		return chunk, err
	}
	chunk.Last = !more
	remove := chunk.Apply
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		to := Building // nobody freezes a list that is being taken away
		if chunk.Last {
			to = Undone
		}
		if err := moveList(ctx, tx, r.Tenant, r.ID, to, Draft, Building); err != nil {
			return nil, err
		}
		return remove(ctx, tx)
	}
	return chunk, nil
}
