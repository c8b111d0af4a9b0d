package web

import (
	"net/url"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/web/desk"
	"tepat/web/ui"
)

// againName is the field by which who sends a form says that she has read what changed since
// the form was drawn. A form that comes back after a conflict keeps the version it was drawn
// with, so that pressing the button again cannot overlook the change.
const againName = "baca"

// versionOf reads the version a form was drawn with, or the newer one whose changes its
// sender has confirmed to have read.
func versionOf(form url.Values) (int64, error) {
	text := form.Get(againName)
	if text == "" {
		text = form.Get("version")
	}
	n, err := atoi(text)
	if err != nil || n < 0 {
		return 0, fail.Invalid("request.unknown_field")
	}
	return n, nil
}

// conflict is what a form that comes back is drawn with: the version it had, and what happened
// since, which is nothing in most cases.
type conflict struct {
	seen int64 // the version the form was drawn with
	now  int64 // the version it met
	// changes say what happened between the two, oldest first.
	changes []ui.Event
	// stored are the values kept now where they differ from what was typed.
	stored []ui.SummaryItem
}

// moved reports whether the form met a newer version.
func (c *conflict) moved() bool { return c != nil && c.now > c.seen }

// apply puts the question into a form, and keeps the version it was drawn with.
func (c *conflict) apply(p i18n.Printer, f *desk.FormView, problem string) {
	if c == nil {
		return
	}
	for i, h := range f.Form.Hidden {
		if h.Name == "version" {
			f.Form.Hidden[i].Value = itoa(c.seen)
		}
	}
	if !c.moved() {
		return
	}
	f.Fields = append(f.Fields, desk.FieldView{Field: ui.Field{Name: againName, Label: p.Text("proposalsweb.again"), Error: problem}, Checks: true,
		Options: []ui.Option{{Value: itoa(c.now), Label: p.Text("proposalsweb.again_yes")}}})
}

// notice tells what changed.
func (c *conflict) notice(p i18n.Printer) []ui.Notice {
	if !c.moved() {
		return nil
	}
	var out []ui.Notice
	for _, e := range c.changes {
		text := e.When
		if e.By != "" {
			text += " · " + e.By
		}
		if e.Text != "" {
			text += " · " + e.Text
		}
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("proposalsweb.since_then", "event", e.Title), Text: text})
	}
	for _, one := range c.stored {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("proposalsweb.stored", "field", one.Label), Text: dash(one.Value)})
	}
	return out
}
