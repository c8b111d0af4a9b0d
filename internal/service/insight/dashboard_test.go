package insight_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
	"tepat/web/messages"
)

func printer(t testing.TB) i18n.Printer {
	t.Helper()
	c, err := messages.Load()
	must(t, err)
	return c.Printer(i18n.Indonesian)
}

// town is a district with something of everything.
func town(t *testing.T, db *sqldb.DB) house {
	t.Helper()
	h := newHouse(t, db)
	h.families(0, 10, 3, benteng)
	h.families(20, 10, 2, batuMerah)
	h.exec(`UPDATE person SET match_status = $1 WHERE kabkota = 8171`, int64(civilmatch.Matched))
	h.exec(`UPDATE person SET match_status = $1 WHERE kabkota = 8171 AND area_code = $2 AND relation = 1`, int64(civilmatch.NameDiffers), int64(benteng))
	h.exec(`UPDATE family SET decile = 2 WHERE kabkota = 8171 AND area_code = $1`, int64(benteng))
	h.proposals(
		proposed{benteng, "INITIAL_LIST", "2024-10-10", "2024-10-15"}, proposed{benteng, "DELIBERATED", "2024-09-01", "2024-10-01"},
		proposed{batuMerah, "DISTRICT_VERIFIED", "2024-10-01", ""}, proposed{batuMerah, "REFUSED", "2024-01-01", "2024-02-01"})
	h.list("pkh", "frozen", placed{benteng, sqldb.NewID(), sqldb.NewID(), 1, 225_000}, placed{benteng, sqldb.NewID(), sqldb.NewID(), 2, 225_000})
	h.list("pbi_jk", "frozen", placed{batuMerah, sqldb.NewID(), sqldb.NewID(), 1, 42_000})
	h.stage("pkh", "2024-Q4", "reconciling", paid{benteng, "PAID_USED", "paid_used", "", 225_000}, paid{batuMerah, "REJECTED", "rejected", "open", 225_000})
	h.findings(map[string]int{"found": 2, "removed": 1}, benteng)
	h.active(benteng)
	h.refresh()
	return h
}

func TestADashboardHasFiguresWithDateAndDenominator(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		d := h.dashboard(testkit.Ambon)
		if d.AsOf != h.clock.Now() || d.Title != "Kota Ambon" || len(d.Path) != 2 || d.Period != insight.Live {
			t.Errorf("%+v", d)
		}
		for key, want := range map[string]insight.Value{
			"families": {N: 20}, "persons": {N: 50}, "matched": {N: 40, Of: 50}, "not_matching": {N: 10, Of: 50}, "unasked": {N: 0, Of: 50},
			"recipients": {N: 2, Of: 50}, "non_recipients": {N: 48, Of: 50}, "helped_families": {N: 2, Of: 20}, "poor": {N: 10, Of: 10},
			"unranked": {N: 10, Of: 20}, "overdue": {N: 1, Of: 3}, "asleep": {N: 49, Of: 50}, "repairs": {N: 1}, "duplicates": {},
			"place.pkh.enrolled": {N: 1, Of: 20}, "place.pkh.waiting": {N: 1}, "place.pbi_jk.enrolled": {N: 1, Of: 50}, "place.pbi_jk.waiting": {},
		} {
			if got := figure(t, d, key); got != want {
				t.Errorf("%s = %+v, want %+v", key, got, want)
			}
		}
		sums := map[string]int64{}
		for _, table := range []insight.Table{d.Deciles, d.Ageing, d.Mismatches, d.Proposals, d.Findings} {
			for _, l := range table.Lines {
				sums[table.Key] += l.Values[0].N
			}
			if total := table.Total.Values[0].N; sums[table.Key] != total || total == 0 {
				t.Errorf("%s: the parts are %d, the whole %d", table.Key, sums[table.Key], total)
			}
		}
		if sums["deciles"] != 20 || sums["ageing"] != 3 || sums["mismatches"] != 10 || sums["proposals"] != 4 || sums["findings"] != 3 {
			t.Errorf("%+v", sums)
		}
		if l := d.Payments.Lines; len(l) != 1 || d.Payments.Column("paid_used")[0] != (insight.Value{N: 1, Of: 2}) || d.Payments.Column("amount_paid")[0].N != 225_000 {
			t.Errorf("payments = %+v", d.Payments)
		}
	})
}

