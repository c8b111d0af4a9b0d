package questionnaire_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	data "tepat/data/questionnaire"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

func load(t testing.TB) (questionnaire.Set, *questionnaire.Version) {
	t.Helper()
	set, err := questionnaire.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.Version("REGSOSEK22-K")
	if err != nil {
		t.Fatal(err)
	}
	return set, v
}

// answers makes answers of numbers and words.
func answers(pairs ...any) questionnaire.Answers {
	a := questionnaire.Answers{}
	for i := 0; i < len(pairs); i += 2 {
		key := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case int:
			a[key] = questionnaire.Number(int64(v))
		case string:
			a[key] = questionnaire.Text(v)
		}
	}
	return a
}

// TestCodesOfTheDossier holds the code lists of the form: item number, then every code it has.
func TestCodesOfTheDossier(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	through := func(first, last int) (codes []int64) {
		for c := first; c <= last; c++ {
			codes = append(codes, int64(c))
		}
		return codes
	}
	tests := map[string][]int64{
		"115": through(0, 2), "205": through(1, 5), "206": {1, 2}, "207": through(1, 5),
		"301a": through(1, 6), "301b": through(1, 6), "303": through(1, 9), "304": through(1, 7), "305": through(1, 8),
		"306a": through(1, 13), "306b": through(1, 3), "307a": through(1, 4), "307b1": through(1, 5), "307b2": through(1, 5),
		"307b3": through(1, 5), "308": through(1, 12), "309a": through(1, 6), "309b": through(1, 4), "310": through(1, 6),
		"404": through(1, 6), "405": {1, 2}, "408": through(1, 4), "409": through(1, 8), "410": {1, 2}, "411": {0, 1, 2, 4},
		"412": through(1, 3), "413": through(1, 22), "414": through(1, 8), "415": through(1, 23), "416a": {1, 2},
		"417": through(1, 26), "418": through(1, 8), "419": through(1, 3), "419a": {1, 2}, "419b": through(1, 4),
		"420a": {1, 2}, "421": through(1, 26), "424": through(1, 12), "425": through(1, 7), "426": {0, 1, 2, 4, 8, 16, 32},
		"427": {1, 2, 3, 8}, "428a": through(1, 4), "428i": through(1, 4), "428j": through(1, 4), "429": through(1, 3),
		"430": through(1, 18), "431a": {0, 1, 2, 4, 8, 99}, "431b": {1, 2, 8}, "431e": {1, 2, 8},
		"431f": {0, 1, 2, 4, 8, 16, 99}, "501a": {1, 2}, "501g": {1, 2}, "502a": {1, 2}, "502n": {1, 2}, "503a": {1, 2},
		"503a-luas": through(0, 4), "503b": {1, 2}, "505": through(0, 3), "506": through(1, 4),
	}
	for number, want := range tests {
		it, ok := v.Find(number)
		if !ok {
			t.Errorf("%s: no such item", number)
			continue
		}
		var got []int64
		for _, c := range it.Codes {
			got = append(got, c.Code)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: codes %v, want %v", number, got, want)
		}
	}
}

func TestAddedCodesAreMarked(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	added := map[string][]int64{"205": {5}, "301a": {6}, "306a": {12, 13}, "419b": {1, 2, 3, 4}, "503a-luas": {0, 1, 2, 3, 4}}
	for _, level := range []questionnaire.Level{questionnaire.LevelFamily, questionnaire.LevelPerson} {
		for _, it := range v.Items(level) {
			for _, c := range it.Codes {
				want := slices.Contains(added[it.Number], c.Code)
				if c.Added != want || c.Added && !c.Unverified {
					t.Errorf("%s code %d: added %v, want %v and unverified with it", it.Number, c.Code, c.Added, want)
				}
			}
		}
	}
}

