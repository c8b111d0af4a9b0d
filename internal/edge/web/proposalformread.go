package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// familyOf reads a form into a document, with everything that is wrong about it, field by
// field. Of a form that mends a proposal, base is what was filed: its numbers stay where
// nothing new was typed.
func (d *Desk) familyOf(p i18n.Printer, draft proposals.Draft, base *proposals.Document) (proposals.Document, []ui.FieldError) {
	f := &familyReader{values: draft.Form, say: p.Error}
	doc := proposals.Document{Address: f.values["address"], RT: f.values["rt"], RW: f.values["rw"], Words: f.values["words"]}
	if papers := f.values["papers"]; papers != "" {
		doc.Papers = slices.DeleteFunc(strings.Split(papers, ","), func(s string) bool { return !slices.Contains(papersSeen(), s) })
	}
	before := proposals.Document{}
	if base != nil {
		before = *base
	}
	doc.KK, doc.Phone = before.KK, before.Phone
	read(f, "no_kk", person.ParseKK, &doc.KK)
	read(f, "phone", person.ParsePhone, &doc.Phone)
	for i := range formMembers {
		kept := i < len(before.Members)
		if i > 0 && emptyMember(f.values, i) { // the head is always asked for
			continue
		}
		var m proposals.Member
		if kept {
			m = before.Members[i]
		}
		f.member(i, &m)
		doc.Members, f.rows = append(doc.Members, m), append(f.rows, i)
	}
	for _, e := range d.Proposals.Problems(draft.Area, doc, d.Places.LocalDate(draft.Area, d.Now())) {
		f.wrong(f.place(e.Field), e)
	}
	order := familyFields()
	at := func(one ui.FieldError) int {
		if i := slices.Index(order, one.Field); i >= 0 {
			return i
		}
		return slices.Index(order, one.Field+".day") // -1, first, when it is about the whole
	}
	slices.SortStableFunc(f.problems, func(a, b ui.FieldError) int { return at(a) - at(b) })
	return doc, f.problems
}

// familyReader collects what is wrong; the first error of a field counts.
type familyReader struct {
	values   map[string]string
	say      func(error) string
	rows     []int // of the form, by member of the document
	problems []ui.FieldError
}

func (f *familyReader) wrong(field string, err error) {
	if field == "" || !slices.ContainsFunc(f.problems, func(one ui.FieldError) bool { return one.Field == field }) {
		f.problems = append(f.problems, ui.FieldError{Field: field, Message: f.say(err)})
	}
}

// read parses one value into its place; what was not typed stays.
func read[T any](f *familyReader, name string, parse func(string) (T, error), into *T) {
	if text := f.values[name]; text != "" {
		v, err := parse(text)
		if err != nil {
			f.wrong(name, err)
			return
		}
		*into = v
	}
}

func (f *familyReader) member(i int, m *proposals.Member) {
	at := func(part string) string { return memberName(i, part) }
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
	birth, err := readDate(form, "birth_date")
	if err != nil {
		f.wrong(at("birth_date"), err)
	} else if birth.IsZero() {
		f.wrong(at("birth_date"), fail.Invalid("proposalform.birth_date"))
	}
	m.BirthDate = birth
}

// place turns a field of the document into the field of the form.
func (f *familyReader) place(field string) string {
	rest, ok := strings.CutPrefix(field, "members.")
	if !ok {
		switch field {
		case "no_kk", "address", "phone", "words", "area":
			return field
		}
		return memberName(0, "relation")
	}
	n, part, _ := strings.Cut(rest, ".")
	i, err := atoi(n)
	if err != nil || int(i) >= len(f.rows) {
		return memberName(0, "relation")
	}
	if part == "" {
		part = "name"
	}
	return memberName(f.rows[i], part)
}

