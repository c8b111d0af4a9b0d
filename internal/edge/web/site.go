// Package web is the site of the officials: it decodes a request, calls one service
// method, and renders. One file a page; `ls` is the table of contents.
package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/exchange"
	"tepat/internal/service/grievances"
	"tepat/internal/service/identity"
	"tepat/internal/service/insight"
	"tepat/internal/service/installation"
	"tepat/internal/service/letters"
	"tepat/internal/service/looks"
	"tepat/internal/service/lookups"
	"tepat/internal/service/papers"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/service/suggestions"
	"tepat/internal/service/visits"
	"tepat/web/site"
	"tepat/web/ui"
)

// Services are what the pages call.
type Services struct {
	Home     installation.Installation
	Places   *areas.Service
	Accounts *accounts.Service
	Registry *registry.Service
	Civil    *civil.Service
	// Suggestions say of those who do not match what is probably wrong.
	Suggestions *suggestions.Service
	Exchange    *exchange.Service
	Runs        *runs.Service
	// Proposals and Screening are the offices of usulan and of findings; Criteria words the findings.
	Proposals *proposals.Service
	Screening *screening.Service
	Criteria  *eligibility.Library
	// Signs are the signs of poverty of the decree in force.
	Signs scoring.Signs
	// Facts words the facts a criterion rests on; nil shows their names.
	Facts   *eligibility.Vocabulary
	Counter *lookups.Desk
	Own     *lookups.Own
	Looks   *looks.Service
	Insight *insight.Service
	// Programme gives a programme's name in the reader's language.
	Programme func(p i18n.Printer, key string) string
	// Duplicates, Programmes and Payments are the offices of double records, of lists and of stages of payment.
	Duplicates *duplicates.Service
	Identity   *identity.Service
	Programmes *programmes.Service
	Payments   *payments.Service
	// Papers keeps the files of cases.
	Papers *papers.Service
	// Grievances is the office of objections and complaints.
	Grievances *grievances.Service
	// Visits keeps who visited families, and what was found.
	Visits *visits.Service
	// Letters is the register of letters.
	Letters *letters.Service
	// Paid gives what a family was paid, for the page that shows the family in an act of its own.
	Paid func(ctx context.Context, tenant area.Tenant, family sqldb.ID) ([]payments.Payment, error)
	Now  func() time.Time
	// Acts reads the audit log; Sealer proves it.
	Acts   *act.Acts
	Sealer *audit.Sealer
	// Keys seal a form that goes along with the sign-in page.
	Keys *seal.Keyring
	// Uploads is the folder uploaded files lie in while their run lasts.
	Uploads string
	// UploadLimit is how many bytes an uploaded file may have; zero is exchange.DefaultUploadLimit.
	UploadLimit int64
	// Citizens gives where citizens reach their site, without scheme, from the host of a request; nil: in a folder beside this one.
	Citizens func(host string) string
	// Demo lists the accounts of a training installation, for the sign-in page.
	Demo func() []site.Demo
}

// Desk is the site.
type Desk struct {
	Services
	sessions *httpkit.Sessions
	web      *httpkit.Web
	frame    ui.Site
}

// New makes the site.
func New(s Services, sessions *httpkit.Sessions, web *httpkit.Web, frame ui.Site) *Desk {
	return &Desk{Services: s, sessions: sessions, web: web, frame: frame}
}

// forCitizens is the address of a page of the citizens' site, as papers print it.
func (d *Desk) forCitizens(r *http.Request, path string) string {
	if d.Citizens == nil {
		return r.Host + "/publik" + path
	}
	return d.Citizens(r.Host) + path
}

// Page handles a request of somebody signed in.
type Page func(w http.ResponseWriter, r *http.Request, who access.Actor) error

// Route is one line of the site map. Needs is the permission without which nobody gets
// in at all; the act behind the page decides about the row. Empty: every account.
type Route struct {
	Pattern string
	Needs   access.Permission
	Page    Page
}

// Routes is the site map: a test walks every route as every role.
func (d *Desk) Routes() []Route {
	return append([]Route{
		{"GET /{$}", "", d.home},
		{"POST /keluar", "", d.signOut},
		{"GET /keluarga", access.ReadRegistry, d.families},
		{"GET /keluarga/{id}", access.ReadRegistry, d.family},
		{"GET /padan", access.ReadRegistry, d.mismatches},
		{"GET /padan/{id}", access.ReadRegistry, d.bench},
		{"POST /padan/{id}", access.RepairMatch, d.mend},
		{"GET /pekerjaan", access.ReadRuns, d.runList},
		{"GET /pekerjaan/{id}", access.ReadRuns, d.runPage},
		{"POST /pekerjaan/{id}", access.ReadRuns, d.runAct},
	}, d.moreRoutes()...)
}

