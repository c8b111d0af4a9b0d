package exchange

import (
	"bytes"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/layout"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
	"tepat/internal/service/assessments"
	"tepat/internal/service/civil"
	"tepat/internal/service/payments"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
)

// parser turns rows of one file into what the services take.
type parser struct {
	set      Settings
	table    *table
	tree     *areas.Tree
	within   area.Code
	today    period.Date
	form     string
	places   map[string]placed // area cell and village cell, as files repeat them
	sources  map[string]string
	record   layout.Record
	raw      []byte
	document []byte
	dropped  []error // answers of the row that were left out
	damaged  []error // numbers of the row that cannot be one; the row is kept without them
	warnings map[string]int64
}

type placed struct {
	code    area.Code
	village int64
	err     error
}

// columnError binds an error to its column.
func columnError(f layout.Field, err error) error {
	if e, ok := fail.As(err); ok {
		return e.On(f.String())
	}
	return err
}

func (p *parser) text(rec *layout.Record, f layout.Field) string {
	return rec.Text(f)
}

// intern keeps one copy of a text that files repeat.
func (p *parser) intern(rec *layout.Record, f layout.Field) string {
	cell := rec.Get(f)
	if text, ok := p.sources[string(cell)]; ok {
		return text
	}
	text := string(cell)
	if len(p.sources) < 10000 {
		p.sources[text] = text
	}
	return text
}

// digestible gives the row's values as one text, by which the same row is known again.
func (p *parser) digestible(rec *layout.Record) []byte {
	p.raw = p.raw[:0]
	for f := range layout.Fields {
		p.raw = append(append(p.raw, rec.Get(f)...), 0x1f)
	}
	for i := range p.table.items {
		p.raw = append(append(p.raw, rec.Item(i)...), 0x1e)
	}
	for i := range rec.Problems {
		p.raw = append(append(p.raw, rec.Problems[i].Raw...), 0x1d)
	}
	return p.raw
}

// masked reports whether a number is one of ours with its middle hidden: a list that left
// without full numbers must not come back as people whose numbers are damaged.
func masked(cell []byte) bool { return bytes.ContainsRune(cell, '•') }

// usable looks at what is wrong with the cells of a record. A number that cannot be one
// never loses the person: the NIK is kept as it came, for who mends it. Everything else
// refuses the row.
func (p *parser) usable(rec *layout.Record) (rawNIK string, err error) {
	for _, f := range []layout.Field{layout.NIK, layout.NoKK} {
		if masked(rec.Get(f)) {
			return "", fail.Invalid("import.masked").On(f.String())
		}
	}
	for i := range rec.Problems {
		problem := &rec.Problems[i]
		switch problem.Field {
		case layout.NIK:
			rawNIK = string(problem.Raw)
			p.damage("warning.nik", layout.NIK, problem.Unwrap())
		case layout.NoKK:
			p.damage("warning.kk", layout.NoKK, problem.Unwrap())
		case layout.Phone:
			p.damage("warning.phone", layout.Phone, problem.Unwrap())
		default:
			return "", problem.Unwrap()
		}
	}
	return rawNIK, nil
}

// damage counts a number that cannot be one, and keeps why for the list of what is to be mended.
func (p *parser) damage(warning string, f layout.Field, err error) {
	p.warnings[warning]++
	p.damaged = append(p.damaged, columnError(f, err))
}

// family reads a row of a file of families.
func (p *parser) family(rec *layout.Record) (in registry.Incoming, err error) {
	in.Line = int64(rec.Line)
	if in.RawNIK, err = p.usable(rec); err != nil {
		return in, err
	}
	if in.Name = p.text(rec, layout.Name); in.Name == "" {
		return in, fail.Invalid("person.name").On("name")
	}
	in.RowID, in.Source, in.SourceDate = p.text(rec, layout.RowID), p.intern(rec, layout.Source), p.intern(rec, layout.Year)
	if in.Source == "" {
		in.Source = p.set.Source
	}
	if in.SourceDate == "" {
		in.SourceDate = p.set.AsOf
	}
	in.HouseholdID, in.RegistryID = p.text(rec, layout.HouseholdID), p.text(rec, layout.RegistryID)
	in.BirthPlace, in.Address = p.intern(rec, layout.BirthPlace), p.text(rec, layout.Address)
	in.MotherName, in.RT, in.RW = p.text(rec, layout.MotherName), p.intern(rec, layout.RT), p.intern(rec, layout.RW)
	p.numbers(rec, &in)
	if err := p.person(rec, &in); err != nil {
		return in, err
	}
	at, err := p.place(rec)
	if err != nil {
		return in, columnError(layout.AreaCode, err)
	}
	in.Area, in.VillageID = at.code, at.village
	p.answers(rec, &in)
	return in, nil
}

