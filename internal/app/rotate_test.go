package app

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/edge/cli"
)

// TestKeysAreRotatedWhileTheSiteIsServed rotates, and then reads the same numbers from the
// installation, from a backup made before with the keys exported after, and not with keys of before.
func TestKeysAreRotatedWhileTheSiteIsServed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, filepath.Join(t.TempDir(), "data", "tepat.db"), 300)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, args := range [][]string{{"import", "families", p.file("registry.csv")}, {"import", "civil", p.file("civil.csv")}, {"match"}} {
		tepat(t, 0, p.args(args...)...)
	}
	numbers := func(db, keys string) any {
		t.Helper()
		out := filepath.Join(t.TempDir(), "families.csv")
		got := tepat(t, 0, "export", "families", "--out", out, "--reveal", "--purpose", "siks_ng", "--db", db, "--keys", keys, "--as", "verifikator")
		if got["families"].(float64) < 200 {
			t.Fatalf("export: %v", got)
		}
		return got["sha256"]
	}
	before := numbers(p.db, p.keys)
	tepat(t, 0, "backup", file("before.tepat"), "--db", p.db)
	tepat(t, 0, "key", "export", "--out", file("before.pem"), "--db", p.db, "--keys", p.keys)

	served := p.serve(t)
	if no := tepat(t, cli.ExitFailed, p.args("key", "rotate")...); no["error"] != "access.denied" {
		t.Errorf("a verifier rotates: %v", no)
	}
	admin := []string{"--db", p.db, "--keys", p.keys, "--as", "admin"}
	run := tepat(t, 0, append([]string{"key", "rotate"}, admin...)...)
	done := run["figures"].(map[string]any)
	if run["state"] != "done" || done["resealed"].(float64) < 3*200 || done["unreadable"] != nil {
		t.Errorf("rotate: %v", run)
	}
	if numbers(p.db, p.keys) != before {
		t.Error("the serving process reads other numbers than before")
	}
	served.stop(t)
	tepat(t, 0, "key", "export", "--out", file("after.pem"), "--db", p.db, "--keys", p.keys)
	tepat(t, 0, "doctor", "--db", p.db, "--keys", p.keys)
	if again := tepat(t, 0, append([]string{"key", "reseal"}, admin...)...); len(again["figures"].(map[string]any)) != 0 {
		t.Errorf("everything was sealed, and again: %v", again)
	}

	for name, want := range map[string]string{"before": "seal.key_unknown", "after": ""} {
		keys := file("keys-" + name)
		tepat(t, 0, "key", "import", file(name+".pem"), "--keys", keys)
		if want != "" {
			if no := tepat(t, cli.ExitUsage, "export", "families", "--out", file("none.csv"), "--reveal", "--purpose", "siks_ng", "--db", p.db, "--keys", keys, "--as", "verifikator"); no["error"] != want {
				t.Errorf("with the keys of before: %v", no)
			}
			continue
		}
		restored := file("restored.db")
		tepat(t, 0, "restore", file("before.tepat"), "--db", restored, "--keys", keys)
		if numbers(restored, keys) != before {
			t.Error("the backup of before holds other numbers")
		}
		late := tepat(t, 0, "key", "reseal", "--db", restored, "--keys", keys, "--as", "admin")
		if late["figures"].(map[string]any)["resealed"] != done["resealed"] {
			t.Errorf("the restored database: %v, want %v", late["figures"], done)
		}
		if numbers(restored, keys) != before {
			t.Error("sealed again, the backup of before holds other numbers")
		}
	}
	if _, err := os.Stat(file("none.csv")); err == nil {
		t.Error("a file was left that could not be written whole")
	}
}
