package httpkit

import (
	"net/http"
	"net/url"
	"strings"
)

// Redirect sends the reader on with 303, so that going back never posts again. An htmx request
// is told to load the whole page instead of swapping a piece of it.
func Redirect(w http.ResponseWriter, r *http.Request, target string) {
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// LocalTarget reads where to go after signing in, from a parameter anyone may have written. It
// gives fallback unless target is a path on this site.
func LocalTarget(target, fallback string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return fallback
	}
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.ContainsAny(target, "\\\r\n\t") {
		return fallback
	}
	return target
}

// CameFrom gives the page of this site from which a request was sent, a place to go on at after a form: the form's own
// address may take nothing but forms. It gives fallback when the browser does not say, or names another site.
func CameFrom(r *http.Request, fallback string) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || from.Path == "" {
		return fallback
	}
	return LocalTarget(from.RequestURI(), fallback)
}

// signInURL carries the page the reader wanted along.
func signInURL(signIn string, r *http.Request) string {
	wanted := localURL(r.URL.Path, r.URL.Query())
	if r.URL.Path == "/" || r.URL.Path == signIn {
		return signIn
	}
	return signIn + "?next=" + url.QueryEscape(wanted)
}
