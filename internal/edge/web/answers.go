package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"tepat/internal/domain/access"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// Parts of the questionnaire, each on a page of its own; people follow by their place in the form.
const (
	houseBlock  = "rumah"
	aidBlock    = "bantuan"
	assetBlock  = "aset"
	memberBlock = "anggota-"
)

// answerPrefix stands before the answers in the fields of a draft.
const answerPrefix = "jawab."

// blockItems gives the items of a part: the dwelling is block 3 of the form, aid received 501,
// what the family owns the rest of block 5, and people are block 4.
func blockItems(v *questionnaire.Version, block string) []questionnaire.Item {
	level, fits := questionnaire.LevelFamily, func(number string) bool { return false }
	switch block {
	case houseBlock:
		fits = func(n string) bool { return strings.HasPrefix(n, "3") }
	case aidBlock:
		fits = func(n string) bool { return strings.HasPrefix(n, "501") }
	case assetBlock:
		fits = func(n string) bool { return strings.HasPrefix(n, "5") && !strings.HasPrefix(n, "501") }
	default:
		level, fits = questionnaire.LevelPerson, func(n string) bool { return strings.HasPrefix(n, "4") }
	}
	return slices.DeleteFunc(v.Items(level), func(it questionnaire.Item) bool { return !fits(it.Number) })
}

// blockMember gives whose answers a part holds: -1 for the family's.
func blockMember(block string) (member int, ok bool) {
	if slices.Contains([]string{houseBlock, aidBlock, assetBlock}, block) {
		return -1, true
	}
	n, err := atoi(strings.TrimPrefix(block, memberBlock))
	return int(n) - 1, err == nil && strings.HasPrefix(block, memberBlock) && n >= 1 && n <= familyform.Members
}

func answerKey(member int, item string) string {
	if member < 0 {
		return answerPrefix + "keluarga." + item
	}
	return answerPrefix + itoa(int64(member)) + "." + item
}

// draftAnswers reads the answers of a draft: of a member, or of the family for -1. What cannot be read
// was refused when it was typed.
func draftAnswers(v *questionnaire.Version, form map[string]string, member int) questionnaire.Answers {
	level := questionnaire.LevelPerson
	if member < 0 {
		level = questionnaire.LevelFamily
	}
	out := questionnaire.Answers{}
	for _, it := range v.Items(level) {
		if text := form[answerKey(member, it.Key)]; text != "" {
			if value, err := it.Parse(text); err == nil {
				out[it.Key] = value
			}
		}
	}
	return out
}

// formVersion is the questionnaire in force at a village today; nil where none is.
func (d *Desk) formVersion(draft proposals.Draft) *questionnaire.Version {
	v, err := d.Proposals.Forms().At(d.Places.LocalDate(draft.Area, d.Now()))
	if err != nil {
		return nil
	}
	return v
}

// answerTasks lists the parts of the questionnaire with how many questions are answered.
func (d *Desk) answerTasks(p i18n.Printer, draft proposals.Draft, doc proposals.Document) []ui.Task {
	v := d.formVersion(draft)
	if v == nil {
		return nil
	}
	var out []ui.Task
	add := func(block, label string, answers questionnaire.Answers) {
		n := 0
		for _, it := range blockItems(v, block) {
			if _, ok := answers[it.Key]; ok {
				n++
			}
		}
		task := ui.Task{Label: label, Href: "/usulan/baru/isian?" + url.Values{"konsep": {rowID(draft.Tenant, draft.ID)}, "bagian": {block}}.Encode(), Chip: ui.Chip{Label: p.Text("answersweb.empty"), Tone: ui.Plain}}
		if n > 0 {
			task.Chip = ui.Chip{Label: p.Text("answersweb.count", "count", n), Tone: ui.Good}
		}
		out = append(out, task)
	}
	for _, block := range []string{houseBlock, aidBlock, assetBlock} {
		add(block, p.Text("answersweb.block."+block), doc.Answers)
	}
	for i, member := range d.formMembers(draft) {
		add(memberBlock+itoa(int64(member+1)), p.Text("answersweb.block.member", "name", doc.Members[i].Name.Plain()), doc.Members[i].Answers)
	}
	return out
}

