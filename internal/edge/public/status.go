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

// pulse remembers since when something fails: the status page tells what readers meet.
type pulse struct {
	first atomic.Int64 // unix seconds of the first failure since a success; 0 while well
	last  atomic.Int64 // of the last one
}

// note takes the outcome of one try.
func (p *pulse) note(now time.Time, err error) {
	switch {
	case err != nil:
		p.first.CompareAndSwap(0, now.Unix())
		p.last.Store(now.Unix())
	case p.first.Load() != 0:
		p.first.Store(0)
	}
}

// since gives the first failure, the zero time while well. A failure nobody has met again
// for pulseLife is over: at night nobody checks, and nobody would take it back.
func (p *pulse) since(now time.Time) time.Time {
	first := p.first.Load()
	if first == 0 || now.Unix()-p.last.Load() > int64(pulseLife/time.Second) {
		return time.Time{}
	}
	return time.Unix(first, 0)
}

const (
	pulseLife = 5 * time.Minute
	aliveWait = 2 * time.Second // how long the database may take to say that it is there
)

// health gives since when the service is disturbed, the zero time while it works.
func (s *Site) health(ctx context.Context, now time.Time) time.Time {
	if s.Alive != nil {
		ctx, cancel := context.WithTimeout(ctx, aliveWait)
		defer cancel()
		err := s.Alive(ctx)
		if !errors.Is(err, context.Canceled) { // the reader left: nothing was learnt
			s.database.note(now, err)
		}
	}
	if since := s.database.since(now); !since.IsZero() {
		return since
	}
	return s.pulse.since(now)
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
	v.Services = s.services(p)
	return view.Home(page, v)
}

// services are what this installation does for citizens beside the check and the letters.
func (s *Site) services(p i18n.Printer) (out []view.Card) {
	add := func(key, path string) {
		out = append(out, view.Card{Title: p.Text("public." + key + ".title"), Text: p.Text("public." + key + ".card"), Href: s.href(p, path)})
	}
	if s.Own != nil {
		add("own", ownPath)
	}
	if s.Desk != nil {
		add("apply", applyPath)
		add("object", objectPath)
		add("report", reportPath)
		add("track", trackPath)
	}
	if s.Open != nil {
		add("data", figuresPath)
	}
	return out
}

// status tells how the services are at this moment; it is asked anew each time.
func (s *Site) status(w http.ResponseWriter, r *http.Request) error {
	p := i18n.Of(r)
	since := s.health(r.Context(), s.o.Now())
	names := []string{p.Text("public.status.check")}
	if s.Letters != nil {
		names = append(names, p.Text("public.status.letter"))
	}
	for _, one := range s.services(p) {
		names = append(names, one.Title)
	}
	v := site.StatusView{AllWell: since.IsZero()}
	for _, name := range names {
		state := site.ServiceState{Name: name, Chip: chip(p, since)}
		if !since.IsZero() {
			state.Since = p.Text("public.status.since", "at", p.Moment(s.moment(since)))
		}
		v.Services = append(v.Services, state)
	}
	return httpkit.Render(w, r, http.StatusOK, site.Status(s.plainPage(p, statusPath, "site.status.title"), v))
}
