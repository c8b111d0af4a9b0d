package synth

import (
	"testing"

	"tepat/data/scenarios"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
)

// match compares every row of the registry with the civil registry by NIK, as the matching step
// does, and gives the status of each.
func match(t *testing.T, k *keep) []civilmatch.Status {
	t.Helper()
	civil := make(map[person.NIK]*CivilRow, len(k.Batch.Civil))
	for i := range k.Batch.Civil {
		row := &k.Batch.Civil[i]
		if civil[row.NIK] != nil {
			t.Fatalf("two civil records with NIK %s", row.NIK)
		}
		civil[row.NIK] = row
	}
	records := make([]civilmatch.Record, len(k.Batch.Registry))
	claims := map[person.NIK]int{}
	for i := range k.Batch.Registry {
		records[i] = record(&k.Batch.Registry[i])
		claims[records[i].NIK]++
	}
	statuses := make([]civilmatch.Status, len(records))
	for i := range records {
		r := &records[i]
		r.NIKShared = !r.NIK.IsZero() && claims[r.NIK] > 1
		statuses[i] = civilmatch.Compare(civilmatch.DukcapilRules(), r, answer(civil[r.NIK])).Status
	}
	return statuses
}

func record(row *RegistryRow) civilmatch.Record {
	kk, _ := person.ParseKK(row.NoKK)
	nik, err := person.ParseNIK(row.NIK)
	return civilmatch.Record{
		NIK: nik, NIKInvalid: err != nil && row.NIK != "", KK: kk, Name: person.Name(row.Name), Sex: row.Sex, BirthDate: row.BirthDate,
		BirthPlace: row.BirthPlace, MotherName: person.Name(row.MotherName), Village: row.Area,
	}
}

func answer(row *CivilRow) *civilmatch.Answer {
	if row == nil {
		return &civilmatch.Answer{Outcome: civilmatch.NotFound}
	}
	return &civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, State: row.Status.State(), Civil: civilmatch.CivilRecord{
		KK: row.NoKK, Name: person.Name(row.Name), Sex: row.Sex, BirthDate: row.BirthDate, BirthPlace: row.BirthPlace,
		MotherName: person.Name(row.MotherName), Village: row.Area,
	}}
}

func TestFiguresOfScenarios(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			s := scenario(t, name)
			k := generate(t, w, Config{Scenario: s, Seed: 2026})
			families, households := map[string]bool{}, map[string]bool{}
			for i := range k.Batch.Registry {
				families[k.Batch.Registry[i].RegistryID] = true
				households[k.Batch.Registry[i].HouseholdID] = true
			}
			got := map[string]int{
				"families": len(families), "persons": len(k.Batch.Registry), "households": len(households), "not_matching": 0,
			}
			for i, status := range match(t, k) {
				truth := &k.Batch.Truth[i]
				if truth.RowID != k.Batch.Registry[i].RowID || truth.RowID != i+1 {
					t.Fatalf("row %d: truth is about row %d, registry about %d", i+1, truth.RowID, k.Batch.Registry[i].RowID)
				}
				if status != truth.Expected {
					t.Errorf("row %d, %s: found %s, want %s", truth.RowID, truth.Kind, status, truth.Expected)
				}
				if status.Group() == civilmatch.NotMatching {
					got["not_matching"]++
				}
			}
			want := map[string]int{
				"families": s.Population.Families, "persons": s.Population.Persons, "households": s.Population.Households,
				"not_matching": s.NotMatching(),
			}
			for key, n := range want {
				if got[key] != n {
					t.Errorf("%s: %d, want %d", key, got[key], n)
				}
			}
		})
	}
}
