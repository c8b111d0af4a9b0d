package areas_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/testkit"
)

// village is Kelurahan Mangga Dua.
const village = area.Code(8171011010)

// open seeds the areas of an installation of Kota Ambon and opens them.
func open(t testing.TB, db *sqldb.DB, clock *testkit.Clock) (*areas.Service, *act.Acts) {
	t.Helper()
	if _, err := areas.Seed(t.Context(), db, []area.Code{testkit.Ambon}); err != nil {
		t.Fatal(err)
	}
	acts := act.New(db, clock.Now, nil)
	s, err := areas.Open(t.Context(), acts, schema.Tables())
	if err != nil {
		t.Fatal(err)
	}
	return s, acts
}

func TestSeedFillsTheListOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		done, err := areas.Seed(t.Context(), db, []area.Code{testkit.Ambon})
		if err != nil || done.Areas != 38+514+7285+83762 || done.Tenants != 2 || done.Aliases == 0 {
			t.Fatalf("first: %+v, %v", done, err)
		}
		if done, err = areas.Seed(t.Context(), db, []area.Code{testkit.Ambon}); err != nil || done != (areas.Seeded{}) {
			t.Errorf("again: %+v, %v; want nothing", done, err)
		}
		if done, err = areas.Seed(t.Context(), db, []area.Code{8100000000}); err != nil || done.Areas != 0 || done.Tenants != 10 {
			t.Errorf("with the province: %+v, %v; want the ten other districts", done, err)
		}
		_, err = areas.Seed(t.Context(), db, []area.Code{7799000000})
		if !errors.Is(err, fail.Invalid("area.no_district")) {
			t.Errorf("for a district that is none: %v", err)
		}
	})
}

func TestTheTreeKnowsEveryArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		s, _ := open(t, db, testkit.NewClock())
		tree := s.Tree()
		want := areas.Place{
			Place:  area.Place{Code: 8171012001, Name: "Latuhalat", Kind: area.Desa, LocalKind: "negeri", Zone: area.WIT},
			Tenant: 8171, Village: 8171012001,
		}
		if got, ok := tree.At(8171012001); !ok || got != want {
			t.Errorf("At = %+v, want %+v", got, want)
		}
		if _, err := tree.Must(8171019999); !errors.Is(err, fail.NotFound("area.unknown")) {
			t.Errorf("Must of no area: %v", err)
		}
		if n := len(slices.Collect(tree.Children(testkit.Ambon))); n != 5 {
			t.Errorf("%d subdistricts in Ambon, want 5", n)
		}
		if n := len(slices.Collect(tree.Children(area.Nation))); n != 38 {
			t.Errorf("%d provinces, want 38", n)
		}
		villages := slices.Collect(tree.Villages(testkit.Ambon))
		if len(villages) != 50 || !slices.IsSortedFunc(villages, func(a, b areas.Place) int { return int(a.Code - b.Code) }) {
			t.Errorf("%d villages in Ambon, want 50 in order", len(villages))
		}
		if got := slices.Collect(tree.Villages(village)); len(got) != 1 {
			t.Errorf("a village holds %d villages, want itself", len(got))
		}
	})
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	tree := s.Tree()
	for code, want := range map[area.Code]area.Tenant{
		testkit.Ambon: 8171, testkit.Nusaniwe: 8171, village: 8171, 8171012999: 8171,
		1209000000: 1209, 8100000000: 0, area.Nation: 0, 8199011001: 0,
	} {
		if got := s.TenantOf(code); got != want {
			t.Errorf("TenantOf(%s) = %d, want %d", code, got, want)
		}
	}
	if got := s.TenantsIn(village); !slices.Equal(got, []area.Tenant{8171}) {
		t.Errorf("TenantsIn(village) = %v", got)
	}
	if got := s.TenantsIn(8100000000); len(got) != 11 || !slices.IsSorted(got) {
		t.Errorf("TenantsIn(Maluku) = %v, want its eleven districts", got)
	}
	if got := s.TenantsIn(area.Nation); got != nil {
		t.Errorf("TenantsIn(nation) = %v, want none, which means all", got)
	}
	if got := s.RecordTenant(village); got != 8171 {
		t.Errorf("RecordTenant(Ambon) = %d", got)
	}
	if got := s.RecordTenant(1209000000); got != 0 {
		t.Errorf("RecordTenant of a district others write for = %d, want the installation", got)
	}
	if got := tree.Written(); !slices.Equal(got, []area.Tenant{8171}) {
		t.Errorf("Written = %v", got)
	}
	if got, err := tree.DistrictOf(1209); got != 1209000000 || err != nil {
		t.Errorf("DistrictOf = %v, %v", got, err)
	}
	if _, err := tree.DistrictOf(7); !errors.Is(err, fail.NotFound("area.unknown_tenant")) {
		t.Errorf("DistrictOf no tenant: %v", err)
	}
}

