package web

import (
	"context"
	"net"
	"net/http"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/web/desk"
	"tepat/web/ui"
)

// profileRoutes are the pages of one's own account. Everybody who signed in has them.
func (d *Desk) profileRoutes() []Route {
	return []Route{
		{profilePattern, "", d.profile},
		{passwordPattern, "", d.changePassword},
		{"GET /profil/faktor", "", d.factorPage},
		{"POST /profil/faktor", "", d.factorAct},
		{"POST /profil/pintasan", "", d.setShortcuts},
		{"POST /profil/keluar", "", d.signOutEverywhere},
	}
}

const (
	profilePattern  = "GET /profil"
	passwordPattern = "POST /profil/sandi"
	signOutPattern  = "POST /keluar"
)

// openToTemporary reports whether a page is open to somebody who still has the password an
// administrator gave her: the one that changes it, and the way out.
func openToTemporary(pattern string) bool {
	return pattern == profilePattern || pattern == passwordPattern || pattern == signOutPattern
}

// actorFor loads who is signed in for a route; with a temporary password only for few.
func (d *Desk) actorFor(ctx context.Context, route Route) (access.Actor, error) {
	user := d.sessions.User(ctx)
	if user == "" {
		return access.Actor{}, nil
	}
	id, err := sqldb.ParseID(user)
	if err != nil {
		return access.Actor{}, err
	}
	if openToTemporary(route.Pattern) {
		return d.Accounts.Load(ctx, id)
	}
	return d.Accounts.LoadSession(ctx, id)
}

// profile shows one's own account.
func (d *Desk) profile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showProfile(w, r, who, http.StatusOK, nil)
}

func (d *Desk) showProfile(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError) error {
	own, err := d.Accounts.Own(r.Context(), who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "profileweb.title")
	page.Narrow = true
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Notices: d.profileNotices(r, p, own)}
	if own.Temporary {
		page.Nav = nil // nothing else is open yet
		v.Forms = []desk.FormView{passwordForm(p, problems)}
		return httpkit.Render(w, r, status, desk.Record(page, v))
	}
	v.Sections = []desk.Section{{ID: "saya", Title: p.Text("profileweb.me"), Items: d.ownItems(p, own)}}
	seen, err := d.signInSection(r, p, who)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, seen)
	v.Forms = []desk.FormView{passwordForm(p, problems), factorForm(p, own, problems), shortcutForm(p, shortcutsOn(r)), {
		ID: "keluar", Title: p.Text("profileweb.everywhere"), Text: p.Text("profileweb.everywhere_text"), Form: ui.Form{Action: "/profil/keluar"},
		Buttons: []ui.Button{{Label: p.Text("profileweb.everywhere_do"), Danger: true}},
	}}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// profileNotices say what was just done, and what must be done first.
func (d *Desk) profileNotices(r *http.Request, p i18n.Printer, own accounts.Account) (out []ui.Notice) {
	if own.Temporary {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("profileweb.must_change"), Text: p.Text("profileweb.must_change_text")})
	}
	if note := d.sessions.Pop(r.Context(), "profile"); note != "" && p.Has("profileweb.done."+note) {
		out = append(out, ui.Notice{Tone: ui.Good, Title: p.Text("profileweb.done." + note)})
	}
	return out
}

// ownItems say who one is and what one may do where.
func (d *Desk) ownItems(p i18n.Printer, own accounts.Account) []ui.SummaryItem {
	items := []ui.SummaryItem{{Label: p.Text("web.name"), Value: own.Name}, {Label: p.Text("usersweb.login"), Value: own.Login}}
	for _, g := range own.Grants {
		items = append(items, ui.SummaryItem{Label: p.Text("usersweb.role"), Value: p.Text("role." + string(g.Role)), Sub: d.Places.Tree().Title(g.Area) + grantDays(p, g)})
	}
	factor := p.Text("usersweb.factor_off")
	if own.Factor {
		factor = p.Text("usersweb.factor_on")
	}
	return append(items, ui.SummaryItem{Label: p.Text("usersweb.factor"), Value: factor})
}

