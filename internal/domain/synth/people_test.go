package synth

import (
	"slices"
	"strings"
	"testing"

	forms "tepat/data/questionnaire"
	"tepat/data/scenarios"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
)

func template(t testing.TB) Scenario {
	t.Helper()
	s, err := ReadScenario(scenarios.Template())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// regions are places with ways of forming names that differ.
var regions = map[string]area.Code{"medan": 12_71_000000, "denpasar": 51_71_000000, "surabaya": 35_78_000000, "jayawijaya": 95_01_000000, "asahan": 12_09_000000}

func TestAnswersFitTheForm(t *testing.T) {
	t.Parallel()
	set, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	form, err := set.Version("REGSOSEK22-K")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, level := range []questionnaire.Level{questionnaire.LevelPerson, questionnaire.LevelFamily} {
		for _, item := range form.Items(level) {
			keys[item.Number] = item.Key
		}
	}
	names := ItemNames()
	if len(names) != personItems+familyItems {
		t.Fatalf("%d names for %d items", len(names), personItems+familyItems)
	}
	w := newTestWorld(t)
	for region, code := range regions {
		k := generate(t, w, Config{Scenario: template(t).For(code, 600, template(t).AsOf), Seed: 3})
		for i := range k.Batch.Registry {
			row := &k.Batch.Registry[i]
			answers := [2]questionnaire.Answers{{}, {}}
			for j, answer := range row.Items {
				key, known := keys[names[j]]
				if !known {
					t.Fatalf("the form has no item %s", names[j])
				}
				if answer != Unanswered {
					answers[min(j/personItems, 1)][key] = questionnaire.Number(int64(answer))
				}
			}
			if (len(answers[1]) > 0) != (row.Relation == person.Head) {
				t.Fatalf("%s row %d, %s: %d answers of the family", region, row.RowID, row.Relation, len(answers[1]))
			}
			for level, a := range map[questionnaire.Level]questionnaire.Answers{questionnaire.LevelPerson: answers[0], questionnaire.LevelFamily: answers[1]} {
				for _, fault := range form.Validate(level, a) {
					t.Fatalf("%s row %d: %v", region, row.RowID, fault)
				}
			}
		}
	}
}

func TestPeopleAreSound(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	for region, code := range regions {
		s := template(t).For(code, 900, template(t).AsOf)
		k := generate(t, w, Config{Scenario: s, Seed: 11})
		families := map[person.KK][]*CivilRow{}
		niks := map[person.NIK]bool{}
		for i := range k.Batch.Civil {
			row := &k.Batch.Civil[i]
			checkCivil(t, region, row, s)
			if niks[row.NIK] {
				t.Errorf("%s: NIK %s twice", region, row.NIK)
			}
			niks[row.NIK] = true
			families[row.NoKK] = append(families[row.NoKK], row)
		}
		for _, members := range families {
			checkKin(t, region, members)
		}
		heads := map[string]int{}
		for i := range k.Batch.Registry {
			if k.Batch.Registry[i].Relation == person.Head {
				heads[k.Batch.Registry[i].RegistryID]++
			}
		}
		for id, n := range heads {
			if n != 1 {
				t.Errorf("%s: family %s has %d heads", region, id, n)
			}
		}
		if len(heads) != s.Population.Families {
			t.Errorf("%s: %d families with a head, want %d", region, len(heads), s.Population.Families)
		}
	}
}

// checkCivil holds what must be true of every person of the civil registry.
func checkCivil(t *testing.T, region string, row *CivilRow, s Scenario) {
	t.Helper()
	parsed, err := person.ParseNIK(row.NIK.Plain())
	if err != nil || parsed != row.NIK {
		t.Errorf("%s: NIK %s: %v", region, row.NIK, err)
	}
	if codes := row.NIK.Warnings(row.BirthDate, row.Sex, s.AsOf); len(codes) > 0 {
		t.Errorf("%s: NIK %s of somebody born %s: %v", region, row.NIK, row.BirthDate, codes)
	}
	if _, err := person.ParseKK(row.NoKK.Plain()); err != nil {
		t.Errorf("%s: No. KK %s: %v", region, row.NoKK, err)
	}
	if strings.HasSuffix(row.NIK.Plain(), "0") || strings.HasSuffix(row.NoKK.Plain(), "0") {
		t.Errorf("%s: number %s or %s ends in zero", region, row.NIK, row.NoKK)
	}
	for _, name := range []string{row.Name, row.MotherName, row.FatherName} {
		if name == "" || len(name) > 60 || name != strings.ToUpper(name) || strings.ContainsAny(name, "0123456789.,") || strings.Contains(name, "  ") {
			t.Errorf("%s: name %q", region, name)
		}
	}
	if age, ok := row.BirthDate.AgeOn(s.AsOf); !ok || age < 0 || age > oldest {
		t.Errorf("%s: born %s", region, row.BirthDate)
	}
	if !strings.HasPrefix(row.PersonID, "SINTETIS-") || row.BirthPlace == "" {
		t.Errorf("%s: person %s born in %q", region, row.PersonID, row.BirthPlace)
	}
}

// checkKin holds what must be true of the members of a card: the mother of the head's children is
// old enough, and her name stands on their rows. Second records of persons are left out.
func checkKin(t *testing.T, region string, members []*CivilRow) {
	t.Helper()
	at := slices.IndexFunc(members, func(r *CivilRow) bool { return r.Relation == person.Wife })
	if at < 0 {
		return
	}
	wife := members[at]
	for _, m := range members {
		if m.Relation != person.Child {
			continue
		}
		if m.MotherName != wife.Name {
			t.Errorf("%s: child of %s has mother %s", region, wife.Name, m.MotherName)
		}
		if years, _ := wife.BirthDate.AgeOn(m.BirthDate); years < 15 {
			t.Errorf("%s: %s was a mother at %d", region, wife.PersonID, years)
		}
	}
}

func TestNamesFollowTheRegion(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	share := func(code area.Code, is func(*CivilRow) bool) float64 {
		s := template(t).For(code, 1500, template(t).AsOf)
		s.Duplicates = nil
		n, all := 0, 0
		for _, row := range generate(t, w, Config{Scenario: s, Seed: 5}).Batch.Civil {
			all++
			if is(&row) {
				n++
			}
		}
		return float64(n) / float64(all)
	}
	last := func(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }
	inherits := func(r *CivilRow) bool { return r.Relation == person.Child && last(r.Name) == last(r.FatherName) }
	mononymOld := func(r *CivilRow) bool { return r.BirthDate.Year() < 1960 && !strings.Contains(r.Name, " ") }
	balinese := func(r *CivilRow) bool { return strings.HasPrefix(r.Name, "NI ") || strings.HasPrefix(r.Name, "I ") }
	siti := func(r *CivilRow) bool {
		return strings.HasPrefix(r.Name, "SITI ") || strings.HasPrefix(r.Name, "MUHAMMAD ")
	}
	for name, c := range map[string]struct {
		code   area.Code
		is     func(*CivilRow) bool
		lo, hi float64
	}{
		"clans pass from father to child in Minahasa": {71_05_000000, inherits, 0.25, 0.6},
		"and seldom on Java":                          {35_78_000000, inherits, 0, 0.05},
		"old people of one word on Java":              {35_78_000000, mononymOld, 0.02, 0.2},
		"but not in Minahasa":                         {71_05_000000, mononymOld, 0, 0.02},
		"birth order in Bali":                         {51_71_000000, balinese, 0.5, 0.95},
		"and nowhere else":                            {35_78_000000, balinese, 0, 0.02},
		"Muhammad and Siti in Aceh":                   {11_71_000000, siti, 0.1, 0.5},
		"but not in Papua's highlands":                {95_01_000000, siti, 0, 0.02},
	} {
		if got := share(c.code, c.is); got < c.lo || got > c.hi {
			t.Errorf("%s: %.3f, want %.2f to %.2f", name, got, c.lo, c.hi)
		}
	}
}

// TestWelfareShows checks that the deciles can be told from the answers, but not perfectly.
func TestWelfareShows(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	s := template(t).For(32_78_000000, 4000, template(t).AsOf)
	k := generate(t, w, Config{Scenario: s, Seed: 8})
	decile := map[string]int{}
	for _, row := range k.Batch.Deciles {
		decile[row.RegistryID] = row.Decile
	}
	at := slices.Index(ItemNames(), "502b") // a refrigerator
	var owns, all [11]float64
	for i := range k.Batch.Registry {
		row := &k.Batch.Registry[i]
		if d := decile[row.RegistryID]; d > 0 && row.Relation == person.Head {
			all[d]++
			if row.Items[at] == 1 {
				owns[d]++
			}
		}
	}
	for d := 1; d < 10; d++ {
		if owns[d]/all[d] > owns[d+1]/all[d+1]+0.05 {
			t.Errorf("decile %d owns more than decile %d: %.2f, %.2f", d, d+1, owns[d]/all[d], owns[d+1]/all[d+1])
		}
	}
	if poor, rich := owns[1]/all[1], owns[10]/all[10]; poor < 0.01 || poor > 0.4 || rich < 0.7 {
		t.Errorf("refrigerators: %.2f of decile 1, %.2f of decile 10", poor, rich)
	}
}
