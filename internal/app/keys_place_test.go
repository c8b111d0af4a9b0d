package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
)

// TestKeysDoNotLieInTheDataFolder refuses an installation whose keys a copy of its data would carry along, and has the doctor
// tell of one that was moved there.
func TestKeysDoNotLieInTheDataFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "data", "tepat.db")
	install := []string{"install", "--name", "Dinas Sosial Kota Ambon", "--area", "81.71", "--training", "--admin", "rahma=Rahma Contoh", "--head", "yusuf=Yusuf Contoh", "--quiet", "--db", db}
	inside := filepath.Join(dir, "data", "keys")
	code, _, bad := typed(t, append(install, "--keys", inside)...)
	if code == cli.ExitDone || !strings.Contains(bad, "ada di dalam folder data") {
		t.Fatalf("keys inside the data folder: exit %d %s", code, bad)
	}
	if code, _, bad := typed(t, append(install, "--keys", filepath.Join(dir, "keys"))...); code != cli.ExitDone {
		t.Fatalf("keys beside it: exit %d %s", code, bad)
	}
	if err := os.Rename(filepath.Join(dir, "keys"), inside); err != nil {
		t.Fatal(err)
	}
	code, out, bad := typed(t, "doctor", "--db", db, "--keys", inside)
	if code != cli.ExitFailed || !strings.Contains(out, "ada di dalam folder data") {
		t.Errorf("the doctor: exit %d %s%s", code, out, bad)
	}
}
