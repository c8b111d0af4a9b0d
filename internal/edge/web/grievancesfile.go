package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// filingFields are the fields of the form at the counter.
func filingFields() []string {
	return []string{"request", "kind", "topic", "area", "area_name", "family", "proposal", "target", "lives", "text", "paper", "name", "nik", "phone", "unnamed"}
}

// sameVillage is the answer that the filer's KTP names the village of the objection.
const sameVillage = "sini"

// newGrievance is the form in which an officer takes in what a citizen brings to the counter.
func (d *Desk) newGrievance(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "jenis", "keluarga")
	if err != nil {
		return err
	}
	typed := url.Values{"kind": {string(grievances.Complaint)}, "request": {sqldb.NewID().String()}}
	if grievanceKindOf(q.Get("jenis")) == grievances.Objection {
		typed.Set("kind", string(grievances.Objection))
	}
	if key := q.Get("keluarga"); key != "" {
		typed.Set("kind", string(grievances.Objection))
		typed.Set("topic", string(proposal.AgainstListing))
		typed.Set("family", key)
	}
	return d.showFiling(w, r, who, http.StatusOK, typed, nil)
}

func (d *Desk) showFiling(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	kind := typed.Get("kind")
	page := d.page(r, who, "grievancesweb.file_title."+kind)
	page.Lead = p.Text("grievancesweb.file_lead." + kind)
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("grievancesweb.title"), Href: "/pengaduan"}
	f := filingForm{p: p, typed: typed, problems: problems, villages: d.villageOptions(who, typed.Get("area"))}
	var notices []ui.Notice
	if key := typed.Get("family"); key != "" {
		tenant, id, err := parseRow(key)
		if err != nil {
			return err
		}
		card, err := d.Registry.Open(r.Context(), who, tenant, id, "")
		if err != nil {
			return err
		}
		f.family = card.Family.HeadName
		notices = append(notices, ui.Notice{Tone: ui.Info, Title: p.Text("grievancesweb.about_family", "name", card.Family.HeadName), Text: d.Places.Tree().Address(card.Family.Area)})
	}
	view := desk.FormView{Form: ui.Form{Action: "/pengaduan/baru", Guard: true, Hidden: []ui.Hidden{{Name: "request", Value: typed.Get("request")}, {Name: "kind", Value: kind}}},
		Fields: f.fields(), Buttons: []ui.Button{{Label: p.Text("grievancesweb.file." + kind)}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/pengaduan"}}
	if key := typed.Get("family"); key != "" {
		view.Form.Hidden = append(view.Form.Hidden, ui.Hidden{Name: "family", Value: key}, ui.Hidden{Name: "topic", Value: string(proposal.AgainstListing)})
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, notices, view))
}

// filingForm is the form at the counter as it is drawn.
type filingForm struct {
	p        i18n.Printer
	typed    url.Values
	problems []ui.FieldError
	villages []ui.Option
	family   string // head of the family an objection is about, where it is known
}

func (f filingForm) objection() bool { return f.typed.Get("kind") == string(grievances.Objection) }

func (f filingForm) field(name, key string) ui.Field {
	return ui.Field{Name: name, Label: f.p.Text(key), Value: f.typed.Get(name), Error: problemOf(f.problems, name)}
}

func (f filingForm) fields() []desk.FieldView {
	p := f.p
	var out []desk.FieldView
	if f.family == "" {
		out = append(out, desk.FieldView{Field: f.field("topic", "grievancesweb.topic."+f.typed.Get("kind")), Options: f.topics()})
		out = append(out, f.village())
	}
	if f.objection() {
		out = append(out, f.subject()...)
	}
	words := f.field("text", "grievancesweb.text")
	words.Hint, words.MaxLength = p.Text("grievancesweb.text_hint"), 4000
	paper := f.field("paper", "grievancesweb.evidence")
	paper.Hint, paper.Optional, paper.MaxLength = p.Text("grievancesweb.evidence_hint"), true, 120
	out = append(out, desk.FieldView{Field: words, Rows: 6}, desk.FieldView{Field: paper})
	return append(out, f.filer()...)
}

func (f filingForm) topics() []ui.Option {
	var out []ui.Option
	add := func(value, label, hint string) {
		out = append(out, ui.Option{Value: value, Label: label, Hint: hint, Selected: f.typed.Get("topic") == value})
	}
	if !f.objection() {
		for _, k := range grievance.Kinds() {
			add(string(k), f.p.Text("grievance.kind."+string(k)), "")
		}
		return out
	}
	for _, k := range []proposal.ObjectionKind{proposal.AgainstRefusal, proposal.AgainstListing, proposal.AgainstMisuse} {
		add(string(k), f.p.Text("grievancesweb.objection."+string(k)), f.p.Text("grievancesweb.objection_hint."+string(k)))
	}
	return out
}

