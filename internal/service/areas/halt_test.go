package areas_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
	"tepat/internal/testkit"
)

func TestOneChangeIsOpenHoweverManyAreProposedAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newTown(t, db)
		var start, done sync.WaitGroup
		var kept atomic.Int64
		start.Add(1)
		for range 8 {
			done.Go(func() {
				start.Wait()
				_, err := w.Propose(t.Context(), w.who["admin"], split())
				if err == nil {
					kept.Add(1)
				} else if fail.CodeOf(err) != "area.change_under_way" {
					t.Error(err)
				}
			})
		}
		start.Done()
		done.Wait()
		if kept.Load() != 1 {
			t.Errorf("%d changes were proposed at once", kept.Load())
		}
		w.counts(t, `SELECT count(*) FROM area_change WHERE state = 'awaiting'`, 1)
	})
}

// TestAChangeWhoseApproverIsGoneHalts: half of a decree is no state to be in, so a change goes on as soon as another person,
// not the one who proposed it, approves it again; nothing that was done is done twice.
func TestAChangeWhoseApproverIsGoneHalts(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx, w := t.Context(), newTown(t, db)
		other := sqldb.ID(w.who["verifikator"].ID) // gets the post of the one who goes
		w.post(t, other, access.AgencyHead, "")
		c, err := w.Propose(ctx, w.who["admin"], split())
		if err == nil {
			err = w.Approve(ctx, w.who["kadis"], c.ID, w.accounts)
		}
		if err == nil {
			_, _, err = w.Step(ctx, w.who["kadis"], c.ID)
		}
		if err == nil {
			err = w.accounts.Suspend(ctx, w.load(t, other), w.who["kadis"].ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing left to say
			if err := w.ApplyApproved(ctx, w.accounts.Load); err != nil {
				t.Fatal(err)
			}
		}
		if c, err = w.Change(ctx, w.who["auditor"], c.ID); err != nil || c.State != areas.Halted || c.Done != 1 {
			t.Fatalf("the change is %s after %d steps, %v", c.State, c.Done, err)
		}
		w.counts(t, `SELECT count(*) FROM audit_entry WHERE act = 'area.halt' AND subject = $1`, 1, c.ID)
		grants := w.number(t, `SELECT count(*) FROM account_grant`)
		for name, err := range map[string]error{
			"area.change_under_way": func() error { _, err := w.Propose(ctx, w.who["admin"], split()); return err }(),
			"area.change_decided":   w.Withdraw(ctx, w.load(t, w.who["admin"].ID), c.ID),
			"access.same_person":    w.Approve(ctx, w.load(t, w.who["admin"].ID), c.ID, w.accounts),
		} {
			if fail.CodeOf(err) != name {
				t.Errorf("%v, want %s", err, name)
			}
		}
		if err := w.Approve(ctx, w.load(t, other), c.ID, w.accounts); err != nil {
			t.Fatal(err)
		}
		w.counts(t, `SELECT count(*) FROM account_grant`, grants) // caretakers are set once
		if err := w.ApplyApproved(ctx, w.accounts.Load); err != nil {
			t.Fatal(err)
		}
		if c, err = w.Change(ctx, w.who["auditor"], c.ID); err != nil || c.State != areas.Finished || c.ApprovedBy != other {
			t.Errorf("the change is %s by %s, %v", c.State, c.ApprovedBy, err)
		}
		if at, err := w.Tree().Resolve(w.goes, period.Date{}); err != nil || at != w.goes-baguala+newBaguala {
			t.Errorf("the village is %s, %v", at, err)
		}
	})
}

// TestAChangeWhoseApproverLostHerPostHalts: the right counts, not the account.
func TestAChangeWhoseApproverLostHerPostHalts(t *testing.T) {
	t.Parallel()
	w := newTown(t, testkit.SQLite(t))
	c, err := w.Propose(t.Context(), w.who["admin"], split())
	if err == nil {
		err = w.Approve(t.Context(), w.who["kadis"], c.ID, w.accounts)
	}
	w.post(t, w.who["kadis"].ID, access.AgencyHead, "2024-01-01")
	if err == nil {
		err = w.ApplyApproved(t.Context(), w.accounts.Load)
	}
	if err != nil {
		t.Fatal(err)
	}
	if c, err = w.Change(t.Context(), w.who["auditor"], c.ID); err != nil || c.State != areas.Halted {
		t.Errorf("the change is %s, %v", c.State, err)
	}
}

// post gives somebody's one grant another role and last day.
func (w *town) post(t *testing.T, id sqldb.ID, role access.Role, until string) {
	t.Helper()
	err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE account_grant SET role = $1, valid_to = $2 WHERE account_id = $3`, string(role), until, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *town) number(t *testing.T, query string) (n int) {
	t.Helper()
	if err := w.db.Direct().QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
