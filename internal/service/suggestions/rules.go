package suggestions

import (
	"bytes"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
)

// Sure says from when on how sure a suggestion must be for a batch to apply it.
type Sure struct {
	programme.Basis `yaml:",inline"`
	Probability     float64 `yaml:"probability"`
	GapBits         float64 `yaml:"gap_bits"`
	Causes          []Cause `yaml:"causes"`
	MostCauses      int     `yaml:"most_causes"`
}

// Rules are the rules of data/repair.
type Rules struct{ sure []Sure }

// mayBatch are the causes a batch may ever mend: values beside the NIK and the card.
var mayBatch = []Cause{NameForm, NameJoined, NameSpelled, NameShort, BirthSwap, BirthDigit, BirthYear, BirthGuess, SexDiffers}

// ParseRules reads rules.yaml of data/repair. The errors are for the one who edits the data.
func ParseRules(text []byte) (Rules, error) {
	var d struct{ Sure []Sure }
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return Rules{}, fmt.Errorf("repair rules: %w", err)
	}
	for i, one := range d.Sure {
		if one.Probability <= 0.5 || one.Probability > 1 || one.GapBits < 0 || one.MostCauses < 1 || one.ValidFrom.IsZero() {
			return Rules{}, fmt.Errorf("repair rules: rule %d of sure: a probability above 0.5, a gap, a number of causes and a day are required", i+1)
		}
		for _, c := range one.Causes {
			if !slices.Contains(mayBatch, c) {
				return Rules{}, fmt.Errorf("repair rules: rule %d of sure: a batch cannot mend %q", i+1, c)
			}
		}
		for _, other := range d.Sure[:i] {
			if other.InForce(one.ValidFrom) || one.InForce(other.ValidFrom) {
				return Rules{}, fmt.Errorf("repair rules: two rules of sure hold on %s", one.ValidFrom)
			}
		}
	}
	return Rules{d.Sure}, nil
}

// SureOn gives the rule in force on a day. Error: suggestions.no_rule (fact day).
func (r Rules) SureOn(day period.Date) (Sure, error) {
	for _, one := range r.sure {
		if one.InForce(day) {
			return one, nil
		}
	}
	return Sure{}, fail.NotFound("suggestions.no_rule", "day", day.Text())
}
