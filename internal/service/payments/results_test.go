package payments_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

var (
	credit = period.On(2024, 10, 5)
	use    = period.On(2024, 10, 9)
)

func account(t *testing.T, text string) payments.Account {
	t.Helper()
	a, err := payments.ParseAccount(text)
	must(t, err)
	return a
}

func TestHowARowOfTheBankIsTaken(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 3, testkit.Village)
		c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f))
		h.done("pay", stage(c))
		excluded := h.rows(c)[f[2].id]
		must(t, h.Exclude(t.Context(), h.officer, payments.Exclusion{Tenant: testkit.AmbonTenant, Payment: excluded.ID, Version: excluded.Version, Status: payment.ExcludedRegion, Note: "tidak layak menurut desa"}))
		h.done("pay.instruct", order(c, 2*aid))
		rows := h.rows(c)
		first, second := rows[f[0].id], rows[f[1].id]
		by := func(p payments.Payment, change ...func(*payments.ResultRow)) payments.ResultRow {
			r := payments.ResultRow{Line: 2, Payment: p.ID, Amount: aid, CreditedOn: credit}
			for _, do := range change {
				do(&r)
			}
			return r
		}
		for _, c2 := range []struct {
			name  string
			row   payments.ResultRow
			code  string // of the reject
			state payment.Status
			final payment.Status
		}{
			{"nobody is named", payments.ResultRow{Amount: aid, CreditedOn: credit}, "payments.result_no_key", payment.SI, ""},
			{"a payment of nobody", payments.ResultRow{Payment: sqldb.NewID(), Amount: aid, CreditedOn: credit}, "payments.result_unlisted", payment.SI, ""},
			{"a NIK on no list", payments.ResultRow{NIK: f[0].niks[2], Amount: aid, CreditedOn: credit}, "payments.result_unlisted", payment.SI, ""},
			{"another amount", by(first, func(r *payments.ResultRow) { r.Amount = aid - 1 }), "payments.result_amount", payment.SI, ""},
			{"the NIK of somebody else", by(first, func(r *payments.ResultRow) { r.NIK = f[1].niks[1] }), "payments.result_person", payment.SI, ""},
			{"used, never credited", by(first, func(r *payments.ResultRow) { r.CreditedOn, r.UsedOn = period.Date{}, use }), "payments.result_contradiction", payment.SI, ""},
			{"a code nobody knows", by(first, func(r *payments.ResultRow) { r.Code = "ZZ" }), "payments.result_code", payment.SI, ""},
			{"money for one who is excluded", by(excluded), "payments.result_excluded_paid", payment.SI, ""},
			{"credited", by(first, func(r *payments.ResultRow) { r.Account = account(t, "12345678") }), "", payment.Credited, ""},
			{"the same again", by(first, func(r *payments.ResultRow) { r.Account = account(t, "12345678") }), "", payment.Credited, ""},
			{"the account of somebody else", by(first, func(r *payments.ResultRow) { r.Account, r.UsedOn = account(t, "87654321"), use }), "payments.result_account", payment.Credited, ""},
			{"used later", by(first, func(r *payments.ResultRow) { r.UsedOn, r.Code = use, "00" }), "", payment.PaidUsed, payment.PaidUsed},
			{"the file of the week before", by(first), "", payment.PaidUsed, payment.PaidUsed},
			{"rejected after it was used", by(first, func(r *payments.ResultRow) { r.CreditedOn, r.Code = period.Date{}, "05" }), "payments.result_transition", payment.PaidUsed, payment.PaidUsed},
		} {
			report := h.loaded(c, c2.row)
			code := ""
			if len(report.Rejected) > 0 {
				code = fail.CodeOf(report.Rejected[0].Err)
			}
			now := h.rows(c)[f[0].id]
			if code != c2.code || now.State != c2.state || now.Final != c2.final {
				t.Errorf("%s: rejected %q, state %s, final %q; want %q, %s, %q", c2.name, code, now.State, now.Final, c2.code, c2.state, c2.final)
			}
		}
		if n := h.count(`SELECT count(*) FROM pay_finding WHERE kabkota = 8171 AND state = 'open'`); n != 4 {
			t.Errorf("%d findings open, want the two unlisted, the excluded and the transition", n)
		}
		if n := h.count(`SELECT count(*) FROM pay_finding WHERE kabkota = 8171 AND state = 'settled'`); n != 5 {
			t.Errorf("%d findings settled by a good row, want 5", n)
		}
		report := h.loaded(c, by(second, func(r *payments.ResultRow) { r.UsedOn = use }), by(second, func(r *payments.ResultRow) { r.UsedOn = use }))
		if report.Applied != 1 || len(report.Rejected) != 1 || fail.CodeOf(report.Rejected[0].Err) != "payments.result_twice" {
			t.Errorf("one row twice in a file: %+v", report)
		}
		sheet, err := h.Open(t.Context(), h.officer, testkit.AmbonTenant, first.ID, "")
		if err != nil || len(sheet.Events) != 1 || sheet.Events[0].From != payment.Credited || sheet.Events[0].To != payment.PaidUsed {
			t.Errorf("history = %+v, %v", sheet.Events, err)
		}
	})
}

