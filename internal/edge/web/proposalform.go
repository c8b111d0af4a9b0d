package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// formMembers is how many members the form has room for; draftsShown how many forms begun are listed.
const (
	formMembers = 10
	draftsShown = 20
)

// memberParts are the fields of one member, papersSeen what the filer looked at.
func memberParts() []string {
	return []string{"relation", "name", "nik", "sex", "birth_place", "birth_date.day", "birth_date.month", "birth_date.year", "mother"}
}

func papersSeen() []string { return []string{"ktp", "kk", "rumah"} }

// familyFields names every field of the family's form.
func familyFields() []string {
	out := []string{"area", "address", "rt", "rw", "no_kk", "phone", "words", "papers"}
	for i := range formMembers {
		for _, part := range memberParts() {
			out = append(out, memberName(i, part))
		}
	}
	return out
}

func memberName(i int, part string) string { return "members." + itoa(int64(i)) + "." + part }

// familyForm is the form as it is drawn: what was typed, what is wrong, and which numbers are
// kept already and need not be typed again.
type familyForm struct {
	p        i18n.Printer
	values   map[string]string
	problems []ui.FieldError
	kept     map[string]string
	villages []ui.Option
}

// newProposal begins a form, or goes on with one.
func (d *Desk) newProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "konsep")
	if err != nil {
		return err
	}
	draft := proposals.Draft{ID: sqldb.NewID()}
	if key := q.Get("konsep"); key != "" {
		tenant, id, err := parseRow(key)
		if err != nil {
			return err
		}
		if draft, err = d.Proposals.OpenDraft(r.Context(), who, tenant, id); err != nil {
			return err
		}
	}
	return d.showFamilyForm(w, r, who, draft, http.StatusOK, nil)
}

func (d *Desk) showFamilyForm(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft, status int, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.new_title")
	page.Lead = p.Text("proposalsweb.new_lead")
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.title"), Href: "/usulan"}
	var notices []ui.Notice
	if draft.Version > 0 && len(problems) == 0 {
		notices = append(notices, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.draft_saved", "at", p.MomentShort(draft.SavedAt.In(d.zone(who)))), Text: p.Text("proposalsweb.draft_until", "date", p.Date(draft.Expires().In(d.zone(who))))})
	}
	if draft.Version == 0 && len(problems) == 0 {
		var err error
		if notices, err = d.draftNotices(r, p, who); err != nil {
			return err
		}
	}
	f := familyForm{p: p, values: draft.Form, problems: problems, villages: d.villageOptions(who, draft.Form["area"])}
	view := desk.FormView{Form: ui.Form{Action: "/usulan/baru", Guard: true, Hidden: []ui.Hidden{{Name: "draft", Value: draft.ID.String()}, {Name: "version", Value: itoa(draft.Version)}}},
		Fields: f.fields(), Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan"},
		Buttons: []ui.Button{{Label: p.Text("proposalsweb.to_check"), Name: "do", Value: "check"}, {Label: p.Text("proposalsweb.save"), Name: "do", Value: "save", Secondary: true}}}
	return httpkit.Render(w, r, status, desk.Form(page, problems, notices, view))
}

// draftNotices offer the forms that were begun and not sent.
func (d *Desk) draftNotices(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Notice, error) {
	drafts, err := d.Proposals.Drafts(r.Context(), who, draftsShown)
	if err != nil {
		return nil, err
	}
	var out []ui.Notice
	for _, one := range drafts {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.draft_open"), Text: p.Text("proposalsweb.draft_line", "village", d.Places.Tree().Title(one.Area), "at", p.MomentShort(one.SavedAt.In(d.zone(who)))),
			Link: &ui.Link{Label: p.Text("proposalsweb.draft_resume"), Href: "/usulan/baru?konsep=" + rowID(one.Tenant, one.ID)}})
	}
	return out, nil
}

// villageOptions are the villages the actor may file in; one alone needs no choice.
func (d *Desk) villageOptions(who access.Actor, chosen string) []ui.Option {
	var out []ui.Option
	home, _ := who.Home()
	if home.Level() == area.LevelVillage {
		return []ui.Option{{Value: home.Dotted(), Label: d.Places.Tree().Title(home), Selected: true}}
	}
	for place := range d.Places.Tree().Villages(home) {
		out = append(out, ui.Option{Value: place.Code.Dotted(), Label: d.Places.Tree().Name(place.Code), Selected: place.Code.Dotted() == chosen})
	}
	return out
}