func TestNamesAndTitles(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	tree := s.Tree()
	for code, want := range map[area.Code][2]string{
		8171011010:    {"Kelurahan Mangga Dua, Kec. Nusaniwe", "Kelurahan Mangga Dua, Kec. Nusaniwe, Kota Ambon, Maluku"},
		9103013007:    {"Desa Adat Yoboi, Distrik Sentani", "Desa Adat Yoboi, Distrik Sentani, Kabupaten Jayapura, Papua"},
		8171012001:    {"Negeri Latuhalat, Kec. Nusaniwe", "Negeri Latuhalat, Kec. Nusaniwe, Kota Ambon, Maluku"},
		testkit.Ambon: {"Kota Ambon, Maluku", "Kota Ambon, Maluku"},
		8100000000:    {"Provinsi Maluku", "Provinsi Maluku"},
		area.Nation:   {"Indonesia", "Indonesia"},
		9101010000:    {tree.Title(9101010000) + ", " + tree.Name(9101000000), tree.Address(9101010000)},
	} {
		if got := tree.Label(code); got != want[0] {
			t.Errorf("Label(%s) = %q, want %q", code, got, want[0])
		}
		if got := tree.Address(code); got != want[1] {
			t.Errorf("Address(%s) = %q, want %q", code, got, want[1])
		}
	}
	if got := tree.Title(3471070000); got[:9] != "Kemantren" {
		t.Errorf("Title of a subdistrict of Yogyakarta = %q", got)
	}
	if got := tree.Path(village); !slices.Equal(got, []area.Code{8100000000, testkit.Ambon, testkit.Nusaniwe, village}) {
		t.Errorf("Path = %v", got)
	}
}

func TestTheDateIsTheOneAtThePlace(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	evening := time.Date(2024, 10, 15, 15, 30, 0, 0, time.UTC) // 22.30 WIB, 00.30 WIT
	if got := s.LocalDate(village, evening); got != period.On(2024, 10, 16) {
		t.Errorf("in Ambon it is %s", got)
	}
	if got := s.LocalDate(1209000000, evening); got != period.On(2024, 10, 15) {
		t.Errorf("in Asahan it is %s", got)
	}
}

