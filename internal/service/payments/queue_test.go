package payments_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/payments"
	"tepat/internal/testkit"
)

// failing is a stage of four families in two villages, of which two were rejected.
func failing(t *testing.T, db *sqldb.DB) (h house, c payments.Cycle, f []home) {
	t.Helper()
	h = newHouse(t, db, level{training: true})
	f = append(h.families(0, 2, testkit.Village), h.families(50, 2, testkit.Neighbour)...)
	c = h.instructed(h.open("sembako", "2024-09", h.listOf("sembako", aid, f)))
	h.loaded(c,
		payments.ResultRow{NIK: f[0].niks[1], Amount: aid, Account: account(t, "1111222233"), Code: "NAME_DIFFERS"},
		payments.ResultRow{NIK: f[1].niks[1], Amount: aid, Account: account(t, "4444555566"), CreditedOn: credit, UsedOn: use},
		payments.ResultRow{NIK: f[2].niks[1], Amount: aid, Code: "78"},
		payments.ResultRow{NIK: f[3].niks[1], Amount: aid, CreditedOn: credit})
	return h, c, f
}

func TestTheQueueOfFailures(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, c, f := failing(t, db)
		all, err := h.Queue(t.Context(), h.officer, payments.Filter{Limit: 10})
		if err != nil || len(all) != 2 {
			t.Fatalf("queue = %+v, %v", all, err)
		}
		village, err := h.Queue(t.Context(), h.operator, payments.Filter{Limit: 10})
		if err != nil || len(village) != 1 || village[0].Family != f[0].id {
			t.Fatalf("the village's queue = %+v, %v", village, err)
		}
		p := village[0]
		if p.Next.Who != payments.HeldByVillage || p.Next.Cause.ID == "" || p.Name != "ORANG UJI 0 1" || p.Head != "ORANG UJI 0 0" || p.NIK != f[0].niks[1] {
			t.Errorf("%+v", p)
		}
		if rest, err := h.Queue(t.Context(), h.officer, payments.Filter{Limit: 10, After: all[0]}); err != nil || len(rest) != 1 || rest[0].ID != all[1].ID {
			t.Errorf("the rest = %+v, %v", rest, err)
		}
		if _, err := h.Queue(t.Context(), testkit.Person(8, access.Analyst, testkit.Ambon), payments.Filter{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("an analyst sees names: %v", err)
		}
		mend := payments.Mend{Tenant: testkit.AmbonTenant, Payment: p.ID, Version: p.Version, What: payments.NewAccount, Account: account(t, "9999888877"), Note: "buku tabungan baru"}
		for name, c := range map[string]struct {
			who  access.Actor
			with func(*payments.Mend)
			code string
		}{
			"without a word":           {h.operator, func(m *payments.Mend) { m.Note = " " }, "payments.note"},
			"without an account":       {h.operator, func(m *payments.Mend) { m.Account = payments.Account{} }, "payments.account_empty"},
			"without saying what":      {h.operator, func(m *payments.Mend) { m.What = "" }, "payments.mending"},
			"in another village":       {testkit.Person(3, access.Operator, testkit.Neighbour), func(*payments.Mend) {}, "access.denied"},
			"by one who only approves": {h.head, func(*payments.Mend) {}, "access.denied"},
			"of another version":       {h.operator, func(m *payments.Mend) { m.Version-- }, "payments.changed"},
			"of no payment":            {h.operator, func(m *payments.Mend) { m.Payment = sqldb.NewID() }, "payments.unknown"},
		} {
			m := mend
			c.with(&m)
			if err := h.Mend(t.Context(), c.who, m); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		must(t, h.Mend(t.Context(), h.operator, mend))
		if village, err = h.Queue(t.Context(), h.operator, payments.Filter{Limit: 10}); err != nil || len(village) != 0 {
			t.Errorf("after it was mended: %+v, %v", village, err)
		}
		sheet, err := h.Open(t.Context(), h.operator, testkit.AmbonTenant, p.ID, "kunjungan")
		if err != nil || sheet.Repair != payments.Repaired || sheet.Account != mend.Account || sheet.Final != payment.Rejected || sheet.Stage.ID != c.ID {
			t.Fatalf("%+v, %v", sheet, err)
		}
		if e := sheet.Events; len(e) != 1 || e[0].Action != "account" || e[0].Note != mend.Note || e[0].Actor != sqldb.ID(h.operator.ID) {
			t.Errorf("history = %+v", e)
		}
		mend.Version = sheet.Version
		if err := h.Mend(t.Context(), h.operator, mend); fail.CodeOf(err) != "payments.not_failed" {
			t.Errorf("mended twice: %v", err)
		}
		if _, err := h.Open(t.Context(), h.operator, testkit.AmbonTenant, all[1].ID, ""); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village opened another's payment: %v", err)
		}
		for act, want := range map[string]int64{"payments.mend": 1, "payments.show": 1, "payments.queue": 4} {
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1`, act); n != want {
				t.Errorf("%d entries of %s, want %d", n, act, want)
			}
		}
	})
}

func TestAListIsNarrowedByState(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, c, f := failing(t, db)
		for state, want := range map[payment.Status]int{payment.Rejected: 2, payment.PaidUsed: 1, payment.Credited: 1, payment.SI: 0, "": 4} {
			list, err := h.List(t.Context(), h.officer, payments.Filter{Tenant: testkit.AmbonTenant, Cycle: c.ID, State: state, Limit: 10})
			if err != nil || len(list) != want {
				t.Errorf("%s: %d rows, %v; want %d", state, len(list), err, want)
			}
		}
		list, err := h.List(t.Context(), h.operator, payments.Filter{Tenant: testkit.AmbonTenant, Cycle: c.ID, Limit: 10})
		if err != nil || len(list) != 2 {
			t.Errorf("the village's list = %d rows, %v", len(list), err)
		}
		of, err := h.OfFamily(t.Context(), db.Direct(), testkit.AmbonTenant, f[3].id)
		if err != nil || len(of) != 1 || of[0].BackBy != credit.AddDays(105) {
			t.Errorf("of the family: %+v, %v", of, err)
		}
	})
}

func TestRowsAreTakenOutAndPutBackUntilTheOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 2, testkit.Village)
		orphans := h.families(30, 1, testkit.Village, somebody{person.Head, person.Female, 15}, somebody{person.Parent, person.Female, 60})[0]
		h.exec(`UPDATE person SET state = 2 WHERE kabkota = 8171 AND id = $1`, orphans.persons[1])
		c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, append(f, orphans)))
		h.done("pay", stage(c))
		in := func(of home, status payment.Status, note string) payments.Exclusion {
			p := h.rows(c)[of.id]
			return payments.Exclusion{Tenant: testkit.AmbonTenant, Payment: p.ID, Version: p.Version, Status: status, Note: note}
		}
		if err := h.Exclude(t.Context(), h.officer, in(f[0], payment.Rejected, "x")); fail.CodeOf(err) != "payments.exclusion" {
			t.Errorf("excluded as rejected: %v", err)
		}
		if err := h.Exclude(t.Context(), h.operator, in(f[0], payment.ExcludedRegion, "x")); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("excluded by a village: %v", err)
		}
		must(t, h.Exclude(t.Context(), h.officer, in(f[0], payment.ExcludedRegion, "tidak layak")))
		must(t, h.Exclude(t.Context(), h.officer, in(f[1], payment.ExcludedOccupation, "ASN")))
		must(t, h.Reinstate(t.Context(), h.officer, in(f[0], "", "keliru")))
		if err := h.Reinstate(t.Context(), h.officer, in(orphans, "", "x")); fail.CodeOf(err) != "payments.no_payee" {
			t.Errorf("a family of children is back on the list: %v", err)
		}
		if err := h.Payee(t.Context(), h.officer, in(orphans, "", "wali"), orphans.persons[0]); fail.CodeOf(err) != "payments.payee" {
			t.Errorf("a child is payee: %v", err)
		}
		if err := h.Payee(t.Context(), h.officer, in(orphans, "", "wali"), f[0].persons[1]); fail.CodeOf(err) != "payments.payee" {
			t.Errorf("somebody else's mother is payee: %v", err)
		}
		h.exec(`UPDATE person SET state = 1 WHERE kabkota = 8171 AND id = $1`, orphans.persons[1])
		must(t, h.Payee(t.Context(), h.officer, in(orphans, "", "nenek kembali"), orphans.persons[1]))
		rows := h.rows(c)
		for of, want := range map[sqldb.ID]payment.Status{f[0].id: payment.Listed, f[1].id: payment.ExcludedOccupation, orphans.id: payment.Listed} {
			if rows[of].State != want {
				t.Errorf("%s, want %s", rows[of].State, want)
			}
		}
		h.done("pay.instruct", order(c, 2*aid))
		if err := h.Exclude(t.Context(), h.officer, in(f[0], payment.ExcludedRegion, "x")); fail.CodeOf(err) != "payments.stage_state" {
			t.Errorf("excluded when the money was with the bank: %v", err)
		}
		// One is put back after the order: a corrected order sends it too.
		must(t, h.Reinstate(t.Context(), h.officer, in(f[1], "", "bukan ASN")))
		h.done("pay.instruct", order(c, 3*aid))
		for _, of := range append(f, orphans) {
			if p := h.rows(c)[of.id]; p.State != payment.SI {
				t.Errorf("%s after the corrected order", p.State)
			}
		}
	})
}

func TestTheListForTheBank(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, c, f := failing(t, db)
		choice := payments.ListChoice{Tenant: testkit.AmbonTenant, Cycle: c.ID}
		var masked, full bytes.Buffer
		total, err := h.WriteList(t.Context(), h.officer, choice, &masked, payments.ListFile{})
		if err != nil || total != (payments.Sum{Rows: 4, Amount: 4 * aid}) {
			t.Fatalf("%+v, %v", total, err)
		}
		choice.Full = true
		if _, err := h.WriteList(t.Context(), h.officer, choice, &full, payments.ListFile{}); fail.CodeOf(err) != "payments.purpose" {
			t.Errorf("a full list without a purpose: %v", err)
		}
		choice.Purpose = "penyaluran lewat bank"
		if _, err := h.WriteList(t.Context(), testkit.Person(8, access.ProgrammeManager, testkit.Ambon), choice, &full, payments.ListFile{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("full numbers for one who does not pay: %v", err)
		}
		full.Reset()
		_, err = h.WriteList(t.Context(), h.officer, choice, &full, payments.ListFile{})
		must(t, err)
		nik, number := f[0].niks[1].Plain(), "1111222233"
		if text := masked.String(); strings.Contains(text, nik) || strings.Contains(text, number) || !strings.Contains(text, "2233") {
			t.Errorf("the masked list tells too much or too little:\n%s", text)
		}
		if text := full.String(); !strings.Contains(text, nik) || !strings.Contains(text, number) {
			t.Errorf("the full list lacks numbers:\n%s", text)
		}
		lines := strings.Split(strings.TrimSpace(full.String()), "\r\n")
		if len(lines) != 6 || !strings.HasPrefix(lines[5], "TOTAL;4;") || !strings.HasSuffix(lines[5], ";800000") {
			t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
		}
		var numbers []int64
		var areas []string
		_, err = h.PaymentList(t.Context(), h.officer, choice, func(r payments.ListRow) error {
			numbers, areas = append(numbers, r.Number), append(areas, r.Area.Dotted())
			return nil
		})
		if err != nil || !slices.Equal(numbers, []int64{1, 2, 3, 4}) || !slices.IsSorted(areas) {
			t.Errorf("%v %v, %v", numbers, areas, err)
		}
		var book bytes.Buffer
		if _, err := h.WriteList(t.Context(), h.officer, choice, &book, payments.ListFile{XLSX: true, Title: "Daftar bayar"}); err != nil || !bytes.HasPrefix(book.Bytes(), []byte("PK")) {
			t.Errorf("workbook of %d bytes, %v", book.Len(), err)
		}
		choice.Area = testkit.Village
		if total, err := h.PaymentList(t.Context(), h.officer, choice, func(payments.ListRow) error { return nil }); err != nil || total.Rows != 2 {
			t.Errorf("one village: %+v, %v", total, err)
		}
		stop := errors.New("the line is gone")
		if _, err := h.PaymentList(t.Context(), h.officer, choice, func(payments.ListRow) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("err = %v", err)
		}
		if _, err := h.PaymentList(t.Context(), h.operator, choice, nil); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village exports: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'payments.export' AND purpose = 'penyaluran lewat bank'`); n != 5 {
			t.Errorf("%d entries with the purpose, want 5", n)
		}
	})
}

func TestTheReportAddsUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, c, _ := failing(t, db)
		report, err := h.Report(t.Context(), h.head, testkit.AmbonTenant, c.ID)
		must(t, err)
		var villages payments.Sum
		for _, v := range report.Villages {
			villages.Rows += v.Listed.Rows
			villages.Amount += v.Listed.Amount
		}
		if !report.Whole || len(report.Villages) != 2 || villages != report.Listed || report.Listed.Rows != 4 || report.Open.Rows != 1 ||
			report.ByFinal[payment.Rejected].Rows != 2 || report.ByFinal[payment.PaidUsed].Amount != aid || report.List != 0 || report.Bank != 0 {
			t.Errorf("%+v", report)
		}
		causes := map[string]payments.CauseSum{}
		for _, c := range report.Causes {
			causes[c.Code] = c
		}
		if len(causes) != 2 || causes["78"].Who != payments.HeldByBank || causes["NAME_DIFFERS"].Rows != 1 || causes["NAME_DIFFERS"].Label.ID == "" {
			t.Errorf("causes = %+v", report.Causes)
		}
		report, err = h.Report(t.Context(), h.operator, testkit.AmbonTenant, c.ID)
		if err != nil || report.Whole || report.Listed.Rows != 2 || report.Cycle.Rows != 2 || report.Cycle.Disbursed != 0 {
			t.Errorf("the village's report: %+v, %v", report, err)
		}
		elsewhere := access.Actor{ID: [16]byte{9}, Grants: []access.Grant{{Role: access.Analyst, Area: testkit.Ambon, Tenants: nil}}}
		if _, err := h.Report(t.Context(), elsewhere, testkit.AmbonTenant, c.ID); !errors.Is(err, fail.NotFound("payments.cycle_unknown")) {
			t.Errorf("another tenant's analyst: %v", err)
		}
		if _, err := h.Report(t.Context(), access.Actor{}, testkit.AmbonTenant, c.ID); fail.KindOf(err) != fail.KindUnauthorized {
			t.Errorf("nobody: %v", err)
		}
	})
}

