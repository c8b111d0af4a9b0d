package web

import (
	"net/http"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/edge/print"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/lookups"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// counterRoutes are the pages of the desk at which a citizen stands with her KTP.
func (d *Desk) counterRoutes() []Route {
	return []Route{
		{"GET /loket", access.LookUp, d.counter},
		{"POST /loket", access.LookUp, d.lookUp},
		{"POST /loket/{id}/surat", access.IssueLetter, d.issueLetter},
		{"GET /loket/surat/{id}", access.IssueLetter, d.letterPage},
		{"GET /loket/surat/{id}/pdf", access.IssueLetter, d.letterPDF},
	}
}

// counter shows the form.
func (d *Desk) counter(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showCounter(w, r, who, http.StatusOK, nil, "", "")
}

func (d *Desk) showCounter(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, nik, purpose string) error {
	p := i18n.Of(r)
	page := d.page(r, who, "web.counter.title")
	page.Lead, page.Narrow, page.Scripts = p.Text("web.counter.lead"), true, ui.FormScripts
	if len(problems) > 0 {
		page.Failed, page.HideHeading = true, true
	}
	problem := func(name string) string {
		for _, one := range problems {
			if one.Field == name {
				return one.Message
			}
		}
		return ""
	}
	var purposes []ui.Option
	for _, key := range []string{"status", "letter", "complaint", "correction"} {
		text := p.Text("web.counter.purpose." + key)
		purposes = append(purposes, ui.Option{Value: text, Label: text, Selected: purpose == text})
	}
	form := desk.FormView{Form: ui.Form{Action: "/loket"}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "nik", Label: p.Text("web.counter.nik"), Hint: p.Text("web.counter.nik_hint"), Kind: ui.NIK, Value: nik, Error: problem("nik")}},
		{Field: ui.Field{Name: "purpose", Label: p.Text("web.counter.purpose"), Hint: p.Text("web.counter.purpose_hint"), Error: problem("purpose")}, Options: purposes},
	}, Buttons: []ui.Button{{Label: p.Text("web.counter.look")}}}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, form))
}

// lookUp answers under the same address: what was typed stands in no URL.
func (d *Desk) lookUp(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "nik", "purpose")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	nik, err := person.ParseNIK(form.Get("nik"))
	var found lookups.Found
	if err == nil {
		found, err = d.Counter.LookUp(r.Context(), who, nik, form.Get("purpose"))
	}
	if e, ok := fail.As(err); ok && e.Kind == fail.KindInvalid {
		problems := []ui.FieldError{{Field: fieldOr(e.Field, "nik"), Message: p.Error(e)}}
		return d.showCounter(w, r, who, http.StatusUnprocessableEntity, problems, form.Get("nik"), form.Get("purpose"))
	}
	if err != nil {
		return err
	}
	return d.showFound(w, r, who, found, form.Get("purpose"))
}

