// Package site holds the pages that belong to no task: signing in, errors, help, privacy,
// accessibility and the state of the service.
package site

import (
	"context"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/ui"
)

// SignInView is the sign-in form as it was last sent.
type SignInView struct {
	Action   string
	Next     string // path to go to afterwards, already checked with httpkit.LocalTarget
	Username string
	Problems []ui.FieldError
	Ended    bool   // the session ended by itself; says so instead of leaving the reader puzzled
	Carried  string // a form that came in too late, sealed: it goes along and is offered again
	Demo     []Demo // accounts of a training installation; must be empty anywhere else
}

// carriedName is the field in which a form goes along, as edge/carry names it.
const carriedName = "carried"

func (v SignInView) hidden() []ui.Hidden {
	out := []ui.Hidden{{Name: "next", Value: v.Next}}
	if v.Carried != "" {
		out = append(out, ui.Hidden{Name: carriedName, Value: v.Carried})
	}
	return out
}

// ResendView is a form that came in too late, for who has signed in again.
type ResendView struct {
	Path   string // it is posted to
	Fields []ui.Hidden
	At     string // when it was sent
	Who    string // in whose name it is sent now
	Leave  ui.Link
}

// Demo is one account of a training installation, shown so that anyone can try each role.
type Demo struct{ Role, Username, Password string }

// ErrorView is what an error page needs beyond the problem itself.
type ErrorView struct {
	Problem    httpkit.Problem
	RoleNeeded string // for 403: in words, such as "Verifikator Dinas Sosial"
	GrantedBy  string // for 403: who gives that role
	Search     string // for 404: where the words of a search are posted; empty shows none
	Back       ui.Link
	Contact    Contact
}

// Contact is where a person gets help from a person.
type Contact struct {
	Office  string
	Address string
	Phone   string
	Email   string
	Hours   string
}

// Empty reports whether nothing is known of the contact.
func (c Contact) Empty() bool { return c == Contact{} }

// StatusView is the state of the service.
type StatusView struct {
	AllWell  bool
	Services []ServiceState
	Planned  []ui.Event
	History  []ui.Event
}

// ServiceState is one part of the service as people know it: check, sign-in, payments data.
type ServiceState struct {
	Name  string
	Chip  ui.Chip
	Since string
	Note  string
}

// field finds the sentence of one field's problem.
func (v SignInView) field(name string) string {
	for _, p := range v.Problems {
		if p.Field == name {
			return p.Message
		}
	}
	return ""
}

// ErrorTitle gives the h1 of an error page.
func ErrorTitle(p i18n.Printer, status int) string {
	switch status {
	case 401, 403, 404, 405, 409, 413, 422, 429, 503:
		return p.Text("site.error.title." + p.Number(int64(status)))
	}
	return p.Text("site.error.title.500")
}

func text(ctx context.Context, key string, facts ...any) string {
	return i18n.From(ctx).Text(key, facts...)
}

// FooterLinks gives the links every footer of a site carries, under the given path prefix.
func FooterLinks(p i18n.Printer, prefix string) []ui.Link {
	return []ui.Link{
		{Label: p.Text("site.footer.help"), Href: prefix + "/bantuan"},
		{Label: p.Text("site.footer.privacy"), Href: prefix + "/kerahasiaan"},
		{Label: p.Text("site.footer.access"), Href: prefix + "/aksesibilitas"},
		{Label: p.Text("site.footer.status"), Href: prefix + "/status"},
	}
}
