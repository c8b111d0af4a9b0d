package exchange_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// many gives a table of n families of one person each.
func many(n int) *sheet {
	table := good()
	table.rows = nil
	for i := range n {
		table.rows = append(table.rows, []string{
			fmt.Sprint(i + 1), "UJI", "2024", fmt.Sprintf("817101120315%04d", i%9000+1), "", fmt.Sprintf("ORANG %c%c%c", 'A'+i%26, 'A'+i/26%26, 'A'+i/676%26),
			"P", "1980-08-07", "kepala_keluarga", "JL. UJI", "001", "002", "", wainitu.Dotted(), "",
		})
	}
	return table
}

// TestAFileCutOffKeepsWhatCameBefore cuts a file in the middle of a row: what was read
// before is kept, the row is told, and the whole file adds the rest.
func TestAFileCutOffKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		text := many(2600).csv()
		tally, rejects := h.load(exchange.Families, h.write("cut.csv", text[:strings.Index(text, "\n2501,")+12]))
		if tally["inserted"] != 2500 || len(rejects) != 1 || rejects[0][0] != "2502" || rejects[0][2] != "tabular.cut" {
			t.Fatalf("import = %v, rejects %v", tally, rejects)
		}
		if tally, _ := h.load(exchange.Families, h.write("whole.csv", text)); tally["unchanged"] != 2500 || tally["inserted"] != 100 {
			t.Errorf("the whole file afterwards = %v", tally)
		}
	})
}

// rewritten gives a workbook with its sheet changed, inside a sound archive.
func rewritten(t *testing.T, book string, change func(sheet string) string) string {
	t.Helper()
	in, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/") {
			part = []byte(change(string(part)))
		}
		to, err := w.Create(f.Name)
		if err == nil {
			_, err = to.Write(part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestAWorkbookThatBreaksOffKeepsWhatCameBefore reads a sheet that cannot be read to its
// end: the rows before are written, also those of the last chunk, and the run fails with
// the reason. A dry run says so before anything is written.
func TestAWorkbookThatBreaksOffKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	text := many(2600).csv()
	book := rewritten(t, xlsx(t, text), func(sheet string) string { return sheet[:strings.Index(sheet, `<row r="2502"`)+20] })
	engines(t, func(t *testing.T, h *house) {
		h.chunk = 1000
		h.reopen()
		set := h.settings(exchange.Families, h.write("cut.xlsx", book))
		dry := set
		dry.Whole = true
		r := h.create(h.who, dry)
		if _, err := h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); !errors.Is(err, fail.Invalid("tabular.cut")) {
			t.Errorf("dry run: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 0 {
			t.Errorf("a dry run wrote %d persons", n)
		}
		r = h.submitted(h.who, set)
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if !errors.Is(err, fail.Invalid("tabular.cut")) || r.State != runs.Failed || r.Failure != "tabular.cut" {
			t.Fatalf("run is %s %q: %v", r.State, r.Failure, err)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 2500 || r.Tally["inserted"] != 2500 {
			t.Errorf("%d persons kept, tally %v; 2500 stand before the damage", n, r.Tally)
		}
		if tally, _ := h.load(exchange.Families, h.write("whole.csv", text)); tally["unchanged"] != 2500 || tally["inserted"] != 100 {
			t.Errorf("the whole file afterwards = %v", tally)
		}
	})
}

func TestRowsThatCannotBeReadAreTold(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := good().with("row_id", "3", "nik", "", "name", "NAMA\x00RUSAK").with("row_id", "4", "nik", "", "name", "YANG BAIK")
		tally, rejects := h.load(exchange.Families, h.write("nul.csv", table.csv()))
		if tally["inserted"] != 3 || tally["rejected"] != 1 || len(rejects) != 1 {
			t.Fatalf("import = %v, rejects %v", tally, rejects)
		}
		if rejects[0][0] != "4" || rejects[0][1] != "name" || rejects[0][2] != "tabular.nul" || strings.Contains(rejects[0][3], "RUSAK") {
			t.Errorf("told %v", rejects[0])
		}
	})
}

