package areas

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// The kinds of differences between a list and the areas of today.
const (
	Added   = "new"     // comes into being
	Renamed = "renamed" // another name
	Coded   = "bps"     // another code of Statistics Indonesia
	Moved   = "moved"   // another code
	Merged  = "merged"  // into an area that keeps its code
	Parted  = "split"   // comes into being beside the area it was a part of
	Gone    = "ended"   // is no more
)

// Difference is one difference between a list and the areas of today.
type Difference struct {
	Kind     string
	Code     area.Code // of today; of what comes into being its own
	To       area.Code // the new code, or that of the area it is merged into
	Name     string    // as the list has it
	Was      string    // the name of today
	BPS      string    // the code of Statistics Indonesia, where the list has one
	Below    int       // areas in it that go along
	Families int64     // registered there now
	Line     int       // of the list, zero for what is not in it
	Own      Own
	Err      error // why it cannot be done as the list says
}

// Comparison is what a list would change in an area.
type Comparison struct {
	Within      area.Code
	Rows        int // of the list, in the area
	Outside     int // of the list, elsewhere: left out
	Same        int
	Differences []Difference // by code
	Decree      Decree
	Bad         []BadRow
	BadAll      int
}

// Problems counts what keeps the list from being applied.
func (c Comparison) Problems() int {
	n := c.BadAll
	for _, d := range c.Differences {
		if d.Err != nil {
			n++
		}
	}
	return n
}

// ListSettings say how a list is to be read.
type ListSettings struct {
	Within area.Code   // the area it is a complete list of; what is not in it there has ended
	Basis  string      // the decree of differences that name none
	From   period.Date // and its first day
}

// CompareList says what a list would change, and changes nothing. Who administers the area may ask. Errors: those of the area;
// what is wrong with single rows and differences is in the result.
func (s *Service) CompareList(ctx context.Context, who access.Actor, list List, set ListSettings) (Comparison, error) {
	if err := who.Allow(access.Administer, s.TenantOf(set.Within), set.Within); err != nil {
		return Comparison{}, err
	}
	c := comparer{tree: s.Tree(), set: set, out: Comparison{Within: set.Within, Bad: list.Bad, BadAll: list.BadAll}, levels: list.levels}
	if _, ok := c.tree.At(set.Within); !ok && set.Within != area.Nation {
		return c.out, fail.NotFound("area.unknown", "area", set.Within.Dotted())
	}
	c.split(list)
	c.pair()
	c.decide()
	if err := c.people(ctx, s.acts.DB().Direct()); err != nil {
		return c.out, fmt.Errorf("count families: %w", err)
	}
	c.judge()
	return c.out, nil
}

// comparer holds a list against the tree.
type comparer struct {
	tree   *Tree
	set    ListSettings
	levels map[area.Level]bool
	out    Comparison
	listed map[area.Code]listRow
	added  []listRow                 // in the list alone
	named  map[nameOf][]listRow      // those, by level and name
	gone   []Place                   // in the tree alone
	heirs  map[area.Code][]area.Code // of old codes the list names, or that were found by name
}

// split tells what is in both, in the list alone and in the tree alone.
func (c *comparer) split(list List) {
	c.listed, c.heirs = map[area.Code]listRow{}, map[area.Code][]area.Code{}
	for _, row := range list.rows {
		if !c.set.Within.Contains(row.code) {
			c.out.Outside++
			continue
		}
		c.out.Rows++
		c.listed[row.code] = row
		for _, old := range row.old {
			c.heirs[old] = append(c.heirs[old], row.code)
		}
		if place, ok := c.tree.At(row.code); ok {
			c.same(place, row)
		} else {
			c.added = append(c.added, row)
		}
	}
	for place := range c.tree.Below(c.set.Within) {
		if _, there := c.listed[place.Code]; !there && c.levels[place.Code.Level()] && place.Code != c.set.Within {
			c.gone = append(c.gone, place)
		}
	}
}

// same compares an area that is in both.
func (c *comparer) same(place Place, row listRow) {
	other := !sameName(place.Code, row.name, place.Name)
	bps := row.bps != "" && row.bps != place.BPS
	switch {
	case other:
		c.add(Difference{Kind: Renamed, Code: place.Code, Name: row.name, Was: place.Name, Line: row.line, Own: row.own})
	case bps:
		c.add(Difference{Kind: Coded, Code: place.Code, Name: row.bps, Was: place.BPS, Line: row.line, Own: row.own})
	default:
		c.out.Same++
	}
}

