package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/visits"
	"tepat/web/desk"
	"tepat/web/ui"
)

// noteVisitForm asks what a visit to a family of the registry found. Once it is kept, its outcome stands in the address and the page
// leads on to what mends it.
func (d *Desk) noteVisitForm(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "hasil")
	if err != nil {
		return err
	}
	if q.Get("hasil") != "" {
		return d.visitNoted(w, r, who, visits.Outcome(q.Get("hasil")))
	}
	return d.showVisit(w, r, who, http.StatusOK, url.Values{"request": {sqldb.NewID().String()}, "visit_by": {who.Name}}, nil)
}

// visitedFamily is the family of the address, for who may note a visit to it.
func (d *Desk) visitedFamily(r *http.Request, who access.Actor) (card registry.Card, err error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return card, err
	}
	if card, err = d.Registry.Open(r.Context(), who, tenant, id, ""); err != nil {
		return card, err
	}
	return card, who.Allow(access.RepairMatch, tenant, card.Family.Area)
}

func (d *Desk) visitPage(r *http.Request, who access.Actor, f registry.Family) ui.Page {
	page := d.page(r, who, "visitweb.note_title", "name", f.HeadName)
	page.Lead, page.Narrow = d.Places.Tree().Address(f.Area), true
	page.Back = &ui.Link{Label: i18n.Of(r).Text("web.family.title", "name", f.HeadName), Href: "/keluarga/" + rowID(f.Tenant, f.ID)}
	return page
}

func (d *Desk) showVisit(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	card, err := d.visitedFamily(r, who)
	if err != nil {
		return err
	}
	p, f := i18n.Of(r), card.Family
	page := d.visitPage(r, who, f)
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	at := "/keluarga/" + rowID(f.Tenant, f.ID)
	view := desk.FormView{Text: p.Text("visitweb.note_lead"), Form: ui.Form{Action: at + "/kunjungan", Guard: true, Hidden: []ui.Hidden{{Name: "request", Value: typed.Get("request")}}},
		Fields: visitNoteFields(p, typed, problems), Buttons: []ui.Button{{Label: p.Text("visitweb.note_save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: at}}
	if who.Allow(access.FileProposal, f.Tenant, f.Area) == nil {
		view.Ahead = []ui.Link{{Label: p.Text("visitweb.sheet"), Href: at + "/lembar"}}
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, view))
}

func visitNoteFields(p i18n.Printer, typed url.Values, problems []ui.FieldError) []desk.FieldView {
	var outcomes []ui.Option
	for _, o := range visits.Outcomes() {
		outcomes = append(outcomes, ui.Option{Value: string(o), Label: p.Text("visits.outcome." + string(o)), Selected: typed.Get("outcome") == string(o)})
	}
	return []desk.FieldView{
		{Field: ui.Field{Name: "visit_on", Label: p.Text("visitweb.note_on"), Error: problemOf(problems, "visit_on")},
			Date: &ui.DateParts{Day: typed.Get("visit_on.day"), Month: typed.Get("visit_on.month"), Year: typed.Get("visit_on.year")}},
		{Field: ui.Field{Name: "visit_by", Label: p.Text("visitweb.note_by"), Hint: p.Text("visitweb.by_hint"), Value: typed.Get("visit_by"), Error: problemOf(problems, "visit_by"), MaxLength: 120, Chars: 30}},
		{Field: ui.Field{Name: "outcome", Label: p.Text("visitweb.found"), Error: problemOf(problems, "outcome")}, Options: outcomes},
		{Field: ui.Field{Name: "met", Label: p.Text("visitweb.met"), Hint: p.Text("visitweb.met_hint"), Value: typed.Get("met"), Error: problemOf(problems, "met"), MaxLength: 120, Chars: 30}},
		{Field: ui.Field{Name: "note", Label: p.Text("visitweb.note"), Hint: p.Text("visitweb.note_hint"), Value: typed.Get("note"), Error: problemOf(problems, "note"), MaxLength: 1000}, Rows: 4},
	}
}

// noteVisit keeps a visit.
func (d *Desk) noteVisit(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "request", "visit_on.day", "visit_on.month", "visit_on.year", "visit_by", "outcome", "met", "note")
	if err != nil {
		return err
	}
	v := visits.Visit{By: form.Get("visit_by"), Met: form.Get("met"), Outcome: visits.Outcome(form.Get("outcome")), Note: form.Get("note")}
	if v.ID, err = sqldb.ParseID(form.Get("request")); err != nil {
		v.ID = sqldb.NewID()
	}
	if v.On, err = readDate(form, "visit_on"); err == nil {
		err = d.Visits.Note(r.Context(), who, tenant, id, v)
	}
	if e, ok := fail.As(err); ok && (e.Field != "" || e.Kind == fail.KindInvalid) {
		return d.showVisit(w, r, who, httpkit.StatusOf(e.Kind), form, []ui.FieldError{{Field: fieldOr(e.Field, "visit_on"), Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/keluarga/"+rowID(tenant, id)+"/kunjungan?hasil="+string(v.Outcome))
	return nil
}

// visitNoted says that a visit was kept, and leads to the pages that mend what it found.
func (d *Desk) visitNoted(w http.ResponseWriter, r *http.Request, who access.Actor, found visits.Outcome) error {
	card, err := d.visitedFamily(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	v := desk.RecordView{Links: []ui.Link{{Label: p.Text("visitweb.to_family"), Href: "/keluarga/" + rowID(card.Family.Tenant, card.Family.ID) + "#kunjungan"}}}
	text := ""
	switch found {
	case visits.ToMend:
		text = p.Text("visitweb.next.to_mend")
		if len(toMend(card)) < len(card.Members) {
			text += " " + p.Text("visitweb.next.matched")
		}
	case visits.Moved:
		text = p.Text("visitweb.next.moved")
	case visits.Died:
		text = p.Text("visitweb.next.died")
	case visits.NotFound:
		text = p.Text("visitweb.next.not_found")
	default:
		text = p.Text("visitweb.next.as_registered")
	}
	v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("visitweb.noted"), Text: text}}
	if links := d.visitMends(p, who, card, found); len(links) > 0 {
		v.Links = append(links, v.Links...)
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(d.visitPage(r, who, card.Family), v))
}

// visitMends are the pages that mend what a visit found, as far as the reader may.
func (d *Desk) visitMends(p i18n.Printer, who access.Actor, card registry.Card, found visits.Outcome) (out []ui.Link) {
	if found == visits.ToMend {
		for _, m := range toMend(card) {
			out = append(out, ui.Link{Label: p.Text("visitweb.mend", "name", m.Name), Href: "/padan/" + rowID(m.Tenant, m.ID)})
		}
	}
	if (found == visits.Moved || found == visits.Died) && who.Allow(access.FileProposal, card.Family.Tenant, card.Family.Area) == nil {
		key := rowID(card.Family.Tenant, card.Family.ID)
		out = append(out, ui.Link{Label: p.Text("proposalkind.link." + string(proposal.Removal)), Href: "/usulan/ajukan?" + url.Values{"keluarga": {key}, "jenis": {string(proposal.Removal)}}.Encode()})
	}
	return out
}

// toMend are the members whose page mends their data: not those who match the civil registry, which mends theirs.
func toMend(card registry.Card) (out []registry.Person) {
	for _, m := range card.Members {
		if m.Match.Group() != civilmatch.Agreed {
			out = append(out, m)
		}
	}
	return out
}
