package web

import (
	"net/http"
	"time"

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

// userRoutes are the pages of other people's accounts. Those who manage users and those who
// approve them share the list and the account's page, so the service asks.
func (d *Desk) userRoutes() []Route {
	return []Route{
		{"GET /pengguna", "", d.users},
		{"POST /pengguna/cari", "", d.searchUsers},
		{"GET /pengguna/baru", access.ManageUsers, d.newUser},
		{"POST /pengguna/baru", access.ManageUsers, d.createUser},
		{"GET /pengguna/permintaan", access.ApproveUsers, d.roleRequests},
		{"GET /pengguna/permintaan/{id}", access.ApproveUsers, d.roleRequest},
		{"POST /pengguna/permintaan/{id}", access.ApproveUsers, d.decideRole},
		{"GET /pengguna/{id}", "", d.user},
		{"POST /pengguna/{id}", "", d.userAct},
	}
}

// mayUsers lets in who manages or approves users.
func mayUsers(who access.Actor) error {
	if who.Can(access.ManageUsers) || who.Can(access.ApproveUsers) {
		return nil
	}
	return denied(access.ManageUsers)
}

// searchUsers keeps what was typed and goes to the list.
func (d *Desk) searchUsers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := mayUsers(who); err != nil {
		return err
	}
	return d.search("/pengguna")(w, r, who)
}

// users lists the accounts with a role in the actor's area.
func (d *Desk) users(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if err := mayUsers(who); err != nil {
		return err
	}
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah", "status", "cari", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := accounts.Filter{State: accounts.State(q.Get("status")), Search: d.searched(r, q.Get("cari")), Limit: rows}
	if f.Within, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if text := q.Get("sesudah"); text != "" { // the id: a login is somebody's name
		id, err := sqldb.ParseID(text)
		if err != nil {
			return fail.NotFound("request.not_found")
		}
		last, err := d.Accounts.One(r.Context(), who, id)
		if err != nil {
			return err
		}
		f.After = last.Login
	}
	list, err := d.Accounts.List(r.Context(), who, f)
	if err != nil {
		return err
	}
	next := ""
	if list.Next != "" {
		next = with(r, "sesudah", list.Accounts[len(list.Accounts)-1].ID.String())
	}
	page := d.page(r, who, "usersweb.title")
	page.Lead = p.Text("usersweb.lead")
	v := desk.ListView{Table: d.userTable(p, who, list.Accounts), Filter: d.userFilter(r, p, who),
		Search: &desk.SearchView{Action: "/pengguna/cari", Label: p.Text("usersweb.search"), Value: f.Search}}
	if v.Pager, err = d.pager(r, p, len(list.Accounts), next, nil); err != nil {
		return err
	}
	if f.Search != "" {
		v.Search.Clear = with(r, "cari", "", "sesudah", "")
	}
	if who.Can(access.ManageUsers) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("usersweb.create"), Href: "/pengguna/baru"})
	}
	if who.Can(access.Administer) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("hoursweb.title"), Href: "/jam-kerja"})
	}
	if who.Can(access.ApproveUsers) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("usersweb.requests"), Href: "/pengguna/permintaan"})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

func (d *Desk) userFilter(r *http.Request, p i18n.Printer, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	f := &ui.Filter{Label: p.Text("usersweb.filter"), Action: "/pengguna", Clear: "/pengguna", Target: "list", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")),
		{Field: ui.Field{Name: "status", Label: p.Text("web.status")}, Options: []ui.Option{{Value: "", Label: p.Text("web.all")},
			{Value: string(accounts.Active), Label: p.Text("usersweb.state.active"), Selected: q.Get("status") == string(accounts.Active)},
			{Value: string(accounts.Suspended), Label: p.Text("usersweb.state.suspended"), Selected: q.Get("status") == string(accounts.Suspended)}}},
	}}
	if key := q.Get("cari"); key != "" {
		f.Hidden = []ui.Hidden{{Name: "cari", Value: key}}
	}
	return f
}