// sameName tells whether two names are one however they are written; lists write the kind of a district in many ways.
func sameName(code area.Code, a, b string) bool {
	return bareName(code, a) == bareName(code, b)
}

func bareName(code area.Code, name string) string {
	if _, rest := cutKind(name); code.Level() == area.LevelDistrict && rest != "" {
		return rest
	}
	return foldPlace(code, name)
}

func (c *comparer) add(d Difference) { c.out.Differences = append(c.out.Differences, d) }

// pair finds the new code of what is gone, where the list does not name the old one: the one new area of the same name and
// level that lies in what its parent became, or else in the same district or province.
func (c *comparer) pair() {
	named := map[area.Code]bool{}
	c.named = map[nameOf][]listRow{}
	for _, row := range c.added {
		named[row.code] = len(row.old) > 0
		key := plainName(row.code, row.name)
		c.named[key] = append(c.named[key], row)
	}
	for _, place := range c.gone { // wider ones first: codes are in order, but parents come before what lies in them
		if len(c.heirs[place.Code]) > 0 {
			continue
		}
		parent := place.Code.Parent()
		if moved := c.heirs[parent]; len(moved) == 1 {
			parent = moved[0]
		}
		for _, within := range []area.Code{parent, place.Code.District(), place.Code.Province()} {
			if found := c.namesakes(place, within, named); len(found) == 1 {
				c.heirs[place.Code], named[found[0]] = found, true
				break
			} else if len(found) > 1 {
				break
			}
		}
	}
}

// namesakes gives the new areas of a level and name in an area that no old code is named for.
func (c *comparer) namesakes(place Place, within area.Code, named map[area.Code]bool) (out []area.Code) {
	if within.Level() >= place.Code.Level() {
		return nil
	}
	for _, row := range c.named[plainName(place.Code, place.Name)] {
		if within.Contains(row.code) && !named[row.code] && sameName(row.code, row.name, place.Name) {
			out = append(out, row.code)
		}
	}
	return out
}

// nameOf is what two areas share that may be one: a list of other codes than ours names every area of the nation anew.
type nameOf struct {
	level area.Level
	plain string
}

// plainName is alike for all names that sameName may hold to be one, whatever the kinds of their codes.
func plainName(code area.Code, name string) nameOf {
	if _, rest := cutKind(name); code.Level() == area.LevelDistrict && rest != "" {
		return nameOf{code.Level(), rest}
	}
	return nameOf{code.Level(), strings.TrimSpace(strings.TrimPrefix(Fold(name), Fold(traditional)))}
}

// decide says what became of each.
func (c *comparer) decide() {
	taken := map[area.Code]bool{}
	moved := map[area.Code]area.Code{}
	for _, place := range c.gone {
		heirs := c.heirs[place.Code]
		d := Difference{Code: place.Code, Was: place.Name}
		switch {
		case len(heirs) == 0:
			d.Kind = Gone
		case len(heirs) > 1:
			d.Kind, d.Err = Gone, fail.Invalid("area.list_heirs", "area", place.Code.Dotted(), "count", len(heirs))
		default:
			row := c.listed[heirs[0]]
			d.To, d.Name, d.BPS, d.Line, d.Own, d.Kind = row.code, row.name, row.bps, row.line, row.own, Moved
			if _, there := c.tree.At(row.code); there || taken[row.code] {
				d.Kind = Merged
			}
			if up, along := moved[place.Code.Parent()]; along && row.code == up+place.Code-place.Code.Parent() && d.Kind == Moved {
				taken[row.code], moved[place.Code] = true, row.code
				c.along(place, row)
				continue
			}
			moved[place.Code] = row.code
		}
		taken[d.To] = true
		c.add(d)
	}
	for _, row := range c.added {
		if taken[row.code] {
			continue
		}
		kind := Added
		if len(row.old) > 0 {
			kind = Parted
		}
		c.add(Difference{Kind: kind, Code: row.code, Name: row.name, BPS: row.bps, Line: row.line, Own: row.own})
	}
	slices.SortFunc(c.out.Differences, func(a, b Difference) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Kind, b.Kind)) })
}

// along counts what goes along with the area it lies in; its name may change by the way.
func (c *comparer) along(place Place, row listRow) {
	for i := range c.out.Differences {
		if d := &c.out.Differences[i]; d.Kind == Moved && d.Code.Contains(place.Code) {
			d.Below++
		}
	}
	if !sameName(place.Code, row.name, place.Name) {
		c.add(Difference{Kind: Renamed, Code: row.code, Name: row.name, Was: place.Name, Line: row.line, Own: row.own,
			Err: fail.Invalid("area.list_twofold", "area", place.Code.Dotted())})
	}
}

