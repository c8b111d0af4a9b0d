package eligibility_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	criteria "tepat/data/criteria"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

func library(t testing.TB) *eligibility.Library {
	t.Helper()
	l, err := eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, vocabulary(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var allLocal = []string{"local_wage", "local_cpns", "local_good_house", "local_vehicle", "local_power"}

func inForce(t testing.TB, day period.Date, local ...string) eligibility.Set {
	t.Helper()
	s, err := library(t).InForce(day, local...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFifteenReasonsAreAllThere(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, c := range inForce(t, period.On(2024, 10, 1), allLocal...).Criteria() {
		seen[c.Reason.Code] = c.ID
		if c.Action == eligibility.ActionAuto && !slices.Contains([]string{"dead", "duplicate", "civil_servant"}, c.ID) {
			t.Errorf("%s acts without verification", c.ID)
		}
	}
	for i := 1; i <= 15; i++ {
		if seen[fmt.Sprintf("%02d", i)] == "" {
			t.Errorf("no criterion for reason %02d", i)
		}
	}
}

// stated makes evidence by an exact NIK.
func stated(t testing.TB, kind, value, asOf string) evidence.Evidence {
	t.Helper()
	e, err := catalogue(t).New(evidence.Statement{
		Kind: kind, Value: value, AsOf: asOf, Source: "uji", Match: evidence.MatchExactNIK,
	}, period.On(2026, 12, 31))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func screen(t testing.TB, s eligibility.Set, w *eligibility.Wages, families ...eligibility.Family) ([]eligibility.Finding, eligibility.Tally) {
	t.Helper()
	var list []eligibility.Finding
	tally, err := s.Screen(1, w, slices.Values(families), func(f eligibility.Finding) error {
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, tally
}

// TestScreen has one case per sentence of the criteria. The family is a payee mother (1), a father (2)
// and a child (3); a finding is written as criterion, whom (f for the family), verdict and action.
func TestScreen(t *testing.T) {
	t.Parallel()
	doubtful := func(e evidence.Evidence) evidence.Evidence { e.Match = evidence.MatchDoubtful; return e }
	cases := map[string]struct {
		day     string
		area    string
		mother  []evidence.Evidence
		father  []evidence.Evidence
		local   []string
		change  func(*eligibility.Family)
		want    string
		missing string
		stale   string
	}{
		"nothing is known against them": {want: ""},
		"a death ends the person, not the family": {
			father: []evidence.Evidence{stated(t, "dead", "2024-02-01", "2024-03")}, want: "dead 2 yes auto",
		},
		"a payee's death asks for a new payee too": {
			mother: []evidence.Evidence{stated(t, "dead", "", "2024-03")}, want: "dead 1 yes auto, payee_dead 1 yes verify",
		},
		"a death by a doubtful match is verified first": {
			father: []evidence.Evidence{doubtful(stated(t, "dead", "", "2024-03"))}, want: "dead 2 yes verify",
		},
		"a death is known before the fifteen reasons": {
			day: "2020-08-01", father: []evidence.Evidence{stated(t, "dead", "", "2020-03")}, want: "dead 2 yes auto",
		},
		"a civil servant, and her family after verification": {
			mother: []evidence.Evidence{stated(t, "asn", "ya", "2024-03")},
			want:   "civil_servant_family f yes verify, civil_servant 1 yes auto",
		},
		"stated not to be a civil servant": {mother: []evidence.Evidence{stated(t, "asn", "bukan", "2024-03")}, want: ""},
		"the newer statement counts": {
			mother: []evidence.Evidence{stated(t, "asn", "ya", "2023-12"), stated(t, "asn", "bukan", "2024-03")}, want: "",
		},
		"civil servants were no reason before the decree": {
			day: "2023-06-01", mother: []evidence.Evidence{stated(t, "asn", "ya", "2023-03")}, want: "",
		},
		"a soldier": {
			father: []evidence.Evidence{stated(t, "tni_polri", "", "2024-03")},
			want:   "civil_servant_family f yes verify, civil_servant 2 yes auto",
		},
		"address not found": {
			mother: []evidence.Evidence{stated(t, "address_not_found", "", "2024-03")}, want: "address_not_found f yes verify",
		},
		"person not found":  {father: []evidence.Evidence{stated(t, "person_not_found", "", "2024-03")}, want: "person_not_found 2 yes verify"},
		"judged able":       {father: []evidence.Evidence{stated(t, "able", "", "2024-03")}, want: "able f yes verify"},
		"a pensioner":       {father: []evidence.Evidence{stated(t, "pensioner", "", "2024-03")}, want: "pensioner 2 yes verify"},
		"certified teacher": {father: []evidence.Evidence{stated(t, "certified_teacher", "", "2024-03")}, want: "certified_teacher 2 yes verify"},
		"routine income":    {father: []evidence.Evidence{stated(t, "routine_budget_income", "", "2024-03")}, want: "routine_budget_income 2 yes verify"},
		"a refusal":         {mother: []evidence.Evidence{stated(t, "refused", "", "2024-03")}, want: "refused 1 yes verify"},
		"a company":         {father: []evidence.Evidence{stated(t, "company_owner", "PT Uji", "2024-03")}, want: "company_owner 2 yes verify"},
		"health worker":     {mother: []evidence.Evidence{stated(t, "health_worker", "", "2024-03")}, want: "health_worker 1 yes verify"},
		"village official":  {father: []evidence.Evidence{stated(t, "village_official", "", "2024-03")}, want: "village_official 2 yes verify"},
		"another aid":       {mother: []evidence.Evidence{stated(t, "other_aid", "BLT daerah", "2024-03")}, want: "other_aid 1 yes verify"},
		"moved":             {father: []evidence.Evidence{stated(t, "moved", "71.05", "2024-03")}, want: "moved 2 yes verify"},
		"gambling was not matched in 2024": {
			father: []evidence.Evidence{stated(t, "gambling", "", "2024-03")}, want: "",
		},
		"gambling": {day: "2025-09-01", father: []evidence.Evidence{stated(t, "gambling", "", "2025-07")}, want: "gambling 2 yes verify"},
		"a wage above the district's minimum": {
			father: []evidence.Evidence{stated(t, "wage", "2949954", "2024-03")}, want: "wage_above_minimum 2 yes verify",
		},
		"a wage at the minimum is not above it": {father: []evidence.Evidence{stated(t, "wage", "2949953", "2024-03")}, want: ""},
		"a district may also take the wage at the minimum": {
			father: []evidence.Evidence{stated(t, "wage", "2949953", "2024-03")}, local: []string{"local_wage"}, want: "local_wage 2 yes verify",
		},
		"a wage below it": {
			father: []evidence.Evidence{stated(t, "wage", "2949952", "2024-03")}, local: []string{"local_wage"}, want: "",
		},
		"the province's minimum where the district's is not known": {
			area: "71.05.01.2001", father: []evidence.Evidence{stated(t, "wage", "9000000", "2024-03")}, want: "wage_above_minimum 2 yes verify",
		},
		"no minimum wage is known for the year": {
			day: "2023-06-01", father: []evidence.Evidence{stated(t, "wage", "9000000", "2023-03")}, local: []string{"local_wage"},
			want: "local_wage 2 undecided ", missing: "minimum_wage",
		},
		"an old wage decides nothing": {
			father: []evidence.Evidence{stated(t, "wage", "9000000", "2023-03")}, want: "wage_above_minimum 2 undecided ", missing: "wage", stale: "wage",
		},
		"a wage of next year is not known yet": {father: []evidence.Evidence{stated(t, "wage", "9000000", "2025-03")}, want: ""},
		"local criteria wait to be chosen": {
			father: []evidence.Evidence{stated(t, "cpns_passed", "", "2024-03"), stated(t, "vehicle_4w", "1", "2024-03")}, want: "",
		},
		"passed CPNS": {father: []evidence.Evidence{stated(t, "cpns_passed", "", "2024-03")}, local: allLocal, want: "local_cpns 2 yes verify"},
		"a good house": {
			mother: []evidence.Evidence{stated(t, "owns_good_house", "", "2024-03")}, local: allLocal, want: "local_good_house f yes verify",
		},
		"a car":   {father: []evidence.Evidence{stated(t, "vehicle_4w", "1", "2024-03")}, local: allLocal, want: "local_vehicle f yes verify"},
		"no car":  {father: []evidence.Evidence{stated(t, "vehicle_4w", "0", "2024-03")}, local: allLocal, want: ""},
		"1300 VA": {father: []evidence.Evidence{stated(t, "pln_va", "1300", "2024-03")}, local: allLocal, want: ""},
		"2200 VA": {father: []evidence.Evidence{stated(t, "pln_va", "2200", "2024-03")}, local: allLocal, want: "local_power f yes verify"},
		"the larger meter of two": {
			father: []evidence.Evidence{stated(t, "pln_va", "450", "2024-03")}, mother: []evidence.Evidence{stated(t, "pln_va", "2200", "2024-03")},
			local: allLocal, want: "local_power f yes verify",
		},
		"a confirmed duplicate": {
			change: func(f *eligibility.Family) { f.Members[2].Duplicate = true }, want: "duplicate 3 yes auto",
		},
	}
	l, w := library(t), wages(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			day := period.On(2024, 5, 15)
			if c.day != "" {
				var err error
				if day, err = period.ParseDate(c.day); err != nil {
					t.Fatal(err)
				}
			}
			f := eligibility.Family{ID: [16]byte{9}, Area: place(t, "81.71.01.1001"), Members: []eligibility.Member{
				{ID: [16]byte{1}, Payee: true, Evidence: c.mother}, {ID: [16]byte{2}, Head: true, Evidence: c.father}, {ID: [16]byte{3}},
			}}
			if c.area != "" {
				f.Area = place(t, c.area)
			}
			if c.change != nil {
				c.change(&f)
			}
			s, err := l.InForce(day, c.local...)
			if err != nil {
				t.Fatal(err)
			}
			found, _ := screen(t, s, w, f)
			var got, missing, stale []string
			for _, x := range found {
				whom := "f"
				if x.Member != ([16]byte{}) {
					whom = fmt.Sprint(x.Member[0])
				}
				got = append(got, fmt.Sprintf("%s %s %v %s", x.Criterion.ID, whom, x.Verdict, x.Action))
				missing = append(missing, x.Missing...)
				for _, k := range x.Stale {
					stale = append(stale, k.String())
				}
				if x.Verdict == eligibility.Yes && (len(x.Because) == 0 || x.Criterion.Evidence != 0 && len(x.Evidence) == 0) {
					t.Errorf("%s has no reasons: %+v", x.Criterion.ID, x)
				}
			}
			if strings.Join(got, ", ") != c.want || strings.Join(missing, " ") != c.missing || strings.Join(stale, " ") != c.stale {
				t.Errorf("found %q, missing %v, stale %v; want %q, %q, %q", got, missing, stale, c.want, c.missing, c.stale)
			}
		})
	}
}

func TestFindingsNameTheStatementsBehindThem(t *testing.T) {
	t.Parallel()
	car, dead := stated(t, "vehicle_4w", "2", "2024-03"), stated(t, "dead", "", "2024-03")
	f := eligibility.Family{Area: place(t, "81.71.01.1001"), Members: []eligibility.Member{
		{ID: [16]byte{1}, Evidence: []evidence.Evidence{stated(t, "vehicle_4w", "1", "2024-04")}},
		{ID: [16]byte{2}, Evidence: []evidence.Evidence{dead, car}},
	}}
	found, tally := screen(t, inForce(t, period.On(2024, 5, 15), "local_vehicle"), wages(t), f)
	if len(found) != 2 || !reflect.DeepEqual(found[0].Evidence, []evidence.Evidence{car}) || !reflect.DeepEqual(found[1].Evidence, []evidence.Evidence{dead}) {
		t.Errorf("findings %+v", found)
	}
	want := eligibility.Tally{Families: 1, Persons: 2, Asked: 3, Met: 2, Auto: 1, ByID: map[string]int{"local_vehicle": 1, "dead": 1}}
	want.Asked = tally.Asked
	if !reflect.DeepEqual(tally, want) || tally.Asked == 0 {
		t.Errorf("tally %+v, want %+v", tally, want)
	}
}

// town makes families of which a share has evidence, from a seed.
func town(t testing.TB, families int, share float64) []eligibility.Family {
	rnd := rand.New(rand.NewPCG(3, 4))
	kinds := []evidence.Evidence{
		stated(t, "dead", "", "2024-03"), stated(t, "asn", "", "2024-02"), stated(t, "wage", "9000000", "2024-03"), stated(t, "wage", "900000", "2024-03"),
		stated(t, "wage", "9000000", "2020"), stated(t, "other_aid", "", "2024-01"),
	}
	list := make([]eligibility.Family, families)
	for i := range list {
		f := eligibility.Family{ID: [16]byte{byte(i), byte(i >> 8), byte(i >> 16)}, Area: place(t, "81.71.01.1001"), Members: make([]eligibility.Member, 1+rnd.IntN(5))}
		for k := range f.Members {
			m := &f.Members[k]
			m.ID, m.Payee = [16]byte{1, byte(k), byte(i), byte(i >> 8), byte(i >> 16)}, k == 0
			if rnd.Float64() < share {
				m.Evidence = []evidence.Evidence{kinds[rnd.IntN(len(kinds))]}
			}
		}
		list[i] = f
	}
	return list
}

func TestScreenIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	families := town(t, 6000, 0.1)
	s, w := inForce(t, period.On(2024, 5, 15), allLocal...), wages(t)
	run := func(workers int) (list []string, tally eligibility.Tally) {
		tally, err := s.Screen(workers, w, slices.Values(families), func(f eligibility.Finding) error {
			list = append(list, fmt.Sprint(f.Family, f.Member, f.Criterion.ID, f.Verdict, f.Action, f.Missing))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list, tally
	}
	want, tally := run(1)
	if len(want) < 500 || tally.Met+tally.Undecided != len(want) || tally.Undecided == 0 {
		t.Fatalf("%d findings, %+v", len(want), tally)
	}
	for _, workers := range []int{2, 5} {
		if got, again := run(workers); !slices.Equal(got, want) || !reflect.DeepEqual(again, tally) {
			t.Errorf("%d workers: another result", workers)
		}
	}
}

func TestScreenStopsAtTheCallersError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	s := inForce(t, period.On(2024, 5, 15))
	calls := 0
	_, err := s.Screen(2, wages(t), slices.Values(town(t, 4000, 0.5)), func(eligibility.Finding) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d findings", err, calls)
	}
}

func TestInForceRefusesACriterionThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"unknown": "local_moon", "national": "dead"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := library(t).InForce(period.On(2024, 5, 15), id); fail.CodeOf(err) != "criterion.unknown" {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := library(t).InForce(period.On(2019, 5, 15), "local_wage"); fail.CodeOf(err) != "criterion.unknown" {
		t.Errorf("a criterion before its time: error %v", err)
	}
}

const goodCriterion = `
reasons: [{code: "03", id: Meninggal, en: Dead}]
criteria:
  - id: dead
    reason: "03"
    name: {id: Meninggal, en: Dead}
    way_back: {id: Lapor, en: Tell}
    hits: person
    effect: end
    action: auto
    evidence: [dead]
    when: "dead"
    valid_from: "2024"
    legal_basis: "uji"
`

func TestParseLibraryRefuses(t *testing.T) {
	t.Parallel()
	again := goodCriterion[strings.Index(goodCriterion, "  - id: dead"):]
	cases := map[string]struct{ text, code string }{
		"nothing wrong":                       {goodCriterion, ""},
		"not YAML":                            {"criteria: {", "criterion.file"},
		"an unknown field":                    {goodCriterion + "    colour: red\n", "criterion.file"},
		"an unknown reason":                   {strings.Replace(goodCriterion, `reason: "03"`, `reason: "99"`, 1), "criterion.incomplete"},
		"no way back":                         {strings.Replace(goodCriterion, "{id: Lapor, en: Tell}", "{id: Lapor}", 1), "criterion.incomplete"},
		"no legal basis":                      {strings.Replace(goodCriterion, `legal_basis: "uji"`, `legal_basis: ""`, 1), "criterion.incomplete"},
		"an unknown victim":                   {strings.Replace(goodCriterion, "hits: person", "hits: village", 1), "criterion.incomplete"},
		"a new payee for a person":            {strings.Replace(goodCriterion, "effect: end", "effect: new_payee", 1), "criterion.incomplete"},
		"no beginning":                        {strings.Replace(goodCriterion, `valid_from: "2024"`, `valid_from: ""`, 1), "criterion.incomplete"},
		"an end before the beginning":         {goodCriterion + "    valid_to: \"2023\"\n", "criterion.incomplete"},
		"a death that ends a family":          {strings.NewReplacer("hits: person", "hits: family").Replace(goodCriterion), "criterion.level"},
		"a rule that does not compile":        {strings.Replace(goodCriterion, `when: "dead"`, `when: "dead &&"`, 1), "criterion.syntax"},
		"evidence that is not named":          {strings.Replace(goodCriterion, `when: "dead"`, `when: "dead || asn"`, 1), "criterion.evidence"},
		"evidence that is not read":           {strings.Replace(goodCriterion, "evidence: [dead]", "evidence: [dead, asn]", 1), "criterion.evidence"},
		"two versions at once":                {goodCriterion + again, "criterion.overlap"},
		"two versions, one after the other":   {goodCriterion + "    valid_to: \"2024\"\n" + strings.Replace(again, `valid_from: "2024"`, `valid_from: "2025"`, 1), ""},
		"two versions with an open beginning": {goodCriterion + strings.Replace(again, `valid_from: "2024"`, `valid_from: "2020"`, 1), "criterion.overlap"},
	}
	v := vocabulary(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"a.yaml": {Data: []byte(c.text)}}
			if _, err := eligibility.ParseLibrary(files, []string{"a.yaml"}, v); fail.CodeOf(err) != c.code || (c.code == "") != (err == nil) {
				t.Errorf("error %v, want %q", err, c.code)
			}
		})
	}
	if _, err := eligibility.ParseLibrary(fstest.MapFS{}, []string{"a.yaml"}, v); fail.CodeOf(err) != "criterion.file" {
		t.Errorf("a file that is not there: %v", err)
	}
}

func BenchmarkScreenWithoutEvidence(b *testing.B) { benchmarkScreen(b, 0) }
func BenchmarkScreenOneInTwenty(b *testing.B)     { benchmarkScreen(b, 0.05) }

func benchmarkScreen(b *testing.B, share float64) {
	families := town(b, 30_000, share)
	s, w := inForce(b, period.On(2024, 5, 15), allLocal...), wages(b)
	var seq iter.Seq[eligibility.Family] = slices.Values(families)
	persons := 0
	for b.Loop() {
		tally, err := s.Screen(1, w, seq, func(eligibility.Finding) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		persons += tally.Persons
	}
	b.ReportMetric(float64(persons)/b.Elapsed().Seconds(), "persons/s")
}