func (d *Desk) userTable(p i18n.Printer, who access.Actor, list []accounts.Account) ui.Table {
	t := ui.Table{Caption: p.Text("usersweb.title"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("usersweb.role")}, {Label: p.Text("usersweb.last_login")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("usersweb.empty"), Text: p.Text("usersweb.empty_text"), Links: []ui.Link{{Label: p.Text("usersweb.all"), Href: "/pengguna"}}}}
	for _, a := range list {
		chip := userChip(p, a)
		t.Rows = append(t.Rows, ui.Row{ID: a.ID.String(), Label: a.Name, Cells: []ui.Cell{
			{Text: a.Name, Sub: a.Login, Href: "/pengguna/" + a.ID.String()}, d.roleCell(p, a), {Text: d.momentOr(p, who, a.LastLogin, "usersweb.never")}, {Chip: &chip},
		}})
	}
	return t
}

// roleCell says an account's first role and where; further ones are counted.
func (d *Desk) roleCell(p i18n.Printer, a accounts.Account) ui.Cell {
	if len(a.Grants) == 0 && len(a.Requests) > 0 {
		return ui.Cell{Text: p.Text("usersweb.asked", "role", p.Text("role."+string(a.Requests[0].Grant.Role))), Sub: d.Places.Tree().Title(a.Requests[0].Grant.Area)}
	}
	if len(a.Grants) == 0 {
		return ui.Cell{Text: p.Text("usersweb.no_role")}
	}
	first := a.Grants[0]
	cell := ui.Cell{Text: p.Text("role." + string(first.Role)), Sub: d.Places.Tree().Title(first.Area) + grantDays(p, first)}
	if more := len(a.Grants) - 1; more > 0 {
		cell.Sub += p.Text("usersweb.more_roles", "count", more)
	}
	return cell
}

// grantDays says until when a role holds, where it has an end.
func grantDays(p i18n.Printer, g accounts.Grant) string {
	if g.To.IsZero() {
		return ""
	}
	return p.Text("usersweb.until", "day", p.DateTextShort(g.To.Text()))
}

func userChip(p i18n.Printer, a accounts.Account) ui.Chip {
	switch {
	case a.State == accounts.Suspended:
		return ui.Chip{Label: p.Text("usersweb.state.suspended"), Tone: ui.Bad}
	case !a.Locked.IsZero():
		return ui.Chip{Label: p.Text("usersweb.state.locked"), Tone: ui.Wait}
	case a.Temporary:
		return ui.Chip{Label: p.Text("usersweb.state.temporary"), Tone: ui.Info}
	default:
		return ui.Chip{Label: p.Text("usersweb.state.active"), Tone: ui.Good}
	}
}

// momentOr writes an instant at the actor's office, or a word where there is none.
func (d *Desk) momentOr(p i18n.Printer, who access.Actor, t time.Time, otherwise string) string {
	if t.IsZero() {
		return p.Text(otherwise)
	}
	return p.MomentShort(t.In(d.zone(who)))
}

// roleOptions are the roles of the table of access, in the order people meet them.
func roleOptions(p i18n.Printer, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.Text("usersweb.choose_role")}}
	for _, role := range access.Roles() {
		options = append(options, ui.Option{Value: string(role), Label: p.Text("role." + string(role)), Selected: chosen == string(role)})
	}
	return options
}

// manyPlaces is how many villages a drop-down still serves; of more, the code is typed.
const manyPlaces = 500

// placeField asks where a role holds: of a district's places one is chosen, above it the
// code is typed.
func (d *Desk) placeField(p i18n.Printer, who access.Actor, chosen, problem string) desk.FieldView {
	home, _ := who.Home()
	field := ui.Field{Name: "area", Label: p.Text("web.area"), Error: problem}
	options := []ui.Option{{Value: home.Dotted(), Label: d.Places.Tree().Title(home), Selected: chosen == home.Dotted()}}
	for place := range d.Places.Tree().Below(home) {
		if len(options) > manyPlaces {
			break
		}
		label := d.Places.Tree().Name(place.Code)
		if place.Code.Level() == area.LevelVillage {
			label = "– " + label
		}
		options = append(options, ui.Option{Value: place.Code.Dotted(), Label: label, Selected: chosen == place.Code.Dotted()})
	}
	if len(options) > manyPlaces {
		field.Hint, field.Value, field.Chars = p.Text("usersweb.area_hint"), chosen, 20
		return desk.FieldView{Field: field}
	}
	return desk.FieldView{Field: field, Options: options, Select: true}
}
