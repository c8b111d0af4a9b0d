// Package app is the roof: it builds everything, in one function that reads from top to bottom.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/progress"
	"tepat/internal/kit/queue"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
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
	"tepat/internal/service/lookups"
	"tepat/internal/service/papers"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/rekey"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/service/suggestions"
	"tepat/web/messages"
)

// Main runs the command line of this process and gives its exit code.
func Main(version string, args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	catalogue, err := messages.Load()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tepat:", err)
		return cli.ExitFailed
	}
	return cli.Main(ctx, environment(version, catalogue, os.Stdout, os.Stderr), args)
}

// environment is what a command line of this process works in.
func environment(version string, catalogue *i18n.Catalogue, stdout, stderr *os.File) cli.Env {
	return cli.Env{
		Stdout: stdout, Stderr: stderr, Messages: catalogue, Version: version, Schema: schema.Files(), Tables: schema.Tables(),
		Board: func(w progress.Words) cli.Board { return progress.On(stderr, w) },
		Open: func(ctx context.Context, o cli.OpenOptions) (*cli.House, error) {
			o.Version = version
			return Build(ctx, o, catalogue)
		},
	}
}

// Build opens the database and builds every service on it.
func Build(ctx context.Context, o cli.OpenOptions, catalogue *i18n.Catalogue) (h *cli.House, err error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.New == nil {
		if err := cli.MustStand(o.DB); err != nil {
			return nil, err
		}
	}
	db, err := sqldb.Open(ctx, o.DB, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if _, err := db.Migrate(ctx, schema.Files()); err != nil {
		return nil, err
	}
	if err := queue.Migrate(ctx, db); err != nil {
		return nil, err
	}
	home, keys, err := settle(ctx, db, o)
	if err != nil {
		return nil, err
	}
	b := &house{catalogue: catalogue, version: o.Version, log: logger(slog.LevelInfo, o.Log)}
	if b.ref, err = loadReference(); err != nil {
		return nil, err
	}
	set, shown, err := readSettings(o.DB)
	if err != nil {
		return nil, err
	}
	if b.ref.identity, err = set.Identity.model(b.ref.identity); err != nil {
		return nil, err
	}
	if err := b.ground(ctx, o, db, home, keys); err != nil {
		return nil, err
	}
	b.Settings = shown
	if b.civil, err = set.Civil.civilRegistry(db, keys, o.Clock, b.Places.Tree().Zone(home.Home()).Location()); err != nil {
		return nil, err
	}
	if err := b.offices(); err != nil {
		return nil, err
	}
	if home.Loading {
		if err := b.Exchange.Mend(ctx); err != nil {
			return nil, err
		}
	}
	return &b.House, nil
}

// ground builds what every office stands on: acts, the queue, places, accounts, the log.
func (b *house) ground(ctx context.Context, o cli.OpenOptions, db *sqldb.DB, home installation.Installation, keys *seal.Keyring) (err error) {
	b.DB, b.Home, b.Keys, b.DataDir = db, home, keys, cli.DataDir(o.DB)
	b.Acts = act.New(db, o.Clock, jobs{b})
	if b.Places, err = areas.Open(ctx, b.Acts, schema.Tables()); err != nil {
		return err
	}
	b.Accounts = accounts.New(b.Acts, keys, b.Places, home, accounts.Options{})
	b.Sealer = audit.NewSealer(db, keys)
	b.Close, b.Serve, b.Work = b.close, b.serveAndListen, b.workAndListen
	return nil
}

// offices builds the services, each on those before it, and the runs they offer.
func (b *house) offices() (err error) {
	b.Registry = registry.New(b.Acts, b.Keys)
	b.Identity = identity.New(identity.Parts{Acts: b.Acts, Keys: b.Keys, Registry: b.Registry, Model: b.ref.identity, Path: filepath.Join(b.DataDir, "alike.index"), By: b.Home.ID})
	b.Civil = civil.New(b.Acts, b.Keys, b.Registry, b.civil)
	b.Civil.Look(b.Identity)
	b.Suggestions = suggestions.New(suggestions.Parts{
		Acts: b.Acts, Keys: b.Keys, Registry: b.Registry, Civil: b.Civil, Places: b.Places, Model: b.ref.identity, Rules: b.ref.repair,
		Dir: b.DataDir, Log: b.log,
	})
	b.Letters = letters.NewService(b.Acts, b.Places)
	b.Assessments = assessments.New(assessments.Parts{Acts: b.Acts, Registry: b.Registry, Places: b.Places, Forms: b.ref.forms, Model: b.ref.model})
	b.Screening = screening.New(screening.Parts{
		Acts: b.Acts, Keys: b.Keys, Registry: b.Registry, Letters: b.Letters, Places: b.Places, Catalogue: b.ref.kinds, Vocabulary: b.ref.vocabulary,
		Library: b.ref.criteria, Wages: b.ref.wages, Forms: b.ref.forms, Deadlines: b.ref.deadlines, Reasons: b.ref.reasons, Calendar: b.ref.calendar,
		Training: b.Home.Training, Workers: runtime.NumCPU(), Zone: b.officeZone(),
	})
	b.Screening.Look(b.Identity)
	b.Criteria = b.ref.criteria
	rules, routes, err := proposals.Workflow()
	if err != nil {
		return err
	}
	b.Proposals = proposals.New(proposals.Parts{
		Acts: b.Acts, Keys: b.Keys, Places: b.Places, Registry: b.Registry, Civil: b.Civil, Matcher: b.civil,
		Home: b.Home, Forms: b.ref.forms, Rules: rules, Routes: routes, Letters: proposals.LetterFunc(b.refusalLetter), Papers: papers.Attach{}, Alikes: b.Identity, Zone: b.officeZone(),
	})
	b.Grievances = grievances.New(grievances.Parts{Acts: b.Acts, Keys: b.Keys, Places: b.Places, Registry: b.Registry, Proposals: b.Proposals, Home: b.Home, Load: b.Accounts.Load, Zone: b.officeZone()})
	b.Papers = papers.New(papers.Parts{Acts: b.Acts, Keys: b.Keys, Places: b.Places, Home: b.Home, Deadlines: b.ref.deadlines, Calendar: b.ref.calendar})
	indexes, err := schema.BulkIndexes()
	if err != nil {
		return err
	}
	say := b.catalogue.Printer(i18n.Indonesian)
	b.Exchange, err = exchange.New(exchange.Parts{
		Acts: b.Acts, Places: b.Places, Registry: b.Registry, Civil: b.Civil, Screening: b.Screening, Assessments: b.Assessments, Proposals: b.Proposals,
		Forms: b.ref.forms, Indexes: indexes, Reason: say.Error, Alikes: b.Identity,
	})
	if err != nil {
		return err
	}
	b.Duplicates = duplicates.New(b.Acts, b.Keys, b.Registry, b.Civil, b.ref.identity)
	b.Programmes = programmes.New(programmes.Parts{
		Acts: b.Acts, Registry: b.Registry, Cases: b.Assessments, Letters: b.Letters, Places: b.Places, Home: b.Home, Catalogue: b.ref.programmes,
		Vocabulary: b.ref.vocabulary, Wages: b.ref.wages, Exclusions: b.Screening.AllExclusionsIn, Statements: b.Screening.StatedIn, Deadlines: b.ref.deadlines, Reasons: b.Proposals.Rules().Reasons, Calendar: b.ref.calendar, Workers: runtime.NumCPU(),
	})
	b.Screening.Connect(b.Programmes, nil)
	b.Payments = payments.New(payments.Parts{
		Acts: b.Acts, Keys: b.Keys, Places: b.Places, Registry: b.Registry, Home: b.Home, Catalogue: b.ref.programmes, Tables: b.ref.payments, Rules: b.ref.payRules,
	})
	b.Bank = b.ref.bank
	b.Exchange.Connect(b.Payments)
	kinds := append(b.Exchange.Kinds(), b.Civil.MatchKind(), b.Suggestions.SuggestKind(), b.Suggestions.MendKind(), b.Proposals.DetermineKind(), b.Duplicates.DedupeKind())
	kinds = append(append(append(kinds, b.Assessments.ScoreKind()), b.Programmes.Kinds()...), b.Payments.Kinds()...)
	if b.Rekey, err = rekey.New(rekey.Parts{Acts: b.Acts, Keys: b.Keys, Tables: schema.Tables()}); err != nil {
		return err
	}
	kinds = append(append(kinds, b.Screening.Kinds()...), b.Rekey.Kind())
	b.Runs = runs.New(b.Acts, b.Accounts.Load, b.background, kinds...)
	b.attended = b.Runs.Attended()
	b.Insight = insight.New(insight.Parts{Acts: b.Acts, Places: b.Places, Runs: b.Runs, Catalogue: b.ref.programmes, Names: b.ref.names})
	return nil
}

// refusalLetter keeps the letter that tells an applicant of a refusal.
func (b *house) refusalLetter(ctx context.Context, tx *act.Tx, l proposals.Letter) error {
	_, err := b.Letters.IssueIn(ctx, tx, letters.New{Tenant: l.Tenant, Kind: letters.Kind(l.Kind), Subject: l.Proposal, Area: l.Area, Facts: l.Facts})
	return err
}

// house is what was built, with what only the roof needs.
type house struct {
	cli.House
	catalogue *i18n.Catalogue
	version   string
	log       *slog.Logger
	ref       reference
	queue     *queue.Queue // while the house serves
	// attended keeps the same runs for commands, which work theirs themselves also while the house serves.
	attended *runs.Service
	checker  *lookups.Checker
	civil    civil.Registry // who answers about NIKs
	// uploadLimit is how many bytes an uploaded file may have; zero is the usual limit.
	uploadLimit int64
	// citizensAt is where citizens reach their site, from the host of an officer; nil while nothing is served.
	citizensAt func(host string) string
}

// settle finds the installation and its keys, or makes both.
func settle(ctx context.Context, db *sqldb.DB, o cli.OpenOptions) (installation.Installation, *seal.Keyring, error) {
	home, err := installation.Read(ctx, db)
	missing := fail.CodeOf(err) == "installation.missing"
	if err != nil && !missing {
		return home, nil, err
	}
	if missing && o.New == nil {
		return home, nil, err
	}
	if !missing && o.First {
		if err := unfinished(ctx, db, home, *o.New); err != nil {
			return home, nil, err
		}
	}
	if missing {
		if err := cli.KeysOutside(o.Keys, o.DB); err != nil {
			return home, nil, err
		}
	}
	keys, err := seal.LoadOrCreate(cli.KeyDir(o.Keys, o.DB), missing, o.Clock())
	if err != nil {
		return home, nil, err
	}
	if !missing {
		return home, keys, nil
	}
	if _, err := areas.Seed(ctx, db, o.New.Areas); err != nil {
		return home, nil, err
	}
	home, err = installation.Create(ctx, db, *o.New, o.Clock())
	return home, keys, err
}

// unfinished lets an installation be made that is there already, when it is the same one and was cut off before anybody had
// an account: nobody could ever come in otherwise. Else installation.exists.
func unfinished(ctx context.Context, db *sqldb.DB, home installation.Installation, asked installation.Creation) error {
	founded, err := accounts.Founded(ctx, db.Direct())
	if err != nil {
		return err
	}
	if founded || home.Name != asked.Name || home.Level != asked.Level || home.Training != asked.Training || !slices.Equal(home.Areas, asked.Areas) {
		return fail.Conflict("installation.exists")
	}
	return nil
}
