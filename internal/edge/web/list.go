package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/web/desk"
	"tepat/web/ui"
)

// pager is the foot of a keyset list.
func pager(p i18n.Printer, r *http.Request, shown int, next string) *ui.Pager {
	first := ""
	if r.URL.Query().Has("sesudah") {
		first = with(r, "sesudah", "")
	}
	return &ui.Pager{First: first, Next: next, Shown: p.Text("web.shown", "count", shown), Target: "list"}
}

// areaFilter offers the places directly below the actor's own, and those below a chosen one.
func (d *Desk) areaFilter(p i18n.Printer, who access.Actor, chosen string) ui.SelectFilter {
	home, _ := who.Home()
	options := []ui.Option{{Value: "", Label: p.Text("web.everywhere")}}
	add := func(at area.Code, indent string) {
		options = append(options, ui.Option{Value: at.Dotted(), Label: indent + d.Places.Tree().Title(at), Selected: chosen == at.Dotted()})
	}
	picked, err := area.Parse(chosen)
	var below func(at area.Code, indent string)
	below = func(at area.Code, indent string) { // down to the chosen one, so that a province reaches its villages
		for place := range d.Places.Tree().Children(at) {
			add(place.Code, indent)
			if err == nil && place.Code.Contains(picked) && place.Code.Level() < area.LevelVillage {
				below(place.Code, indent+"– ")
			}
		}
	}
	below(home, "")
	return ui.SelectFilter{Field: ui.Field{Name: "wilayah", Label: p.Text("web.area")}, Options: options}
}

// searchBox is the search of a list. What is typed is posted and kept in the session
// under a key: a name or a number never stands in an address.
func (d *Desk) searchBox(p i18n.Printer, action, value, clear string) *desk.SearchView {
	s := &desk.SearchView{Action: action, Label: p.Text("web.search"), Hint: p.Text("web.search_hint"), Value: value}
	if value != "" {
		s.Clear = clear
	}
	return s
}

// search keeps what was typed and goes to the list.
func (d *Desk) search(target string) Page {
	return func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		form, err := httpkit.ReadForm(r, "q")
		if err != nil {
			return err
		}
		if form.Get("q") == "" {
			httpkit.Redirect(w, r, target)
			return nil
		}
		key := sqldb.NewID().Short()
		d.sessions.Put(r.Context(), "q."+key, form.Get("q"))
		httpkit.Redirect(w, r, target+"?cari="+key)
		return nil
	}
}

// searched gives what was typed for a key.
func (d *Desk) searched(r *http.Request, key string) string {
	if key == "" {
		return ""
	}
	return d.sessions.Text(r.Context(), "q."+key)
}