func TestFindByName(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	tree := s.Tree()
	tests := []struct {
		name   string
		within area.Code
		level  area.Level
		text   string
		want   area.Code
		code   string
	}{
		{"as written", testkit.Ambon, area.LevelVillage, "Mangga Dua", 8171011010, ""},
		{"in capitals and one word", testkit.Ambon, area.LevelVillage, "MANGGADUA", 8171011010, ""},
		{"with the word for its kind", testkit.Ambon, area.LevelVillage, "Kel. Mangga Dua", 8171011010, ""},
		{"with another word for its kind", testkit.Ambon, area.LevelVillage, "Desa Latuhalat", 8171012001, ""},
		{"a subdistrict", testkit.Ambon, area.LevelSubdistrict, "kec nusaniwe", testkit.Nusaniwe, ""},
		{"a district without its kind", area.Nation, area.LevelDistrict, "ambon", testkit.Ambon, ""},
		{"a district among two of one name", area.Nation, area.LevelDistrict, "Kab. Bogor", 3201000000, ""},
		{"a district of a name two have", area.Nation, area.LevelDistrict, "Bogor", 0, "area.name_ambiguous"},
		{"a province", area.Nation, area.LevelProvince, "Prov. Maluku", 8100000000, ""},
		{"outside the area", 1209000000, area.LevelVillage, "Mangga Dua", 0, "area.name_unknown"},
		{"no such name", testkit.Ambon, area.LevelVillage, "Atlantis", 0, "area.name_unknown"},
		{"nothing", testkit.Ambon, area.LevelVillage, " - ", 0, "area.name_empty"},
		{"a traditional village", 9103000000, area.LevelVillage, "desa adat yoboi", 9103013007, ""},
		{"a traditional village by its bare name", 9103000000, area.LevelVillage, "Yoboi", 9103013007, ""},
		{"a kind alone", testkit.Ambon, area.LevelVillage, "Kelurahan", 0, "area.name_unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tree.FindByName(tt.within, tt.level, tt.text)
			if got != tt.want || fail.CodeOf(err) != tt.code {
				t.Errorf("got %s, %v; want %s, %q", got, err, tt.want, tt.code)
			}
		})
	}
}

func TestEveryVillageIsFoundByItsName(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	tree := s.Tree()
	missed := 0
	for v := range tree.Villages(area.Nation) {
		got, err := tree.FindByName(v.Code.Subdistrict(), area.LevelVillage, tree.Title(v.Code))
		if got != v.Code && fail.CodeOf(err) != "area.name_ambiguous" {
			missed++
			t.Logf("%s %s: %s, %v", v.Code, v.Name, got, err)
		}
	}
	if missed > 0 {
		t.Errorf("%d villages were not found", missed)
	}
}

func TestResolveFollowsOldCodes(t *testing.T) {
	t.Parallel()
	s, _ := open(t, testkit.SQLite(t), testkit.NewClock())
	tree := s.Tree()
	tests := []struct {
		name    string
		code    area.Code
		written period.Date
		want    area.Code
		fails   string
	}{
		{"a code in use means itself", village, period.Date{}, village, ""},
		{"a code in use on an old document", village, period.On(2015, 1, 1), village, ""},
		{"a district that got another province", 9201000000, period.On(2020, 1, 1), 9601000000, ""},
		{"without a date", 9201000000, period.Date{}, 9601000000, ""},
		{"the nation", area.Nation, period.Date{}, area.Nation, ""},
		{"never in use", 7799000000, period.Date{}, 0, "area.unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tree.Resolve(tt.code, tt.written)
			if got != tt.want || fail.CodeOf(err) != tt.fails {
				t.Errorf("got %s, %v; want %s, %q", got, err, tt.want, tt.fails)
			}
		})
	}
	for v := range tree.Villages(9601000000) { // what lay below the district is found below it
		old := v.Code - 9601000000 + 9201000000
		if got, err := tree.Resolve(old, period.Date{}); got != v.Code || err != nil {
			t.Errorf("Resolve(%s) = %s, %v; want %s", old, got, err, v.Code)
		}
	}
	if got := tree.Former(9600000000); !slices.Contains(got, area.Code(9201000000)) {
		t.Errorf("Former(9600000000) = %v", got)
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := testkit.SQLite(b)
		b.StartTimer()
		if _, err := areas.Seed(b.Context(), db, []area.Code{testkit.Ambon}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTree(b *testing.B) {
	s, acts := open(b, testkit.SQLite(b), testkit.NewClock())
	tree := s.Tree()
	var codes []area.Code
	for p := range tree.Below(area.Nation) {
		codes = append(codes, p.Code)
	}
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := areas.Open(b.Context(), acts, schema.Tables()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("At", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			if _, ok := tree.At(codes[n*7919%len(codes)]); !ok {
				b.Fatal("lost")
			}
		}
	})
	b.Run("TenantOf", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			tree.TenantOf(codes[n*7919%len(codes)])
		}
	})
	b.Run("FindByName", func(b *testing.B) {
		for b.Loop() {
			if _, err := tree.FindByName(testkit.Ambon, area.LevelVillage, "Kel. Mangga Dua"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
