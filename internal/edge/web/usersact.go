package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/web/desk"
	"tepat/web/ui"
)

// userAct does what a button of an account's page says.
func (d *Desk) userAct(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	a, err := d.openUser(r, who)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "do", "role", "area", "to.day", "to.month", "to.year", "grant", "on.day", "on.month", "on.year", "request", "nik")
	if err != nil {
		return err
	}
	problems, err := d.actOnUser(r, who, a, form)
	if e, ok := fail.As(err); ok && e.Kind != fail.KindNotFound && e.Code != "request.unreadable" {
		problems, err = []ui.FieldError{{Field: cmp.Or(e.Field, actField(form.Get("do"))), Message: i18n.Of(r).Error(e)}}, nil
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showUser(w, r, who, a, http.StatusUnprocessableEntity, form, problems)
	}
	httpkit.Redirect(w, r, "/pengguna/"+a.ID.String())
	return nil
}

// actField is the field an error of an act stands at when it names none.
func actField(do string) string {
	return map[string]string{"ask": "role", "end": "grant"}[do]
}

func (d *Desk) actOnUser(r *http.Request, who access.Actor, a accounts.Account, form url.Values) ([]ui.FieldError, error) {
	ctx, p := r.Context(), i18n.Of(r)
	switch form.Get("do") {
	case "ask":
		g, problems := readGrant(p, form)
		if len(problems) > 0 {
			return problems, nil
		}
		_, err := d.Accounts.Ask(ctx, who, a.ID, g)
		return nil, err
	case "end":
		return d.endRole(r, who, a, form)
	case "withdraw":
		id, err := sqldb.ParseID(form.Get("request"))
		if err != nil {
			return nil, fail.NotFound("account.no_request")
		}
		return nil, d.Accounts.Withdraw(ctx, who, id)
	case "suspend":
		return nil, d.Accounts.Suspend(ctx, who, a.ID)
	case "resume":
		return nil, d.Accounts.Resume(ctx, who, a.ID)
	case "drop_factor":
		return nil, d.Accounts.DropFactor(ctx, who, a.ID)
	case "nik":
		return d.knowNIK(r, who, a, form)
	case "reset":
		password, err := d.Accounts.ResetPassword(ctx, who, a.ID)
		if err == nil {
			d.sessions.Put(ctx, "secret", a.ID.String()+"\n"+password.Reveal())
		}
		return nil, err
	}
	return nil, fail.Invalid("request.unreadable")
}

// knowNIK notes whose NIK an official has, as a keyed hash; an empty field forgets it.
func (d *Desk) knowNIK(r *http.Request, who access.Actor, a accounts.Account, form url.Values) ([]ui.FieldError, error) {
	var hash sqldb.Hash
	if strings.TrimSpace(form.Get("nik")) != "" {
		nik, err := person.ParseNIK(form.Get("nik"))
		if err != nil {
			return []ui.FieldError{{Field: "nik", Message: i18n.Of(r).Error(err)}}, nil
		}
		hash = d.Registry.NIKHash(nik)
	}
	return nil, d.Accounts.KnowNIK(r.Context(), who, a.ID, hash)
}

// endRole ends one role, today or on a later day.
func (d *Desk) endRole(r *http.Request, who access.Actor, a accounts.Account, form url.Values) ([]ui.FieldError, error) {
	p := i18n.Of(r)
	role, code, _ := strings.Cut(form.Get("grant"), " ")
	at, err := area.Parse(code)
	if err != nil && code != "" || role == "" {
		return []ui.FieldError{{Field: "grant", Message: p.Text("usersweb.role_missing")}}, nil
	}
	on, err := readDate(form, "on")
	if err == nil && !on.IsZero() && !on.IsFull() {
		return []ui.FieldError{{Field: "on", Message: p.Text("usersweb.to_whole")}}, nil
	}
	if err != nil {
		return []ui.FieldError{{Field: "on", Message: p.Error(err)}}, nil
	}
	if on == (period.Date{}) {
		on = d.Places.LocalDate(at, d.Now())
	}
	return nil, d.Accounts.End(r.Context(), who, a.ID, access.Role(role), at, on)
}

// requestTable lists roles that wait for the second person.
func (d *Desk) requestTable(p i18n.Printer, who access.Actor, list []accounts.Request) *ui.Table {
	t := &ui.Table{Caption: p.Text("usersweb.requests_caption"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("usersweb.role")}, {Label: p.Text("web.area")}, {Label: p.Text("usersweb.asked_at")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("usersweb.requests_empty"), Text: p.Text("usersweb.requests_empty_text")}}
	for _, q := range list {
		chip := ui.Chip{Label: p.Text("usersweb.awaiting"), Tone: ui.Wait}
		name := ui.Cell{Text: q.Name, Sub: q.Login}
		if who.Can(access.ApproveUsers) {
			name.Href = "/pengguna/permintaan/" + q.ID.String()
		}
		t.Rows = append(t.Rows, ui.Row{ID: q.ID.String(), Label: q.Name, Cells: []ui.Cell{
			name, {Text: p.Text("role." + string(q.Grant.Role))}, {Text: d.Places.Tree().Title(q.Grant.Area), Sub: strings.TrimPrefix(grantDays(p, q.Grant), ", ")},
			{Text: d.momentOr(p, who, q.RequestedAt, "usersweb.never")}, {Chip: &chip},
		}})
	}
	return t
}

