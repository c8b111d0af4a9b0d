package runs_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestTheSecondPersonRefuses: a run that waits ends with her reason, and nothing of it is applied; its maker cannot refuse it, nor
// anybody without the right, nor without a reason, nor twice.
func TestTheSecondPersonRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		r := c.make("count.approved")
		refuse := func(who access.Actor, reason string) (runs.Run, error) {
			return c.s.Refuse(t.Context(), who, r.Tenant, r.ID, reason)
		}
		for reason, want := range map[string]error{
			" ": fail.Invalid("run.refusal_missing"), strings.Repeat("é", 501): fail.Invalid("run.refusal_long"),
			"NIK 8171 0112 0480 0003 salah": fail.Invalid("run.refusal_number"), "0812-3456-7890": fail.Invalid("run.refusal_number"),
		} {
			if _, err := refuse(c.head, reason); !errors.Is(err, want) {
				t.Errorf("%q: %v", reason, err)
			}
		}
		if _, err := refuse(c.maker, "ragu"); err == nil {
			t.Error("who made it refused it")
		}
		if _, err := refuse(testkit.Person(4, access.Operator, testkit.Village), "ragu"); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("an operator refuses: %v", err)
		}
		if got, err := refuse(c.head, "  Dua kelurahan belum diperiksa pada 12-03-2024 "); err != nil || got.State != runs.Refused {
			t.Fatalf("%s, %v", got.State, err)
		}
		got, err := c.s.Show(t.Context(), c.maker, r.Tenant, r.ID)
		if err != nil || got.Refusal != "Dua kelurahan belum diperiksa pada 12-03-2024" || got.RefusedBy != sqldb.ID(c.head.ID) || got.EndedAt.IsZero() || !got.State.Ended() || !got.ApprovedBy.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
		for name, step := range map[string]func() (runs.Run, error){
			"approved": func() (runs.Run, error) { return c.s.Approve(t.Context(), c.head, r.Tenant, r.ID) },
			"refused":  func() (runs.Run, error) { return refuse(c.head, "lagi") },
			"undone":   func() (runs.Run, error) { return c.s.Undo(t.Context(), c.head, r.Tenant, r.ID) },
			"stopped":  func() (runs.Run, error) { return c.s.Cancel(t.Context(), c.maker, r.Tenant, r.ID) },
		} {
			if _, err := step(); !errors.Is(err, fail.Conflict("run.state")) {
				t.Errorf("refused, then %s: %v", name, err)
			}
		}
		if got, err := c.s.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || got.State != runs.Refused || c.rows() != 0 {
			t.Errorf("%s with %d rows, %v", got.State, c.rows(), err)
		}
		var entries int
		if err := db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE kabkota = $1 AND act = 'run.refuse'`, int64(r.Tenant)).Scan(&entries); err != nil || entries != 1 {
			t.Errorf("%d entries in the audit, %v", entries, err)
		}
	})
}

// TestOneOfApprovalAndRefusalHolds: of two who answer at once one wins, and the other is told.
func TestOneOfApprovalAndRefusalHolds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounting(t, db)
		for range 5 {
			r := c.make("count.approved")
			var both sync.WaitGroup
			var yes, no error
			both.Go(func() { _, yes = c.s.Approve(t.Context(), c.head, r.Tenant, r.ID) })
			both.Go(func() { _, no = c.s.Refuse(t.Context(), c.head, r.Tenant, r.ID, "belum yakin") })
			both.Wait()
			got, err := c.s.Show(t.Context(), c.maker, r.Tenant, r.ID)
			if err != nil || (yes == nil) == (no == nil) || (got.State == runs.Approved) != (yes == nil) || (got.State == runs.Refused) != (no == nil) {
				t.Fatalf("%s: yes %v, no %v; %v", got.State, yes, no, err)
			}
			if lost := errors.Join(yes, no); !errors.Is(lost, fail.Conflict("run.state")) && !errors.Is(lost, fail.Conflict("run.changed")) {
				t.Errorf("who was later is told %v", lost)
			}
		}
	})
}
