// Package public is the citizens' site: the status check, the check of a letter, and the
// plain pages. It faces the internet, so it reaches least: no script, and of the registry only
// what service/lookups tells anybody. A person's own pages, which she opens with her NIK and a
// code on paper, are the only ones with a session and its cookie.
package public

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"tepat/internal/domain/person"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/lookups"
	"tepat/web/site"
	"tepat/web/ui"
)

// Checker answers the status check; lookups.Checker does.
type Checker interface {
	// Check tells whether the person is listed, and with which programmes. Error:
	// check.limited when a budget of the day is used up.
	Check(ctx context.Context, nik person.NIK, last6 lookups.Last6) (lookups.Answer, error)
}

// Letters checks printed letters.
type Letters interface {
	// LetterByCode tells what anybody may know who holds a letter with the code, as typed.
	// Errors of kind Invalid and NotFound are shown beside the field.
	LetterByCode(ctx context.Context, code string) (LetterView, error)
}

// LetterView is all that a code tells of a letter.
type LetterView struct {
	Kind     string // its words are letters.kind.<kind> of the catalogue
	Code     string // as it stands on the paper
	IssuedAt time.Time
	Valid    bool
}

// Services are what the pages call.
type Services struct {
	Checker Checker
	// Letters is nil where letters are not checked; the site then has no such page.
	Letters Letters
	// Programme gives the name of a programme in the reader's language, by its key.
	Programme func(p i18n.Printer, key string) string
	// Alive asks whether the database answers, for the status page; nil leaves it to what
	// the checks themselves met.
	Alive func(ctx context.Context) error
	// Desk is what a citizen can send; nil where all of it is done at the village office.
	Desk *Desk
	// Own are a person's own pages; nil where none are opened.
	Own *OwnPages
	// Open are figures anybody may see; nil where none are published.
	Open *OpenData
}

// Options say how the site is served.
type Options struct {
	// Prefix stands before every path: "" on a listener of its own, "/publik" beside the
	// officials' site.
	Prefix string
	// Address is where citizens find the site, "https://cek.example.go.id", for the foot of
	// prints; empty leaves it out.
	Address string
	Contact site.Contact
	// Limits bound what one address may ask; the zero value means DefaultLimits.
	Limits Limits
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Zone is the local time of the installation; nil means WIB.
	Zone *time.Location
	// Secret signs the questions, so that several processes accept each other's; nil makes
	// one for this process.
	Secret []byte
}

func (o Options) withDefaults() Options {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("WIB", 7*3600)
	}
	if o.Secret == nil {
		o.Secret = make([]byte, 32)
		rand.Read(o.Secret) // never fails (crypto/rand)
	}
	o.Prefix = strings.TrimSuffix(o.Prefix, "/")
	return o
}

// Site is the citizens' site. It is safe for concurrent use.
type Site struct {
	Services
	o         Options
	frame     ui.Site
	fixed     fixedHeaders
	shelf     *shelf
	checks    *guard
	letters   *guard
	filings   *guard   // of what citizens send
	tracks    *guard   // of who asks where it stands
	owns      *guard   // of who opens her own pages
	opens     *guard   // of who is in
	uploads   *uploads // files that are being read
	web       *httpkit.Web
	own       *httpkit.Sessions // nil without Services.Own
	questions *questions
	pulse     pulse // of the checks
	database  pulse // of Services.Alive
}

// New makes the site. It gives the ground its error page when it has none.
func New(s Services, web *httpkit.Web, frame ui.Site, o Options) *Site {
	o = o.withDefaults()
	out := &Site{Services: s, o: o, frame: frame, fixed: newFixedHeaders(), shelf: &shelf{}, checks: newGuard(o.Limits), letters: newGuard(o.Limits), filings: newGuard(o.Limits), tracks: newGuard(o.Limits),
		owns: newGuard(o.Limits), opens: newGuard(ownLimits(o.Limits)), uploads: newUploads(), web: web,
		questions: newQuestions(o.Secret, o.Limits.Addresses)}
	if web.Page == nil {
		web.Page = out.errorPage
	}
	return out
}

// Register puts the site on a mux.
func (s *Site) Register(m *httpkit.Mux) {
	at := func(method, path string, h httpkit.Handler) { m.Handle(method+" "+s.o.Prefix+path, h) }
	at("GET", "/{$}", s.home)
	if s.o.Prefix != "" {
		at("GET", "", s.home)
	}
	at("GET", checkPath, s.checkForm)
	at("POST", checkPath, s.check)
	if s.Letters != nil {
		at("GET", letterPath, s.letterForm)
		at("POST", letterPath, s.letter)
	}
	if s.Desk != nil {
		s.registerDesk(at, m)
	}
	if s.Own != nil {
		s.registerOwn(m)
	}
	if s.Open != nil {
		at("GET", figuresPath, s.figures)
		at("GET", figuresFile, s.figuresCSV)
	}
	at("GET", "/bantuan", s.plain("/bantuan", "site.help.title", "site.help.lead", site.Help))
	at("GET", "/kerahasiaan", s.plain("/kerahasiaan", "site.privacy.title", "site.privacy.lead", site.Privacy))
	at("GET", "/aksesibilitas", s.plain("/aksesibilitas", "site.access.title", "site.access.lead", site.Accessibility))
	at("GET", statusPath, s.status)
}

const (
	checkPath  = "/cek"
	letterPath = "/surat"
	statusPath = "/status"
)