// roleRequests lists the roles that wait for the actor.
func (d *Desk) roleRequests(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "sesudah")
	if err != nil {
		return err
	}
	var after sqldb.ID
	if text := q.Get("sesudah"); text != "" {
		if after, err = sqldb.ParseID(text); err != nil {
			return fail.NotFound("request.not_found")
		}
	}
	list, err := d.Accounts.Awaiting(r.Context(), who, after, pageRows+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageRows {
		list = list[:pageRows]
		next = with(r, "sesudah", list[pageRows-1].ID.String())
	}
	page := d.page(r, who, "usersweb.requests")
	page.Lead = p.Text("usersweb.requests_lead")
	page.Back = &ui.Link{Label: p.Text("usersweb.title"), Href: "/pengguna"}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Table: *d.requestTable(p, who, list), Pager: pager(p, r, len(list), next)}))
}

// openRequest finds a request among those that wait for the actor.
func (d *Desk) openRequest(r *http.Request, who access.Actor) (accounts.Request, error) {
	id, err := sqldb.ParseID(r.PathValue("id"))
	if err != nil {
		return accounts.Request{}, fail.NotFound("account.no_request")
	}
	const page = 100
	for after := (sqldb.ID{}); ; {
		list, err := d.Accounts.Awaiting(r.Context(), who, after, page)
		if err != nil {
			return accounts.Request{}, err
		}
		for _, q := range list {
			if q.ID == id {
				return q, nil
			}
		}
		if len(list) < page {
			return accounts.Request{}, fail.NotFound("account.no_request")
		}
		after = list[len(list)-1].ID
	}
}

// roleRequest shows one role that was asked for, to be granted or refused.
func (d *Desk) roleRequest(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := d.openRequest(r, who)
	if err != nil {
		return err
	}
	return d.showRequest(w, r, who, q, http.StatusOK, nil)
}

func (d *Desk) showRequest(w http.ResponseWriter, r *http.Request, who access.Actor, q accounts.Request, status int, problems []ui.FieldError) error {
	names, err := d.Accounts.Names(r.Context(), []sqldb.ID{q.RequestedBy})
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "usersweb.request_title", "role", p.Text("role."+string(q.Grant.Role)), "name", q.Name)
	page.Back = &ui.Link{Label: p.Text("usersweb.requests"), Href: "/pengguna/permintaan"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	until := p.Text("usersweb.no_end")
	if !q.Grant.To.IsZero() {
		until = p.DateText(q.Grant.To.Text())
	}
	v := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "diminta", Title: p.Text("usersweb.asked_for"), Items: []ui.SummaryItem{
		{Label: p.Text("web.name"), Value: q.Name, Sub: q.Login}, {Label: p.Text("usersweb.role"), Value: p.Text("role." + string(q.Grant.Role))},
		{Label: p.Text("web.area"), Value: d.Places.Tree().Title(q.Grant.Area)}, {Label: p.Text("usersweb.from"), Value: p.DateText(q.Grant.From.Text())},
		{Label: p.Text("usersweb.to_short"), Value: until}, {Label: p.Text("usersweb.asked_by"), Value: whoWords(p, names, q.RequestedBy), Sub: d.momentOr(p, who, q.RequestedAt, "usersweb.never")},
	}}}, Links: []ui.Link{{Label: p.Text("usersweb.open_account", "name", q.Name), Href: "/pengguna/" + q.Account.String()}}}
	if q.RequestedBy == sqldb.ID(who.ID) || q.Account == sqldb.ID(who.ID) {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("usersweb.other_person")})
	} else {
		v.Forms = []desk.FormView{{ID: "putusan", Title: p.Text("usersweb.decide"), Text: p.Text("usersweb.decide_text"), Form: ui.Form{Action: "/pengguna/permintaan/" + q.ID.String()},
			Buttons: []ui.Button{{Label: p.Text("usersweb.approve"), Name: "do", Value: "approve"}, {Label: p.Text("usersweb.refuse"), Name: "do", Value: "refuse", Danger: true}}}}
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// decideRole grants or refuses a role.
func (d *Desk) decideRole(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := d.openRequest(r, who)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "do")
	if err != nil {
		return err
	}
	switch form.Get("do") {
	case "approve":
		err = d.Accounts.Approve(r.Context(), who, q.ID)
	case "refuse":
		err = d.Accounts.Refuse(r.Context(), who, q.ID)
	default:
		err = fail.Invalid("request.unreadable")
	}
	if e, ok := fail.As(err); ok && e.Kind == fail.KindConflict {
		return d.showRequest(w, r, who, q, http.StatusConflict, []ui.FieldError{{Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/pengguna/permintaan")
	return nil
}

// roleWork tells how many roles wait for the second person.
func (d *Desk) roleWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	const most = 100
	list, err := d.Accounts.Awaiting(r.Context(), who, sqldb.ID{}, most)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return []ui.Task{{Label: p.Text("usersweb.work", "count", len(list)), Href: "/pengguna/permintaan", Hint: p.Text("usersweb.work_hint"), Chip: ui.Chip{Label: p.Text("usersweb.awaiting"), Tone: ui.Wait}}}, nil
}
