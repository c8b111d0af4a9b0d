package linkage

import "math"

// LevelWeight is the weight of one level of a comparison, in the order of the model.
type LevelWeight struct {
	Comparison string  `json:"comparison"`
	Level      string  `json:"level"`
	M          float64 `json:"m"`
	U          float64 `json:"u"`
	Bits       float64 `json:"bits"`
}

// Weights gives the weights of all levels, without frequencies: what a match-weight chart shows.
func (m *Model) Weights() (list []LevelWeight) {
	for _, c := range m.file.Comparisons {
		for _, l := range c.Levels {
			list = append(list, LevelWeight{c.Name, l.Level, l.M, l.U, math.Log2(l.M / l.U)})
		}
	}
	return list
}

// Expected is what the weights themselves say of a bar, before anybody has looked at a pair.
type Expected struct {
	Bits      float64 `json:"bits"`
	Found     int     `json:"found"`     // pairs at the bar and above
	Precision float64 `json:"precision"` // share of them that is expected to be right
	Recall    float64 `json:"recall"`    // share of the right ones among all pairs found that is expected to be at the bar
}

// expected adds up probabilities by bar. Weights that say too much or too little make these figures so.
func expected(weights []int32, lowest float64) (list []Expected) {
	all := 0.0
	for _, w := range weights {
		all += Probability(w)
	}
	for _, bar := range barSteps(lowest) {
		x := Expected{Bits: bar}
		right := 0.0
		for _, w := range weights {
			if w >= fixed(bar) {
				x.Found++
				right += Probability(w)
			}
		}
		x.Precision = 1
		if x.Found > 0 {
			x.Precision = right / float64(x.Found)
		}
		if all > 0 {
			x.Recall = right / all
		}
		list = append(list, x)
	}
	return list
}

// ExpectedDoubles gives the expected precision and recall of deduplication by bar.
func (e *Engine) ExpectedDoubles(d *Doubles) []Expected {
	weights := make([]int32, len(d.Edges))
	for i := range d.Edges {
		weights[i] = d.Edges[i].Weight
	}
	return expected(weights, e.model.file.Dedupe.Review)
}

// ExpectedLinks gives the expected precision and recall of linking by bar, on the belief candidates are left with.
func (e *Engine) ExpectedLinks(l *Links) []Expected {
	var weights []int32
	for i := range l.Matches {
		if l.Matches[i].Reference >= 0 {
			weights = append(weights, fixed(logOdds(l.Matches[i].Probability)))
		}
	}
	return expected(weights, -3)
}
