package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/desk"
	"tepat/web/ui"
)

// Somebody of a province or the nation works in one district after the other: lists, papers and runs
// belong to one. She chooses it on a page of its own or by ?kantor=81.71 on any address; the choice
// narrows her own rights for the session and can never widen them.

// officeRoutes is the page on which the district is chosen.
func (d *Desk) officeRoutes() []Route {
	return []Route{{"GET /kantor", "", d.offices}}
}

const (
	officeQuery = "kantor" // of an address: the code of a district, or "semua" for all of them
	officeAll   = "semua"
	officeKey   = "kantor" // of the session
	officeNext  = "lanjut" // of the page of districts: the page that waits for the choice
	// mostOffices is how many districts are listed at once; the search finds the others.
	mostOffices = 60
)

// roaming is what guarded knows of somebody who works in several districts.
type roaming struct {
	full   access.Actor
	chosen area.Code // area.Nation: all of them
}

type roamingKey struct{}

// roamingOf tells about the reader's districts; ok is false for somebody of one district.
func roamingOf(r *http.Request) (roaming, bool) {
	of, ok := r.Context().Value(roamingKey{}).(roaming)
	return of, ok
}

// districtsOf gives the districts somebody works in that this installation writes for.
func (d *Desk) districtsOf(who access.Actor) (out []area.Code) {
	tree := d.Places.Tree()
	for _, tenant := range tree.Written() {
		at, err := tree.DistrictOf(tenant)
		if err == nil && slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Area.Contains(at) || at.Contains(g.Area) }) {
			out = append(out, at)
		}
	}
	return out
}

// roams reports whether somebody works in more than one district; most do not, and are told apart at once.
func (d *Desk) roams(who access.Actor) bool {
	if len(who.Grants) == 0 {
		return false
	}
	first := who.Grants[0].Area
	one := first.Level() >= area.LevelDistrict && !slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Area.District() != first.District() })
	return !one && len(d.districtsOf(who)) > 1
}

// atOffice gives the actor and the request as the pages see them: narrowed to the district she chose.
// done tells that the request was answered, by an address without the choice or by the page that asks for one.
func (d *Desk) atOffice(w http.ResponseWriter, r *http.Request, who access.Actor) (access.Actor, *http.Request, bool, error) {
	asked := r.Method == http.MethodGet && r.URL.Query().Has(officeQuery)
	if !d.roams(who) {
		if asked {
			httpkit.Redirect(w, r, with(r, officeQuery, ""))
		}
		return who, r, asked, nil
	}
	if asked {
		if err := d.chooseOffice(r, who, r.URL.Query().Get(officeQuery)); err != nil {
			return who, r, false, err
		}
		httpkit.Redirect(w, r, with(r, officeQuery, ""))
		return who, r, true, nil
	}
	of := roaming{full: who}
	if at, err := area.Parse(d.sessions.Text(r.Context(), officeKey)); err == nil && slices.Contains(d.districtsOf(who), at) {
		of.chosen, who = at, narrowed(who, at, d.Places.TenantsIn(at))
	}
	r = r.WithContext(context.WithValue(r.Context(), roamingKey{}, of))
	done, err := askedOffice(w, r, of)
	return who, r, done, err
}

// ofOneDistrict reports whether a page shows or changes what one district keeps as a whole: its signatures, its lists
// and stages, forms that name one of its villages. Pages of records, and lists over all districts, are not.
func ofOneDistrict(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	switch path {
	case "/pengesahan", "/penetapan", "/program", "/penyaluran", "/penyaluran/baru", "/pengaduan/baru", "/usulan/baru", "/dasbor/bulan":
		return true
	}
	return strings.HasPrefix(path, "/program/{id}")
}

// askedOffice sends somebody who works in all of several districts to choose one before a page of one district, and
// back to the page after. An address that names its list names the district too. A form sent without a choice, from
// a page opened before it was taken back, is refused: office.choose.
func askedOffice(w http.ResponseWriter, r *http.Request, of roaming) (done bool, err error) {
	if of.chosen != area.Nation || !ofOneDistrict(r.Pattern) || r.URL.Query().Has("daftar") {
		return false, nil
	}
	if r.Method != http.MethodGet {
		return false, fail.Conflict("office.choose")
	}
	httpkit.Redirect(w, r, "/kantor?"+url.Values{officeNext: {r.URL.RequestURI()}}.Encode())
	return true, nil
}

// officeTarget is the address that chooses a district and goes on to where somebody was sent from.
func officeTarget(next string, at area.Code) string {
	to, err := url.Parse(httpkit.LocalTarget(next, "/"))
	if err != nil {
		to = &url.URL{Path: "/"}
	}
	q := to.Query()
	q.Set(officeQuery, at.Dotted())
	to.RawQuery = q.Encode()
	return to.String()
}

