package web

import (
	"net/http"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/web/desk"
	"tepat/web/ui"
)

// paged cuts a list, read with one row more than a page has, to the page, and gives the address of the page behind it:
// where the last row shown stands says behind. The address is empty when nothing follows.
func paged[T any](r *http.Request, list []T, rows int, behind func(last T) string) (shown []T, next string) {
	if len(list) <= rows {
		return list, ""
	}
	return list[:rows], with(r, "sesudah", behind(list[rows-1]))
}

// pager is the foot of a keyset list.
func pager(p i18n.Printer, r *http.Request, shown int, next string) *ui.Pager {
	first := ""
	if r.URL.Query().Has("sesudah") {
		first = with(r, "sesudah", "")
	}
	return &ui.Pager{First: first, Next: next, Shown: p.Text("web.shown", "count", shown), Target: "list"}
}

// mostCounted bounds the total of a list: of more rows it is told that there are more.
const mostCounted = 10_000

// pager is the foot of a keyset list, with how many rows there are in all: count gives them, one more than mostCounted
// at most. Without count, and where nothing follows, it says what is shown. The list is remembered, so that the page of
// a row leads back to it as it was.
func (d *Desk) pager(r *http.Request, p i18n.Printer, shown int, next string, count func() (int64, error)) (*ui.Pager, error) {
	out := pager(p, r, shown, next)
	d.keepList(r)
	now := rowsOf(r.URL.Query().Get("baris"))
	if now != pageRows {
		out.Keep = []ui.Hidden{{Name: "baris", Value: itoa(int64(now))}}
	}
	if next != "" || now != pageRows {
		for _, size := range pageSizes() {
			to := itoa(int64(size))
			if size == pageRows {
				to = ""
			}
			out.Sizes = append(out.Sizes, ui.Tab{Label: p.Number(int64(size)), Href: with(r, "baris", to, "sesudah", ""), Current: size == now})
		}
	}
	if count == nil || next == "" && out.First == "" {
		return out, nil
	}
	total, err := count()
	switch {
	case err != nil:
		return nil, err
	case total > mostCounted:
		out.Shown = p.Text("web.shown_many", "count", shown, "most", mostCounted)
	default:
		out.Shown = p.Text("web.shown_of", "count", shown, "total", total)
	}
	return out, nil
}

// lastListKey keeps which list was looked at last.
const lastListKey = "daftar"

// listKey is the key under which the address of a list is kept. An id of a row is left out of it: of the lists of all
// stages the last one is kept.
func listKey(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.Contains(part, "-") {
			parts[i] = "*"
		}
	}
	return lastListKey + "." + strings.Join(parts, "/")
}

// keepList remembers the address of a list with its filter and its place. What was searched for is in it by the key of
// the search alone.
func (d *Desk) keepList(r *http.Request) {
	address, key := r.URL.RequestURI(), listKey(r.URL.Path)
	for key, value := range map[string]string{key: address, lastListKey: r.URL.Path} {
		if d.sessions.Text(r.Context(), key) != value {
			d.sessions.Put(r.Context(), key, value)
		}
	}
}

// back leads from a row to its list: with the filter and the place it was left in, or else as fallback has it.
func (d *Desk) back(r *http.Request, label, fallback string) *ui.Link {
	path, _, _ := strings.Cut(fallback, "?")
	kept := d.sessions.Text(r.Context(), listKey(path))
	if at, _, _ := strings.Cut(kept, "?"); at == path {
		return &ui.Link{Label: label, Href: kept}
	}
	return &ui.Link{Label: label, Href: fallback}
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