func TestTheWayDown(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		for at, want := range map[area.Code]struct {
			children int
			families int64
		}{testkit.Ambon: {5, 20}, testkit.Nusaniwe: {13, 10}, sirimau: {14, 10}, benteng: {0, 10}, wainitu: {0, 0}} {
			d := h.dashboard(at)
			var sum int64
			for _, v := range d.Children.Column("families") {
				sum += v.N
			}
			if got := figure(t, d, "families").N; got != want.families || len(d.Children.Lines) != want.children || want.children > 0 && sum != got {
				t.Errorf("%s: %d families in %d areas that hold %d; want %d in %d", d.Title, got, len(d.Children.Lines), sum, want.families, want.children)
			}
		}
	})
}

func TestWhoMaySeeWhichFigures(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		province := access.Actor{ID: [16]byte{7}, Grants: []access.Grant{{Role: access.Analyst, Area: maluku, Tenants: []area.Tenant{8171}}}}
		for _, c := range []struct {
			name string
			who  access.Actor
			view insight.View
			code string
		}{
			{"her own village", h.operator, insight.View{Area: benteng}, ""},
			{"another village", h.operator, insight.View{Area: batuMerah}, "access.denied"},
			{"the district of her village", h.operator, insight.View{Area: testkit.Ambon}, "access.denied"},
			{"the district", h.analyst, insight.View{Area: testkit.Ambon}, ""},
			{"a village of the district", h.analyst, insight.View{Area: batuMerah}, ""},
			{"the province, from the district", h.analyst, insight.View{Area: maluku}, "access.denied"},
			{"the nation, from the district", h.analyst, insight.View{}, "access.denied"},
			{"the province", province, insight.View{Area: maluku}, ""},
			{"nobody", access.Actor{}, insight.View{Area: benteng}, "access.nobody"},
			{"no place at all", h.analyst, insight.View{Area: 8171019999}, "area.unknown"},
			{"a month nobody closed", h.analyst, insight.View{Area: benteng, Period: "2024-09"}, "insight.period"},
			{"no month at all", h.analyst, insight.View{Area: benteng, Period: "all"}, "month.format"},
		} {
			_, err := h.Dashboard(t.Context(), c.who, c.view)
			if fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", c.name, err, c.code)
			}
			if _, err := h.Map(t.Context(), c.who, c.view, "matched"); fail.CodeOf(err) != c.code {
				t.Errorf("map of %s: %v, want %q", c.name, err, c.code)
			}
			if _, err := h.Recap(t.Context(), c.who, c.view, func(insight.RecapRow) error { return nil }); fail.CodeOf(err) != c.code {
				t.Errorf("recap of %s: %v, want %q", c.name, err, c.code)
			}
		}
	})
}

func TestAProvinceIsTheSumOfItsDistricts(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, maluku)
		h.families(0, 4, 2, benteng)
		who := access.Actor{ID: [16]byte{7}, Grants: []access.Grant{{Role: access.Analyst, Area: area.Nation}}}
		first := h.clock.Now()
		h.refresh()
		d, err := h.Dashboard(t.Context(), who, insight.View{Area: maluku})
		must(t, err)
		if !d.AsOf.IsZero() {
			t.Errorf("one of eleven districts was counted, and the province is as of %s", d.AsOf)
		}
		h.clock.Move(time.Hour)
		h.exec(`UPDATE person SET kabkota = 8172, area_code = 8172011001 WHERE kabkota = 8171 AND relation <> 1`)
		h.exec(`INSERT INTO family (kabkota, id, version, recorded_at, act_id, state, area_code, village_id, registry_id, household_id, head_name, address,
			rt, rw, persons, unmatched, source, source_date, since, decile, decile_source, decile_vintage)
			VALUES (8172, $1, 1, 0, $1, 1, 8172011001, 0, '', '', '', '', '', '', 4, 0, '', '', '', 3, 1, '')`, sqldb.NewID())
		done, err := h.RefreshAll(t.Context())
		if err != nil || len(done) != 11 {
			t.Fatalf("%d refreshed, %v", len(done), err)
		}
		for _, at := range []area.Code{maluku, area.Nation} {
			d, err = h.Dashboard(t.Context(), who, insight.View{Area: at})
			must(t, err)
			if got := figure(t, d, "families").N; got != 5 || !d.AsOf.After(first) {
				t.Errorf("%s: %d families as of %s, want 5 later than %s", d.Title, got, d.AsOf, first)
			}
		}
		m, err := h.Map(t.Context(), who, insight.View{}, "families")
		must(t, err)
		unknown, known := 0, 0
		for i, v := range m.Table.Column("families") {
			if v.None != (m.Class(i) < 0) {
				t.Errorf("%s: %+v is in class %d", m.Table.Lines[i].Words.Name, v, m.Class(i))
			}
			if v.None {
				unknown++
			} else {
				known++
			}
		}
		if len(m.Table.Lines) != 38 || known != 1 || unknown != 37 {
			t.Errorf("%d provinces, %d with figures", len(m.Table.Lines), known)
		}
		for _, d := range m.Data(printer(t)) {
			if len(d.Code) != 2 || d.None != (d.Code != "81") {
				t.Errorf("tile %+v", d)
			}
		}
	})
}

