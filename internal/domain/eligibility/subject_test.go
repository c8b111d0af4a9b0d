package eligibility_test

import (
	"testing"

	forms "tepat/data/questionnaire"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
)

func TestFactsOfAFamily(t *testing.T) {
	t.Parallel()
	date := func(text string) period.Date {
		d, err := period.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	f := eligibility.Family{Area: place(t, "81.71.01.1001"), Decile: 3, Official: true, Members: []eligibility.Member{
		{Born: date("1960-05-16"), Head: true}, {Born: date("1990"), Payee: true, Contested: true}, {Born: date("2020-01-01"), Duplicate: true},
	}}
	v, world := vocabulary(t), eligibility.World{Day: date("2025-05-15"), Wages: wages(t)}
	head, payee, child := v.MemberFacts(&f, &f.Members[0], world), v.MemberFacts(&f, &f.Members[1], world), v.MemberFacts(&f, &f.Members[2], world)
	family := v.FamilyFacts(&f, world)
	unranked := v.FamilyFacts(&eligibility.Family{}, eligibility.World{})
	unborn := f
	unborn.Members = append(unborn.Members[:2:2], eligibility.Member{})
	cases := []struct {
		name  string
		facts eligibility.Facts
		fact  string
		want  any
	}{
		{"age the day before the birthday", head, "age", int64(64)},
		{"age when only the year is known", payee, "age", nil},
		{"head", head, "is_head", true},
		{"payee", payee, "is_payee", true},
		{"contested NIK", payee, "nik_contested", true},
		{"confirmed duplicate", child, "confirmed_duplicate", true},
		{"family facts for a member", child, "decile", int64(3)},
		{"decile", family, "decile", int64(3)},
		{"official", family, "decile_official", true},
		{"district", family, "district", "81.71"},
		{"children up to six", family, "children_0_6", int64(1)},
		{"sixty and over", family, "members_60_up", int64(1)},
		{"children when one birth date is missing", v.FamilyFacts(&unborn, world), "children_0_6", nil},
		{"minimum wage", family, "minimum_wage", int64(3_185_733)},
		{"and how sure it is", family, "minimum_wage_status", "crosschecked"},
		{"no table of wages", unranked, "minimum_wage", nil},
		{"unranked", unranked, "decile", nil},
		{"unranked is not unofficial", unranked, "decile_official", nil},
		{"no area", unranked, "district", nil},
		{"a person's fact of a family", family, "age", nil},
		{"no evidence", head, "asn", nil},
		{"no evidence among the members", family, "any_asn", nil},
		{"no interview", family, "toilet", nil},
		{"no interview of the member", head, "works", nil},
		{"no such fact", family, "horoscope", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.facts.Value(c.fact).Any(); got != c.want {
				t.Errorf("%s is %v, want %v", c.fact, got, c.want)
			}
		})
	}
}

func TestAnswersBecomeFacts(t *testing.T) {
	t.Parallel()
	q, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	day := period.On(2024, 5, 15)
	form, err := q.At(day)
	if err != nil {
		t.Fatal(err)
	}
	roof, ok := form.Find("305")
	if !ok {
		t.Fatal("no question 305")
	}
	answer, err := roof.Parse("2")
	if err != nil {
		t.Fatal(err)
	}
	derived, err := q.Derive(form.Name, questionnaire.Answers{roof.Key: answer}, []questionnaire.Answers{{}})
	if err != nil {
		t.Fatal(err)
	}
	f := eligibility.Family{Facts: derived.Family, Members: []eligibility.Member{{Facts: derived.Members[0]}}}
	v := vocabulary(t)
	r, err := v.Compile(`roof_material == "tile" && family_size == 1`, eligibility.LevelFamily)
	if err != nil {
		t.Fatal(err)
	}
	if verdict, err := r.Decide(v.FamilyFacts(&f, eligibility.World{Day: day})); err != nil || verdict != eligibility.Yes {
		t.Errorf("verdict %v, %v", verdict, err)
	}
}
