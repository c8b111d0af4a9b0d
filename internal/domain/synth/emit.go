package synth

import (
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// emit writes the rows of the block's families, in the order of their numbers, then those of the
// families the registry does not have.
func (w *workshop) emit() {
	for i := range w.posts {
		p := &w.posts[i]
		if p.role == copyHere || p.role == crossCopy {
			w.emitCopy(p)
			continue
		}
		w.emitFamily(p)
		if p.guest >= 0 {
			w.emitGuest(p)
		}
	}
	for i := range w.beside {
		f := &w.beside[i]
		for j := range f.members {
			w.emitCivil(f, &f.members[j], personID(w.village.place.Code, f.number, j), StatusAlive)
		}
	}
}

func (w *workshop) emitFamily(p *post) {
	f := &p.family
	plainText := w.chance.permille(30) // a list typed in small letters: no defect, names are folded
	for i := range f.members {
		h := &f.members[i]
		row := w.registryRow(p, f, h, i)
		row.NIK = h.nik.Plain()
		kind := w.spoil(p, &row, h, i)
		if plainText {
			row.Name = titleCase(row.Name)
		}
		w.give(row)
		id := personID(w.village.place.Code, f.number, i)
		switch kind {
		case NIKAbsent:
			id = ""
		case Dead:
			w.emitCivil(f, h, id, StatusDead)
		case Moved:
			p.gone = w.emitCivil(f, h, id, StatusMoved)
		default:
			w.emitCivil(f, h, id, StatusAlive)
		}
		w.batch.Truth = append(w.batch.Truth, TruthRow{RowID: row.RowID, PersonID: id, Kind: kind, Expected: kind.Expected(), Source: w.plan.source})
	}
}

// give adds the row to the batch.
func (w *workshop) give(row RegistryRow) {
	w.batch.Registry = append(w.batch.Registry, row)
}

// registryRow writes a member down without a mistake; the NIK is left to the caller.
func (w *workshop) registryRow(p *post, f *family, h *human, member int) RegistryRow {
	v := w.village
	return RegistryRow{
		RowID: p.firstRow + member + 1, Source: w.plan.source, Year: w.year,
		HouseholdID: w.householdID(f), RegistryID: w.registryID(f), NoKK: w.card16(f),
		Name: h.name, Sex: h.sex, BirthPlace: h.birthPlace, BirthDate: h.born, MotherName: h.mother, Relation: h.relation,
		Address: f.street, RT: f.rt, RW: f.rw, Village: v.place.Name, Regency: v.regency, Area: v.place.Code,
		Phone: phoneOf(f.phone, h), Items: w.itemsOf(f, h, member),
	}
}

// card16, householdID and registryID are made once a family.
func (w *workshop) card16(f *family) string {
	if f.kkText == "" {
		f.kkText = f.kk.Plain()
	}
	return f.kkText
}

func (w *workshop) householdID(f *family) string {
	if f.household == "" {
		f.household = string(appendNumbered(append(w.text[:0], 'R'), w.village.place.Code, f.dwelling+1))
	}
	return f.household
}

func (w *workshop) registryID(f *family) string {
	if f.registry == "" {
		f.registry = string(appendNumbered(w.text[:0], w.village.place.Code, f.number+1))
	}
	return f.registry
}

// appendNumbered appends the ten digits of the area and six of the number, the form of the old
// family identifiers.
func appendNumbered(dst []byte, c area.Code, n int) []byte {
	dst = strconv.AppendInt(dst, int64(c), 10)
	return append(dst, strconv.Itoa(1_000_000 + n)[1:]...)
}

// personID gives the person_id of civil.csv: it says itself that the person is synthetic.
func personID(village area.Code, family, member int) string {
	text := append(make([]byte, 0, 32), "SINTETIS-"...)
	text = strconv.AppendInt(text, int64(village), 10)
	text = append(text, '-')
	text = strconv.AppendInt(text, int64(family+1), 10)
	text = append(text, '-')
	return string(strconv.AppendInt(text, int64(member+1), 10))
}

// phoneOf gives the family's phone to its grown members, most often to the head.
func phoneOf(phone string, h *human) string {
	if h.relation == person.Head || h.age >= cardAge && h.age%3 == 0 {
		return phone
	}
	return ""
}

// itemsOf gives the answers of the row: the family's stand on the head's.
func (w *workshop) itemsOf(f *family, h *human, member int) []int16 {
	if w.plan.cfg.NoItems {
		return nil
	}
	if member != 0 {
		return append(h.items[:len(h.items):len(h.items)], w.blank[:]...)
	}
	return append(h.items[:len(h.items):len(h.items)], f.items[:]...)
}

// spoil puts the family's defect into the row when it is the victim's, and gives the kind of the
// row for truth.csv.
func (w *workshop) spoil(p *post, row *RegistryRow, h *human, member int) Kind {
	switch {
	case p.role == oldCard:
		row.NoKK = p.family.oldKK.Plain()
		return KKOld
	case p.role == swapped:
		row.NIK, row.NoKK = row.NoKK, row.NIK
		return NIKSwapped
	case p.kind == Clean || member != p.victim:
		if tellTwins(p.family.members, member) {
			return Twin
		}
		return Clean
	}
	w.spoilName(p, row, h)
	w.spoilNumber(p, row, h)
	w.spoilFacts(p, row, h)
	return p.kind
}

func (w *workshop) spoilName(p *post, row *RegistryRow, h *human) {
	r := &w.chance
	switch p.kind {
	case NameNickname, NIKHeld:
		row.Name = w.words.nickname(r, h.name)
	case NameTypo:
		row.Name = misspell(r, h.name)
	case NameTitle:
		row.Name = w.words.titled(r, h.name, h.sex)
	case NameShort:
		row.Name = w.words.shorten(r, h.name)
	}
}

func (w *workshop) spoilNumber(p *post, row *RegistryRow, h *human) {
	switch p.kind {
	case NIKEmpty:
		row.NIK = ""
	case NIKTypo:
		row.NIK = w.wrongNIK(&w.chance, h.nik)
	case NIKExcel:
		row.NIK = zeroed(row.NIK)
	case NIKScientific:
		row.NIK = scientific(row.NIK)
	case NIKContested:
		row.NIK = p.claimed.Plain()
	}
}

func (w *workshop) spoilFacts(p *post, row *RegistryRow, h *human) {
	switch p.kind {
	case BirthDateOff:
		row.BirthDate = wrongDate(&w.chance, h.born, w.plan.AsOf())
	case BirthDateSwapped:
		row.BirthDate = swapDate(h.born)
	case BirthDateYear:
		row.BirthDate, _ = period.NewDate(h.born.Year(), 0, 0)
	case SexWrong:
		row.Sex = person.Male + person.Female - h.sex
		if row.Items != nil {
			row.Items[sexItem], row.Items[pregnantItem] = int16(row.Sex), Unanswered // only women are asked
		}
	}
}

// emitCivil writes a person down as the civil registry has her, and gives the area she lives in.
func (w *workshop) emitCivil(f *family, h *human, id string, status CivilStatus) area.Code {
	v := w.village
	row := CivilRow{
		PersonID: id, NIK: h.nik, NoKK: f.kk, Name: h.name, Sex: h.sex, BirthPlace: h.birthPlace, BirthDate: h.born,
		MotherName: h.mother, FatherName: h.father, Relation: h.relation, Address: f.street, RT: f.rt, RW: f.rw,
		Village: v.place.Name, Regency: v.regency, Area: v.place.Code, Phone: phoneOf(f.civilPhone, h), Status: status,
	}
	if status == StatusMoved && len(w.plan.outside.codes) > 0 {
		i := w.chance.below(len(w.plan.outside.codes))
		row.Area, row.Village = w.plan.outside.codes[i], ""
		row.Regency, row.Address, row.RT, row.RW = w.plan.outside.places[i], "", 0, 0
	}
	w.batch.Civil = append(w.batch.Civil, row)
	return row.Area
}

// titleCase writes a name in capitals with small letters: SITI AMINAH as Siti Aminah.
func titleCase(name string) string {
	text := []byte(strings.ToLower(name))
	for i := range text {
		if (i == 0 || text[i-1] == ' ' || text[i-1] == '-') && text[i] >= 'a' && text[i] <= 'z' {
			text[i] -= 'a' - 'A'
		}
	}
	return string(text)
}