// numbers reads NIK, No. KK and phone, as far as they are such numbers.
func (p *parser) numbers(rec *layout.Record, in *registry.Incoming) {
	if cell := rec.Get(layout.NIK); len(cell) > 0 {
		nik, err := person.ParseNIK(string(cell))
		if in.NIK = nik; err != nil {
			in.RawNIK = string(cell)
			p.damage("warning.nik", layout.NIK, err)
		}
	}
	if cell := rec.Get(layout.NoKK); len(cell) > 0 {
		kk, err := person.ParseKK(string(cell))
		if in.KK = kk; err != nil {
			p.damage("warning.kk", layout.NoKK, err)
		}
	}
	if cell := rec.Get(layout.Phone); len(cell) > 0 {
		phone, err := person.ParsePhone(string(cell))
		if in.Phone = phone; err != nil {
			p.damage("warning.phone", layout.Phone, err)
		}
	}
}

func (p *parser) person(rec *layout.Record, in *registry.Incoming) (err error) {
	if cell := rec.Get(layout.Sex); len(cell) > 0 {
		if in.Sex, err = person.ParseSex(string(cell)); err != nil {
			return columnError(layout.Sex, err)
		}
	}
	if cell := rec.Get(layout.BirthDate); len(cell) > 0 {
		if in.BirthDate, err = period.ParseWritten(string(cell)); err != nil {
			return columnError(layout.BirthDate, err)
		}
	}
	if cell := rec.Get(layout.Relation); len(cell) > 0 {
		if in.Relation, err = person.ParseRelation(string(cell)); err != nil {
			return columnError(layout.Relation, err)
		}
	} else if b := p.table.records.Binding(); len(b.Heads()) > 0 && !b.Has(layout.Relation) {
		in.Relation = person.Head // a list of heads of families
	}
	if lo, hi, ok := in.BirthDate.AgeRange(p.today); ok && (hi < 0 || lo > 130) {
		return fail.Invalid("person.birth_date").On("birth_date")
	}
	return nil
}

