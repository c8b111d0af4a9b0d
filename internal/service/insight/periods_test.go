package insight_test

import (
	"maps"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

func month(t testing.TB, text string) period.Month {
	t.Helper()
	m, err := period.ParseMonth(text)
	must(t, err)
	return m
}

func TestAClosedMonthNeverChanges(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		closing := func(who access.Actor, text, want string) insight.Closed {
			t.Helper()
			c, err := h.CloseMonth(t.Context(), who, testkit.AmbonTenant, month(t, text))
			if fail.CodeOf(err) != want {
				t.Errorf("closing %s: %v, want %q", text, err, want)
			}
			return c
		}
		closing(h.head, "2024-10", "insight.month_early")
		closing(h.analyst, "2024-09", "access.denied")
		closing(h.operator, "2024-09", "access.denied")
		first := closing(h.head, "2024-09", "")
		if first.AsOf != h.clock.Now() || first.Rows == 0 || len(first.Digest) != 64 {
			t.Errorf("%+v", first)
		}
		closing(h.head, "2024-09", "insight.month_closed")
		closing(h.head, "2024-08", "insight.month_order")

		frozen := h.rollup("2024-09")
		h.families(60, 5, 2, benteng)
		h.clock.Move(16 * 24 * time.Hour) // 31 October
		h.refresh()
		if !maps.Equal(frozen, h.rollup("2024-09")) {
			t.Error("a refresh changed a closed month")
		}
		second := closing(h.head, "2024-10", "")
		if again, err := h.Verify(t.Context(), h.analyst, testkit.AmbonTenant, month(t, "2024-09")); err != nil || again != first {
			t.Errorf("%+v, %v; was %+v", again, err, first)
		}
		if first.Digest == second.Digest {
			t.Error("two months have one digest")
		}
		for of, want := range map[string]int64{"2024-09": 20, "2024-10": 25, "": 25} {
			d, err := h.Dashboard(t.Context(), h.head, insight.View{Area: testkit.Ambon, Period: of})
			must(t, err)
			if got := figure(t, d, "families").N; got != want {
				t.Errorf("%q: %d families, want %d", of, got, want)
			}
		}
		months, err := h.Months(t.Context(), h.operator, benteng)
		if err != nil || len(months) != 2 || months[0].Text() != "2024-10" {
			t.Errorf("months = %v, %v", months, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'insight.close' AND facts LIKE '%' || $1 || '%'`, first.Digest); n != 1 {
			t.Errorf("%d entries hold the digest", n)
		}
		h.exec(`UPDATE rollup SET n = n + 1 WHERE kabkota = 8171 AND period = '2024-09' AND metric = 'families' AND area_code = $1`, int64(benteng))
		if again, err := h.Verify(t.Context(), h.analyst, testkit.AmbonTenant, month(t, "2024-09")); err != nil || again.Digest == first.Digest {
			t.Errorf("a changed number went unnoticed: %+v, %v", again, err)
		}
		if _, err := h.Verify(t.Context(), h.analyst, testkit.AmbonTenant, month(t, "2024-01")); fail.CodeOf(err) != "insight.period" {
			t.Errorf("an open month: %v", err)
		}
	})
}

func TestAMonthOfAProvinceIsClosedWhenAllItsDistrictsAre(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, testkit.Ambon, 8172000000)
		h.families(0, 2, 1, benteng)
		who := access.Actor{ID: [16]byte{7}, Grants: []access.Grant{{Role: access.Analyst, Area: 0}, {Role: access.AgencyHead, Area: 0}}}
		closed := func(at insight.View) string {
			_, err := h.Dashboard(t.Context(), who, at)
			return fail.CodeOf(err)
		}
		_, err := h.CloseMonth(t.Context(), who, testkit.AmbonTenant, month(t, "2024-09"))
		must(t, err)
		if got := closed(insight.View{Area: testkit.Ambon, Period: "2024-09"}); got != "" {
			t.Errorf("the district that closed: %s", got)
		}
		if got := closed(insight.View{Area: maluku, Period: "2024-09"}); got != "insight.period" {
			t.Errorf("the province, one of two closed: %q", got)
		}
		_, err = h.CloseMonth(t.Context(), who, 8172, month(t, "2024-09"))
		must(t, err)
		if got := closed(insight.View{Area: maluku, Period: "2024-09"}); got != "" {
			t.Errorf("the province, both closed: %s", got)
		}
	})
}

func TestTheMorningPage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		h.proposals(proposed{batuMerah, "INITIAL_LIST", "2024-10-01", "2024-10-15"}, proposed{batuMerah, "ESTABLISHED", "2024-10-01", "2024-10-15"})
		maker := testkit.Person(5, access.Verifier, testkit.Ambon)
		wait := func(who access.Actor) {
			r, err := h.runs.Create(t.Context(), who, runs.NewRun{Kind: "screen", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: map[string]any{}})
			must(t, err)
			_, err = h.runs.Look(t.Context(), who, testkit.AmbonTenant, r.ID)
			must(t, err)
			_, err = h.runs.Submit(t.Context(), who, testkit.AmbonTenant, r.ID)
			must(t, err)
		}
		wait(maker)
		both := h.head
		both.Grants = append(both.Grants, maker.Grants...)
		wait(both) // her own: another must approve it
		m, err := h.Morning(t.Context(), both)
		must(t, err)
		if m.Title != "Kota Ambon" || m.Day != period.On(2024, 10, 15) || m.AsOf != h.clock.Now() {
			t.Errorf("%+v", m)
		}
		if m.DueToday != 2 || m.Open != 3 || m.Overdue != 1 || m.Villages != 50 || m.Asleep != 49 || m.Failed != 1 || m.Mismatches != 10 || m.Persons != 50 {
			t.Errorf("%+v", m)
		}
		if len(m.Late) != 1 || m.Late[0].Area != benteng || m.Late[0].N != 1 || m.Late[0].Title != "Kelurahan Benteng" {
			t.Errorf("late: %+v", m.Late)
		}
		if len(m.Sleepers) != 10 || !m.Sleepers[0].Since.IsZero() {
			t.Errorf("asleep: %+v", m.Sleepers)
		}
		if len(m.Approvals) != 1 || m.Approvals[0].CreatedBy != maker.ID || m.Decisions != 1 {
			t.Errorf("%d approvals, %d decisions; want 1 and the one at DISTRICT_VERIFIED", len(m.Approvals), m.Decisions)
		}
		m, err = h.Morning(t.Context(), h.operator)
		if err != nil || m.Area != benteng || m.DueToday != 1 || m.Overdue != 1 || m.Asleep != 0 || len(m.Sleepers) != 0 || len(m.Approvals) != 0 || m.Decisions != 0 {
			t.Errorf("the operator's: %+v, %v", m, err)
		}
		h.clock.Move(31 * 24 * time.Hour)
		h.refresh()
		if m, err = h.Morning(t.Context(), h.operator); err != nil || m.Asleep != 1 || len(m.Sleepers) != 1 || m.Sleepers[0].Since.IsZero() {
			t.Errorf("a month later: %+v, %v", m, err)
		}
		if _, err := h.Morning(t.Context(), access.Actor{}); fail.KindOf(err) != fail.KindUnauthorized {
			t.Errorf("nobody: %v", err)
		}
	})
}
