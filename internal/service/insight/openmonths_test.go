package insight_test

import (
	"reflect"
	"testing"
	"time"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
)

// TestPublicFiguresAreThoseOfAClosedMonth: before a month is closed they are the day's; afterwards those that were frozen, whatever
// is counted since, each month under its own name.
func TestPublicFiguresAreThoseOfAClosedMonth(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, ctx := town(t, db), t.Context()
		open := func(m period.Month) insight.OpenFigures {
			t.Helper()
			f, err := h.Open(ctx, testkit.Ambon, m)
			must(t, err)
			return f
		}
		later := func() { h.clock.Move(6 * time.Minute) } // what was shown is kept for five
		_, err := h.Refresh(ctx, testkit.AmbonTenant)
		must(t, err)
		day := open(period.Month{})
		if !day.Month.IsZero() || len(day.Months) != 0 || day.Lines[0].Values[0].N == 0 {
			t.Fatalf("before a month is closed: %+v", day)
		}
		september, october := month(t, "2024-09"), month(t, "2024-10")
		_, err = h.CloseMonth(ctx, h.head, testkit.AmbonTenant, september)
		must(t, err)
		later()
		first := open(period.Month{})
		if first.Month != september || !reflect.DeepEqual(first.Lines, day.Lines) {
			t.Errorf("after closing: %s, %+v", first.Month, first.Lines[0])
		}
		h.families(500, 30, 2, testkit.Village)
		_, err = h.Refresh(ctx, testkit.AmbonTenant)
		must(t, err)
		later()
		if again := open(period.Month{}); !reflect.DeepEqual(again, first) {
			t.Errorf("counted anew: %+v", again.Lines[0])
		}
		h.clock.Move(40 * 24 * time.Hour)
		_, err = h.CloseMonth(ctx, h.head, testkit.AmbonTenant, october)
		must(t, err)
		second := open(period.Month{})
		if second.Month != october || len(second.Months) != 2 || second.Lines[0].Values[0].N != first.Lines[0].Values[0].N+30 {
			t.Errorf("the next month: %s of %v, %+v", second.Month, second.Months, second.Lines[0])
		}
		if old := open(september); !reflect.DeepEqual(old.Lines, first.Lines) || !old.AsOf.Equal(first.AsOf) {
			t.Errorf("the month before: %+v", old.Lines[0])
		}
		hidden := 0
		for i, l := range first.Lines {
			for j, v := range l.Values {
				if v.Hidden {
					if hidden++; !second.Lines[i].Values[j].Hidden {
						t.Errorf("%s, column %d: hidden in September and shown in October", l.Code.Dotted(), j)
					}
				}
			}
		}
		if hidden == 0 {
			t.Error("no number is small: the town proves little")
		}
		if _, err := h.Open(ctx, testkit.Ambon, month(t, "2024-08")); fail.CodeOf(err) != "insight.period" {
			t.Errorf("a month that was not closed: %v", err)
		}
	})
}
