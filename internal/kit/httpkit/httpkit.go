// Package httpkit is the ground every web edge of Tepat stands on: handlers that return
// errors, one front that guards each request, rendering to a buffer, sessions, assets, limits
// and the client's address behind trusted proxies.
//
// A request passes the Front (request id, security headers, address, language, cross-origin
// check, panic and access log), then the edge's ServeMux, then Web.Handle, which turns an
// error into a page. Nothing here knows a role, a rule or a table.
package httpkit

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
)

// Handler answers a request or returns why it could not. It must not have written anything
// when it returns an error.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Problem is an error on its way to the reader.
type Problem struct {
	Status     int           // HTTP status
	Code       string        // code of the fail.Error, or "internal"
	Sentence   string        // what the reader is told, in her language
	RequestID  string        // she reads it to the help desk; the log has it too
	RetryAfter time.Duration // for 429 and 503; 0 when unknown
	Cause      *fail.Error   // what the sentence was made of; nil when the fault is ours
}

// Web turns the errors of handlers into pages and log lines.
type Web struct {
	Log       *slog.Logger
	BodyLimit int64  // bytes a request body may have; 0 means 1 MiB
	SignIn    string // path of the sign-in page; empty answers 401 with a page
	// Page writes the error page. It must not fail for want of a database or a session.
	Page func(w http.ResponseWriter, r *http.Request, p Problem) error
}

const defaultBodyLimit = 1 << 20

// Handle makes an http.Handler of h with the usual body limit.
func (web *Web) Handle(h Handler) http.Handler {
	limit := web.BodyLimit
	if limit == 0 {
		limit = defaultBodyLimit
	}
	return web.handle(h, limit, 0)
}

// HandleUpload is Handle for files: its own body limit in bytes, and time to send them over a
// slow line.
func (web *Web) HandleUpload(h Handler, limit int64, patience time.Duration) http.Handler {
	return web.handle(h, limit, patience)
}

func (web *Web) handle(h Handler, limit int64, patience time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i := infoOf(r.Context()); i != nil {
			i.route = r.Pattern
		}
		if patience > 0 {
			deadline := http.NewResponseController(w)
			until := time.Now().Add(patience)
			if err := errors.Join(deadline.SetReadDeadline(until), deadline.SetWriteDeadline(until)); err != nil {
				web.Log.Debug("upload deadline not set", "error", err)
			}
		}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		if err := h(w, r); err != nil {
			web.Fail(w, r, err)
		}
	})
}

// Fail answers a request with err: a redirect to the sign-in page when nobody is signed in and
// the reader was only looking, the error page otherwise.
func (web *Web) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has left; there is nobody to answer
	}
	p := problemOf(r, err)
	web.log(r, p, err)
	if p.Status == http.StatusUnauthorized && web.SignIn != "" && isRead(r) {
		Redirect(w, r, signInURL(web.SignIn, r))
		return
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	if web.Page == nil {
		http.Error(w, p.Sentence, p.Status)
		return
	}
	if pageErr := web.Page(w, r, p); pageErr != nil {
		web.Log.LogAttrs(r.Context(), slog.LevelError, "error page failed", slog.String("request", p.RequestID), slog.Any("error", pageErr))
		http.Error(w, p.Sentence, p.Status)
	}
}

func (web *Web) log(r *http.Request, p Problem, err error) {
	level := slog.LevelInfo
	if p.Status >= 500 {
		level = slog.LevelError
	}
	web.Log.LogAttrs(r.Context(), level, "request failed", slog.String("request", p.RequestID),
		slog.Int("status", p.Status), slog.String("code", p.Code), slog.Any("error", err))
}

// problemOf maps an error to what the reader is told. An error without a code is ours: she
// gets no detail, the log does.
func problemOf(r *http.Request, err error) Problem {
	p := Problem{Status: http.StatusInternalServerError, Code: "internal", RequestID: RequestID(r)}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p.Status = http.StatusRequestEntityTooLarge
		err = fail.Invalid("request.too_large", "megabytes", float64(tooLarge.Limit)/(1<<20))
	}
	if e, ok := fail.As(err); ok {
		if tooLarge == nil {
			p.Status = StatusOf(e.Kind)
		}
		if e == methodError {
			p.Status = http.StatusMethodNotAllowed
		}
		p.Code, p.Cause = e.Code, e
		p.RetryAfter = retryAfter(e)
	}
	p.Sentence = i18n.Of(r).Error(err)
	return p
}

// StatusOf gives the HTTP status of a kind of failure.
func StatusOf(kind fail.Kind) int {
	switch kind {
	case fail.KindInvalid:
		return http.StatusUnprocessableEntity
	case fail.KindUnauthorized:
		return http.StatusUnauthorized
	case fail.KindForbidden:
		return http.StatusForbidden
	case fail.KindNotFound:
		return http.StatusNotFound
	case fail.KindConflict, fail.KindAwaiting:
		return http.StatusConflict
	case fail.KindLimited:
		return http.StatusTooManyRequests
	case fail.KindUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// retryAfter reads the fact "seconds" of a limit, which the limiter and the services give.
func retryAfter(e *fail.Error) time.Duration {
	for _, f := range e.Facts {
		if n, ok := f.Value.(int); ok && f.Key == "seconds" {
			return time.Duration(n) * time.Second
		}
	}
	return 0
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func asTooLarge(err error) (*http.MaxBytesError, bool) {
	var e *http.MaxBytesError
	ok := errors.As(err, &e)
	return e, ok
}
