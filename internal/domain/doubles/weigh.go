package doubles

import "math"

// outcome is how a pair agreed, field by field, and what each field weighed. The weights are kept in
// single precision and added in a fixed order, so that a waterfall adds up to the weight to the bit.
type outcome struct {
	level  [comparisons]int8
	bits   [comparisons]float32 // with the adjustment for rare or crowded values
	adjust [comparisons]float32 // that adjustment alone
	guard  guard
	guards float32 // bits of the guard, 0 or negative
	capped float32 // bits taken off because one house explains them, 0 or negative
}

// weight adds all contributions, in bits.
func (o *outcome) weight() float64 {
	var sum float64
	for _, b := range o.bits {
		sum += float64(b)
	}
	return sum + float64(o.guards) + float64(o.capped)
}

// weigh compares two rows and weighs every field.
func (m *Model) weigh(c *comparer, a, b *row) outcome {
	name, mother := c.names(&a.name, &b.name), c.names(&a.mother, &b.mother)
	var o outcome
	o.level = [comparisons]int8{
		compareNIK: levelNIK(a, b), compareName: name.level, compareBirth: levelBirth(a.birth, b.birth),
		compareSex: levelSex(a.sex, b.sex), compareMother: mother.level, compareKK: levelKK(&a.kk, &b.kk),
		compareArea: levelArea(a.area, b.area), comparePhone: levelPhone(a.phone, b.phone),
	}
	o.adjust[compareName] = m.rarity(compareName, name)
	o.adjust[compareMother] = m.rarity(compareMother, mother)
	if o.level[compareNIK] == nikExact {
		o.adjust[compareNIK] = m.crowding(compareNIK, max(a.holders, b.holders), m.crowd.NIKPower)
	}
	if o.level[comparePhone] == phoneExact {
		o.adjust[comparePhone] = m.crowding(comparePhone, max(a.callers, b.callers), m.crowd.PhonePower)
	}
	for i, l := range o.level {
		if l != none {
			o.bits[i] = float32(m.levels[i][l].bits) + o.adjust[i]
		}
	}
	o.guard = m.guardOf(&o, name.common)
	o.guards = float32(m.guards[o.guard])
	o.capped = m.overHousehold(&o)
	return o
}

// rarity moves the weight of names that agree by how rare the words they share are (Winkler 1989;
// Splink's term-frequency adjustment, with the product of the words' shares).
func (m *Model) rarity(c comparison, n nameMatch) float32 {
	if n.level != nameExact && n.level != nameSpelling && n.level != nameSubset {
		return 0
	}
	share := max(n.share, math.Log2(m.frequency.Floor))
	bits := math.Log2(m.levels[c][nameExact].u) - share
	return float32(max(-m.frequency.MaxBits, min(bits, m.frequency.MaxBits)))
}

// crowding takes weight from a value that stands on more than two records, down to no weight at all.
func (m *Model) crowding(c comparison, holders int, power float64) float32 {
	if holders <= 2 {
		return 0
	}
	return -float32(min(power*math.Log2(float64(holders-1)), m.levels[c][0].bits))
}

// guardOf tells which two people of one house a pair may be instead of one person.
func (m *Model) guardOf(o *outcome, common bool) guard {
	card := o.level[compareKK] == kkExact
	mother := o.level[compareMother] != none && o.level[compareMother] <= nameSpelling
	name, born := o.level[compareName], o.level[compareBirth]
	contradicts := name == nameSome || name == nameDifferent
	switch {
	case contradicts && (card || mother) && born == birthExact:
		return guardTwins
	case contradicts && (card || mother):
		return guardSiblings
	case common && name == nameSpelling && (card || mother) && born == birthExact:
		return guardNearTwins
	case (card || mother) && name != none && name <= nameSubset && born == birthDifferent && o.level[compareNIK] == nikDifferent:
		return guardNamesakes
	case contradicts && o.level[compareNIK] == nikExact:
		return guardBorrowed
	}
	return unguarded
}

// overHousehold gives, as a negative number, what card, village and telephone weigh above the cap when
// the names or the birth dates do not agree: they come with the house, so they are one piece of
// evidence. When the names do not agree the mother counts among them.
func (m *Model) overHousehold(o *outcome) float32 {
	name := o.level[compareName]
	named := name != none && name <= nameSubset
	if named && o.level[compareBirth] != birthDifferent {
		return 0
	}
	sum := max(o.bits[compareKK], 0) + max(o.bits[compareArea], 0) + max(o.bits[comparePhone], 0)
	if !named {
		sum += max(o.bits[compareMother], 0)
	}
	return -max(sum-float32(m.cap), 0)
}

// supported tells whether more than a NIK speaks for the pair: a name, a birth date or a mother.
func (o *outcome) supported() bool {
	agrees := func(c comparison, last int8) bool { return o.level[c] != none && o.level[c] <= last }
	return o.level[compareNIK] != nikExact || agrees(compareName, nameWeak) || agrees(compareBirth, birthYearOff) ||
		agrees(compareMother, nameSubset)
}

// prior gives the log2 odds that two random records of a population describe one person.
func (m *Model) prior(records int) float64 {
	if records < 2 {
		return 0
	}
	return math.Log2(2 * m.share / float64(records-1))
}

// decide turns a posterior weight into a decision. A guarded or unsupported pair is never more than a
// review; two records that alone show one NIK are never less, whatever else they say.
func (m *Model) decide(o *outcome, posterior float64, holders int) Decision {
	contested := o.level[compareNIK] == nikExact && holders <= m.crowd.Contested
	switch {
	case posterior < m.review && !contested:
		return Reject
	case posterior < m.link || o.guard != unguarded || !o.supported():
		return Review
	}
	return Link
}

// probability turns log2 odds into a probability.
func probability(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }
