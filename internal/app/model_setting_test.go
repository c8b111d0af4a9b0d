package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	link "tepat/data/linkage"
	"tepat/internal/domain/linkage"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/fail"
)

// TestAnOfficeUsesTheModelItTrained sets the file of a model with numbers of its own, and files that are no such model.
func TestAnOfficeUsesTheModelItTrained(t *testing.T) {
	t.Parallel()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own, err := linkage.ParseModel(link.Identity, link.Tables)
	if err != nil {
		t.Fatal(err)
	}
	trained := bytes.Replace(link.Identity, []byte("name: indonesian-identity"), []byte("name: dinsos-ambon"), 1)
	for name, c := range map[string]struct{ model, code, version string }{
		"its own":          {file("trained.yaml", trained), "", "dinsos-ambon-"},
		"none":             {"", "", own.Version()},
		"a file not there": {filepath.Join(dir, "gone.yaml"), "files.missing", ""},
		"no model":         {file("text.yaml", []byte("selamat pagi")), "linkage.model_other", ""},
		"for other data":   {file("febrl.yaml", link.Model("febrl")), "identity.model", ""},
		"another level":    {file("other.yaml", bytes.ReplaceAll(link.Identity, []byte("each_its_own"), []byte("another_day"))), "identity.model", ""},
	} {
		got, err := identitySettings{Model: c.model}.model(own)
		if fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if err == nil && !strings.HasPrefix(got.Version(), c.version) {
			t.Errorf("%s: the model is %s", name, got.Version())
		}
	}
	writeSettings(t, filepath.Join(dir, "data"), "identity:\n  model: "+filepath.Join(dir, "febrl.yaml")+"\n")
	copied(t, masters.office(t, ambonOffice()).dir, dir)
	if h, err := Build(t.Context(), cli.OpenOptions{DB: filepath.Join(dir, "data", "tepat.db"), Keys: filepath.Join(dir, "keys"), Version: "test"}, catalogue); fail.CodeOf(err) != "identity.model" {
		t.Errorf("an office with the model of other data: %v, %v", h, err)
	}
}
