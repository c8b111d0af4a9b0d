package web

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/accounts"
	"tepat/web/desk"
	"tepat/web/ui"
)

// factorForm offers to set a second factor up, or to take it off with a code.
func factorForm(p i18n.Printer, own accounts.Account, problems []ui.FieldError) desk.FormView {
	f := desk.FormView{ID: "faktor", Title: p.Text("profileweb.factor"), Text: p.Text("profileweb.factor_text"), Form: ui.Form{Action: "/profil/faktor"},
		Buttons: []ui.Button{{Label: p.Text("profileweb.factor_begin"), Name: "do", Value: "begin"}}}
	if own.Factor {
		f.Text = p.Text("profileweb.factor_held")
		f.Fields = []desk.FieldView{{Field: ui.Field{Name: "code", Label: p.Text("profileweb.code"), Kind: ui.Digits, Chars: 10, MaxLength: 9, Autocomplete: "one-time-code", Error: problemOf(problems, "code")}}}
		f.Buttons = []ui.Button{{Label: p.Text("profileweb.factor_remove"), Name: "do", Value: "remove", Danger: true}}
	}
	return f
}

// factorPage shows the key of a second factor that was begun, until it is confirmed.
func (d *Desk) factorPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showFactor(w, r, who, http.StatusOK, nil)
}

func (d *Desk) showFactor(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError) error {
	key, uri, begun := strings.Cut(d.sessions.Text(r.Context(), "factor"), "\n")
	if !begun || key == "" {
		httpkit.Redirect(w, r, "/profil")
		return nil
	}
	p := i18n.Of(r)
	code, err := qrCode(uri, p.Text("profileweb.qr"))
	if err != nil {
		return err
	}
	page := d.page(r, who, "profileweb.factor_title")
	page.Narrow = true
	page.Back = &ui.Link{Label: p.Text("profileweb.title"), Href: "/profil"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	return httpkit.Render(w, r, status, desk.Record(page, desk.RecordView{Problems: problems, Sections: []desk.Section{
		{ID: "kunci", Title: p.Text("profileweb.scan"), Text: p.Text("profileweb.scan_text"), Content: code},
		{ID: "ketik", Title: p.Text("profileweb.type"), Items: []ui.SummaryItem{{Label: p.Text("profileweb.key"), Value: key}}},
	}, Forms: []desk.FormView{{ID: "pastikan", Title: p.Text("profileweb.confirm"), Text: p.Text("profileweb.confirm_text"), Form: ui.Form{Action: "/profil/faktor"},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "code", Label: p.Text("profileweb.code"), Kind: ui.Digits, Chars: 10, MaxLength: 9, Autocomplete: "one-time-code", Error: problemOf(problems, "code")}}},
		Buttons: []ui.Button{{Label: p.Text("profileweb.confirm_do"), Name: "do", Value: "confirm"}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/profil"}}}}))
}

// factorAct begins, confirms or removes the second factor.
func (d *Desk) factorAct(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "do", "code")
	if err != nil {
		return err
	}
	p, target, note := i18n.Of(r), "/profil", ""
	show := d.showProfile
	switch form.Get("do") {
	case "begin":
		var key accounts.FactorKey
		if key, err = d.Accounts.BeginFactor(r.Context(), who); err == nil {
			d.sessions.Put(r.Context(), "factor", key.Text+"\n"+key.URI)
			target = "/profil/faktor"
		}
	case "confirm":
		show = d.showFactor
		if err = d.Accounts.ConfirmFactor(r.Context(), who, form.Get("code")); err == nil {
			d.sessions.Pop(r.Context(), "factor")
			note = "factor_set"
		}
	case "remove":
		if err = d.Accounts.RemoveFactor(r.Context(), who, form.Get("code")); err == nil {
			note = "factor_removed"
		}
	default:
		err = fail.Invalid("request.unreadable")
	}
	if e, ok := fail.As(err); ok && e.Code != "request.unreadable" {
		return show(w, r, who, http.StatusUnprocessableEntity, []ui.FieldError{{Field: "code", Message: ownError(p, e)}})
	}
	if err != nil {
		return err
	}
	if note != "" {
		d.sessions.Put(r.Context(), "profile", note)
	}
	httpkit.Redirect(w, r, target)
	return nil
}

// qrCode draws a QR code as SVG, dark on light whatever the theme: cameras expect it so.
func qrCode(text, label string) (templ.Component, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	const quiet = 4 // modules of margin, ISO/IEC 18004
	size := strconv.Itoa(code.Size + 2*quiet)
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+quiet) + " " + strconv.Itoa(y+quiet) + "h1v1h-1z")
			}
		}
	}
	svg := `<svg role="img" aria-label="` + templ.EscapeString(label) + `" width="240" height="240" viewBox="0 0 ` + size + ` ` + size + `" shape-rendering="crispEdges">` +
		`<rect width="` + size + `" height="` + size + `" fill="#ffffff"/><path fill="#000000" d="` + path.String() + `"/></svg>`
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	}), nil
}
