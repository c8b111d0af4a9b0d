package payments_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/money"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/internal/testkit"
)

// of dates a list: it is in force from this month.
func (h house) of(month string, list sqldb.ID) sqldb.ID {
	h.t.Helper()
	h.exec(`UPDATE programme_list SET period = $1 WHERE kabkota = 8171 AND id = $2`, month, list)
	return list
}

// supersede puts a list out of force as programmes does when another follows: its rows end, enrolled ones because they go
// on, suspended ones because they were.
func (h house) supersede(list sqldb.ID) {
	h.t.Helper()
	h.exec(`UPDATE programme_list SET state = 'superseded', recorded_at = recorded_at + 1 WHERE kabkota = 8171 AND id = $1`, list)
	h.exec(`UPDATE enrolment SET state = 4, valid_to = '2024-10-31', version = version + 1,
			ended_reason = CASE state WHEN 1 THEN 'continues' WHEN 2 THEN 'list_over' WHEN 3 THEN 'suspended' ELSE ended_reason END
		WHERE kabkota = 8171 AND list_id = $1`, list)
}

func (h house) opened(period string) (payments.Cycle, error) {
	h.t.Helper()
	return h.OpenCycle(h.t.Context(), h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: "local_aid", Period: period})
}

func TestAStageIsPaidFromTheListInForceOnItsFirstDay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 3})
		some := h.families(0, 8, testkit.Village)
		october := h.of("2024-10", h.listOf("local_aid", 300_000, some[:6]))
		h.exec(`UPDATE enrolment SET state = 3 WHERE kabkota = 8171 AND list_id = $1 AND family_id = $2`, october, some[4].id)
		h.exec(`UPDATE enrolment SET state = 4, ended_reason = 'decision' WHERE kabkota = 8171 AND list_id = $1 AND family_id = $2`, october, some[5].id)
		h.supersede(october)
		november := h.of("2024-11", h.listOf("local_aid", 400_000, some[2:]))
		first, second := h.of("2024-12", h.listOf("local_aid", 1, some[:1])), h.of("2024-12", h.listOf("local_aid", 500_000, some[:2]))
		h.supersede(first)
		draft := h.of("2025-01", h.list("local_aid"))
		h.exec(`UPDATE programme_list SET state = 'draft' WHERE kabkota = 8171 AND id = $1`, draft)

		for _, c := range []struct {
			name, period string
			list         sqldb.ID
			rows         int
			amount       money.Rupiah
		}{
			{"the list that another followed pays the stages of its time", "2024-10", october, 4, 300_000},
			{"the following list pays from its month on", "2024-11", november, 6, 400_000},
			{"of two lists of a month the one in force counts", "2024-12", second, 2, 500_000},
			{"a list is in force until the next is decided", "2025-03", second, 2, 500_000},
		} {
			cycle, err := h.opened(c.period)
			if err != nil || cycle.List != c.list || !cycle.OwnMoney {
				t.Errorf("%s: %+v, %v; want list %s", c.name, cycle, err, c.list)
				continue
			}
			h.done("pay", stage(cycle))
			rows := h.rows(cycle)
			if len(rows) != c.rows || h.stage(cycle).Amount != c.amount*money.Rupiah(c.rows) {
				t.Errorf("%s: %d rows, %s", c.name, len(rows), h.stage(cycle).Amount)
			}
			for _, p := range rows {
				if p.Amount != c.amount {
					t.Errorf("%s: a row of %s", c.name, p.Amount)
				}
			}
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'payments.open' AND subject = $1 AND facts LIKE $2`, cycle.ID, "%"+c.list.String()+"%"); n != 1 {
				t.Errorf("%s: the log does not name the list", c.name)
			}
		}
	})
}

func TestALongStageIsPaidFromTheListOfItsFirstMonthOrTheFirstWithinIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		open := func(period string) (payments.Cycle, error) {
			return h.OpenCycle(t.Context(), h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: "pkh", Period: period})
		}
		february, june := h.of("2024-02", h.list("pkh")), h.of("2024-06", h.list("pkh"))
		h.supersede(february)
		for _, c := range []struct {
			name, period, code string
			list               sqldb.ID
		}{
			{"before any list", "2023-Q4", "payments.no_list", sqldb.ID{}},
			{"the first list came within the quarter", "2024-Q1", "", february},
			{"the one in force when the quarter began, though another came within it", "2024-Q2", "", february},
			{"the following quarter", "2024-Q3", "", june},
		} {
			cycle, err := open(c.period)
			if fail.CodeOf(err) != c.code || cycle.List != c.list {
				t.Errorf("%s: %s, %v; want %s", c.name, cycle.List, err, c.list)
			}
		}
		_, err := h.OpenCycle(t.Context(), h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: "pkh", Period: "2024-Q4", List: february})
		if fail.CodeOf(err) != "payments.list_not_in_force" {
			t.Errorf("a list whose time is over: %v", err)
		}
	})
}

func TestARunApprovedBeforeTheNextListIsFrozenPaysTheSame(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{chunk: 2})
		some := h.families(0, 5, testkit.Village)
		october := h.of("2024-10", h.listOf("local_aid", 300_000, some))
		cycle, err := h.opened("2024-10")
		must(t, err)
		r, err := h.look("pay", stage(cycle))
		must(t, err)
		r = h.approved(r)
		if _, _, err = h.runs.Step(t.Context(), testkit.AmbonTenant, r.ID); err != nil {
			t.Fatal(err)
		}
		h.supersede(october) // between two chunks
		h.of("2024-11", h.listOf("local_aid", 300_000, some[:1]))
		if r, err = h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); err != nil {
			t.Fatal(err)
		}
		if got := h.stage(cycle); got.Rows != 5 || got.Amount != 5*300_000 {
			t.Errorf("%d rows of %s were worked out", got.Rows, got.Amount)
		}
		list, err := h.PaidFrom(t.Context(), h.head, cycle)
		if err != nil || list.ID != october || list.State != "superseded" || list.From.Text() != "2024-10" {
			t.Errorf("paid from %+v, %v", list, err)
		}
		if _, err := h.PaidFrom(t.Context(), testkit.Person(9, access.AgencyHead, testkit.Village), cycle); fail.CodeOf(err) != "access.denied" {
			t.Errorf("who reads no runs of the district: %v", err)
		}
	})
}
