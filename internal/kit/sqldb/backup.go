package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// BackupTo writes a consistent copy of the database to a new SQLite file: what the
// manifest marks Copy, from either engine. Restoring is Copy from that file. files
// holds the migrations that make the copy's schema.
func (db *DB) BackupTo(ctx context.Context, path string, files fs.FS, tables []Table, told func(Copied)) ([]Copied, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("write backup: %w", fs.ErrExist)
	}
	part := path + ".part"
	if err := removeSQLite(part); err != nil {
		return nil, fmt.Errorf("clear unfinished backup: %w", err)
	}
	copied, err := db.backupPart(ctx, part, files, tables, told)
	if err != nil {
		return copied, errors.Join(err, removeSQLite(part))
	}
	if err := os.Rename(part, path); err != nil {
		return copied, fmt.Errorf("name backup: %w", err)
	}
	return copied, removeSQLite(part)
}

func (db *DB) backupPart(ctx context.Context, part string, files fs.FS, tables []Table, told func(Copied)) (copied []Copied, err error) {
	to, err := Open(ctx, part, Options{Readers: 1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err := to.Migrate(ctx, files); err != nil {
		return nil, err
	}
	if copied, err = Copy(ctx, db, to, tables, told); err != nil {
		return copied, err
	}
	_, err = to.writer.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return copied, err
}

func removeSQLite(path string) error {
	var all error
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}