// formMembers gives the places in the form of the members of its document.
func (d *Desk) formMembers(draft proposals.Draft) []int {
	var out []int
	for i := range familyform.Members {
		if i == 0 || draft.Form[familyform.Name(i, "name")] != "" || draft.Form[familyform.Name(i, "nik")] != "" {
			out = append(out, i)
		}
	}
	return out
}

// answersPage is one part of the questionnaire.
func (d *Desk) answersPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "konsep", "bagian")
	if err != nil {
		return err
	}
	draft, version, err := d.openAnswers(r, who, q.Get("konsep"), q.Get("bagian"))
	if err != nil {
		return err
	}
	typed, member := url.Values{}, 0
	member, _ = blockMember(q.Get("bagian"))
	for _, it := range blockItems(version, q.Get("bagian")) {
		typed[it.Key] = strings.Split(draft.Form[answerKey(member, it.Key)], "+")
	}
	return d.showAnswers(w, r, who, draft, version, q.Get("bagian"), http.StatusOK, typed, nil, nil)
}

func (d *Desk) openAnswers(r *http.Request, who access.Actor, key, block string) (draft proposals.Draft, version *questionnaire.Version, err error) {
	tenant, id, err := parseRow(key)
	if err != nil {
		return draft, nil, err
	}
	if _, ok := blockMember(block); !ok {
		return draft, nil, errNotFound
	}
	if draft, err = d.Proposals.OpenDraft(r.Context(), who, tenant, id); err != nil {
		return draft, nil, err
	}
	version, err = d.Proposals.Forms().At(d.Places.LocalDate(draft.Area, d.Now()))
	return draft, version, err
}

