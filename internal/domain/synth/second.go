package synth

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
)

// repeat finds the families that are listed a second time in this block.
func (w *workshop) repeat() {
	for i := range w.posts {
		p := &w.posts[i]
		switch p.role {
		case copyHere:
			first := &w.posts[p.partner]
			p.source, p.sourceRow = &first.family, first.firstRow
		case crossCopy:
			c := &w.plan.crosses[p.index]
			f := w.away(c, p.index)
			p.source, p.sourceRow = &f, c.firstRow
		default:
			continue
		}
		p.family.number = w.block.part*numbersOfPart + i
		p.family.dwelling = w.dwell[i]
	}
}

// away makes the family of another block again, as it is there.
func (w *workshop) away(c *cross, index int) family {
	here := w.village
	w.village = &w.plan.villages[w.plan.blocks[c.home].village]
	f := w.make(w.crossOrder(index))
	w.card(&f)
	f.number = c.number
	w.village = here
	return f
}

// again is a person listed a second time.
type again struct {
	human
	nikText string
	known   bool // the civil registry has her a second time
}

// again writes a person down once more, by another hand and with another NIK.
func (w *workshop) again(h *human, mode SecondNIK) again {
	r := &w.chance
	second := again{human: *h}
	second.name = w.words.vary(r, h.name)
	if r.permille(120) && mode != SecondOwn {
		second.born = wrongDate(r, h.born, w.plan.AsOf())
	}
	if r.permille(200) {
		second.mother = w.words.vary(r, h.mother)
	}
	switch mode {
	case SecondTypo:
		second.nikText = w.wrongNIK(r, h.nik)
	case SecondOwn:
		if !w.secondNIK(&second.human) {
			w.crowded()
		}
		second.nikText, second.known = second.nik.Plain(), true
	}
	return second
}

// secondNIK gives the person another NIK, as a second registration elsewhere once did.
func (w *workshop) secondNIK(h *human) bool {
	if w.reissue(h) {
		return true
	}
	for range tries {
		sub, place, from := w.origins(outside)
		if nik, ok := w.issuer.nik(from, sub, h.born, h.sex); ok {
			h.nik, h.birthPlace = nik, place
			return true
		}
	}
	return false
}

// duplicate gives the entry of the scenario that a copied family or a guest belongs to.
func (w *workshop) duplicate(p *post) Duplicate {
	index := p.guest
	switch p.role {
	case copyHere:
		index = p.index
	case crossCopy:
		index = w.plan.crosses[p.index].duplicate
	}
	return w.plan.cfg.Scenario.Duplicates[index]
}

// emitCopy writes a family that is listed a second time, with a family number of its own. Its card
// is the one before the present, or a new one where the civil registry has the family twice.
func (w *workshop) emitCopy(p *post) {
	d := w.duplicate(p)
	f := &p.family
	f.members = p.source.members[:p.size]
	f.kk, f.oldKK = p.source.oldKK, p.source.oldKK
	if d.NIK == SecondOwn {
		w.card(f)
	}
	w.address(f)
	for i := range f.members {
		second := w.again(&f.members[i], d.NIK)
		w.emitSecond(p, f, &second, i, d, personID(w.sourceVillage(p), p.source.number, i), p.sourceRow+i+1)
	}
}

// sourceVillage gives the village of the family a copy was made of.
func (w *workshop) sourceVillage(p *post) area.Code {
	at := w.block.village
	if p.role == crossCopy {
		at = w.plan.blocks[w.plan.crosses[p.index].home].village
	}
	return w.plan.villages[at].place.Code
}

// emitGuest writes a person of another family of the village as a further member of this one.
func (w *workshop) emitGuest(p *post) {
	d := w.duplicate(p)
	from := &w.posts[p.partner]
	at := w.chance.below(len(from.family.members))
	second := w.again(&from.family.members[at], d.NIK)
	second.relation = person.OtherKin
	w.emitSecond(p, &p.family, &second, len(p.family.members), d, personID(w.village.place.Code, from.family.number, at), from.firstRow+at+1)
}

// emitSecond writes the second row of a person, and her second record where the civil registry has
// one.
func (w *workshop) emitSecond(p *post, f *family, second *again, member int, d Duplicate, first string, firstRow int) {
	row := w.registryRow(p, f, &second.human, member)
	row.NIK = second.nikText
	w.give(row)
	id := first
	if second.known {
		id = personID(w.village.place.Code, f.number, secondMember+member)
		w.emitCivil(f, &second.human, id, StatusAlive)
	}
	w.batch.Truth = append(w.batch.Truth, TruthRow{
		RowID: row.RowID, PersonID: id, Kind: d.Kind, Expected: d.NIK.Expected(), DuplicateOf: firstRow, Source: w.plan.source,
	})
}

// secondMember is added to the member's number in the person_id of a second civil record.
const secondMember = 50
