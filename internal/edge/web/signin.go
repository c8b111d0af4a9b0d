package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/edge/carry"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/accounts"
	"tepat/web/site"
	"tepat/web/ui"
)

// signInPage shows the sign-in form.
func (d *Desk) signInPage(w http.ResponseWriter, r *http.Request) error {
	return d.showSignIn(w, r, http.StatusOK, site.SignInView{Next: r.URL.Query().Get("lanjut"), Ended: r.URL.Query().Has("lanjut")})
}

func (d *Desk) showSignIn(w http.ResponseWriter, r *http.Request, status int, v site.SignInView) error {
	page := site.Base(r, d.frame, i18n.Of(r).Text("site.sign_in.title"))
	page.Narrow, page.Scripts = true, ui.FormScripts
	v.Action = "/masuk"
	v.Next = httpkit.LocalTarget(v.Next, "/")
	if d.Demo != nil {
		v.Demo = d.Demo()
	}
	if len(v.Problems) > 0 {
		page.Failed, page.HideHeading = true, true
	}
	return httpkit.Render(w, r, status, site.SignIn(page, v))
}

// signIn checks who somebody is and starts the session.
func (d *Desk) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := httpkit.ReadForm(r, "username", "password", "code", "next", carry.Name)
	if err != nil {
		return err
	}
	in, err := d.Accounts.SignIn(r.Context(), accounts.Attempt{
		Login: form.Get("username"), Password: form.Get("password"), Code: form.Get("code"), Address: httpkit.ClientAddress(r),
	})
	if e, ok := fail.As(err); ok {
		v := site.SignInView{Username: form.Get("username"), Next: form.Get("next"), Carried: form.Get(carry.Name), Problems: []ui.FieldError{{Field: fieldOr(e.Field, "username"), Message: i18n.Of(r).Error(e)}}}
		return d.showSignIn(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	if err := d.sessions.Start(r.Context(), in.Account.String()); err != nil {
		return err
	}
	target := httpkit.LocalTarget(form.Get("next"), "/")
	if in.MustChange {
		target = "/profil"
	} else if late, found := carry.Open(d.Keys, form.Get(carry.Name), d.Now()); found && (late.From == "" || late.From == in.Account.String()) {
		return d.offerAgain(w, r, in.Account, late, target)
	}
	httpkit.Redirect(w, r, target)
	return nil
}

// signOut ends the session.
func (d *Desk) signOut(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if err := d.sessions.End(r.Context()); err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/masuk")
	return nil
}
