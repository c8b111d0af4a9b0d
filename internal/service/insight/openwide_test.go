package insight_test

import (
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
)

// Two districts of Maluku and one of Sumatera Utara.
const (
	tual   = area.Code(8172000000)
	asahan = area.Code(1209000000)
	sumut  = area.Code(1200000000)
)

// month keeps the figures of a month as if it were counted and closed: so many families in one village of a district.
func (h house) monthOf(district area.Code, month string, families int64, programmes map[string]int64) {
	h.t.Helper()
	var village area.Code
	for v := range h.places.Tree().Villages(district) {
		village = v.Code
		break
	}
	tenant, at := int64(h.places.TenantOf(district)), h.clock.Now().UnixMicro()
	add := func(period string, code area.Code, metric string, n int64) {
		h.exec(`INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at) VALUES ($1, $2, $3, $4, $5, $6)`, tenant, period, int64(code), metric, n, at)
	}
	for _, code := range []area.Code{district, village.Subdistrict(), village} {
		add(month, code, "families", families)
		add(month, code, "persons", families*3)
		for id, n := range programmes {
			add(month, code, "place."+id+".enrolled", n)
		}
	}
	add(month, district, "refreshed", at)
	add("closed", district, month, at)
}

// TestWideFiguresAreSumsOfWhatDistrictsShow: a province is the sum of the numbers its districts publish, and hidden where one of
// them is; nothing else is read for it. Who has not closed the month is not in it, and is told.
func TestWideFiguresAreSumsOfWhatDistrictsShow(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, ctx := newHouse(t, db, testkit.Ambon, tual, asahan), t.Context()
		if f, err := h.OpenWide(ctx, area.Nation, period.Month{}); err != nil || !f.AsOf.IsZero() {
			t.Fatalf("before anything is counted: %+v, %v", f, err)
		}
		h.monthOf(testkit.Ambon, "2024-08", 900, nil)
		h.monthOf(testkit.Ambon, "2024-09", 1000, map[string]int64{"pkh": 300, "sembako": 3})
		h.monthOf(tual, "2024-09", 200, map[string]int64{"pkh": 50, "sembako": 80})
		h.monthOf(asahan, "2024-09", 5000, map[string]int64{"pkh": 700})
		h.monthOf(asahan, "2024-10", 5100, nil)
		wide := func(at area.Code, month string) insight.OpenFigures {
			t.Helper()
			m := period.Month{}
			if month != "" {
				var err error
				m, err = period.ParseMonth(month)
				must(t, err)
			}
			f, err := h.OpenWide(ctx, at, m)
			must(t, err)
			return f
		}
		nation := wide(area.Nation, "")
		if nation.Month.Text() != "2024-09" || len(nation.Months) != 3 || len(nation.Lines) != 3 || nation.Lines[1].Code != sumut || nation.Lines[2].Code != maluku {
			t.Fatalf("the month most districts have closed: %s of %v, %d lines", nation.Month, nation.Months, len(nation.Lines))
		}
		maluku := wide(maluku, "")
		h.sumsOfShown(nation)
		h.sumsOfShown(maluku)
		if len(maluku.Lines) != 3 || cell(maluku, testkit.Ambon, "families").N != 1000 || cell(maluku, tual, "families").N != 200 {
			t.Errorf("Maluku: %+v", maluku.Lines)
		}
		for _, c := range []struct {
			f    insight.OpenFigures
			at   area.Code
			key  string
			want insight.Value
		}{
			{nation, area.Nation, "families", insight.Value{N: 6200}}, {nation, sumut, "families", insight.Value{N: 5000}},
			{nation, 8100000000, "enrolled.pkh", insight.Value{N: 350}},
			{maluku, testkit.Ambon, "enrolled.sembako", insight.Value{Hidden: true}}, // 3: and so is every sum it is in
			{nation, 8100000000, "enrolled.sembako", insight.Value{Hidden: true}}, {nation, area.Nation, "enrolled.sembako", insight.Value{Hidden: true}},
			{nation, sumut, "enrolled.sembako", insight.Value{None: true}},
		} {
			if got := cell(c.f, c.at, c.key); got != c.want {
				t.Errorf("%s of %s: %+v, want %+v", c.key, c.at.Dotted(), got, c.want)
			}
		}
		october := wide(area.Nation, "2024-10")
		if got := october.Counted[area.Nation]; got != (insight.Shares{Counted: 1, Kept: 3}) || cell(october, area.Nation, "families").N != 5100 || !cell(october, 8100000000, "families").None {
			t.Errorf("of a month one district closed: %+v, %+v", got, october.Lines)
		}
		for _, c := range []struct {
			at    area.Code
			month string
			want  string
		}{{testkit.Ambon, "", "area.unknown"}, {3100000000, "", "area.unknown"}, {area.Nation, "2023-01", "insight.period"}, {8100000000, "2024-10", "insight.period"}} {
			m := period.Month{}
			if c.month != "" {
				m = month(t, c.month)
			}
			if _, err := h.OpenWide(ctx, c.at, m); fail.CodeOf(err) != c.want {
				t.Errorf("%s in %q: %v, want %s", c.at.Dotted(), c.month, err, c.want)
			}
		}
		// What is counted since changes nothing of a closed month.
		h.exec(`INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at) VALUES (8172, 'live', 8172000000, 'families', 7, 1)`)
		h.clock.Move(2 * time.Hour)
		if again := wide(area.Nation, ""); cell(again, area.Nation, "families").N != 6200 {
			t.Errorf("counted anew: %+v", again.Lines[0])
		}
	})
}

func cell(f insight.OpenFigures, at area.Code, key string) insight.Value {
	for _, l := range f.Lines {
		for i, c := range f.Columns {
			if l.Code == at && c.Key == key {
				return l.Values[i]
			}
		}
	}
	return insight.Value{None: true}
}

// sumsOfShown works every number of wide figures out of those the districts publish, and of nothing else.
func (h house) sumsOfShown(f insight.OpenFigures) {
	h.t.Helper()
	for _, l := range f.Lines {
		for i, c := range f.Columns {
			want := insight.Value{None: true}
			for _, district := range []area.Code{testkit.Ambon, tual, asahan} {
				own, err := h.Open(h.t.Context(), district, f.Month)
				if !l.Code.Contains(district) || fail.CodeOf(err) == "insight.period" {
					continue
				}
				must(h.t, err)
				switch got := cell(own, district, c.Key); {
				case got.Hidden:
					want = got
				case !got.None && !want.Hidden:
					want = insight.Value{N: want.N + got.N}
				}
			}
			if l.Values[i] != want {
				h.t.Errorf("%s of %s: %+v, what its districts show makes %+v", c.Key, l.Code.Dotted(), l.Values[i], want)
			}
		}
	}
}