// fields are the sections of the form: address, family card, members, papers.
func (f familyForm) fields() []desk.FieldView {
	p := f.p
	section := func(id, key string, parts ...templ.Component) desk.FieldView {
		return desk.FieldView{Markup: within(ui.Section(id, p.Text(key), nil), parts...)}
	}
	address := []templ.Component{}
	if len(f.villages) > 1 {
		address = append(address, ui.SelectField(f.field("area", "web.village"), f.villages))
	} else {
		for _, v := range f.villages {
			address = append(address, ui.TextField(ui.Field{Name: "area_name", Label: p.Text("web.village"), Value: v.Label, ReadOnly: true}))
		}
	}
	street, rt, rw, phone := f.field("address", "web.address"), f.field("rt", "proposalsweb.rt"), f.field("rw", "proposalsweb.rw"), f.field("phone", "proposalsweb.phone")
	street.MaxLength, rt.Chars, rt.MaxLength, rw.Chars, rw.MaxLength = 200, 4, 3, 4, 3
	rt.Kind, rw.Kind, rt.Optional, rw.Optional = ui.Count, ui.Count, true, true
	phone.Kind, phone.Optional, phone.Chars = ui.Phone, true, 20
	street.Hint = p.Text("proposalsweb.address_hint")
	address = append(address, ui.TextField(street), ui.TextField(rt), ui.TextField(rw), ui.TextField(phone))
	kk := f.field("no_kk", "web.no_kk")
	kk.Kind = ui.KK
	out := []desk.FieldView{section("alamat", "proposalsweb.section_address", address...), section("kk", "proposalsweb.section_kk", ui.TextField(kk))}
	shown := min(formMembers, max(2, f.filled()+1))
	for i := range shown {
		out = append(out, desk.FieldView{Markup: within(ui.Section("anggota-"+itoa(int64(i+1)), f.memberTitle(i), nil), f.member(i)...)})
	}
	if shown < formMembers {
		var rest []templ.Component
		for i := shown; i < formMembers; i++ {
			rest = append(rest, within(ui.Section("anggota-"+itoa(int64(i+1)), f.memberTitle(i), nil), f.member(i)...))
		}
		out = append(out, desk.FieldView{Markup: within(ui.Disclosure(p.Text("proposalsweb.more_members")), rest...)})
	}
	words := f.field("words", "proposalsweb.words")
	words.Optional, words.MaxLength, words.Hint = true, 1000, p.Text("proposalsweb.words_hint")
	papers := f.field("papers", "proposalsweb.papers")
	papers.Hint = p.Text("proposalsweb.papers_hint")
	return append(out, section("dokumen", "proposalsweb.section_papers", ui.CheckboxField(papers, f.paperOptions()), ui.TextArea(words, 3)))
}

func (f familyForm) memberTitle(i int) string {
	if i == 0 {
		return f.p.Text("proposalsweb.head_section")
	}
	return f.p.Text("proposalsweb.member", "n", i+1)
}

// filled counts up to the last member with anything typed.
func (f familyForm) filled() int {
	n := 0
	for i := range formMembers {
		if !emptyMember(f.values, i) {
			n = i + 1
		}
	}
	return n
}

func emptyMember(values map[string]string, i int) bool {
	for _, part := range memberParts() {
		if part != "relation" && part != "sex" && values[memberName(i, part)] != "" {
			return false
		}
	}
	return true
}

func (f familyForm) field(name, key string) ui.Field {
	out := ui.Field{Name: name, Label: f.p.Text(key), Value: f.values[name], Error: problemOf(f.problems, name)}
	if kept := f.kept[name]; kept != "" {
		out.Hint, out.Optional = f.p.Text("proposalsweb.kept", "value", kept), true
	}
	return out
}

// member are the fields of one member.
func (f familyForm) member(i int) []templ.Component {
	at := func(part, key string) ui.Field { return f.field(memberName(i, part), key) }
	name, nik, place, mother := at("name", "web.name_ktp"), at("nik", "web.nik"), at("birth_place", "web.birth_place"), at("mother", "proposalsweb.mother")
	nik.Kind, name.MaxLength, place.Chars, place.Optional, mother.Optional = ui.NIK, 60, 30, true, true
	if i > 0 {
		nik.Optional = true
	}
	date := memberName(i, "birth_date")
	return []templ.Component{
		ui.SelectField(at("relation", "web.relation"), f.relations(i)), ui.TextField(name), ui.TextField(nik),
		ui.RadioField(at("sex", "web.sex"), f.sexes(i)), ui.TextField(place),
		ui.DateField(ui.Field{Name: date, Label: f.p.Text("web.birth_date"), Error: problemOf(f.problems, date)},
			ui.DateParts{Day: f.values[date+".day"], Month: f.values[date+".month"], Year: f.values[date+".year"]}),
		ui.TextField(mother),
	}
}

