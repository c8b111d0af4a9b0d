package app

import (
	"testing"

	programmelist "tepat/data/programmes"
	"tepat/data/scenarios"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/synth"
)

// TestScenariosNameProgrammesInForce: what a scenario has places for is a programme on its day, counted as the places are;
// else its demo stops half-way.
func TestScenariosNameProgrammesInForce(t *testing.T) {
	t.Parallel()
	catalogue, err := programme.Load(programmelist.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range scenarios.Names() {
		text, _ := scenarios.Text(name)
		s, err := synth.ReadScenario(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Quotas) == 0 {
			t.Errorf("%s has places for no programme", name)
		}
		for _, q := range s.Quotas {
			p, err := catalogue.At(s.AsOf).Programme(programme.ID(q.Programme))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if string(p.Unit) != q.Unit {
				t.Errorf("%s counts the places of %s by %s, the programme by %s", name, q.Programme, q.Unit, p.Unit)
			}
		}
	}
}
