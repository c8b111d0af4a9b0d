// Package testkit gives tests the real engines, a clock that stands still, and people to act.
package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/testkit/pgtest"
)

// Engines runs f on a fresh, migrated database of each engine.
func Engines(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// SQLite opens a fresh, migrated SQLite database in the test's folder.
func SQLite(t testing.TB) *sqldb.DB {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "tepat.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// Postgres opens a fresh, migrated PostgreSQL database.
func Postgres(t testing.TB) *sqldb.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL makes a fresh, migrated PostgreSQL database and gives its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("make template: %v", err)
	}
	return postgresOf(t, template)
}

// EmptyPostgresURL makes a PostgreSQL database with nothing in it, for tests of migrations and of what fills a database, and
// gives its address.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return postgresOf(t, "")
}

func postgresOf(t testing.TB, template string) string {
	t.Helper()
	url, drop, err := pgtest.Database(t.Context(), "t_"+sqldb.NewID().Short()+sqldb.NewID().Short(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

func open(t testing.TB, url string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url, sqldb.Options{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// sqliteTemplate makes, once a test process, the database that tests write into their folders.
var sqliteTemplate = sync.OnceValues(func() (file []byte, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tepat-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "tepat.db")
	db, err := sqldb.Open(ctx, path, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	_, err = db.Migrate(ctx, schema.Files())
	if err := errors.Join(err, db.Close()); err != nil { // the last one to close carries the log over into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// postgresTemplate makes, once a server and schema, the database that tests copy.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	name, err := schemaName()
	if err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	server, err := pgtest.Server(ctx)
	if err != nil {
		return "", err
	}
	if migrated(ctx, server+"/"+name) {
		return name, nil
	}
	url, _, err := pgtest.Database(ctx, name, "")
	if err != nil && !migrated(ctx, server+"/"+name) {
		url = server + "/" + name // a half-made one: go on where it stopped
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, err = db.Migrate(ctx, schema.Files())
	return name, err
})

func migrated(ctx context.Context, url string) bool {
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		return false
	}
	defer db.Close()
	names, err := fs.Glob(schema.Files(), "*.sql")
	if err != nil {
		return false
	}
	version, err := db.SchemaVersion(ctx)
	return err == nil && version >= newest(names)
}

func newest(names []string) int64 {
	var n int64
	for _, name := range names {
		var v int64
		if _, err := fmt.Sscanf(name, "%d_", &v); err == nil {
			n = max(n, v)
		}
	}
	return n
}

func schemaName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(schema.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(schema.Files(), path)
		sum.Write([]byte(path))
		sum.Write(data)
		return err
	})
	return "tepat_template_" + hex.EncodeToString(sum.Sum(nil))[:12], err
}
