package exchange_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// sheet is a small table of families by column, for tests that need rows of their own.
type sheet struct {
	columns []string
	rows    [][]string
}

// good gives a table of two good rows of one family.
func good() *sheet {
	return &sheet{
		columns: []string{"row_id", "source", "year", "no_kk", "nik", "name", "sex", "birth_date", "relation", "address", "rt", "rw", "village", "area_code", "phone"},
		rows: [][]string{
			{"1", "UJI", "2024", "8171011203150001", "8171010708800001", "MARIA LATUHERU", "P", "1980-08-07", "kepala_keluarga", "JL. PATTIMURA NO. 1", "001", "002", "", "81.71.01.1007", ""},
			{"2", "UJI", "2024", "8171011203150001", "8171015905050002", "PAULUS LATUHERU", "L", "2005-05-19", "anak", "JL. PATTIMURA NO. 1", "001", "002", "", "81.71.01.1007", ""},
		},
	}
}

// with gives the table with one more row: the last one with some of its cells changed.
func (s *sheet) with(cells ...string) *sheet {
	row := slices.Clone(s.rows[len(s.rows)-1])
	for i := 0; i+1 < len(cells); i += 2 {
		at := slices.Index(s.columns, cells[i])
		if at < 0 {
			panic("no column " + cells[i])
		}
		row[at] = cells[i+1]
	}
	s.rows = append(s.rows, row)
	return s
}

func (s *sheet) csv() string { return s.separated(',') }

func (s *sheet) separated(comma rune) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	if err := w.WriteAll(append([][]string{s.columns}, s.rows...)); err != nil {
		panic(err)
	}
	return b.String()
}

// xlsx writes CSV text as a workbook, after some lines above the header.
func xlsx(t testing.TB, text string, notes ...string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tabular.NewXLSXWriter(&b)
	columns := make([]tabular.Column, len(rows[0]))
	for i, title := range rows[0] {
		columns[i].Title = title
	}
	err = w.Sheet(tabular.SheetOptions{Name: "Data", Notes: notes, Columns: columns})
	for _, row := range rows[1:] {
		cells := make([]tabular.Cell, len(row))
		for i, c := range row {
			cells[i] = tabular.Text(c)
		}
		if err == nil {
			err = w.Write(cells...)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// registryTables are the tables an import of families writes people into.
func registryTables() []string {
	return []string{"family", "person", "nik_index", "source_record", "answers", "membership", "person_history", "family_history", "answers_history"}
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		first, rejects := h.load(exchange.Families, of(t, 1, "registry.csv"))
		if first["inserted"] == 0 || first["inserted"] != first["rows"] || len(rejects) != 0 {
			t.Fatalf("first import = %v, %d rejects", first, len(rejects))
		}
		before := h.content(registryTables()...)
		again, _ := h.load(exchange.Families, of(t, 1, "registry.csv"))
		if again["unchanged"] != first["rows"] || again["inserted"]+again["updated"]+again["families"] != 0 {
			t.Errorf("second import = %v", again)
		}
		if after := h.content(registryTables()...); after != before {
			t.Errorf("tables changed:\n%s\n%s", before, after)
		}
	})
}

func TestANewerFileUpdatesWithHistory(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		second, _ := h.load(exchange.Families, of(t, 2, "registry.csv"))
		changed := second["updated"] + second["same_person"]
		if changed == 0 || second["unchanged"]+changed != second["rows"] || second["inserted"] != 0 {
			t.Fatalf("second round = %v", second)
		}
		if n := h.count(`SELECT count(*) FROM person_history WHERE kabkota = 8171`); n != second["updated"] {
			t.Errorf("%d persons in the history, %d updated", n, second["updated"])
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND version > 1`); n != second["updated"] {
			t.Errorf("%d persons of a later version, %d updated", n, second["updated"])
		}
		if n := h.count(`SELECT count(*) FROM answers_history WHERE kabkota = 8171`); n == 0 {
			t.Error("answers that changed left no history")
		}
		back, _ := h.load(exchange.Families, of(t, 1, "registry.csv"))
		if back["older"] == 0 && back["inserted"] != 0 {
			t.Errorf("the older file again = %v", back)
		}
	})
}

func TestOlderRowsChangeNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		newer := good()
		h.load(exchange.Families, h.write("newer.csv", newer.csv()))
		older := good()
		for i := range older.rows {
			older.rows[i][2], older.rows[i][5] = "2019", "NAMA LAMA"
		}
		tally, _ := h.load(exchange.Families, h.write("older.csv", older.csv()))
		if tally["older"] != 2 || tally["updated"] != 0 || h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND name = 'NAMA LAMA'`) != 0 {
			t.Errorf("older file = %v", tally)
		}
	})
}