// people counts the families of what ends.
func (c *comparer) people(ctx context.Context, q sqldb.Querier) error {
	for i := range c.out.Differences {
		d := &c.out.Differences[i]
		if d.Kind != Gone && d.Kind != Merged && d.Kind != Moved || d.Kind == Gone && c.levels[area.LevelVillage] && d.Code.Level() < area.LevelVillage {
			continue // of an area that ends, its villages tell who lives there: they are in the list themselves
		}
		for _, tenant := range c.tree.TenantsIn(d.Code) {
			if !c.tree.Writes(tenant) {
				continue
			}
			n, err := familiesIn(ctx, q, tenant, d.Code)
			if err != nil {
				return err
			}
			d.Families += n
		}
	}
	return nil
}

// judge says what cannot be done, and writes the rest as a decree.
func (c *comparer) judge() {
	c.out.Decree = Decree{About: c.set.Within, Basis: c.set.Basis, From: c.set.From}
	for i := range c.out.Differences {
		d := &c.out.Differences[i]
		switch {
		case d.Err != nil:
		case d.Own.Basis == "" && c.set.Basis == "" || d.Own.On.IsZero() && c.set.From.IsZero():
			d.Err = fail.Invalid("area.list_decree")
		case d.Kind == Gone && d.Families > 0:
			d.Err = fail.Invalid("area.has_families", "area", d.Code.Dotted(), "families", d.Families)
		case d.Kind == Merged && d.Code.Level() != area.LevelVillage:
			d.Err = fail.Invalid("area.list_merge", "area", d.Code.Dotted())
		}
		if d.Err == nil {
			c.out.Decree.take(*d, c.tree)
		}
	}
	if own := c.out.Decree.first(); own != nil { // a change has a decree even when each of its differences has its own
		c.out.Decree.Basis = cmp.Or(c.out.Decree.Basis, own.Basis)
		if c.out.Decree.From.IsZero() {
			c.out.Decree.From = own.On
		}
	}
}

// take adds a difference to a decree.
func (d *Decree) take(one Difference, t *Tree) {
	place, _ := t.At(one.Code)
	switch one.Kind {
	case Added, Parted:
		d.New = append(d.New, NewPlace{Code: one.Code, Name: one.Name, BPS: one.BPS, Own: one.Own})
	case Moved:
		m := Move{From: one.Code, To: one.To, BPS: one.BPS, Own: one.Own}
		if !sameName(one.Code, one.Name, place.Name) {
			m.Name, m.Was = one.Name, place.Name
		}
		d.Moves = append(d.Moves, m)
	case Merged:
		d.Moves = append(d.Moves, Move{From: one.Code, To: one.To, Own: one.Own})
	case Renamed:
		d.Renames = append(d.Renames, Rename{Code: one.Code, Name: one.Name, Was: place.Name, Own: one.Own})
	case Coded:
		d.Renames = append(d.Renames, Rename{Code: one.Code, BPS: one.Name, WasBPS: place.BPS, Own: one.Own})
	case Gone:
		d.Ends = append(d.Ends, End{Code: one.Code, Name: place.Name, BPS: place.BPS, Own: one.Own})
	}
}

// first gives the decree of some difference, or nil.
func (d Decree) first() *Own {
	for _, n := range d.New {
		return &n.Own
	}
	for _, m := range d.Moves {
		return &m.Own
	}
	for _, r := range d.Renames {
		return &r.Own
	}
	for _, e := range d.Ends {
		return &e.Own
	}
	return nil
}

// ProposeList keeps what a list changes for a second person to approve; see Propose. Errors: area.list_problems (fact count),
// area.list_same when nothing differs, and those of Propose.
func (s *Service) ProposeList(ctx context.Context, who access.Actor, list List, set ListSettings) (Change, Comparison, error) {
	c, err := s.CompareList(ctx, who, list, set)
	if err != nil {
		return Change{}, c, err
	}
	switch n := c.Problems(); {
	case n > 0:
		return Change{}, c, fail.Invalid("area.list_problems", "count", n).On("file")
	case len(c.Differences) == 0:
		return Change{}, c, fail.Conflict("area.list_same")
	}
	change, err := s.Propose(ctx, who, c.Decree)
	return change, c, err
}
