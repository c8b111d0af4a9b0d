package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/edge/print"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// codeRoutes are the pages of the codes with which citizens open their own pages.
func (d *Desk) codeRoutes() []Route {
	return []Route{
		{"POST /loket/{id}/kode", access.LookUp, d.issueCode},
		{"GET /loket/kode/{id}", access.LookUp, d.codePage},
		{"GET /loket/kode/{id}/pdf", access.LookUp, d.codePDF},
		{"POST /loket/kode/{id}/tarik", access.LookUp, d.revokeCode},
	}
}

// codeShown is how long the officer who gave a code can see and print it. After that nobody can: it is kept nowhere else.
const codeShown = 15 * time.Minute

// issueCode gives a code and goes to its page, where it is shown for a while.
func (d *Desk) issueCode(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "purpose")
	if err != nil {
		return err
	}
	c, code, err := d.Own.IssueCode(r.Context(), who, tenant, id, form.Get("purpose"))
	if err != nil {
		return err
	}
	d.sessions.Put(r.Context(), codeKey(c.ID), code+" "+strconv.FormatInt(d.Now().Unix(), 10))
	httpkit.Redirect(w, r, "/loket/kode/"+rowID(tenant, c.ID))
	return nil
}

func codeKey(id sqldb.ID) string { return "kode." + id.String() }

// secretOf gives the code while it may be shown, to the session that gave it.
func (d *Desk) secretOf(r *http.Request, id sqldb.ID) string {
	code, at, _ := strings.Cut(d.sessions.Text(r.Context(), codeKey(id)), " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err == nil && d.Now().Sub(time.Unix(seconds, 0)) < codeShown {
		return code
	}
	if at != "" {
		d.sessions.Pop(r.Context(), codeKey(id))
	}
	return ""
}

