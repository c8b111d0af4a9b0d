package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/web/desk"
	"tepat/web/ui"
)

// pairForms offers what may be done with a pair in its state.
func (d *Desk) pairForms(p i18n.Printer, r *http.Request, who access.Actor, b duplicates.Bench, problems []ui.FieldError, typed map[string]string) []desk.FormView {
	path := "/ganda/" + rowID(b.Pair.Tenant, b.Pair.ID)
	form := desk.FormView{ID: "putusan", Title: p.Text("duplicatesweb.decide"), Form: ui.Form{Action: path + "/putusan"}}
	switch b.Pair.State {
	case duplicates.Open:
		return []desk.FormView{mergeForm(p, path, b, problems, typed), apartForm(p, path, b, problems, typed)}
	case duplicates.Awaiting:
		if b.Waiting() != nil {
			return wordForms(p, path, b, problems, typed)
		}
		if b.Merge == nil {
			return nil
		}
		form.Text, form.Buttons = p.Text("duplicatesweb.awaiting_other"), []ui.Button{pairButton(p, "setujui", false), pairButton(p, "tolak", true)}
		switch {
		case b.Merge.AskedBy == who.ID:
			form.Text, form.Buttons = p.Text("duplicatesweb.awaiting_own"), []ui.Button{pairButton(p, "tarik", true)}
		case !b.MayAnswer:
			form.Text, form.Buttons = p.Text("duplicatesweb.awaiting_office"), []ui.Button{pairButton(p, "tarik", true)}
		}
	case duplicates.Merged:
		if b.Merge == nil || b.Merge.State != duplicates.MergeDone || d.Now().After(b.Merge.UndoUntil) {
			return nil
		}
		form.Text, form.Buttons = p.Text("duplicatesweb.undo_text"), []ui.Button{pairButton(p, "pulihkan", true)}
	case duplicates.Distinct:
		if !b.MayReopen {
			return nil
		}
		form.Text, form.Buttons = p.Text("duplicatesweb.reopen_text"), []ui.Button{pairButton(p, "buka", true)}
	}
	return []desk.FormView{form}
}

// mergeForm asks which record stays and, field by field, which value.
func mergeForm(p i18n.Printer, path string, b duplicates.Bench, problems []ui.FieldError, typed map[string]string) desk.FormView {
	keep := typed["keep"]
	hint := ""
	if keep == "" && !b.Suggested.Keep.ID.IsZero() {
		keep = sideOf(b, b.Suggested.Keep)
		for i, code := range b.Suggested.Because {
			if i > 0 {
				hint += "; "
			}
			hint += p.Text("duplicates.keep." + code)
		}
		hint = p.Text("duplicatesweb.suggested", "side", p.Text("duplicatesweb.side."+keep), "because", hint)
	}
	options := []ui.Option{}
	for i, side := range []string{leftSide, rightSide} {
		options = append(options, ui.Option{Value: side, Label: p.Text("duplicatesweb.side."+side) + ": " + sideTitle(p, b.Sides[i]), Selected: keep == side})
	}
	f := desk.FormView{ID: "gabung", Title: p.Text("duplicatesweb.merge"), Text: p.Text("duplicatesweb.merge_text"), Form: ui.Form{Action: path + "/pilih", Guard: true, Hidden: []ui.Hidden{
		{Name: "left_version", Value: itoa(b.Sides[0].Person.Version)}, {Name: "right_version", Value: itoa(b.Sides[1].Person.Version)}}},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "keep", Label: p.Text("duplicatesweb.keep"), Hint: hint, Error: problemOf(problems, "keep")}, Options: options}},
		Buttons: []ui.Button{{Label: p.Text("duplicatesweb.check_merge")}}}
	if b.Sides[0].Visible && b.Sides[1].Visible && len(b.Differs) > 0 {
		f.Fields = append(f.Fields, desk.FieldView{Compare: choiceCompare(p, b, keep, typed)})
	}
	return f
}

