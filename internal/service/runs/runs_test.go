package runs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// counting is a run that writes the numbers 1 to 100 into the counter table, ten a chunk.
type counting struct {
	t  *testing.T
	db *sqldb.DB
	s  *runs.Service
	// failAt, when not zero, makes the chunk that begins there fail.
	failAt int
	with   error
	hook   func() // called by the next chunk that is written
	maker  access.Actor
	head   access.Actor
}

const upTo, perChunk = 100, 10

func newCounting(t *testing.T, db *sqldb.DB) *counting {
	testkit.Seed(t, db)
	c := &counting{t: t, db: db, maker: testkit.Person(1, access.Verifier, testkit.Ambon), head: testkit.Person(2, access.AgencyHead, testkit.Ambon)}
	people := map[sqldb.ID]access.Actor{sqldb.ID(c.maker.ID): c.maker, sqldb.ID(c.head.ID): c.head}
	actors := func(_ context.Context, id sqldb.ID) (access.Actor, error) { return people[id], nil }
	acts := act.New(db, testkit.NewClock().Now, nil)
	c.s = runs.New(acts, actors, nil, c.kind("count", ""), c.kind("count.approved", access.ApproveScreening))
	return c
}

func (c *counting) kind(name string, approve access.Permission) runs.Kind {
	return runs.Kind{Name: name, Start: access.RunScreening, Approve: approve,
		View: func(context.Context, *act.Tx, runs.Run) (runs.Preview, error) {
			return runs.Preview{Total: upTo, Figures: runs.Tally{"numbers": upTo}}, nil
		},
		Prepare: func(_ context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
			return c.chunk(r, cursor, `INSERT INTO counter (kabkota, name, n) VALUES ($1, $2, 1)`)
		},
		Undo: func(_ context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
			return c.chunk(r, cursor, `DELETE FROM counter WHERE kabkota = $1 AND name = $2`)
		},
	}
}

func (c *counting) chunk(r runs.Run, cursor, statement string) (runs.Chunk, error) {
	from := 0
	if cursor != "" {
		var err error
		if from, err = strconv.Atoi(cursor); err != nil {
			return runs.Chunk{}, err
		}
	}
	to := min(from+perChunk, upTo)
	return runs.Chunk{Next: strconv.Itoa(to), Last: to == upTo, Units: int64(to - from), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if c.failAt > 0 && from == c.failAt {
			c.failAt = 0
			return nil, c.with
		}
		if c.hook != nil {
			c.hook()
		}
		for n := from; n < to; n++ {
			if _, err := tx.Exec(ctx, statement, int64(r.Tenant), fmt.Sprintf("%s-%d", r.Number, n)); err != nil {
				return nil, err
			}
		}
		return runs.Tally{"numbers": int64(to - from)}, nil
	}}, nil
}

func (c *counting) make(kind string) runs.Run {
	c.t.Helper()
	r, err := c.s.Create(c.t.Context(), c.maker, runs.NewRun{Kind: kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: map[string]int{"up_to": upTo}})
	if err == nil {
		r, err = c.s.Look(c.t.Context(), c.maker, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = c.s.Submit(c.t.Context(), c.maker, r.Tenant, r.ID)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *counting) rows() (n int64) {
	c.t.Helper()
	if err := c.db.Direct().QueryRow(c.t.Context(), `SELECT count(*) FROM counter WHERE kabkota = 8171 AND name LIKE 'R-%-%-%'`).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

func TestARunIsDoneOnceAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count")
		if r.State != runs.Approved {
			t.Fatalf("a run that needs nobody is %s", r.State)
		}
		r, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil)
		if err != nil || r.State != runs.Done || r.Tally["numbers"] != upTo || r.Finished != upTo || c.rows() != upTo {
			t.Fatalf("run = %s %v, rows %d, %v", r.State, r.Tally, c.rows(), err)
		}
		if again, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || again.Chunks != r.Chunks || c.rows() != upTo {
			t.Errorf("driven again: %d chunks, %d rows, %v", again.Chunks, c.rows(), err)
		}
		if r, err = c.s.Undo(t.Context(), c.maker, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if r, err = c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.State != runs.Undone || c.rows() != 0 {
			t.Errorf("undone = %s, rows %d, %v", r.State, c.rows(), err)
		}
		if _, err := c.s.Undo(t.Context(), c.maker, r.Tenant, r.ID); !errors.Is(err, fail.Conflict("run.state")) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestASecondPersonApproves(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count.approved")
		if r.State != runs.Awaiting {
			t.Fatalf("state = %s", r.State)
		}
		if _, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); !errors.Is(err, fail.Awaiting("run.awaiting")) {
			t.Errorf("an unapproved run was worked: %v", err)
		}
		if _, err := c.s.Approve(t.Context(), c.maker, r.Tenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("the maker's role approved: %v", err)
		}
		both := c.maker
		both.Grants = append(both.Grants, c.head.Grants...)
		if _, err := c.s.Approve(t.Context(), both, r.Tenant, r.ID); !errors.Is(err, fail.Forbidden("access.same_person")) {
			t.Errorf("the maker approved with another role: %v", err)
		}
		elsewhere := testkit.Person(3, access.AgencyHead, testkit.Village)
		if _, err := c.s.Approve(t.Context(), elsewhere, r.Tenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("somebody of another area approved: %v", err)
		}
		if _, err := c.s.Approve(t.Context(), c.head, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if r, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.State != runs.Done || r.ApprovedBy != sqldb.ID(c.head.ID) {
			t.Errorf("run = %s by %s, %v", r.State, r.ApprovedBy, err)
		}
	})
}

func TestAKilledRunGoesOnWithoutDoubles(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		for round := range 5 {
			r := c.make("count")
			before := c.rows()
			for kills := 0; ; kills++ {
				if kills > 50 {
					t.Fatal("the run never ends")
				}
				ctx, cancel := context.WithCancel(t.Context())
				c.failAt, c.with = perChunk*rand.IntN(upTo/perChunk), context.Canceled
				if kills%3 == 2 {
					cancel()
				}
				got, err := c.s.Drive(ctx, r.Tenant, r.ID, nil)
				cancel()
				if err == nil && got.State == runs.Done {
					break
				}
				if got.State.Ended() { // a failure that is no kill ends a run; this one was injected as one
					t.Fatalf("ended as %s: %v", got.State, err)
				}
			}
			if n := c.rows() - before; n != upTo {
				t.Errorf("round %d wrote %d rows", round, n)
			}
		}
	})
}

