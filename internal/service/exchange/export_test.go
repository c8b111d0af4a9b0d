package exchange_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/testkit"
)

// exported gives the rows of an export, the titles first.
func (h *house) exported(who access.Actor, e exchange.Export) ([][]string, exchange.Exported) {
	h.t.Helper()
	var out bytes.Buffer
	done, err := h.files.Export(h.t.Context(), who, e, &out)
	if err != nil {
		h.t.Fatal(err)
	}
	return table(h.t, out.Bytes(), len(e.Notes)), done
}

// table reads a file back, after the notes.
func table(t testing.TB, text []byte, notes int) (rows [][]string) {
	t.Helper()
	r, err := tabular.Open(bytes.NewReader(text), int64(len(text)), tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = tabular.All(r, func(row tabular.Row) error {
		if notes--; notes < 0 {
			rows = append(rows, row.Strings())
		}
		return nil
	}, func(e *tabular.RowError) error { return e })
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// column gives the values below a title.
func column(t testing.TB, rows [][]string, title string) (out []string) {
	t.Helper()
	at := slices.Index(rows[0], title)
	if at < 0 {
		t.Fatalf("no column %s in %v", title, rows[0])
	}
	for _, row := range rows[1:] {
		cell := ""
		if at < len(row) {
			cell = row[at]
		}
		out = append(out, cell)
	}
	return out
}

func revealed() exchange.Export {
	return exchange.Export{Format: tabular.CSV, Reveal: true, Purpose: "siks_ng"}
}

func TestAnExportIsMaskedUnlessRevealed(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		rows, done := h.exported(h.head, exchange.Export{Format: tabular.CSV, Area: testkit.Ambon})
		if int64(len(rows)-1) != done.Persons || done.Persons != 1000 || done.Families != 300 {
			t.Fatalf("%d rows, %+v", len(rows)-1, done)
		}
		for _, title := range []string{"nik", "no_kk"} {
			for i, cell := range column(t, rows, title) {
				if cell != "" && !strings.Contains(cell, "••••••••") {
					t.Fatalf("%s of row %d is not masked", title, i+2)
				}
			}
		}
		if joined := strings.Join(append(column(t, rows, "mother_name"), column(t, rows, "phone")...), ""); joined != "" {
			t.Error("a masked list tells mothers' names or phone numbers")
		}
		full, _ := h.exported(h.who, revealed())
		whole := 0
		for _, cell := range column(t, full, "nik") {
			if _, err := person.ParseNIK(cell); err == nil {
				whole++
			}
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND nik_state IN (1, 2)`); int64(whole) != n {
			t.Errorf("%d of %d NIKs left in full", whole, n)
		}
		if mothers := strings.Join(column(t, full, "mother_name"), ""); mothers == "" {
			t.Error("a full list has no mothers' names")
		}
		_, err := h.files.Export(t.Context(), h.who, exchange.Export{Format: tabular.CSV, Reveal: true, Purpose: "because"}, &bytes.Buffer{})
		if !errors.Is(err, fail.Invalid("export.purpose")) {
			t.Errorf("revealed without a purpose: %v", err)
		}
		if _, err := h.files.Export(t.Context(), h.head, revealed(), &bytes.Buffer{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("revealed to who may not: %v", err)
		}
	})
}

func TestAnExportIsRecorded(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, h.write("two.csv", good().csv()))
		_, done := h.exported(h.who, revealed())
		var purpose, facts string
		var tenant int64
		err := h.db.Direct().QueryRow(t.Context(), `SELECT kabkota, purpose, facts FROM audit_entry WHERE act = 'registry.export'`).Scan(&tenant, &purpose, &facts)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(facts), &got); err != nil {
			t.Fatal(err)
		}
		if tenant != 8171 || purpose != "siks_ng" || got["persons"] != 2.0 || got["families"] != 1.0 || got["revealed"] != true || got["sha256"] != done.SHA256 || strings.Contains(facts, "LATUHERU") {
			t.Errorf("entry of tenant %d for %q with %s", tenant, purpose, facts)
		}
	})
}

func TestAnExportEndsAtTheActorsArea(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, h.write("two.csv", good().with("row_id", "3", "no_kk", "8171011203150002", "nik", "", "name", "TETANGGA", "area_code", benteng.Dotted()).csv()))
		village := testkit.Person(7, access.Verifier, wainitu)
		for _, c := range []struct {
			name string
			who  access.Actor
			at   area.Code
			want int64
		}{
			{"the city", h.who, area.Nation, 3}, {"one village of it", h.who, benteng, 1}, {"a village's officer", village, area.Nation, 2},
			{"a village's officer asking for the city", village, testkit.Ambon, 2}, {"a village's officer asking for the next", village, benteng, 0},
			{"another district", h.who, 1209000000, 0},
		} {
			if _, done := h.exported(c.who, exchange.Export{Format: tabular.CSV, Area: c.at}); done.Persons != c.want {
				t.Errorf("%s: %d persons, want %d", c.name, done.Persons, c.want)
			}
		}
		for _, role := range []access.Role{access.Operator, access.Auditor, access.Admin, access.AgencyHead} {
			if _, err := h.files.Export(t.Context(), testkit.Person(8, role, testkit.Ambon), exchange.Export{Format: tabular.CSV}, &bytes.Buffer{}); !errors.Is(err, fail.Forbidden("access.denied")) {
				t.Errorf("%s took a list away: %v", role, err)
			}
		}
	})
}

// TestAnExportIsInTheProposersColumns writes SIKS-NG's columns and words, and reads them back.
func TestAnExportIsInTheProposersColumns(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		e := revealed()
		e.Layout, e.Format, e.Notes = "siks-ng-bnba", tabular.XLSX, []string{"DATA CONTOH SINTETIS"}
		var out bytes.Buffer
		if _, err := h.files.Export(t.Context(), h.who, e, &out); err != nil {
			t.Fatal(err)
		}
		rows := table(t, out.Bytes(), 1)
		if got := strings.Join(rows[0][:6], ","); got != "NO,IDSEMESTA,NO KK,NIK,NAMA,JENIS KELAMIN" {
			t.Errorf("titles %s", got)
		}
		for _, sex := range column(t, rows, "JENIS KELAMIN") {
			if sex != "LAKI-LAKI" && sex != "PEREMPUAN" {
				t.Fatalf("sex %q", sex)
			}
		}
		if numbers := column(t, rows, "NO"); numbers[0] != "1" || numbers[999] != "1000" {
			t.Errorf("numbered %s to %s", numbers[0], numbers[len(numbers)-1])
		}
		path := h.write("back.xlsx", out.String())
		if d, err := h.files.Detect(path, exchange.Families, exchange.Plan{}); err != nil || d.Layout == nil || d.Layout.Name != "siks-ng-bnba" {
			t.Errorf("read back as %v, %v", d.Layout, err)
		}
		if _, err := h.files.Export(t.Context(), h.who, exchange.Export{Layout: "dtsen-deciles"}, &bytes.Buffer{}); !errors.Is(err, fail.Invalid("import.layout_kind")) {
			t.Errorf("in the columns of deciles: %v", err)
		}
	})
}

// TestAnExportComesBackTheSame takes a town out with its answers into another installation,
// and out of that again.
func TestAnExportComesBackTheSame(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		e := revealed()
		e.Answers = true
		var out bytes.Buffer
		if _, err := h.files.Export(t.Context(), h.who, e, &out); err != nil {
			t.Fatal(err)
		}
		other := newHouse(t, testkit.SQLite(t))
		tally, rejects := other.load(exchange.Families, other.write("town.csv", out.String()))
		if tally["inserted"] != tally["rows"] || tally["rows"] != 1000 || tally["families"] != 300 || len(rejects) != 0 {
			t.Fatalf("into the other house: %v, rejects %v", tally, rejects)
		}
		first := table(t, out.Bytes(), 0)
		second, _ := other.exported(other.who, e)
		if len(first) != len(second) {
			t.Fatalf("%d rows became %d", len(first), len(second))
		}
		if got, want := withoutIDs(second), withoutIDs(first); !slices.Equal(got, want) {
			t.Errorf("what came back is not what left, of %d rows", len(want))
		}
	})
}

// withoutIDs gives the rows in an order of their own, without the numbers an installation gives.
func withoutIDs(rows [][]string) []string {
	var out []string
	for _, row := range rows {
		out = append(out, strings.Join(row[1:], "\x1f"))
	}
	slices.Sort(out)
	return out
}

// TestAnExportRunsNothing writes a name that a spreadsheet would run.
func TestAnExportRunsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	const name = `=HYPERLINK("http://example.org","KLIK")`
	h.load(exchange.Families, h.write("evil.csv", good().with("row_id", "3", "nik", "", "name", name).csv()))
	var out bytes.Buffer
	if _, err := h.files.Export(t.Context(), h.who, exchange.Export{Format: tabular.CSV}, &out); err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	guarded := 0
	for _, row := range cells {
		for _, c := range row {
			if strings.HasPrefix(c, "=") {
				t.Errorf("a cell runs: %s", c)
			}
			if c == "'"+name || strings.EqualFold(c, "'"+name) {
				guarded++
			}
		}
	}
	if guarded != 1 {
		t.Errorf("%d guarded cells", guarded)
	}
}

// TestAMaskedListDoesNotComeBack imports a list that left without full numbers: nobody is
// taken for somebody with a damaged number.
func TestAMaskedListDoesNotComeBack(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, h.write("two.csv", good().csv()))
		var out bytes.Buffer
		if _, err := h.files.Export(t.Context(), h.head, exchange.Export{Format: tabular.CSV}, &out); err != nil {
			t.Fatal(err)
		}
		tally, rejects := h.load(exchange.Families, h.write("masked.csv", out.String()))
		if tally["rejected"] != 2 || tally["inserted"] != 0 || rejects[0][2] != "import.masked" || rejects[0][1] != "nik" {
			t.Errorf("a masked list: %v, %v", tally, rejects)
		}
	})
}

// TestALongExportIsReadInPages takes more families away than one page holds.
func TestALongExportIsReadInPages(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, h.write("many.csv", many(1203).csv()))
		rows, done := h.exported(h.who, exchange.Export{Format: tabular.CSV})
		ids := column(t, rows, "row_id")
		slices.Sort(ids)
		if done.Families != 1203 || len(slices.Compact(ids)) != 1203 {
			t.Errorf("%+v, %d different persons", done, len(slices.Compact(ids)))
		}
		book, _ := h.exported(h.who, exchange.Export{Format: tabular.XLSX})
		sheet := func(row []string) string { return strings.TrimRight(strings.Join(row, "\x1f"), "\x1f") } // a sheet has no empty cells at the end
		if !slices.EqualFunc(rows, book, func(a, b []string) bool { return sheet(a) == sheet(b) }) {
			t.Error("the workbook is another list than the CSV")
		}
		if year := column(t, rows, "year")[0]; year != "2024" {
			t.Errorf("year %s", year)
		}
	})
}
