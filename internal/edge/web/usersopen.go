package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/web/desk"
	"tepat/web/ui"
)

// newUser asks for a new account and its first role.
func (d *Desk) newUser(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showNewUser(w, r, who, http.StatusOK, url.Values{}, nil)
}

func (d *Desk) showNewUser(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "usersweb.create")
	page.Lead, page.Narrow = p.Text("usersweb.create_lead"), true
	page.Back = d.back(r, p.Text("usersweb.title"), "/pengguna")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	form := desk.FormView{Form: ui.Form{Action: "/pengguna/baru", Guard: true}, Fields: append([]desk.FieldView{
		{Field: ui.Field{Name: "name", Label: p.Text("usersweb.name"), Value: typed.Get("name"), Error: problemOf(problems, "name"), MaxLength: 100, Autocomplete: "off"}},
		{Field: ui.Field{Name: "login", Label: p.Text("usersweb.login"), Hint: p.Text("usersweb.login_hint"), Value: typed.Get("login"), Error: problemOf(problems, "login"), MaxLength: 60}},
	}, d.roleFields(p, who, typed, problems)...), Buttons: []ui.Button{{Label: p.Text("usersweb.create_do")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/pengguna"}}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, form))
}

// roleFields ask for a role, where it holds, and until when.
func (d *Desk) roleFields(p i18n.Printer, who access.Actor, typed url.Values, problems []ui.FieldError) []desk.FieldView {
	return []desk.FieldView{
		{Field: ui.Field{Name: "role", Label: p.Text("usersweb.role"), Error: problemOf(problems, "role")}, Select: true, Options: roleOptions(p, typed.Get("role"))},
		d.placeField(p, who, typed.Get("area"), problemOf(problems, "area")),
		{Field: ui.Field{Name: "to", Label: p.Text("usersweb.to"), Hint: p.Text("usersweb.to_hint"), Error: problemOf(problems, "to"), Optional: true},
			Date: &ui.DateParts{Day: typed.Get("to.day"), Month: typed.Get("to.month"), Year: typed.Get("to.year")}},
	}
}

// readGrant reads a role from a form.
func readGrant(p i18n.Printer, form url.Values) (g accounts.Grant, problems []ui.FieldError) {
	g.Role = access.Role(form.Get("role"))
	if !g.Role.Valid() {
		problems = append(problems, ui.FieldError{Field: "role", Message: p.Text("usersweb.role_missing")})
	}
	var err error
	if g.Area, err = area.Parse(form.Get("area")); err != nil {
		problems = append(problems, ui.FieldError{Field: "area", Message: p.Error(err)})
	}
	if g.To, err = readDate(form, "to"); err != nil {
		problems = append(problems, ui.FieldError{Field: "to", Message: p.Error(err)})
	} else if !g.To.IsZero() && !g.To.IsFull() {
		problems = append(problems, ui.FieldError{Field: "to", Message: p.Text("usersweb.to_whole")})
	}
	return g, problems
}

// createUser makes an account; its temporary password is shown once, on its page.
func (d *Desk) createUser(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "name", "login", "role", "area", "to.day", "to.month", "to.year")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	g, problems := readGrant(p, form)
	if len(problems) > 0 {
		return d.showNewUser(w, r, who, http.StatusUnprocessableEntity, form, problems)
	}
	made, err := d.Accounts.Create(r.Context(), who, accounts.Creation{Login: form.Get("login"), Name: form.Get("name"), Grant: g})
	if e, ok := fail.As(err); ok {
		return d.showNewUser(w, r, who, httpkit.StatusOf(e.Kind), form, []ui.FieldError{{Field: fieldOr(e.Field, "role"), Message: p.Error(e)}})
	}
	if err != nil {
		return err
	}
	d.sessions.Put(r.Context(), "secret", made.ID.String()+"\n"+made.Password.Reveal())
	httpkit.Redirect(w, r, "/pengguna/"+made.ID.String())
	return nil
}

func (d *Desk) openUser(r *http.Request, who access.Actor) (accounts.Account, error) {
	if err := mayUsers(who); err != nil {
		return accounts.Account{}, err
	}
	id, err := sqldb.ParseID(r.PathValue("id"))
	if err != nil {
		return accounts.Account{}, fail.NotFound("account.unknown")
	}
	return d.Accounts.One(r.Context(), who, id)
}

// user shows one account, and what the actor may do with it.
func (d *Desk) user(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	a, err := d.openUser(r, who)
	if err != nil {
		return err
	}
	return d.showUser(w, r, who, a, http.StatusOK, url.Values{}, nil)
}

func (d *Desk) showUser(w http.ResponseWriter, r *http.Request, who access.Actor, a accounts.Account, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "usersweb.one", "name", a.Name)
	page.Lead = a.Login
	page.Back = d.back(r, p.Text("usersweb.title"), "/pengguna")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{userChip(p, a)}, Notices: d.userNotices(r, p, a), Sections: []desk.Section{
		{ID: "akun", Title: p.Text("usersweb.account"), Items: d.accountItems(p, who, a)},
		{ID: "peran", Title: p.Text("usersweb.roles"), Table: d.grantTable(p, a)},
	}}
	if len(a.Requests) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "permintaan", Title: p.Text("usersweb.waiting"), Table: d.requestTable(p, who, a.Requests)})
	}
	if a.ID == sqldb.ID(who.ID) {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("usersweb.own"), Link: &ui.Link{Label: p.Text("profileweb.title"), Href: "/profil"}})
	} else {
		v.Forms = d.userForms(p, who, a, typed, problems)
	}
	if who.Can(access.ReadAudit) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("auditweb.by_person"), Href: "/audit?siapa=" + a.ID.String()})
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// userNotices show a temporary password once, to who made it.
func (d *Desk) userNotices(r *http.Request, p i18n.Printer, a accounts.Account) (out []ui.Notice) {
	id, password, ok := strings.Cut(d.sessions.Text(r.Context(), "secret"), "\n")
	if ok && id == a.ID.String() {
		d.sessions.Pop(r.Context(), "secret")
		out = append(out, ui.Notice{Tone: ui.Wait, Alert: true, Title: p.Text("usersweb.password", "password", password), Text: p.Text("usersweb.password_text", "name", a.Name)})
	}
	if len(a.Grants) == 0 && len(a.Requests) > 0 {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("usersweb.no_role_yet"), Text: p.Text("usersweb.no_role_yet_text")})
	}
	return out
}

