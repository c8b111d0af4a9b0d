package httpkit_test

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
)

// speak answers with the language, the theme and the switches as the page would show them.
func speak(w http.ResponseWriter, r *http.Request) error {
	return httpkit.Bytes(w, r, http.StatusOK, "text/plain", []byte(strings.Join([]string{i18n.Of(r).Lang.String(),
		httpkit.Theme(r), httpkit.OtherLanguageURL(r), httpkit.ThemeURL(r)}, "|")))
}

func TestPreferencesComeFromURLThenCookie(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{Cookies: true}, map[string]httpkit.Handler{"/x": speak})
	cases := []struct{ name, target, cookie, want string }{
		{"nothing said", "/x", "", "id||/x?lang=en|/x?theme="},
		{"cookies", "/x?q=a", "lang=en; theme=dark", "en|dark|/x?q=a&lang=id|/x?q=a&theme="},
		{"nonsense in cookies", "/x", "lang=xx; theme=pink", "id||/x?lang=en|/x?theme="},
	}
	for _, c := range cases {
		if got := s.do("GET", c.target, nil, "Cookie", c.cookie).Body.String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := s.do("POST", "/x?lang=en", nil, "Cookie", "lang=id").Body.String(); !strings.HasPrefix(got, "en|") {
		t.Errorf("a post in the other language answers %q", got)
	}
}

func TestChoiceIsKeptInACookieAndLeavesTheURL(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{Cookies: true, Secure: true}, map[string]httpkit.Handler{"/x": speak})
	w := s.do("GET", "/x?q=a+b&lang=en&theme=dark", nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/x?q=a+b" {
		t.Errorf("answered %d to %q", w.Code, w.Header().Get("Location"))
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 2 {
		t.Fatalf("cookies %v", cookies)
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
	}
	if c := s.do("GET", "/x?theme=auto", nil).Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("back to the device's own appearance: %v", c)
	}
}

func TestPublicSiteSetsNoCookie(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"/x": speak})
	w := s.do("GET", "/x?lang=en&theme=dark", nil, "Cookie", "lang=id")
	if got, want := w.Body.String(), "en|dark|/x?lang=id|/x?theme="; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if len(w.Result().Cookies()) != 0 {
		t.Errorf("cookies %v", w.Result().Cookies())
	}
}

func TestPreferenceRedirectStaysHere(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{Cookies: true}, nil)
	for _, path := range []string{"//evil.example/?lang=en", `/\evil.example/?lang=en`, "///evil.example?lang=en"} {
		location := s.do("GET", "http://example.com"+path, nil).Header().Get("Location")
		if !strings.HasPrefix(location, "/evil.example") && !strings.HasPrefix(location, "/%5C") {
			t.Errorf("%s leads to %q", path, location)
		}
	}
}

func TestLocalTarget(t *testing.T) {
	t.Parallel()
	cases := []struct{ target, want string }{
		{"/usulan?desa=7", "/usulan?desa=7"},
		{"", "/"},
		{"usulan", "/"},
		{"//evil.example", "/"},
		{`/\evil.example`, "/"},
		{`\\evil.example`, "/"},
		{"https://evil.example/", "/"},
		{"javascript:alert(1)", "/"},
		{"/a\r\nSet-Cookie: x=y", "/"},
		{"/%zz", "/"},
	}
	for _, c := range cases {
		if got := httpkit.LocalTarget(c.target, "/"); got != c.want {
			t.Errorf("%q gives %q, want %q", c.target, got, c.want)
		}
	}
}
