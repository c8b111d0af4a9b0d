//go:build unix

package sqldb_test

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
)

// TestDatabaseFilesAreTheirOwnersAlone holds in a folder that everybody may read, where backups often lie.
func TestDatabaseFilesAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(dir, "tepat.db"), sqldb.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context(), schema.Files()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.BackupTo(t.Context(), filepath.Join(dir, "backup.tepat"), schema.Files(), schema.Tables(), nil); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadDir(dir)
	if err != nil || len(made) < 4 { // the database, its log, the backup, the lock
		t.Fatalf("%d files, %v", len(made), err)
	}
	for _, one := range made {
		info, err := one.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %o", one.Name(), info.Mode().Perm())
		}
	}
}
