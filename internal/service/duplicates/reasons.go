package duplicates

import (
	"encoding/json"
	"fmt"

	"tepat/internal/domain/linkage"
)

// weighing is how a pair came to its weight, as link_pair.reasons keeps it: the level of each
// comparison and its bits, never a value. With the decision of a reviewer it is a label.
type weighing struct {
	Model   string   `json:"model"`         // name, version and digest
	Key     string   `json:"key,omitempty"` // the first key that brought the two together
	Parts   []part   `json:"parts"`
	Short   float64  `json:"short,omitempty"`   // bits the pair lacks to be held for one without being asked
	Change  []string `json:"change,omitempty"`  // comparisons each of which alone would make it so
	Refused bool     `json:"refused,omitempty"` // above that bar, but the other records of the two speak against it
}

type part struct {
	Comparison string  `json:"c"`
	Level      string  `json:"l"`
	Bits       float64 `json:"b"`
	Adjustment float64 `json:"a,omitempty"`
}

func weighingOf(model *linkage.Model, fall linkage.Waterfall) weighing {
	w := weighing{Model: model.Version(), Key: fall.Key, Parts: make([]part, len(fall.Bars)), Short: fall.Missing, Change: fall.Change}
	for i, x := range fall.Bars {
		w.Parts[i] = part{x.Comparison, x.Level, x.Bits, x.Frequency}
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
