package linkage

import "slices"

// orders gives the orders in which comparisons are made: the first for any pair, then one for each key. Pairs a key
// brings together agree in what it is made of; names it does not ask for tell soonest that they are not one.
func (p *plan) orders() [][]uint8 {
	list := make([][]uint8, len(p.keys)+1)
	for i := range list {
		for k := range p.comparisons {
			list[i] = append(list[i], uint8(k))
		}
	}
	for i := range p.keys {
		slices.SortStableFunc(list[i+1][p.packed:], func(x, y uint8) int { return p.keys[i].tells(&p.comparisons[x]) - p.keys[i].tells(&p.comparisons[y]) })
	}
	return list
}

// tells ranks the comparisons that are not packed by how soon they tell that a pair of the key is not one.
func (k *key) tells(c *comparison) int {
	if c.kind != kindName {
		return 2
	}
	uses := k.many != nil && k.many.column == c.column || slices.ContainsFunc(k.single, func(s *singlePart) bool { return s.column == c.column })
	if uses {
		return 1
	}
	return 0
}
