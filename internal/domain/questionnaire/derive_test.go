package questionnaire_test

import (
	"reflect"
	"testing"

	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

func TestFactsOfAFamily(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	tests := []struct {
		name string
		a    questionnaire.Answers
		want map[string]any
	}{
		{"floor area", answers("floor_area", 54), map[string]any{"floor_area": int64(54)}},
		{"soil is a poor floor", answers("floor_material", 8), map[string]any{"floor_material": "soil", "poor_floor": true}},
		{"another floor is known as such, poor or not is not", answers("floor_material", 9), map[string]any{"floor_material": "other"}},
		{"the new water codes are piped water", answers("drinking_water", 12), map[string]any{"drinking_water": "piped", "protected_water": true}},
		{"no electricity is 0 VA", answers("lighting", 4), map[string]any{"lighting": "none", "has_electricity": false, "electricity_va": int64(0), "electricity_meters": int64(0)}},
		{"the largest of two meters", answers("lighting", 1, "power_1", 1, "power_2", 3),
			map[string]any{"lighting": "pln_metered", "has_electricity": true, "electricity_va": int64(1300), "electricity_meters": int64(2)}},
		{"electricity without a meter has unknown power", answers("lighting", 2), map[string]any{"lighting": "pln_unmetered", "has_electricity": true, "electricity_meters": int64(0)}},
		{"a shared toilet is a toilet, not an own one", answers("toilet", 2), map[string]any{"toilet": "shared", "has_toilet": true, "has_own_toilet": false}},
		{"without a toilet there is no water seal", answers("toilet", 6), map[string]any{"toilet": "none", "has_toilet": false, "has_own_toilet": false, "has_water_seal": false}},
		{"a motorcycle of 2022 is at least one", answers("motorcycle", 1), map[string]any{"motorcycles": int64(1)}},
		{"none is none", answers("motorcycle", 2), map[string]any{"motorcycles": int64(0)}},
		{"the count of 2026 wins", answers("motorcycle", 1, "motorcycle_count", 3), map[string]any{"motorcycles": int64(3)}},
		{"gold of 2022 is at least ten grams", answers("gold", 1), map[string]any{"gold_grams": int64(10)}},
		{"nothing asked, nothing known", answers(), map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := set.Derive("REGSOSEK22-K", tt.a, nil)
			if err != nil || !reflect.DeepEqual(d.Family.Map(), tt.want) {
				t.Errorf("got %v, %v; want %v", d.Family.Map(), err, tt.want)
			}
		})
	}
}

func TestFactsOfAMember(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	nine := []string{"seeing", "hearing", "walking", "hands", "learning", "behaviour", "speaking", "self_care", "memory"}
	all := func(code, last int) questionnaire.Answers {
		a := answers()
		for _, d := range nine {
			a["difficulty_"+d] = questionnaire.Number(int64(code))
		}
		a["difficulty_memory"] = questionnaire.Number(int64(last))
		return a
	}
	tests := []struct {
		name string
		a    questionnaire.Answers
		want map[string]any
	}{
		{"a pupil of MTs is in SMP", answers("schooling", 2, "highest_level", 9), map[string]any{"at_school": true, "school_level": "smp"}},
		{"a pupil of class 2 of MTs", answers("schooling", 2, "highest_level", 9, "highest_class", 2), map[string]any{"at_school": true, "school_level": "smp", "class_attended": int64(2)}},
		{"who finished a level and goes on has no class yet", answers("schooling", 2, "highest_level", 9, "highest_class", 8), map[string]any{"at_school": true, "school_level": "smp"}},
		{"who left school is in none", answers("schooling", 3, "highest_level", 13), map[string]any{"at_school": false, "school_level": "none"}},
		{"a man is not pregnant", answers("sex", 1), map[string]any{"sex": "male", "pregnant": false}},
		{"a woman who was not asked may be", answers("sex", 2), map[string]any{"sex": "female"}},
		{"work status 5 is public employment", answers("worked", 1, "work_status", 5), map[string]any{"works": true, "work_status": "public", "public_employee": true}},
		{"who does not work is in no public employment", answers("worked", 2), map[string]any{"works": false, "work_hours": int64(0), "public_employee": false}},
		{"one thing she cannot do at all", all(4, 1), map[string]any{"disability": true, "severe_disability": true}},
		{"much difficulty is a disability, not a severe one", all(4, 2), map[string]any{"disability": true, "severe_disability": false}},
		{"some difficulty is none", all(4, 3), map[string]any{"disability": false, "severe_disability": false}},
		{"one answer of nine does not say no", answers("difficulty_seeing", 4), map[string]any{}},
		{"but it does say yes", answers("difficulty_seeing", 1), map[string]any{"disability": true, "severe_disability": true}},
		{"income above the minimum wage", answers("monthly_income", 3), map[string]any{"income_band": "above_minimum_wage"}},
		{"PBI is a bit of the sum", answers("health_insurance", 5), map[string]any{"has_pbi": true, "has_health_insurance": true}},
		{"no insurance", answers("health_insurance", 0), map[string]any{"has_pbi": false, "has_health_insurance": false}},
		{"99 does not know", answers("health_insurance", 99), map[string]any{}},
		{"she was recorded dead", answers("presence", 2), map[string]any{"present": false, "recorded_dead": true}},
		{"stunting does not tell of wasting", answers("nutrition", 2), map[string]any{"stunting": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := set.Derive("REGSOSEK22-K", answers(), []questionnaire.Answers{tt.a})
			if err != nil || !reflect.DeepEqual(d.Members[0].Map(), tt.want) {
				t.Errorf("got %v, %v; want %v", d.Members[0].Map(), err, tt.want)
			}
		})
	}
}

