package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/edge/print"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// A visit is made with a sheet of paper: printed at the office, filled in by hand in the family's house, entered when there is a
// network. A new family's is entered in its form, which tells who is alike before it is sent, with the day and the
// visitor. That of a registered family is noted on its page, and leads to the pages that mend what differs.

// visitRoutes are the sheets.
func (d *Desk) visitRoutes() []Route {
	return []Route{
		{"GET /usulan/lembar", access.FileProposal, d.blankSheet},
		{"GET /keluarga/{id}/lembar", access.FileProposal, d.familySheet},
		{"GET /keluarga/{id}/kunjungan", access.RepairMatch, d.noteVisitForm},
		{"POST /keluarga/{id}/kunjungan", access.RepairMatch, d.noteVisit},
		{"GET /keluarga/{id}/kunjungan/daftar", access.ReadRegistry, d.olderVisits},
		{"GET /keluarga/{id}/kunjungan/{visit}/tarik", access.RepairMatch, d.withdrawVisitForm},
		{"POST /keluarga/{id}/kunjungan/{visit}/tarik", access.RepairMatch, d.withdrawVisit},
	}
}

func visitNames() []string {
	return []string{"visit_on.day", "visit_on.month", "visit_on.year", "visit_by"}
}

// visitFields ask of a form that is sent whether it comes from a visit.
func visitFields(p i18n.Printer, typed url.Values, problems []ui.FieldError) []desk.FieldView {
	return []desk.FieldView{
		{Field: ui.Field{Name: "visit_on", Label: p.Text("visitweb.on"), Hint: p.Text("visitweb.on_hint"), Error: problemOf(problems, "visit_on")},
			Date: &ui.DateParts{Day: typed.Get("visit_on.day"), Month: typed.Get("visit_on.month"), Year: typed.Get("visit_on.year")}},
		{Field: ui.Field{Name: "visit_by", Label: p.Text("visitweb.by"), Hint: p.Text("visitweb.by_hint"), Value: typed.Get("visit_by"), Error: problemOf(problems, "visit_by"), Chars: 30}},
	}
}

// readVisit reads what was said of a visit, with what is wrong about it.
func (d *Desk) readVisit(p i18n.Printer, draft proposals.Draft, form url.Values) (v proposals.Visit, wrong []ui.FieldError) {
	v.By = strings.Join(strings.Fields(form.Get("visit_by")), " ")
	var err error
	if v.On, err = readDate(form, "visit_on"); err == nil {
		err = v.Check(d.Places.LocalDate(draft.Area, d.Now()))
	}
	if err == nil {
		return v, nil
	}
	field := "visit_on"
	if e, ok := fail.As(err); ok && e.Field != "" {
		field = e.Field
	}
	return v, []ui.FieldError{{Field: field, Message: p.Error(err)}}
}

// visitItem tells of a document when and by whom the family was visited; none where nobody was there.
func visitItem(p i18n.Printer, v proposals.Visit) []ui.SummaryItem {
	if v == (proposals.Visit{}) {
		return nil
	}
	return []ui.SummaryItem{{Label: p.Text("visitweb.visited"), Value: p.DateText(v.On.Text()), Sub: v.By}}
}

// blankSheet is the sheet for a family nobody knows yet.
func (d *Desk) blankSheet(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	at, _ := who.Home()
	return d.sendSheet(w, r, who, at, print.Visit{Village: d.Places.Tree().Address(at)}, nil)
}

// familySheet is the sheet for a family of the registry, with what is recorded of it: numbers masked, as on its page.
func (d *Desk) familySheet(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	card, err := d.Registry.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	f := card.Family
	if err := who.Allow(access.FileProposal, tenant, f.Area); err != nil {
		return err
	}
	p := i18n.Of(r)
	v := print.Visit{Known: true, Village: d.Places.Tree().Address(f.Area), KK: f.KK.String(), Address: f.Address, RTRW: rtrw(p, f.RT, f.RW)}
	for _, m := range card.Members {
		born := p.DateTextShort(m.BirthDate.Text())
		if m.BirthPlace != "" {
			born = m.BirthPlace + ", " + born
		}
		v.Members = append(v.Members, print.VisitMember{Name: m.Name, NIK: m.NIK.String(), Relation: p.Text("person.relation." + m.Relation.String()), Sex: sheetSex(m.Sex), Born: born})
	}
	return d.sendSheet(w, r, who, f.Area, v, &card)
}

func sheetSex(s person.Sex) string {
	if s == person.UnknownSex {
		return ""
	}
	return s.String()
}

// sendSheet adds the questions in force at the place and hands the sheet on.
func (d *Desk) sendSheet(w http.ResponseWriter, r *http.Request, who access.Actor, at area.Code, v print.Visit, card *registry.Card) error {
	p := i18n.Of(r)
	if form, err := d.Proposals.Forms().At(d.Places.LocalDate(at, d.Now())); err == nil { // else the sheet has no questions
		v.Form = form.Title.In(p.Lang.String())
		for _, block := range []string{houseBlock, aidBlock, assetBlock} { // what the form asks on its pages
			v.Family = append(v.Family, sheetQuestions(p, form, blockItems(form, block), recordedOf(card))...)
		}
		v.Person = sheetQuestions(p, form, blockItems(form, memberBlock+"1"), nil)
	}
	zone := d.Places.Tree().Zone(at).Location()
	v.Issue = print.Issue{
		Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: d.Places.Tree().Name(at.District())}, Issued: d.Now().In(zone), Signer: print.Signer{Role: roleWords(p, who), Name: who.Name},
		CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name,
	}
	return d.sendFile(w, "lembar-kunjungan-"+at.Dotted()+".pdf", "application/pdf", func(out io.Writer) error {
		done, err := print.New(p).Visit(v)
		if err == nil {
			_, err = out.Write(done.PDF)
		}
		return err
	})
}

// recordedOf gives the answers of the family's part of the form that the registry keeps; none of a family it does not know.
func recordedOf(card *registry.Card) questionnaire.Answers {
	if card == nil {
		return nil
	}
	for _, a := range card.Answers {
		if a.Subject == card.Family.ID {
			return storedAnswers(a)
		}
	}
	return nil
}

// sheetQuestions gives questions as a sheet asks them, with the answer recorded where there is one.
func sheetQuestions(p i18n.Printer, form *questionnaire.Version, items []questionnaire.Item, recorded questionnaire.Answers) (out []print.VisitQuestion) {
	lang := p.Lang.String()
	for _, it := range items {
		q := print.VisitQuestion{Number: it.Number, Ask: it.Label.In(lang)}
		if len(it.When) > 0 {
			if before, ok := form.Item(it.When[0].Item); ok {
				q.Ask += " (" + p.Text("answersweb.only_if", "item", before.Number) + ")"
			}
		}
		var codes []string
		for _, c := range it.Codes {
			codes = append(codes, itoa(c.Code)+" "+c.Label.In(lang))
		}
		q.Codes = strings.Join(codes, "; ")
		if value, ok := recorded[it.Key]; ok {
			q.Recorded = it.Words(value, lang)
		}
		out = append(out, q)
	}
	return out
}
