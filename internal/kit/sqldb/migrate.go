package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Migrate brings the schema to the newest version and gives the number of steps taken.
//
// files holds NNNN_name.sql for both engines, or NNNN_name.sqlite.sql and
// NNNN_name.postgres.sql where they must differ. Migrations go forward only; the schema of a
// newer program is left alone: db.newer.
func (db *DB) Migrate(ctx context.Context, files fs.FS) (int, error) {
	merged, err := overlay(files, db.dialect)
	if err != nil {
		return 0, err
	}
	conn, dialect, closeConn := db.migrationConn()
	defer closeConn()
	provider, err := goose.NewProvider(dialect, conn, merged, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	has, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, Told(fmt.Errorf("read schema version: %w", err))
	}
	if has > newest {
		return 0, newer(has, newest)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), Told(fmt.Errorf("migrate: %w", err))
	}
	if len(done) > 0 && db.dialect == SQLite {
		err = db.Write(ctx, func(tx *Tx) error { return assume(ctx, tx) })
	}
	return len(done), err
}

// SchemaVersion gives the number of the last migration in the database, 0 when there is none.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) {
	var version sql.NullInt64
	err := db.Direct().QueryRow(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied = "+db.boolean()).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version.Int64, nil
}

func (db *DB) boolean() string {
	if db.dialect == SQLite {
		return "1"
	}
	return "TRUE"
}

func (db *DB) migrationConn() (*sql.DB, goose.Dialect, func()) {
	if db.dialect == SQLite {
		return db.writer.db, goose.DialectSQLite3, func() {}
	}
	conn := stdlib.OpenDBFromPool(db.pool)
	return conn, goose.DialectPostgres, func() { conn.Close() }
}

// overlay picks, of each migration, the text for the engine.
func overlay(files fs.FS, d Dialect) (fs.FS, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	picked := map[string]string{}
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".sql")
		engine := strings.TrimPrefix(path.Ext(base), ".")
		switch engine {
		case "":
			if _, own := picked[base]; !own {
				picked[base] = name
			}
		case d.String():
			picked[strings.TrimSuffix(base, "."+engine)] = name
		}
	}
	out := fstest.MapFS{}
	for _, base := range slices.Sorted(maps.Keys(picked)) {
		data, err := fs.ReadFile(files, picked[base])
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		out[base+".sql"] = &fstest.MapFile{Data: data}
	}
	return out, nil
}
