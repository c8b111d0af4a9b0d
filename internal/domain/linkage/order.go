package linkage

import "slices"

// orders gives the orders in which comparisons are made: the first for any pair, then one for each key. Pairs a key
// brings together agree in what it is made of; names it does not ask for tell soonest that they are not one, for most names are
// wholly different. Texts of few values are soon compared but agree as often by chance.
func (d *data) orders() [][]uint8 {
	p := d.plan
	list := make([][]uint8, len(p.keys)+1)
	for i := range list {
		for k := range p.comparisons {
			list[i] = append(list[i], uint8(k))
		}
	}
	for i := range p.keys {
		slices.SortStableFunc(list[i+1][p.packed:], func(x, y uint8) int {
			return d.tells(&p.keys[i], &p.comparisons[x]) - d.tells(&p.keys[i], &p.comparisons[y])
		})
	}
	return list
}

// fewValues is up to how many values a text has few: then how two of them agree is soon remembered.
const fewValues = 4096

// tells ranks the comparisons that are not packed by how soon they tell that a pair of the key is not one.
func (d *data) tells(k *key, c *comparison) int {
	switch {
	case c.kind != kindName && c.memo && c.table.size() <= fewValues:
		return 3
	case c.kind != kindName:
		return 4
	case k.many != nil && k.many.column == c.column, slices.ContainsFunc(k.single, func(s *singlePart) bool { return s.column == c.column }):
		return 2
	}
	return 1
}
