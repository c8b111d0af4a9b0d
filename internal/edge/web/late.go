package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/edge/carry"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/web/site"
	"tepat/web/ui"
)

// mayWait tells whether a form may go along when it comes in too late: not passwords, and not the end of a session.
func mayWait(path string) bool { return path != "/keluar" && !strings.HasPrefix(path, "/profil") }

// onwardTo gives the address to go on to after signing in. One with sixteen digits in a row, a NIK or No. KK somebody typed into
// the address line, is not carried along: she goes on to the home page.
func onwardTo(address string) string {
	plain, err := url.QueryUnescape(address)
	if err != nil {
		return "/"
	}
	digits := 0
	for _, c := range plain {
		if c < '0' || c > '9' {
			digits = 0
			continue
		}
		if digits++; digits == 16 {
			return "/"
		}
	}
	return address
}

// signInFirst leads to the sign-in page. A form whose session ended before it was sent goes along, sealed.
func (d *Desk) signInFirst(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		httpkit.Redirect(w, r, "/masuk?lanjut="+queryEscape(onwardTo(r.URL.RequestURI())))
		return nil
	}
	v := site.SignInView{Next: onwardTo(httpkit.CameFrom(r, "/")), Ended: true}
	if d.sessions.Came(r) && mayWait(r.URL.Path) {
		v.Carried = carry.Pack(d.Keys, r, httpkit.Ended(r), d.Now())
	}
	if v.Carried == "" {
		httpkit.Redirect(w, r, "/masuk?lanjut="+queryEscape(v.Next))
		return nil
	}
	return d.showSignIn(w, r, http.StatusForbidden, v)
}

// offerAgain asks who has just signed in whether to send the form that came in too late.
func (d *Desk) offerAgain(w http.ResponseWriter, r *http.Request, account sqldb.ID, late carry.Form, next string) error {
	who, err := d.Accounts.Load(r.Context(), account)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := site.Base(r, d.frame, p.Text("site.resend.title"))
	v := site.ResendView{Path: late.Path, At: p.Clock(late.At.In(d.zone(who))), Who: who.Name, Leave: ui.Link{Label: p.Text("site.resend.leave"), Href: next}}
	late.Fields(func(name, value string) { v.Fields = append(v.Fields, ui.Hidden{Name: name, Value: value}) })
	return httpkit.Render(w, r, http.StatusOK, site.Resend(page, v))
}
