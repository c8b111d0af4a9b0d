package app

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
	"tepat/web/messages"
)

// TestAFreshDemoLeavesADatabaseElsewhereAlone: --fresh removes the folder's files, so that a file outside it, and a PostgreSQL
// database that is not for training, must be refused before a key of it is gone, and without the advice to type what was typed.
func TestAFreshDemoLeavesADatabaseElsewhereAlone(t *testing.T) {
	t.Parallel()
	for engine, address := range map[string]func(t *testing.T, dir string) string{
		"sqlite":   func(_ *testing.T, dir string) string { return filepath.Join(dir, "elsewhere", "tepat.db") },
		"postgres": func(t *testing.T, _ string) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			base := t.TempDir()
			dir, db := filepath.Join(base, "demo"), address(t, base)
			catalogue, err := messages.Load()
			if err != nil {
				t.Fatal(err)
			}
			made, err := Build(t.Context(), cli.OpenOptions{DB: db, Keys: filepath.Join(dir, "keys"), Version: "test", New: &installation.Creation{
				Name: "Demo", Level: installation.District, Areas: []area.Code{ambon}, Training: engine == "sqlite",
			}}, catalogue)
			if err != nil {
				t.Fatal(err)
			}
			if err := made.Close(); err != nil {
				t.Fatal(err)
			}
			keys, err := os.ReadDir(filepath.Join(dir, "keys"))
			if err != nil || len(keys) == 0 {
				t.Fatalf("%d keys: %v", len(keys), err)
			}
			for _, more := range [][]string{{"--fresh"}, nil} {
				args := append([]string{"demo", "--no-serve", "--quiet", "--dir", dir, "--db", db}, more...)
				want := "demo.database"
				if engine == "postgres" && more != nil {
					want = "installation.not_training"
				}
				if said := tepat(t, 1, args...); said["error"] != want {
					t.Errorf("%v: %v", more, said)
				}
				if left, err := os.ReadDir(filepath.Join(dir, "keys")); err != nil || len(left) != len(keys) {
					t.Errorf("%v: %d of %d keys are left: %v", more, len(left), len(keys), err)
				}
			}
		})
	}
}
