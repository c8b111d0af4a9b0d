package areas_test

import (
	"testing"

	"tepat/data/areas"
)

// load collects all rows of a day by code.
func load(t *testing.T, day string) map[int64]areas.Row {
	t.Helper()
	rows := map[int64]areas.Row{}
	for row, err := range areas.All(day) {
		if err != nil {
			t.Fatal(err)
		}
		rows[row.Code] = row
	}
	return rows
}

func TestTheCountsAreThoseOfTheDecree(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	last := int64(-1)
	for row, err := range areas.All("") {
		if err != nil {
			t.Fatal(err)
		}
		if row.Code <= last {
			t.Fatalf("code %d comes after %d", row.Code, last)
		}
		last = row.Code
		if row.Name == "" || row.Zone == "" || row.LocalKind == "" {
			t.Errorf("row %+v has an empty column", row)
		}
		counts[level(row.Code)]++
	}
	want := map[string]int{"province": 38, "district": 514, "subdistrict": 7285, "village": 83762}
	for name, n := range want {
		if counts[name] != n {
			t.Errorf("%s: %d rows, want %d", name, counts[name], n)
		}
	}
}

func level(code int64) string {
	switch {
	case code%1_0000 != 0:
		return "village"
	case code%1_00_0000 != 0:
		return "subdistrict"
	case code%1_00_00_0000 != 0:
		return "district"
	}
	return "province"
}

func TestEveryAreaHasItsParent(t *testing.T) {
	t.Parallel()
	rows := load(t, "")
	for code := range rows {
		for _, step := range []int64{1_0000, 1_00_0000, 1_00_00_0000} {
			if _, ok := rows[code-code%step]; !ok {
				t.Errorf("area %d: no row for %d", code, code-code%step)
			}
		}
	}
}

func TestRowsSayWhatIsUsedThere(t *testing.T) {
	t.Parallel()
	rows := load(t, "")
	tests := []struct {
		code             int64
		name, kind, zone string
	}{
		{1200000000, "Sumatera Utara", "provinsi", "WIB"},
		{1209000000, "Kabupaten Asahan", "kabupaten", "WIB"},
		{8171000000, "Kota Ambon", "kota", "WIT"},
		{8171012001, "Latuhalat", "negeri", "WIT"},
		{8171011010, "Mangga Dua", "kelurahan", "WIT"},
		{8171042002, "Poka", "desa", "WIT"}, // the village's own entry wins over the city's
		{7105000000, "Kabupaten Minahasa Selatan", "kabupaten", "WITA"},
		{1101012001, "Keude Bakongan", "gampong", "WIB"},
		{9601000000, "Kabupaten Sorong", "kabupaten", "WIT"},
	}
	for _, tt := range tests {
		row := rows[tt.code]
		if row.Name != tt.name || row.LocalKind != tt.kind || row.Zone != tt.zone {
			t.Errorf("%d = %+v, want %s, %s, %s", tt.code, row, tt.name, tt.kind, tt.zone)
		}
	}
}

func TestLocalKindsAreDated(t *testing.T) {
	t.Parallel()
	const kraton = 3471070000 // a subdistrict of Kota Yogyakarta
	if got := load(t, "2018-12-31")[kraton].LocalKind; got != "kecamatan" {
		t.Errorf("before the governor's decree: %q", got)
	}
	if got := load(t, "2020-01-01")[kraton].LocalKind; got != "kemantren" {
		t.Errorf("after the governor's decree: %q", got)
	}
}

func TestTheEntriesOfTheTablesExist(t *testing.T) {
	t.Parallel()
	rows := load(t, "")
	kinds, err := areas.LocalKinds()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		if _, ok := rows[k.Area]; !ok || k.Term == "" {
			t.Errorf("local kind %+v: no such area, or no word", k)
		}
	}
	zones, err := areas.Zones()
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range zones {
		if _, ok := rows[z.Area]; !ok {
			t.Errorf("zone of %d: no such area", z.Area)
		}
	}
}

func TestAliasesLeadFromAbolishedCodesToCodesOfToday(t *testing.T) {
	t.Parallel()
	rows := load(t, "")
	aliases, err := areas.Aliases()
	if err != nil {
		t.Fatal(err)
	}
	papua := 0
	for _, a := range aliases {
		if _, ok := rows[a.Old]; ok {
			t.Errorf("alias of %d: the code is in use", a.Old)
		}
		if _, ok := rows[a.New]; !ok {
			t.Errorf("alias of %d: no area %d", a.Old, a.New)
		}
		if a.ValidFrom >= "2022-07-25" {
			papua++
		}
	}
	if papua != 26 {
		t.Errorf("%d districts moved to the provinces of 2022, want 26", papua)
	}
}

func TestProvincesOfTodayAreThoseOfTheAreas(t *testing.T) {
	t.Parallel()
	rows := load(t, "")
	provinces, err := areas.Provinces()
	if err != nil {
		t.Fatal(err)
	}
	current := 0
	for _, p := range provinces {
		row, ok := rows[int64(p.Number)*1_00_00_0000]
		if p.ValidTo != "" {
			if ok {
				t.Errorf("province %d ended on %s and is still an area", p.Number, p.ValidTo)
			}
			continue
		}
		current++
		if row.Name != p.Name {
			t.Errorf("province %d is %q here and %q in the areas", p.Number, p.Name, row.Name)
		}
	}
	if current != 38 {
		t.Errorf("%d provinces of today, want 38", current)
	}
}

func BenchmarkAll(b *testing.B) {
	for b.Loop() {
		n := 0
		for _, err := range areas.All("") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 91_599 {
			b.Fatalf("%d rows", n)
		}
	}
}
