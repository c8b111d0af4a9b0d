package synth

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// maker makes the families of one block; its memory is used again for the next.
type maker struct {
	plan    *Plan
	words   *vocabulary
	village *village
	issuer  *issuer
	today   int
	year    int
	r       random // the stream of the family at work
	items   random // the stream of its answers
	humans  []human
	text    []byte
	err     error
}

// order says which family to make.
type order struct {
	keys    [4]uint64 // of its stream
	size    int
	number  int
	cross   int // number of a family listed in two villages, or -1
	beside  bool
	arrived bool
}

// make gives a family as it really is. The same order gives the same family, whatever was made
// before, except for its serial numbers.
func (m *maker) make(o order) family {
	m.r.seed(o.keys[:]...)
	m.issuer.crossing(o.cross)
	from := len(m.humans)
	c := casting{r: &m.r, members: m.humans}
	c.cast(o.size)
	m.humans = c.members
	f := family{members: m.humans[from:len(m.humans):len(m.humans)], number: o.number, beside: o.beside, arrived: o.arrived}
	m.welfare(&f)
	m.bear(&f, o)
	m.name(f.members)
	m.house(&f, o)
	return f
}

// welfare draws the decile and a place within it.
func (m *maker) welfare(f *family) {
	s := &m.plan.cfg.Scenario.Population
	f.decile = m.r.between(1, 10)
	if !f.beside {
		f.decile = m.plan.deciles.draw(&m.r)
	}
	lo, hi := decileLimits[f.decile-1], decileLimits[f.decile]
	f.welfare = m.r.between(lo, hi-1)
	f.looks = f.welfare + m.r.normal(560)
	f.ranked = !m.r.permille(s.Unranked)
}

// decileLimits cuts the standard normal distribution in ten, in thousandths.
var decileLimits = [11]int{-2600, -1282, -842, -524, -253, 0, 253, 524, 842, 1282, 2600}

// bear gives every member a birth date, a place of birth and a NIK.
func (m *maker) bear(f *family, o order) {
	home := m.village.homes
	own := home.draw(&m.r)
	for i := range f.members {
		h := &f.members[i]
		h.community = own
		if h.relation == person.Wife || h.relation == person.ChildInLaw || h.relation == person.ParentInLaw {
			if m.r.permille(180) {
				h.community = home.draw(&m.r)
			}
		}
		if h.second {
			h.born = f.members[i-1].born
		} else {
			h.born = birthday(&m.r, h.age, m.today)
		}
		m.register(h, m.origin(h, o))
		h.bearer.sex = sexIndex(h.sex)
		h.bearer.year = h.born.Year()
		h.age, _ = h.born.AgeOn(m.plan.cfg.Scenario.AsOf)
	}
}

// origin draws where a person was first registered.
func (m *maker) origin(h *human, o order) origin {
	if o.cross >= 0 {
		return local
	}
	stay := 780
	if h.age < 17 {
		stay = 930
	}
	if o.arrived {
		stay = 0
		if h.age < 1 {
			stay = 500
		}
	}
	if m.r.permille(stay) {
		return local
	}
	if !o.arrived && m.r.permille(500) {
		return mover
	}
	return outside
}

// tries is how often another day is drawn when the day's serial numbers are used up.
const tries = 60

// register gives the person a NIK, and another birth date of the same year of life when the day is
// full.
func (m *maker) register(h *human, from origin) {
	sub, place, from := m.origins(from)
	for range tries {
		nik, ok := m.issuer.nik(from, sub, h.born, h.sex)
		if ok {
			h.nik, h.birthPlace = nik, place
			return
		}
		h.born = dateOf(m.today - (h.age*1461+3)/4 - m.r.below(363))
	}
	m.err = fail.Invalid("synth.too_dense", "families", m.village.families)
}

// origins draws a subdistrict of the origin and the place of birth that goes with it; the origin
// becomes local when the block may not issue numbers elsewhere.
func (m *maker) origins(from origin) (area.Code, string, origin) {
	sub := m.village.place.Code.Subdistrict()
	list := &m.plan.outside
	if from == mover {
		list = &m.plan.own
	}
	if from != local && len(list.codes) > 0 {
		for range 8 {
			i := m.r.below(len(list.codes))
			i -= i % m.issuer.plan.modulus
			i += m.issuer.block % m.issuer.plan.modulus
			if i < len(list.codes) && list.codes[i] != sub {
				return list.codes[i], list.places[i], from
			}
		}
	}
	return sub, m.village.birth, local
}

