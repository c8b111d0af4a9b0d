package site

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// Base starts a ui.Page for a request: installation, title, appearance, the switches.
func Base(r *http.Request, s ui.Site, title string) ui.Page {
	return ui.Page{Site: s, Title: title, Theme: httpkit.Theme(r),
		OtherLang: httpkit.OtherLanguageURL(r), ThemeHref: httpkit.ThemeURL(r)}
}

// PrintedBy fills what the foot of a print says. The address leaves the query out, which may
// hold a name that was searched for.
func PrintedBy(r *http.Request, now time.Time, user string) ui.Printed {
	return ui.Printed{Address: r.Host + r.URL.Path, At: i18n.Of(r).Moment(now), By: user}
}

type readerKey struct{}

// reader is who asks for a page, once that is known.
type reader struct{ dress func(*ui.Page) }

// Framed leaves room for the reader of a page, so that an error page can keep her navigation.
func Framed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), readerKey{}, &reader{})))
	})
}

// Known tells who the reader is: dress puts her name and navigation around a page. It must touch no
// database and no session.
func Known(r *http.Request, dress func(*ui.Page)) {
	if known, ok := r.Context().Value(readerKey{}).(*reader); ok {
		known.dress = dress
	}
}

// ErrorPages gives the function httpkit.Web.Page wants: the error page of a site. It touches
// no database and no session, so that it works when those do not.
func ErrorPages(s ui.Site, contact Contact) func(http.ResponseWriter, *http.Request, httpkit.Problem) error {
	return func(w http.ResponseWriter, r *http.Request, problem httpkit.Problem) error {
		p := i18n.Of(r)
		page := Base(r, s, ErrorTitle(p, problem.Status))
		page.Narrow = true
		if known, ok := r.Context().Value(readerKey{}).(*reader); ok && known.dress != nil {
			known.dress(&page)
		}
		home := s.HomeHref
		if home == "" {
			home = "/"
		}
		v := ErrorView{Problem: problem, Contact: contact, Back: ui.Link{Label: p.Text("site.error.home"), Href: home}}
		if problem.Status == http.StatusNotFound && slices.ContainsFunc(page.Nav, func(n ui.NavItem) bool { return n.Href == familyList }) {
			v.Search = familyList + "/cari" // words are posted there: no name stands in an address
		}
		if v.RoleNeeded = rolesFor(p, problem.Cause); v.RoleNeeded != "" {
			v.GrantedBy = p.Text("site.error.grantor")
		}
		return httpkit.Render(w, r, problem.Status, Error(page, v))
	}
}

// familyList is the list of families of the officials' site, for who has it in her navigation.
const familyList = "/keluarga"

// rolesFor names the roles that carry the permission a refusal was about.
func rolesFor(p i18n.Printer, refusal *fail.Error) string {
	if refusal == nil || refusal.Code != "access.denied" {
		return ""
	}
	var words []string
	for _, f := range refusal.Facts {
		if f.Key != "permission" {
			continue
		}
		for _, role := range access.Roles() {
			if role.Has(access.Permission(fmt.Sprint(f.Value))) {
				words = append(words, p.Text("role."+string(role)))
			}
		}
	}
	return strings.Join(words, ", ")
}