func TestEachBadRowIsToldAndEachGoodOneKept(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		cells  []string
		column string
		code   string
	}{
		{"a name is missing", []string{"row_id", "3", "name", ""}, "name", "layout.value.missing"},
		{"the sex is a word nobody knows", []string{"row_id", "4", "sex", "RAHASIA-SEX"}, "sex", "sex.unknown"},
		{"the birth date is none", []string{"row_id", "5", "birth_date", "1990-13-45"}, "birth_date", ""},
		{"the birth date is in the future", []string{"row_id", "6", "birth_date", "2031-01-01"}, "birth_date", "person.birth_date"},
		{"the relation is unknown", []string{"row_id", "7", "relation", "RAHASIA-HUB"}, "relation", ""},
		{"the area is outside the installation", []string{"row_id", "8", "area_code", "12.09.08.2002"}, "area_code", "import.area_outside"},
		{"the area does not exist", []string{"row_id", "9", "area_code", "81.71.99.2001"}, "area_code", ""},
		{"the village is missing", []string{"row_id", "10", "area_code", "81.71", "village", ""}, "area_code", "import.village_missing"},
		{"the village is unknown", []string{"row_id", "11", "area_code", "81.71", "village", "RAHASIA-DESA"}, "area_code", ""},
		{"a row_id stands twice", []string{"row_id", "2"}, "row_id", "import.row_twice"},
		{"a spreadsheet wrote an error", []string{"row_id", "12", "area_code", "#REF!"}, "area_code", ""},
	}
	engines(t, func(t *testing.T, h *house) {
		table := good()
		for _, c := range cases {
			table.rows = append(table.rows, table.rows[1])
			table = table.with(c.cells...)
			table.rows = slices.Delete(table.rows, len(table.rows)-2, len(table.rows)-1)
		}
		tally, rejects := h.load(exchange.Families, h.write("bad.csv", table.csv()))
		if tally["inserted"] != 2 || tally["rejected"] != int64(len(cases)) || len(rejects) != len(cases) {
			t.Fatalf("import = %v, %d rejects: %v", tally, len(rejects), rejects)
		}
		for i, c := range cases {
			got := rejects[i]
			line := i + 4 // the header, two good rows, then the cases
			if got[0] != itoa(line) || got[1] != c.column || c.code != "" && got[2] != c.code || got[2] == "" || got[3] == "" || got[4] != "no" {
				t.Errorf("%s: %v", c.name, got)
			}
		}
		h.tellsNothingPersonal(rejects, table)
	})
}

func itoa(n int) string { return string(appendInt(nil, n)) }

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// tellsNothingPersonal checks that no cell of the file stands in what is told of it.
func (h *house) tellsNothingPersonal(rejects [][]string, table *sheet) {
	h.t.Helper()
	for _, told := range rejects {
		for _, row := range table.rows {
			for i, cell := range row {
				if len(cell) > 4 && table.columns[i] != "area_code" && strings.Contains(told[3], cell) {
					h.t.Errorf("the rejects file tells the %s: %q", table.columns[i], told[3])
				}
			}
		}
	}
}

