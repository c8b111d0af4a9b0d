package public

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/site"
	"tepat/web/ui"
)

// page starts a page. The site remembers nothing of its reader, so every link carries the
// language along, and the colours are those of the device.
func (s *Site) page(p i18n.Printer, path, title string) ui.Page {
	frame := s.frame
	frame.HomeHref = s.href(p, "/")
	frame.Links = site.FooterLinks(p, s.o.Prefix)
	for i := range frame.Links {
		frame.Links[i].Href += language(p)
	}
	page := ui.Page{Site: frame, Title: p.Text(title), Narrow: true, OtherLang: s.o.Prefix + path + "?lang=" + p.Lang.Other().String()}
	if path != "/" {
		page.Back = &ui.Link{Label: p.Text("public.home.title"), Href: frame.HomeHref}
	}
	return page
}

// href gives the address of a page of this site in the reader's language.
func (s *Site) href(p i18n.Printer, path string) string { return s.o.Prefix + path + language(p) }

func language(p i18n.Printer) string {
	if p.Lang == i18n.Indonesian {
		return ""
	}
	return "?lang=" + url.QueryEscape(p.Lang.String())
}

// moment puts an instant on the clock of the installation.
func (s *Site) moment(at time.Time) time.Time { return at.In(s.o.Zone) }

// home is the start page.
func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=60")
	return s.keptPage(w, r, http.StatusOK, "home", func(p i18n.Printer) templ.Component { return s.drawHome(r, p) })
}

// plain makes the handler of a page of words, which browsers may keep for a while.
func (s *Site) plain(path, title, lead string, draw func(ui.Page, site.Contact) templ.Component) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=300")
		return s.keptPage(w, r, http.StatusOK, path, func(p i18n.Printer) templ.Component {
			page := s.plainPage(p, path, title)
			page.Lead = p.Text(lead)
			page.Description = page.Lead
			return draw(page, s.o.Contact)
		})
	}
}

// plainPage is a page drawn by web/site, which has no room for the warning but at its foot.
func (s *Site) plainPage(p i18n.Printer, path, title string) ui.Page {
	page := s.page(p, path, title)
	page.AsOf = p.Text("public.scam")
	return page
}

// errorPage says what went wrong. It touches no database.
func (s *Site) errorPage(w http.ResponseWriter, r *http.Request, problem httpkit.Problem) error {
	p := i18n.Of(r)
	page := s.plainPage(p, "/", "")
	page.Title = site.ErrorTitle(p, problem.Status)
	return httpkit.Render(w, r, problem.Status, site.Error(page, site.ErrorView{Problem: problem, Contact: s.o.Contact,
		Back: ui.Link{Label: p.Text("site.error.home"), Href: page.Site.HomeHref}}))
}
