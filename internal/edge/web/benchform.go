package web

import (
	"net/url"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/civil"
	"tepat/web/desk"
	"tepat/web/ui"
)

// benchSection compares, where there is an answer to compare with; else it shows what we hold.
func benchSection(p i18n.Printer, b civil.Bench) desk.Section {
	c := benchCompare(p, b)
	if b.Answer.Outcome == civilmatch.Found || !b.Person.NIK.IsZero() {
		return desk.Section{ID: "banding", Title: p.Text("web.bench.compare"), Compare: c}
	}
	s := desk.Section{ID: "banding", Title: p.Text("web.bench.ours"), Text: p.Text("web.bench.not_asked_text")}
	for _, row := range c.Rows {
		s.Items = append(s.Items, ui.SummaryItem{Label: row.Label, Value: row.Left.Text})
	}
	return s
}

// benchCompare lays ours beside theirs; what the agreement does not tell stays a dash.
func benchCompare(p i18n.Printer, b civil.Bench) *ui.Compare {
	c := &ui.Compare{Caption: p.Text("web.bench.compare"), LeftTitle: p.Text("web.bench.ours"), RightTitle: p.Text("web.bench.theirs")}
	values := b.Mode == civilmatch.FullValues && b.Answer.Outcome == civilmatch.Found && !b.Result.OtherPerson
	theirs := func(text string) string {
		if !values || text == "" {
			return "–"
		}
		return text
	}
	row := func(field civilmatch.Fields, key, ours, civilValue string) {
		c.Rows = append(c.Rows, ui.CompareRow{Label: p.Text(key), Left: ui.CompareSide{Text: dash(ours)}, Right: ui.CompareSide{Text: theirs(civilValue)}, Verdict: verdict(p, b.Result, field)})
	}
	nik := b.Person.NIK.String()
	if b.Person.RawNIK != "" {
		nik = p.Text("web.nik_unusable")
	}
	c.Rows = append(c.Rows, ui.CompareRow{Label: p.Text("web.nik"), Left: ui.CompareSide{Text: dash(nik)}, Right: ui.CompareSide{Text: "–"}, Verdict: foundChip(p, b)})
	a := b.Answer.Civil
	row(civilmatch.Name, "web.name", b.Person.Name, string(a.Name))
	row(civilmatch.BirthDate, "web.birth_date", p.DateText(b.Person.BirthDate.Text()), p.DateText(a.BirthDate.Text()))
	row(civilmatch.Sex, "web.sex", p.Text("person.sex."+b.Person.Sex.String()), sexWords(p, a.Sex))
	row(civilmatch.KK, "web.no_kk", b.Family.KK.String(), a.KK.String())
	row(civilmatch.BirthPlace, "web.birth_place", b.Person.BirthPlace, a.BirthPlace)
	return c
}

