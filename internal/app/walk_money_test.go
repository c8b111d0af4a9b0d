package app

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
)

// stages opens a stage of payment for each step of the work: nothing worked out yet, worked out, sent to the bank,
// answered by the bank, and answered with a file that has faults.
func (w *walk) stages(t *testing.T, tenant area.Tenant, list sqldb.ID) {
	t.Helper()
	opened := func(what, month string) payments.Cycle {
		c, err := w.Payments.OpenCycle(t.Context(), w.actor(t, access.PaymentOfficer), payments.Opening{Tenant: tenant, Programme: programme.Sembako, List: list, Period: month})
		if err != nil {
			t.Fatal(err)
		}
		w.at[what] = stageAt(c)
		return c
	}
	counted := func(what, month string) payments.Cycle {
		c := opened(what, month)
		w.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "pay", Settings: payments.StageSettings{Cycle: c.ID}})
		return c
	}
	opened("cycle", "2024-11")
	paid := counted("paid", "2024-10")
	w.correctable(t, paid)
	ordered := counted("ordered", "2024-12")
	w.ordered(t, ordered)
	var text bytes.Buffer
	if _, err := w.Payments.WriteSimulated(t.Context(), w.actor(t, access.PaymentOfficer), w.Bank, tenant, ordered.ID, 7, &text); err != nil {
		t.Fatal(err)
	}
	w.bank = text.String()
	answered := counted("answered", "2025-01")
	w.ordered(t, answered)
	w.answers(t, answered)
	var failed sqldb.ID
	failed, w.at["failed"] = w.row(t, answered, `cycle_id = $1 AND repair = 'open'`, answered.ID)
	w.altered(t, `UPDATE payment SET area_code = $1 WHERE id = $2`, int64(w.village), failed)
	w.version["failed"] = w.number(t, `SELECT version FROM payment WHERE id = $1`, failed)
	doubted := counted("doubted", "2025-02")
	w.ordered(t, doubted)
	w.resulted(t, doubted, damaged(t, w.bankFile(t, doubted)))
}

// correctable finds a payment that somebody else of the family may receive, and moves it to the village of the walk.
func (w *walk) correctable(t *testing.T, c payments.Cycle) {
	t.Helper()
	var id sqldb.ID
	id, w.at["payment"] = w.row(t, c, `cycle_id = $1 AND state = 'LISTED' AND EXISTS (
		SELECT 1 FROM person m WHERE m.family_id = payment.family_id AND m.id <> payment.person_id AND m.state = 1 AND m.birth_date < '1990')`, c.ID)
	sheet, err := w.Payments.Open(t.Context(), w.actor(t, access.PaymentOfficer), c.Tenant, id, "")
	if err != nil {
		t.Fatal(err)
	}
	w.altered(t, `UPDATE payment SET area_code = $1 WHERE id = $2`, int64(w.village), id)
	for _, one := range sheet.Payees {
		if one.ID != sheet.Person {
			w.payee = one.ID.String()
		}
	}
	if w.payee == "" {
		t.Fatal("nobody else of the family may be paid")
	}
}

// resulted imports a file of the bank.
func (b *town) resulted(t *testing.T, c payments.Cycle, path string) {
	t.Helper()
	set, err := b.Exchange.Describe(exchange.Results, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	set.Cycle = c.ID
	b.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "import.results", Settings: set, Inputs: set.SHA256, Total: set.Size})
}

// goneBack is the form that books unused money as returned, today.
func (w *walk) goneBack() url.Values {
	today := w.Places.LocalDate(ambon, w.Acts.Now())
	return url.Values{"on.day": {fmt.Sprint(today.Day())}, "on.month": {fmt.Sprint(int(today.Month()))}, "on.year": {fmt.Sprint(today.Year())}}
}
