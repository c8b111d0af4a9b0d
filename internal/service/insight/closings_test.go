package insight_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

func TestClosingsTellWhoAndWhen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		closable := func(when string, want ...string) {
			t.Helper()
			list, err := h.Closable(t.Context(), h.head, testkit.AmbonTenant)
			must(t, err)
			got := make([]string, len(list))
			for i, m := range list {
				got[i] = m.Text()
			}
			if len(got) != len(want) {
				t.Fatalf("%s: %v may be closed, want %v", when, got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s: %v may be closed, want %v", when, got, want)
				}
			}
		}
		closable("before the first", "2024-09")
		_, err := h.CloseMonth(t.Context(), h.head, testkit.AmbonTenant, month(t, "2024-09"))
		must(t, err)
		first := h.clock.Now()
		closable("in the next month")
		for h.clock.Now().Before(time.Date(2024, 10, 31, 3, 0, 0, 0, time.UTC)) {
			h.clock.Move(time.Hour)
		}
		closable("on its last day", "2024-10")
		h.clock.Move(40 * 24 * time.Hour)
		closable("a month later", "2024-10", "2024-11")
		_, err = h.CloseMonth(t.Context(), h.head, testkit.AmbonTenant, month(t, "2024-10"))
		must(t, err)
		list, err := h.Closings(t.Context(), h.analyst, testkit.AmbonTenant)
		must(t, err)
		if len(list) != 2 || list[0].Month != (month(t, "2024-10")) || list[1].Month != period.MonthOf(period.On(2024, 9, 1)) {
			t.Fatalf("closings %+v", list)
		}
		if c := list[1]; !c.ClosedAt.Equal(first) || c.By != sqldb.ID(h.head.ID) || !c.AsOf.Equal(first) {
			t.Errorf("the first: %+v, closed at %v by %v", c, first, h.head.ID)
		}
		if _, err := h.Closings(t.Context(), access.Actor{ID: [16]byte{9}}, testkit.AmbonTenant); fail.CodeOf(err) != "access.denied" {
			t.Errorf("a stranger reads the closings: %v", err)
		}
	})
}