func TestAnAnswerThatIsNoneIsLeftOutAndTold(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := good()
		table.columns = append(table.columns, "301a", "306a")
		table.rows[0] = append(table.rows[0], "99", "1")
		table.rows[1] = append(table.rows[1], "", "")
		tally, rejects := h.load(exchange.Families, h.write("answers.csv", table.csv()))
		if tally["inserted"] != 2 || tally["rejected"] != 0 || tally["warning.answers_dropped"] != 1 {
			t.Fatalf("import = %v", tally)
		}
		if len(rejects) != 1 || rejects[0][0] != "2" || rejects[0][4] != "yes" || rejects[0][2] == "" {
			t.Errorf("told %v", rejects)
		}
		if n := h.count(`SELECT count(*) FROM answers WHERE kabkota = 8171`); n != 1 {
			t.Errorf("%d sets of answers kept", n)
		}
	})
}

func TestADamagedNIKIsKeptForWhoMendsIt(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := good().with("row_id", "3", "nik", "8.17101E+15", "name", "RUSAK SATU").with("row_id", "4", "nik", "817101590505", "name", "RUSAK DUA").
			with("row_id", "5", "nik", "8171015905050000", "name", "RUSAK TIGA", "phone", "123")
		tally, rejects := h.load(exchange.Families, h.write("damaged.csv", table.csv()))
		if tally["inserted"] != 5 || tally["rejected"] != 0 || tally["warning.nik"] != 3 || tally["warning.phone"] != 1 || len(rejects) != 4 {
			t.Fatalf("import = %v, told %v", tally, rejects)
		}
		for i, want := range []string{"4 nik yes", "5 nik yes", "6 nik yes", "6 phone yes"} {
			told := rejects[i]
			if got := told[0] + " " + told[1] + " " + told[4]; got != want || told[2] == "" || told[3] == "" {
				t.Errorf("told %v, want %s with a code and words", told, want)
			}
		}
		h.tellsNothingPersonal(rejects, table)
		for _, c := range []struct{ rowID, raw string }{{"3", "8.17101E+15"}, {"4", "817101590505"}, {"5", "8171015905050000"}} {
			p := h.person("UJI", c.rowID)
			if p.NIKState != registry.BadNIK || p.RawNIK != c.raw || !p.NIK.IsZero() {
				t.Errorf("row %s: state %d, kept %t", c.rowID, p.NIKState, p.RawNIK == c.raw)
			}
		}
	})
}

// TestAListOfHeadsIsReadAsTheirOwn: where no other column names the person, the columns of the head of the family are the row's own, she
// is head of her family, and the dry run says so; beside names of the rows' own nothing changes.
func TestAListOfHeadsIsReadAsTheirOwn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := families(12)
		without := func(s *sheet, title string) {
			at := slices.Index(s.columns, title)
			s.columns = slices.Delete(slices.Clone(s.columns), at, at+1)
			for i := range s.rows {
				s.rows[i] = slices.Delete(slices.Clone(s.rows[i]), at, at+1)
			}
		}
		without(table, "relation")
		rename := func(from, to string) { table.columns[slices.Index(table.columns, from)] = to }
		rename("name", "Nama Kepala Keluarga")
		rename("nik", "nik_kepala_keluarga")
		if p := h.preview("heads.csv", table, true); p.Figures["columns_heads"] != 2 || p.Figures["rejected"] != 0 || p.Figures["columns_unknown"] != 0 {
			t.Errorf("figures %v", p.Figures)
		}
		h.imported(h.who, h.settings(exchange.Families, h.write("heads.csv", table.csv())))
		for i, want := range families(12).rows {
			if p := h.person("UJI", fmt.Sprint(i+1)); p.Name != want[5] || p.NIK.Plain() != want[4] || p.Relation != person.Head {
				t.Fatalf("row %d is %s, %s, relation %d", i+1, p.Name, p.NIK, p.Relation)
			}
		}
		if p := h.preview("own.csv", families(12), true); p.Figures["columns_heads"] != 0 {
			t.Errorf("names of the rows' own: %v", p.Figures)
		}
	})
}

