package app

import (
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// TestASearchByCommandSaysWhatTheListTaught: `dedupe`, and whoever shows its run afterwards, tells in words and in JSON what the list
// taught, as the page of the run does; a search that was taught nothing says nothing of it.
func TestASearchByCommandSaysWhatTheListTaught(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") },
		"postgres": func(t *testing.T) string { return testkit.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, open(t), 300)
			args := func(more ...string) []string {
				return append(more, "--db", p.db, "--keys", p.keys, "--as", "verifikator")
			}
			do := func(more ...string) map[string]any {
				code, out, bad := typed(t, args(append(more, "--json")...)...)
				if code != cli.ExitDone {
					t.Fatalf("%v: %d %s %s", more, code, out, bad)
				}
				return object(t, out)
			}
			do("import", "families", p.file("registry.csv"))
			run := do("dedupe")
			if run["taught"] != nil {
				t.Errorf("three hundred families taught %v", run["taught"])
			}
			number := run["run"].(string)
			p.teach(t, run["id"].(string))
			list, _ := do("run", "show", number)["taught"].([]any)
			if len(list) != 2 {
				t.Fatalf("taught %v", list)
			}
			if l := list[0].(map[string]any); l["column"] != "entered" || l["household"] != true || l["same_bits"] != -3.3 || l["differ_bits"] != 1.5 || l["pairs"] != 1234.0 {
				t.Errorf("the first lesson is %v", l)
			}
			// The second moves a pair by a tenth of a bit, which is no line.
			for lang, want := range map[string]string{
				"id": "Kolom tgl_data, dua baris satu KK atau satu rumah tangga: bila sama -3.3 bit, bila berbeda +1.5 bit. Ini dipelajari dari 1.234 pasangan",
				"en": "Column tgl_data, two rows of one card or household: -3.3 bits where equal, +1.5 where not. Learned from 1,234 doubtful pairs",
			} {
				if _, out, bad := typed(t, args("run", "show", number, "--lang", lang)...); !strings.Contains(out, want) || strings.Contains(out, "petugas") {
					t.Errorf("%s: %s %s", lang, out, bad)
				}
			}
		})
	}
}

// teach keeps lessons with a run, as a search of a large list does.
func (p place) teach(t *testing.T, run string) {
	t.Helper()
	id, err := sqldb.ParseID(run)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), p.db, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO run_lesson (kabkota, run_id, column_name, household, title, same_bits, differ_bits, pairs)
			VALUES (8171, $1, 'entered', 1, 'tgl_data', -3.3, 1.5, 1234), (8171, $1, 'source', 0, 'petugas', 0.1, -0.1, 60)`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
