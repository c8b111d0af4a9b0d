package site

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// State tells how the services are, for the status page.
type State func(ctx context.Context, p i18n.Printer) StatusView

// Register adds the pages that belong to no task: help, privacy, accessibility, status.
func Register(m *httpkit.Mux, s ui.Site, c Contact, state State) {
	plain := func(path, title string, draw func(*http.Request, ui.Page) templ.Component) {
		m.Handle("GET "+path, func(w http.ResponseWriter, r *http.Request) error {
			page := Base(r, s, i18n.Of(r).Text(title))
			page.Narrow = true
			return httpkit.Render(w, r, http.StatusOK, draw(r, page))
		})
	}
	plain("/bantuan", "site.help.title", func(_ *http.Request, p ui.Page) templ.Component { return Help(p, c) })
	plain("/kerahasiaan", "site.privacy.title", func(_ *http.Request, p ui.Page) templ.Component { return Privacy(p, c) })
	plain("/aksesibilitas", "site.access.title", func(_ *http.Request, p ui.Page) templ.Component { return Accessibility(p, c) })
	plain("/status", "site.status.title", func(r *http.Request, p ui.Page) templ.Component { return Status(p, state(r.Context(), i18n.Of(r))) })
}
