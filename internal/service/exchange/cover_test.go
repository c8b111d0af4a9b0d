package exchange_test

import (
	"bytes"
	"os"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/internal/testkit"
)

// covered is a workbook whose first sheet is a cover or a summary, and whose second holds the table.
func covered(t *testing.T, first [][]string, table *sheet) string {
	t.Helper()
	var out bytes.Buffer
	w := tabular.NewXLSXWriter(&out)
	write := func(name string, rows [][]string) {
		columns := make([]tabular.Column, len(rows[0]))
		for i, c := range rows[0] {
			columns[i].Title = c
		}
		if err := w.Sheet(tabular.SheetOptions{Name: name, Columns: columns}); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			cells := make([]tabular.Cell, len(row))
			for i := range row {
				cells[i] = tabular.Text(row[i])
			}
			if err := w.Write(cells...); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("Sampul", first)
	write("Data", append([][]string{table.columns}, table.rows...))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTheTableOfAWorkbookIsFoundBehindItsCover: officers send workbooks that begin with a cover or a summary.
func TestTheTableOfAWorkbookIsFoundBehindItsCover(t *testing.T) {
	t.Parallel()
	for name, first := range map[string][][]string{
		"a cover":   {{"Laporan bulanan"}, {"Dinas Sosial"}},
		"a summary": {{"Kelurahan", "RT", "RW", "Jumlah KK"}, {"Uji", "1", "2", "120"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, testkit.SQLite(t))
			path := h.write("covered.xlsx", covered(t, first, good()))
			d, err := h.files.Detect(path, exchange.Families, exchange.Plan{})
			if err != nil || d.Info.Sheet != "Data" || len(d.Missing) > 0 {
				t.Fatalf("detected %+v, missing %v: %v", d.Info, d.Missing, err)
			}
			if r := h.imported(h.who, h.planned(exchange.Families, path, exchange.Plan{})); r.Tally["inserted"] != 2 {
				t.Errorf("as it was planned the import did %v", r.Tally)
			}
			if tally, _ := h.load(exchange.Families, path); tally["unchanged"] != 2 {
				t.Errorf("as a command the import did %v", tally)
			}
		})
	}
}

// TestHeadsBehindACoverAreHeads: a list of heads behind a cover is read as one that has none.
func TestHeadsBehindACoverAreHeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	table := &sheet{columns: []string{"No KK", "NIK Kepala Keluarga", "Nama Kepala Keluarga", "area_code"}, rows: [][]string{{"8171011203150001", "8171010708800001", "MARIA LATUHERU", wainitu.Dotted()}}}
	path := h.write("covered.xlsx", covered(t, [][]string{{"Laporan bulanan"}, {"Dinas Sosial"}}, table))
	if r := h.imported(h.who, h.planned(exchange.Families, path, exchange.Plan{Source: "UJI", AsOf: "2024"})); r.Tally["inserted"] != 1 {
		t.Fatalf("the import did %v", r.Tally)
	}
	if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND relation = $1 AND name = 'MARIA LATUHERU' AND nik_state = 1`, int64(person.Head)); n != 1 {
		t.Errorf("%d heads", n)
	}
}

// TestNoRejectsFileIsLeftWhereNothingWasRefused: an empty file would make people look for what is wrong.
func TestNoRejectsFileIsLeftWhereNothingWasRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	set := h.settings(exchange.Families, h.write("good.csv", good().csv()))
	if r := h.imported(h.who, set); r.Tally["inserted"] != 2 {
		t.Fatalf("import = %v", r.Tally)
	}
	if _, err := os.Stat(set.Rejects); !os.IsNotExist(err) {
		t.Errorf("a rejects file stands there: %v", err)
	}
}
