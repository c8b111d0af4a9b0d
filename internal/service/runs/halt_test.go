package runs_test

import (
	"context"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// staff is a counting run's office, of whom somebody may be gone.
type staff struct {
	*counting
	people map[sqldb.ID]access.Actor
	gone   map[sqldb.ID]error
}

func newStaff(t *testing.T, db *sqldb.DB, more ...access.Actor) staff {
	s := staff{newCounting(t, db), map[sqldb.ID]access.Actor{}, map[sqldb.ID]error{}}
	for _, who := range append(more, s.maker, s.head) {
		s.people[who.ID] = who
	}
	actors := func(_ context.Context, id sqldb.ID) (access.Actor, error) { return s.people[id], s.gone[id] }
	s.s = runs.New(act.New(db, testkit.NewClock().Now, nil), actors, nil, s.kind("count", ""), s.kind("count.approved", access.ApproveScreening))
	return s
}

func (s staff) is(t *testing.T, r runs.Run, halted bool, state runs.State) runs.Run {
	t.Helper()
	got, err := s.s.Show(t.Context(), s.maker, r.Tenant, r.ID)
	if err != nil || got.Halted() != halted || got.State != state {
		t.Errorf("the run is %s, halted %t: %v", got.State, got.Halted(), err)
	}
	return got
}

func TestARunWhoseMakerIsGoneHaltsAndIsTakenOver(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx, next := t.Context(), testkit.Person(3, access.Verifier, testkit.Ambon)
		s := newStaff(t, db, next)
		r := s.make("count.approved")
		if _, err := s.s.Approve(ctx, s.head, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.s.Step(ctx, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		s.gone[s.maker.ID] = fail.Forbidden("account.suspended")
		for range 3 { // jobs come again
			if _, _, err := s.s.Step(ctx, r.Tenant, r.ID); !runs.IsHalted(err) {
				t.Fatalf("stepped: %v", err)
			}
		}
		r = s.is(t, r, true, runs.Running)
		if list, err := s.s.List(ctx, next, runs.Filter{Halted: true, Limit: 5}); err != nil || len(list) != 1 || !s.s.MayTakeOver(list[0], next) || s.s.MayTakeOver(list[0], s.head) {
			t.Errorf("halted runs: %+v, %v", list, err)
		}
		var halts int
		if err := db.Direct().QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE act = 'run.halt' AND subject = $1`, r.ID).Scan(&halts); err != nil || halts != 1 {
			t.Errorf("said %d times, %v", halts, err)
		}
		// The one who approved makes no second person out of one, and nobody else's right will do.
		both := s.head
		both.Grants = append(both.Grants, next.Grants...)
		for code, who := range map[string]access.Actor{"access.same_person": both, "access.denied": s.head} {
			if _, err := s.s.TakeOver(ctx, who, r.Tenant, r.ID); fail.CodeOf(err) != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if _, err := s.s.TakeOver(ctx, next, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		done, err := s.s.Drive(ctx, r.Tenant, r.ID, nil)
		if err != nil || done.State != runs.Done || done.Failure != "" || s.rows() != upTo || done.Actor() != sqldb.ID(next.ID) || done.CreatedBy != sqldb.ID(s.maker.ID) {
			t.Errorf("taken over: %s %q with %d rows for %s, %v", done.State, done.Failure, s.rows(), done.Actor(), err)
		}
		if _, err := s.s.TakeOver(ctx, next, r.Tenant, r.ID); fail.CodeOf(err) != "run.state" {
			t.Errorf("taken over when it was done: %v", err)
		}
		// The way back too acts for who took it over.
		if _, err := s.s.Undo(ctx, s.head, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if done, err = s.s.Drive(ctx, r.Tenant, r.ID, nil); err != nil || done.State != runs.Undone || s.rows() != 0 {
			t.Errorf("undone: %s, %d rows, %v", done.State, s.rows(), err)
		}
	})
}

func TestAHaltedRunEnds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx, next := t.Context(), testkit.Person(3, access.Verifier, testkit.Ambon)
		less := testkit.Person(1, access.Operator, testkit.Village) // the maker, with another post
		s := newStaff(t, db, next)
		t.Run("stopped before it began", func(t *testing.T) {
			r := s.make("count")
			s.people[s.maker.ID] = less
			if _, err := s.s.Drive(ctx, r.Tenant, r.ID, nil); !runs.IsHalted(err) {
				t.Fatal(err)
			}
			r = s.is(t, r, true, runs.Approved)
			if _, err := s.s.Cancel(ctx, next, r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
			s.people[s.maker.ID] = s.maker
			s.is(t, r, false, runs.Cancelled)
		})
		t.Run("its maker is back", func(t *testing.T) {
			before := s.rows()
			r := s.make("count")
			s.gone[s.maker.ID] = fail.Forbidden("account.suspended")
			if _, _, err := s.s.Step(ctx, r.Tenant, r.ID); !runs.IsHalted(err) {
				t.Fatal(err)
			}
			delete(s.gone, s.maker.ID)
			if _, err := s.s.Drive(ctx, r.Tenant, r.ID, nil); err != nil || s.rows() != before+upTo {
				t.Errorf("%d rows, %v", s.rows(), err)
			}
			s.is(t, r, false, runs.Done)
		})
		t.Run("on the way back", func(t *testing.T) {
			before := s.rows()
			r := s.make("count")
			_, err := s.s.Drive(ctx, r.Tenant, r.ID, nil)
			if err == nil {
				_, err = s.s.Undo(ctx, next, r.Tenant, r.ID)
			}
			if err == nil {
				_, _, err = s.s.Step(ctx, r.Tenant, r.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			s.gone[s.maker.ID] = fail.Unauthorized("access.nobody")
			if _, _, err := s.s.Step(ctx, r.Tenant, r.ID); !runs.IsHalted(err) {
				t.Fatal(err)
			}
			s.is(t, r, true, runs.Undoing)
			if _, err = s.s.TakeOver(ctx, next, r.Tenant, r.ID); err == nil {
				_, err = s.s.Drive(ctx, r.Tenant, r.ID, nil)
			}
			if err != nil || s.rows() != before {
				t.Errorf("%d rows, %v", s.rows(), err)
			}
			s.is(t, r, false, runs.Undone)
		})
	})
}