func (d *Desk) showAnswers(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft, v *questionnaire.Version, block string, status int, typed url.Values, problems []ui.FieldError, c *conflict) error {
	p, key := i18n.Of(r), rowID(draft.Tenant, draft.ID)
	page := d.page(r, who, "answersweb.title", "block", d.blockTitle(p, draft, block))
	page.Lead = p.Text("answersweb.lead", "form", v.Title.In(p.Lang.String()))
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.check_title"), Href: "/usulan/periksa?konsep=" + key}
	f := desk.FormView{Form: ui.Form{Action: "/usulan/baru/isian", Draft: "/usulan/baru/isian", Guard: true, Hidden: []ui.Hidden{{Name: "konsep", Value: key}, {Name: "bagian", Value: block}, {Name: "version", Value: itoa(draft.Version)}}},
		Buttons: []ui.Button{{Label: p.Text("answersweb.save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan/periksa?konsep=" + key}}
	for _, it := range blockItems(v, block) {
		f.Fields = append(f.Fields, itemField(p, v, it, typed[it.Key], problemOf(problems, it.Key)))
	}
	c.apply(p, &f, problemOf(problems, againName))
	return httpkit.Render(w, r, status, desk.Form(page, problems, c.notice(p), f))
}

func (d *Desk) blockTitle(p i18n.Printer, draft proposals.Draft, block string) string {
	member, _ := blockMember(block)
	if member < 0 {
		return p.Text("answersweb.block." + block)
	}
	name := draft.Form[familyform.Name(member, "name")]
	if name == "" {
		name = p.Text("proposalsweb.member", "n", member+1)
	}
	return p.Text("answersweb.block.member", "name", name)
}

// itemField draws one question of the questionnaire by what its answer looks like.
func itemField(p i18n.Printer, v *questionnaire.Version, it questionnaire.Item, typed []string, problem string) desk.FieldView {
	lang := p.Lang.String()
	f := ui.Field{Name: it.Key, Label: it.Number + " " + it.Label.In(lang), Value: strings.Join(typed, "+"), Error: problem}
	if len(it.When) > 0 {
		if before, ok := v.Item(it.When[0].Item); ok {
			f.Hint = p.Text("answersweb.only_if", "item", before.Number)
		}
	}
	out := desk.FieldView{Field: f}
	switch it.Kind {
	case questionnaire.KindCode:
		out.Select, out.Options = true, []ui.Option{{Value: "", Label: p.Text("answersweb.none")}}
	case questionnaire.KindMulti:
		out.Checks = true
	case questionnaire.KindDate:
		out.Field.Hint, out.Field.Chars = strings.TrimSpace(f.Hint+" "+p.Text("answersweb.date")), 12
	case questionnaire.KindText:
		out.Field.MaxLength = int(max(it.Max, int64(it.Digits)))
	case questionnaire.KindRupiah:
		out.Field.Prefix, out.Field.Kind, out.Field.Chars = "Rp", ui.Count, 14
	default:
		out.Field.Kind, out.Field.Chars = ui.Count, 8
	}
	for _, c := range it.Codes {
		out.Options = append(out.Options, ui.Option{Value: itoa(c.Code), Label: c.Label.In(lang), Selected: slices.Contains(typed, itoa(c.Code))})
	}
	return out
}

// saveAnswers keeps one part in the draft.
func (d *Desk) saveAnswers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fail.Invalid("request.unreadable").Because(err)
	}
	draft, version, err := d.openAnswers(r, who, r.PostForm.Get("konsep"), r.PostForm.Get("bagian"))
	if err != nil {
		return err
	}
	block := r.PostForm.Get("bagian")
	known := []string{"konsep", "bagian", "version", againName}
	for _, it := range blockItems(version, block) {
		known = append(known, it.Key)
	}
	form, err := httpkit.ReadForm(r, known...)
	if err != nil {
		return err
	}
	seen, err := versionOf(form)
	if err != nil {
		return err
	}
	p, member := i18n.Of(r), 0
	member, _ = blockMember(block)
	kept, problems := readBlock(p, version, blockItems(version, block), draft.Form, member, form)
	if len(problems) > 0 {
		return d.showAnswers(w, r, who, draft, version, block, http.StatusUnprocessableEntity, form, problems, &conflict{seen: seen, now: draft.Version})
	}
	before := draft
	draft.Form, draft.Version = kept, seen
	saved, err := d.Proposals.SaveDraft(r.Context(), who, draft)
	if whileTyping(r) {
		return draftKept(w, saved, "/usulan/baru/isian?"+url.Values{"konsep": {rowID(draft.Tenant, draft.ID)}, "bagian": {block}}.Encode(), err)
	}
	if fail.CodeOf(err) == "proposal.draft_changed" {
		c := &conflict{seen: seen, now: before.Version, changes: []ui.Event{{Title: p.Text("proposalsweb.draft_elsewhere"), When: p.MomentShort(before.SavedAt.In(d.zone(who)))}}}
		return d.showAnswers(w, r, who, before, version, block, http.StatusConflict, form, []ui.FieldError{{Field: againName, Message: p.Text("proposalsweb.again_needed")}}, c)
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/usulan/periksa?konsep="+rowID(draft.Tenant, draft.ID))
	return nil
}

// readBlock puts what was typed into the fields of a draft, with what is wrong about it: each answer by
// itself, and those that are not asked where another answer stands.
func readBlock(p i18n.Printer, v *questionnaire.Version, items []questionnaire.Item, before map[string]string, member int, form url.Values) (map[string]string, []ui.FieldError) {
	out := map[string]string{}
	for k, value := range before {
		out[k] = value
	}
	var problems []ui.FieldError
	for _, it := range items {
		text := strings.Join(form[it.Key], "+")
		delete(out, answerKey(member, it.Key))
		if text == "" {
			continue
		}
		if _, err := it.Parse(text); err != nil {
			problems = append(problems, ui.FieldError{Field: it.Key, Message: p.Error(err)})
			continue
		}
		out[answerKey(member, it.Key)] = text
	}
	if len(problems) > 0 {
		return out, problems
	}
	level := questionnaire.LevelPerson
	if member < 0 {
		level = questionnaire.LevelFamily
	}
	for _, e := range v.Validate(level, draftAnswers(v, out, member)) {
		if slices.ContainsFunc(items, func(it questionnaire.Item) bool { return it.Key == e.Field }) {
			problems = append(problems, ui.FieldError{Field: e.Field, Message: p.Error(e)})
		}
	}
	return out, problems
}

// answered shows the answers of a subject in words, in the order of the form.
func answered(p i18n.Printer, v *questionnaire.Version, level questionnaire.Level, answers questionnaire.Answers) []ui.SummaryItem {
	var out []ui.SummaryItem
	for _, it := range v.Items(level) {
		if value, ok := answers[it.Key]; ok {
			out = append(out, ui.SummaryItem{Label: it.Label.In(p.Lang.String()), Value: it.Words(value, p.Lang.String())})
		}
	}
	return out
}

// documentAnswers is the section of a proposal's questionnaire; none where nothing was answered.
func (d *Desk) documentAnswers(p i18n.Printer, doc proposals.Document) []desk.Section {
	v, err := d.Proposals.Forms().Version(doc.Questionnaire)
	if err != nil {
		return nil // none was filled in
	}
	parts := folded(p, p.Text("answersweb.family"), answered(p, v, questionnaire.LevelFamily, doc.Answers))
	for _, m := range doc.Members {
		parts = append(parts, folded(p, p.Text("answersweb.block.member", "name", m.Name.Plain()), answered(p, v, questionnaire.LevelPerson, m.Answers))...)
	}
	head, _ := doc.Head()
	return append(d.signSections(p, doc.Questionnaire, doc.Answers, head.Answers), answersOf(p, parts)...)
}

// answerSections show the questionnaire of a family of the registry: its own part, then each member's.
func (d *Desk) answerSections(p i18n.Printer, card registry.Card) []desk.Section {
	var parts []templ.Component
	add := func(subject sqldb.ID, title string, level questionnaire.Level) {
		for _, a := range card.Answers {
			if a.Subject != subject {
				continue
			}
			if v, err := d.Proposals.Forms().Version(a.Questionnaire); err == nil { // else one this program does not know
				parts = append(parts, folded(p, title, answered(p, v, level, storedAnswers(a)))...)
			}
		}
	}
	add(card.Family.ID, p.Text("answersweb.family"), questionnaire.LevelFamily)
	for _, m := range card.Members {
		add(m.ID, p.Text("answersweb.block.member", "name", m.Name), questionnaire.LevelPerson)
	}
	return append(d.signsOfCard(p, card), answersOf(p, parts)...)
}

// answersOf is the section of a questionnaire's parts; none where there are none.
func answersOf(p i18n.Printer, parts []templ.Component) []desk.Section {
	if len(parts) == 0 {
		return nil
	}
	return []desk.Section{{ID: "isian", Title: p.Text("answersweb.parts"), Content: templ.Join(parts...)}}
}

// storedAnswers reads the answers the registry keeps; what cannot be read shows none.
func storedAnswers(a registry.Answers) questionnaire.Answers {
	var out questionnaire.Answers
	if err := json.Unmarshal([]byte(a.Document), &out); err != nil {
		return nil
	}
	return out
}

// folded hides a long list until it is wanted; an empty one is left out.
func folded(p i18n.Printer, title string, items []ui.SummaryItem) []templ.Component {
	if len(items) == 0 {
		return nil
	}
	return []templ.Component{familyform.Within(ui.Disclosure(p.Text("answersweb.show", "part", title, "count", len(items))), ui.SummaryList(items))}
}

// carryAnswers keeps the questionnaire of a draft, which stands on pages of its own, when its main
// form is saved.
func (d *Desk) carryAnswers(r *http.Request, who access.Actor, draft proposals.Draft) error {
	if draft.Version == 0 {
		return nil
	}
	stored, err := d.Proposals.OpenDraft(r.Context(), who, draft.Tenant, draft.ID)
	if err != nil {
		return err
	}
	for name, value := range stored.Form {
		if strings.HasPrefix(name, answerPrefix) {
			draft.Form[name] = value
		}
	}
	return nil
}