// person gives who a row of a source is.
func (h *house) person(source, rowID string) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = $1 AND source = $2 AND row_id = $3`,
		int64(testkit.AmbonTenant), source, rowID).Scan(&id)
	if err != nil {
		h.t.Fatalf("row %s of %s: %v", rowID, source, err)
	}
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// TestEveryWritingOfAFileIsTheSameFile imports one table in every form officers have it
// in; after the first nothing changes any more.
func TestEveryWritingOfAFileIsTheSameFile(t *testing.T) {
	t.Parallel()
	table := good().with("row_id", "3", "nik", "8171014107550003", "name", "JOSÉ D'ÉON", "sex", "L", "birth_date", "1955", "address", "GG. PALA; BELAKANG, MASJID")
	wide := func(text string) string {
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(text)) {
			out = append(out, byte(u), byte(u>>8))
		}
		return string(out)
	}
	latin, err := charmap.Windows1252.NewEncoder().String(table.separated(';'))
	if err != nil {
		t.Fatal(err)
	}
	forms := []struct{ name, text string }{
		{"comma.csv", table.csv()},
		{"again.csv", table.csv()},
		{"semicolon.csv", table.separated(';')},
		{"tab.txt", table.separated('\t')},
		{"mark.csv", "\ufeff" + table.csv()},
		{"windows.csv", strings.ReplaceAll(table.csv(), "\n", "\r\n")},
		{"windows-1252.csv", latin},
		{"utf-16.csv", wide(table.separated('\t'))},
		{"excel.csv", "sep=;\n" + table.separated(';')},
		{"book.xlsx", xlsx(t, table.csv())},
		{"titled.xlsx", xlsx(t, table.csv(), "DATA CONTOH SINTETIS", "Dinas Sosial Kota Ambon")},
		{"titled.csv", "DATA CONTOH SINTETIS\n\n" + table.csv()},
	}
	engines(t, func(t *testing.T, h *house) {
		for i, f := range forms {
			tally, rejects := h.load(exchange.Families, h.write(f.name, f.text))
			want := runs.Tally{"rows": 3, "unchanged": 3}
			if i == 0 {
				want = runs.Tally{"rows": 3, "inserted": 3, "families": 1}
			}
			if !sameTally(tally, want) || len(rejects) != 0 {
				t.Errorf("%s: %v, rejects %v", f.name, tally, rejects)
			}
		}
		if p := h.person("UJI", "3"); p.Name != "JOSÉ D'ÉON" || p.BirthDate.Text() != "1955" || p.Sex != person.Male {
			t.Errorf("the letters of the name did not survive: %q %s", p.Name, p.BirthDate.Text())
		}
	})
}

func sameTally(got, want runs.Tally) bool {
	for k, n := range got {
		if n != want[k] {
			return false
		}
	}
	for k, n := range want {
		if n != got[k] {
			return false
		}
	}
	return true
}

// TestAWholeTownAsAWorkbook holds the workbook of a synthetic town against its CSV.
func TestAWholeTownAsAWorkbook(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		first, _ := h.load(exchange.Families, of(t, 1, "registry.csv"))
		again, rejects := h.load(exchange.Families, h.write("town.xlsx", xlsx(t, read(t, of(t, 1, "registry.csv")))))
		if again["unchanged"] != first["rows"] || len(rejects) != 0 {
			t.Errorf("CSV %v, workbook %v, %d rejects", first, again, len(rejects))
		}
	})
}

// TestOtherSubjectsAreKept imports what other offices say of the town.
func TestOtherSubjectsAreKept(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		for _, c := range []struct {
			subject exchange.Subject
			file    string
			table   string
		}{{exchange.Civil, "civil.csv", "civil_record"}, {exchange.Deciles, "deciles.csv", "decile"}, {exchange.Evidence, "evidence/pln.csv", "evidence"}} {
			tally, rejects := h.load(c.subject, of(t, 1, c.file))
			if tally["rows"] == 0 || tally["kept"] != tally["rows"] || len(rejects) != 0 {
				t.Errorf("%s: %v, rejects %v", c.subject, tally, rejects)
			}
			count := "SELECT count(*) FROM " + c.table
			before := h.count(count)
			if h.load(c.subject, of(t, 1, c.file)); before == 0 || h.count(count) != before {
				t.Errorf("%s again: %d rows became %d", c.subject, before, h.count(count))
			}
		}
	})
}
