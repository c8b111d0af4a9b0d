package familyform

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/ui"
)

// Reader turns what was typed into a document.
type Reader struct {
	// Say words an error.
	Say func(error) string
	// Problems gives what keeps a document from being filed (proposals.Service.Problems).
	Problems func(proposals.Document) []*fail.Error
	// Base is what was filed before, of a form that mends it: its numbers stay where nothing
	// new was typed. Nil for a new form.
	Base *proposals.Document
	// Answers gives the questionnaire of a member by her place in the form, of the family for -1.
	// Nil leaves those of the base.
	Answers func(member int) questionnaire.Answers
	// Version is the questionnaire the answers are of.
	Version string
}

// Read gives the document, with everything that is wrong about it in the order of the form.
func (r Reader) Read(values map[string]string) (proposals.Document, []ui.FieldError) {
	f := &reading{values: values, say: r.Say}
	doc := proposals.Document{Address: values["address"], RT: values["rt"], RW: values["rw"], Words: values["words"]}
	if papers := values["papers"]; papers != "" {
		doc.Papers = slices.DeleteFunc(strings.Split(papers, ","), func(s string) bool { return !slices.Contains(Papers(), s) })
	}
	before := proposals.Document{}
	if r.Base != nil {
		before = *r.Base
	}
	doc.KK, doc.Phone, doc.Questionnaire, doc.Answers = before.KK, before.Phone, before.Questionnaire, before.Answers
	doc.Visit = before.Visit // entered where the form is sent
	read(f, "no_kk", person.ParseKK, &doc.KK)
	read(f, "phone", person.ParsePhone, &doc.Phone)
	if r.Answers != nil {
		if doc.Answers = r.Answers(-1); len(doc.Answers) > 0 {
			doc.Questionnaire = r.Version
		}
	}
	for i := range Members {
		if i > 0 && emptyMember(values, i) { // the head is always asked for
			continue
		}
		var m proposals.Member
		if i < len(before.Members) {
			m = before.Members[i]
		}
		f.member(i, &m)
		if r.Answers != nil {
			if m.Answers = r.Answers(i); len(m.Answers) > 0 {
				doc.Questionnaire = r.Version
			}
		}
		doc.Members, f.rows = append(doc.Members, m), append(f.rows, i)
	}
	for _, e := range r.Problems(doc) {
		if strings.HasPrefix(e.Code, "answer.") { // asked on a page of its own
			f.wrong("", e)
			continue
		}
		f.wrong(f.place(e.Field), e)
	}
	return doc, inOrder(f.problems)
}

// inOrder sorts problems as the fields stand in the form; what is about the whole comes first.
func inOrder(problems []ui.FieldError) []ui.FieldError {
	order := Fields()
	at := func(one ui.FieldError) int {
		if i := slices.Index(order, one.Field); i >= 0 {
			return i
		}
		return slices.Index(order, one.Field+".day") // -1, first, when it is about the whole
	}
	slices.SortStableFunc(problems, func(a, b ui.FieldError) int { return at(a) - at(b) })
	return problems
}

// reading collects what is wrong; the first error of a field counts.
type reading struct {
	values   map[string]string
	say      func(error) string
	rows     []int // of the form, by member of the document
	problems []ui.FieldError
}

func (f *reading) wrong(field string, err error) {
	if field == "" || !slices.ContainsFunc(f.problems, func(one ui.FieldError) bool { return one.Field == field }) {
		f.problems = append(f.problems, ui.FieldError{Field: field, Message: f.say(err)})
	}
}

// read parses one value into its place; what was not typed stays.
func read[T any](f *reading, name string, parse func(string) (T, error), into *T) {
	if text := f.values[name]; text != "" {
		v, err := parse(text)
		if err != nil {
			f.wrong(name, err)
			return
		}
		*into = v
	}
}

func (f *reading) member(i int, m *proposals.Member) {
	at := func(part string) string { return Name(i, part) }
	read(f, at("nik"), person.ParseNIK, &m.NIK)
	m.Name, m.MotherName = "", ""
	read(f, at("name"), person.NewName, &m.Name)
	read(f, at("mother"), person.NewName, &m.MotherName)
	m.Sex, m.Relation = person.UnknownSex, person.UnknownRelation
	if f.values[at("sex")] == "" {
		f.wrong(at("sex"), fail.Invalid("proposalform.sex"))
	}
	read(f, at("sex"), person.ParseSex, &m.Sex)
	if f.values[at("relation")] == "" {
		f.wrong(at("relation"), fail.Invalid("proposalform.relation"))
	}
	read(f, at("relation"), person.ParseRelation, &m.Relation)
	m.BirthPlace = f.values[at("birth_place")]
	form := url.Values{}
	for _, part := range []string{".day", ".month", ".year"} {
		form.Set("birth_date"+part, f.values[at("birth_date")+part])
	}
	birth, err := ReadDate(form, "birth_date")
	if err != nil {
		f.wrong(at("birth_date"), err)
	} else if birth.IsZero() {
		f.wrong(at("birth_date"), fail.Invalid("proposalform.birth_date"))
	}
	m.BirthDate = birth
}

