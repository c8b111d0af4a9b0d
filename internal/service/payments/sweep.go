package payments

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// sweep goes through the rows of a stage that stand in some states, and changes each.
type sweep struct {
	states []payment.Status
	// begin looks at the stage before anything is changed, and may change it.
	begin func(c *Cycle) error
	// ready reads what change needs to know of the stage; may be nil.
	ready func(c Cycle) error
	// skip tells that there is nothing to do; may be nil.
	skip func(c Cycle) bool
	// change changes a row; false leaves it as it is.
	change func(p *row) bool
	// end changes the stage with the last chunk; may be nil.
	end func(tx *act.Tx, c *Cycle) error
}

// spot is where a sweep goes on: behind this row of this village.
type spot struct {
	area area.Code
	id   sqldb.ID
}

// String gives the cursor of a run.
func (s spot) String() string { return strconv.FormatInt(int64(s.area), 10) + ":" + s.id.String() }

func parseSpot(cursor string) (s spot, err error) {
	if cursor == "" {
		return s, nil
	}
	code, id, _ := strings.Cut(cursor, ":")
	n, err := strconv.ParseInt(code, 10, 64)
	if err == nil {
		s.area, err = area.Code(n), s.id.UnmarshalText([]byte(id))
	}
	if err != nil {
		return s, fmt.Errorf("read cursor %q: %w", cursor, err)
	}
	return s, nil
}

// sweep makes the chunk of a run over a stage's rows.
func (s *Service) sweep(ctx context.Context, r runs.Run, cursor string, w sweep) (out runs.Chunk, err error) {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return out, err
	}
	at, err := parseSpot(cursor)
	if err != nil {
		return out, err
	}
	var rows []row
	skip := false
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		c, err := cycleIn(ctx, tx, r.Tenant, set.Cycle)
		if err != nil {
			return err
		}
		if skip = w.skip != nil && w.skip(c); skip {
			return nil
		}
		if w.ready != nil {
			if err := w.ready(c); err != nil {
				return err
			}
		}
		if cursor == "" {
			if err := w.begin(&c); err != nil {
				return err
			}
		}
		if rows, err = rowsAfter(ctx, tx, c, w.states, at, s.chunk); err != nil {
			return fmt.Errorf("read stage: %w", err)
		}
		return nil
	})
	if err != nil || skip {
		return runs.Chunk{Last: true}, err
	}
	if n := len(rows); n > 0 {
		at = spot{rows[n-1].area, rows[n-1].id}
	}
	out = runs.Chunk{Next: at.String(), Last: len(rows) < s.chunk, Units: int64(len(rows))}
	out.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return s.keepSweep(ctx, tx, r, set.Cycle, w, rows, cursor == "", out.Last)
	}
	return out, nil
}

func (s *Service) keepSweep(ctx context.Context, tx *act.Tx, r runs.Run, cycle sqldb.ID, w sweep, rows []row, first, last bool) (runs.Tally, error) {
	c, err := cycleIn(ctx, tx, r.Tenant, cycle)
	if err != nil {
		return nil, err
	}
	before := c
	if first {
		if err := w.begin(&c); err != nil {
			return nil, err
		}
	}
	tally, changed := runs.Tally{}, make([]row, 0, len(rows))
	for _, p := range rows {
		if w.change(&p) {
			changed = append(changed, p)
			tally[strings.ToLower(string(p.state))]++
			tally["amount"] += int64(p.amount)
		}
	}
	n, err := keepRows(ctx, tx, changed)
	if err != nil {
		return nil, err
	}
	if n != int64(len(changed)) {
		return nil, fail.Conflict("payments.changed") // somebody changed a row meanwhile: nothing of this chunk is kept
	}
	tally["rows"] += n
	if last && w.end != nil {
		if err := w.end(tx, &c); err != nil {
			return nil, err
		}
	}
	if c == before {
		return tally, nil
	}
	return tally, keepCycle(ctx, tx, &c)
}

func wrongStage(c Cycle) error {
	return fail.Conflict("payments.stage_state", "state", string(c.State))
}
