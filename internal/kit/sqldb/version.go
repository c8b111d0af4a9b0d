package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
)

// Fits tells whether the database has the schema of files: db.newer when a newer program made it, db.older when it is still
// to be migrated.
func (db *DB) Fits(ctx context.Context, files fs.FS) error {
	has, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	newest, err := newestOf(files)
	switch {
	case err != nil:
		return err
	case has > newest:
		return newer(has, newest)
	case has < newest:
		return fail.Conflict("db.older", "schema", has, "program", newest)
	}
	return nil
}

// newer is the error of a database that a newer program made: this one does not know what it would leave out.
func newer(has, newest int64) error {
	return fail.Conflict("db.newer", "schema", has, "program", newest)
}

// newestOf gives the highest number of migrations.
func newestOf(files fs.FS) (newest int64, err error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		newest = max(newest, n)
	}
	return newest, nil
}

// FromBackup opens a file of BackupTo with the schema of files and gives it to f. What an earlier program wrote is brought up
// to date in a copy inside scratch, which is removed afterwards; the file itself is never written to. Errors: db.no_backup,
// db.newer.
func FromBackup(ctx context.Context, path string, files fs.FS, scratch string, f func(source *DB) error) (err error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return fail.Invalid("db.no_backup")
	}
	source, err := Open(ctx, path, Options{NoLock: true})
	if err != nil {
		return fail.Invalid("db.no_backup").Because(err)
	}
	if _, err := source.SchemaVersion(ctx); err != nil {
		return errors.Join(fail.Invalid("db.no_backup").Because(err), source.Close())
	}
	unfit := source.Fits(ctx, files)
	if unfit == nil {
		defer func() { err = errors.Join(err, source.Close()) }()
		return f(source)
	}
	if err := source.Close(); err != nil || fail.CodeOf(unfit) != "db.older" {
		return errors.Join(unfit, err)
	}
	return brought(ctx, path, files, scratch, f)
}

// brought gives f a migrated copy of a backup.
func brought(ctx context.Context, path string, files fs.FS, scratch string, f func(*DB) error) (err error) {
	dir, err := os.MkdirTemp(scratch, "restore-")
	if err != nil {
		return fmt.Errorf("make room for a copy of the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, "backup.db")
	if err := copyFile(copied, path); err != nil {
		return err
	}
	db, err := Open(ctx, copied, Options{Readers: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx, files); err != nil {
		return err
	}
	return f(db)
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("copy backup: %w", err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copy backup: %w", err)
	}
	return nil
}
