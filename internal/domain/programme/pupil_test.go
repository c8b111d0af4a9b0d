package programme_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
)

// One case for each sentence of the dossier about PIP (section 7: "SD 450,000; SMP 750,000; SMA/SMK 1,800,000 a year; half in
// last class and first-semester class 10").
func TestPIPIsWorkedOut(t *testing.T) {
	t.Parallel()
	october, march := period.On(2024, 10, 1), period.On(2025, 3, 1)
	pupil := func(class int) programme.Person {
		return programme.Person{ID: id(1), Birth: born(2010), School: programme.LevelOf(class), Class: class}
	}
	unseated := func(level programme.School) programme.Person {
		return programme.Person{ID: id(1), Birth: born(2010), School: level}
	}
	tests := []struct {
		name      string
		pupil     programme.Person
		on        period.Date
		component string // taken; empty when none is
		perYear   money.Rupiah
		open      bool
	}{
		{"primary school gives 450,000", pupil(1), october, "sd", 450_000, false},
		{"its last class half of that", pupil(6), october, "sd_part", 225_000, false},
		{"junior secondary school gives 750,000", pupil(7), october, "smp", 750_000, false},
		{"its last class half of that", pupil(9), march, "smp_part", 375_000, false},
		{"senior secondary school gives 1,800,000", pupil(11), october, "sma", 1_800_000, false},
		{"its last class half of that", pupil(12), october, "sma_part", 900_000, false},
		{"so the fourth year of a vocational school", pupil(13), october, "sma_part", 900_000, false},
		{"class 10 in its first semester half of that", pupil(10), october, "sma_part", 900_000, false},
		{"class 10 in its second semester the whole", pupil(10), march, "sma", 1_800_000, false},
		{"class 7 is new too, and gets the whole", pupil(7), october, "smp", 750_000, false},
		{"a class nobody knows leaves it open", unseated(programme.SchoolSMA), october, "", 0, true},
		{"who is not at school has none, and nothing is open", unseated(programme.SchoolNone), october, "", 0, false},
		{"a student has none", unseated(programme.SchoolHigher), october, "", 0, false},
		{"a school nobody asked about leaves it open", unseated(programme.SchoolUnknown), october, "", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := find(t, "pip", tt.on).Work([]programme.Person{tt.pupil}, tt.on)
			var component string
			for _, l := range w.Lines {
				if l.Taken() {
					component = l.Component
				}
			}
			if component != tt.component || w.PerYear != tt.perYear || w.Open() != tt.open {
				t.Errorf("%q gives %s, open %v: %+v", component, w.PerYear, w.Open(), w.Lines)
			}
			if !w.Unverified {
				t.Error("the months of the first semester are not confirmed, and the working does not say so")
			}
		})
	}
}

// One case for each sentence about YAPI ("child; orphan, poor family or LKS; 200,000 a month").
func TestYAPIIsWorkedOut(t *testing.T) {
	t.Parallel()
	on := period.On(2025, 6, 1)
	child := func(year int, has, unknown programme.Trait) programme.Person {
		return programme.Person{ID: id(1), Birth: born(year), Has: has, Unknown: unknown}
	}
	for name, tt := range map[string]struct {
		who     programme.Person
		perYear money.Rupiah
		why     programme.Why
	}{
		"an orphan gets 200,000 a month":                      {child(2015, programme.Orphan, 0), 2_400_000, programme.WhyTaken},
		"a child with both parents does not":                  {child(2015, 0, 0), 0, programme.WhyNone},
		"a child of whom nobody said it stays open":           {child(2015, 0, programme.Orphan), 0, programme.WhyTrait},
		"an orphan of 17 is still a child":                    {child(2008, programme.Orphan, 0), 2_400_000, programme.WhyTaken},
		"an orphan of 18 is none any more":                    {child(2007, programme.Orphan, 0), 0, programme.WhyNone},
		"an adult of whom nobody said it leaves nothing open": {child(1980, 0, programme.Orphan), 0, programme.WhyNone},
	} {
		w := find(t, "yapi", on).Work([]programme.Person{tt.who}, on)
		if len(w.Lines) != 1 || w.Lines[0].Why != tt.why || w.PerYear != tt.perYear {
			t.Errorf("%s: %+v gives %s", name, w.Lines, w.PerYear)
		}
	}
	poor := find(t, "yapi", on).Eligibility
	for decile, want := range map[int]string{1: "", 5: "", 6: programme.WhyDecile, 0: programme.WhyUnranked} {
		if _, why := poor.Admits(decile, true, 1); why != want {
			t.Errorf("an orphan of decile %d: %q, want %q", decile, why, want)
		}
	}
	if _, why := find(t, "yapi", period.On(2024, 6, 1)).Eligibility.Admits(0, true, 1); why != "" {
		t.Errorf("before DTSEN no decile was asked: %q", why)
	}
}

func TestAClassCountsForItsSchoolYear(t *testing.T) {
	t.Parallel()
	c := find(t, "pip", period.On(2024, 10, 1)).Components
	on := func(text string) period.Date {
		d, err := period.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, tt := range []struct {
		known, day string
		want       bool
	}{
		{"2024-07-01", "2024-10-01", true},
		{"2024-06-30", "2024-10-01", false}, // everybody has moved up since
		{"2024-09", "2025-03-01", true},
		{"2024-05", "2025-03-01", false},
		{"2024", "2024-10-01", true}, // may be of this school year
		{"2024", "2025-03-01", true},
		{"2023", "2024-10-01", false},
		{"2024-10-02", "2024-10-01", false}, // of a later day
	} {
		if got := c.SameSchoolYear(on(tt.known), on(tt.day)); got != tt.want {
			t.Errorf("a class of %s on %s: %v", tt.known, tt.day, got)
		}
	}
	if c.SameSchoolYear(period.Date{}, on("2024-10-01")) {
		t.Error("a class of no date counts")
	}
	if pkh(t, day).Components.SameSchoolYear(on("2024-09"), day) {
		t.Error("PKH asks for no class")
	}
}

func TestClassesAndLevels(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level, within := programme.School(rapid.IntRange(0, 5).Draw(t, "level")), rapid.IntRange(-1, 9).Draw(t, "class")
		class := programme.ClassOf(level, within)
		school := slices.Contains([]programme.School{programme.SchoolSD, programme.SchoolSMP, programme.SchoolSMA}, level)
		if class != 0 && (!school || within < 1) || class > 13 {
			t.Fatalf("class %d of level %d is class %d", within, level, class)
		}
		if within >= 1 && within <= 3 && school && programme.LevelOf(class) != level {
			t.Fatalf("class %d of level %d is of level %d", within, level, programme.LevelOf(class))
		}
	})
}
