package httpkit

import (
	"net/http"

	"tepat/internal/kit/fail"
)

// Mux routes requests to handlers. A page that does not exist, or a method a page does not
// take, ends in the same error page as everything else.
type Mux struct {
	web *Web
	mux *http.ServeMux
}

// NewMux makes an empty Mux.
func NewMux(web *Web) *Mux { return &Mux{web: web, mux: http.NewServeMux()} }

// Handle adds a handler under a pattern of http.ServeMux, such as "GET /usulan/{id}".
func (m *Mux) Handle(pattern string, h Handler) { m.mux.Handle(pattern, m.web.Handle(h)) }

// Mount adds any http.Handler, such as Assets, an upload or a whole other mux.
func (m *Mux) Mount(pattern string, h http.Handler) { m.mux.Handle(pattern, h) }

// ServeHTTP answers a request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := m.mux.Handler(r); pattern != "" {
		m.mux.ServeHTTP(w, r)
		return
	}
	probe := &statusProbe{header: http.Header{}}
	m.mux.ServeHTTP(probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		m.web.Fail(w, r, methodError)
	case probe.status/100 == 3: // a path written oddly is sent to its clean form
		m.mux.ServeHTTP(w, r)
	default:
		m.web.Fail(w, r, fail.NotFound("request.not_found"))
	}
}

// methodError is answered with 405.
var methodError = fail.NotFound("request.method")

// statusProbe learns how http.ServeMux would have answered, without answering.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
