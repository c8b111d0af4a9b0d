package duplicates

import (
	"encoding/json"
	"fmt"

	"tepat/internal/domain/doubles"
)

// weighing is how a pair came to its weight, as link_pair.reasons keeps it: contributions
// by field, never a value.
type weighing struct {
	Model string `json:"model"`
	Rule  string `json:"rule,omitempty"` // the blocking rule that brought the two together
	Parts []part `json:"parts"`
}

type part struct {
	Comparison string  `json:"c"`
	Level      string  `json:"l"`
	Bits       float64 `json:"b"`
	Adjustment float64 `json:"a,omitempty"`
}

func weighingOf(model doubles.Model, rule string, list []doubles.Contribution) weighing {
	w := weighing{Model: model.Version(), Rule: rule, Parts: make([]part, len(list))}
	for i, c := range list {
		w.Parts[i] = part{c.Comparison, c.Level, c.Bits, c.Adjustment}
	}
	return w
}

func (w weighing) text() (string, error) {
	data, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("write reasons: %w", err)
	}
	return string(data), nil
}

// parseWeighing reads reasons; a pair an import found has none yet.
func parseWeighing(text string) (weighing, error) {
	var w weighing
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return w, fmt.Errorf("read reasons: %w", err)
	}
	return w, nil
}

// level gives how a comparison agreed, "" when it was not made.
func (w weighing) level(comparison string) string {
	for _, p := range w.Parts {
		if p.Comparison == comparison {
			return p.Level
		}
	}
	return ""
}

// kind says how a pair came about. A name, date and mother that are all the same are as
// good as one NIK; anything weaker is the engine's guess.
func (w weighing) kind(contested bool) Kind {
	sameNIK := w.level("nik") == "exact"
	mother := w.level("mother")
	sameWords := (w.level("name") == "exact" || w.level("name") == "joined") && w.level("birth") == "exact" &&
		w.level("sex") != "different" && (mother == "exact" || mother == "joined" || mother == "spelling" || mother == "missing")
	switch {
	case sameNIK && contested:
		return Contested
	case sameNIK || sameWords:
		return Exact
	}
	return Fuzzy
}
