package exchange_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tepat/data/layouts"
	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

func fieldsOf(d exchange.Detection) (out []string) {
	for _, c := range d.Columns {
		out = append(out, c.Field)
	}
	return out
}

// planned gives an upload of a file in the house's folder, as somebody planned it.
func (h *house) planned(subject exchange.Subject, path string, plan exchange.Plan) exchange.Settings {
	h.t.Helper()
	set := h.settings(subject, path)
	up := exchange.Upload{Subject: subject, Name: filepath.Base(path), SHA256: set.SHA256, Size: set.Size, Plan: plan}
	out, err := h.files.Plan(up, path, set.Rejects, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func TestWhatAFileTurnsOutToBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	sample := func(name string) string {
		text, err := layouts.Samples.ReadFile("samples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, c := range []struct {
		name    string
		subject exchange.Subject
		text    string
		layout  string
		format  tabular.Format
		fields  []string // the first ones
		missing int
		unknown int
	}{
		{"a canonical file", exchange.Families, good().csv(), "", tabular.CSV, []string{"row_id", "source", "year", "no_kk", "nik", "name"}, 0, 0},
		{"SIKS-NG's list", exchange.Families, sample("siks-ng-bnba.xlsx"), "siks-ng-bnba", tabular.XLSX, []string{"row_number", "registry_id", "no_kk", "nik", "name"}, 0, 0},
		{"OpenSID's residents", exchange.Families, sample("opensid-residents.csv"), "opensid-residents", tabular.CSV, []string{"address", "rw", "rt", "name"}, 0, 0},
		{"Dukcapil's answer", exchange.Civil, sample("dukcapil-match.csv"), "dukcapil-match", tabular.CSV, []string{"row_id", "nik", "no_kk", "name"}, 0, 0},
		{"DTSEN's deciles", exchange.Deciles, sample("dtsen-deciles.xlsx"), "dtsen-deciles", tabular.XLSX, []string{"row_number", "registry_id", "no_kk"}, 0, 0},
		{"a column of no meaning", exchange.Families, "nik,nama,zodiak\n,A,B\n", "", tabular.CSV, []string{"nik", "name", ""}, 0, 1},
		{"a questionnaire item", exchange.Families, "nik,nama,302\n,A,40\n", "", tabular.CSV, []string{"nik", "name", "302"}, 0, 0},
		{"the same field twice", exchange.Families, "nik,nama,nama lengkap\n,A,B\n", "", tabular.CSV, []string{"nik", "name", ""}, 0, 0},
		{"no heading anybody knows", exchange.Families, "daftar\nsatu,dua,tiga\n1,2,3\n", "", tabular.CSV, []string{"", "", ""}, 2, 3},
		{"a name is missing", exchange.Families, "nik,sex\n1,L\n", "", tabular.CSV, []string{"nik", "sex"}, 1, 0},
	} {
		d, err := h.files.Detect(h.write("found.dat", c.text), c.subject, exchange.Plan{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		name := ""
		if d.Layout != nil {
			name = d.Layout.Name
		}
		if got := fieldsOf(d); name != c.layout || d.Info.Format != c.format || len(d.Missing) != c.missing || d.Unknown() != c.unknown || !slices.Equal(got[:len(c.fields)], c.fields) {
			t.Errorf("%s: layout %q, %s, missing %v, unknown %d, fields %v", c.name, name, d.Info.Format, d.Missing, d.Unknown(), got)
		}
		if (d.Err() != nil) != (c.missing > 0) || c.missing > 0 && !errors.Is(d.Err(), fail.Invalid("layout.column.missing")) {
			t.Errorf("%s: Err = %v", c.name, d.Err())
		}
	}
	if d, err := h.files.Detect(h.write("chosen.csv", sample("opensid-residents.csv")), exchange.Families, exchange.Plan{Layout: exchange.ByHeadings}); err != nil || d.Layout != nil {
		t.Errorf("by headings alone: %v, %v", d.Layout, err)
	}
	if _, err := h.files.Detect(h.write("chosen.csv", good().csv()), exchange.Families, exchange.Plan{Layout: "dtsen-deciles"}); !errors.Is(err, fail.Invalid("import.layout_kind")) {
		t.Errorf("a layout of another subject: %v", err)
	}
}

// TestAPersonCorrectsTheColumns gives a file nobody knows the columns of its meaning.
func TestAPersonCorrectsTheColumns(t *testing.T) {
	t.Parallel()
	const text = "Daftar warga\nA;B;C;B;E;F\n8171010708800001;MARIA;P;07/08/1980;Wainitu;abc\n;PAULUS;L;19/05/2005;Wainitu;def\n"
	engines(t, func(t *testing.T, h *house) {
		path := h.write("foreign.csv", text)
		if d, err := h.files.Detect(path, exchange.Families, exchange.Plan{}); err != nil || d.Err() == nil || len(d.Columns) != 6 {
			t.Fatalf("detected %+v, %v", d.Columns, err)
		}
		plan := exchange.Plan{Columns: []string{"nik", "name", "sex", "birth_date", "village", ""}, Source: "DESA", AsOf: "2024-05"}
		d, err := h.files.Detect(path, exchange.Families, plan)
		if err != nil || d.Err() != nil || d.Unknown() != 1 || !slices.Equal(fieldsOf(d), plan.Columns) {
			t.Fatalf("corrected to %v: %v, %v", fieldsOf(d), d.Err(), err)
		}
		set := h.planned(exchange.Families, path, plan)
		r := h.imported(h.who, set)
		if r.Tally["inserted"] != 2 || r.Tally["rejected"] != 0 {
			t.Fatalf("import = %v, %v", r.Tally, h.rejects(set))
		}
		var kept exchange.Settings
		if err := r.Decode(&kept); err != nil || !strings.Contains(kept.Layout, "birth_date") || kept.Name != "foreign.csv" || kept.Source != "DESA" {
			t.Errorf("the run keeps %+v, %v", kept, err)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND birth_date = '1980-08-07' AND source = 'DESA' AND source_date = '2024-05'`); n != 1 {
			t.Errorf("%d persons as the columns say", n)
		}
		twice := exchange.Plan{Columns: []string{"nik", "name", "name", "", "", ""}}
		if _, err := h.files.Detect(path, exchange.Families, twice); !errors.Is(err, fail.Invalid("import.column_twice")) {
			t.Errorf("one field twice: %v", err)
		}
		if _, err := h.files.Detect(path, exchange.Families, exchange.Plan{Columns: []string{"decile", "name"}}); !errors.Is(err, fail.Invalid("layout.map.field")) {
			t.Errorf("a field of another subject: %v", err)
		}
		if _, err := h.files.Detect(path, exchange.Families, exchange.Plan{Columns: make([]string, 6)}); !errors.Is(err, fail.Invalid("layout.map.columns")) {
			t.Errorf("no field at all: %v", err)
		}
	})
}

// TestACorrectedReadyLayoutKeepsItsWords corrects one column of OpenSID's file: its codes
// for sexes and relations are still read.
func TestACorrectedReadyLayoutKeepsItsWords(t *testing.T) {
	t.Parallel()
	text, err := layouts.Samples.ReadFile("samples/opensid-residents.csv")
	if err != nil {
		t.Fatal(err)
	}
	engines(t, func(t *testing.T, h *house) {
		path := h.write("opensid.csv", string(text))
		found, err := h.files.Detect(path, exchange.Families, exchange.Plan{})
		if err != nil {
			t.Fatal(err)
		}
		columns := fieldsOf(found)
		columns[slices.Index(columns, "mother_name")] = "" // the person says: that is not the mother
		set := h.planned(exchange.Families, path, exchange.Plan{Columns: columns})
		r := h.imported(h.desa, set)
		if r.Tally["inserted"] != 3 {
			t.Fatalf("import = %v, %v", r.Tally, h.rejects(set))
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND mother_name IS NULL AND sex <> 0 AND source = 'OpenSID'`); n != 3 {
			t.Errorf("%d persons read with the layout's words", n)
		}
	})
}

// TestAnotherSheetIsChosen reads the second sheet of a workbook.
func TestAnotherSheetIsChosen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := tabular.NewXLSXWriter(&out)
	table := good()
	write := func(name string, rows [][]string) {
		columns := make([]tabular.Column, len(table.columns))
		for i, c := range table.columns {
			columns[i].Title = c
		}
		if err := w.Sheet(tabular.SheetOptions{Name: name, Columns: columns}); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			cells := make([]tabular.Cell, len(row))
			for i := range row {
				cells[i] = tabular.Text(row[i])
			}
			if err := w.Write(cells...); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("RT 1", table.rows[:1])
	write("RT 2", table.rows[1:])
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, testkit.SQLite(t))
	path := h.write("two.xlsx", out.String())
	d, err := h.files.Detect(path, exchange.Families, exchange.Plan{})
	if err != nil || d.Info.Sheet != "RT 1" || len(d.Info.Sheets) != 2 {
		t.Fatalf("detected %+v, %v", d.Info, err)
	}
	if d, err = h.files.Detect(path, exchange.Families, exchange.Plan{Sheet: "RT 2"}); err != nil || d.Info.Sheet != "RT 2" {
		t.Fatalf("the second sheet: %+v, %v", d.Info, err)
	}
	r := h.imported(h.who, h.planned(exchange.Families, path, exchange.Plan{Sheet: "RT 2"}))
	if r.Tally["inserted"] != 1 || h.person("UJI", "2").Name != "PAULUS LATUHERU" {
		t.Errorf("import = %v", r.Tally)
	}
	if _, err := h.files.Detect(path, exchange.Families, exchange.Plan{Sheet: "RT 3"}); !errors.Is(err, fail.Invalid("tabular.sheet.missing")) {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

// TestTheReadyLayoutsImportTheirSamples. The people of the samples live nowhere: the
// subdistrict 81.71.99 is in no list. Rows that name it are refused by their area, one by
// one; in a village's own file, or with the names of real villages, they go in.
func TestTheReadyLayoutsImportTheirSamples(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		write := func(name string) string {
			text, err := layouts.Samples.ReadFile("samples/" + name)
			if err != nil {
				t.Fatal(err)
			}
			return h.write(name, string(text))
		}
		bnba := write("siks-ng-bnba.xlsx")
		set := h.planned(exchange.Families, bnba, exchange.Plan{})
		if r := h.imported(h.who, set); r.Tally["rejected"] != 3 || r.Tally["inserted"] != 0 {
			t.Errorf("SIKS-NG as it is: %v", r.Tally)
		}
		for _, told := range h.rejects(set) {
			if told[1] != "area_code" || told[2] != "area.name_unknown" {
				t.Errorf("SIKS-NG told %v", told)
			}
		}
		set = h.planned(exchange.Families, h.write("real.csv", realPlaces(t, bnba)), exchange.Plan{})
		if r := h.imported(h.who, set); r.Tally["inserted"] != 3 || r.Tally["families"] != 2 {
			t.Errorf("SIKS-NG in Benteng: %v, %v", r.Tally, h.rejects(set))
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND source = 'SIKS-NG' AND area_code = $1 AND sex = $2`, int64(benteng), int64(person.Female)); n != 2 {
			t.Errorf("%d women of SIKS-NG's list in Benteng", n)
		}
		set = h.planned(exchange.Families, write("opensid-residents.csv"), exchange.Plan{})
		if r := h.imported(h.desa, set); r.Tally["rows"] != 3 || r.Tally["rejected"] != 0 {
			t.Errorf("OpenSID in the operator's village: %v, %v", r.Tally, h.rejects(set))
		}
		set = h.planned(exchange.Civil, write("dukcapil-match.csv"), exchange.Plan{})
		if r := h.imported(h.who, set); r.Tally["kept"] != 3 || r.Tally["rejected"] != 0 {
			t.Errorf("Dukcapil: %v, %v", r.Tally, h.rejects(set))
		}
		if n := h.count(`SELECT count(*) FROM civil_record WHERE as_of = '2025-08-18'`); n != 3 {
			t.Errorf("%d of Dukcapil's rows hold as of the day they say", n)
		}
		set = h.planned(exchange.Deciles, write("dtsen-deciles.xlsx"), exchange.Plan{})
		if r := h.imported(h.head, set); r.Tally["rows"] != 2 || r.Tally["rejected"] != 0 || r.Tally["kept"] != 1 { // one family of the two is unranked
			t.Errorf("DTSEN: %v, %v", r.Tally, h.rejects(set))
		}
	})
}

// realPlaces writes the sample of SIKS-NG again with a village that exists.
func realPlaces(t *testing.T, path string) string {
	t.Helper()
	rows, err := tabular.OpenFile(path, tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out bytes.Buffer
	w := tabular.NewCSVWriter(&out, tabular.CSVOptions{})
	err = tabular.All(rows, func(r tabular.Row) error {
		var cells []tabular.Cell
		for _, c := range r.Strings() {
			cells = append(cells, tabular.Text(strings.NewReplacer("NEGERI CONTOH", "BENTENG", "KECAMATAN CONTOH", "NUSANIWE").Replace(c)))
		}
		return w.Write(cells...)
	}, func(e *tabular.RowError) error { return e })
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestUploadsAreTheirOwners(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	dir := filepath.Join(t.TempDir(), "uploads")
	uploads := exchange.NewUploads(dir, 1<<20, clock.Now)
	who, other := testkit.Person(1, access.Verifier, testkit.Ambon), testkit.Person(2, access.Verifier, testkit.Ambon)
	up, err := uploads.Receive(who, exchange.Families, `C:\Data\BNBA 3271011203900001.csv`, strings.NewReader("nik,nama\n"))
	if err != nil {
		t.Fatal(err)
	}
	if up.Size != 9 || up.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte("nik,nama\n"))) || strings.Contains(up.Name, "3271") || read(t, uploads.Path(up)) != "nik,nama\n" {
		t.Errorf("received %+v", up)
	}
	info, err := os.Stat(uploads.Path(up))
	if err != nil || info.Mode().Perm() != 0o600 || strings.Contains(info.Name(), "BNBA") {
		t.Errorf("lies as %v, %v", info, err)
	}
	if folder, err := os.Stat(dir); err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", folder, err)
	}
	up.Plan.Source = "UJI"
	if err := uploads.Keep(up); err != nil {
		t.Fatal(err)
	}
	if got, err := uploads.Open(who, up.ID); err != nil || got.Plan.Source != "UJI" || got.SHA256 != up.SHA256 {
		t.Errorf("opened %+v, %v", got, err)
	}
	for name, err := range map[string]error{
		"somebody else opens it":    second(uploads.Open(other, up.ID)),
		"somebody else discards it": uploads.Discard(other, up.ID),
		"one that was never sent":   second(uploads.Open(who, testkitID(9))),
	} {
		if !errors.Is(err, fail.NotFound("import.no_upload")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !uploads.Holds(uploads.Rejects(up)) || uploads.Holds("/etc/passwd") || uploads.Holds(filepath.Join(dir, "..", "x")) {
		t.Error("Holds tells the folder wrongly")
	}
	if err := uploads.Discard(who, up.ID); err != nil || len(filesIn(t, dir)) != 0 {
		t.Errorf("discarded: %v, left %v", err, filesIn(t, dir))
	}
}

func second(_ exchange.Upload, err error) error { return err }

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestUploadsHaveALimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	uploads := exchange.NewUploads(dir, 1<<20, testkit.NewClock().Now)
	who := testkit.Person(1, access.Verifier, testkit.Ambon)
	if _, err := uploads.Receive(who, exchange.Families, "a.csv", strings.NewReader(strings.Repeat("x", 1<<20+1))); !errors.Is(err, fail.Invalid("import.too_large")) {
		t.Errorf("too large: %v", err)
	}
	if _, err := uploads.Receive(who, exchange.Families, "a.csv", strings.NewReader("")); !errors.Is(err, fail.Invalid("import.nothing_chosen")) {
		t.Errorf("nothing: %v", err)
	}
	if err := uploads.Require(1<<20 + 1); !errors.Is(err, fail.Invalid("import.too_large")) {
		t.Errorf("announced too large: %v", err)
	}
	huge := exchange.NewUploads(dir, 1<<62, testkit.NewClock().Now)
	if err := huge.Require(1 << 61); !errors.Is(err, fail.Unavailable("files.short")) {
		t.Errorf("no room: %v", err)
	}
	broken := errors.New("the line broke")
	if _, err := uploads.Receive(who, exchange.Families, "a.csv", brokenReader{broken}); !errors.Is(err, broken) {
		t.Errorf("a line that broke: %v", err)
	}
	if left := filesIn(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read(p []byte) (int, error) { return copy(p, "half"), b.err }

// TestFilesOfPeopleDoNotStay follows uploads through their lives.
func TestFilesOfPeopleDoNotStay(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		uploads := exchange.NewUploads(dir, 0, h.clock.Now)
		send := func(text string) exchange.Upload {
			up, err := uploads.Receive(h.who, exchange.Families, "a.csv", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			return up
		}
		sweep := func(want int) {
			t.Helper()
			if got, err := uploads.Sweep(t.Context(), h.runs.Ended); err != nil || got != want {
				t.Errorf("swept %d files, want %d, %v", got, want, err)
			}
		}
		bind := func(up exchange.Upload) (exchange.Upload, runs.Run) {
			set, err := h.files.Plan(up, uploads.Path(up), uploads.Rejects(up), uploads.Alike(up))
			if err != nil {
				t.Fatal(err)
			}
			r := h.create(h.who, set)
			up.Tenant, up.Run = r.Tenant, r.ID
			if err := uploads.Keep(up); err != nil {
				t.Fatal(err)
			}
			if r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); err == nil {
				err = os.WriteFile(uploads.Alike(up), []byte("3 8171 00000000-0000-7000-8000-000000000000\n"), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			return up, r
		}
		send(good().csv()) // nobody goes on with it
		applied, run := bind(send(good().with("row_id", "3", "sex", "X").csv()))
		pending, _ := bind(send(good().csv()))
		sweep(0)
		if err := uploads.Discard(h.who, applied.ID); !errors.Is(err, fail.Conflict("import.upload_used")) {
			t.Errorf("discarded under a run: %v", err)
		}
		if _, err := h.runs.Submit(t.Context(), h.who, run.Tenant, run.ID); err != nil {
			t.Fatal(err)
		}
		sweep(0)
		if _, err := h.runs.Drive(t.Context(), run.Tenant, run.ID, nil); err != nil {
			t.Fatal(err)
		}
		sweep(1)
		for _, path := range []string{uploads.Path(applied), uploads.Alike(applied)} {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s of a finished run is still there: %v", path, err)
			}
		}
		if list, err := exchange.FirstRejects(uploads.Rejects(applied), 20); err != nil || len(list) != 1 || list[0].Line != 4 || list[0].Column != "sex" || list[0].Kept || list[0].Reason == "" {
			t.Errorf("its rejects: %+v, %v", list, err)
		}
		h.clock.Move(25 * 3600e9)
		sweep(1)
		for _, path := range []string{uploads.Path(pending), uploads.Alike(pending)} {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s, looked at yesterday, is gone: %v", path, err)
			}
		}
		h.clock.Move(7 * 24 * 3600e9)
		sweep(1)
		h.clock.Move(90 * 24 * 3600e9)
		sweep(0)
		if left := filesIn(t, dir); len(left) != 0 {
			t.Errorf("left after 90 days: %v", left)
		}
	})
}
