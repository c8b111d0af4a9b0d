package programme_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
)

// One case for each sentence of the dossier's section 7 about meals ("single elderly >80 (2022), disabled; Rp21,000/day").
func TestPermakananIsWorkedOut(t *testing.T) {
	t.Parallel()
	on := period.On(2024, 10, 1)
	const year = 21_000 * 365
	for name, tt := range map[string]struct {
		who     programme.Person
		perYear money.Rupiah
		why     programme.Why
	}{
		"over eighty and alone":              {member(1, 1943, programme.SchoolNone, programme.LivesAlone), year, programme.WhyTaken},
		"eighty is not over eighty":          {member(1, 1944, programme.SchoolNone, programme.LivesAlone), 0, programme.WhyNone},
		"over eighty with a family":          {member(1, 1940, programme.SchoolNone), 0, programme.WhyNone},
		"with a disability, at any age":      {member(1, 1990, programme.SchoolNone, programme.Disability), year, programme.WhyTaken},
		"whose disability nobody asked for":  {programme.Person{ID: id(1), Birth: born(1990), Unknown: programme.Disability}, 0, programme.WhyTrait},
		"neither old and alone nor disabled": {member(1, 1990, programme.SchoolNone), 0, programme.WhyNone},
	} {
		w := find(t, "permakanan", on).Work([]programme.Person{tt.who}, on)
		if len(w.Lines) == 0 || w.Lines[0].Why != tt.why || w.PerYear != tt.perYear {
			t.Errorf("%s: %+v gives %s", name, w.Lines, w.PerYear)
		}
	}
}

// The national quotas of the dossier, each on a day it was in force.
func TestQuotasOfTheDossier(t *testing.T) {
	t.Parallel()
	for id, q := range map[programme.ID]struct {
		on   period.Date
		want int64
	}{
		"pkh": {period.On(2021, 6, 1), 10_000_000}, "sembako": {period.On(2025, 6, 1), 18_300_000}, "pbi_jk": {period.On(2025, 6, 1), 96_800_000},
		"pip": {period.On(2024, 10, 1), 18_594_627}, "blt_kesra": {period.On(2025, 11, 1), 35_046_783}, "yapi": {period.On(2022, 12, 1), 946_863},
		"permakanan": {period.On(2022, 6, 1), 334_011 + 98_934}, "electricity": {period.On(2022, 6, 1), 32_700_000}, "sembako_topup": {period.On(2025, 6, 15), 18_300_000},
	} {
		if got := find(t, id, q.on).Quota; got.Quantity != q.want || got.LegalBasis == "" {
			t.Errorf("%s: %d by %q, want %d", id, got.Quantity, got.LegalBasis, q.want)
		}
	}
}

// "PKH duties (Permensos 1/2018 art. 7): health visits for pregnant and 0-6; school attendance >= 85 %; social-welfare
// activities for elderly and severe disability; P2K2."
func TestDutiesOfPKH(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"health_visit": {"pregnant", "child"}, "school_attendance": {"sd", "smp", "sma"}, "welfare_activity": {"elderly", "severe_disability"},
		"family_session": {"pregnant", "child", "sd", "smp", "sma", "elderly", "severe_disability"},
	}
	duties := pkh(t, day).Duties
	if len(duties) != len(want) {
		t.Errorf("%d duties", len(duties))
	}
	for _, d := range duties {
		if !slices.Equal(d.Components, want[d.ID]) || d.LegalBasis == "" || (d.ID == "school_attendance") != (d.AtLeastPercent == 85) {
			t.Errorf("%+v", d)
		}
	}
}

// What a programme asks beside decile and components, sentence by sentence.
func TestWhatElseProgrammesAskFor(t *testing.T) {
	t.Parallel()
	on := period.On(2025, 11, 1)
	if e := find(t, "blt_dd", on).Eligibility; !e.Deliberation {
		t.Errorf("BLT-DD is decided by the village meeting: %+v", e)
	}
	if e := find(t, "rst", on).Eligibility; e.Rule == "" || e.DecileMax != 5 {
		t.Errorf("RST asks for an unfit house of one's own: %+v", e)
	}
	if e := find(t, "lpg", on).Eligibility; e.DecileMax != 0 || e.Component {
		t.Errorf("LPG of 3 kg has no decile bound yet: %+v", e)
	}
	if _, err := load(t).At(period.On(2025, 8, 1)).Programme("sembako_topup"); err == nil {
		t.Error("the top-up was of June and July 2025")
	}
	for _, of := range []struct {
		on   period.Date
		want string
	}{{period.On(2025, 3, 31), "DTKS"}, {period.On(2025, 4, 1), "DTSEN"}} {
		for _, id := range []programme.ID{"pkh", "pip", "yapi", "rst", "local_aid"} {
			if got := find(t, id, of.on).Eligibility.Registry; got != of.want {
				t.Errorf("%s on %s asks for %q", id, of.on, got)
			}
		}
	}
	stages := map[programme.ID]int{"pkh": 4, "pip": 1, "yapi": 12, "permakanan": 12, "rst": 1}
	for id, want := range stages {
		if got := find(t, id, on).Payment; got.StagesPerYear != want || len(got.Channels) == 0 {
			t.Errorf("%s: %+v", id, got)
		}
	}
}
