package exchange

import (
	"bytes"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// parser turns rows of one file into what the services take.
type parser struct {
	set      Settings
	columns  *columns
	tree     *areas.Tree
	within   area.Code
	today    period.Date
	form     string
	places   map[string]placed // area cell and village cell, as files repeat them
	sources  map[string]string
	raw      []byte
	document []byte
	dropped  []error // answers of the row that were left out
	warnings map[string]int64
}

type placed struct {
	code    area.Code
	village int64
	err     error
}

// columnError binds an error to its column.
func columnError(s slot, err error) error {
	if e, ok := fail.As(err); ok {
		return e.On(slotNames[s])
	}
	return err
}

func (p *parser) text(row *tabular.Row, s slot) string {
	return string(bytes.TrimSpace(p.columns.cell(row, s)))
}

// intern keeps one copy of a text that files repeat.
func (p *parser) intern(row *tabular.Row, s slot) string {
	cell := bytes.TrimSpace(p.columns.cell(row, s))
	if text, ok := p.sources[string(cell)]; ok {
		return text
	}
	text := string(cell)
	if len(p.sources) < 10000 {
		p.sources[text] = text
	}
	return text
}

// digestible gives the row's cells as one text, by which the same row is known again.
func (p *parser) digestible(row *tabular.Row) []byte {
	p.raw = p.raw[:0]
	for _, c := range row.Cells {
		p.raw = append(append(p.raw, c...), 0x1f)
	}
	return p.raw
}

// family reads a row of a file of families.
func (p *parser) family(row *tabular.Row) (in registry.Incoming, err error) {
	in.Line = int64(row.Line)
	if in.Name = p.text(row, colName); in.Name == "" {
		return in, fail.Invalid("person.name").On("name")
	}
	in.RowID, in.Source, in.SourceDate = p.text(row, colRowID), p.intern(row, colSource), p.intern(row, colYear)
	if in.Source == "" {
		in.Source = p.set.Source
	}
	if in.SourceDate == "" {
		in.SourceDate = p.set.AsOf
	}
	in.HouseholdID, in.RegistryID = p.text(row, colHousehold), p.text(row, colRegistryID)
	in.BirthPlace, in.Address = p.intern(row, colBirthPlace), p.text(row, colAddress)
	in.MotherName, in.RT, in.RW = p.text(row, colMother), p.intern(row, colRT), p.intern(row, colRW)
	p.numbers(row, &in)
	if err := p.person(row, &in); err != nil {
		return in, err
	}
	at, err := p.place(row)
	if err != nil {
		return in, columnError(colArea, err)
	}
	in.Area, in.VillageID = at.code, at.village
	p.answers(row, &in)
	return in, nil
}

// numbers reads NIK, No. KK and phone. A number that cannot be one never loses the
// person: the NIK is kept as it came, for who mends it.
func (p *parser) numbers(row *tabular.Row, in *registry.Incoming) {
	if cell := p.columns.cell(row, colNIK); len(bytes.TrimSpace(cell)) > 0 {
		nik, err := person.ParseNIK(string(cell))
		if err != nil || p.columns.flag(row, colNIK)&tabular.FlagDamaged != 0 {
			in.RawNIK = string(bytes.TrimSpace(cell))
			p.warnings["warning.nik"]++
		} else {
			in.NIK = nik
		}
	}
	if cell := p.columns.cell(row, colKK); len(bytes.TrimSpace(cell)) > 0 {
		kk, err := person.ParseKK(string(cell))
		if err != nil || p.columns.flag(row, colKK)&tabular.FlagDamaged != 0 {
			p.warnings["warning.kk"]++
		} else {
			in.KK = kk
		}
	}
	if cell := p.columns.cell(row, colPhone); len(cell) > 0 {
		if phone, err := person.ParsePhone(string(cell)); err == nil {
			in.Phone = phone
		} else {
			p.warnings["warning.phone"]++
		}
	}
}

func (p *parser) person(row *tabular.Row, in *registry.Incoming) (err error) {
	if cell := p.columns.cell(row, colSex); len(cell) > 0 {
		if in.Sex, err = person.ParseSex(string(cell)); err != nil {
			return columnError(colSex, err)
		}
	}
	if cell := p.columns.cell(row, colBirthDate); len(cell) > 0 {
		if in.BirthDate, err = period.ParseWritten(string(cell)); err != nil {
			return columnError(colBirthDate, err)
		}
	}
	if cell := p.columns.cell(row, colRelation); len(cell) > 0 {
		if in.Relation, err = person.ParseRelation(string(cell)); err != nil {
			return columnError(colRelation, err)
		}
	}
	if lo, hi, ok := in.BirthDate.AgeRange(p.today); ok && (hi < 0 || lo > 130) {
		return fail.Invalid("person.birth_date").On("birth_date")
	}
	return nil
}

// place finds the village of a row: its area code, of any level and age, completed by
// the village's name.
func (p *parser) place(row *tabular.Row) (placed, error) {
	code, village := p.columns.cell(row, colArea), p.columns.cell(row, colVillage)
	key := string(code) + "\x1f" + string(village)
	if found, ok := p.places[key]; ok {
		return found, found.err
	}
	found := placed{}
	found.code, found.err = p.findPlace(string(bytes.TrimSpace(code)), string(bytes.TrimSpace(village)))
	if place, ok := p.tree.At(found.code); ok {
		found.village = place.Village
	}
	if len(p.places) < 100000 {
		p.places[key] = found
	}
	return found, found.err
}

func (p *parser) findPlace(code, village string) (at area.Code, err error) {
	at = p.within
	if code != "" {
		if at, err = area.Parse(code); err != nil {
			return at, err
		}
		if at, err = p.tree.Resolve(at, p.today); err != nil {
			return at, err
		}
	}
	if at.Level() != area.LevelVillage {
		if village == "" {
			return at, fail.Invalid("import.village_missing")
		}
		if at, err = p.tree.FindByName(at, area.LevelVillage, village); err != nil {
			return at, err
		}
	}
	if !p.within.Contains(at) {
		return at, fail.Invalid("import.area_outside")
	}
	return at, nil
}

// answers reads the questionnaire items of a row, the family's from the head's row. An
// answer that is none is left out and told; it never loses the person.
func (p *parser) answers(row *tabular.Row, in *registry.Incoming) {
	if len(p.columns.items) == 0 {
		return
	}
	in.Questionnaire = p.form
	in.PersonAnswers = p.itemsOf(row, questionnaire.LevelPerson)
	if in.Relation == person.Head {
		in.FamilyAnswers = p.itemsOf(row, questionnaire.LevelFamily)
	}
}

// itemsOf gives the answers of a level as JSON, "" when there are none.
func (p *parser) itemsOf(row *tabular.Row, level questionnaire.Level) string {
	out := p.document[:0]
	for i := range p.columns.items {
		c := &p.columns.items[i]
		cell := row.Cell(c.at)
		if c.item.Level != level || len(cell) == 0 {
			continue
		}
		a := c.answer(cell)
		if a.err != nil {
			p.dropped = append(p.dropped, a.err)
			continue
		}
		out = append(append(out, ','), a.json...)
	}
	if p.document = out; len(out) == 0 {
		return ""
	}
	out[0] = '{'
	p.document = append(out, '}')
	return string(p.document)
}

// civil reads a row of a civil file.
func (p *parser) civil(row *tabular.Row) (r civil.CivilRow, err error) {
	if r.NIK, err = person.ParseNIK(p.text(row, colNIK)); err != nil {
		return r, columnError(colNIK, err)
	}
	if text := p.text(row, colKK); text != "" {
		if r.KK, err = person.ParseKK(text); err != nil {
			return r, columnError(colKK, err)
		}
	}
	if r.Name = p.text(row, colName); r.Name == "" {
		return r, fail.Invalid("person.name").On("name")
	}
	var in registry.Incoming
	if err = p.person(row, &in); err != nil {
		return r, err
	}
	r.Sex, r.BirthDate, r.Relation = in.Sex, in.BirthDate, in.Relation
	r.BirthPlace, r.MotherName, r.AsOf = p.intern(row, colBirthPlace), p.text(row, colMother), p.set.AsOf
	if at, err := p.place(row); err == nil {
		r.Area = at.code
	}
	r.Tenant = p.tree.TenantOf(r.Area)
	r.Status, err = civilStatus(p.text(row, colStatus))
	return r, columnError(colStatus, err)
}

func civilStatus(word string) (civilmatch.State, error) {
	switch strings.ToLower(word) {
	case "", "alive", "hidup":
		return civilmatch.Alive, nil
	case "dead", "meninggal", "mati":
		return civilmatch.IsDead, nil
	case "moved", "pindah":
		return civilmatch.HasMoved, nil
	case "unrecorded", "belum rekam":
		return civilmatch.Unrecorded, nil
	case "anomaly", "anomali":
		return civilmatch.IsAnomalous, nil
	case "double", "ganda":
		return civilmatch.IsDouble, nil
	}
	return 0, fail.Invalid("import.civil_status")
}
