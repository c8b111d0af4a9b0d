package area_test

import (
	"slices"
	"testing"
	"time"

	"tepat/data/areas"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

func TestZonesNeedNoTimeZoneDatabase(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC)
	tests := []struct {
		zone  area.Zone
		clock string
	}{{area.WIB, "12.00 WIB"}, {area.WITA, "13.00 WITA"}, {area.WIT, "14.00 WIT"}, {area.NoZone, "12.00 WIB"}}
	for _, tt := range tests {
		if got := noon.In(tt.zone.Location()).Format("15.04 MST"); got != tt.clock {
			t.Errorf("noon in Jakarta is %s in %q, want %s", got, tt.zone, tt.clock)
		}
	}
	if _, err := area.ParseZone("UTC"); fail.CodeOf(err) != "area.zone" {
		t.Errorf("ParseZone(UTC): %v", err)
	}
}

func TestNewPlaceRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want, place, zone string
		code                    int64
	}{
		{"a code that cannot be", "area.code_group", "Ambon", "WIT", 8171000001},
		{"no name", "area.place_name", "", "WIT", 8171000000},
		{"no zone", "area.zone", "Kota Ambon", "", 8171000000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := area.NewPlace(tt.code, tt.place, "", tt.zone); fail.CodeOf(err) != tt.want {
				t.Errorf("NewPlace: %v, want %s", err, tt.want)
			}
		})
	}
}

// Every area of the nation has to be sayable in the words of this package.
func TestPlacesOfTheReferenceData(t *testing.T) {
	t.Parallel()
	kinds := map[area.Kind]int{}
	for row, err := range areas.All("") {
		if err != nil {
			t.Fatal(err)
		}
		place, err := area.NewPlace(row.Code, row.Name, row.LocalKind, row.Zone)
		if err != nil {
			t.Fatalf("%+v: %v", row, err)
		}
		kinds[place.Kind]++
		if place.Code == 8171012001 && (place.LocalKind != "negeri" || place.Zone != area.WIT) {
			t.Errorf("Latuhalat is %+v", place)
		}
	}
	want := map[area.Kind]int{
		area.Provinsi: 38, area.Kabupaten: 416, area.Kota: 98, area.Kecamatan: 7285,
		area.Kelurahan: 8496, area.Desa: 75252, area.DesaAdat: 14,
	}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("%d of kind %s, want %d", kinds[kind], kind, n)
		}
	}
}

// The set of province numbers is generated; it must not fall behind its table.
func TestEverProvinceIsTheTable(t *testing.T) {
	t.Parallel()
	provinces, err := areas.Provinces()
	if err != nil {
		t.Fatal(err)
	}
	known := map[int]bool{}
	for _, p := range provinces {
		known[p.Number] = true
	}
	for number := -1; number <= 100; number++ {
		if area.EverProvince(number) != known[number] {
			t.Errorf("EverProvince(%d) = %v; run: go run ./data/areas/gen -provinces", number, !known[number])
		}
	}
	if !known[54] {
		t.Error("the province of the past is missing")
	}
}

func TestTheAliasesOfTheReferenceData(t *testing.T) {
	t.Parallel()
	rows, err := areas.Aliases()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(rows, func(a areas.Alias) bool { return a.Old == 9271000000 && a.New == 9671000000 }) {
		t.Error("Kota Sorong kept its code of Papua Barat")
	}
}
