package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is an open database of either engine.
type DB struct {
	dialect Dialect
	writer  *writer       // SQLite
	reader  *sql.DB       // SQLite
	seats   *seats        // SQLite
	pool    *pgxpool.Pool // PostgreSQL
	lock    *fileLock     // SQLite: one process owns the file
	path    string
	hasty   atomic.Bool
}

// Options of Open.
type Options struct {
	// Readers is the number of connections that read at the same time; 0 means 4.
	Readers int
	// NoLock opens a SQLite file that another process owns, for reading only.
	NoLock bool
}

// Stands tells whether a SQLite file is there; of PostgreSQL the server tells.
func Stands(url string) bool {
	if onPostgres(url) {
		return true
	}
	_, err := os.Stat(url)
	return !errors.Is(err, fs.ErrNotExist)
}

func onPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Open opens "postgres://…" or the path of a SQLite file, which it makes when it is missing.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Readers == 0 {
		o.Readers = 4
	}
	if onPostgres(url) {
		return openPostgres(ctx, url, o)
	}
	return openSQLite(ctx, url, o)
}

// planning are PostgreSQL's settings for our statements: chunks of some thousand rows, each found
// by an index. The address of the database may set them otherwise.
var planning = map[string]string{
	// A plan kept from when a table was empty reads it from end to end for ever: a first
	// import took thirty times as long. Planning anew costs a tenth of a millisecond.
	"plan_cache_mode": "force_custom_plan",
	// The default, 4, is that of a turning disk: it reads a whole table rather than look up 400 rows.
	"random_page_cost": "1.1",
	// Compiling a statement takes longer than any of ours gains by it.
	"jit": "off",
	// By default two more processes are started for a statement that takes some ten milliseconds, and starting them takes
	// as long. At ten times that they are started for whole tables of a large district.
	"parallel_setup_cost": "10000",
}

func openPostgres(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database address: %w", err)
	}
	cfg.MaxConns = int32(max(o.Readers*2, 8))
	cfg.ConnConfig.DialFunc = dialLine(cfg.ConnConfig.DialFunc)
	for name, value := range planning {
		if _, own := cfg.ConnConfig.RuntimeParams[name]; !own {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, Told(fmt.Errorf("reach database: %w", err))
	}
	return &DB{dialect: Postgres, pool: pool}, nil
}

// Dialect tells the engine.
func (db *DB) Dialect() Dialect { return db.dialect }

// Path gives the SQLite file, empty on PostgreSQL.
func (db *DB) Path() string { return db.path }

// Pool gives the PostgreSQL pool, nil on SQLite. It is for the job queue only.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// WriterSQL gives SQLite's one writing connection, nil on PostgreSQL. It is for the job queue only.
func (db *DB) WriterSQL() *sql.DB {
	if db.writer == nil {
		return nil
	}
	return db.writer.db
}

// Alone tells that no other process writes to the database while this one has it open: a
// SQLite file is locked, a PostgreSQL database is not.
func (db *DB) Alone() bool { return db.lock != nil }

// Close releases everything.
func (db *DB) Close() error {
	if db.pool != nil {
		db.pool.Close()
		return nil
	}
	err := errors.Join(db.seats.close(), db.reader.Close())
	if db.writer != nil {
		if e := db.writer.close(); err == nil {
			err = e
		}
	}
	if db.lock != nil {
		if e := db.lock.release(); err == nil {
			err = e
		}
	}
	return err
}

const (
	retries    = 5
	retryPause = 5 * time.Millisecond
)

// Write runs f in a transaction and commits when f returns nil. On PostgreSQL it
// runs f again when the database asks for it, so f must have no effect outside
// the transaction. Errors: db.full, db.gone, and those of f.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	if db.writer != nil {
		return Told(db.writer.do(ctx, f))
	}
	return Told(db.writePostgres(ctx, f))
}

func (db *DB) writePostgres(ctx context.Context, f func(*Tx) error) error {
	var err error
	for try := range retries {
		t := &Tx{}
		err = pgx.BeginTxFunc(ctx, db.pool, db.begin(), func(tx pgx.Tx) error {
			t.pg = tx
			return f(t)
		})
		if err == nil {
			t.tellCommitted()
		}
		if !IsRetryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryPause << try):
		}
	}
	return err
}

// begin says how PostgreSQL's writing transactions begin: those of a hasty database do not wait for the disk.
func (db *DB) begin() pgx.TxOptions {
	if db.hasty.Load() {
		return pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit = off"}
	}
	return pgx.TxOptions{}
}

// Read runs f in a snapshot that cannot write. Errors: db.gone, and those of f.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	if db.pool != nil {
		o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return Told(pgx.BeginTxFunc(ctx, db.pool, o, func(tx pgx.Tx) error { return f(&Tx{pg: tx}) }))
	}
	tx, err := db.reader.BeginTx(ctx, nil)
	if err != nil {
		return Told(err)
	}
	defer tx.Rollback()
	return Told(f(&Tx{lite: tx}))
}

