package synth

import (
	"slices"
	"strings"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// damage chooses the victims of the defects, and gives them what the defect needs of the truth: a
// NIK a spreadsheet can spoil, a birth date that can be read the other way round.
func (w *workshop) damage() {
	w.issuer.crossing(-1)
	for i := range w.posts {
		p := &w.posts[i]
		r := &w.chance
		switch p.kind {
		case Clean, NIKHeld: // the holder's row is settled with the claimant's
		case NIKContested:
			w.contest(p, &w.posts[p.partner])
		case Namesake:
			if p.partner >= 0 { // the first of the two
				w.namesake(p, &w.posts[p.partner])
			}
		case NIKExcel:
			p.victim = r.below(len(p.family.members))
			w.spoilable(&p.family.members[p.victim])
		case BirthDateSwapped:
			w.readable(p)
		case NameNickname, NameTitle:
			p.victim = w.adult(p)
		case Dead:
			p.victim = w.mortal(p)
		case Moved:
			p.victim = 1 + r.below(len(p.family.members)-1)
		default:
			p.victim = r.below(len(p.family.members))
		}
	}
}

// adult gives the head, or the spouse now and then.
func (w *workshop) adult(p *post) int {
	if len(p.family.members) > 1 && p.family.members[1].age > 24 && w.chance.permille(400) {
		return 1
	}
	return 0
}

// mortal gives the oldest member in most cases.
func (w *workshop) mortal(p *post) int {
	members := p.family.members
	if w.chance.permille(350) {
		return w.chance.below(len(members))
	}
	at := 0
	for i := range members {
		if members[i].born.Before(members[at].born) {
			at = i
		}
	}
	return at
}

// spoilable gives the person a NIK whose serial is still one when its last digit is zero.
func (w *workshop) spoilable(h *human) {
	for range 10 * tries {
		if nik := h.nik.Plain(); nik[12:15] != "000" {
			return
		}
		if !w.reissue(h) {
			h.born = dateOf(w.today - (h.age*1461+3)/4 - w.chance.below(363))
		}
	}
	w.crowded()
}

func (w *workshop) crowded() {
	w.err = fail.Invalid("synth.too_dense", "families", w.village.families)
}

// reissue gives the person another NIK of the village for her birth date; false when the day is
// full.
func (w *workshop) reissue(h *human) bool {
	nik, ok := w.issuer.nik(local, w.village.place.Code.Subdistrict(), h.born, h.sex)
	if ok {
		h.nik, h.birthPlace = nik, w.village.birth
	}
	return ok
}

// readable finds a member whose birth date has another date when day and month are exchanged, or
// makes one.
func (w *workshop) readable(p *post) {
	members := p.family.members
	from := w.chance.below(len(members))
	for i := range members {
		p.victim = (from + i) % len(members)
		if swappable(members[p.victim].born) {
			return
		}
	}
	h := &members[p.victim]
	for range 10 * tries {
		h.born = dateOf(w.today - (h.age*1461+3)/4 - w.chance.below(363))
		if swappable(h.born) && !swapDate(h.born).After(w.plan.AsOf()) && w.reissue(h) {
			return
		}
	}
	w.crowded()
}

// contest lets a member of one family claim the NIK of a member of another who cannot be taken for
// her: neither name nor birth date agree. Both rows will not match: the holder's has a nickname.
func (w *workshop) contest(claimant, holder *post) {
	for i := range claimant.family.members {
		for j := range holder.family.members {
			a, b := &claimant.family.members[i], &holder.family.members[j]
			if strangers(a, b) {
				claimant.victim, holder.victim, claimant.claimed = i, j, b.nik
				return
			}
		}
	}
	// No two members differ enough: then two separate defects, as many rows as before.
	claimant.kind, claimant.victim = NIKTypo, 0
	holder.kind, holder.victim = NameNickname, 0
}

// strangers reports whether two persons share neither a word of the name nor the year, or the day
// and month, of birth.
func strangers(a, b *human) bool {
	if a.born.Year() == b.born.Year() || a.born.Month() == b.born.Month() && a.born.Day() == b.born.Day() {
		return false
	}
	words := strings.Fields(a.name)
	return !slices.ContainsFunc(strings.Fields(b.name), func(word string) bool { return slices.Contains(words, word) })
}

// namesake gives a member of the second family the name and birth date of a member of the first who
// is of her sex and nearly of her age; where there is none, the families stay as they are.
func (w *workshop) namesake(first, second *post) {
	for i := range first.family.members {
		for j := range second.family.members {
			if w.rename(&first.family.members[i], second.family.members, j) {
				first.victim, second.victim = i, j
				second.kind = Namesake
				return
			}
		}
	}
	first.kind = Clean
}

// rename makes member j a namesake of the person; false when she cannot be one.
func (w *workshop) rename(of *human, members []human, j int) bool {
	h := &members[j]
	if of.sex != h.sex || max(of.age, h.age)-min(of.age, h.age) > 5 || tellTwins(members, j) {
		return false
	}
	old := *h
	h.name, h.born, h.age = of.name, of.born, of.age
	if !generationsApart(members) || !w.reissue(h) {
		*h = old
		return false
	}
	for i := range members { // her name stands on the rows of her children
		if members[i].mother == old.name {
			members[i].mother = h.name
		}
		if members[i].father == old.name {
			members[i].father = h.name
		}
	}
	return true
}

// generationsApart reports whether the head and spouse are at least sixteen years older than the
// children and younger than the parents.
func generationsApart(members []human) bool {
	for i := range members {
		for j := range members {
			if generation(&members[i])-generation(&members[j]) == 1 && members[i].age-members[j].age < 16 {
				return false
			}
		}
	}
	return true
}

// generation is 0 for grandchildren, 1 for children, 2 for the head and 3 for the parents.
func generation(h *human) int {
	switch h.relation {
	case person.Grandchild:
		return 0
	case person.Child, person.ChildInLaw:
		return 1
	case person.Parent, person.ParentInLaw:
		return 3
	}
	return 2
}

// tellTwins reports whether a member is one of twins.
func tellTwins(members []human, i int) bool {
	return members[i].second || i+1 < len(members) && members[i+1].second
}