// choiceCompare offers both values of every field in which the two differ, with where each comes from, and says which is
// suggested and why.
func choiceCompare(p i18n.Printer, b duplicates.Bench, keep string, typed map[string]string) *ui.Compare {
	c := &ui.Compare{Caption: p.Text("duplicatesweb.values"), LeftTitle: p.Text("duplicatesweb.left"), RightTitle: p.Text("duplicatesweb.right")}
	for _, v := range b.Suggested.Values {
		suggested := sideOf(b, v.From)
		chosen := typed[string(v.Field)]
		if chosen == "" && keep != "" {
			chosen = suggested
		}
		row := ui.CompareRow{Label: p.Text("duplicatesweb.field." + string(v.Field)), Name: string(v.Field), Verdict: ui.Chip{Label: p.Text("web.bench.differs"), Tone: ui.Wait},
			Note:  p.Text("duplicatesweb.value_why", "side", p.Text("duplicatesweb.side."+suggested), "because", p.Text("duplicates.value."+v.Because)),
			Left:  ui.CompareSide{Text: sideWords(p, v.Field, b.Sides[0]), Source: sourceWords(p, b.Sides[0]), Choice: leftSide, Chosen: chosen == leftSide},
			Right: ui.CompareSide{Text: sideWords(p, v.Field, b.Sides[1]), Source: sourceWords(p, b.Sides[1]), Choice: rightSide, Chosen: chosen == rightSide}}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// sourceWords says where a record comes from and of when.
func sourceWords(p i18n.Printer, s duplicates.Side) string {
	when := p.DateTextShort(s.Person.SourceDate)
	switch {
	case s.Person.Source == "":
		return when
	case when == "":
		return s.Person.Source
	}
	return s.Person.Source + ", " + when
}

func apartForm(p i18n.Printer, path string, b duplicates.Bench, problems []ui.FieldError, typed map[string]string) desk.FormView {
	var options []ui.Option
	for _, code := range duplicates.Reasons() {
		options = append(options, ui.Option{Value: code, Label: p.Text("duplicates.reason." + code), Selected: typed["reason"] == code})
	}
	text, button, hint := "duplicatesweb.apart_text", "beda", "duplicatesweb.note_hint"
	if !b.Sides[0].Visible || !b.Sides[1].Visible {
		text, button, hint = "duplicatesweb.apart_ask", "nyatakan", "duplicatesweb.note_shared"
	}
	return desk.FormView{ID: "beda", Title: p.Text("duplicatesweb.apart"), Text: p.Text(text), Form: ui.Form{Action: path + "/beda", Guard: true}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "reason", Label: p.Text("duplicatesweb.reason"), Error: problemOf(problems, "reason")}, Options: options},
		{Field: ui.Field{Name: "note", Label: p.Text("duplicatesweb.note"), Hint: p.Text(hint), Value: typed["note"], Error: problemOf(problems, "note"), Optional: true, MaxLength: 1000}, Rows: 3},
	}, Buttons: []ui.Button{{Label: p.Text("duplicatesweb.do." + button), Secondary: true}}}
}

// tellApart keeps that a pair is two persons.
func (d *Desk) tellApart(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "reason", "note")
	if err != nil {
		return err
	}
	_, err = d.Duplicates.Distinct(r.Context(), who, duplicates.Telling{Pair: duplicates.Ref{Tenant: tenant, ID: id}, Reason: form.Get("reason"), Note: form.Get("note")})
	if err == nil {
		d.decided(w, r, duplicateQueue, "/ganda/"+rowID(tenant, id))
		return nil
	}
	return d.pairAgain(w, r, who, form, err, "reason")
}

// pairAgain shows the pair with what was wrong; what is no fault of the form stays an error.
func (d *Desk) pairAgain(w http.ResponseWriter, r *http.Request, who access.Actor, form url.Values, cause error, field string) error {
	if fail.KindOf(cause) == fail.KindConflict {
		return cause
	}
	problems, err := formProblem(i18n.Of(r), cause, field)
	if err != nil {
		return err
	}
	b, err := d.openPair(r, who)
	if err != nil {
		return err
	}
	return d.showPair(w, r, who, b, http.StatusUnprocessableEntity, problems, typedOf(form))
}

// mergeNames are the values of a choice: which stays, which values, and the versions she saw.
func mergeNames() []string {
	names := []string{"keep", "left_version", "right_version"}
	for _, f := range duplicates.Fields() {
		names = append(names, string(f))
	}
	return names
}

// chooseMerge keeps the choice in the address of the page that asks once more; it holds sides, no values.
func (d *Desk) chooseMerge(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, mergeNames()...)
	if err != nil {
		return err
	}
	if !isSide(form.Get("keep")) {
		return d.pairAgain(w, r, who, form, fail.Invalid("duplicates.keep").On("keep"), "keep")
	}
	httpkit.Redirect(w, r, "/ganda/"+rowID(tenant, id)+"/gabung?"+form.Encode())
	return nil
}

// readMerging reads a choice into what the service is asked.
func readMerging(values url.Values, b duplicates.Bench) (m duplicates.Merging, err error) {
	keep := values.Get("keep")
	if !isSide(keep) {
		return m, fail.Invalid("duplicates.keep").On("keep")
	}
	m.Pair, m.Keep = duplicates.Ref{Tenant: b.Pair.Tenant, ID: b.Pair.ID}, b.Pair.Left.ID
	if keep == rightSide {
		m.Keep = b.Pair.Right.ID
	}
	for _, f := range duplicates.Fields() {
		if values.Get(string(f)) == otherSide(keep) {
			m.Take = append(m.Take, f)
		}
	}
	if m.LeftVersion, err = atoi(values.Get("left_version")); err == nil {
		m.RightVersion, err = atoi(values.Get("right_version"))
	}
	if err != nil {
		return m, fail.Invalid("request.unreadable")
	}
	return m, nil
}