func TestTwoRowsThatDifferLeaveTheLineOpen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 1, testkit.Village)
		c := h.instructed(h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f)))
		report := h.loaded(c,
			payments.ResultRow{Line: 2, NIK: f[0].niks[1], Amount: aid, CreditedOn: credit, UsedOn: use},
			payments.ResultRow{Line: 3, NIK: f[0].niks[1], Amount: aid, Code: "05"})
		if report.Applied != 0 || len(report.Rejected) != 2 {
			t.Errorf("%+v", report)
		}
		if p := h.rows(c)[f[0].id]; p.State != payment.SI {
			t.Errorf("the line is %s", p.State)
		}
	})
}

func TestANIKWithTwoPaymentsNeedsMore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 1, testkit.Village)
		twice := place{family: f[0].id, area: f[0].area, amount: aid}
		c := h.instructed(h.open("local_aid", "2024-10", h.list("local_aid", twice, twice)))
		report := h.loaded(c, payments.ResultRow{NIK: f[0].niks[1], Amount: aid, CreditedOn: credit})
		if len(report.Rejected) != 1 || fail.CodeOf(report.Rejected[0].Err) != "payments.result_ambiguous" {
			t.Errorf("%+v", report)
		}
	})
}

func TestAStageClosesOnlyWhenTheSumsAgree(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true, chunk: 4})
		f := h.families(0, 10, testkit.Village)
		c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f))
		h.done("pay", stage(c))
		h.done("pay.instruct", order(c, 11*aid)) // one too many
		closing := func(want string) {
			t.Helper()
			if _, err := h.look("pay.close", stage(c)); fail.CodeOf(err) != want {
				t.Errorf("close: %v, want %q", err, want)
			}
		}
		closing("payments.stage_state")
		rows := h.simulated(c, 7)
		h.loaded(c, rows[:9]...)
		closing("payment.rows_open")
		h.loaded(c, rows[9])
		closing("payment.not_balanced")
		if _, err := h.look("pay.instruct", order(c, 10*aid)); !errors.Is(err, fail.Conflict("payments.stage_state")) {
			t.Errorf("the order was changed after the bank answered: %v", err)
		}
		h.exec(`UPDATE pay_cycle SET disbursed = $1 WHERE kabkota = 8171 AND id = $2`, int64(10*aid), c.ID)
		h.loaded(c, payments.ResultRow{Payment: sqldb.NewID(), Amount: aid, CreditedOn: credit})
		closing("payment.not_balanced")
		list, err := h.Findings(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.FindingFilter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Kind != payment.FindingUnlisted || list[0].Amount != aid {
			t.Fatalf("findings = %+v, %v", list, err)
		}
		if _, err := h.Settle(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.Settlement{IDs: []sqldb.ID{list[0].ID}}); fail.CodeOf(err) != "payments.note" {
			t.Errorf("settled without a word: %v", err)
		}
		if n, err := h.Settle(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.Settlement{Kind: payment.FindingUnlisted, Note: "uang ditarik kembali oleh bank"}); err != nil || n != 1 {
			t.Errorf("settled %d, %v", n, err)
		}
		r := h.done("pay.close", stage(c))
		if now := h.stage(c); now.State != payments.Closed || now.ClosedBy != h.head.ID || now.ClosedAt.IsZero() {
			t.Errorf("stage = %+v", now)
		}
		if r.Tally["rows"] != h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'PAID_UNUSED'`) {
			t.Errorf("tally = %+v", r.Tally)
		}
		if _, err := h.results(c, rows[0]); fail.CodeOf(err) != "payments.stage_state" {
			t.Errorf("a closed stage took results: %v", err)
		}
		if _, err := h.Settle(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.Settlement{Kind: payment.FindingUnlisted, Note: "x"}); fail.CodeOf(err) != "payments.stage_state" {
			t.Errorf("a closed stage was changed: %v", err)
		}
	})
}

func TestAResultThatSlipsInBetweenStopsTheClosing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 3, testkit.Village)
		c := h.instructed(h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f)))
		for i := range f {
			h.loaded(c, payments.ResultRow{NIK: f[i].niks[1], Amount: aid, CreditedOn: credit})
		}
		r, err := h.look("pay.close", stage(c))
		must(t, err)
		r = h.approved(r)
		kind := h.Kinds()[3]
		r.State = runs.Running
		chunk, err := kind.Prepare(t.Context(), r, "")
		must(t, err)
		h.loaded(c, payments.ResultRow{NIK: f[0].niks[1], Amount: aid, CreditedOn: credit, UsedOn: use})
		err = h.write(func(tx *act.Tx) error {
			_, err := chunk.Apply(t.Context(), tx)
			return err
		})
		if !errors.Is(err, fail.Conflict("payments.changed")) {
			t.Errorf("closed over a new result: %v", err)
		}
		h.done("pay.close", stage(c))
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND final = 'paid_used'`); n != 1 {
			t.Errorf("%d rows used, want the one that came in between", n)
		}
	})
}

func TestMoneyNobodyCollectsGoesBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		f := h.families(0, 3, testkit.Village)
		c := h.instructed(h.open("sembako", "2024-05", h.listOf("sembako", aid, f)))
		// 105 days: the last day for what was credited on 1 July is 14 October.
		h.loaded(c,
			payments.ResultRow{NIK: f[0].niks[1], Amount: aid, CreditedOn: period.On(2024, 7, 1)},
			payments.ResultRow{NIK: f[1].niks[1], Amount: aid, CreditedOn: period.On(2024, 7, 2)},
			payments.ResultRow{NIK: f[2].niks[1], Amount: aid, CreditedOn: period.On(2024, 7, 1), UsedOn: period.On(2024, 9, 1)})
		back := payments.ReturnSettings{StageSettings: stage(c), On: period.On(2024, 10, 16)}
		if _, err := h.look("pay.return", back); fail.CodeOf(err) != "payments.return_date" {
			t.Errorf("returned tomorrow: %v", err)
		}
		back.On = period.On(2024, 10, 15)
		r, err := h.look("pay.return", back)
		must(t, err)
		if r.Total != 1 {
			t.Errorf("%d rows due, want 1", r.Total)
		}
		if r, err = h.runs.Drive(t.Context(), testkit.AmbonTenant, h.approved(r).ID, nil); err != nil || r.Tally["returned"] != 1 {
			t.Fatalf("%+v, %v", r.Tally, err)
		}
		rows := h.rows(c)
		if p := rows[f[0].id]; p.Final != payment.Returned || p.Code != "UNCLAIMED" || p.ReturnedOn != back.On || p.Next.Cause.ID == "" {
			t.Errorf("%+v", p)
		}
		if p := rows[f[1].id]; p.State != payment.Credited || p.BackBy != period.On(2024, 10, 15) {
			t.Errorf("%s, back by %s: its last day is not over", p.State, p.BackBy)
		}
		h.done("pay.close", stage(c))
		local := h.instructed(h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f)))
		h.loaded(local, payments.ResultRow{NIK: f[0].niks[1], Amount: aid, CreditedOn: credit})
		if _, err := h.look("pay.return", payments.ReturnSettings{StageSettings: stage(local), On: back.On}); fail.CodeOf(err) != "payments.no_return" {
			t.Errorf("a programme without a term: %v", err)
		}
	})
}