// signInSection lists the newest sign-ins: a password that was lent out shows up here.
func (d *Desk) signInSection(r *http.Request, p i18n.Printer, who access.Actor) (desk.Section, error) {
	const shown = 10
	list, err := d.Accounts.SignIns(r.Context(), who, shown)
	if err != nil {
		return desk.Section{}, err
	}
	t := &ui.Table{Caption: p.Text("profileweb.sign_ins_caption"), Plain: true, Columns: []ui.Column{{Label: p.Text("auditweb.at"), Title: true}, {Label: p.Text("web.outcome"), Status: true}},
		Empty: &ui.Empty{Title: p.Text("profileweb.sign_ins_empty")}}
	for _, s := range list {
		chip := ui.Chip{Label: p.Text("profileweb.signed_in"), Tone: ui.Good}
		if s.Refused {
			chip = ui.Chip{Label: p.Text("profileweb.refused"), Tone: ui.Bad}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.Moment(s.At.In(d.zone(who)))}, {Chip: &chip}}})
	}
	return desk.Section{ID: "masuk", Title: p.Text("profileweb.sign_ins"), Text: p.Text("profileweb.sign_ins_text"), Table: t}, nil
}

func passwordForm(p i18n.Printer, problems []ui.FieldError) desk.FormView {
	field := func(name, label, hint, complete string) desk.FieldView {
		return desk.FieldView{Field: ui.Field{Name: name, Label: p.Text(label), Hint: hint, Kind: ui.Password, Autocomplete: complete, Error: problemOf(problems, name)}}
	}
	return desk.FormView{ID: "sandi", Title: p.Text("profileweb.password"), Form: ui.Form{Action: "/profil/sandi"}, Fields: []desk.FieldView{
		field("present", "profileweb.present", "", "current-password"),
		field("password", "profileweb.new", p.Text("profileweb.new_hint"), "new-password"),
		field("again", "profileweb.again", "", "new-password"),
	}, Buttons: []ui.Button{{Label: p.Text("profileweb.password_do")}}}
}

// changePassword replaces one's own password. All sessions end with it; this one begins anew.
func (d *Desk) changePassword(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "present", "password", "again")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	if form.Get("password") != form.Get("again") {
		return d.showProfile(w, r, who, http.StatusUnprocessableEntity, []ui.FieldError{{Field: "again", Message: p.Text("profileweb.again_wrong")}})
	}
	err = d.Accounts.ChangePassword(r.Context(), who.ID, form.Get("present"), form.Get("password"))
	if e, ok := fail.As(err); ok {
		return d.showProfile(w, r, who, http.StatusUnprocessableEntity, []ui.FieldError{{Field: fieldOr(e.Field, "present"), Message: ownError(p, e)}})
	}
	if err != nil {
		return err
	}
	if err := d.sessions.Start(r.Context(), sqldb.ID(who.ID).String()); err != nil {
		return err
	}
	d.sessions.Put(r.Context(), "profile", "password")
	httpkit.Redirect(w, r, "/profil")
	return nil
}

// ownError says a wrong proof of oneself in the words of this page: nobody signs in here.
func ownError(p i18n.Printer, e *fail.Error) string {
	if e.Code == "account.sign_in_refused" {
		return p.Text("profileweb.proof_wrong")
	}
	return p.Error(e)
}

func shortcutForm(p i18n.Printer, on bool) desk.FormView {
	f := desk.FormView{ID: "pintasan", Title: p.Text("profileweb.shortcuts"), Text: p.Text("profileweb.shortcuts_on"), Form: ui.Form{Action: "/profil/pintasan"},
		Buttons: []ui.Button{{Label: p.Text("profileweb.shortcuts_off_do"), Name: "do", Value: "off", Secondary: true}}}
	if !on {
		f.Text = p.Text("profileweb.shortcuts_off")
		f.Buttons = []ui.Button{{Label: p.Text("profileweb.shortcuts_on_do"), Name: "do", Value: "on", Secondary: true}}
	}
	return f
}

const shortcutCookie = "pintasan"

// shortcutsOn reports whether single keys act on lists; they do unless somebody turned them
// off on this machine (WCAG 2.1.4).
func shortcutsOn(r *http.Request) bool {
	c, err := r.Cookie(shortcutCookie)
	return err != nil || c.Value != "off"
}

// setShortcuts turns the single keys off or on, for this machine.
func (d *Desk) setShortcuts(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	form, err := httpkit.ReadForm(r, "do")
	if err != nil {
		return err
	}
	c := &http.Cookie{Name: shortcutCookie, Value: "off", Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !onLoopback(r), SameSite: http.SameSiteLaxMode}
	if form.Get("do") == "on" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	d.sessions.Put(r.Context(), "profile", "shortcuts")
	httpkit.Redirect(w, r, "/profil")
	return nil
}

// onLoopback reports whether the site is asked for on its own machine, the only place where
// it is served without TLS.
func onLoopback(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return r.TLS == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// signOutEverywhere ends one's sessions on every machine, this one too.
func (d *Desk) signOutEverywhere(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := d.Accounts.SignOutEverywhere(r.Context(), who); err != nil {
		return err
	}
	return d.signOut(w, r, who)
}