func (f familyForm) relations(i int) []ui.Option {
	chosen := f.values[memberName(i, "relation")]
	if chosen == "" && i == 0 {
		chosen = person.Head.String()
	}
	out := []ui.Option{{Value: "", Label: f.p.Text("proposalsweb.choose")}}
	for rel := person.Head; rel <= person.OtherRelation; rel++ {
		out = append(out, ui.Option{Value: rel.String(), Label: f.p.Text("person.relation." + rel.String()), Selected: chosen == rel.String()})
	}
	return out
}

func (f familyForm) sexes(i int) []ui.Option {
	var out []ui.Option
	for _, s := range []person.Sex{person.Male, person.Female} {
		out = append(out, ui.Option{Value: s.String(), Label: f.p.Text("person.sex." + s.String()), Selected: f.values[memberName(i, "sex")] == s.String()})
	}
	return out
}

func (f familyForm) paperOptions() []ui.Option {
	chosen := strings.Split(f.values["papers"], ",")
	var out []ui.Option
	for _, one := range papersSeen() {
		out = append(out, ui.Option{Value: one, Label: paperWords(f.p, one), Selected: slices.Contains(chosen, one)})
	}
	return out
}

// within draws components as the children of another.
func within(outer templ.Component, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(parts...)), w)
	})
}

// typedFamily gives the fields of the form as they were typed.
func typedFamily(form url.Values) map[string]string {
	out := map[string]string{}
	for _, name := range familyFields() {
		if v := strings.Join(form[name], ","); v != "" {
			out[name] = v
		}
	}
	return out
}

// saveProposal keeps the form and stays, or goes on to check the answers.
func (d *Desk) saveProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, append(familyFields(), "area_name", "draft", "version", "do")...)
	if err != nil {
		return err
	}
	draft, err := d.typedDraft(form, who)
	if err != nil {
		return err
	}
	saved, err := d.keepDraft(r.Context(), who, draft)
	if e, ok := fail.As(err); ok && (e.Kind == fail.KindConflict || e.Kind == fail.KindInvalid) {
		status := http.StatusUnprocessableEntity
		if e.Kind == fail.KindConflict {
			status = http.StatusConflict
		}
		return d.showFamilyForm(w, r, who, draft, status, []ui.FieldError{{Field: e.Field, Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	if form.Get("do") != "check" {
		httpkit.Redirect(w, r, "/usulan/baru?konsep="+rowID(saved.Tenant, saved.ID))
		return nil
	}
	if _, problems := d.familyOf(i18n.Of(r), saved, nil); len(problems) > 0 {
		return d.showFamilyForm(w, r, who, saved, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, "/usulan/periksa?konsep="+rowID(saved.Tenant, saved.ID))
	return nil
}

// typedDraft reads the form into a draft under the id the page was drawn with.
func (d *Desk) typedDraft(form url.Values, who access.Actor) (draft proposals.Draft, err error) {
	draft = proposals.Draft{Kind: proposal.NewFamily, Form: typedFamily(form)}
	if draft.ID, err = sqldb.ParseID(form.Get("draft")); err != nil {
		return draft, fail.Invalid("request.unknown_field")
	}
	if draft.Version, err = atoi(form.Get("version")); err != nil {
		return draft, fail.Invalid("request.unknown_field")
	}
	home, _ := who.Home()
	if draft.Area = home; home.Level() != area.LevelVillage {
		if draft.Area, err = area.Parse(form.Get("area")); err != nil {
			draft.Area = home // refused with the field below
		}
	}
	draft.Tenant = d.Places.TenantOf(draft.Area)
	return draft, nil
}

// keepDraft keeps a form once: the button pressed twice makes one draft.
func (d *Desk) keepDraft(ctx context.Context, who access.Actor, draft proposals.Draft) (proposals.Draft, error) {
	saved, err := d.Proposals.SaveDraft(ctx, who, draft)
	if err == nil || draft.Version > 0 || !sqldb.IsUnique(err) {
		return saved, err
	}
	before, err := d.Proposals.OpenDraft(ctx, who, draft.Tenant, draft.ID)
	if err != nil {
		return draft, err
	}
	draft.Version = before.Version
	return d.Proposals.SaveDraft(ctx, who, draft)
}

// discardDraft removes a form that will not be sent.
func (d *Desk) discardDraft(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "konsep")
	if err != nil {
		return err
	}
	tenant, id, err := parseRow(form.Get("konsep"))
	if err != nil {
		return err
	}
	if err := d.Proposals.DiscardDraft(r.Context(), who, tenant, id); err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/usulan")
	return nil
}
