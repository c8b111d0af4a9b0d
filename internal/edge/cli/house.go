package cli

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/conf"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/assessments"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/exchange"
	"tepat/internal/service/grievances"
	"tepat/internal/service/identity"
	"tepat/internal/service/insight"
	"tepat/internal/service/installation"
	"tepat/internal/service/letters"
	"tepat/internal/service/papers"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/rekey"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/service/suggestions"
)

// OpenOptions say which database to open, and how.
type OpenOptions struct {
	DB   string
	Keys string
	// New makes the installation when the database holds none.
	New *installation.Creation
	// First refuses an installation that is there already, with installation.exists.
	First bool
	// Bare opens a database that may hold no installation: for migrate, restore and copy.
	Bare  bool
	Clock func() time.Time
	// Log takes the JSON lines of a serving process; nil writes none.
	Log     io.Writer
	Version string
	// NoJobs starts no background workers.
	NoJobs bool
}

// House is everything that was built on one database.
type House struct {
	DB       *sqldb.DB
	DataDir  string
	Keys     *seal.Keyring
	Settings []conf.Setting // what the operator set, with where each came from
	Acts     *act.Acts
	Home     installation.Installation
	Places   *areas.Service
	Accounts *accounts.Service
	Sealer   *audit.Sealer
	Runs     *runs.Service
	Registry *registry.Service
	Civil    *civil.Service
	Exchange *exchange.Service

	Letters     *letters.Service
	Assessments *assessments.Service
	Screening   *screening.Service
	Criteria    *eligibility.Library
	Identity    *identity.Service
	Proposals   *proposals.Service
	Grievances  *grievances.Service
	Papers      *papers.Service
	Suggestions *suggestions.Service
	Duplicates  *duplicates.Service
	Programmes  *programmes.Service
	Payments    *payments.Service
	Insight     *insight.Service
	Rekey       *rekey.Service
	Bank        payments.Bank // answers in training installations

	// Serve serves the site until the context ends.
	Serve func(ctx context.Context, o ServeOptions) error
	// Work works the background jobs until the context ends; ready is called once they are.
	Work func(ctx context.Context, ready func()) error
	// Close gives everything back.
	Close func() error
}

// ServeOptions say where and how the site is served.
type ServeOptions struct {
	Addr        string
	PublicAddr  string // the public pages' own listener; empty serves them beside the others
	PublicName  string // under which citizens reach them, as papers print it; empty goes by the addresses
	Certificate string
	Key         string
	ACME        []string // host names
	Proxies     []string
	NoJobs      bool
	UploadLimit int64 // bytes of a file sent through the browser; zero is the usual limit
	// Demo lists the accounts a training installation shows on its sign-in page.
	Demo []DemoLogin
	// Ready is told the address once it listens.
	Ready func(url string)
}

// MustStand refuses the name of a database that is not there, so that one mistyped makes none: installation.missing.
func MustStand(db string) error {
	if !sqldb.Stands(db) {
		return fail.NotFound("installation.missing")
	}
	return nil
}

// DataDir is the folder of a database's files: beside a SQLite file; a PostgreSQL
// installation keeps its files in tepat-data.
func DataDir(db string) string {
	if strings.HasPrefix(db, "postgres") {
		return "tepat-data"
	}
	return filepath.Dir(db)
}

// tenant gives the one district an installation writes for, which commands mean when they name no area.
func (h *House) tenant() (area.Tenant, area.Code) {
	home := h.Home.Home()
	return h.Places.TenantOf(home), home
}

// DemoLogin is one account of a training installation.
type DemoLogin struct{ Role, Login, Password string }
