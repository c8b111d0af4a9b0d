package eligibility_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	criteria "tepat/data/criteria"
	forms "tepat/data/questionnaire"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

func catalogue(t testing.TB) *evidence.Catalogue {
	t.Helper()
	c, err := evidence.ParseCatalogue(criteria.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func vocabulary(t testing.TB) *eligibility.Vocabulary {
	t.Helper()
	q, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	v, err := eligibility.NewVocabulary(catalogue(t), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEveryFactIsDocumented(t *testing.T) {
	t.Parallel()
	v := vocabulary(t)
	origins := map[eligibility.Origin]int{}
	for _, f := range v.Facts() {
		origins[f.Origin]++
		if f.Meaning.ID == "" || f.Meaning.EN == "" || f.Type == "" || f.Level == "" {
			t.Errorf("fact %+v is not documented", f)
		}
		if got, ok := v.Fact(f.Name); !ok || !reflect.DeepEqual(got, f) {
			t.Errorf("fact %s is found as %+v", f.Name, got)
		}
	}
	if origins[eligibility.FromEvidence] != 23 || origins[eligibility.FromMembers] != 22 || origins[eligibility.FromQuestionnaire] < 50 {
		t.Errorf("facts by origin: %v", origins)
	}
	if _, ok := v.Fact("any_dead"); ok {
		t.Error("a rule about a family can read deaths")
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	wide := "cars==1" + strings.Repeat("||cars==1", 180)
	cases := map[string]struct {
		text  string
		level eligibility.Level
		code  string
		fact  string // a fact of the error, "key=value"
	}{
		"nothing":                        {"", eligibility.LevelPerson, "criterion.syntax", ""},
		"half a rule":                    {"wage >=", eligibility.LevelPerson, "criterion.syntax", "line=1"},
		"a fact nobody knows":            {"wages > 5", eligibility.LevelPerson, "criterion.unknown_fact", "near=wage"},
		"a field of nothing":             {"person.wage > 5", eligibility.LevelPerson, "criterion.unknown_fact", "fact=person"},
		"a person's fact in a family":    {"any_asn || dead", eligibility.LevelFamily, "criterion.level", "fact=dead"},
		"a word compared with a sum":     {"toilet > 5", eligibility.LevelFamily, "criterion.type", "column=8"},
		"a sum, not a yes or no":         {"wage + 1", eligibility.LevelPerson, "criterion.not_boolean", "type=int"},
		"a loop":                         {"[1, 2].all(x, x > 0)", eligibility.LevelPerson, "criterion.unknown_fact", "fact=x"},
		"too much work":                  {wide, eligibility.LevelFamily, "criterion.cost", "limit=250"},
		"too long":                       {strings.Repeat(" ", 2001), eligibility.LevelFamily, "criterion.too_long", "limit=2000"},
		"a pattern over and over":        {strings.Repeat(`toilet.matches("(a+)+b") || `, 40) + "true", eligibility.LevelFamily, "criterion.cost", ""},
		"a function that does not exist": {"now() > 5", eligibility.LevelFamily, "criterion.type", "line=1"},
	}
	v := vocabulary(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := v.Compile(c.text, c.level)
			e, ok := fail.As(err)
			if !ok || e.Code != c.code {
				t.Fatalf("error %v, want %s", err, c.code)
			}
			has := slices.ContainsFunc(e.Facts, func(f fail.Fact) bool { return fmt.Sprintf("%s=%v", f.Key, f.Value) == c.fact })
			if c.fact != "" && !has {
				t.Errorf("facts %v, want %s", e.Facts, c.fact)
			}
		})
	}
}

func TestDecideAndExplain(t *testing.T) {
	t.Parallel()
	yes, no := eligibility.Bool(true), eligibility.Bool(false)
	cases := map[string]struct {
		rule    string
		facts   eligibility.FactMap
		verdict eligibility.Verdict
		because string
		missing string
	}{
		"a plain yes":                     {"asn", eligibility.FactMap{"asn": yes}, eligibility.Yes, "asn", ""},
		"a plain no":                      {"asn", eligibility.FactMap{"asn": no}, eligibility.No, "asn", ""},
		"unknown is not no":               {"asn", eligibility.FactMap{}, eligibility.Undecided, "", "asn"},
		"one true side is enough":         {"asn || tni_polri", eligibility.FactMap{"asn": yes}, eligibility.Yes, "asn", ""},
		"only the true side is a reason":  {"asn || tni_polri", eligibility.FactMap{"asn": no, "tni_polri": yes}, eligibility.Yes, "tni_polri", ""},
		"both true sides are reasons":     {"asn || tni_polri", eligibility.FactMap{"asn": yes, "tni_polri": yes}, eligibility.Yes, "asn tni_polri", ""},
		"one unknown side leaves a doubt": {"asn || tni_polri", eligibility.FactMap{"asn": no}, eligibility.Undecided, "", "tni_polri"},
		"a comparison":                    {"wage >= minimum_wage", eligibility.FactMap{"wage": eligibility.Integer(5), "minimum_wage": eligibility.Integer(5)}, eligibility.Yes, "wage minimum_wage", ""},
		"half a comparison":               {"wage >= minimum_wage", eligibility.FactMap{"wage": eligibility.Integer(5)}, eligibility.Undecided, "", "minimum_wage"},
		"one false side is enough":        {"age >= 60 && works", eligibility.FactMap{"age": eligibility.Integer(20)}, eligibility.No, "age", ""},
		"both sides count for yes":        {"age >= 60 && !works", eligibility.FactMap{"age": eligibility.Integer(61), "works": no}, eligibility.Yes, "age works", ""},
		"what is missing for an and":      {"age >= 60 && !works && asn", eligibility.FactMap{"age": eligibility.Integer(61)}, eligibility.Undecided, "", "works asn"},
		"a branch taken":                  {"is_head ? age > 60 : age > 70", eligibility.FactMap{"is_head": yes, "age": eligibility.Integer(65)}, eligibility.Yes, "is_head age", ""},
		"a branch not known":              {"is_head ? asn : tni_polri", eligibility.FactMap{"asn": yes}, eligibility.Undecided, "", "is_head tni_polri"},
		"a word":                          {`toilet in ["none", "public"]`, eligibility.FactMap{"toilet": eligibility.Text("none")}, eligibility.Yes, "toilet", ""},
		"a fraction and a whole number":   {"floor_area_per_person < 8", eligibility.FactMap{"floor_area_per_person": eligibility.Number(7.5)}, eligibility.Yes, "floor_area_per_person", ""},
		"what is not known and not asked": {"asn && wage > 5", eligibility.FactMap{"asn": no}, eligibility.No, "asn", ""},
	}
	v := vocabulary(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := v.Compile(c.rule, eligibility.LevelPerson)
			if err != nil {
				t.Fatal(err)
			}
			verdict, err := r.Decide(c.facts)
			if err != nil {
				t.Fatal(err)
			}
			x, err := r.Explain(c.facts)
			if err != nil {
				t.Fatal(err)
			}
			var because []string
			for _, u := range x.Because {
				because = append(because, u.Name)
				if u.Value != c.facts[u.Name] {
					t.Errorf("%s had the value %v", u.Name, u.Value.Any())
				}
			}
			if verdict != c.verdict || x.Verdict != c.verdict {
				t.Errorf("verdict %v, explained as %v, want %v", verdict, x.Verdict, c.verdict)
			}
			if strings.Join(because, " ") != c.because || strings.Join(x.Missing, " ") != c.missing {
				t.Errorf("because %v, missing %v; want %q, %q", because, x.Missing, c.because, c.missing)
			}
		})
	}
}

func TestARuleThatCannotBeComputed(t *testing.T) {
	t.Parallel()
	r, err := vocabulary(t).Compile("wage / age > 5", eligibility.LevelPerson)
	if err != nil {
		t.Fatal(err)
	}
	facts := eligibility.FactMap{"wage": eligibility.Integer(5), "age": eligibility.Integer(0)}
	if _, err := r.Decide(facts); fail.CodeOf(err) != "criterion.evaluate" {
		t.Errorf("error %v", err)
	}
	if _, err := r.Explain(facts); fail.CodeOf(err) != "criterion.evaluate" {
		t.Errorf("error %v", err)
	}
	if reads := r.Reads(); !slices.Equal(reads, []string{"age", "wage"}) || r.Cost() == 0 || r.Text() == "" {
		t.Errorf("reads %v, cost %d", reads, r.Cost())
	}
}

// TestLearningAFactNeverTurnsAVerdict holds that a verdict reached on some facts stands when more become
// known, and that what is missing is really not known.
func TestLearningAFactNeverTurnsAVerdict(t *testing.T) {
	t.Parallel()
	v := vocabulary(t)
	var rules []*eligibility.Rule
	for _, text := range []string{
		"asn || tni_polri && !is_head", "(age > 60 || asn) && (works || tni_polri)", "is_head ? asn || works : age < 10", "!(asn && works) || age == 30",
	} {
		r, err := v.Compile(text, eligibility.LevelPerson)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	rapid.Check(t, func(t *rapid.T) {
		all := eligibility.FactMap{"age": eligibility.Integer(int64(rapid.IntRange(0, 90).Draw(t, "age")))}
		for _, name := range []string{"asn", "tni_polri", "is_head", "works"} {
			all[name] = eligibility.Bool(rapid.Bool().Draw(t, name))
		}
		some := eligibility.FactMap{}
		for name, value := range all {
			if rapid.Bool().Draw(t, "known "+name) {
				some[name] = value
			}
		}
		r := rapid.SampledFrom(rules).Draw(t, "rule")
		x, err := r.Explain(some)
		if err != nil {
			t.Fatal(err)
		}
		final, err := r.Decide(all)
		if err != nil || final == eligibility.Undecided {
			t.Fatalf("%v on all facts: %v", final, err)
		}
		if x.Verdict != eligibility.Undecided && x.Verdict != final {
			t.Fatalf("%s: %v becomes %v", r.Text(), x.Verdict, final)
		}
		if (x.Verdict == eligibility.Undecided) != (len(x.Missing) > 0) {
			t.Fatalf("%s: %v with %v missing", r.Text(), x.Verdict, x.Missing)
		}
		because := eligibility.FactMap{}
		for _, u := range x.Because {
			because[u.Name] = u.Value
		}
		if again, err := r.Decide(because); x.Verdict != eligibility.Undecided && (err != nil || again != x.Verdict) {
			t.Fatalf("%s: the reasons %v alone give %v, not %v", r.Text(), because, again, x.Verdict)
		}
	})
}

func TestValuesPrintMasked(t *testing.T) {
	t.Parallel()
	u := eligibility.FactUsed{Name: "wage", Value: eligibility.Integer(7654321)}
	if text := fmt.Sprintf("%v %+v %#v", u, u, u.Value); strings.Contains(text, "7654321") {
		t.Errorf("printed: %s", text)
	}
	if u.Value.Stored() != "7654321" || eligibility.Bool(true).Stored() != "true" || eligibility.Number(2.5).Stored() != "2.5" || eligibility.Text("x").Stored() != "x" {
		t.Error("values are stored wrongly")
	}
}

func FuzzCompile(f *testing.F) {
	v := vocabulary(f)
	for _, seed := range []string{"asn", "a.b.c", "wage > 5 ? true : false", "{1: asn}[1]", `"a" + toilet == "b"`, "[asn, dead].exists(x, x)", "-wage < 0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := v.Compile(text, eligibility.LevelPerson)
		if err != nil {
			if _, ok := fail.As(err); !ok {
				t.Fatalf("%q: an error without a code: %v", text, err)
			}
			return
		}
		if _, err := r.Explain(eligibility.FactMap{"asn": eligibility.Bool(true), "wage": eligibility.Integer(1)}); err != nil && fail.CodeOf(err) != "criterion.evaluate" {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