// codePage shows a code's paper: the code itself only just after it was given.
func (d *Desk) codePage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	c, person, err := d.Own.Code(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.code.one", "number", c.Number)
	page.Back, page.Narrow = &ui.Link{Label: p.Text("web.counter.title"), Href: "/loket"}, true
	chip := d.codeChip(p, c)
	v := desk.RecordView{Chips: []ui.Chip{chip}}
	if secret := d.secretOf(r, id); secret != "" && c.EndedAt.IsZero() {
		v.Notices = []ui.Notice{{Tone: ui.Info, Title: p.Text("web.code.once"), Text: p.Text("web.code.once_text", "minutes", int(codeShown.Minutes())),
			Link: &ui.Link{Label: p.Text("web.code.pdf"), Href: r.URL.Path + "/pdf"}}}
		v.Sections = append(v.Sections, desk.Section{ID: "kode", Title: p.Text("web.code.title"), Content: ui.Receipt(p.Text("web.code.given", "name", person.Name), p.Text("web.code.title"), secret)})
	} else if c.EndedAt.IsZero() {
		v.Notices = []ui.Notice{{Tone: ui.Wait, Title: p.Text("web.code.gone"), Text: p.Text("web.code.gone_text")}}
	}
	v.Sections = append(v.Sections, desk.Section{ID: "rincian", Title: p.Text("web.family.summary"), Items: d.codeItems(p, c, person)})
	if c.EndedAt.IsZero() {
		v.Forms = []desk.FormView{{ID: "tarik", Title: p.Text("web.code.revoke_title"), Text: p.Text("web.code.revoke_text"), Form: ui.Form{Action: r.URL.Path + "/tarik"},
			Buttons: []ui.Button{{Label: p.Text("web.code.revoke"), Secondary: true}}}}
	}
	v.Links = append(v.Links, ui.Link{Label: p.Text("web.code.family"), Href: "/keluarga/" + rowID(tenant, person.FamilyID)})
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

func (d *Desk) codeItems(p i18n.Printer, c lookups.AccessCode, person registry.Person) []ui.SummaryItem {
	zone := d.Places.Tree().Zone(c.Area).Location()
	used := p.Text("web.code.never")
	if !c.UsedAt.IsZero() {
		used = p.Text("web.code.used", "count", c.Uses, "at", p.Moment(c.UsedAt.In(zone)))
	}
	return []ui.SummaryItem{
		{Label: p.Text("web.number"), Value: c.Number}, {Label: p.Text("web.name"), Value: person.Name, Sub: person.NIK.String()},
		{Label: p.Text("web.counter.purpose"), Value: purposeWords(p, c.Purpose)}, {Label: p.Text("web.code.issued"), Value: p.Moment(c.IssuedAt.In(zone))},
		{Label: p.Text("web.counter.valid_until"), Value: p.DateText(c.ExpiresOn.Text())}, {Label: p.Text("web.code.use"), Value: used},
	}
}

// codeChip says where a code stands today.
func (d *Desk) codeChip(p i18n.Printer, c lookups.AccessCode) ui.Chip {
	switch {
	case !c.EndedAt.IsZero():
		return ui.Chip{Label: p.Text("lookups.code_ended." + string(c.EndedWhy))}
	case !c.LiveOn(d.Places.LocalDate(c.Area, d.Now())):
		return ui.Chip{Label: p.Text("web.code.expired")}
	}
	return ui.Chip{Label: p.Text("web.code.live"), Tone: ui.Good}
}

// revokeCode takes a code back.
func (d *Desk) revokeCode(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	if _, err := httpkit.ReadForm(r); err != nil {
		return err
	}
	if err := d.Own.RevokeCode(r.Context(), who, tenant, id); err != nil {
		return err
	}
	d.sessions.Pop(r.Context(), codeKey(id))
	httpkit.Redirect(w, r, "/loket/kode/"+rowID(tenant, id))
	return nil
}

// codePDF composes the paper while the code may be shown; none is kept.
func (d *Desk) codePDF(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	secret := d.secretOf(r, id)
	if secret == "" {
		return fail.NotFound("access_code.shown")
	}
	c, person, err := d.Own.Code(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	if !c.EndedAt.IsZero() {
		return fail.Conflict("access_code.over")
	}
	l, err := d.Letters.Show(r.Context(), who, tenant, c.Letter, "print")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	zone := d.Places.Tree().Zone(c.Area).Location()
	out, err := print.New(p).AccessCode(print.AccessCode{
		Issue: print.Issue{Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: d.Places.Tree().Name(c.Area.District())}, Number: l.Number, Code: l.Code, Issued: l.IssuedAt.In(zone),
			Signer: print.Signer{Role: roleWords(p, who), Name: who.Name}, CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name},
		Name: person.Name, NIK: person.NIK.String(), Secret: secret, Address: d.forCitizens(r, "/saya"), ValidUntil: c.ExpiresOn.Text(), Tries: lookups.CodeTries(),
	})
	if err != nil {
		return err
	}
	return httpkit.Bytes(w, r, http.StatusOK, "application/pdf", out.PDF)
}

// codeSections list the codes a family has, on its page, to those who may give and take them back.
func (d *Desk) codeSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	if who.Allow(access.LookUp, card.Family.Tenant, card.Family.Area) != nil {
		return nil, nil
	}
	names, ids := map[sqldb.ID]string{}, []sqldb.ID(nil)
	for _, m := range card.Members {
		names[m.ID], ids = m.Name, append(ids, m.ID)
	}
	list, err := d.Own.CodesOf(r.Context(), who, card.Family.Tenant, card.Family.Area, ids)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("web.code.of_family"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("web.name")}, {Label: p.Text("web.counter.valid_until")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, c := range list {
		chip := d.codeChip(p, c)
		t.Rows = append(t.Rows, ui.Row{ID: c.ID.String(), Label: c.Number, Cells: []ui.Cell{
			{Text: c.Number, Href: "/loket/kode/" + rowID(c.Tenant, c.ID)}, {Text: names[c.Person]}, {Text: p.DateTextShort(c.ExpiresOn.Text())}, {Chip: &chip}}})
	}
	return []desk.Section{{ID: "kode-akses", Title: p.Text("web.code.of_family"), Table: t}}, nil
}