func (d *Desk) showFound(w http.ResponseWriter, r *http.Request, who access.Actor, f lookups.Found, purpose string) error {
	p := i18n.Of(r)
	page := d.page(r, who, "web.counter.answer")
	page.Back = &ui.Link{Label: p.Text("web.counter.title"), Href: "/loket"}
	v := desk.RecordView{Beside: true}
	switch {
	case f.Elsewhere != area.Nation:
		v.Notices = []ui.Notice{{Tone: ui.Wait, Title: p.Text("web.counter.elsewhere"), Text: p.Text("web.counter.elsewhere_text", "village", d.Places.Tree().Label(f.Elsewhere))}}
	case f.Person.ID.IsZero():
		v.Notices = []ui.Notice{{Tone: ui.Wait, Title: p.Text("web.counter.nobody"), Text: p.Text("web.counter.nobody_text")}}
		v.Links = []ui.Link{{Label: p.Text("web.counter.again"), Href: "/loket"}}
		if who.Can(access.FileProposal) {
			v.Links = append(v.Links, ui.Link{Label: p.Text("web.start.propose"), Href: "/usulan/baru"})
		}
	default:
		d.fillFound(p, &v, f)
		if who.Can(access.IssueLetter) {
			v.Forms = []desk.FormView{{ID: "surat", Title: p.Text("web.counter.letter"), Text: p.Text("web.counter.letter_text"),
				Form:    ui.Form{Action: "/loket/" + rowID(f.Person.Tenant, f.Person.ID) + "/surat", Hidden: []ui.Hidden{{Name: "purpose", Value: purpose}}},
				Buttons: []ui.Button{{Label: p.Text("web.counter.issue")}}}}
		}
		if d.Own != nil && f.Registered {
			v.Forms = append(v.Forms, desk.FormView{ID: "kode", Title: p.Text("web.code.title"), Text: p.Text("web.code.text"),
				Form:    ui.Form{Action: "/loket/" + rowID(f.Person.Tenant, f.Person.ID) + "/kode", Hidden: []ui.Hidden{{Name: "purpose", Value: purpose}}},
				Buttons: []ui.Button{{Label: p.Text("web.code.give"), Secondary: true}}})
		}
		v.Links = []ui.Link{{Label: p.Text("web.bench.family", "name", f.Family.HeadName), Href: "/keluarga/" + rowID(f.Family.Tenant, f.Family.ID)}}
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

func (d *Desk) fillFound(p i18n.Printer, v *desk.RecordView, f lookups.Found) {
	tone, title := ui.Good, "web.counter.registered"
	if !f.Registered {
		tone, title = ui.Wait, "web.counter.ended"
	}
	v.Notices = []ui.Notice{{Tone: tone, Title: p.Text(title), Text: f.Person.Name}}
	v.Chips = []ui.Chip{*personChip(p, f.Person)}
	v.Sections = []desk.Section{
		{ID: "ringkasan", Title: p.Text("web.family.summary"), Items: d.familyItems(p, f.Family)},
		{ID: "program", Title: p.Text("web.counter.programmes"), Table: d.enrolmentTable(p, f.Enrolments)},
		{ID: "anggota", Title: p.Text("web.family.members"), Table: memberTable(p, registry.Card{Family: f.Family, Members: f.Members})},
	}
}

func (d *Desk) enrolmentTable(p i18n.Printer, list []programmes.Enrolment) *ui.Table {
	t := &ui.Table{Caption: p.Text("web.counter.programmes"), Columns: []ui.Column{{Label: p.Text("web.programme"), Title: true}, {Label: p.Text("web.since")}, {Label: p.Text("web.status"), Status: true}},
		Empty: &ui.Empty{Title: p.Text("web.counter.no_programme")}}
	for _, e := range list {
		chip := ui.Chip{Label: p.Text("web.enrolment." + itoa(int64(e.State))), Tone: map[programmes.State]ui.Tone{programmes.Enrolled: ui.Good}[e.State]}
		t.Rows = append(t.Rows, ui.Row{ID: e.ID.String(), Label: string(e.Programme), Cells: []ui.Cell{{Text: d.Programme(p, string(e.Programme))}, {Text: p.DateText(e.From.Text())}, {Chip: &chip}}})
	}
	return t
}

// issueLetter gives the registration letter and goes to its page.
func (d *Desk) issueLetter(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "purpose")
	if err != nil {
		return err
	}
	l, err := d.Counter.Issue(r.Context(), who, tenant, id, form.Get("purpose"))
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/loket/surat/"+rowID(tenant, l.ID))
	return nil
}

// letterPage shows that a letter was issued, with its number and the paper.
func (d *Desk) letterPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	l, f, err := d.Counter.Letter(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.counter.issued", "number", l.Number)
	page.Back = &ui.Link{Label: p.Text("web.counter.title"), Href: "/loket"}
	v := desk.RecordView{Sections: []desk.Section{{ID: "surat", Title: p.Text("web.counter.letter"), Items: []ui.SummaryItem{
		{Label: p.Text("web.number"), Value: l.Number}, {Label: p.Text("web.counter.code"), Value: l.Code}, {Label: p.Text("web.name"), Value: f.Person.Name},
		{Label: p.Text("web.counter.valid_until"), Value: p.DateText(l.Expires.Text())},
	}}}, Links: []ui.Link{{Label: p.Text("web.counter.pdf"), Href: r.URL.Path + "/pdf"}}}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

// letterPDF composes the letter when it is asked for; none is kept.
func (d *Desk) letterPDF(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	l, f, err := d.Counter.Letter(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	var facts lookups.RegistrationFacts
	if err := l.Decode(&facts); err != nil {
		return err
	}
	p := i18n.Of(r)
	zone := d.Places.Tree().Zone(l.Area).Location()
	letter := print.Registration{
		Issue: print.Issue{Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: d.Places.Tree().Name(l.Area.District())}, Number: l.Number, Code: l.Code, Issued: l.IssuedAt.In(zone),
			Signer: print.Signer{Role: roleWords(p, who), Name: who.Name}, CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name},
		Registered: facts.Registered, KK: f.Family.KK.String(), Address: f.Family.Address + ", " + d.Places.Tree().Address(f.Family.Area), Decile: int(facts.Decile), Vintage: facts.Vintage,
		AsOf: d.Counter.Today(l.Area).Text(), Purpose: facts.Purpose, ValidUntil: l.Expires.Text(),
	}
	if facts.Official {
		letter.Source = "BPS"
	}
	for _, m := range f.Members {
		if m.State == registry.Active {
			letter.Holders = append(letter.Holders, print.Holder{Name: m.Name, NIK: m.NIK.String(), Birth: p.DateText(m.BirthDate.Text()), Relation: p.Text("person.relation." + m.Relation.String())})
		}
	}
	for _, e := range f.Enrolments {
		if e.State == programmes.Enrolled {
			letter.Held = append(letter.Held, print.Held{Programme: d.Programme(p, string(e.Programme)), Period: e.From.Text(), State: p.Text("web.enrolment.1")})
		}
	}
	out, err := print.New(p).Registration(letter)
	if err != nil {
		return err
	}
	return httpkit.Bytes(w, r, http.StatusOK, "application/pdf", out.PDF)
}
