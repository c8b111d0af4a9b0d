package programme_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
)

func pkh(t testing.TB, day period.Date) programme.Programme {
	t.Helper()
	p, err := load(t).At(day).Programme(programme.PKH)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var day = period.On(2024, 10, 1)

// Members of the examples, by what they are.
func born(year int) period.Date { return period.On(year, 1, 1) }

func mother(n byte) programme.Person {
	return programme.Person{ID: id(n), Birth: born(1990), School: programme.SchoolNone, Has: programme.Pregnant}
}

func member(n byte, year int, school programme.School, has ...programme.Trait) programme.Person {
	p := programme.Person{ID: id(n), Birth: born(year), School: school}
	for _, trait := range has {
		p.Has |= trait
	}
	return p
}

func TestPKHIsWorkedOut(t *testing.T) {
	t.Parallel()
	none, sd, smp, sma := programme.SchoolNone, programme.SchoolSD, programme.SchoolSMP, programme.SchoolSMA
	tests := []struct {
		name    string
		members []programme.Person
		want    []string // person component why, as weighed
		perYear money.Rupiah
	}{
		{"an adult at work has no component", []programme.Person{member(1, 1990, none)}, []string{"1 - no_component"}, 0},
		{"a pregnant woman", []programme.Person{mother(1)}, []string{"1 pregnant taken"}, 3_000_000},
		{"pupils of the three levels", []programme.Person{member(1, 2016, sd), member(2, 2011, smp), member(3, 2008, sma)},
			[]string{"3 sma taken", "2 smp taken", "1 sd taken"}, 4_400_000},
		{"a child of six at school counts once, by the larger amount", []programme.Person{member(1, 2018, sd)},
			[]string{"1 child taken", "1 sd counted_once"}, 3_000_000},
		{"a child of seven is no toddler", []programme.Person{member(1, 2017, none)}, []string{"1 - no_component"}, 0},
		{"sixty today", []programme.Person{{ID: id(1), Birth: period.On(1964, 10, 1), School: none}}, []string{"1 elderly taken"}, 2_400_000},
		{"sixty tomorrow", []programme.Person{{ID: id(1), Birth: period.On(1964, 10, 2), School: none}}, []string{"1 - no_component"}, 0},
		{"old and severely disabled counts once", []programme.Person{member(1, 1950, none, programme.SevereDisability)},
			[]string{"1 elderly taken", "1 severe_disability counted_once"}, 2_400_000},
		{"two toddlers at most", []programme.Person{member(1, 2019, none), member(2, 2020, none), member(3, 2022, none)},
			[]string{"1 child taken", "2 child taken", "3 child component_full"}, 6_000_000},
		{"two pregnancies at most", []programme.Person{mother(1), mother(2), mother(3)},
			[]string{"1 pregnant taken", "2 pregnant taken", "3 pregnant component_full"}, 6_000_000},
		{"a third toddler at school may still count as pupil", []programme.Person{member(1, 2018, none), member(2, 2018, none), member(3, 2018, sd)},
			[]string{"1 child taken", "2 child taken", "3 child component_full", "3 sd taken"}, 6_900_000},
		{"four persons at most, the four that give most",
			[]programme.Person{member(1, 2016, sd), member(2, 2011, smp), member(3, 2008, sma), member(4, 1950, none), mother(5)},
			[]string{"5 pregnant taken", "4 elderly taken", "3 sma taken", "2 smp taken", "1 sd family_full"}, 8_900_000},
		{"a victim of gross violations of human rights", []programme.Person{member(1, 1950, none, programme.RightsVictim)},
			[]string{"1 rights_victim taken", "1 elderly counted_once"}, 10_800_000},
		{"a year of birth that may be sixty or not", []programme.Person{{ID: id(1), Birth: year(1964), School: none}}, []string{"1 elderly birth_unknown"}, 0},
		{"a year of birth that surely is", []programme.Person{{ID: id(1), Birth: year(1950), School: none}}, []string{"1 elderly taken"}, 2_400_000},
		{"school was not asked", []programme.Person{member(1, 2012, programme.SchoolUnknown)},
			[]string{"1 sma school_unknown", "1 smp school_unknown", "1 sd school_unknown"}, 0},
		{"pregnancy was not asked", []programme.Person{{ID: id(1), Birth: born(1990), School: none, Unknown: programme.Pregnant}},
			[]string{"1 pregnant trait_unknown"}, 0},
		{"nobody", nil, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := pkh(t, day).Work(tt.members, day)
			var got []string
			for _, l := range w.Lines {
				component := l.Component
				if component == "" {
					component = "-"
				}
				got = append(got, fmt.Sprintf("%d %s %s", l.Person[15], component, l.Why))
			}
			if !reflect.DeepEqual(got, tt.want) || w.PerYear != tt.perYear {
				t.Errorf("got %q, %s\nwant %q, %s", got, w.PerYear, tt.want, tt.perYear)
			}
		})
	}
}

