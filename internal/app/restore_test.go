package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/testkit"
)

// earlier is the last migration of a program of before.
const earlier = "0038"

// earlierFiles are the migrations that program had.
func earlierFiles(t *testing.T) fs.FS {
	t.Helper()
	names, err := fs.Glob(schema.Files(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, name := range names {
		if name[:4] > earlier {
			continue
		}
		text, err := fs.ReadFile(schema.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

// earlierDatabase is a database as an earlier program left it, with one row.
func earlierDatabase(t *testing.T, url string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url, sqldb.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context(), earlierFiles(t)); err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), "INSERT INTO counter (kabkota, name, n) VALUES (8171, 'proposal/2026', 41)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func counted(t *testing.T, url string) (n, version int64) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url, sqldb.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Direct().QueryRow(t.Context(), "SELECT n FROM counter WHERE kabkota = 8171").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if version, err = db.SchemaVersion(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n, version
}

// TestABackupOfAnEarlierProgramIsRestored is what an office does whose machine died after the program became newer.
func TestABackupOfAnEarlierProgramIsRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	backup := filepath.Join(dir, "before.tepat")
	earlierDatabase(t, backup)
	for _, part := range []string{"-wal", "-shm", ".lock"} { // a backup is one file
		if err := os.Remove(backup + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	before := fingerprint(t, backup)
	for _, target := range []string{filepath.Join(dir, "new", "tepat.db"), testkit.EmptyPostgresURL(t)} {
		tepat(t, 0, "restore", backup, "--db", target)
		if n, version := counted(t, target); n != 41 || version <= 38 {
			t.Errorf("restored: counter %d, schema %d", n, version)
		}
	}
	if fingerprint(t, backup) != before {
		t.Error("the backup was written to")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "new", "restore-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func fingerprint(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAProgramRefusesASchemaThatIsNotItsOwn asks with a database from before and one from later.
func TestAProgramRefusesASchemaThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": filepath.Join(t.TempDir(), "data", "tepat.db"), "postgres": testkit.EmptyPostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			keys := filepath.Join(dir, "keys")
			earlierDatabase(t, url)
			for _, args := range [][]string{{"backup", filepath.Join(dir, "b.tepat")}, {"db", "copy", "--to", filepath.Join(dir, "copy.db")}} {
				if no := tepat(t, cli.ExitFailed, append(args, "--db", url)...); no["error"] != "db.older" {
					t.Errorf("%v before it is migrated: %v", args, no)
				}
			}
			tepat(t, 0, "migrate", "--db", url)
			tepat(t, 0, "backup", filepath.Join(dir, "b.tepat"), "--db", url)
			fromTheFuture(t, url)
			fromTheFuture(t, filepath.Join(dir, "b.tepat"))
			for _, args := range [][]string{
				{"migrate", "--db", url}, {"doctor", "--db", url, "--keys", keys}, {"backup", filepath.Join(dir, "c.tepat"), "--db", url},
				{"restore", filepath.Join(dir, "b.tepat"), "--db", filepath.Join(dir, "restored.db")},
			} {
				if no := tepat(t, cli.ExitFailed, args...); no["error"] != "db.newer" {
					t.Errorf("%v: %v", args, no)
				}
			}
		})
	}
}

// fromTheFuture makes a database one that a program of later migrated.
func fromTheFuture(t *testing.T, url string) {
	t.Helper()
	db, err := sqldb.Open(context.Background(), url, sqldb.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
		yes := any(int64(1))
		if tx.Dialect() == sqldb.Postgres {
			yes = true
		}
		_, err := tx.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, $1)", yes)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoBackupIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.tepat")
	earlierDatabase(t, whole)
	text := fingerprint(t, whole)
	for name, content := range map[string]string{"empty": "", "text": strings.Repeat("nik;nama\n", 1000), "half": text[:len(text)/3]} {
		path := filepath.Join(dir, name+".tepat")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if no := tepat(t, cli.ExitUsage, "restore", path, "--db", filepath.Join(dir, name, "tepat.db")); no["error"] != "db.no_backup" {
			t.Errorf("%s: %v", name, no)
		}
	}
}
