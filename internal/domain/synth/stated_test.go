package synth

import (
	"strconv"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// TestWhatIsStatedIsSo: as many rows as the scenario asks for, each about another member of the registry of the ages, and of a pupil
// the class she herself says she is in.
func TestWhatIsStatedIsSo(t *testing.T) {
	t.Parallel()
	s := scenario(t, "minsel")
	k := generate(t, newTestWorld(t), Config{Scenario: s, Seed: 2026})
	born := map[person.NIK]period.Date{}
	for i := range k.Batch.Civil {
		born[k.Batch.Civil[i].NIK] = k.Batch.Civil[i].BirthDate
	}
	listed := map[string]bool{}
	for i := range k.Batch.Registry {
		listed[k.Batch.Registry[i].NIK] = true
	}
	for _, e := range s.Evidence {
		if e.Stated == 0 {
			continue
		}
		rows, seen, classes := 0, map[person.NIK]bool{}, map[string]int{}
		for i := range k.Batch.Evidence {
			r := &k.Batch.Evidence[i]
			if r.Kind != e.Kind {
				continue
			}
			rows++
			classes[r.Value]++
			if seen[r.NIK] || !listed[r.NIK.Plain()] {
				t.Fatalf("%s: a row twice, or of nobody who is listed", e.Kind)
			}
			seen[r.NIK] = true
			age, known := born[r.NIK].AgeOn(s.AsOf)
			if !known || age < e.Ages[0] || age > e.Ages[1] {
				t.Errorf("%s of somebody of %d years", e.Kind, age)
			}
			if class, err := strconv.Atoi(r.Value); e.Says == SaysClass && (err != nil || class < 1 || class > 12 || age-class < 5 || age-class > 7) {
				t.Errorf("class %q at %d", r.Value, age)
			}
		}
		if rows != e.Stated {
			t.Errorf("%d rows of %s, want %d", rows, e.Kind, e.Stated)
		}
		if e.Says == SaysClass && len(classes) != 12 || e.Says == "" && classes["ya"] != rows {
			t.Errorf("%s: %v", e.Kind, classes)
		}
	}
}