func (h house) statuses(c payments.Cycle, rows ...payments.StatusRow) (out payments.ResultReport, err error) {
	h.t.Helper()
	for i := range rows {
		h.ReadyStatus(&rows[i])
	}
	err = h.write(func(tx *act.Tx) (err error) {
		out, err = h.LoadStatusesIn(h.t.Context(), tx, testkit.AmbonTenant, c.ID, rows)
		return err
	})
	return out, err
}

func TestADistrictKeepsTheStatusOfTheCentre(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 5, testkit.Village)
		c := h.open("sembako", "2024-09", sqldb.ID{})
		if _, err := h.look("pay", stage(c)); fail.CodeOf(err) != "payments.not_ours" {
			t.Errorf("worked out a stage of the centre: %v", err)
		}
		row := func(n int, status payment.Status) payments.StatusRow {
			r := payments.StatusRow{Line: int64(n + 2), NIK: f[n].niks[1], Status: status, Amount: aid}
			if slices.Contains(payment.Exclusions(), status) {
				r.Amount = 0 // as SIKS-NG shows it: EXCLUDE (Rp0)
			}
			return r
		}
		stranger := payments.StatusRow{Line: 9, NIK: h.families(90, 1, testkit.Village)[0].niks[1], Status: payment.SI, Amount: aid}
		h.exec(`UPDATE person SET state = 7 WHERE kabkota = 8171 AND nik_hash = $1`, h.reg.NIKHash(stranger.NIK))
		report, err := h.statuses(c, row(0, payment.SPM), row(1, payment.SI), row(2, payment.OMSPANFailed), row(3, payment.ExcludedDead), row(4, payment.SP2D), row(4, payment.SP2D), stranger)
		must(t, err)
		if report.Applied != 5 || len(report.Rejected) != 2 || fail.CodeOf(report.Rejected[0].Err) != "payments.result_twice" || fail.CodeOf(report.Rejected[1].Err) != "payments.status_nobody" {
			t.Fatalf("%+v", report)
		}
		if report, err = h.statuses(c, row(0, payment.SPM), row(1, payment.SI)); err != nil || report.Unchanged != 2 || report.Applied != 0 {
			t.Errorf("the same again: %+v, %v", report, err)
		}
		report, err = h.statuses(c, row(0, payment.Credited), row(1, payment.PaidUsed), row(3, payment.Listed), row(4, payment.OMSPAN))
		if err != nil || report.Applied != 3 || len(report.Rejected) != 1 || fail.CodeOf(report.Rejected[0].Err) != "payment.transition" {
			t.Errorf("the next file: %+v, %v", report, err)
		}
		if now := h.stage(c); now.Rows != 5 || now.Amount != 5*aid {
			t.Errorf("stage = %d rows, %s", now.Rows, now.Amount)
		}
		if _, err := h.look("pay.close", stage(c)); fail.CodeOf(err) != "payment.rows_open" {
			t.Errorf("closed with rows on their way: %v", err)
		}
		_, err = h.statuses(c, row(3, payment.Rejected), row(4, payment.Returned))
		must(t, err)
		h.done("pay.close", stage(c))
		for final, want := range map[string]int64{"paid_used": 1, "paid_unused": 1, "rejected": 2, "returned": 1} {
			if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND final = $1`, final); n != want {
				t.Errorf("%s: %d, want %d", final, n, want)
			}
		}
		if p := h.rows(c)[f[2].id]; p.Code != "OMSPAN_FAILED" || p.Repair != payments.RepairOpen {
			t.Errorf("a failed check ended as %+v", p)
		}
	})
}

func TestTheSimulatedFileIsReadBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		f := h.families(0, 3, testkit.Village)
		c := h.instructed(h.open("sembako", "2024-09", h.listOf("sembako", aid, f)))
		var one, two bytes.Buffer
		for _, out := range []*bytes.Buffer{&one, &two} {
			if n, err := h.WriteSimulated(t.Context(), h.officer, h.bank, testkit.AmbonTenant, c.ID, 3, out); err != nil || n != 3 {
				t.Fatalf("%d rows, %v", n, err)
			}
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Error("the same seed wrote two files")
		}
		if head, _, _ := strings.Cut(one.String(), "\n"); head != strings.Join(payments.ResultColumns(), ",") {
			t.Errorf("columns = %q", head)
		}
		if _, err := h.WriteSimulated(t.Context(), h.operator, h.bank, testkit.AmbonTenant, c.ID, 3, &one); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village plays bank: %v", err)
		}
	})
}
