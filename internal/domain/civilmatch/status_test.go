package civilmatch_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
)

// Codes and numbers are stored: a test has to change before one of them may.
func TestCodesAreStable(t *testing.T) {
	t.Parallel()
	want := []string{
		"pending", "service_failed", "nik_empty", "nik_invalid", "nik_not_found", "nik_anomaly", "nik_double", "name_differs",
		"birth_date_differs", "sex_differs", "dead", "moved", "kk_differs", "not_recorded", "nik_found", "matched",
	}
	all := civilmatch.Statuses()
	if len(all) != len(want) {
		t.Fatalf("%d statuses, want %d", len(all), len(want))
	}
	for i, s := range all {
		if s.Code() != want[i] {
			t.Errorf("status %d is %s, want %s", i, s, want[i])
		}
		if back, err := civilmatch.ParseStatus(want[i]); err != nil || back != s {
			t.Errorf("ParseStatus(%s) = %s, %v", want[i], back, err)
		}
		text, err := json.Marshal(s)
		var back civilmatch.Status
		if err != nil || json.Unmarshal(text, &back) != nil || back != s {
			t.Errorf("%s becomes %s in JSON", s, text)
		}
	}
	if _, err := civilmatch.ParseStatus("padan"); fail.CodeOf(err) != "civilmatch.status" {
		t.Errorf("ParseStatus(padan): %v", err)
	}
}

func TestStatesAreStable(t *testing.T) {
	t.Parallel()
	want := []civilmatch.State{
		civilmatch.Alive, civilmatch.IsDead, civilmatch.HasMoved, civilmatch.Unrecorded, civilmatch.IsAnomalous, civilmatch.IsDouble,
	}
	for i, s := range want {
		if int(s) != i {
			t.Errorf("state %d has become %d", i, s)
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	counts := map[civilmatch.Group]int{}
	for _, s := range civilmatch.Statuses() {
		counts[s.Group()]++
	}
	if counts[civilmatch.Agreed] != 1 || counts[civilmatch.Unknown] != 3 || counts[civilmatch.NotMatching] != 12 {
		t.Errorf("groups %v", counts)
	}
	if civilmatch.ServiceFailed.Group() == civilmatch.NotMatching {
		t.Error("a failure of the service counts as not matching")
	}
}

// The repair paths of section 4, row by row.
func TestRepairs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status      civilmatch.Status
		first, then civilmatch.Mender
		rematch     bool
	}{
		{civilmatch.Matched, civilmatch.ByNobody, civilmatch.ByNobody, false},
		{civilmatch.NIKNotFound, civilmatch.ByDukcapil, civilmatch.ByOperator, true},
		{civilmatch.NIKEmpty, civilmatch.ByField, civilmatch.ByDukcapil, true},
		{civilmatch.NIKInvalid, civilmatch.ByOperator, civilmatch.ByField, true},
		{civilmatch.NameDiffers, civilmatch.ByOperator, civilmatch.ByDukcapil, true},
		{civilmatch.BirthDateDiffers, civilmatch.ByOperator, civilmatch.ByDukcapil, true},
		{civilmatch.SexDiffers, civilmatch.ByOperator, civilmatch.ByDukcapil, true},
		{civilmatch.KKDiffers, civilmatch.ByOperator, civilmatch.ByDukcapil, true},
		{civilmatch.NIKAnomaly, civilmatch.ByDukcapil, civilmatch.ByNobody, true},
		{civilmatch.NIKDouble, civilmatch.ByOperator, civilmatch.ByDukcapil, true},
		{civilmatch.Dead, civilmatch.ByField, civilmatch.ByDukcapil, false},
		{civilmatch.Moved, civilmatch.ByOperator, civilmatch.ByNewVillage, false},
		{civilmatch.NotRecorded, civilmatch.ByDukcapil, civilmatch.ByNobody, true},
		{civilmatch.ServiceFailed, civilmatch.ByService, civilmatch.ByNobody, true},
		{civilmatch.Pending, civilmatch.ByService, civilmatch.ByNobody, true},
		{civilmatch.NIKFound, civilmatch.ByOperator, civilmatch.ByNobody, true},
	}
	if len(tests) != len(civilmatch.Statuses()) {
		t.Errorf("%d repairs for %d statuses", len(tests), len(civilmatch.Statuses()))
	}
	for _, tt := range tests {
		r := civilmatch.RepairOf(tt.status)
		if r.Status != tt.status || r.First != tt.first || r.Then != tt.then || r.Rematch != tt.rematch {
			t.Errorf("%s: %+v", tt.status, r)
		}
		dukcapil := r.First == civilmatch.ByDukcapil || r.Then == civilmatch.ByDukcapil
		if r.Letter != dukcapil {
			t.Errorf("%s: a letter to Dukcapil is %v, whose work it is %v", tt.status, r.Letter, dukcapil)
		}
	}
}

func TestFieldsComeBackFromText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := civilmatch.Fields(rapid.IntRange(0, 1<<7-1).Draw(t, "set"))
		back, err := civilmatch.ParseFields(set.String())
		if err != nil || back != set {
			t.Fatalf("%q reads back as %q, %v", set, back, err)
		}
		var again civilmatch.Fields
		for field := range set.Each {
			if !set.Has(field) || again.Has(field) {
				t.Fatalf("%q gives %q", set, field)
			}
			again |= field
		}
		if again != set {
			t.Fatalf("%q gives only %q", set, again)
		}
	})
	if _, err := civilmatch.ParseFields("name,alamat"); fail.CodeOf(err) != "civilmatch.field" {
		t.Errorf("an unknown field: %v", err)
	}
	if got := (civilmatch.Name | civilmatch.KK).String(); got != "name,no_kk" {
		t.Errorf("name and No. KK are %q", got)
	}
}