// TestFormulas gives a workbook in which one name is the result of a formula and another
// is a formula without its result.
func TestFormulas(t *testing.T) {
	t.Parallel()
	cell := func(name string) *regexp.Regexp { return regexp.MustCompile(`<c r="` + name + `"[^>]*>.*?</c>`) }
	book := rewritten(t, xlsx(t, good().csv()), func(sheet string) string {
		sheet = cell("F2").ReplaceAllLiteralString(sheet, `<c r="F2" t="str"><f>UPPER("maria")</f><v>MARIA</v></c>`)
		return cell("F3").ReplaceAllLiteralString(sheet, `<c r="F3"><f>HYPERLINK("http://example.org","PAULUS")</f></c>`)
	})
	engines(t, func(t *testing.T, h *house) {
		tally, rejects := h.load(exchange.Families, h.write("formula.xlsx", book))
		if h.person("UJI", "1").Name != "MARIA" {
			t.Error("the result of a formula was not taken")
		}
		if tally["inserted"] != 1 || rejects[0][2] != "layout.formula" || tally["rejected"] != 1 || len(rejects) != 1 || rejects[0][0] != "3" || rejects[0][1] != "name" {
			t.Errorf("import = %v, rejects %v", tally, rejects)
		}
	})
}

func TestFilesThatCannotBeImported(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		deciles, pln := read(t, of(t, 1, "deciles.csv")), read(t, of(t, 1, "evidence/pln.csv"))
		for _, c := range []struct {
			name    string
			subject exchange.Subject
			text    string
			code    string
		}{
			{"deciles given as families", exchange.Families, deciles, "layout.column.missing"},
			{"evidence given as families", exchange.Families, pln, "layout.column.missing"},
			{"families given as evidence", exchange.Evidence, good().csv(), "layout.column.missing"},
			{"families given as deciles", exchange.Deciles, good().csv(), "layout.column.missing"},
			{"a name column is missing", exchange.Families, "nik,sex\n8171010708800001,P\n", "layout.column.missing"},
			{"no header anybody knows", exchange.Families, "satu,dua\n1,2\n", "layout.header.missing"},
			{"an empty file", exchange.Families, "", "tabular.empty"},
			{"a picture", exchange.Families, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "tabular.format.unknown"},
			{"an old workbook", exchange.Families, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "tabular.format.xls"},
			{"half a workbook", exchange.Families, xlsx(t, good().csv())[:900], "tabular.cut.file"},
		} {
			set := h.settings(c.subject, h.write("given.dat", c.text))
			who := h.who
			if c.subject == exchange.Deciles {
				who = h.head
			}
			r := h.create(who, set)
			_, err := h.runs.Look(t.Context(), who, r.Tenant, r.ID)
			if fail.CodeOf(err) != c.code || fail.KindOf(err) != fail.KindInvalid {
				t.Errorf("%s: %v", c.name, err)
			}
			if r, err = h.runs.Show(t.Context(), who, r.Tenant, r.ID); err != nil || r.State != runs.Draft {
				t.Errorf("%s: the run is %s, %v", c.name, r.State, err)
			}
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d persons were written", n)
		}
	})
}

func TestAFileThatChangedAfterThePreviewIsRefused(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		path := h.write("changing.csv", good().csv())
		r := h.submitted(h.who, h.settings(exchange.Families, path))
		h.write("changing.csv", good().with("row_id", "3", "nik", "", "name", "DISISIPKAN").csv())
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if !errors.Is(err, fail.Conflict("import.file_changed")) || r.State != runs.Failed || r.Failure != "import.file_changed" {
			t.Errorf("run is %s %q: %v", r.State, r.Failure, err)
		}
		gone := h.submitted(h.who, h.settings(exchange.Families, path))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		gone, err = h.runs.Drive(t.Context(), gone.Tenant, gone.ID, nil)
		if !errors.Is(err, fail.NotFound("import.no_file")) || gone.State != runs.Failed {
			t.Errorf("run without its file is %s: %v", gone.State, err)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d persons were written", n)
		}
	})
}

// driveUntilKilled stops at a random instant or, every other time, right behind a random chunk.
func (h *house) driveUntilKilled(r runs.Run, kills int) (runs.Run, error) {
	if kills%2 > 0 {
		ctx, cancel := context.WithTimeout(h.t.Context(), time.Duration(1+rand.IntN(80))*time.Millisecond)
		defer cancel()
		return h.runs.Drive(ctx, r.Tenant, r.ID, nil)
	}
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	return h.runs.Drive(ctx, r.Tenant, r.ID, &stopper{chunks: 1 + rand.IntN(3), cancel: cancel})
}

// stopper ends the context after so many chunks.
type stopper struct {
	chunks int
	cancel context.CancelFunc
	begun  bool
}

func (s *stopper) Total(int64) {}
func (s *stopper) Add(int64) {
	if !s.begun { // what was finished before is told first
		s.begun = true
		return
	}
	if s.chunks--; s.chunks == 0 {
		s.cancel()
	}
}

// spoiled is a town's file in which every 37th row has a sex nobody knows.
func spoiled(t testing.TB) string {
	lines := strings.Split(read(t, of(t, 1, "registry.csv")), "\n")
	for i := 5; i < len(lines); i += 37 {
		lines[i] = strings.NewReplacer(",L,", ",X,", ",P,", ",X,").Replace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// TestAKilledImportGoesOn stops an import at random points, starts the program anew and
// goes on: the totals, the people and the rejects file are those of one that ran through.
func TestAKilledImportGoesOn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.chunk = 60
		h.reopen()
		set := h.settings(exchange.Families, h.write("killed.csv", spoiled(t)))
		r := h.submitted(h.who, set)
		kills := 0
		for left := 1; left > 0; {
			got, err := h.driveUntilKilled(r, kills)
			if err == nil && got.State == runs.Done {
				r, left = got, 0
				continue
			}
			if kills++; kills > 500 || got.State.Ended() {
				t.Fatalf("after %d kills the run is %s: %v", kills, got.State, err)
			}
			if kills%3 > 0 { // sometimes the same program tries again
				h.reopen()
			}
		}
		if kills < 3 {
			t.Errorf("the import was stopped %d times only", kills)
		}
		h.sameAsUnbroken(t, r, set)
	})
}

// sameAsUnbroken imports the file once more into an empty registry, in one go, and compares.
func (h *house) sameAsUnbroken(t *testing.T, r runs.Run, set exchange.Settings) {
	t.Helper()
	other := newHouse(t, testkit.SQLite(t))
	otherSet := other.settings(exchange.Families, set.Path)
	want := other.imported(other.who, otherSet)
	if r.State != runs.Done || !sameTally(r.Tally, want.Tally) {
		t.Errorf("killed import is %s with %v, want %v", r.State, r.Tally, want.Tally)
	}
	if got, want := read(t, set.Rejects), read(t, otherSet.Rejects); got != want {
		t.Errorf("the rejects file has %d bytes, want %d", len(got), len(want))
	}
	for _, table := range []string{"person", "family", "source_record", "membership", "answers", "nik_index"} {
		query := "SELECT count(*) FROM " + table
		if got, want := h.count(query), other.count(query); got != want {
			t.Errorf("%s holds %d rows, want %d", table, got, want)
		}
	}
	if n := h.count(`SELECT count(*) FROM family WHERE persons <> (SELECT count(*) FROM person p WHERE p.kabkota = family.kabkota AND p.family_id = family.id)`); n != 0 {
		t.Errorf("%d families count their members wrongly", n)
	}
	if r.Chunks > 0 && h.count(`SELECT count(*) FROM audit_entry WHERE act = 'import.families.chunk' AND subject = $1`, r.ID) != r.Chunks {
		t.Errorf("the audit log does not hold one entry for each of %d chunks", r.Chunks)
	}
}