func (f filingForm) village() desk.FieldView {
	if len(f.villages) == 1 {
		return desk.FieldView{Field: ui.Field{Name: "area_name", Label: f.p.Text("web.village"), Value: f.villages[0].Label, ReadOnly: true}}
	}
	return desk.FieldView{Field: f.field("area", "grievancesweb.where"), Options: append([]ui.Option{{Label: f.p.Text("proposalsweb.choose")}}, f.villages...), Select: true}
}

// subject are the questions of an objection: which proposal, or which family and who may say so.
func (f filingForm) subject() []desk.FieldView {
	p := f.p
	var out []desk.FieldView
	if f.family == "" {
		number := f.field("proposal", "grievancesweb.refused_number")
		number.Hint, number.Optional, number.Chars = p.Text("grievancesweb.refused_number_hint"), true, 16
		target := f.field("target", "grievancesweb.target")
		target.Hint, target.Optional, target.MaxLength = p.Text("grievancesweb.target_hint"), true, 200
		out = append(out, desk.FieldView{Field: number}, desk.FieldView{Field: target})
	}
	lives := f.field("lives", "grievancesweb.lives")
	lives.Hint, lives.Optional = p.Text("grievancesweb.lives_hint"), f.family == ""
	var options []ui.Option
	for _, v := range []string{sameVillage, "lain"} {
		options = append(options, ui.Option{Value: v, Label: p.Text("grievancesweb.lives_" + v), Selected: f.typed.Get("lives") == v})
	}
	return append(out, desk.FieldView{Field: lives, Options: options})
}

// filer are the questions about who files.
func (f filingForm) filer() []desk.FieldView {
	p := f.p
	var out []desk.FieldView
	if !f.objection() {
		out = append(out, desk.FieldView{Field: ui.Field{Name: "unnamed", Label: p.Text("grievancesweb.unnamed_question"), Hint: p.Text("grievancesweb.unnamed_hint")}, Checks: true,
			Options: []ui.Option{{Value: "ya", Label: p.Text("grievancesweb.unnamed_yes"), Selected: f.typed.Get("unnamed") == "ya"}}})
	}
	name, nik, phone := f.field("name", "grievancesweb.name"), f.field("nik", "grievancesweb.nik"), f.field("phone", "grievancesweb.phone")
	name.MaxLength, name.Optional = 60, !f.objection()
	nik.Kind, nik.Hint, nik.Optional = ui.NIK, p.Text("grievancesweb.nik_hint"), !f.objection()
	phone.Kind, phone.Chars, phone.Optional = ui.Phone, 20, true
	return append(out, desk.FieldView{Field: name}, desk.FieldView{Field: nik}, desk.FieldView{Field: phone})
}

// fileGrievance takes in what a citizen brought.
func (d *Desk) fileGrievance(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, filingFields()...)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	filing, problems, err := d.readFiling(r, form, who)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showFiling(w, r, who, http.StatusUnprocessableEntity, form, problems)
	}
	receipt, err := d.Grievances.File(r.Context(), who, filing)
	if e, ok := fail.As(err); ok && (e.Kind != fail.KindForbidden || isObjection(e.Code)) {
		status := http.StatusUnprocessableEntity
		if e.Kind == fail.KindConflict {
			status = http.StatusConflict
		}
		return d.showFiling(w, r, who, status, form, []ui.FieldError{{Field: filingField(e), Message: p.Error(e)}})
	}
	if err != nil {
		return err
	}
	key := filing.Request.Short()
	if err := d.keepReceipt(r, key, receipt); err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/pengaduan/bukti?tanda="+key)
	return nil
}

// isObjection tells the refusals that are about who may object, which the form can explain.
func isObjection(code string) bool {
	return code == "objection.own" || code == "objection.neighbour" || code == "objection.owner"
}

// filingField says which field of the form an error is about.
func filingField(e *fail.Error) string {
	switch e.Code {
	case "objection.neighbour":
		return "lives"
	case "objection.own", "objection.owner":
		return "nik"
	case "reason.evidence":
		return "paper"
	}
	return e.Field
}

