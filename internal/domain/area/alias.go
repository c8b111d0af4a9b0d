package area

import "tepat/internal/kit/fail"

// Alias says what became of an old code when a decree gave the area a new one.
type Alias struct {
	Old, New Code
	Below    bool // codes below Old live on below New with the same last digits
}

// Aliases resolves old codes. The zero Aliases knows none.
type Aliases struct {
	byOld map[Code]Alias
}

// longestAliasChain is how often an area may have been re-coded; more is a loop in the data.
const longestAliasChain = 8

// NewAliases collects the aliases that hold on a day; the caller leaves out the others. Errors:
// area.alias_level (old and new code are not of the same level), area.alias_ambiguous (one old code
// with two new ones: a split, which needs the village to resolve), area.alias_loop. Fact code is
// the old code.
func NewAliases(list []Alias) (Aliases, error) {
	a := Aliases{byOld: make(map[Code]Alias, len(list))}
	for _, alias := range list {
		if alias.Old.Level() != alias.New.Level() || alias.Old == Nation {
			return Aliases{}, fail.Invalid("area.alias_level", "code", alias.Old.Dotted())
		}
		if before, known := a.byOld[alias.Old]; known && before.New != alias.New {
			return Aliases{}, fail.Invalid("area.alias_ambiguous", "code", alias.Old.Dotted())
		}
		a.byOld[alias.Old] = alias
	}
	for old := range a.byOld {
		if _, _, ok := a.follow(old); !ok {
			return Aliases{}, fail.Invalid("area.alias_loop", "code", old.Dotted())
		}
	}
	return a, nil
}

// Resolve gives the code of today for a code that may be old. When only an area above it is known
// to have moved, and its codes were numbered anew, the result is the new code of that area and
// exact is false: the rest has to be found by name.
func (a Aliases) Resolve(c Code) (today Code, exact bool) {
	today, exact, _ = a.follow(c)
	return today, exact
}

// follow is Resolve; ok is false for a loop.
func (a Aliases) follow(c Code) (today Code, exact, ok bool) {
	exact = true
	for range longestAliasChain {
		alias, found := a.above(c)
		switch {
		case !found:
			return c, exact, true
		case c == alias.Old:
			c = alias.New
		case alias.Below:
			c = alias.New + c - alias.Old
		default:
			c, exact = alias.New, false
		}
	}
	return c, exact, false
}

// above finds the alias of the code or of the nearest area it lies in.
func (a Aliases) above(c Code) (Alias, bool) {
	for ; c != Nation; c = c.Parent() {
		if alias, ok := a.byOld[c]; ok {
			return alias, true
		}
	}
	return Alias{}, false
}