func TestFindByWhatAColumnIsCalled(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	tests := map[string]string{
		"floor_area": "floor_area", "302": "floor_area", "Luas lantai (m2)": "floor_area", "FLOOR AREA": "floor_area",
		"301A": "dwelling_tenure", "428h": "difficulty_self_care", "sepeda motor": "motorcycle", "502i-jumlah": "motorcycle_count",
	}
	for column, key := range tests {
		if it, ok := v.Find(column); !ok || it.Key != key {
			t.Errorf("%q finds %q, want %q", column, it.Key, key)
		}
	}
	if _, ok := v.Find("warna rumah"); ok {
		t.Error("a column that is no item was found")
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	family, person := questionnaire.LevelFamily, questionnaire.LevelPerson
	tests := []struct {
		name  string
		level questionnaire.Level
		a     questionnaire.Answers
		want  []string // item: code
	}{
		{"land certificate of an owned house", family, answers("dwelling_tenure", 1, "land_certificate", 6), nil},
		{"land certificate of a rented house is not asked", family, answers("dwelling_tenure", 2, "land_certificate", 6), []string{"land_certificate: answer.not_asked"}},
		{"land certificate while tenure is open is let be", family, answers("land_certificate", 6), nil},
		{"distance to sewage of a protected well", family, answers("drinking_water", 5, "sewage_distance", 1), nil},
		{"distance to sewage of tap water is not asked", family, answers("drinking_water", 3, "sewage_distance", 1), []string{"sewage_distance: answer.not_asked"}},
		{"power without a PLN meter is not asked", family, answers("lighting", 4, "power_1", 1), []string{"power_1: answer.not_asked"}},
		{"a man is not pregnant", person, answers("sex", 1, "pregnant", 1), []string{"pregnant: answer.not_asked"}},
		{"a code that does not exist", family, answers("floor_material", 10), []string{"floor_material: answer.code"}},
		{"code of another sum", person, answers("identity_owned", 8), []string{"identity_owned: answer.sum"}},
		{"a negative sum", person, answers("identity_owned", -1), []string{"identity_owned: answer.sum"}},
		{"sums of powers of two", person, answers("identity_owned", 5, "health_insurance", 99, "employment_insurance", 31), nil},
		{"99 is no sum to add to", person, answers("health_insurance", 100), []string{"health_insurance: answer.sum"}},
		{"livestock up to 999", family, answers("cattle", 1000), []string{"cattle: answer.range"}},
		{"no week has 169 hours", person, answers("worked", 1, "work_hours", 169), []string{"work_hours: answer.range"}},
		{"a text where a number belongs", family, answers("floor_area", "54"), []string{"floor_area: answer.type"}},
		{"a partial date", family, answers("received_pkh", 1, "received_pkh_at", "2025-06"), nil},
		{"a date that does not exist", family, answers("received_pkh", 1, "received_pkh_at", "2025-13"), []string{"received_pkh_at: answer.date"}},
		{"an area code with a letter", family, answers("bps_province", "8A"), []string{"bps_province: answer.digits"}},
		{"too long a text", family, answers("bps_sls", strings.Repeat("x", 21)), []string{"bps_sls: answer.too_long"}},
		{"control characters", family, answers("bps_sls", "1\x00"), []string{"bps_sls: answer.text"}},
		{"a question of a person on a family", family, answers("schooling", 2), []string{"schooling: answer.level"}},
		{"errors come in the form's order, strangers last", family, answers("zebra", 1, "ant", 1, "roof_material", 99, "floor_material", 99),
			[]string{"floor_material: answer.code", "roof_material: answer.code", "ant: answer.item_unknown", "zebra: answer.item_unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range v.Validate(tt.level, tt.a) {
				got = append(got, e.Field+": "+e.Code)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMissingAsksOnlyWhatIsAsked(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	missing := func(level questionnaire.Level, a questionnaire.Answers) map[string]bool {
		out := map[string]bool{}
		for _, it := range v.Missing(level, a) {
			out[it.Key] = true
		}
		return out
	}
	if m := missing(questionnaire.LevelFamily, answers("dwelling_tenure", 2)); m["land_certificate"] || !m["floor_area"] || m["car_count"] {
		t.Errorf("a rented house: %v", m)
	}
	if m := missing(questionnaire.LevelFamily, answers("dwelling_tenure", 1)); !m["land_certificate"] {
		t.Error("an owned house must have its proof of ownership asked")
	}
	if m := missing(questionnaire.LevelPerson, answers()); m["work_hours"] || !m["worked"] {
		t.Error("hours of work hang on an open question and are not missing yet")
	}
}

func TestParseReadsCells(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	tests := []struct {
		item, cell, want, code string
	}{
		{"301a", "1", "1", ""},
		{"301a", " 01 ", "1", ""},
		{"301a", "1. Milik sendiri", "1", ""},
		{"301a", "milik SENDIRI", "1", ""},
		{"301a", "Rent-free", "3", ""},
		{"301a", "7", "", "answer.code"},
		{"301a", "istana", "", "answer.words"},
		{"307b1", "900 VA", "2", ""},
		{"307b1", "1.300 VA", "3", ""},
		{"411", "5", "5", ""},
		{"411", "1+4", "5", ""},
		{"411", "Akta kelahiran, KTP", "5", ""},
		{"411", "1+1", "", "answer.sum"},
		{"302", "54", "54", ""},
		{"302", "54 m2", "", "answer.number"},
		{"302", "", "", "answer.empty"},
		{"501b-waktu", "2025-06", "2025-06", ""},
		{"501b-waktu", "kapan-kapan", "", "answer.date"},
	}
	for _, tt := range tests {
		t.Run(tt.item+" "+tt.cell, func(t *testing.T) {
			t.Parallel()
			it, _ := v.Find(tt.item)
			got, err := it.Parse(tt.cell)
			if fail.CodeOf(err) != tt.code || err == nil && got.Text() != tt.want {
				t.Errorf("got %s, %v; want %s, %s", got.Text(), err, tt.want, tt.code)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	tests := []struct{ item, cell, lang, want string }{
		{"301a", "3", "id", "Bebas sewa"},
		{"301a", "3", "en", "Rent-free"},
		{"411", "5", "id", "Akta kelahiran, KTP"},
		{"411", "0", "id", "Tidak memiliki"},
		{"302", "54", "id", "54"},
	}
	for _, tt := range tests {
		it, _ := v.Find(tt.item)
		value, err := it.Parse(tt.cell)
		if got := it.Words(value, tt.lang); err != nil || got != tt.want {
			t.Errorf("%s %s: %q (%v), want %q", tt.item, tt.cell, got, err, tt.want)
		}
	}
}

func TestAnswersAreHiddenAndStored(t *testing.T) {
	t.Parallel()
	a := answers("chronic_disease", 12, "bps_sls", "0012")
	if s := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(s, "0012") || strings.Contains(s, "12") {
		t.Errorf("answers are printed: %s", s)
	}
	stored, err := json.Marshal(a)
	if err != nil || string(stored) != `{"bps_sls":"0012","chronic_disease":12}` {
		t.Fatalf("stored %s, %v", stored, err)
	}
	var back questionnaire.Answers
	if err := json.Unmarshal(stored, &back); err != nil || !reflect.DeepEqual(a, back) {
		t.Errorf("read back %v", err)
	}
	if err := json.Unmarshal([]byte(`{"x":1.5}`), &back); fail.CodeOf(err) != "answer.type" {
		t.Errorf("a fraction is no answer: %v", err)
	}
}

func TestMappingFromPBDT(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	m, err := set.Mapping("PBDT2015", "REGSOSEK22-K")
	if err != nil {
		t.Fatal(err)
	}
	got, dropped := m.Apply(answers("dwelling_tenure", 5, "wall", 3))
	if !reflect.DeepEqual(got, answers("dwelling_tenure", 5)) {
		t.Error("joint ownership is code 5 in both")
	}
	if !slices.Equal(dropped, []questionnaire.Dropped{{Item: "wall", Code: "mapping.no_item"}}) {
		t.Errorf("dropped %v", dropped)
	}
	if _, dropped = m.Apply(answers("dwelling_tenure", 6)); len(dropped) != 1 || dropped[0].Code != "mapping.no_code" {
		t.Errorf("code 6 is not of 2015: %v", dropped)
	}
	d, err := set.Derive("PBDT2015", answers("dwelling_tenure", 2), nil)
	if tenure, _ := d.Family.Value("tenure").Text(); err != nil || tenure != "rented" {
		t.Errorf("facts of an old answer: %q, %v", tenure, err)
	}
	if _, err := set.Mapping("REGSOSEK22-K", "PBDT2015"); fail.CodeOf(err) != "questionnaire.mapping_unknown" {
		t.Errorf("no mapping leads backwards: %v", err)
	}
}

func TestVersionInForce(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	for day, want := range map[period.Date]string{
		period.On(2018, 1, 1): "PBDT2015", period.On(2022, 10, 14): "PBDT2015", period.On(2022, 10, 15): "REGSOSEK22-K", period.On(2026, 1, 1): "REGSOSEK22-K",
	} {
		if v, err := set.At(day); err != nil || v.Name != want {
			t.Errorf("%s: %v, %v", day, v, err)
		}
	}
	if _, err := set.At(period.On(2010, 1, 1)); fail.CodeOf(err) != "questionnaire.none_in_force" {
		t.Errorf("2010: %v", err)
	}
}

func TestLoadRefusesDataThatDoesNotFit(t *testing.T) {
	t.Parallel()
	const head = "version: V\nvalid_from: \"2020-01-01\"\nlegal_basis: x\nsource: x\nitems:\n"
	const item = "  - {key: a, number: \"1\", level: family, kind: code, label: {id: a, en: a}, codes: [{code: 1, id: a, en: b}, {code: 2, id: c, en: d}]}\n"
	const facts = "facts:\n  - {name: f, level: family, type: bool, id: f, en: f}\n"
	tests := []struct{ name, version, book, derived, want string }{
		{"all is well", head + item, facts, "version: V\nfacts:\n  - {name: f, of: [a], yes: [1], no: [2]}\n", ""},
		{"a code without a meaning", head + item, facts, "version: V\nfacts:\n  - {name: f, of: [a], yes: [1]}\n", "code 2 of a has no meaning"},
		{"a meaning without a code", head + item, facts, "version: V\nfacts:\n  - {name: f, of: [a], yes: [1], no: [2, 3]}\n", "code 3"},
		{"a meaning of another type", head + item, facts, "version: V\nfacts:\n  - {name: f, of: [a], numbers: {1: 1, 2: 2}}\n", "no value of the fact"},
		{"a fact nobody knows", head + item, facts, "version: V\nfacts:\n  - {name: g, of: [a], yes: [1], no: [2]}\n", `fact "g"`},
		{"an item twice", head + item + item, facts, "version: V\nfacts: []\n", "is taken"},
		{"a field nobody reads", head + strings.Replace(item, "level:", "colour: red, level:", 1), facts, "version: V\nfacts: []\n", "colour"},
		{"a condition on nothing", head + strings.Replace(item, "codes:", "when: {b: [1]}, codes:", 1), facts, "version: V\nfacts: []\n", "condition"},
		{"an empty file", "", facts, "version: V\nfacts: []\n", "empty file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := questionnaire.Load(fstest.MapFS{
				"facts.yaml": {Data: []byte(tt.book)}, "v.yaml": {Data: []byte(tt.version)}, "v.facts.yaml": {Data: []byte(tt.derived)},
			})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Whatever a cell holds, Parse gives an answer that Check accepts, or an error, and never panics.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "1. Milik sendiri", "1+4", "900 VA", "2025-06", "Rp1.500.000", "\x00", "99999999999999999999"} {
		f.Add(s)
	}
	_, v := load(f)
	items := append(v.Items(questionnaire.LevelFamily), v.Items(questionnaire.LevelPerson)...)
	f.Fuzz(func(t *testing.T, cell string) {
		for _, it := range items {
			if value, err := it.Parse(cell); err == nil && it.Check(value) != nil {
				t.Errorf("%s: %q became an answer that does not hold", it.Key, cell)
			}
		}
	})
}

// Every code's own words and number are read back as that code.
func TestEveryCodeIsReadBack(t *testing.T) {
	t.Parallel()
	_, v := load(t)
	items := append(v.Items(questionnaire.LevelFamily), v.Items(questionnaire.LevelPerson)...)
	rapid.Check(t, func(t *rapid.T) {
		it := rapid.SampledFrom(items).Draw(t, "item")
		if len(it.Codes) == 0 {
			return
		}
		c := rapid.SampledFrom(it.Codes).Draw(t, "code")
		for _, cell := range []string{fmt.Sprint(c.Code), fmt.Sprintf("%d. %s", c.Code, c.Label.ID), strings.ToUpper(c.Label.ID)} {
			if it.Kind == questionnaire.KindMulti && strings.ContainsAny(cell, ",+;") {
				continue
			}
			if got, err := it.Parse(cell); err != nil || got != questionnaire.Number(c.Code) {
				t.Fatalf("%s: %q read as %s, %v", it.Key, cell, got.Text(), err)
			}
		}
	})
}
