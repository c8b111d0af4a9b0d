package programme_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"tepat/data/criteria"
	data "tepat/data/programmes"
	formdata "tepat/data/questionnaire"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

func load(t testing.TB) programme.Catalogue {
	t.Helper()
	c, err := programme.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func find(t *testing.T, id programme.ID, on period.Date) programme.Programme {
	t.Helper()
	p, err := load(t).At(on).Programme(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRulesInForceOnTheDay(t *testing.T) {
	t.Parallel()
	ambon, minsel := period.On(2023, 6, 30), period.On(2025, 9, 1)
	tests := []struct {
		name       string
		id         programme.ID
		on         period.Date
		decile     int
		listed     bool
		components int
		held       []programme.ID
		want       string // why not, empty when admitted
	}{
		{"PKH of 2023 knows no decile", programme.PKH, ambon, 0, true, 1, nil, ""},
		{"PKH of 2023 wants the family listed", programme.PKH, ambon, 1, false, 1, nil, programme.WhyUnlisted},
		{"PKH wants a component", programme.PKH, ambon, 1, true, 0, nil, programme.WhyComponent},
		{"PKH of 2025 goes to decile 4", programme.PKH, minsel, 4, true, 1, nil, ""},
		{"and not to decile 5", programme.PKH, minsel, 5, true, 1, nil, programme.WhyDecile},
		{"unranked is not poor and not rich", programme.PKH, minsel, 0, true, 1, nil, programme.WhyUnranked},
		{"Sembako of 2025 goes to decile 5", programme.Sembako, minsel, 5, true, 0, nil, ""},
		{"and not to decile 6", programme.Sembako, minsel, 6, true, 0, nil, programme.WhyDecile},
		{"PBI-JK of 2025 goes to decile 5", programme.PBIJK, minsel, 5, true, 0, nil, ""},
		{"the temporary aid went to decile 4", "blt_kesra", period.On(2025, 11, 1), 5, true, 0, nil, programme.WhyDecile},
		{"the top-up is for who gets Sembako", "sembako_topup", period.On(2025, 6, 15), 1, true, 0, nil, programme.WhyProgramme},
		{"and she does", "sembako_topup", period.On(2025, 6, 15), 1, true, 0, []programme.ID{"pkh", "sembako"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			admitted, why := find(t, tt.id, tt.on).Eligibility.Admits(tt.decile, tt.listed, tt.components, tt.held...)
			if why != tt.want || admitted != (tt.want == "") {
				t.Errorf("admitted %v, why %q, want %q", admitted, why, tt.want)
			}
		})
	}
}

func TestAmountsOfTheDossier(t *testing.T) {
	t.Parallel()
	on := period.On(2025, 11, 1)
	flat := map[programme.ID]money.Rupiah{"sembako": 200_000, "pbi_jk": 42_000, "blt_kesra": 300_000, "blt_dd": 300_000, "rst": 20_000_000}
	for id, want := range flat {
		if got := find(t, id, on).Benefit.Amount; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	components := map[programme.ID]map[string]money.Rupiah{
		"pkh": {"pregnant": 3_000_000, "child": 3_000_000, "sd": 900_000, "smp": 1_500_000, "sma": 2_000_000, "elderly": 2_400_000,
			"severe_disability": 2_400_000, "rights_victim": 10_800_000},
		"pip":        {"sd": 450_000, "smp": 750_000, "sma": 1_800_000, "sd_part": 225_000, "smp_part": 375_000, "sma_part": 900_000},
		"yapi":       {"orphan": 200_000},
		"permakanan": {"elderly_alone": 21_000, "disabled": 21_000},
	}
	for id, want := range components {
		got := find(t, id, on).Components.Items
		if len(got) != len(want) {
			t.Errorf("%s has %d components, want %d", id, len(got), len(want))
		}
		for _, c := range got {
			if c.Amount.Amount != want[c.ID] {
				t.Errorf("%s %s: %s, want %s", id, c.ID, c.Amount.Amount, want[c.ID])
			}
		}
	}
	if got, err := find(t, programme.Sembako, on).ForMonths(3); got != 600_000 || err != nil {
		t.Errorf("three months of Sembako: %s, %v", got, err)
	}
	if _, err := find(t, programme.PKH, on).ForMonths(3); fail.CodeOf(err) != "programme.no_flat_benefit" {
		t.Errorf("PKH has no flat benefit: %v", err)
	}
}

func TestUnitsAndOwners(t *testing.T) {
	t.Parallel()
	units := map[programme.ID]programme.Unit{"pkh": programme.UnitFamily, "sembako": programme.UnitFamily, "pbi_jk": programme.UnitPerson,
		"pip": programme.UnitPupil, "rst": programme.UnitHouse, "yapi": programme.UnitPerson, "blt_dd": programme.UnitFamily, "local_aid": programme.UnitFamily}
	for id, want := range units {
		if got := find(t, id, period.On(2025, 11, 1)).Unit; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if find(t, "local_aid", day).Owner != programme.OwnerDistrict || find(t, "pkh", day).Owner != programme.OwnerNational {
		t.Error("a district pays its own aid and not PKH")
	}
}

func TestAProgrammeThatEnded(t *testing.T) {
	t.Parallel()
	c := load(t)
	if _, err := c.At(period.On(2021, 4, 30)).Programme("bst"); err != nil {
		t.Errorf("its last day: %v", err)
	}
	if _, err := c.At(period.On(2021, 5, 1)).Programme("bst"); fail.CodeOf(err) != "programme.not_in_force" {
		t.Errorf("the day after: %v", err)
	}
	if n := len(c.At(period.On(2025, 11, 1)).Programmes()); n != 13 {
		t.Errorf("%d programmes in November 2025", n)
	}
}

func TestUnconfirmedRulesAreMarked(t *testing.T) {
	t.Parallel()
	for _, p := range load(t).At(day).Programmes() {
		for _, c := range p.Components.Items {
			if c.Unverified && !p.Components.Unverified && !p.Unverified {
				t.Errorf("%s: component %s is not confirmed and the programme does not say so", p.ID, c.ID)
			}
		}
	}
	if !find(t, programme.PBIJK, day).Unverified {
		t.Error("the premium is not confirmed, so the programme is marked")
	}
}

func TestProgrammesTogether(t *testing.T) {
	t.Parallel()
	on := period.On(2025, 11, 1)
	has := func(ids ...programme.ID) (out []programme.Holding) {
		for _, id := range ids {
			out = append(out, programme.Holding{Programme: id})
		}
		return out
	}
	tests := []struct {
		name   string
		wanted programme.ID
		held   []programme.Holding
		on     period.Date
		want   bool
		effect programme.Effect // of the deciding rule, empty when there is none
	}{
		{"Sembako beside PKH", "sembako", has("pkh"), on, true, programme.Allow},
		{"and the other way round", "pkh", has("sembako"), on, true, programme.Allow},
		{"village aid not beside PKH", "blt_dd", has("pkh"), on, false, programme.Deny},
		{"one deny among allows", "blt_dd", has("pbi_jk", "sembako"), on, false, programme.Deny},
		{"a second PKH on one card", "pkh", has("pkh"), on, false, programme.Cap},
		{"a second member in PBI-JK", "pbi_jk", has("pbi_jk", "pbi_jk"), on, true, programme.Allow},
		{"a pair without a rule is allowed, and says so", "rst", has("pkh"), on, true, ""},
		{"nothing held", "pkh", nil, on, true, ""},
		{"the Covid aid not beside PKH in its time", "bst", has("pkh"), period.On(2020, 8, 1), false, programme.Deny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := load(t).At(tt.on).Judge(tt.wanted, tt.held)
			if got.Allowed != tt.want || got.Rule.Effect != tt.effect {
				t.Errorf("got %+v, want %v by %q", got, tt.want, tt.effect)
			}
		})
	}
}

func TestLoadRefusesDataThatDoesNotFit(t *testing.T) {
	t.Parallel()
	const good = "id: x\nname: {id: a, en: b}\nunit: family\nowner: district\nvalid_from: \"2020-01-01\"\nlegal_basis: y\n" +
		"eligibility:\n  - {valid_from: \"2020-01-01\", legal_basis: y}\n"
	const cross = "rules: []\n"
	tests := []struct{ name, file, cross, want string }{
		{"all is well", good, cross, ""},
		{"no legal basis", strings.Replace(good, "legal_basis: y\ne", "e", 1), cross, "legal basis"},
		{"two rules on one day", good + "  - {valid_from: \"2021-01-01\", legal_basis: y}\n", cross, "two rules hold"},
		{"one after the other", strings.Replace(good, "\", legal_basis: y}", "\", valid_to: \"2020-12-31\", legal_basis: y}\n  - {valid_from: \"2021-01-01\", legal_basis: y}", 1), cross, ""},
		{"a decile above ten", strings.Replace(good, "legal_basis: y}", "legal_basis: y, decile_min: 1, decile_max: 11}", 1), cross, "deciles"},
		{"an amount of nothing", good + "benefits:\n  - {valid_from: \"2020-01-01\", amount: 0, per: month, legal_basis: y}\n", cross, "amount 0"},
		{"a unit nobody knows", strings.Replace(good, "unit: family", "unit: goat", 1), cross, "unit"},
		{"a field nobody reads", good + "colour: red\n", cross, "colour"},
		{"another's file", strings.Replace(good, "id: x", "id: z", 1), cross, `holds programme "z"`},
		{"a cross rule with a stranger", good, "rules:\n  - {a: x, b: q, effect: deny, scope: family, valid_from: \"2020-01-01\", legal_basis: y}\n", "not in the data"},
		{"two cross rules on one day", good, "rules:\n  - {a: x, b: x, effect: deny, scope: family, valid_from: \"2020-01-01\", legal_basis: y}\n" +
			"  - {a: x, b: x, effect: allow, scope: family, valid_from: \"2021-01-01\", legal_basis: y}\n", "two rules hold"},
		{"a cap of nothing", good, "rules:\n  - {a: x, b: x, effect: cap, scope: family, valid_from: \"2020-01-01\", legal_basis: y}\n", "cap"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"x.yaml": {Data: []byte(tt.file)}, "rules/cross.yaml": {Data: []byte(tt.cross)}}
			_, err := programme.Load(files)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := programme.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder holds no programmes")
	}
}

// A rule of the data is a rule the engine understands.
func TestRulesOfTheDataCompile(t *testing.T) {
	t.Parallel()
	forms, err := questionnaire.Load(formdata.Files)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := evidence.ParseCatalogue(criteria.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, err := eligibility.NewVocabulary(kinds, forms)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[programme.Unit]eligibility.Level{programme.UnitPerson: eligibility.LevelPerson, programme.UnitPupil: eligibility.LevelPerson}
	rules := 0
	for _, on := range []period.Date{period.On(2020, 8, 1), period.On(2023, 6, 1), period.On(2024, 10, 1), period.On(2025, 11, 1)} {
		for _, p := range load(t).At(on).Programmes() {
			level := eligibility.LevelFamily
			if l, person := levels[p.Unit]; person {
				level = l
			}
			if p.Eligibility.Rule == "" {
				continue
			}
			rules++
			if _, err := vocabulary.Compile(p.Eligibility.Rule, level); err != nil {
				t.Errorf("%s on %s: %v", p.ID, on, err)
			}
		}
	}
	if rules == 0 {
		t.Error("no rule was compiled")
	}
}

func TestEveryProgrammeOfTheDataIsEmbedded(t *testing.T) {
	t.Parallel()
	files, _ := fs.Glob(data.Files, "*.yaml")
	if len(files) != 15 {
		t.Errorf("%d programmes embedded", len(files))
	}
}