// name gives every member her name and the names of her parents. Children bear the clan of their
// father.
func (m *maker) name(members []human) {
	head := &members[0]
	head.clan = head.community.clan(&m.r)
	childClan := head.clan
	if head.sex == person.Female {
		childClan = head.community.clan(&m.r) // of her late or former husband
	}
	for i := range members {
		h := &members[i]
		switch h.relation {
		case person.Head:
		case person.Child, person.Grandchild, person.OtherKin:
			h.clan = childClan
			if h.relation == person.Grandchild && i > 0 && m.r.permille(500) {
				h.clan = members[i-1].clan
			}
		case person.Parent:
			if h.clan = head.clan; h.sex == person.Female {
				h.clan = h.community.clan(&m.r)
			}
		default:
			h.clan = h.community.clan(&m.r)
		}
		if h.second {
			h.name = m.words.twin(&m.r, h.bearer, &members[i-1])
		} else {
			h.name = m.words.name(&m.r, h.bearer)
		}
	}
	m.parents(members, childClan)
}

// parents finds the names of each member's mother and father, among the members where they live
// together.
func (m *maker) parents(members []human, childClan string) {
	kin := kinship{head: &members[0]}
	for i := range members {
		kin.note(&members[i])
	}
	father, mother := kin.spouses()
	absent := m.parent(kin.head, 1-kin.head.bearer.sex, 2, childClan) // the other parent where one is missing
	if kin.head.sex == person.Male {
		absent = m.parent(kin.head, 1, -3, kin.head.community.clan(&m.r))
	}
	for i := range members {
		h := &members[i]
		switch {
		case h.relation == person.Child:
			h.father, h.mother = nameOr(father, absent), nameOr(mother, absent)
		case h.relation == person.Grandchild && kin.child != nil && kin.inLaw != nil:
			h.father, h.mother = kin.child.name, kin.inLaw.name
			if kin.child.sex == person.Female {
				h.father, h.mother = h.mother, h.father
			}
		default:
			h.father, h.mother = m.parent(h, 0, 27, h.clan), m.parent(h, 1, 24, h.community.clan(&m.r))
		}
	}
	kin.elders()
}

// parent forms the name of a parent who is not a member: years older than the person.
func (m *maker) parent(h *human, sex, years int, clan string) string {
	return m.words.name(&m.r, bearer{community: h.community, sex: sex, year: h.born.Year() - years, clan: clan})
}

// kinship is who is who in a family.
type kinship struct {
	head, spouse, child, inLaw, parent, parentInLaw *human
}

func (k *kinship) note(h *human) {
	switch h.relation {
	case person.Wife, person.Husband:
		k.spouse = h
	case person.Child:
		if h.marital == person.Married {
			k.child = h
		}
	case person.ChildInLaw:
		k.inLaw = h
	case person.Parent:
		k.parent = h
	case person.ParentInLaw:
		k.parentInLaw = h
	}
}

// spouses gives head and spouse as father and mother; nil for who is not there.
func (k *kinship) spouses() (father, mother *human) {
	if k.head.sex == person.Female {
		return k.spouse, k.head
	}
	return k.head, k.spouse
}

// elders sets the parents who live with their children.
func (k *kinship) elders() {
	set := func(child, parent *human) {
		switch {
		case child == nil || parent == nil:
		case parent.sex == person.Male:
			child.father = parent.name
		default:
			child.mother = parent.name
		}
	}
	set(k.head, k.parent)
	set(k.spouse, k.parentInLaw)
}

func nameOr(h *human, absent string) string {
	if h == nil {
		return absent
	}
	return h.name
}

// cardAge is the age in years from which somebody heads a family card.
const cardAge = 17

// card issues the family's numbers: the present card and the one before it.
func (m *maker) card(f *family) {
	sub := m.village.place.Code.Subdistrict()
	years := min(max(f.head().age-cardAge, 1), 14)
	issue := func(from, to int) (kk person.KK, day period.Date) {
		for range tries {
			day = dateOf(m.today - m.r.between(from, to))
			if kk, ok := m.issuer.card(sub, day); ok {
				return kk, day
			}
		}
		m.err = fail.Invalid("synth.too_dense", "families", m.village.families)
		return kk, day
	}
	if f.arrived {
		f.kk, f.issued = issue(5, 85)
		return
	}
	f.kk, f.issued = issue(120, 120+years*300)
	f.oldKK, _ = issue(120+years*300+200, 120+years*300+2000)
}