// confirmMerge asks once more, with what will happen.
func (d *Desk) confirmMerge(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	values, err := httpkit.ReadQuery(r, mergeNames()...)
	if err != nil {
		return err
	}
	b, err := d.openPair(r, who)
	if err != nil {
		return err
	}
	m, err := readMerging(values, b)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "duplicatesweb.confirm_title")
	path := "/ganda/" + rowID(b.Pair.Tenant, b.Pair.ID)
	page.Back, page.Narrow = &ui.Link{Label: p.Text("duplicatesweb.pair_title"), Href: path}, true
	c := ui.Confirm{Question: p.Text("duplicatesweb.confirm"), Effects: d.mergeEffects(p, values.Get("keep"), m, b), Action: path + "/gabung", Confirm: p.Text("duplicatesweb.do.gabung"), Danger: true,
		Cancel: ui.Link{Label: p.Text("web.cancel"), Href: path}}
	for _, name := range mergeNames() {
		if values.Has(name) {
			c.Hidden = append(c.Hidden, ui.Hidden{Name: name, Value: values.Get(name)})
		}
	}
	if len(b.TwoPersons) > 0 {
		c.Second = p.Text("duplicates.second." + b.TwoPersons[0])
		c.Question, c.Confirm, c.Danger = p.Text("duplicatesweb.confirm_second"), p.Text("duplicatesweb.do.ajukan"), false
	}
	v := desk.RecordView{Sections: []desk.Section{{ID: "gabung", Title: p.Text("duplicatesweb.effects"), Content: ui.ConfirmPage(c)}}}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

// merge makes one record of the pair, or asks the second person.
func (d *Desk) merge(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, mergeNames()...)
	if err != nil {
		return err
	}
	b, err := d.openPair(r, who)
	if err != nil {
		return err
	}
	m, err := readMerging(form, b)
	if err != nil {
		return err
	}
	if _, err := d.Duplicates.Merge(r.Context(), who, m); err != nil {
		return d.pairAgain(w, r, who, form, err, "keep")
	}
	d.decided(w, r, duplicateQueue, "/ganda/"+rowID(b.Pair.Tenant, b.Pair.ID))
	return nil
}

// pairAct approves, refuses, answers, undoes or reopens.
func (d *Desk) pairAct(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "do", "answer")
	if err != nil {
		return err
	}
	b, err := d.openPair(r, who)
	if err != nil {
		return err
	}
	pair := duplicates.Ref{Tenant: b.Pair.Tenant, ID: b.Pair.ID}
	path := "/ganda/" + rowID(pair.Tenant, pair.ID)
	switch {
	case form.Get("do") == "buka":
		_, err = d.Duplicates.Reopen(r.Context(), who, pair)
	case b.Waiting() != nil:
		if err = d.wordAct(r, who, *b.Waiting(), form); err == nil {
			d.decided(w, r, duplicateQueue, path)
			return nil
		}
		return d.pairAgain(w, r, who, form, err, "answer")
	case b.Merge == nil:
		err = fail.Invalid("request.unreadable")
	default:
		err = d.mergeAct(r, who, duplicates.Ref{Tenant: b.Merge.Tenant, ID: b.Merge.ID}, form.Get("do"))
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, path)
	return nil
}

// mergeAct approves, refuses or undoes the merge of a pair.
func (d *Desk) mergeAct(r *http.Request, who access.Actor, ref duplicates.Ref, action string) (err error) {
	switch action {
	case "setujui":
		_, err = d.Duplicates.Approve(r.Context(), who, ref)
	case "tolak", "tarik":
		_, err = d.Duplicates.Refuse(r.Context(), who, ref)
	case "pulihkan":
		_, err = d.Duplicates.UndoMerge(r.Context(), who, ref)
	default:
		err = fail.Invalid("request.unreadable")
	}
	return err
}

func isSide(s string) bool { return s == leftSide || s == rightSide }

func otherSide(side string) string {
	if side == leftSide {
		return rightSide
	}
	return leftSide
}

func sideOf(b duplicates.Bench, ref duplicates.Ref) string {
	if ref.ID == b.Pair.Right.ID && ref.Tenant == b.Pair.Right.Tenant {
		return rightSide
	}
	return leftSide
}
