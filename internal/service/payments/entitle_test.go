package payments_test

import (
	"errors"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

const aid = money.Rupiah(200_000)

func TestEveryRowOfTheListStandsInTheStage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 3})
		f := h.families(0, 8, testkit.Village)
		children := h.families(20, 1, testkit.Neighbour, somebody{person.Head, person.Female, 15})[0]
		h.exec(`UPDATE family SET state = 2 WHERE kabkota = 8171 AND id = $1`, f[1].id)
		h.exec(`UPDATE family SET state = 3 WHERE kabkota = 8171 AND id = $1`, f[2].id)
		h.exec(`UPDATE person SET state = 7 WHERE kabkota = 8171 AND id = $1`, f[3].persons[1])
		h.exec(`UPDATE person SET match_status = $1 WHERE kabkota = 8171 AND family_id = $2`, int64(civilmatch.Dead), f[4].id)
		places := []place{
			{family: f[0].id, area: f[0].area, amount: aid},
			{family: f[1].id, area: f[1].area, amount: aid},
			{family: f[2].id, area: f[2].area, amount: aid},
			{family: f[3].id, area: f[3].area, amount: aid, person: f[3].persons[1]}, // the mother died
			{family: f[4].id, area: f[4].area, amount: aid, person: f[4].persons[1]}, // all of them
			{family: f[5].id, area: f[5].area, amount: 0},
			{family: f[6].id, area: f[6].area, amount: 3 * aid, person: f[6].persons[0]}, // the list names the man
			{family: f[7].id, area: f[7].area, amount: aid, state: 2},                    // waiting
			{family: children.id, area: children.area, amount: aid},
			{family: sqldb.NewID(), area: testkit.Village, amount: aid}, // nobody there
		}
		c := h.open("local_aid", "2024-10", h.list("local_aid", places...))
		r := h.done("pay", stage(c))
		rows := h.rows(c)
		for name, want := range map[string]struct {
			family sqldb.ID
			person sqldb.ID
			state  payment.Status
			code   string
		}{
			"to the mother":                  {f[0].id, f[0].persons[1], payment.Listed, ""},
			"the family was removed":         {f[1].id, f[1].persons[1], payment.Excluded, "FAMILY_ENDED"},
			"the family moved away":          {f[2].id, f[2].persons[1], payment.Excluded, "FAMILY_MOVED"},
			"the mother died: to the father": {f[3].id, f[3].persons[0], payment.Listed, ""},
			"all died":                       {f[4].id, f[4].persons[1], payment.ExcludedDead, "NO_PAYEE"},
			"no amount":                      {f[5].id, f[5].persons[1], payment.Excluded, "NO_AMOUNT"},
			"to whom the list names":         {f[6].id, f[6].persons[0], payment.Listed, ""},
			"children only":                  {children.id, children.persons[0], payment.Excluded, "NO_PAYEE"},
		} {
			got := rows[want.family]
			if got.Person != want.person || got.State != want.state || got.Code != want.code {
				t.Errorf("%s: person %s, %s %s; want %s, %s %s", name, got.Person, got.State, got.Code, want.person, want.state, want.code)
			}
			if excluded := want.state != payment.Listed; (got.Repair == payments.RepairOpen) != excluded || (got.Excluded == want.state) != excluded {
				t.Errorf("%s: repair %q, excluded %q", name, got.Repair, got.Excluded)
			}
		}
		if len(rows) != 8 {
			t.Errorf("%d rows, want 8: the waiting one and the empty one are left out", len(rows))
		}
		want := runs.Tally{"rows": 8, "rows_amount": int64(9 * aid), "excluded": 5, "excluded_amount": int64(4 * aid), "left_out": 1, "left_out_amount": int64(aid), "payee_changed": 1}
		for k, n := range want {
			if r.Tally[k] != n {
				t.Errorf("tally %s = %d, want %d", k, r.Tally[k], n)
			}
		}
		if now := h.stage(c); now.Rows != 8 || now.Amount != 9*aid || now.Run != r.ID {
			t.Errorf("stage = %+v", now)
		}
		if n := h.count(`SELECT count(*) FROM run_item WHERE kabkota = 8171 AND run_id = $1`, r.ID); n != 7 {
			t.Errorf("%d items, want 5 excluded, 1 left out, 1 with another payee", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'pay.chunk'`); n != 4 {
			t.Errorf("%d entries for 4 chunks", n)
		}
	})
}

func TestAPersonsProgrammePaysPersons(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		f := h.families(0, 2, testkit.Village)
		h.exec(`UPDATE person SET state = 7 WHERE kabkota = 8171 AND id = $1`, f[0].persons[0])
		h.exec(`UPDATE person SET state = 2 WHERE kabkota = 8171 AND id = $1`, f[1].persons[0])
		var places []place
		for _, of := range f {
			for _, id := range of.persons {
				places = append(places, place{family: of.id, person: id, area: of.area, amount: 42_000})
			}
		}
		c := h.open("pbi_jk", "2024-10", h.list("pbi_jk", places...))
		h.done("pay", stage(c))
		for query, want := range map[string]int64{
			`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'LISTED'`:                                4,
			`SELECT count(DISTINCT person_id) FROM payment WHERE kabkota = 8171`:                                    6,
			`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'EXCLUDED_DEAD' AND code='PERSON_DEAD'`:  1,
			`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'EXCLUDED' AND code='PERSON_ENDED'`:      1,
			`SELECT count(*) FROM payment WHERE kabkota = 8171 AND channel = 'bpjs_kesehatan'`:                      6,
			`SELECT CAST(sum(amount) AS BIGINT) FROM payment WHERE kabkota = 8171 AND final = '' AND excluded = ''`: 4 * 42_000,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestAStageIsApprovedByAnotherPersonAndAsItWasShown(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		f := h.families(0, 4, testkit.Village)
		list := h.listOf("local_aid", aid, f)
		c := h.open("local_aid", "2024-10", list)
		r, err := h.look("pay", stage(c))
		must(t, err)
		r, err = h.runs.Submit(t.Context(), h.officer, testkit.AmbonTenant, r.ID)
		must(t, err)
		if _, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); fail.KindOf(err) != fail.KindAwaiting {
			t.Errorf("driven without approval: %v", err)
		}
		both := h.officer
		both.Grants = append(both.Grants, h.head.Grants...)
		if _, err := h.runs.Approve(t.Context(), both, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.same_person")) {
			t.Errorf("approved by its maker: %v", err)
		}
		if _, err := h.runs.Approve(t.Context(), h.operator, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("approved by a village: %v", err)
		}
		r, err = h.runs.Approve(t.Context(), h.head, testkit.AmbonTenant, r.ID)
		must(t, err)
		h.exec(`UPDATE enrolment SET state = 4 WHERE kabkota = 8171 AND list_id = $1 AND position = 2`, list)
		if _, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); !errors.Is(err, fail.Conflict("payments.list_changed")) {
			t.Errorf("the list changed after it was approved: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d payments kept", n)
		}
		h.done("pay", stage(c))
		if _, err := h.do("pay", stage(c)); !errors.Is(err, fail.Conflict("payments.stage_state")) {
			t.Errorf("a second run paid the same stage: %v", err)
		}
		if n := h.stage(c).Rows; n != 3 {
			t.Errorf("%d rows, want 3", n)
		}
	})
}

func TestAListWithoutAmountsIsNotPaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), level{})
	c := h.open("local_aid", "2024-10", h.listOf("local_aid", 0, h.families(0, 2, testkit.Village)))
	if _, err := h.look("pay", stage(c)); !errors.Is(err, fail.Conflict("payments.no_amount")) {
		t.Errorf("err = %v", err)
	}
}

func TestAKilledRunGoesOnWithoutDoubles(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 7})
		f := h.families(0, 50, testkit.Village)
		c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, f))
		r, err := h.look("pay", stage(c))
		must(t, err)
		r = h.approved(r)
		for range 3 { // three chunks, and the process is gone
			if _, more, err := h.runs.Step(t.Context(), testkit.AmbonTenant, r.ID); err != nil || !more {
				t.Fatalf("more = %v, %v", more, err)
			}
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171`); n != 21 {
			t.Fatalf("%d payments after 3 chunks of 7", n)
		}
		r, err = h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil)
		if err != nil || r.State != runs.Done {
			t.Fatalf("%s, %v", r.State, err)
		}
		if n, d := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171`), h.count(`SELECT count(DISTINCT enrolment_id) FROM payment WHERE kabkota = 8171`); n != 50 || d != 50 {
			t.Errorf("%d payments of %d enrolments, want 50 of 50", n, d)
		}

		// The order too, killed between its chunks.
		if r, err = h.look("pay.instruct", order(c, 50*aid)); err != nil {
			t.Fatal(err)
		}
		r = h.approved(r)
		for range 2 {
			if _, _, err := h.runs.Step(t.Context(), testkit.AmbonTenant, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if s := h.stage(c).State; s != payments.Open {
			t.Errorf("half instructed, the stage is %s", s)
		}
		if _, err := h.results(c); fail.CodeOf(err) != "payments.stage_state" {
			t.Errorf("results of a half instructed stage: %v", err)
		}
		if r, err = h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); err != nil || r.Tally["rows"] != 50 || r.Tally["si"] != 50 {
			t.Errorf("%+v, %v", r.Tally, err)
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND state = 'SI'`); n != 50 || h.stage(c).State != payments.Instructed {
			t.Errorf("%d instructed, stage %s", n, h.stage(c).State)
		}
	})
}