func (d *Desk) accountItems(p i18n.Printer, who access.Actor, a accounts.Account) []ui.SummaryItem {
	factor := p.Text("usersweb.factor_off")
	if a.Factor {
		factor = p.Text("usersweb.factor_on")
	}
	items := []ui.SummaryItem{
		{Label: p.Text("web.name"), Value: a.Name}, {Label: p.Text("usersweb.login"), Value: a.Login},
		{Label: p.Text("usersweb.last_login"), Value: d.momentOr(p, who, a.LastLogin, "usersweb.never")},
		{Label: p.Text("usersweb.factor"), Value: factor}, {Label: p.Text("web.made"), Value: d.momentOr(p, who, a.Created, "usersweb.never")},
	}
	known := p.Text("usersweb.nik_unknown")
	if a.NIKKnown {
		known = p.Text("usersweb.nik_known")
	}
	items = append(items, ui.SummaryItem{Label: p.Text("usersweb.nik"), Value: known})
	if !a.Locked.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("usersweb.locked"), Value: d.momentOr(p, who, a.Locked, "usersweb.never"), Sub: p.Text("usersweb.locked_text")})
	}
	return items
}

func (d *Desk) grantTable(p i18n.Printer, a accounts.Account) *ui.Table {
	t := &ui.Table{Caption: p.Text("usersweb.roles_caption"), Columns: []ui.Column{
		{Label: p.Text("usersweb.role"), Title: true}, {Label: p.Text("web.area")}, {Label: p.Text("usersweb.from")}, {Label: p.Text("usersweb.to_short")},
	}, Empty: &ui.Empty{Title: p.Text("usersweb.no_role")}}
	for _, g := range a.Grants {
		until := p.Text("usersweb.no_end")
		if !g.To.IsZero() {
			until = p.DateTextShort(g.To.Text())
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.Text("role." + string(g.Role))}, {Text: d.Places.Tree().Title(g.Area)}, {Text: p.DateTextShort(g.From.Text())}, {Text: until}}})
	}
	return t
}

