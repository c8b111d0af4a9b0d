package doubles

import (
	"cmp"
	"math"
	"slices"
)

// Rank orders candidates by how likely each describes the person of the record, the likeliest first. The
// candidates compete: a posterior is the share of belief among all of them and "none of them", so two
// namesakes born on one day are both left to a person. A candidate is a Link only when its posterior
// and its lead over the next reach the model's bars and nothing speaks for another person of the house.
//
// Names weigh by their rarity in the population given to Model.WithFrequencies; without one, every name
// counts as moderately rare.
func Rank(record Record, candidates []Record, model Model) []Scored {
	d := newDictionary(model.names)
	own := read(&record, d)
	rows := make([]row, len(candidates))
	for i := range candidates {
		rows[i] = read(&candidates[i], d)
	}
	larger := model.counted
	if larger == nil {
		larger = &Frequencies{}
	}
	d.weigh(model.frequency, larger)
	c := newComparer(d, &model)
	list := make([]Scored, len(rows))
	for i := range rows {
		o := model.weigh(c, &own, &rows[i])
		list[i] = Scored{Index: i, Weight: o.weight(), outcome: o}
	}
	slices.SortFunc(list, func(p, q Scored) int {
		return cmp.Or(cmp.Compare(q.Weight, p.Weight), cmp.Compare(candidates[p.Index].ID, candidates[q.Index].ID),
			cmp.Compare(p.Index, q.Index))
	})
	model.compete(list)
	return list
}

// compete shares belief out among the candidates and decides. Weights are taken relative to the largest,
// which keeps the powers of two in range.
func (m *Model) compete(list []Scored) {
	top := m.rank.None
	if len(list) > 0 {
		top = max(top, list[0].Weight)
	}
	sum := math.Exp2(m.rank.None - top)
	for i := range list {
		sum += math.Exp2(list[i].Weight - top)
	}
	for i := range list {
		s := &list[i]
		s.Posterior = math.Exp2(s.Weight-top) / sum
		s.Gap = math.Inf(1)
		if i+1 < len(list) {
			s.Gap = s.Weight - list[i+1].Weight
		}
		s.Decision = m.suggest(s, i == 0)
	}
}

func (m *Model) suggest(s *Scored, first bool) Decision {
	switch {
	case s.Weight < m.rank.None:
		return Reject
	case !first || s.Posterior < m.rank.Accept || s.Gap < m.rank.Gap || s.outcome.guard != unguarded || !s.outcome.supported():
		return Review
	}
	return Link
}