func TestAStageIsTakenBackUntilItIsInstructed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 3})
		f := h.families(0, 8, testkit.Village)
		list := h.listOf("local_aid", aid, f)
		first := h.open("local_aid", "2024-10", list)
		r := h.done("pay", stage(first))
		if _, err := h.runs.Undo(t.Context(), h.officer, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("undone by one who may not approve: %v", err)
		}
		undo := func(r runs.Run) (runs.Run, error) {
			_, err := h.runs.Undo(t.Context(), h.head, testkit.AmbonTenant, r.ID)
			must(t, err)
			return h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil)
		}
		if r, err := undo(r); err != nil || r.State != runs.Undone {
			t.Fatalf("%s, %v", r.State, err)
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND final = 'rejected' AND code = 'CANCELLED'`); n != 8 || h.stage(first).State != payments.Cancelled {
			t.Errorf("%d rows ended, stage %s", n, h.stage(first).State)
		}
		second := h.open("local_aid", "2024-10", list)
		r = h.done("pay", stage(second))
		h.done("pay.instruct", order(second, 8*aid))
		if _, err := h.runs.Undo(t.Context(), h.head, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Conflict("payments.stage_state")) {
			t.Errorf("an instructed stage was taken back: %v", err)
		}
		if r, err := h.runs.Show(t.Context(), h.head, testkit.AmbonTenant, r.ID); err != nil || r.State != runs.Done {
			t.Errorf("the run of an instructed stage is %s after the try, %v", r.State, err)
		}
		if n := h.count(`SELECT count(*) FROM payment WHERE kabkota = 8171 AND cycle_id = $1 AND state = 'SI'`, second.ID); n != 8 {
			t.Errorf("%d rows still with the bank, want 8", n)
		}
	})
}

func TestTheNextStagePaysToTheSameAccount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		f := h.families(0, 2, testkit.Village)
		list := h.listOf("sembako", aid, f)
		c := h.instructed(h.open("sembako", "2024-07", list))
		rows := h.rows(c)
		account, err := payments.ParseAccount("0021 0112 3456")
		must(t, err)
		h.loaded(c, payments.ResultRow{Line: 2, NIK: f[0].niks[1], Amount: aid, Account: account, Code: "78"})
		must(t, h.Mend(t.Context(), h.operator, payments.Mend{
			Tenant: testkit.AmbonTenant, Payment: rows[f[0].id].ID, Version: h.rows(c)[f[0].id].Version, What: payments.ByPos, Note: "bayar lewat Pos",
		}))
		next := h.rows(h.instructed(h.open("sembako", "2024-09", list)))
		if p := next[f[0].id]; p.Account != account || p.Channel != "pos" {
			t.Errorf("account %s by %s, want the one of the stage before, by Pos", p.Account, p.Channel)
		}
		if p := next[f[1].id]; !p.Account.IsZero() || p.Channel != "himbara" {
			t.Errorf("account %s by %s, want none, by bank", p.Account, p.Channel)
		}
	})
}

func TestNobodyRunsPaymentsWithoutTheRight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), level{})
	c := h.open("local_aid", "2024-10", h.listOf("local_aid", aid, h.families(0, 1, testkit.Village)))
	for _, kind := range h.Kinds() {
		for _, role := range access.Roles() {
			who := testkit.Person(7, role, testkit.Ambon)
			_, err := h.runs.Create(t.Context(), who, runs.NewRun{Kind: kind.Name, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: stage(c)})
			if allowed := role == access.PaymentOfficer; (err == nil) != allowed {
				t.Errorf("%s as %s: %v", kind.Name, role, err)
			}
		}
	}
}

func TestWhatAStageOwesByVillageAndAmount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 2})
		near, far := h.families(0, 3, testkit.Village), h.families(50, 2, testkit.Neighbour)
		h.exec(`UPDATE family SET state = 2 WHERE kabkota = 8171 AND id = $1`, near[0].id)
		var places []place
		for i, f := range append(near, far...) {
			places = append(places, place{family: f.id, area: f.area, amount: aid * money.Rupiah(1+i%2)})
		}
		c := h.open("local_aid", "2024-10", h.list("local_aid", places...))
		for name, who := range map[string]access.Actor{"who pays": h.officer, "who approves": h.head} {
			owed, err := h.Owed(t.Context(), who, testkit.AmbonTenant, c.ID)
			if err != nil || owed.Listed != (payments.Sum{Rows: 5, Amount: 7 * aid}) || owed.Excluded != (payments.Sum{Rows: 1, Amount: aid}) {
				t.Fatalf("%s: %+v, %v", name, owed, err)
			}
			if v := owed.Villages; len(v) != 2 || v[0].Listed != (payments.Sum{Rows: 3, Amount: 4 * aid}) || v[0].Excluded.Rows != 1 || v[1].Listed.Amount != 3*aid {
				t.Errorf("%s: villages = %+v", name, v)
			}
			if a := owed.Amounts; len(a) != 2 || a[0] != (payments.OwedAmount{Amount: aid, Rows: 3}) || a[1].Rows != 2 {
				t.Errorf("%s: amounts = %+v", name, a)
			}
		}
		if _, err := h.Owed(t.Context(), h.operator, testkit.AmbonTenant, c.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village: %v", err)
		}
		h.done("pay", stage(c))
		if now := h.stage(c); now.Amount != 7*aid {
			t.Errorf("the run kept %s, owed were %s", now.Amount, 7*aid)
		}
	})
}