// place turns a field of the document into the field of the form.
func (f *reading) place(field string) string {
	rest, ok := strings.CutPrefix(field, "members.")
	if !ok {
		switch field {
		case "no_kk", "address", "phone", "words", "area":
			return field
		}
		return Name(0, "relation")
	}
	n, part, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(n)
	if err != nil || i < 0 || i >= len(f.rows) {
		return Name(0, "relation")
	}
	if part == "" {
		part = "name"
	}
	return Name(f.rows[i], part)
}

// ReadDate reads the three parts of a date field; parts left empty make a partial date.
func ReadDate(form url.Values, name string) (period.Date, error) {
	text := form.Get(name + ".year")
	for _, part := range []string{".month", ".day"} {
		v := form.Get(name + part)
		if v == "" {
			break
		}
		if len(v) == 1 {
			v = "0" + v
		}
		text += "-" + v
	}
	if text == "" {
		return period.Date{}, nil
	}
	return period.ParseDate(text)
}

// DateParts gives the three parts of a date, empty where it does not say them.
func DateParts(d period.Date) (day, month, year string) {
	text := d.Text()
	if len(text) >= 4 {
		year = text[:4]
	}
	if len(text) >= 7 {
		month = text[5:7]
	}
	if len(text) == 10 {
		day = text[8:]
	}
	return day, month, year
}

// Of lays a document out as the values of the form, without the numbers of persons, which are
// told masked in kept.
func Of(doc proposals.Document) (values, kept map[string]string) {
	values = map[string]string{"address": doc.Address, "rt": doc.RT, "rw": doc.RW, "words": doc.Words, "papers": strings.Join(doc.Papers, ",")}
	kept = map[string]string{"no_kk": doc.KK.String(), "phone": doc.Phone.String()}
	for i, m := range doc.Members {
		set := func(part, v string) { values[Name(i, part)] = v }
		set("relation", m.Relation.String())
		set("name", m.Name.Plain())
		set("sex", m.Sex.String())
		set("birth_place", m.BirthPlace)
		set("mother", m.MotherName.Plain())
		day, month, year := DateParts(m.BirthDate)
		set("birth_date.day", day)
		set("birth_date.month", month)
		set("birth_date.year", year)
		if !m.NIK.IsZero() {
			kept[Name(i, "nik")] = m.NIK.String()
		}
	}
	return values, kept
}

// Differences gives, of a document that is kept, the values that differ from what was typed.
func Differences(p i18n.Printer, kept proposals.Document, typed map[string]string) []ui.SummaryItem {
	stored, _ := Of(kept)
	return Changed(p, stored, typed)
}

// Changed gives the values kept that differ from what was typed. Numbers of persons are left out:
// a page shows them masked, which would not tell them apart.
func Changed(p i18n.Printer, stored, typed map[string]string) []ui.SummaryItem {
	f := Form{Printer: p}
	var out []ui.SummaryItem
	add := func(name, label string) {
		if !person.FoldEqual(stored[name], typed[name]) {
			out = append(out, ui.SummaryItem{Label: label, Value: stored[name]})
		}
	}
	for _, one := range []struct{ name, key string }{{"address", "web.address"}, {"rt", "proposalsweb.rt"}, {"rw", "proposalsweb.rw"}, {"words", "proposalsweb.words"}} {
		add(one.name, p.Text(one.key))
	}
	for i := range Members {
		for _, part := range []struct{ name, key string }{{"name", "web.name_ktp"}, {"mother", "proposalsweb.mother"}, {"birth_place", "web.birth_place"}, {"birth_date.day", "proposalsweb.birth_day"},
			{"birth_date.month", "proposalsweb.birth_month"}, {"birth_date.year", "proposalsweb.birth_year"}} {
			add(Name(i, part.name), f.memberTitle(i)+", "+p.Text(part.key))
		}
	}
	return out
}
