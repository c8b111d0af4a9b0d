package payments_test

import (
	"encoding/json"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// figures gives what the preview of a run shows.
func figures(t *testing.T, r runs.Run) runs.Tally {
	t.Helper()
	var p runs.Preview
	must(t, json.Unmarshal(r.Preview, &p))
	return p.Figures
}

func TestFailuresAreCountedNotLoaded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, _, _ := failing(t, db)
		for name, c := range map[string]struct {
			who  access.Actor
			want int64
		}{
			"the district": {h.officer, 2}, "a village": {h.operator, 1}, "the other village": {testkit.Person(3, access.Operator, testkit.Neighbour), 1},
			"one who may not read": {testkit.Person(8, access.Analyst, testkit.Ambon), 0},
		} {
			if n, err := h.Waiting(t.Context(), c.who); err != nil || n != c.want {
				t.Errorf("%s: %d, %v; want %d", name, n, err, c.want)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'payments.queue'`); n != 0 {
			t.Errorf("counting left %d entries", n)
		}
	})
}

// TestASecondPersonApprovesTheOrder: not who made it, and not of rows that were corrected after she looked.
func TestASecondPersonApprovesTheOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 3, testkit.Village)
		c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f))
		h.done("pay", stage(c))
		correct := func(of home, action func(payments.Exclusion) error) {
			t.Helper()
			p := h.rows(c)[of.id]
			must(t, action(payments.Exclusion{Tenant: testkit.AmbonTenant, Payment: p.ID, Version: p.Version, Status: payment.ExcludedRegion, Note: "periksa ulang"}))
		}
		exclude := func(e payments.Exclusion) error { return h.Exclude(t.Context(), h.officer, e) }
		correct(f[0], exclude)

		r, err := h.look("pay.instruct", order(c, 2*aid))
		must(t, err)
		if got := figures(t, r); got["corrected_exclude"] != 1 || got["payable"] != 2 || got["difference"] != 0 {
			t.Errorf("the approver sees %v", got)
		}
		r, err = h.runs.Submit(t.Context(), h.officer, testkit.AmbonTenant, r.ID)
		if err != nil || r.State != runs.Awaiting {
			t.Fatalf("submitted: %s, %v", r.State, err)
		}
		if _, err := h.runs.Approve(t.Context(), h.officer, testkit.AmbonTenant, r.ID); err == nil {
			t.Fatal("who made the order approved it")
		}
		// After she looked a payee is changed: no sum tells it, the run stops all the same.
		other := h.rows(c)[f[1].id]
		sheet, err := h.Open(t.Context(), h.officer, testkit.AmbonTenant, other.ID, "")
		must(t, err)
		if len(sheet.Payees) < 2 {
			t.Fatalf("%d may receive the money", len(sheet.Payees))
		}
		chosen := sheet.Payees[0].ID
		if chosen == sheet.Person {
			chosen = sheet.Payees[1].ID
		}
		correct(f[1], func(e payments.Exclusion) error { return h.Payee(t.Context(), h.officer, e, chosen) })
		r, err = h.runs.Approve(t.Context(), h.head, testkit.AmbonTenant, r.ID)
		must(t, err)
		if _, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); fail.CodeOf(err) != "payments.order_stale" {
			t.Errorf("an order of corrected rows: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'SI'`); n != 0 {
			t.Errorf("%d rows went to the bank", n)
		}
		again := h.done("pay.instruct", order(c, 2*aid))
		if got := figures(t, again); got["corrected_payee"] != 1 || again.Tally["si"] != 2 {
			t.Errorf("%v, %v", got, again.Tally)
		}
	})
}

func TestAccountsGivenSinceAreShownToTheApprover(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, _, f := failing(t, db)
		failed, err := h.Queue(t.Context(), h.officer, payments.Filter{Limit: 1})
		must(t, err)
		must(t, h.Mend(t.Context(), h.officer, payments.Mend{Tenant: testkit.AmbonTenant, Payment: failed[0].ID, Version: failed[0].Version,
			What: payments.NewAccount, Account: account(t, "1010101010"), Note: "buku tabungan"}))
		next := h.open("sembako", "2024-10", h.listOf("sembako", aid, f))
		h.done("pay", stage(next))
		r, err := h.look("pay.instruct", order(next, 4*aid))
		must(t, err)
		if got := figures(t, r); got["corrected_account"] != 1 {
			t.Errorf("the approver sees %v", got)
		}
	})
}

// TestTheApproverOfAClosureSeesWhatWasSettled: a finding settled by hand is money the list never explained.
func TestTheApproverOfAClosureSeesWhatWasSettled(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 1, testkit.Village)
		c := h.instructed(h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f)))
		h.loaded(c, payments.ResultRow{NIK: f[0].niks[1], Amount: aid, CreditedOn: credit, UsedOn: use},
			payments.ResultRow{Payment: sqldb.NewID(), Amount: 7 * aid, CreditedOn: credit})
		if _, err := h.look("pay.close", stage(c)); err == nil {
			t.Fatal("a stage with an open finding closes")
		}
		if _, err := h.Settle(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.Settlement{Kind: payment.FindingUnlisted, Note: "berkas tahap lain"}); err != nil {
			t.Fatal(err)
		}
		r, err := h.look("pay.close", stage(c))
		must(t, err)
		if got := figures(t, r); got["findings_settled"] != 1 || got["findings_settled_amount"] != int64(7*aid) {
			t.Errorf("the approver sees %v", got)
		}
	})
}
