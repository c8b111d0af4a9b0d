package synth

import (
	"testing"

	"tepat/data/scenarios"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// match compares every row of the registry with the civil registry by NIK, as the matching step
// does, and gives the status of each.
func match(t testing.TB, k *keep) []civilmatch.Status {
	t.Helper()
	seen := make(map[person.NIK]bool, len(k.Batch.Civil))
	for i := range k.Batch.Civil {
		if nik := k.Batch.Civil[i].NIK; seen[nik] {
			t.Fatalf("two civil records with NIK %s", nik)
		} else {
			seen[nik] = true
		}
	}
	claims := map[person.NIK]int{}
	for i := range k.Batch.Registry {
		if nik, err := person.ParseNIK(k.Batch.Registry[i].NIK); err == nil {
			claims[nik]++
		}
	}
	return compare(k, func(nik person.NIK) bool { return claims[nik] > 1 })
}

func compare(k *keep, shared func(person.NIK) bool) []civilmatch.Status {
	civil := make(map[person.NIK]*CivilRow, len(k.Batch.Civil))
	for i := range k.Batch.Civil {
		civil[k.Batch.Civil[i].NIK] = &k.Batch.Civil[i]
	}
	statuses := make([]civilmatch.Status, len(k.Batch.Registry))
	for i := range statuses {
		r := record(&k.Batch.Registry[i])
		r.NIKShared = !r.NIK.IsZero() && shared(r.NIK)
		statuses[i] = civilmatch.Compare(civilmatch.DukcapilRules(), &r, answer(civil[r.NIK])).Status
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
			checkCounts(t, &s, k)
			checkMatch(t, &s, k)
			checkKinds(t, &s, k)
			checkRequests(t, &s, k)
			if name == "asahan" {
				checkDemand(t, &s, k)
			}
		})
	}
}

// checkCounts counts families, persons and households as an import would find them.
func checkCounts(t *testing.T, s *Scenario, k *keep) {
	t.Helper()
	families, households := map[string]bool{}, map[string]bool{}
	for i := range k.Batch.Registry {
		families[k.Batch.Registry[i].RegistryID] = true
		households[k.Batch.Registry[i].HouseholdID] = true
	}
	p := s.Population
	got := [3]int{len(families), len(k.Batch.Registry), len(households)}
	if want := [3]int{p.Families, p.Persons, p.Households}; got != want {
		t.Errorf("families, persons, households: %v, want %v", got, want)
	}
}

// checkMatch matches every row by the field rules, without the truth file, and then compares with
// it. The number must also hold when only the later of two claimants of a NIK is told.
func checkMatch(t *testing.T, s *Scenario, k *keep) {
	t.Helper()
	found, notMatching := map[civilmatch.Status]bool{}, 0
	for i, status := range match(t, k) {
		truth := &k.Batch.Truth[i]
		if truth.RowID != k.Batch.Registry[i].RowID || truth.RowID != i+1 {
			t.Fatalf("row %d: truth is about row %d, registry about %d", i+1, truth.RowID, k.Batch.Registry[i].RowID)
		}
		if status != truth.Expected {
			t.Errorf("row %d, %s: found %s, want %s", truth.RowID, truth.Kind, status, truth.Expected)
		}
		if status.Group() == civilmatch.NotMatching {
			notMatching++
			found[status] = true
		}
	}
	if notMatching != s.NotMatching() {
		t.Errorf("%d do not match, want %d", notMatching, s.NotMatching())
	}
	if len(found) < 8 {
		t.Errorf("only %d different statuses: %v", len(found), found)
	}
	for i, status := range compare(k, func(person.NIK) bool { return false }) {
		if (status.Group() == civilmatch.NotMatching) != (k.Batch.Truth[i].Expected.Group() == civilmatch.NotMatching) {
			t.Errorf("row %d, %s: without knowing who shares a NIK found %s", i+1, k.Batch.Truth[i].Kind, status)
		}
	}
}

// checkKinds counts the rows of every kind.
func checkKinds(t *testing.T, s *Scenario, k *keep) {
	t.Helper()
	got, want := map[Kind]int{}, map[Kind]int{}
	for i := range k.Batch.Truth {
		got[k.Batch.Truth[i].Kind]++
	}
	for kind, n := range s.Defects {
		want[kind] += n
	}
	want[NIKHeld], want[NIKContested] = want[NIKContested]/2, want[NIKContested]/2
	for _, d := range s.Duplicates {
		want[d.Kind] += d.Persons
	}
	for kind, n := range want {
		if got[kind] != n {
			t.Errorf("%s: %d rows, want %d", kind, got[kind], n)
		}
	}
	if got[Twin] < s.Population.Persons/1000 || got[Namesake] < s.Namesakes || got[Namesake] > 2*s.Namesakes {
		t.Errorf("%d twins, %d namesakes of %d pairs", got[Twin], got[Namesake], s.Namesakes)
	}
}

// checkRequests counts the requests, and those of each working day where the scenario says how many.
func checkRequests(t *testing.T, s *Scenario, k *keep) {
	t.Helper()
	calendar, err := s.calendar()
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range s.Requests {
		rows, arrived, byDay := 0, 0, map[period.Date]int{}
		for i := range k.Batch.Requests {
			row := &k.Batch.Requests[i]
			if row.Kind != plan.Kind {
				continue
			}
			rows++
			byDay[row.FiledOn]++
			if row.Arrived {
				arrived++
			}
			if row.FiledOn.Before(plan.From) || row.FiledOn.After(plan.To) || plan.Subjects[row.Subject] == 0 {
				t.Errorf("%s filed on %s about %q", row.Kind, row.FiledOn, row.Subject)
			}
		}
		if plan.PerDay[1] == 0 && rows != plan.Rows {
			t.Errorf("%s: %d rows, want %d", plan.Kind, rows, plan.Rows)
		}
		for day, n := range byDay {
			if plan.PerDay[1] > 0 && (n < plan.PerDay[0] || n > plan.PerDay[1] || !calendar.IsWorking(day)) {
				t.Errorf("%s: %d on %s", plan.Kind, n, day)
			}
		}
		if plan.Arrived > 600 && arrived < rows/2 {
			t.Errorf("%s: only %d of %d arrived lately", plan.Kind, arrived, rows)
		}
	}
}

// checkDemand holds that more families and persons have a claim than there are places, by the decile
// and component rules of 2025 too, which are the narrowest.
func checkDemand(t *testing.T, s *Scenario, k *keep) {
	t.Helper()
	decile := map[string]int{}
	for _, row := range k.Batch.Deciles {
		decile[row.RegistryID] = row.Decile
	}
	components := map[string]bool{}
	demand := map[string]int{}
	families := map[string]bool{}
	for i := range k.Batch.Registry {
		row := &k.Batch.Registry[i]
		d := decile[row.RegistryID]
		if d == 0 || d > 5 {
			continue
		}
		demand["pbi_jk"]++
		families[row.RegistryID] = true
		_, oldest, _ := row.BirthDate.AgeRange(s.AsOf)
		atSchool := row.Items[schooling] == 2 && row.Items[level] <= vocational
		if d <= 4 && (oldest <= 6 || oldest >= 60 || atSchool || row.Items[pregnantItem] == 1) {
			components[row.RegistryID] = true
		}
	}
	demand["sembako"], demand["pkh"] = len(families), len(components)
	for _, q := range s.Quotas {
		if demand[q.Programme] < q.Places+q.Places/10 {
			t.Errorf("%s: demand %d for %d places", q.Programme, demand[q.Programme], q.Places)
		}
	}
}
