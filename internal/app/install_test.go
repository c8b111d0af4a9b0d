package app

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/service/installation"
)

// TestAnInstallationThatEndedHalfWayIsMadeAgain types what somebody types wrong, and cuts the command between its two halves.
func TestAnInstallationThatEndedHalfWayIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := []string{"--db", filepath.Join(dir, "data", "tepat.db"), "--keys", filepath.Join(dir, "keys")}
	install := func(name, where, admin, head string) []string {
		return append([]string{"install", "--name", name, "--area", where, "--admin", admin, "--head", head}, at...)
	}
	const office = "Dinas Sosial Kota Ambon"
	for name, c := range map[string]struct {
		code string
		args []string
	}{
		"a login too short":      {"account.login", install(office, "81.71", "a=Rahma Contoh", "yusuf=Yusuf Contoh")},
		"no name":                {"account.name", install(office, "81.71", "rahma", "yusuf=Yusuf Contoh")},
		"one person for both":    {"account.two_founders", install(office, "81.71", "rahma=Rahma Contoh", "rahma=Rahma Contoh")},
		"no such district":       {"area.no_district", install(office, "99.99", "rahma=Rahma Contoh", "yusuf=Yusuf Contoh")},
		"a name that is no name": {"installation.name", install("", "81.71", "rahma=Rahma Contoh", "yusuf=Yusuf Contoh")},
	} {
		if no := tepat(t, cli.ExitUsage, c.args...); no["error"] != c.code {
			t.Errorf("%s: %v", name, no)
		}
	}
	ambon, err := area.Parse("81.71")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{
		DB: at[1], Keys: at[3], First: true, New: &installation.Creation{Name: office, Level: installation.District, Areas: []area.Code{ambon}},
	}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if no := tepat(t, cli.ExitFailed, install("Dinas Sosial Lain", "81.71", "rahma=Rahma Contoh", "yusuf=Yusuf Contoh")...); no["error"] != "installation.exists" {
		t.Errorf("another office in its place: %v", no)
	}
	made := tepat(t, cli.ExitDone, install(office, "81.71", "rahma=Rahma Contoh", "yusuf=Yusuf Contoh")...)
	if list := made["accounts"].([]any); len(list) != 2 {
		t.Errorf("accounts: %v", made)
	}
	if no := tepat(t, cli.ExitFailed, install(office, "81.71", "rahma=Rahma Contoh", "yusuf=Yusuf Contoh")...); no["error"] != "installation.exists" {
		t.Errorf("once more: %v", no)
	}
}

// TestACommandMakesNoDatabase gives commands the name of a database that is not there.
func TestACommandMakesNoDatabase(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "data", "tepat.db")
	for _, args := range [][]string{
		{"doctor"}, {"serve", "--addr", "127.0.0.1:0"}, {"match", "--as", "rahma"}, {"run", "list", "--as", "rahma"}, {"config", "show"}, {"user", "list", "--as", "rahma"},
		{"backup", filepath.Join(t.TempDir(), "b.tepat")}, {"db", "copy", "--to", filepath.Join(t.TempDir(), "c.db")},
	} {
		if no := tepat(t, cli.ExitFailed, append(args, "--db", db)...); no["error"] != "installation.missing" {
			t.Errorf("%v: %v", args, no)
		}
		if _, err := os.Stat(filepath.Dir(db)); !os.IsNotExist(err) {
			t.Fatalf("%v made a folder: %v", args, err)
		}
	}
}