// Relaxed lets SQLite's commits return before they are on the disk, and its log grow larger
// before it is carried over into the file, for a bulk load that can be done again; it
// changes nothing on PostgreSQL. It holds until it is switched off or the file is opened anew.
func (db *DB) Relaxed(ctx context.Context, on bool) error {
	if db.writer == nil {
		return nil
	}
	on = on || db.hasty.Load()
	pragmas := ordinary
	if on {
		pragmas = relaxed
	}
	if err := db.writer.carry(ctx, db.path, on); err != nil {
		return err
	}
	if _, err := db.writer.db.ExecContext(ctx, pragmas); err != nil {
		return fmt.Errorf("set how commits are kept: %w", err)
	}
	return nil
}

// Hasty keeps the database relaxed, whatever its loads say, until it is switched off: for one
// that is being made and is made anew when that is broken off. PostgreSQL's commits return before they
// are on the disk meanwhile, as SQLite's do. Everything is on the disk when it was switched off.
func (db *DB) Hasty(ctx context.Context, on bool) error {
	db.hasty.Store(on)
	if db.pool != nil && !on {
		// A commit that wrote something waits for the disk, for itself and for all before it.
		return db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(ctx, "SELECT pg_logical_emit_message(true, 'tepat', 'made')")
			return err
		})
	}
	if err := db.Relaxed(ctx, on); err != nil || on || db.writer == nil {
		return err
	}
	if _, err := db.writer.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return fmt.Errorf("bring the log to the disk: %w", err)
	}
	return nil
}

// How commits are kept. The log is carried over when it holds so many pages: a reader looks each page up
// in it, in one table for the first 4,062, and pages that many commits change are carried over once.
const (
	ordinary = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000"
	relaxed  = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000"
)

// SortInFiles lets SQLite sort in temporary files instead of memory, for indexes built on
// tables of any size, and in pieces that stay in the processor's cache: names of a million sort in 1.6 seconds of
// processor time by 2 MiB at a time, in 2.4 by 64. It changes nothing on PostgreSQL, which does so by itself. It is not
// for the load before: statements of many rows keep a journal in the same place.
func (db *DB) SortInFiles(ctx context.Context, on bool) error {
	if db.writer == nil {
		return nil
	}
	pragmas := "PRAGMA temp_store = MEMORY; PRAGMA " + cacheSize
	if on {
		pragmas = "PRAGMA temp_store = FILE; PRAGMA cache_size = -2048"
	}
	if _, err := db.writer.db.ExecContext(ctx, pragmas); err != nil {
		return fmt.Errorf("set where to sort: %w", err)
	}
	return nil
}

// Analyze brings the planner's statistics up to date, after a bulk load: on PostgreSQL of all tables of ours that hold anything.
// SQLite looks at some of the rows of each index only: it took a tenth of a load to look at all. Of tables that are
// empty yet it keeps what is assumed of a district's.
func (db *DB) Analyze(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		if db.dialect == Postgres {
			return analyze(ctx, tx, 30, " > 0")
		}
		if _, err := tx.Exec(ctx, "PRAGMA analysis_limit = 20000; ANALYZE"); err != nil {
			return err
		}
		return assume(ctx, tx)
	})
}

// Grown takes PostgreSQL's statistics of the tables anew that have more than doubled since, for
// use between the chunks of a bulk load: statistics of an empty table make the planner read all
// rows of a file to find one of them. It does nothing on SQLite, whose plans do not change
// during a load.
func (db *DB) Grown(ctx context.Context) error {
	if db.pool == nil {
		return nil
	}
	return db.Write(ctx, func(tx *Tx) error {
		return analyze(ctx, tx, 10, " / current_setting('block_size')::int > 2 * greatest(c.relpages, 0) + 8")
	})
}

// analyze takes PostgreSQL's statistics of the tables whose size on disk, in bytes, meets the condition. It looks at 300
// rows of each for each step of detail, of which the default is 100: in the demo that was 2 of the server's 17 seconds. How large
// a table is and that its keys differ shows in a tenth, and the server's own housekeeping takes
// statistics in full when many rows have changed since.
func analyze(ctx context.Context, tx *Tx, detail int, size string) error {
	tables, err := Collect(ctx, tx, `
		SELECT c.oid::regclass::text
		FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid)`+size+`
		ORDER BY 1`, nil, func(r Row) (name string, err error) { return name, r.Scan(&name) })
	if err != nil || len(tables) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL default_statistics_target = %d", detail)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "ANALYZE "+strings.Join(tables, ", "))
	return err
}

// Direct reads outside a transaction: for single statements such as the public check.
func (db *DB) Direct() Querier { return direct{db} }

type direct struct{ db *DB }

func (d direct) Dialect() Dialect { return d.db.dialect }

func (d direct) Exec(context.Context, string, ...any) (int64, error) {
	return 0, fmt.Errorf("direct access reads only")
}

func (d direct) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	if d.db.pool != nil {
		rows, err := d.db.pool.Query(ctx, query, args...)
		if err != nil {
			return nil, Told(err)
		}
		return pgRows{rows}, nil
	}
	rows, err := d.db.reader.QueryContext(ctx, query, args...)
	return rows, Told(err)
}

func (d direct) QueryRow(ctx context.Context, query string, args ...any) Row {
	if d.db.pool != nil {
		return toldRow{pgRow{d.db.pool.QueryRow(ctx, query, args...)}}
	}
	return toldRow{d.db.reader.QueryRowContext(ctx, query, args...)}
}
