package public

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	view "tepat/web/public"
	"tepat/web/site"
	"tepat/web/ui"
)

// pulse remembers since when checks fail: the status page tells what readers meet.
type pulse struct{ failing atomic.Int64 } // unix seconds of the first failure since a success; 0 while well

// note takes the outcome of one check.
func (p *pulse) note(now time.Time, err error) {
	switch {
	case err != nil:
		p.failing.CompareAndSwap(0, now.Unix())
	case p.failing.Load() != 0:
		p.failing.Store(0)
	}
}

// aliveWait is how long the database may take to say that it is there.
const aliveWait = 2 * time.Second

// health gives since when the service is disturbed, the zero time while it works.
func (s *Site) health(ctx context.Context, now time.Time) time.Time {
	if s.Alive != nil {
		ctx, cancel := context.WithTimeout(ctx, aliveWait)
		defer cancel()
		err := s.Alive(ctx)
		if !errors.Is(err, context.Canceled) { // the reader left: nothing was learnt
			s.pulse.note(now, err)
		}
	}
	if since := s.pulse.failing.Load(); since != 0 {
		return time.Unix(since, 0)
	}
	return time.Time{}
}

func chip(p i18n.Printer, since time.Time) ui.Chip {
	if since.IsZero() {
		return ui.Chip{Label: p.Text("public.status.well"), Tone: ui.Good}
	}
	return ui.Chip{Label: p.Text("public.status.down"), Tone: ui.Bad}
}

func (s *Site) drawHome(r *http.Request, p i18n.Printer) templ.Component {
	page := s.page(p, "/", "public.home.title")
	page.Lead, page.Description = p.Text("public.home.lead"), p.Text("public.home.description")
	v := view.HomeView{Check: s.href(p, checkPath), Status: chip(p, s.health(r.Context(), s.o.Now())), StatusHref: s.href(p, statusPath), Contact: s.o.Contact}
	if s.Letters != nil {
		v.Letter = s.href(p, letterPath)
	}
	return view.Home(page, v)
}

// status tells how the services are at this moment; it is asked anew each time.
func (s *Site) status(w http.ResponseWriter, r *http.Request) error {
	p := i18n.Of(r)
	since := s.health(r.Context(), s.o.Now())
	names := []string{"public.status.check"}
	if s.Letters != nil {
		names = append(names, "public.status.letter")
	}
	v := site.StatusView{AllWell: since.IsZero()}
	for _, name := range names {
		state := site.ServiceState{Name: p.Text(name), Chip: chip(p, since)}
		if !since.IsZero() {
			state.Since = p.Text("public.status.since", "at", p.Moment(s.moment(since)))
		}
		v.Services = append(v.Services, state)
	}
	return httpkit.Render(w, r, http.StatusOK, site.Status(s.plainPage(p, statusPath, "site.status.title"), v))
}