// formOf lays a document out as the values of the form, without the numbers of persons,
// which are told masked in kept.
func formOf(doc proposals.Document) (values, kept map[string]string) {
	values = map[string]string{"address": doc.Address, "rt": doc.RT, "rw": doc.RW, "words": doc.Words, "papers": strings.Join(doc.Papers, ",")}
	kept = map[string]string{"no_kk": doc.KK.String(), "phone": doc.Phone.String()}
	for i, m := range doc.Members {
		set := func(part, v string) { values[memberName(i, part)] = v }
		set("relation", m.Relation.String())
		set("name", m.Name.Plain())
		set("sex", m.Sex.String())
		set("birth_place", m.BirthPlace)
		set("mother", m.MotherName.Plain())
		day, month, year := dateParts(m.BirthDate)
		set("birth_date.day", day)
		set("birth_date.month", month)
		set("birth_date.year", year)
		if !m.NIK.IsZero() {
			kept[memberName(i, "nik")] = m.NIK.String()
		}
	}
	return values, kept
}

// mendProposalPage is the form of a proposal that came back or does not match.
func (d *Desk) mendProposalPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	if !mendable(v) {
		return fail.Conflict("proposal.transition", "state", string(v.State), "action", string(proposal.ActRepair))
	}
	values, _ := formOf(v.Document)
	return d.showMending(w, r, who, v, values, http.StatusOK, nil)
}

func (d *Desk) showMending(w http.ResponseWriter, r *http.Request, who access.Actor, v proposals.View, values map[string]string, status int, problems []ui.FieldError) error {
	p := i18n.Of(r)
	base := "/usulan/" + rowID(v.Tenant, v.ID)
	page := d.page(r, who, "proposalsweb.mend_title", "number", v.Number)
	page.Lead = p.Text("proposalsweb.mend_lead")
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.one_title", "number", v.Number), Href: base}
	view := desk.FormView{Form: ui.Form{Action: base + "/perbaiki", Guard: true, Hidden: []ui.Hidden{{Name: "version", Value: itoa(v.Version)}}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: base}}
	if v.Kind == proposal.NewFamily && len(v.Document.Members) <= formMembers {
		_, kept := formOf(v.Document)
		view.Fields = familyForm{p: p, values: values, problems: problems, kept: kept, villages: []ui.Option{{Label: d.Places.Tree().Title(v.Area)}}}.fields()
	} else {
		view.Text = p.Text("proposalsweb.mend_family")
	}
	for _, a := range []proposal.Action{proposal.ActRepair, proposal.ActResubmit} {
		if _, ok := optionOf(v, string(a)); ok {
			view.Buttons = append(view.Buttons, ui.Button{Label: p.Text("proposal.action." + string(a)), Name: "do", Value: string(a), Secondary: len(view.Buttons) > 0})
		}
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, d.returnNotices(p, v), view))
}

// returnNotices repeat why the proposal came back.
func (d *Desk) returnNotices(p i18n.Printer, v proposals.View) []ui.Notice {
	if len(v.History) == 0 {
		return nil
	}
	last := v.History[len(v.History)-1]
	if last.Reason == "" {
		return nil
	}
	return []ui.Notice{{Tone: ui.Wait, Title: d.reasonWords(p, last.Reason, v), Text: last.Note}}
}

// mendProposal sends a proposal again, with the form as it was mended.
func (d *Desk) mendProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, append(familyFields(), "area_name", "version", "do")...)
	if err != nil {
		return err
	}
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	m := proposals.Mending{Tenant: v.Tenant, Seen: proposals.Seen{ID: v.ID}}
	if m.Version, err = atoi(form.Get("version")); err != nil {
		return fail.Invalid("request.unknown_field")
	}
	values := typedFamily(form)
	if v.Kind == proposal.NewFamily && len(v.Document.Members) <= formMembers {
		doc, problems := d.familyOf(i18n.Of(r), proposals.Draft{Area: v.Area, Form: values}, &v.Document)
		if len(problems) > 0 {
			return d.showMending(w, r, who, v, values, http.StatusUnprocessableEntity, problems)
		}
		m.Document = &doc
	}
	send := d.Proposals.Repair
	if form.Get("do") == string(proposal.ActResubmit) {
		send = d.Proposals.Resubmit
	}
	if _, err = send(r.Context(), who, m); err == nil {
		httpkit.Redirect(w, r, "/usulan/"+rowID(v.Tenant, v.ID))
		return nil
	}
	status, problems, err := d.stepProblems(r, who, proposals.Decision{Tenant: v.Tenant, Rows: []proposals.Seen{m.Seen}}, err)
	if err != nil {
		return err
	}
	return d.showMending(w, r, who, v, values, status, problems)
}
