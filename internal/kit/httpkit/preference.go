package httpkit

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/kit/i18n"
)

// Names of the query parameters and cookies of a reader's preferences. They hold no personal
// data and no identifier.
const (
	langName  = "lang"
	themeName = "theme"
)

// preferences reads the language and the theme: from the URL first, then from the cookie, then
// Indonesian and the device's own appearance. It keeps the theme in in.
func (f *Front) preferences(r *http.Request, in *info) i18n.Lang {
	lang, chosen := i18n.Indonesian, false
	if r.URL.RawQuery != "" {
		query := r.URL.Query()
		lang, chosen = i18n.ParseLang(query.Get(langName))
		in.theme = knownTheme(query.Get(themeName))
	}
	if !f.Cookies {
		return lang
	}
	if c, err := r.Cookie(langName); err == nil && !chosen {
		lang, _ = i18n.ParseLang(c.Value)
	}
	if c, err := r.Cookie(themeName); err == nil && in.theme == "" {
		in.theme = knownTheme(c.Value)
	}
	return lang
}

func knownTheme(s string) string {
	if s == "light" || s == "dark" {
		return s
	}
	return ""
}

// rememberPreferences keeps a choice made with ?lang= or ?theme= in a cookie and sends the
// reader to the same page without it. It reports whether it answered.
func rememberPreferences(w http.ResponseWriter, r *http.Request, secure bool) bool {
	if !isRead(r) || r.URL.RawQuery == "" {
		return false
	}
	query := r.URL.Query()
	lang, theme := query.Get(langName), query.Get(themeName)
	if lang == "" && theme == "" {
		return false
	}
	if l, ok := i18n.ParseLang(lang); ok {
		http.SetCookie(w, preferenceCookie(langName, l.String(), secure))
	}
	if theme != "" {
		http.SetCookie(w, preferenceCookie(themeName, knownTheme(theme), secure))
	}
	query.Del(langName)
	query.Del(themeName)
	Redirect(w, r, localURL(r.URL.Path, query))
	return true
}

func preferenceCookie(name, value string, secure bool) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
	if value == "" { // back to what the device says
		c.MaxAge = -1
	}
	return c
}

// OtherLanguageURL gives this page's URL in the other language.
func OtherLanguageURL(r *http.Request) string {
	return withQuery(r, langName, i18n.Of(r).Lang.Other().String())
}

// ThemeURL gives this page's URL up to "theme=", for the switch in the footer.
func ThemeURL(r *http.Request) string {
	return strings.TrimSuffix(withQuery(r, themeName, "x"), "x")
}

// withQuery sets one parameter, last in the query so that it can be completed. A page that answers a form is left for
// the page the form stood on: its own address may take nothing but forms.
func withQuery(r *http.Request, name, value string) string {
	at := r.URL
	if !isRead(r) {
		if from, err := url.Parse(CameFrom(r, "")); err == nil && from.Path != "" {
			at = from
		}
	}
	query := at.Query()
	query.Del(langName)
	query.Del(themeName)
	base := localURL(at.Path, query)
	joint := "?"
	if strings.Contains(base, "?") {
		joint = "&"
	}
	return base + joint + name + "=" + url.QueryEscape(value)
}

// localURL builds a URL on this site. Leading slashes are folded into one: "//host" would send
// the reader to another site.
func localURL(path string, query url.Values) string {
	u := url.URL{Path: "/" + strings.TrimLeft(path, `/\`), RawQuery: query.Encode()}
	return u.String()
}