// chooseOffice keeps the choice. Error: area.unknown for a district that is not hers.
func (d *Desk) chooseOffice(r *http.Request, who access.Actor, text string) error {
	if text == officeAll {
		d.sessions.Pop(r.Context(), officeKey)
		return nil
	}
	at, err := area.Parse(text)
	if err != nil || !slices.Contains(d.districtsOf(who), at) {
		return fail.NotFound("area.unknown", "area", text)
	}
	d.sessions.Put(r.Context(), officeKey, at.Dotted())
	return nil
}

// narrowed gives the actor with no more than a district of her rights.
func narrowed(who access.Actor, at area.Code, tenants []area.Tenant) access.Actor {
	grants := make([]access.Grant, 0, len(who.Grants))
	for _, g := range who.Grants {
		switch {
		case g.Area.Contains(at):
			grants = append(grants, access.Grant{Role: g.Role, Area: at, Tenants: tenants})
		case at.Contains(g.Area):
			grants = append(grants, g)
		}
	}
	who.Grants = grants
	return who
}

// throughOffice opens a page in the chosen district. A record of another of her districts, which a
// link led to, opens all the same: the choice is a filter, no wall.
func (d *Desk) throughOffice(w http.ResponseWriter, r *http.Request, who access.Actor, page Page) error {
	err := page(w, r, who)
	of, ok := roamingOf(r)
	if ok && of.chosen != area.Nation && r.Method == http.MethodGet && fail.CodeOf(err) == "access.denied" {
		return page(w, r, of.full)
	}
	return err
}

// officeBar tells which district is worked in, and leads to another.
func (d *Desk) officeBar(r *http.Request, p i18n.Printer) *ui.Office {
	of, ok := roamingOf(r)
	if !ok {
		return nil
	}
	name := p.Text("web.office.all")
	if of.chosen != area.Nation {
		name = d.Places.Tree().Title(of.chosen)
	}
	return &ui.Office{Label: p.Text("web.office.label"), Name: name, Change: ui.Link{Label: p.Text("web.office.change"), Href: "/kantor"}}
}

// offices lists the districts somebody works in. The name that is looked for is a place's and stands in
// the address.
func (d *Desk) offices(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "nama", officeNext)
	if err != nil {
		return err
	}
	of, ok := roamingOf(r)
	if !ok {
		of.full = who
	}
	wanted := strings.ToLower(q.Get("nama"))
	page := d.page(r, who, "web.office.title")
	page.Lead = p.Text("web.office.lead")
	t := ui.Table{Caption: p.Text("web.office.title"), Columns: []ui.Column{{Label: p.Text("web.level.district"), Title: true}, {Label: p.Text("web.level.province")}, {Label: p.Text("web.boundaries.code")}, {Label: p.Text("web.status"), Status: true}},
		Empty: &ui.Empty{Title: p.Text("web.office.none"), Text: p.Text("web.office.none_text"), Links: []ui.Link{{Label: p.Text("web.office.whole"), Href: "/kantor"}}}}
	tree := d.Places.Tree()
	for _, at := range d.districtsOf(of.full) {
		name := tree.Title(at)
		if !strings.Contains(strings.ToLower(name+" "+at.Dotted()+" "+tree.Name(at.Parent())), wanted) {
			continue
		}
		row := ui.Row{ID: at.Dotted(), Label: name, Cells: []ui.Cell{{Text: name}, {Text: tree.Name(at.Parent())}, {Text: at.Dotted()}, {Text: "–"}}}
		if ok {
			row.Cells[0].Href = officeTarget(q.Get(officeNext), at)
		}
		if at == of.chosen {
			row.Cells[3] = ui.Cell{Chip: &ui.Chip{Label: p.Text("web.office.chosen"), Tone: ui.Good}}
		}
		t.Rows = append(t.Rows, row)
	}
	v := desk.ListView{Table: t, Filter: &ui.Filter{Label: p.Text("web.office.search"), Action: "/kantor", Clear: "/kantor", Target: "list",
		Submit: p.Text("desk.search"), Search: &ui.Field{Name: "nama", Label: p.Text("web.office.search"), Hint: p.Text("web.office.search_hint"), Value: q.Get("nama"), Kind: ui.Search, Chars: 24}}}
	if next := q.Get(officeNext); next != "" {
		v.Filter.Hidden = []ui.Hidden{{Name: officeNext, Value: next}}
		v.Filter.Clear = "/kantor?" + url.Values{officeNext: {next}}.Encode()
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("web.office.first"), Text: p.Text("web.office.first_text")})
	}
	if len(t.Rows) > mostOffices {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("web.office.more", "count", len(t.Rows), "shown", mostOffices)})
		v.Table.Rows = t.Rows[:mostOffices]
	}
	if ok && of.chosen != area.Nation {
		v.Links = append(v.Links, ui.Link{Label: p.Text("web.office.everywhere"), Href: "/?" + officeQuery + "=" + officeAll})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}