func TestWhatWasNeverCountedIsNotZero(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.families(0, 2, 1, benteng)
	d := h.dashboard(testkit.Ambon)
	if !d.AsOf.IsZero() || !figure(t, d, "families").None || !d.Deciles.Lines[0].Values[0].None || !d.Children.Lines[0].Values[0].None {
		t.Errorf("%+v", d)
	}
}

func TestOneTableIsPageFileAndPicture(t *testing.T) {
	t.Parallel()
	h, p := town(t, testkit.SQLite(t)), printer(t)
	d := h.dashboard(testkit.Ambon)
	var out bytes.Buffer
	w := tabular.NewCSVWriter(&out, tabular.CSVOptions{})
	must(t, d.Children.Write(w, p))
	must(t, w.Close())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 7 || !strings.HasPrefix(lines[0], "Kode,Nama,Keluarga,Orang,Padan dengan Dukcapil,") || !strings.HasPrefix(lines[6], "81.71,Jumlah,20,50,40,50,") {
		t.Errorf("file:\n%s", out.String())
	}
	data := d.Children.Data("matched", p)
	if len(data) != 5 || data[0].Code != "81.71.01" || data[0].Value < 66 || data[0].Value > 67 || data[0].None {
		t.Errorf("picture: %+v", data)
	}
	if text := d.Children.Columns[2].Text(d.Children.Lines[0].Values[2], p); text != "66,7%" && !strings.HasPrefix(text, "66") {
		t.Errorf("page: %q", text)
	}
	if data := d.Children.Data("no such column", p); data != nil || d.Children.Column("no such column") != nil {
		t.Errorf("a column that is none: %+v", data)
	}
	for _, table := range []insight.Table{d.Deciles, d.Ageing, d.Payments, d.Mismatches, d.Proposals, d.Findings, d.Programmes} {
		for _, l := range append(table.Lines, table.Total) {
			if len(l.Values) > 0 && (l.Words.Say(p) == "" || l.Words.Say(p) == l.Words.Key) {
				t.Errorf("%s: line %s has no words", table.Key, l.Key)
			}
		}
		for _, c := range table.Columns {
			if c.Words.Say(p) == c.Words.Key {
				t.Errorf("%s: column %s has no words", table.Key, c.Key)
			}
		}
	}
	english := p
	english.Lang = i18n.English
	if l := d.Programmes.Lines[0]; l.Words.Say(p) == l.Words.Say(english) {
		t.Errorf("a programme has one name in both languages: %q", l.Words.Say(p))
	}
	for _, f := range d.Figures {
		if text := f.Words.Say(p); text == "" || text == f.Words.Key || strings.Contains(text, "{") {
			t.Errorf("figure %s says %q", f.Key, text)
		}
	}
}

func TestTheMonthlyRecapIsEveryRow(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := town(t, db)
		got := map[string]int64{}
		var amount int64
		_, err := h.Recap(t.Context(), h.head, insight.View{Area: testkit.Ambon}, func(r insight.RecapRow) error {
			got[r.Village+" "+string(r.Programme)+" "+r.Status] += r.N
			amount += int64(r.Amount)
			if r.District != "Kota Ambon" || r.Subdistrict == "" || r.Unit == "" {
				t.Errorf("%+v", r)
			}
			return nil
		})
		must(t, err)
		want := map[string]int64{
			"Benteng pkh enrolled": 1, "Benteng pkh waiting": 1, "Batu Merah pbi_jk enrolled": 1, "Benteng pkh paid_used": 1, "Batu Merah pkh rejected": 1,
		}
		if len(got) != len(want) || amount != 4*225_000+42_000 {
			t.Errorf("recap = %+v, Rp%d", got, amount)
		}
		for k, n := range want {
			if got[k] != n {
				t.Errorf("%s = %d, want %d", k, got[k], n)
			}
		}
		var out bytes.Buffer
		w := tabular.NewXLSXWriter(&out)
		n, err := h.WriteRecap(t.Context(), h.head, insight.View{Area: testkit.Ambon}, w, printer(t), "DATA CONTOH SINTETIS")
		must(t, err)
		must(t, w.Close())
		if n != 5 || !bytes.HasPrefix(out.Bytes(), []byte("PK")) {
			t.Errorf("%d rows, %d bytes", n, out.Len())
		}
		stop := errors.New("the line is gone")
		if _, err := h.Recap(t.Context(), h.head, insight.View{Area: benteng}, func(insight.RecapRow) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("err = %v", err)
		}
	})
}