func TestStepWorksOneChunk(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count")
		steps := 0
		for more := true; more; steps++ {
			var err error
			if r, more, err = c.s.Step(t.Context(), r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if steps != upTo/perChunk || c.rows() != upTo || r.State != runs.Done {
			t.Errorf("steps = %d, rows = %d, state %s", steps, c.rows(), r.State)
		}
	})
}

func TestAFailureThatCannotPassEndsTheRun(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count")
		c.failAt, c.with = 50, fail.Invalid("import.file_changed")
		r, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil)
		if err == nil || r.State != runs.Failed || r.Failure != "import.file_changed" || c.rows() != 50 {
			t.Errorf("run = %s %q, rows %d, %v", r.State, r.Failure, c.rows(), err)
		}
		c2 := c.make("count")
		c.failAt, c.with = 50, fail.Unavailable("registry.race")
		if got, err := c.s.Drive(t.Context(), c2.Tenant, c2.ID, nil); err == nil || got.State.Ended() {
			t.Errorf("a failure that passes ended the run: %s, %v", got.State, err)
		}
		if got, err := c.s.Drive(t.Context(), c2.Tenant, c2.ID, nil); err != nil || got.State != runs.Done {
			t.Errorf("resumed = %s, %v", got.State, err)
		}
	})
}

func TestCancelledRunsStop(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count")
		if _, _, err := c.s.Step(t.Context(), r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := c.s.Cancel(t.Context(), c.maker, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || got.State != runs.Cancelled || c.rows() != perChunk {
			t.Errorf("run = %s, rows %d, %v", got.State, c.rows(), err)
		}
	})
}

func TestListsAreScopedAndItemsFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		first, second := c.make("count"), c.make("count.approved")
		list, err := c.s.List(t.Context(), c.maker, runs.Filter{Limit: 10})
		if err != nil || len(list) != 2 || list[0].ID != second.ID {
			t.Fatalf("list = %d, %v", len(list), err)
		}
		if list, err = c.s.List(t.Context(), c.maker, runs.Filter{Limit: 10, Before: list[0]}); err != nil || len(list) != 1 || list[0].ID != first.ID {
			t.Errorf("second page = %d, %v", len(list), err)
		}
		if list, err = c.s.List(t.Context(), c.maker, runs.Filter{Limit: 10, State: runs.Awaiting}); err != nil || len(list) != 1 {
			t.Errorf("awaiting = %d, %v", len(list), err)
		}
		village := testkit.Person(4, access.Operator, testkit.Village)
		if list, err = c.s.List(t.Context(), village, runs.Filter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("a village sees %d runs of the district, %v", len(list), err)
		}
		if _, err := c.s.Show(t.Context(), village, first.Tenant, first.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village opens a run of the district: %v", err)
		}
	})
}

// TestOneProcessWorksARunOnce: while somebody drives a run, the background lets it alone, and who drives it too waits
// and finds it done.
func TestOneProcessWorksARunOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count")
		inside, second := make(chan struct{}), make(chan error, 1)
		c.hook = func() {
			c.hook = nil
			if _, _, err := c.s.Step(t.Context(), r.Tenant, r.ID); !errors.Is(err, runs.ErrBusy) {
				t.Errorf("the background works it beside the driver: %v", err)
			}
			close(inside)
		}
		go func() {
			<-inside
			done, err := c.s.Attended().Drive(t.Context(), r.Tenant, r.ID, nil)
			if err == nil && (done.State != runs.Done || done.Chunks != upTo/perChunk) {
				err = fmt.Errorf("the second driver found it %s after %d chunks", done.State, done.Chunks)
			}
			second <- err
		}()
		if done, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || done.State != runs.Done {
			t.Errorf("the first driver: %s, %v", done.State, err)
		}
		if err := <-second; err != nil || c.rows() != upTo {
			t.Errorf("%d rows, %v", c.rows(), err)
		}
	})
}

// TestARunOutlivesStatisticsThatFail: a table whose statistics cannot be taken makes a run slower, never failed; what its
// chunks wrote is committed by then.
func TestARunOutlivesStatisticsThatFail(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	c := newCounting(t, db)
	for _, statement := range []string{
		`CREATE TABLE sour (n INT) WITH (autovacuum_enabled = false)`,
		`INSERT INTO sour SELECT n FROM generate_series(1, 20000) AS n`,
		`CREATE FUNCTION taste(n INT) RETURNS INT IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n; END'`,
		`CREATE INDEX sour_taste ON sour (taste(n))`,
		`INSERT INTO sour SELECT n FROM generate_series(1, 80000) AS n`,
		`CREATE OR REPLACE FUNCTION taste(n INT) RETURNS INT IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''sour''; END'`,
	} {
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if db.Grown(t.Context()) == nil {
		t.Fatal("the statistics could be taken")
	}
	r := c.make("count")
	r, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil)
	if err != nil || r.State != runs.Done || c.rows() != upTo {
		t.Errorf("the run is %s with %d rows: %v", r.State, c.rows(), err)
	}
}
