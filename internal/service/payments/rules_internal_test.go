package payments

import (
	"fmt"
	"strings"
	"testing"

	paying "tepat/data/payments"
	"tepat/data/programmes"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
)

func rules(t *testing.T) Rules {
	t.Helper()
	r, err := ParseRules(paying.Rules)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func someone(n byte, relation person.Relation, sex person.Sex, born string) member {
	birth, _ := period.ParseDate(born)
	return member{id: sqldb.ID{15: n}, relation: relation, sex: sex, birth: birth, active: true}
}

func TestWhoReceivesAFamilysMoney(t *testing.T) {
	t.Parallel()
	rule := rules(t).Payee(period.On(2024, 10, 1))
	man, wife := someone(1, person.Head, person.Male, "1970-01-01"), someone(2, person.Wife, person.Female, "1975-01-01")
	girl, boy := someone(3, person.Child, person.Female, "2010-01-01"), someone(4, person.Child, person.Male, "1995-01-01")
	daughter, mother := someone(5, person.Child, person.Female, "1998-01-01"), someone(6, person.Parent, person.Female, "1945")
	widow := someone(7, person.Head, person.Female, "1960-01-01")
	dead, gone, unborn := wife, wife, wife
	dead.dead, gone.active, unborn.birth = true, false, period.Date{}
	for name, c := range map[string]struct {
		members []member
		named   byte
		want    int
	}{
		"the wife, not the man who leads the family":         {[]member{man, wife, girl}, 0, 1},
		"the woman who leads the family":                     {[]member{boy, widow}, 0, 1},
		"another woman when there is no wife":                {[]member{man, girl, daughter}, 0, 2},
		"the elder of two women of equal rank":               {[]member{man, daughter, mother}, 0, 2},
		"the man when there is no grown woman":               {[]member{girl, man}, 0, 1},
		"the one the list names, while she can be one":       {[]member{man, wife}, 1, 0},
		"somebody else when the one named died":              {[]member{man, dead}, 2, 0},
		"somebody else when the one named left":              {[]member{man, gone}, 2, 0},
		"nobody who may be a child, for want of a birthday":  {[]member{unborn, man}, 0, 1},
		"nobody in a family of children":                     {[]member{girl}, 0, -1},
		"nobody in an empty family":                          {nil, 0, -1},
		"a girl who comes of age on the day the stage opens": {[]member{someone(8, person.Child, person.Female, "2007-10-01")}, 0, 0},
		"not one who does the day after":                     {[]member{someone(8, person.Child, person.Female, "2007-10-02")}, 0, -1},
	} {
		named := sqldb.ID{}
		if c.named > 0 {
			named[15] = c.named
		}
		if got := rule.choose(c.members, named, period.On(2024, 10, 1)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if n := rules(t).Payee(period.On(2010, 1, 1)).choose([]member{wife}, sqldb.ID{}, period.On(2010, 1, 1)); n != -1 {
		t.Error("before any rule was in force somebody was a payee")
	}
}

func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	whole := string(paying.Rules)
	for name, change := range map[string]func(string) string{
		"an unknown word":        func(s string) string { return strings.Replace(s, "adult_age", "age_of_adults", 1) },
		"a cause twice":          func(s string) string { return strings.Replace(s, "code: NO_PAYEE", "code: UNCLAIMED", 1) },
		"nobody to act on it":    func(s string) string { return strings.Replace(s, "who: bank", "who: nobody", 1) },
		"a status without owner": func(s string) string { return strings.Replace(s, "SP2D: bank, ", "", 1) },
		"no legal basis":         func(s string) string { return strings.Replace(s, "legal_basis", "# legal_basis", 1) },
	} {
		if changed := change(whole); changed == whole {
			t.Errorf("%s: the test changed nothing", name)
		} else if _, err := ParseRules([]byte(changed)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestEveryFailureHasSomebodyToActAndWords(t *testing.T) {
	t.Parallel()
	tables, err := payment.Load(programmes.Files)
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{tables: tables, rules: rules(t)}
	for _, m := range tables.Meanings() {
		if m.Code == payment.NoRow || m.Code == payment.PaidUsed {
			continue
		}
		if next := s.next(m.Code, ""); next.Who == HeldByNobody || next.What.ID == "" {
			t.Errorf("%s: %+v", m.Code, next)
		}
	}
	for _, code := range []string{"05", "14", "52", "62", "78", "NAME_DIFFERS", "ARREARS"} {
		if next := s.next(payment.Rejected, code); next.Cause.ID == "" || next.What == tables.Meaning(payment.Rejected).Next {
			t.Errorf("bank code %s has no next step of its own: %+v", code, next)
		}
	}
	if next := s.next(payment.Rejected, string(payment.ExcludedDead)); next.Cause != tables.Meaning(payment.ExcludedDead).Label {
		t.Errorf("a row closed as excluded does not say why: %+v", next)
	}
}

func TestStagesHaveNames(t *testing.T) {
	t.Parallel()
	of := func(stages int) programme.Programme {
		return programme.Programme{Payment: programme.Payment{StagesPerYear: stages}}
	}
	for _, c := range []struct {
		stages int
		day    period.Date
		want   string
	}{
		{4, period.On(2024, 10, 15), "2024-Q4"}, {12, period.On(2024, 10, 15), "2024-10"}, {6, period.On(2024, 10, 15), "2024-09"},
		{6, period.On(2024, 1, 1), "2024-01"}, {2, period.On(2024, 8, 1), "2024-07"}, {1, period.On(2024, 10, 15), "2024"}, {0, period.On(2024, 2, 1), "2024"},
	} {
		got := PeriodOf(of(c.stages), c.day)
		if got != c.want {
			t.Errorf("%d stages on %s: %s, want %s", c.stages, c.day, got, c.want)
		}
		if first, last, err := months(of(c.stages), got); err != nil || first.First().After(c.day) || last.Last().Before(c.day) {
			t.Errorf("%s lasts from %s to %s, %v", got, first, last, err)
		}
	}
	for _, text := range []string{"", "2024-13", "2024-Q5", "2024-10-01", "24", "Oktober"} {
		if _, _, err := months(programme.Programme{}, text); err == nil {
			t.Errorf("%q was taken as a stage", text)
		}
	}
}

func TestTheSimulatedBankAnswersBySeed(t *testing.T) {
	t.Parallel()
	tables, err := payment.Load(programmes.Files)
	if err != nil {
		t.Fatal(err)
	}
	bank, err := ParseBank(paying.Simulation, tables)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	day, used, failed, moved := period.On(2024, 10, 3), 0, 0, 0
	for i := range int64(n) {
		r := bank.Answer(1, i, day)
		if r != bank.Answer(1, i, day) {
			t.Fatal("the same seed gave two answers")
		}
		if r != bank.Answer(2, i, day) {
			moved++
		}
		switch {
		case !r.UsedOn.IsZero():
			used++
			if r.UsedOn.Before(r.CreditedOn) || !r.CreditedOn.After(day) {
				t.Fatalf("used on %s, credited on %s, ordered on %s", r.UsedOn, r.CreditedOn, day)
			}
		default:
			failed++
		}
	}
	if share := float64(used) / n; share < 0.8465 || share > 0.8475 {
		t.Errorf("%.4f of the rows are used, want 0.8471", share)
	}
	if share := float64(failed) / n; share < 0.15 || share > 0.20 {
		t.Errorf("%.4f of the rows fail, want 15 to 20%%", share)
	}
	if moved < n/2 {
		t.Errorf("another seed changed %d answers only", moved)
	}
	for name, text := range map[string]string{
		"shares":  strings.Replace(string(paying.Simulation), "8471", "8472", 1),
		"code":    strings.Replace(string(paying.Simulation), `"78"`, `"00"`, 1),
		"outcome": strings.Replace(string(paying.Simulation), "outcome: unused", "outcome: lost", 1),
	} {
		if _, err := ParseBank([]byte(text), tables); err == nil {
			t.Errorf("%s: a wrong bank was taken", name)
		}
	}
}

func TestAccountsPrintMasked(t *testing.T) {
	t.Parallel()
	a, err := ParseAccount(" 0021-01.123456-50-8 ")
	if err != nil || a.Plain() != "002101123456508" {
		t.Fatalf("%q, %v", a.Plain(), err)
	}
	for _, text := range []string{a.String(), fmt.Sprint(a), fmt.Sprintf("%+v", struct{ A Account }{a}), fmt.Sprintf("%q", a), a.LogValue().String()} {
		if strings.Contains(text, "002101") || !strings.Contains(text, "6508") {
			t.Errorf("printed %q", text)
		}
	}
	if _, err := a.MarshalText(); err == nil {
		t.Error("an account went out as JSON")
	}
	for _, text := range []string{"", "-", "12345", "123456789012345678901", "12 34 AB 78"} {
		if _, err := ParseAccount(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
