package linkage

import "slices"

// packedCost is the cost of a comparison that looks at nothing but the words of two records.
const packedCost = 1

// cost orders comparisons: cheap ones come first, since most pairs need no others to be given up, then names, whose
// likeness is remembered word by word, then other texts. The result does not depend on it.
func (c *comparison) cost() int {
	switch {
	case c.column.kind == kindName:
		return 3
	case !c.column.kind.tabled(), c.column.kind == kindCode && c.memo:
		return packedCost
	case slices.ContainsFunc(c.calls, func(cond condition) bool { return !needsEqual(cond) }):
		return 4
	}
	return 2
}

// needsEqual tells whether a condition on texts can hold only where both sides have the same value.
func needsEqual(c condition) bool {
	switch c.operator {
	case '&':
		return slices.ContainsFunc(c.parts, needsEqual)
	case '|':
		return !slices.ContainsFunc(c.parts, func(p condition) bool { return !needsEqual(p) })
	case '!':
		return false
	}
	return c.call.name == "equal" && len(c.call.args) == 0
}
