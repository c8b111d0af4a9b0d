package httpkit

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
)

// Front guards every request before it reaches an edge.
type Front struct {
	Next      http.Handler
	Web       *Web
	Catalogue *i18n.Catalogue
	Proxies   Proxies      // whose X-Forwarded headers are believed
	Access    *slog.Logger // access log; nil writes none
	Cookies   bool         // remembers language and theme; the public site sets none
	HSTS      bool         // tells browsers to come back over TLS only
	Secure    bool         // the site is served over TLS, by itself or by its proxy
	// TrustedOrigins may post here from elsewhere, as "https://host"; usually none.
	TrustedOrigins []string
}

// info travels with a request; one context value instead of five.
type info struct {
	id     string
	client netip.Addr
	secure bool
	theme  string
	route  string
}

type infoKey struct{}

func infoOf(ctx context.Context) *info {
	i, _ := ctx.Value(infoKey{}).(*info)
	return i
}

// RequestID gives the id the reader can quote, such as 7F3A-K2QM.
func RequestID(r *http.Request) string {
	if i := infoOf(r.Context()); i != nil {
		return i.id
	}
	return ""
}

// ClientAddress gives the address the request came from, seen past trusted proxies. Addresses
// are personal data: they feed the limiters and are not logged.
func ClientAddress(r *http.Request) netip.Addr {
	if i := infoOf(r.Context()); i != nil {
		return i.client
	}
	return Proxies{}.Client(r)
}

// Theme gives the appearance the reader chose: "", "light" or "dark".
func Theme(r *http.Request) string {
	if i := infoOf(r.Context()); i != nil {
		return i.theme
	}
	return ""
}

// Handler builds the front. It fails on a trusted origin that is not one.
func (f Front) Handler() (http.Handler, error) {
	guard := http.NewCrossOriginProtection()
	for _, origin := range f.TrustedOrigins {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	front := &f
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { front.serve(w, r, guard) }), nil
}

func (f *Front) serve(w http.ResponseWriter, r *http.Request, guard *http.CrossOriginProtection) {
	started := time.Now()
	client, secure := f.Proxies.Resolve(r)
	in := &info{id: newRequestID(), client: client, secure: secure || f.Secure}
	lang := f.preferences(r, in)
	ctx := context.WithValue(r.Context(), infoKey{}, in)
	r = r.WithContext(i18n.Into(ctx, f.Catalogue.Printer(lang)))
	rec := &recorder{ResponseWriter: w}
	f.headers(rec.Header(), in)
	defer f.finish(rec, r, in, started)
	if f.Cookies && rememberPreferences(rec, r, in.secure) {
		return
	}
	if err := guard.Check(r); err != nil {
		f.Web.Fail(rec, r, fail.Forbidden("request.cross_origin").Because(err))
		return
	}
	f.Next.ServeHTTP(rec, r)
}

// finish answers a panic and writes the access line: no path, no query, no address, because
// those may hold personal data; the route's pattern says which page it was.
func (f *Front) finish(rec *recorder, r *http.Request, in *info, started time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler {
			panic(cause)
		}
		f.Web.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", in.id),
			slog.String("route", in.route), slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
		if rec.status == 0 {
			f.Web.Fail(rec, r, errPanic)
		} else {
			defer panic(http.ErrAbortHandler) // half a page is out: cut the connection, never pretend
		}
	}
	if f.Access == nil {
		return
	}
	f.Access.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("request", in.id),
		slog.String("method", r.Method), slog.String("route", in.route), slog.Int("status", rec.sent()),
		slog.Int64("bytes", rec.bytes), slog.Float64("ms", float64(time.Since(started).Microseconds())/1000))
}

type panicError struct{}

func (panicError) Error() string { return "a handler panicked" }

var errPanic error = panicError{}

// idAlphabet leaves out letters that are misheard on the telephone or read as digits.
const idAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newRequestID gives eight letters in two groups: enough to find one request of a day, short
// enough to read out. It is a name, not a secret.
func newRequestID() string {
	id := make([]byte, 9)
	n := rand.Uint64()
	for i := range id {
		if i == 4 {
			id[i] = '-'
			continue
		}
		id[i] = idAlphabet[n%uint64(len(idAlphabet))]
		n /= uint64(len(idAlphabet))
	}
	return string(id)
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) sent() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
