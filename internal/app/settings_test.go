package app

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/fail"
	"tepat/internal/service/civil"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
)

// statusesOf counts the persons of a town by what matching found.
func statusesOf(t *testing.T, b *town) map[int64]int64 {
	t.Helper()
	out := map[int64]int64{}
	rows, err := b.DB.Direct().Query(t.Context(), "SELECT match_status, count(*) FROM person GROUP BY match_status")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var status, n int64
		if err := rows.Scan(&status, &n); err != nil {
			t.Fatal(err)
		}
		out[status] = n
	}
	return out
}

// askingTown is an installation whose settings name a civil registry elsewhere.
func askingTown(t *testing.T, settings string) *town {
	t.Helper()
	return newOfficeWith(t, ambonOffice(), settings)
}

// TestACivilRegistryElsewhereGivesTheSameStatuses lets one installation ask another over the
// network, as its settings say, and compares with what the imported file gives.
func TestACivilRegistryElsewhereGivesTheSameStatuses(t *testing.T) {
	t.Parallel()
	known := newTown(t)
	want := statusesOf(t, known)
	files := filepath.Join(filepath.Dir(known.DataDir), "files")
	for name, mode := range map[string]civilmatch.Mode{"values": civilmatch.FullValues, "yes_no": civilmatch.YesNo} {
		simulator := civil.NewSimulator(civil.SimulatorOptions{
			Source: civil.FileSource(known.DB, known.Keys, known.Registry), Agreements: []civil.Agreement{{Key: "latihan", Mode: mode}},
		})
		server := httptest.NewServer(simulator)
		t.Cleanup(server.Close)
		b := askingTown(t, fmt.Sprintf("civil:\n  registry: http\n  url: %s\n  institution: dinsos-ambon\n  key: latihan\n  mode: %s\n", server.URL, name))
		b.staff(t, b.firstVillage(t, files))
		b.importFile(t, exchange.Families, filepath.Join(files, "registry.csv"))
		b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
		if got := statusesOf(t, b); !maps.Equal(got, want) {
			t.Errorf("%s: statuses %v, by the file %v", name, got, want)
		}
		if simulator.Requests() == 0 {
			t.Errorf("%s: nobody asked the registry", name)
		}
	}
}

// TestWithoutACivilRegistryNobodyIsAskedAbout holds that nobody becomes "not matching" when
// there is no agreement.
func TestWithoutACivilRegistryNobodyIsAskedAbout(t *testing.T) {
	t.Parallel()
	known := newTown(t)
	files := filepath.Join(filepath.Dir(known.DataDir), "files")
	b := askingTown(t, "civil:\n  registry: none\n")
	b.staff(t, b.firstVillage(t, files))
	b.importFile(t, exchange.Families, filepath.Join(files, "registry.csv"))
	b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
	for status := range statusesOf(t, b) {
		if s := civilmatch.Status(status); s.Group() == civilmatch.Matched.Group() {
			t.Errorf("somebody is %s", s.Code())
		}
	}
}

// TestWrongSettingsAreRefusedWithTheirName holds for a typing mistake, a value and a missing key.
func TestWrongSettingsAreRefusedWithTheirName(t *testing.T) {
	t.Parallel()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	for text, code := range map[string]string{
		"civil:\n  registri: http\n": "conf.key_unknown",
		"civil:\n  registry: fax\n":  "civil.registry",
		"civil:\n  mode: all\n":      "civil.mode",
		"civil:\n  registry: http\n  url: http://198.51.100.1\n  key: k\n": "civil.url",
		"civil:\n  registry: http\n  url: https://example.invalid\n":       "civil.key",
		"civil:\n  quota: many\n": "conf.value",
	} {
		dir := t.TempDir()
		copied(t, masters.office(t, ambonOffice()).dir, dir)
		writeSettings(t, filepath.Join(dir, "data"), text)
		h, err := Build(t.Context(), cli.OpenOptions{DB: filepath.Join(dir, "data", "tepat.db"), Keys: filepath.Join(dir, "keys"), Version: "test"}, catalogue)
		if err == nil {
			_ = h.Close()
		}
		if fail.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
	}
}

func writeSettings(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tepat.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
