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
	"strings"
	"syscall"
	"time"

	forms "tepat/data/questionnaire"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/exchange"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
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
	return cli.Main(ctx, cli.Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Messages: catalogue, Version: version, Schema: schema.Files(), Tables: schema.Tables(),
		Open: func(ctx context.Context, o cli.OpenOptions) (*cli.House, error) {
			o.Version = version
			return Build(ctx, o, catalogue)
		},
	}, args)
}

// Build opens the database and builds every service on it.
func Build(ctx context.Context, o cli.OpenOptions, catalogue *i18n.Catalogue) (h *cli.House, err error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = io.Discard
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
	home, keys, err := settle(ctx, db, o)
	if err != nil {
		return nil, err
	}
	acts := act.New(db, o.Clock, nil)
	places, err := areas.Open(ctx, acts, schema.Tables())
	if err != nil {
		return nil, err
	}
	people := accounts.New(acts, keys, places, home, accounts.Options{})
	reg := registry.New(acts, keys)
	match := civil.New(acts, keys, reg, civil.NewFile(keys, civilmatch.FullValues))
	questions, err := questionnaire.Load(forms.Files)
	if err != nil {
		return nil, err
	}
	indexes, err := schema.BulkIndexes()
	if err != nil {
		return nil, err
	}
	say := catalogue.Printer(i18n.Indonesian)
	files, err := exchange.New(exchange.Parts{Acts: acts, Places: places, Registry: reg, Civil: match, Forms: questions, Indexes: indexes, Reason: say.Error})
	if err != nil {
		return nil, err
	}
	kinds := append(files.Kinds(), match.MatchKind())
	work := runs.New(acts, people.Load, nil, kinds...)
	if home.Loading {
		if err := files.EndLoad(ctx); err != nil {
			return nil, err
		}
	}
	built := &house{catalogue: catalogue, version: o.Version, log: logger(slog.LevelInfo, o.Log), House: cli.House{
		DB: db, DataDir: dataDir(o.DB), Keys: keys, Acts: acts, Home: home, Places: places, Accounts: people, Sealer: audit.NewSealer(db, keys),
		Runs: work, Registry: reg, Civil: match, Exchange: files, Close: db.Close,
	}}
	built.Serve = built.serve
	return &built.House, nil
}

// house is what was built, with what only the roof needs.
type house struct {
	cli.House
	catalogue *i18n.Catalogue
	version   string
	log       *slog.Logger
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
	keys, err := seal.LoadOrCreate(keyDir(o), missing, o.Clock())
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

func keyDir(o cli.OpenOptions) string {
	if o.Keys != "" {
		return o.Keys
	}
	return seal.DefaultDir(dataDir(o.DB))
}

// dataDir is the folder beside a SQLite file; a PostgreSQL installation keeps its files in tepat-data.
func dataDir(db string) string {
	if strings.HasPrefix(db, "postgres") {
		return "tepat-data"
	}
	return filepath.Dir(db)
}
