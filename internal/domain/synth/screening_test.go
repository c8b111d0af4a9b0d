package synth

import (
	"slices"
	"testing"

	"tepat/data/criteria"
	forms "tepat/data/questionnaire"
	"tepat/data/wages"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
)

// TestScreeningRemoves runs the real criteria over the evidence of bengkulu and of its defects, as the
// screening step does, and counts the persons they remove.
func TestScreeningRemoves(t *testing.T) {
	t.Parallel()
	s := scenario(t, "bengkulu")
	k := generate(t, newTestWorld(t), Config{Scenario: s, Seed: 7})
	catalogue, err := evidence.ParseCatalogue(criteria.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	families := listFamilies(t, k, catalogue)
	removed := map[[16]byte]bool{}
	set, minimum := criteriaOf(t, catalogue, s)
	byID := map[string]int{}
	_, err = set.Screen(2, minimum, slices.Values(families), func(f eligibility.Finding) error {
		if f.Verdict != eligibility.Yes {
			t.Errorf("%s is undecided for want of %v", f.Criterion.ID, f.Missing)
			return nil
		}
		if f.Criterion.Effect == eligibility.EffectMerge || f.Criterion.Effect == eligibility.EffectNewPayee {
			return nil
		}
		byID[f.Criterion.ID]++
		if f.Criterion.Hits != eligibility.HitsFamily {
			removed[f.Member] = true
			return nil
		}
		for _, m := range families[number(f.Family)-1].Members {
			removed[m.ID] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := s.Figure("removed"); len(removed) != want.Value || want.Value != s.Removed() {
		t.Errorf("removed %d persons, the file says %d and plans %d; findings %v", len(removed), want.Value, s.Removed(), byID)
	}
	if len(byID) < 17 {
		t.Errorf("only %d criteria found anybody: %v", len(byID), byID)
	}
}

// listFamilies puts the registry's rows into families with the evidence tied to them by NIK. The ID
// of family and member is their number.
func listFamilies(t *testing.T, k *keep, catalogue *evidence.Catalogue) []eligibility.Family {
	t.Helper()
	told := map[string][]evidence.Evidence{}
	for i := range k.Batch.Evidence {
		row := &k.Batch.Evidence[i]
		e, err := catalogue.New(evidence.Statement{
			Kind: row.Kind, Value: row.Value, AsOf: row.AsOf.Text(), Source: row.Source, Match: evidence.MatchExactNIK,
		}, k.asOf)
		if err != nil {
			t.Fatalf("evidence %s %q: %v", row.Kind, row.Value, err)
		}
		told[row.NIK.Plain()] = append(told[row.NIK.Plain()], e)
	}
	at := map[string]int{}
	var families []eligibility.Family
	for i := range k.Batch.Registry {
		row := &k.Batch.Registry[i]
		if _, known := at[row.RegistryID]; !known {
			at[row.RegistryID] = len(families)
			families = append(families, eligibility.Family{ID: id(len(families) + 1), Area: row.Area})
		}
		f := &families[at[row.RegistryID]]
		head := row.Relation == person.Head
		m := eligibility.Member{ID: id(row.RowID), Born: row.BirthDate, Head: head, Payee: head}
		if row.NIK != "" {
			m.Evidence = told[row.NIK]
		}
		f.Members = append(f.Members, m)
	}
	return families
}

func criteriaOf(t *testing.T, catalogue *evidence.Catalogue, s Scenario) (eligibility.Set, *eligibility.Wages) {
	t.Helper()
	q, err := questionnaire.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	v, err := eligibility.NewVocabulary(catalogue, q)
	if err != nil {
		t.Fatal(err)
	}
	library, err := eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, v)
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.InForce(s.AsOf, "local_wage", "local_cpns", "local_good_house", "local_vehicle", "local_power")
	if err != nil {
		t.Fatal(err)
	}
	minimum, err := eligibility.ParseWages(wages.UMP)
	if err != nil {
		t.Fatal(err)
	}
	return set, minimum
}

func id(n int) (b [16]byte) {
	b[12], b[13], b[14], b[15] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return b
}

func number(b [16]byte) int {
	return int(b[12])<<24 | int(b[13])<<16 | int(b[14])<<8 | int(b[15])
}