// place finds the village of a row: its area code, of any level and age, completed by
// the village's name.
func (p *parser) place(rec *layout.Record) (placed, error) {
	code, village := rec.Get(layout.AreaCode), rec.Get(layout.Village)
	key := string(code) + "\x1f" + string(village)
	if found, ok := p.places[key]; ok {
		return found, found.err
	}
	found := placed{}
	found.code, found.err = p.findPlace(string(code), string(village))
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
	switch {
	case at.Level() == area.LevelVillage && code == "" && village != "":
		// the file is a village's own: a row that names another village is none of it
		if _, err := p.tree.FindByName(at, area.LevelVillage, village); err != nil {
			return at, fail.Invalid("import.area_outside")
		}
	case at.Level() != area.LevelVillage:
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
func (p *parser) answers(rec *layout.Record, in *registry.Incoming) {
	if len(p.table.items) == 0 {
		return
	}
	in.Questionnaire = p.form
	in.PersonAnswers = p.itemsOf(rec, questionnaire.LevelPerson)
	if in.Relation == person.Head {
		in.FamilyAnswers = p.itemsOf(rec, questionnaire.LevelFamily)
	}
}

// itemsOf gives the answers of a level as JSON, "" when there are none.
func (p *parser) itemsOf(rec *layout.Record, level questionnaire.Level) string {
	out := p.document[:0]
	for i := range p.table.items {
		c := &p.table.items[i]
		cell := rec.Item(i)
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
func (p *parser) civil(rec *layout.Record) (r civil.CivilRow, err error) {
	if len(rec.Problems) > 0 {
		return r, rec.Problems[0].Unwrap()
	}
	if r.NIK, err = person.ParseNIK(p.text(rec, layout.NIK)); err != nil {
		return r, columnError(layout.NIK, err)
	}
	if text := p.text(rec, layout.NoKK); text != "" {
		if r.KK, err = person.ParseKK(text); err != nil {
			return r, columnError(layout.NoKK, err)
		}
	}
	if r.Name = p.text(rec, layout.Name); r.Name == "" {
		return r, fail.Invalid("person.name").On("name")
	}
	var in registry.Incoming
	if err = p.person(rec, &in); err != nil {
		return r, err
	}
	r.Sex, r.BirthDate, r.Relation = in.Sex, in.BirthDate, in.Relation
	r.BirthPlace, r.MotherName, r.AsOf = p.intern(rec, layout.BirthPlace), p.text(rec, layout.MotherName), p.text(rec, layout.AsOf)
	if r.AsOf == "" {
		r.AsOf = p.set.AsOf
	}
	if at, err := p.place(rec); err == nil {
		r.Area = at.code
	}
	r.Tenant = p.tree.TenantOf(r.Area)
	r.Status, err = civilStatus(p.text(rec, layout.Status))
	return r, columnError(layout.Status, err)
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

// evidence reads a row of a file of evidence.
func (p *parser) evidence(rec *layout.Record, screen *screening.Service) (screening.EvidenceRow, error) {
	if len(rec.Problems) > 0 {
		return screening.EvidenceRow{}, rec.Problems[0].Unwrap()
	}
	nik, err := person.ParseNIK(p.text(rec, layout.NIK))
	if err != nil {
		return screening.EvidenceRow{}, columnError(layout.NIK, err)
	}
	asOf, source := p.text(rec, layout.AsOf), p.intern(rec, layout.Source)
	if asOf == "" {
		asOf = p.set.AsOf
	}
	if source == "" {
		source = p.set.Source
	}
	return screen.Evidence(nik, evidence.Statement{Kind: p.text(rec, layout.EvidenceKind), Value: p.text(rec, layout.Value), AsOf: asOf, Source: source}, p.today)
}

// decile reads a row of a file of deciles; an empty decile is a family not ranked.
func (p *parser) decile(rec *layout.Record) (r assessments.DecileRow, err error) {
	if len(rec.Problems) > 0 {
		return r, rec.Problems[0].Unwrap()
	}
	if cell := rec.Get(layout.NoKK); len(cell) > 0 {
		if r.KK, err = person.ParseKK(string(cell)); err != nil {
			return r, columnError(layout.NoKK, err)
		}
	}
	r.Line, r.RegistryID, r.Source = int64(rec.Line), p.text(rec, layout.RegistryID), p.intern(rec, layout.Source)
	if r.Source == "" {
		r.Source = p.set.Source
	}
	text := p.text(rec, layout.Decile)
	if text == "" {
		return r, nil
	}
	if r.Decile, err = strconv.Atoi(text); err != nil {
		return r, fail.Invalid("score.decile", "given", text).On("decile")
	}
	vintage := p.intern(rec, layout.Vintage)
	if vintage == "" {
		vintage = p.set.AsOf
	}
	if r.Vintage, err = period.ParseVintage(vintage); err != nil {
		return r, columnError(layout.Vintage, err)
	}
	return r, r.Check()
}

// result reads a row of the bank's result file.
func (p *parser) result(rec *layout.Record) (r payments.ResultRow, err error) {
	if len(rec.Problems) > 0 {
		return r, rec.Problems[0].Unwrap()
	}
	r.Line, r.Code = int64(rec.Line), p.text(rec, layout.RejectCode)
	if text := p.text(rec, layout.PaymentID); text != "" {
		if r.Payment, err = sqldb.ParseID(text); err != nil {
			return r, fail.Invalid("import.payment_id").On("payment_id")
		}
	}
	if cell := rec.Get(layout.NIK); len(cell) > 0 {
		if r.NIK, err = person.ParseNIK(string(cell)); err != nil {
			return r, columnError(layout.NIK, err)
		}
	}
	if text := p.text(rec, layout.AccountNo); text != "" {
		if r.Account, err = payments.ParseAccount(text); err != nil {
			return r, columnError(layout.AccountNo, err)
		}
	}
	amount, err := strconv.ParseInt(p.text(rec, layout.Amount), 10, 64)
	if err != nil {
		return r, fail.Invalid("import.amount").On("amount")
	}
	r.Amount = money.Rupiah(amount)
	for f, to := range map[layout.Field]*period.Date{layout.CreditedAt: &r.CreditedOn, layout.FirstUsedAt: &r.UsedOn, layout.ReturnedAt: &r.ReturnedOn} {
		if text := p.text(rec, f); text != "" {
			if *to, err = period.ParseDate(text); err != nil {
				return r, columnError(f, err)
			}
		}
	}
	return r, nil
}