// Register puts the site on a mux.
func (d *Desk) Register(m *httpkit.Mux) {
	signIn := func(h httpkit.Handler) http.Handler { return d.sessions.Load(d.web.Handle(h)) }
	m.Mount("GET /masuk", signIn(d.signInPage))
	m.Mount("POST /masuk", signIn(d.signIn))
	for _, route := range d.Routes() {
		m.Mount(route.Pattern, d.sessions.Load(site.Framed(d.mounted(route))))
	}
}

// guarded lets only people signed in to a page, and only roles that can use it.
func (d *Desk) guarded(route Route) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := d.actorFor(r.Context(), route)
		if errors.Is(err, fail.Forbidden("account.must_change")) {
			httpkit.Redirect(w, r, "/profil")
			return nil
		}
		if err != nil {
			return err
		}
		if who.ID == ([16]byte{}) {
			return d.signInFirst(w, r)
		}
		site.Known(r, func(page *ui.Page) { d.dress(r, who, page) })
		if route.Needs != "" && !who.Can(route.Needs) {
			return denied(route.Needs)
		}
		who, r, done, err := d.atOffice(w, r, who)
		if err != nil || done {
			return err
		}
		return d.throughOffice(w, r, who, route.Page)
	}
}

// page starts the page of somebody signed in.
func (d *Desk) page(r *http.Request, who access.Actor, titleKey string, facts ...any) ui.Page {
	p := i18n.Of(r)
	page := site.Base(r, d.frame, p.Text(titleKey, facts...))
	d.dress(r, who, &page)
	page.Office = d.officeBar(r, p)
	page.Scripts, page.Shortcuts = ui.ListScripts, shortcutsOn(r)
	page.Printed = site.PrintedBy(r, d.Now().In(d.zone(who)), who.Name)
	page.AsOf = p.Text("web.as_of", "at", p.Moment(d.Now().In(d.zone(who))))
	return page
}

// dress puts the reader's name and her way around the site on a page.
func (d *Desk) dress(r *http.Request, who access.Actor, page *ui.Page) {
	p := i18n.Of(r)
	home, _ := who.Home()
	place := d.Places.Tree().Title(home)
	page.Context = place
	page.User = &ui.User{Name: who.Name, Role: roleWords(p, who), Area: place, Profile: "/profil", SignOut: "/keluar"}
	page.Nav = d.nav(r, p, who)
}

// zone is the time zone of the actor's office.
func (d *Desk) zone(who access.Actor) *time.Location {
	home, _ := who.Home()
	return d.Places.Tree().Zone(home).Location()
}

func roleWords(p i18n.Printer, who access.Actor) string {
	words := ""
	for i, role := range who.Roles() {
		if i > 0 {
			words += ", "
		}
		words += p.Text("role." + string(role))
	}
	return words
}

// navEntry is one entry of the navigation and the permission that shows it.
type navEntry struct {
	path, key string
	needs     access.Permission
}

func navigation() []navEntry {
	return []navEntry{
		{"/", "web.nav.home", ""},
		{"/keluarga", "web.nav.families", access.ReadRegistry},
		{"/padan", "web.nav.mismatches", access.RepairMatch},
		{"/ganda", "web.nav.duplicates", access.ReviewDuplicate},
		{"/usulan", "web.nav.proposals", access.ReadRegistry},
		{"/pengesahan", "web.nav.ratify", access.RatifyProposal},
		{"/penetapan", "web.nav.determine", access.Determine},
		{"/temuan", "web.nav.findings", access.DecideFinding},
		{"/pengaduan", "web.nav.grievances", access.HandleGrievance},
		{"/pengaduan", "web.nav.grievances", access.ApproveProposal},
		{"/program", "web.nav.programmes", access.ReadRegistry},
		{"/penyaluran", "web.nav.payments", access.RunPayment},
		{"/penyaluran", "web.nav.payments", access.ApprovePayment},
		{"/loket", "web.nav.desk", access.LookUp},
		{"/dasbor", "web.nav.dashboard", access.ReadInsight},
		{"/pekerjaan", "web.nav.runs", access.ReadRuns},
		{"/audit", "web.nav.audit", access.ReadAudit},
		{"/pengguna", "web.nav.users", access.ManageUsers},
		{"/pengguna", "web.nav.users", access.ApproveUsers},
	}
}

func (d *Desk) nav(r *http.Request, p i18n.Printer, who access.Actor) []ui.NavItem {
	served := map[string]bool{"/": true}
	for _, route := range d.Routes() {
		served[routePath(route.Pattern)] = true
	}
	var out []ui.NavItem
	for _, n := range navigation() {
		if (n.needs == "" || who.Can(n.needs)) && served[n.path] {
			served[n.path] = false // an entry two permissions open stands once
			out = append(out, ui.NavItem{Label: p.Text(n.key), Href: n.path, Current: section(r.URL.Path) == n.path})
		}
	}
	return out
}