// readFiling reads the form, with everything that is wrong about it.
func (d *Desk) readFiling(r *http.Request, form url.Values, who access.Actor) (f grievances.Filing, problems []ui.FieldError, err error) {
	f = grievances.Filing{Kind: grievanceKindOf(form.Get("kind")), Topic: form.Get("topic"), Proposal: form.Get("proposal"), Anonymous: form.Get("unnamed") == "ya"}
	if f.Request, err = sqldb.ParseID(form.Get("request")); err != nil || f.Kind == "" {
		return f, nil, fail.Invalid("request.unknown_field")
	}
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: i18n.Of(r).Error(err)})
	}
	f.Document = grievances.Document{Words: form.Get("text"), Target: form.Get("target")}
	f.Evidence = proposals.Paper{Name: form.Get("paper")}
	if f.Topic == "" {
		wrong("topic", fail.Invalid("grievance.kind"))
	}
	if key := form.Get("family"); key != "" {
		tenant, id, err := parseRow(key)
		if err != nil {
			return f, nil, err
		}
		family, err := d.Registry.Anchor(r.Context(), who, tenant, id)
		if err != nil {
			return f, nil, err
		}
		f.Family, f.Area = id, family.Area
	} else if home, _ := who.Home(); home.Level() == area.LevelVillage {
		f.Area = home
	} else if f.Area, err = area.Parse(form.Get("area")); err != nil {
		wrong("area", fail.Invalid("grievance.village"))
	}
	if f.Document.Words == "" {
		wrong("text", fail.Invalid("grievance.words"))
	}
	if !f.Anonymous {
		readContact(form, &f.Document.Contact, f.Kind == grievances.Objection, wrong)
	}
	if f.Topic == string(proposal.AgainstListing) && form.Get("lives") == sameVillage {
		f.FilerArea = f.Area
	}
	return f, problems, nil
}

// readContact reads who files; of an objection her KTP is looked at, so that name and NIK are there.
func readContact(form url.Values, c *grievances.Contact, shown bool, wrong func(string, error)) {
	if text := form.Get("name"); text != "" || shown {
		name, err := person.NewName(text)
		if err != nil {
			wrong("name", err)
		}
		c.Name = name
	}
	if text := form.Get("nik"); text != "" || shown {
		nik, err := person.ParseNIK(text)
		if err != nil {
			wrong("nik", err)
		}
		c.NIK = nik
	}
	if text := form.Get("phone"); text != "" {
		phone, err := person.ParsePhone(text)
		if err != nil {
			wrong("phone", err)
		}
		c.Phone = phone
	}
}

// slip is what the receipt of a case tells: nothing of who filed it.
type slip struct {
	Number, Kind, Topic, Area, Code string
	FiledOn, AnswerBy               period.Date
	Joined                          bool
}

// keepReceipt keeps the slip for the page after sending: an objection is handled by the
// district, so that the officer at the counter could not open it again.
func (d *Desk) keepReceipt(r *http.Request, key string, c grievances.Receipt) error {
	data, err := json.Marshal(slip{c.Number, string(c.Kind), c.Topic, c.Area.Dotted(), c.Code, c.FiledOn, c.AnswerBy, c.Joined})
	if err != nil {
		return fmt.Errorf("write slip: %w", err)
	}
	d.sessions.Put(r.Context(), "bukti."+key, string(data))
	return nil
}

// grievanceReceipt is the slip for who filed: the number, who answers, by when, and the code she
// tracks it with where it is none she knows.
func (d *Desk) grievanceReceipt(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "tanda")
	if err != nil {
		return err
	}
	var s slip
	if err := json.Unmarshal([]byte(d.sessions.Text(r.Context(), "bukti."+q.Get("tanda"))), &s); err != nil {
		return errNotFound // the session that filed it is over
	}
	at, err := area.Parse(s.Area)
	if err != nil {
		return errNotFound
	}
	p := i18n.Of(r)
	page := d.page(r, who, "grievancesweb.receipt_title", "number", s.Number)
	page.Narrow = true
	page.Back = &ui.Link{Label: p.Text("grievancesweb.title"), Href: "/pengaduan"}
	code := p.Text("grievancesweb.code_known")
	if s.Code != "" {
		code = s.Code
	}
	items := []ui.SummaryItem{
		{Label: p.Text("grievancesweb.about"), Value: topicWords(p, grievances.Kind(s.Kind), s.Topic), Sub: d.Places.Tree().Address(at)},
		{Label: p.Text("proposalsweb.filed_on"), Value: p.DateText(s.FiledOn.Text())},
		{Label: p.Text("proposalsweb.answer_by"), Value: dash(p.DateText(s.AnswerBy.Text()))},
		{Label: p.Text("grievancesweb.code"), Value: code, Sub: p.Text("grievancesweb.code_hint")},
	}
	v := desk.RecordView{Sections: []desk.Section{
		{ID: "tanda", Title: p.Text("proposalsweb.keep_number"), Content: ui.Receipt(p.Text("grievancesweb.received"), p.Text("web.number"), s.Number)},
		{ID: "rincian", Title: p.Text("proposalsweb.what_next"), Text: p.Text("grievancesweb.what_next." + s.Kind), Items: items},
	}, Links: []ui.Link{{Label: p.Text("grievancesweb.another"), Href: "/pengaduan/baru"}}}
	if s.Joined {
		v.Notices = []ui.Notice{{Tone: ui.Info, Title: p.Text("grievancesweb.joined_title"), Text: p.Text("grievancesweb.joined_receipt")}}
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}