func sexWords(p i18n.Printer, s person.Sex) string {
	if s == person.UnknownSex {
		return ""
	}
	return p.Text("person.sex." + s.String())
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func foundChip(p i18n.Printer, b civil.Bench) ui.Chip {
	switch b.Answer.Outcome {
	case civilmatch.Found:
		return ui.Chip{Label: p.Text("web.bench.found"), Tone: ui.Good}
	case civilmatch.NotFound:
		if !b.Person.NIK.IsZero() {
			return ui.Chip{Label: p.Text("web.bench.not_found"), Tone: ui.Bad}
		}
	}
	return ui.Chip{Label: p.Text("web.bench.not_asked")}
}

func verdict(p i18n.Printer, r civilmatch.Result, field civilmatch.Fields) ui.Chip {
	switch {
	case r.Differs.Has(field):
		return ui.Chip{Label: p.Text("web.bench.differs"), Tone: ui.Bad}
	case r.Warns.Has(field):
		return ui.Chip{Label: p.Text("web.bench.differs"), Tone: ui.Wait}
	case r.Unchecked.Has(field) || r.Status <= civilmatch.NIKNotFound:
		return ui.Chip{Label: p.Text("web.bench.unknown")}
	default:
		return ui.Chip{Label: p.Text("web.bench.same"), Tone: ui.Good}
	}
}

// benchForm is the form of a repair. Where the registry gives values they are offered
// beside the field; the operator still types or copies them from the KTP and KK in hand.
func benchForm(p i18n.Printer, b civil.Bench, problems []ui.FieldError, typed map[string]string) desk.FormView {
	hints := map[civilmatch.Fields]string{}
	for _, s := range b.Suggestions {
		hints[s.Field] = p.Text("web.bench.suggested", "value", suggestionWords(p, s))
	}
	value := func(name, current string) string {
		if typed == nil {
			return current
		}
		return typed[name]
	}
	problem := func(name string) string {
		for _, one := range problems {
			if one.Field == name {
				return one.Message
			}
		}
		return ""
	}
	sexes := []ui.Option{}
	for _, s := range []person.Sex{person.Male, person.Female} {
		sexes = append(sexes, ui.Option{Value: s.String(), Label: p.Text("person.sex." + s.String()), Selected: value("sex", b.Person.Sex.String()) == s.String()})
	}
	documents := []ui.Option{}
	for _, doc := range []string{"ktp", "kk", "akta"} {
		documents = append(documents, ui.Option{Value: doc, Label: p.Text("web.document." + doc), Selected: value("document", "") == doc})
	}
	day, month, year := dateParts(b.Person.BirthDate)
	label, hint := nikWords(b)
	f := desk.FormView{ID: "perbaiki", Title: p.Text("web.bench.mend"), Text: p.Text("web.bench.mend_text"),
		Form: ui.Form{Action: "/padan/" + rowID(b.Person.Tenant, b.Person.ID), Guard: true, Hidden: []ui.Hidden{{Name: "version", Value: itoa(b.Person.Version)}}},
		Fields: []desk.FieldView{
			{Field: ui.Field{Name: "name", Label: p.Text("web.name_ktp"), Hint: hints[civilmatch.Name], Value: value("name", b.Person.Name), Error: problem("name"), MaxLength: 60}},
			{Field: ui.Field{Name: "nik", Label: p.Text(label), Hint: p.Text(hint), Kind: ui.NIK, Value: value("nik", ""), Error: problem("nik"), Optional: true}},
			{Field: ui.Field{Name: "no_kk", Label: p.Text("web.kk_new"), Hint: hints[civilmatch.KK], Kind: ui.KK, Value: value("no_kk", ""), Error: problem("no_kk"), Optional: true}},
			{Field: ui.Field{Name: "birth_date", Label: p.Text("web.birth_date"), Hint: hints[civilmatch.BirthDate], Error: problem("birth_date")},
				Date: &ui.DateParts{Day: value("birth_date.day", day), Month: value("birth_date.month", month), Year: value("birth_date.year", year)}},
			{Field: ui.Field{Name: "sex", Label: p.Text("web.sex"), Hint: hints[civilmatch.Sex], Error: problem("sex")}, Options: sexes},
			{Field: ui.Field{Name: "document", Label: p.Text("web.document"), Hint: p.Text("web.document_hint"), Error: problem("document")}, Options: documents},
		},
		Buttons: []ui.Button{{Label: p.Text("web.bench.save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/padan"},
	}
	if len(b.Alike) > 0 {
		f.Fields = append(f.Fields, alikeField(p, b.Alike, problem("alike")))
	}
	return f
}

// nikWords ask for a NIK where there is none, and for another one where there is.
func nikWords(b civil.Bench) (label, hint string) {
	if b.Person.NIK.IsZero() {
		return "web.nik_first", "web.nik_first_hint"
	}
	return "web.nik_new", "web.nik_new_hint"
}

func suggestionWords(p i18n.Printer, s civilmatch.Suggestion) string {
	switch s.Field {
	case civilmatch.Name:
		return string(s.Name)
	case civilmatch.BirthDate:
		return p.DateText(s.BirthDate.Text())
	case civilmatch.Sex:
		return sexWords(p, s.Sex)
	case civilmatch.KK:
		return s.KK.String()
	case civilmatch.BirthPlace:
		return s.BirthPlace
	}
	return ""
}

func dateParts(d period.Date) (day, month, year string) { return familyform.DateParts(d) }

// readMending reads the form into what changes; a value that is as it was is no change.
func readMending(p i18n.Printer, form url.Values, b civil.Bench) (civil.Mending, []ui.FieldError) {
	m := civil.Mending{Tenant: b.Person.Tenant, PersonID: b.Person.ID, Document: form.Get("document"), Seen: form.Get("alike")}
	var problems []ui.FieldError
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: p.Error(err)})
	}
	version, err := atoi(form.Get("version"))
	if m.Version = version; err != nil {
		m.Version = -1
	}
	if text := form.Get("nik"); text != "" {
		if nik, err := person.ParseNIK(text); err != nil {
			wrong("nik", err)
		} else {
			m.NIK = &nik
		}
	}
	if text := form.Get("no_kk"); text != "" {
		if kk, err := person.ParseKK(text); err != nil {
			wrong("no_kk", err)
		} else {
			m.KK = &kk
		}
	}
	if name, err := person.NewName(form.Get("name")); err != nil {
		wrong("name", err)
	} else if text := name.Plain(); text != b.Person.Name {
		m.Name = &text
	}
	if sex, err := person.ParseSex(form.Get("sex")); err != nil {
		wrong("sex", err)
	} else if sex != b.Person.Sex {
		m.Sex = &sex
	}
	if birth, err := readDate(form, "birth_date"); err != nil {
		wrong("birth_date", err)
	} else if birth != b.Person.BirthDate {
		m.BirthDate = &birth
	}
	return m, problems
}

// readDate reads the three parts of a date field; parts left empty make a partial date.
func readDate(form url.Values, name string) (period.Date, error) {
	return familyform.ReadDate(form, name)
}