// TestEveryRowEndsInExactlyOneFinalState feeds a stage with the bank's answer in a random order, in pieces, with
// repetitions, older pieces and rows that are wrong, and closes it: every row has one final state, the sums by
// final state are the list's, and whatever was wrong is on record.
func TestEveryRowEndsInExactlyOneFinalState(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true, chunk: 16})
		f := append(h.families(0, 30, testkit.Village), h.families(100, 30, testkit.Neighbour)...)
		h.exec(`UPDATE family SET state = 2 WHERE kabkota = 8171 AND id = $1`, f[7].id)
		places := make([]place, len(f))
		for i := range f {
			places[i] = place{family: f[i].id, area: f[i].area, amount: money.Rupiah(100_000 * (1 + i%5))}
		}
		list := h.list("pkh", places...)
		for seed := range uint64(6) {
			rng := rand.New(rand.NewPCG(seed, 1))
			c := h.instructed(h.open("pkh", []string{"2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"}[seed], list))
			rows := h.simulated(c, seed)
			wrong := 0
			for range 4 {
				rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				for at := 0; at < len(rows); at += 13 {
					piece := append([]payments.ResultRow(nil), rows[at:min(at+13, len(rows))]...)
					for i := range piece {
						switch bad := rng.IntN(20); bad {
						case 0:
							piece[i].Amount += 5
						case 1:
							piece[i].Payment = sqldb.NewID()
						case 2:
							piece[i].UsedOn = period.Date{} // an older file
						default:
							continue
						}
						wrong++
					}
					h.loaded(c, piece...)
				}
			}
			h.loaded(c, rows...)
			if wrong == 0 {
				t.Fatal("the test spoiled nothing")
			}
			if h.count(`SELECT count(*) FROM pay_finding WHERE kabkota = 8171 AND cycle_id = $1 AND state = 'open'`, c.ID) > 0 {
				if _, err := h.look("pay.close", stage(c)); err == nil {
					t.Error("a stage with findings was closed")
				}
			}
			for _, kind := range []payment.FindingKind{payment.FindingUnlisted, payment.FindingAmount} {
				_, err := h.Settle(t.Context(), h.officer, testkit.AmbonTenant, c.ID, payments.Settlement{Kind: kind, Note: "uji"})
				must(t, err)
			}
			h.done("pay.close", stage(c))
			report, err := h.Report(t.Context(), h.head, testkit.AmbonTenant, c.ID)
			must(t, err)
			var ended payments.Sum
			for _, final := range payment.Finals() {
				ended.Rows += report.ByFinal[final].Rows
				ended.Amount += report.ByFinal[final].Amount
			}
			if ended != report.Listed || len(report.ByFinal) > 4 || report.Open.Rows != 0 || report.Listed.Amount != c.Amount || report.Listed.Rows != 60 {
				t.Errorf("seed %d: ended %+v, report %+v", seed, ended, report)
			}
			if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND cycle_id = $1 AND upper(final) = state`, c.ID); n != 60 {
				t.Errorf("seed %d: %d of 60 rows have one final state", seed, n)
			}
			if report.List != 0 || report.Bank != 0 {
				t.Errorf("seed %d: differences %s, %s", seed, report.List, report.Bank)
			}
		}
	})
}

func TestWhoMayLoadResults(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), level{})
	c := h.instructed(h.open("local_aid", "2024-10", h.listOf("local_aid", aid, h.families(0, 1, testkit.Village))))
	for _, who := range []access.Actor{h.operator, h.head, testkit.Person(9, access.PaymentOfficer, testkit.Village)} {
		err := h.acts.Write(t.Context(), who, "test", func(tx *act.Tx) error {
			_, err := h.LoadResultsIn(t.Context(), tx, testkit.AmbonTenant, c.ID, nil)
			if err == nil {
				err = tx.Record(t.Context(), audit.Entry{Tenant: testkit.AmbonTenant})
			}
			return err
		})
		if !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("%s: %v", who.Login, err)
		}
	}
	if _, err := h.Simulated(t.Context(), h.officer, h.bank, testkit.AmbonTenant, c.ID, 1, nil); !errors.Is(err, fail.Forbidden("installation.not_our_level")) {
		t.Errorf("a real installation simulated a bank: %v", err)
	}
}