func TestTotalsOverTheMembers(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	members := []questionnaire.Answers{
		answers("presence", 1, "worked", 1, "work_status", 1, "monthly_income", 2),
		answers("presence", 1, "worked", 2, "sex", 2, "pregnant", 1, "schooling", 2, "highest_level", 3),
		answers("schooling", 2, "highest_level", 1), // presence not asked: she counts
		answers("presence", 2, "worked", 1, "work_status", 5, "monthly_income", 4),
	}
	d, err := set.Derive("REGSOSEK22-K", answers("floor_area", 54), members)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"family_size": int64(3), "floor_area_per_person": 18.0, "members_working": int64(1), "members_pregnant": int64(1), "pupils_sd": int64(2),
		"pupils_smp": int64(0), "any_public_employee": nil, "any_income_above_minimum": nil, "members_severely_disabled": nil,
	} {
		if got := d.Family.Value(name).Any(); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	members[3]["presence"] = questionnaire.Number(1) // the dead member was alive after all
	d, _ = set.Derive("REGSOSEK22-K", answers("floor_area", 54), members)
	for name, want := range map[string]any{"family_size": int64(4), "any_public_employee": true, "any_income_above_minimum": true, "members_working": int64(2)} {
		if got := d.Family.Value(name).Any(); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestEveryFactIsGivenByTheForm(t *testing.T) {
	t.Parallel()
	set, v := load(t)
	seen := map[string]bool{}
	all := append(set.Facts(questionnaire.LevelFamily), set.Facts(questionnaire.LevelPerson)...)
	for _, f := range all {
		if seen[f.Name] {
			t.Errorf("%s twice", f.Name)
		}
		seen[f.Name] = true
	}
	family, member := answers(), answers()
	fill := func(a questionnaire.Answers, it questionnaire.Item) {
		switch {
		case len(it.Codes) > 0:
			a[it.Key] = questionnaire.Number(1)
		case it.Kind == questionnaire.KindInteger, it.Kind == questionnaire.KindCount:
			a[it.Key] = questionnaire.Number(1)
		}
	}
	for _, it := range v.Items(questionnaire.LevelFamily) {
		fill(family, it)
	}
	for _, it := range v.Items(questionnaire.LevelPerson) {
		fill(member, it)
	}
	member["schooling"], member["sex"] = questionnaire.Number(2), questionnaire.Number(2)
	d, err := set.Derive("REGSOSEK22-K", family, []questionnaire.Answers{member})
	if err != nil {
		t.Fatal(err)
	}
	silent := map[string]bool{"stunting": true} // code 1 of item 427 tells of wasting alone
	for _, f := range all {
		facts := d.Family
		if f.Level == questionnaire.LevelPerson {
			facts = d.Members[0]
		}
		if !facts.Value(f.Name).Known() && !silent[f.Name] {
			t.Errorf("%s follows from no item", f.Name)
		}
	}
}

func TestDeriveKnowsItsVersions(t *testing.T) {
	t.Parallel()
	set, _ := load(t)
	if _, err := set.Derive("REGSOSEK99", nil, nil); fail.CodeOf(err) != "questionnaire.version_unknown" {
		t.Errorf("got %v", err)
	}
	if (questionnaire.Facts{}).Value("floor_area").Known() {
		t.Error("the zero Facts knows nothing")
	}
}

func BenchmarkDerive(b *testing.B) {
	set, _ := load(b)
	family := answers("dwelling_tenure", 1, "floor_area", 54, "floor_material", 2, "lighting", 1, "power_1", 1, "toilet", 1, "motorcycle", 1)
	member := answers("presence", 1, "sex", 1, "schooling", 3, "worked", 1, "work_status", 4, "health_insurance", 1)
	members := []questionnaire.Answers{member, member, member}
	for b.Loop() {
		if _, err := set.Derive("REGSOSEK22-K", family, members); err != nil {
			b.Fatal(err)
		}
	}
}