// userForms are what the actor may do with somebody else's account.
func (d *Desk) userForms(p i18n.Printer, who access.Actor, a accounts.Account, typed url.Values, problems []ui.FieldError) (out []desk.FormView) {
	action := ui.Form{Action: "/pengguna/" + a.ID.String()}
	simple := func(id, do string, danger bool) desk.FormView {
		return desk.FormView{ID: id, Title: p.Text("usersweb." + do), Text: p.Text("usersweb." + do + "_text"), Form: action,
			Buttons: []ui.Button{{Label: p.Text("usersweb." + do + "_do"), Name: "do", Value: do, Danger: danger, Secondary: !danger}}}
	}
	if who.Can(access.ManageUsers) {
		out = append(out, desk.FormView{ID: "minta", Title: p.Text("usersweb.ask"), Text: p.Text("usersweb.ask_text"), Form: action,
			Fields: d.roleFields(p, who, typed, problems), Buttons: []ui.Button{{Label: p.Text("usersweb.ask_do"), Name: "do", Value: "ask"}}})
	}
	if options := d.withdrawable(p, who, a); len(options) > 0 {
		out = append(out, desk.FormView{ID: "tarik", Title: p.Text("usersweb.withdraw"), Text: p.Text("usersweb.withdraw_text"), Form: action, Fields: []desk.FieldView{
			{Field: ui.Field{Name: "request", Label: p.Text("usersweb.asked_for"), Error: problemOf(problems, "request")}, Options: options},
		}, Buttons: []ui.Button{{Label: p.Text("usersweb.withdraw_do"), Name: "do", Value: "withdraw", Secondary: true}}})
	}
	if options := d.endableGrants(p, a, typed.Get("grant")); len(options) > 0 {
		out = append(out, desk.FormView{ID: "akhiri", Title: p.Text("usersweb.end"), Text: p.Text("usersweb.end_text"), Form: action, Fields: []desk.FieldView{
			{Field: ui.Field{Name: "grant", Label: p.Text("usersweb.role"), Error: problemOf(problems, "grant")}, Options: options},
			{Field: ui.Field{Name: "on", Label: p.Text("usersweb.end_on"), Hint: p.Text("usersweb.end_on_hint"), Error: problemOf(problems, "on"), Optional: true},
				Date: &ui.DateParts{Day: typed.Get("on.day"), Month: typed.Get("on.month"), Year: typed.Get("on.year")}},
		}, Buttons: []ui.Button{{Label: p.Text("usersweb.end_do"), Name: "do", Value: "end", Secondary: true}}})
	}
	if who.Can(access.ManageUsers) {
		out = append(out, simple("sandi", "reset", false), desk.FormView{ID: "nik-petugas", Title: p.Text("usersweb.nik_title"), Text: p.Text("usersweb.nik_text"), Form: action, Fields: []desk.FieldView{
			{Field: ui.Field{Name: "nik", Label: "NIK", Hint: p.Text("usersweb.nik_hint"), Kind: ui.NIK, Error: problemOf(problems, "nik"), Optional: true}},
		}, Buttons: []ui.Button{{Label: p.Text("usersweb.nik_do"), Name: "do", Value: "nik", Secondary: true}}})
	}
	if who.Can(access.ApproveUsers) && a.Factor {
		out = append(out, simple("faktor", "drop_factor", true))
	}
	if a.State == accounts.Suspended {
		return append(out, simple("pulihkan", "resume", false))
	}
	return append(out, simple("tangguhkan", "suspend", true))
}

// withdrawable are the roles the actor asked for that nobody has decided on.
func (d *Desk) withdrawable(p i18n.Printer, who access.Actor, a accounts.Account) (out []ui.Option) {
	for _, q := range a.Requests {
		if q.RequestedBy == sqldb.ID(who.ID) {
			out = append(out, ui.Option{Value: q.ID.String(), Label: p.Text("role." + string(q.Grant.Role)), Hint: d.Places.Tree().Title(q.Grant.Area), Selected: len(out) == 0})
		}
	}
	return out
}

// endableGrants are the roles that have not ended.
func (d *Desk) endableGrants(p i18n.Printer, a accounts.Account, chosen string) (out []ui.Option) {
	for _, g := range a.Grants {
		if !g.To.IsZero() && !d.Places.LocalDate(g.Area, d.Now()).Before(g.To) {
			continue
		}
		value := string(g.Role) + " " + g.Area.Dotted()
		out = append(out, ui.Option{Value: value, Label: p.Text("role." + string(g.Role)), Hint: d.Places.Tree().Title(g.Area), Selected: chosen == value || chosen == "" && len(out) == 0})
	}
	return out
}
