package synth

import (
	"slices"
	"strings"

	"tepat/internal/domain/area"
)

// gazetteer is the list of areas, sorted by code, as the generator needs it.
type gazetteer struct {
	places       []area.Place
	subdistricts []area.Code // of the whole country, for people first registered elsewhere
}

func newGazetteer(places []area.Place) *gazetteer {
	g := &gazetteer{places: slices.Clone(places)}
	slices.SortFunc(g.places, func(a, b area.Place) int { return int(a.Code - b.Code) })
	for _, p := range g.places {
		if p.Code.Level() == area.LevelSubdistrict {
			g.subdistricts = append(g.subdistricts, p.Code)
		}
	}
	return g
}

// inside gives the places of an area with the area itself, in the order of their codes.
func (g *gazetteer) inside(c area.Code) []area.Place {
	lo, hi := c.Range()
	find := func(code area.Code) int {
		i, _ := slices.BinarySearchFunc(g.places, code, func(p area.Place, c area.Code) int { return int(p.Code - c) })
		return i
	}
	return g.places[find(lo):find(hi)]
}

// name gives a place's name, or "" when the list does not have it.
func (g *gazetteer) name(c area.Code) string {
	i, found := slices.BinarySearchFunc(g.places, c, func(p area.Place, c area.Code) int { return int(p.Code - c) })
	if !found {
		return ""
	}
	return g.places[i].Name
}

// birthplace gives what stands as place of birth on a KTP: the district's name in capitals,
// without its kind.
func (g *gazetteer) birthplace(c area.Code) string {
	name := g.name(c.District())
	for _, kind := range []string{"Kabupaten ", "Kota "} {
		name = strings.TrimPrefix(name, kind)
	}
	return strings.ToUpper(name)
}

// origins is where people may have been first registered, with the birthplaces beside them.
type origins struct {
	codes  []area.Code
	places []string
}

func (o *origins) add(c area.Code, birthplace string) {
	o.codes = append(o.codes, c)
	o.places = append(o.places, birthplace)
}

// split parts the country's subdistricts into those inside the area and those outside of it. Of
// those outside half share the area's island group (the first digit of the code) and count three
// times, because most people come from near.
func (g *gazetteer) split(c area.Code) (own, outside origins) {
	for _, code := range g.subdistricts {
		place := g.birthplace(code)
		if c.Contains(code) || code.Contains(c) {
			own.add(code, place)
			continue
		}
		outside.add(code, place)
		if firstDigit(code) == firstDigit(c) {
			outside.add(code, place)
			outside.add(code, place)
		}
	}
	return own, outside
}

func firstDigit(c area.Code) int { return int(c / 1_000_000_000) }
