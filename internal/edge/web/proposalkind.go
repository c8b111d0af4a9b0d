package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// wholeFamily is the answer that a proposal is about everybody of a family.
const wholeFamily = "semua"

// registeredKinds are the kinds of proposals about a family that is in the registry.
func registeredKinds() []proposal.Kind {
	return []proposal.Kind{proposal.Removal, proposal.Enrolment, proposal.Reactivation}
}

func kindFields() []string {
	return []string{"request", "family", "kind", "person", "reason", "programme", "paper", "number", "papers", "words", "alike", dropPapers}
}

// proposeRegistered is the form of a proposal about a family of the registry; without a family it
// looks for one.
func (d *Desk) proposeRegistered(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "keluarga", "jenis", "cari")
	if err != nil {
		return err
	}
	if q.Get("keluarga") == "" {
		return d.chooseFamily(w, r, who, q)
	}
	typed := url.Values{"family": {q.Get("keluarga")}, "kind": {q.Get("jenis")}, "request": {sqldb.NewID().String()}}
	if !slices.Contains(registeredKinds(), proposal.Kind(q.Get("jenis"))) {
		typed.Set("kind", string(proposal.Removal))
	}
	return d.showKind(w, r, who, http.StatusOK, typed, nil, nil)
}

// chooseFamily looks for the family a proposal is about, in the actor's area.
func (d *Desk) chooseFamily(w http.ResponseWriter, r *http.Request, who access.Actor, q url.Values) error {
	p := i18n.Of(r)
	text := d.searched(r, q.Get("cari"))
	page := d.page(r, who, "proposalkind.choose_title")
	page.Lead = p.Text("proposalkind.choose_lead")
	page.Back = &ui.Link{Label: p.Text("proposalsweb.title"), Href: "/usulan"}
	v := desk.ListView{Search: d.searchBox(p, "/usulan/ajukan/cari", text, "/usulan/ajukan")}
	v.Table = ui.Table{Caption: p.Text("proposalkind.choose_title"), Columns: []ui.Column{
		{Label: p.Text("web.head"), Title: true}, {Label: p.Text("web.village")}, {Label: p.Text("web.members"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("proposalkind.none"), Text: p.Text("proposalkind.none_text")}}
	list, err := d.Registry.List(r.Context(), who, registry.Filter{Text: text, Limit: pageRows})
	if e, ok := fail.As(err); ok && e.Field == "q" {
		v.Search.Error, err = p.Error(e), nil
	}
	if err != nil {
		return err
	}
	for _, f := range list {
		v.Table.Rows = append(v.Table.Rows, ui.Row{ID: rowID(f.Tenant, f.ID), Label: f.HeadName, Cells: []ui.Cell{
			{Text: f.HeadName, Href: "/usulan/ajukan?keluarga=" + rowID(f.Tenant, f.ID), Sub: f.KK.String()}, {Text: d.Places.Tree().Name(f.Area), Sub: rtrw(p, f.RT, f.RW)}, {Text: p.Number(f.Persons)}}})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// showKind draws the form, with whom of the registry those who come back may be.
func (d *Desk) showKind(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError, told []identity.Resembling) error {
	tenant, id, err := parseRow(typed.Get("family"))
	if err != nil {
		return err
	}
	card, err := d.Registry.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	if err := who.Allow(access.FileProposal, tenant, card.Family.Area); err != nil {
		return err
	}
	p, kind := i18n.Of(r), proposal.Kind(typed.Get("kind"))
	page := d.page(r, who, "proposalkind.title."+string(kind), "name", card.Family.HeadName)
	page.Lead = d.Places.Tree().Address(card.Family.Area)
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("web.family.title", "name", card.Family.HeadName), Href: "/keluarga/" + typed.Get("family")}
	kept, err := d.papersOfForm(r, who, typed.Get("request"), card.Family)
	if err != nil {
		return err
	}
	f := kindForm{d: d, p: p, kind: kind, typed: typed, problems: problems, card: card, told: told}
	view := desk.FormView{Text: p.Text("proposalkind.text." + string(kind)), Form: ui.Form{Action: "/usulan/ajukan", Guard: true, Multipart: true, Hidden: []ui.Hidden{
		{Name: "request", Value: typed.Get("request")}, {Name: "family", Value: typed.Get("family")}, {Name: "kind", Value: string(kind)}}},
		Fields: append([]desk.FieldView{{Markup: kindTabs(p, kind, typed.Get("family"))}}, append(f.fields(), paperFields(p, kept, problems)...)...), Buttons: []ui.Button{{Label: p.Text("proposal.action.file")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/keluarga/" + typed.Get("family")}}
	view.Others = append(view.Others, alikeLinks(p, who, told)...)
	return httpkit.Render(w, r, status, desk.Form(page, problems, d.alikeNotices(p, told), view))
}

// kindTabs lead to the forms of the other kinds.
func kindTabs(p i18n.Printer, now proposal.Kind, family string) templ.Component {
	var out []ui.Tab
	for _, k := range registeredKinds() {
		out = append(out, ui.Tab{Label: p.Text("proposalkind.link." + string(k)), Current: k == now, Href: "/usulan/ajukan?" + url.Values{"keluarga": {family}, "jenis": {string(k)}}.Encode()})
	}
	return ui.Tabs(p.Text("web.kind"), out)
}

// kindForm is the form of a proposal about a family of the registry, as it is drawn.
type kindForm struct {
	d        *Desk
	p        i18n.Printer
	kind     proposal.Kind
	typed    url.Values
	problems []ui.FieldError
	card     registry.Card
	told     []identity.Resembling
}

func (f kindForm) field(name, key string) ui.Field {
	return ui.Field{Name: name, Label: f.p.Text(key), Value: f.typed.Get(name), Error: problemOf(f.problems, name)}
}

func (f kindForm) fields() []desk.FieldView {
	p := f.p
	var out []desk.FieldView
	use := map[proposal.Kind]proposal.Use{proposal.Removal: proposal.UseRemove, proposal.Reactivation: proposal.UseReactivate}[f.kind]
	if use != "" {
		reason := f.field("reason", "proposalsweb.reason")
		reason.Hint = p.Text("proposalkind.reason_hint." + string(f.kind))
		out = append(out, desk.FieldView{Field: reason, Options: f.reasons(use), Select: true})
	}
	if f.kind == proposal.Enrolment {
		out = append(out, desk.FieldView{Field: f.field("programme", "proposalsweb.programme"), Options: f.programmes(), Select: true})
	}
	whom := f.field("person", "proposalkind.whom")
	whom.Hint = p.Text("proposalkind.whom_hint." + string(f.kind))
	out = append(out, desk.FieldView{Field: whom, Options: f.people()})
	paper, number := f.field("paper", "proposalkind.paper"), f.field("number", "proposalsweb.paper_number")
	paper.Hint, paper.Optional, paper.MaxLength = p.Text("proposalkind.paper_hint"), true, 120
	number.Optional, number.MaxLength, number.Chars = true, 120, 30
	papers, words := f.field("papers", "proposalsweb.papers"), f.field("words", "proposalsweb.words")
	papers.Hint, papers.Optional = p.Text("proposalsweb.papers_hint"), true
	words.Hint, words.Optional, words.MaxLength = p.Text("proposalsweb.words_hint"), true, 1000
	var seen []ui.Option
	for _, one := range familyform.Papers() {
		seen = append(seen, ui.Option{Value: one, Label: paperWords(p, one), Selected: slices.Contains(f.typed["papers"], one)})
	}
	out = append(out, desk.FieldView{Field: paper}, desk.FieldView{Field: number}, desk.FieldView{Field: papers, Options: seen, Checks: true}, desk.FieldView{Field: words, Rows: 3})
	if len(f.told) > 0 {
		tick := alikeField(p, f.told, problemOf(f.problems, "alike"))
		tick.Field.Hint = p.Text("proposalkind.alike_hint")
		out = append(out, tick)
	}
	return out
}

// reasons say beside each which needs evidence, and whom it is about.
func (f kindForm) reasons(use proposal.Use) []ui.Option {
	out := []ui.Option{{Value: "", Label: f.p.Text("proposalsweb.choose_reason")}}
	for _, reason := range f.d.Proposals.Rules().Reasons.For(use, f.d.Places.LocalDate(f.card.Family.Area, f.d.Now())) {
		label := reason.Label.In(f.p.Lang.String())
		if reason.Evidence {
			label = f.p.Text("proposalsweb.needs_paper", "reason", label)
		}
		if use == proposal.UseRemove {
			label = f.p.Text("proposalkind.hits", "reason", label, "whom", f.p.Text("criterion.hits."+string(reason.Hits)))
		}
		out = append(out, ui.Option{Value: reason.Code, Label: label, Selected: f.typed.Get("reason") == reason.Code})
	}
	return out
}

func (f kindForm) programmes() []ui.Option {
	out := []ui.Option{{Value: "", Label: f.p.Text("proposalsweb.choose")}}
	for _, one := range f.d.Programmes.Set(f.d.Places.LocalDate(f.card.Family.Area, f.d.Now())).Programmes() {
		out = append(out, ui.Option{Value: string(one.ID), Label: one.Name.In(f.p.Lang.String()), Selected: f.typed.Get("programme") == string(one.ID)})
	}
	return out
}

// people are whom the proposal can be about: who is in the registry, or of a reactivation who left it; everybody where anybody
// comes back so.
func (f kindForm) people() []ui.Option {
	back := f.kind == proposal.Reactivation
	var out []ui.Option
	for _, m := range f.card.Members {
		if back && proposals.MayReturn(m) || !back && m.State == registry.Active {
			out = append(out, f.person(m))
		}
	}
	if back && len(out) > 0 && !slices.ContainsFunc(f.card.Members, proposals.ReturnsWithFamily) {
		return out
	}
	all := ui.Option{Value: wholeFamily, Label: f.p.Text("proposalkind.everybody"), Selected: f.typed.Get("person") == wholeFamily}
	return append([]ui.Option{all}, out...)
}

func (f kindForm) person(m registry.Person) ui.Option {
	hints := []string{f.p.Text("person.relation." + m.Relation.String())}
	if !m.NIK.IsZero() {
		hints = append(hints, m.NIK.String())
	}
	if m.State == registry.Died {
		hints = append(hints, f.p.Text("web.state.7"))
	}
	return ui.Option{Value: m.ID.String(), Label: m.Name, Hint: strings.Join(hints, " · "), Selected: f.typed.Get("person") == m.ID.String()}
}

// fileKind files a proposal about a family of the registry.
func (d *Desk) fileKind(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, wrong, err := readPapersForm(r, d.keepForKind(r, who), kindFields()...)
	if err != nil {
		return err
	}
	filing, problems, err := readKind(i18n.Of(r), form)
	if err != nil {
		return err
	}
	if err := d.dropChosen(r, who, filing.Tenant, form); err != nil {
		return err
	}
	if problems = append(problems, wrong...); len(problems) > 0 {
		return d.showKind(w, r, who, http.StatusUnprocessableEntity, form, problems, nil)
	}
	receipt, err := d.Proposals.File(r.Context(), who, filing)
	if err == nil {
		httpkit.Redirect(w, r, "/usulan/"+rowID(receipt.Tenant, receipt.ID)+"/bukti")
		return nil
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
		return err
	}
	return d.showKind(w, r, who, httpkit.StatusOf(e.Kind), form, []ui.FieldError{{Field: kindField(e), Message: i18n.Of(r).Error(e)}}, receipt.Alike)
}

// readKind reads the form, with what is wrong about it.
func readKind(p i18n.Printer, form url.Values) (f proposals.Filing, problems []ui.FieldError, err error) {
	f = proposals.Filing{Kind: proposal.Kind(form.Get("kind")), Reason: form.Get("reason"), Programme: form.Get("programme"),
		Document: proposals.Document{Words: form.Get("words")}, Evidence: proposals.Paper{Name: form.Get("paper"), Number: form.Get("number")}, Seen: form.Get("alike")}
	if !slices.Contains(registeredKinds(), f.Kind) {
		return f, nil, fail.Invalid("request.unknown_field")
	}
	if f.Request, err = sqldb.ParseID(form.Get("request")); err != nil {
		return f, nil, fail.Invalid("request.unknown_field")
	}
	if f.Tenant, f.Family, err = parseRow(form.Get("family")); err != nil {
		return f, nil, err
	}
	for _, one := range form["papers"] {
		if slices.Contains(familyform.Papers(), one) {
			f.Document.Papers = append(f.Document.Papers, one)
		}
	}
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: p.Error(err)})
	}
	if f.Kind != proposal.Enrolment && f.Reason == "" {
		wrong("reason", fail.Invalid("proposal.reason_needed"))
	}
	if f.Kind == proposal.Enrolment && f.Programme == "" {
		wrong("programme", fail.Invalid("proposal.programme_needed"))
	}
	switch whom := form.Get("person"); {
	case whom == "":
		wrong("person", fail.Invalid("proposalkind.whom"))
	case whom != wholeFamily:
		if f.Person, err = sqldb.ParseID(whom); err != nil {
			return f, nil, fail.Invalid("request.unknown_field")
		}
	}
	return f, problems, nil
}

// kindField says which field of the form an error is about.
func kindField(e *fail.Error) string {
	switch {
	case e.Code == "reason.evidence" || strings.HasPrefix(e.Code, "proposal.too_long"):
		return "paper"
	case strings.HasPrefix(e.Code, "reason.") || e.Code == "proposal.reason_needed" || e.Code == "proposal.recorded_dead":
		return "reason"
	case e.Code == "proposal.person_needed" || e.Code == "proposal.whole_family" || e.Code == "proposal.family_state":
		return "person"
	case e.Code == "proposal.programme_needed":
		return "programme"
	case e.Code == "proposal.alike":
		return "alike"
	}
	return ""
}

// familyLinks lead from a family's page to what can be proposed or filed about it.
func (d *Desk) familyLinks(p i18n.Printer, who access.Actor, f registry.Family) []ui.Link {
	key := rowID(f.Tenant, f.ID)
	var out []ui.Link
	if who.Allow(access.FileProposal, f.Tenant, f.Area) == nil {
		for _, k := range registeredKinds() {
			out = append(out, ui.Link{Label: p.Text("proposalkind.link." + string(k)), Href: "/usulan/ajukan?" + url.Values{"keluarga": {key}, "jenis": {string(k)}}.Encode()})
		}
		out = append(out, ui.Link{Label: p.Text("visitweb.sheet"), Href: "/keluarga/" + key + "/lembar"})
	}
	if who.Allow(access.RepairMatch, f.Tenant, f.Area) == nil {
		out = append(out, ui.Link{Label: p.Text("visitweb.note_link"), Href: "/keluarga/" + key + "/kunjungan"})
	}
	if who.Allow(access.HandleGrievance, f.Tenant, f.Area) == nil {
		out = append(out, ui.Link{Label: p.Text("proposalkind.link.objection"), Href: "/pengaduan/baru?" + url.Values{"keluarga": {key}}.Encode()})
	}
	return out
}

// proposalSections are the proposals about a family, on its page.
func (d *Desk) proposalSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	list, err := d.Proposals.OfFamily(r.Context(), who, card.Family.Tenant, card.Family.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("proposalkind.of_family"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("web.kind")}, {Label: p.Text("proposalsweb.filed_on")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, l := range list {
		chip := stateChip(p, l.State)
		t.Rows = append(t.Rows, ui.Row{ID: l.ID.String(), Label: l.Number, Cells: []ui.Cell{
			{Text: l.Number, Href: "/usulan/" + rowID(l.Tenant, l.ID)}, {Text: p.Text("proposal.kind." + string(l.Kind)), Sub: d.programmeOr(p, l.Programme)},
			{Text: dash(p.DateTextShort(l.FiledOn.Text()))}, {Chip: &chip}}})
	}
	return []desk.Section{{ID: "usulan", Title: p.Text("proposalkind.of_family"), Table: t}}, nil
}

// programmeOr names a programme; a proposal for none stays empty.
func (d *Desk) programmeOr(p i18n.Printer, key string) string {
	if key == "" {
		return ""
	}
	return d.Programme(p, key)
}