func year(y int) period.Date {
	d, _ := period.NewDate(y, 0, 0)
	return d
}

func TestWorkingSaysWhatItRestsOn(t *testing.T) {
	t.Parallel()
	w := pkh(t, day).Work([]programme.Person{mother(1)}, day)
	if w.Programme != programme.PKH || w.On != day || !strings.Contains(w.LegalBasis, "Permensos 1/2018") || !w.Unverified || w.Components() != 1 || w.Open() {
		t.Errorf("%+v", w)
	}
	if got := w.Stage(1); got != 750_000 {
		t.Errorf("a pregnant woman gets %s a stage, the source has Rp750.000", got)
	}
	unclear := pkh(t, day).Work([]programme.Person{{ID: id(1), Birth: year(1964), School: programme.SchoolNone}}, day)
	if !unclear.Open() {
		t.Error("an open date of birth leaves the working open")
	}
}

func TestStagesAddUpToTheYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := programme.Working{
			PerYear: money.Rupiah(rapid.Int64Range(0, 1e9).Draw(t, "per year")), StagesPerYear: rapid.IntRange(0, 12).Draw(t, "stages"),
		}
		sum := money.Rupiah(0)
		for n := range max(w.StagesPerYear, 1) {
			sum += w.Stage(n + 1)
		}
		if sum != w.PerYear {
			t.Fatalf("%s, want %s", sum, w.PerYear)
		}
	})
}

// Whatever a family: at most four persons, no person twice, no component above its bound, every
// member explained, the sum right, and the same for any order of the members.
func TestPKHNeverBreaksItsBounds(t *testing.T) {
	t.Parallel()
	p := pkh(t, day)
	rapid.Check(t, func(t *rapid.T) {
		members := make([]programme.Person, rapid.IntRange(0, 12).Draw(t, "members"))
		for i := range members {
			members[i] = programme.Person{
				ID: id(byte(i)), Birth: born(rapid.IntRange(1930, 2025).Draw(t, "born")), School: programme.School(rapid.IntRange(0, 5).Draw(t, "school")),
				Has:     programme.Trait(rapid.Uint16Range(0, 127).Draw(t, "has")),
				Unknown: programme.Trait(rapid.Uint16Range(0, 127).Draw(t, "unknown")),
			}
		}
		w := p.Work(members, day)
		persons, components, seen, sum := map[[16]byte]int{}, map[string]int{}, map[[16]byte]bool{}, money.Rupiah(0)
		for _, l := range w.Lines {
			seen[l.Person] = true
			if l.Taken() {
				persons[l.Person]++
				components[l.Component]++
				sum += l.PerYear
			}
		}
		if len(persons) > 4 || w.Components() != len(persons) || components["pregnant"] > 2 || components["child"] > 2 || sum != w.PerYear || len(seen) != len(members) {
			t.Fatalf("%+v", w)
		}
		backwards := make([]programme.Person, len(members))
		for i, m := range members {
			backwards[len(members)-1-i] = m
		}
		if got := p.Work(backwards, day); got.PerYear != w.PerYear {
			t.Fatalf("%s backwards, %s forwards", got.PerYear, w.PerYear)
		}
	})
}

func BenchmarkWork(b *testing.B) {
	p := pkh(b, day)
	members := []programme.Person{mother(1), member(2, 1988, programme.SchoolNone), member(3, 2016, programme.SchoolSD), member(4, 2021, programme.SchoolNone)}
	for b.Loop() {
		p.Work(members, day)
	}
}
