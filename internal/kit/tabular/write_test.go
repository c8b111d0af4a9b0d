package tabular_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

func cells(texts ...string) []tabular.Cell {
	row := make([]tabular.Cell, len(texts))
	for i, s := range texts {
		row[i] = tabular.Text(s)
	}
	return row
}

func writeCSV(t testing.TB, o tabular.CSVOptions, rows ...[]tabular.Cell) string {
	t.Helper()
	var b bytes.Buffer
	w := tabular.NewCSVWriter(&b, o)
	for _, row := range rows {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSVIsWrittenAsAsked(t *testing.T) {
	t.Parallel()
	row := []tabular.Cell{
		tabular.Text("3271014705900001"), tabular.Number(-12), tabular.Decimal(0.25), tabular.Rupiah(1_500_000),
		tabular.Day(1990, 5, 7), tabular.Day(1990, 2, 30), {}, tabular.Decimal(math.NaN()), tabular.Bytes([]byte("a;b")), tabular.Bytes(nil),
	}
	cases := []struct {
		name string
		o    tabular.CSVOptions
		want string
	}{
		{"plain", tabular.CSVOptions{}, "3271014705900001,-12,0.25,1500000,1990-05-07,1990-02-30,,,a;b,\n"},
		{"semicolon, mark and CRLF for Excel", tabular.CSVOptions{Separator: ';', Mark: true, CRLF: true},
			"\xef\xbb\xbf3271014705900001;-12;0.25;1500000;1990-05-07;1990-02-30;;;\"a;b\";\r\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := writeCSV(t, c.o, row); got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestCSVDoesNotRunInASpreadsheet(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"formula", "=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"\n"},
		{"plus", "+62812", "'+62812\n"},
		{"minus", "-2+3", "'-2+3\n"},
		{"at", "@SUM(A1)", "'@SUM(A1)\n"},
		{"tab", "\t=1", "'\t=1\n"},
		{"carriage return", "\r=1", "\"'\r=1\"\n"},
		{"looks guarded already", "'=1", "''=1\n"},
		{"twice", "''=1", "'''=1\n"},
		{"name with an apostrophe", "'Aisyah", "'Aisyah\n"},
		{"dash inside", "a-b=c", "a-b=c\n"},
		{"only an apostrophe", "'", "'\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := writeCSV(t, tabular.CSVOptions{}, cells(c.text))
			if got != c.want {
				t.Errorf("written %q, want %q", got, c.want)
			}
			row, err := open(t, got, tabular.Options{Separator: ','}).Next()
			if err != nil || string(row.Cell(0)) != c.text {
				t.Errorf("read back %q, %v", row.Strings(), err)
			}
		})
	}
}

// anyText is text with everything that is special to the formats.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching("['=+@\\-\t\r\n\",;| _xé0-9A-Fsep]{0,14}"), rapid.StringN(0, 20, 60).Filter(func(s string) bool {
		return !strings.ContainsAny(s, "\x00\x1a\ufffe\uffff")
	}))
}

func TestCSVIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(anyText(), 3, 3), 1, 20).Draw(t, "rows")
		o := tabular.CSVOptions{
			Separator: rapid.SampledFrom([]byte{',', ';', '\t', '|'}).Draw(t, "separator"),
			Mark:      rapid.Bool().Draw(t, "mark"), CRLF: rapid.Bool().Draw(t, "crlf"),
		}
		var b bytes.Buffer
		w := tabular.NewCSVWriter(&b, o)
		var want [][]string
		for _, row := range rows {
			row[1] = "x" + row[1] // a row without any text would be passed over
			want = append(want, row)
			if err := w.Write(cells(row...)...); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := tabular.NewCSV(&b, tabular.Options{Separator: o.Separator, Encoding: tabular.UTF8})
		if err != nil {
			t.Fatal(err)
		}
		if got := collect(t, r); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func collect(t *rapid.T, r tabular.Reader) (rows [][]string) {
	err := tabular.All(r, func(row tabular.Row) error {
		rows = append(rows, row.Strings())
		return nil
	}, func(e *tabular.RowError) error { return e })
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCSVIsReadByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	got := writeCSV(t, tabular.CSVOptions{CRLF: true}, cells("sep=;", "b \"c\"", "d\ne"), cells(" x ", "", "é"), cells(""))
	r := csv.NewReader(strings.NewReader(got))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if want := [][]string{{"sep=;", "b \"c\"", "d\ne"}, {" x ", "", "é"}, {""}}; err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %q, %v", rows, err)
	}
}

// full is a stream on a full disk.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, syscall.ENOSPC
	}
	f.room -= len(p)
	return len(p), nil
}

func TestFullDiskIsTold(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]tabular.Writer{
		"csv":  tabular.NewCSVWriter(&full{100_000}, tabular.CSVOptions{}),
		"xlsx": tabular.NewXLSXWriter(&full{10_000}),
	} {
		var err error
		for i := 0; i < 1_000_000 && err == nil; i++ {
			err = w.Write(tabular.Number(int64(i)*7919%104729), tabular.Text("SITI"))
		}
		if fail.CodeOf(err) != "files.full" || fail.CodeOf(w.Write()) != "files.full" || fail.CodeOf(w.Close()) != "files.full" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func writeXLSX(t testing.TB, fill func(*tabular.XLSXWriter) error) string {
	t.Helper()
	var b bytes.Buffer
	w := tabular.NewXLSXWriter(&b)
	if err := errors.Join(fill(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sampleBook(t testing.TB) string {
	return writeXLSX(t, func(w *tabular.XLSXWriter) error {
		return errors.Join(
			w.Sheet(tabular.SheetOptions{
				Name: "Penerima PKH", Notes: []string{"DATA CONTOH SINTETIS", ""},
				Columns: []tabular.Column{{Title: "NIK", Width: 20}, {Title: "Nama & alamat"}, {Title: "Jumlah"}, {Title: "Tanggal"}, {Title: "Kosong"}, {Title: "Bagian"}},
			}),
			w.Write(tabular.Text("9171014705900001"), tabular.Text("=1+1 <b> \"x\" _x0041_ \a\t\n "), tabular.Rupiah(1_500_000), tabular.Day(1990, 5, 7), tabular.Cell{}, tabular.Decimal(0.25)),
			w.Write(tabular.Number(9171014705900001), tabular.Text(""), tabular.Number(-3)),
			w.Sheet(tabular.SheetOptions{Name: "penerima pkh"}),
			w.Write(cells("kedua")...),
			w.Sheet(tabular.SheetOptions{Name: "'a/b:c*' yang panjangnya lebih dari tiga puluh satu huruf"}),
		)
	})
}

func TestWorkbookIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	data := sampleBook(t)
	r := open(t, data, tabular.Options{})
	rows, lines, bad := read(t, r)
	want := [][]string{
		{"DATA CONTOH SINTETIS"},
		{"NIK", "Nama & alamat", "Jumlah", "Tanggal", "Kosong", "Bagian"},
		{"9171014705900001", "=1+1 <b> \"x\" _x0041_ \a\t\n ", "1500000", "1990-05-07", "", "0.25"},
		{"9171014705900001", "", "-3"},
	}
	if !reflect.DeepEqual(rows, want) || !reflect.DeepEqual(lines, []int{1, 3, 4, 5}) || bad != nil {
		t.Errorf("rows %q lines %v errors %v", rows, lines, bad)
	}
	names := []string{"Penerima PKH", "penerima pkh (2)", "a b c ' yang panjangnya lebih d"}
	if got := r.Info().Sheets; !reflect.DeepEqual(got, names) {
		t.Errorf("sheets %q", got)
	}
	row, err := open(t, data, tabular.Options{Sheet: names[1]}).Next()
	if err != nil || string(row.Cell(0)) != "kedua" {
		t.Errorf("second sheet %q, %v", row.Strings(), err)
	}
	r = open(t, data, tabular.Options{})
	for range 2 {
		_, _ = r.Next()
	}
	row, _ = r.Next()
	if row.Flag(0) != 0 || row.Flag(2) != tabular.FlagNumber || row.Flag(3) != tabular.FlagDate {
		t.Errorf("flags %b %b %b", row.Flag(0), row.Flag(2), row.Flag(3))
	}
}

func TestWorkbookIsReadByExcelize(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(strings.NewReader(sampleBook(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const sheet = "Penerima PKH"
	for cell, want := range map[string]string{
		"A1": "DATA CONTOH SINTETIS", "A3": "NIK", "B3": "Nama & alamat", "A4": "9171014705900001", "B4": "=1+1 <b> \"x\" _x0041_ \a\t\n ",
		"C4": "1,500,000", "D4": "1990-05-07", "E4": "", "F4": "0.25", "A5": "9171014705900001", "C5": "-3",
	} {
		if got, err := f.GetCellValue(sheet, cell); err != nil || got != want {
			t.Errorf("%s = %q, want %q, %v", cell, got, want, err)
		}
	}
	if kind, err := f.GetCellType(sheet, "A5"); err != nil || kind != excelize.CellTypeInlineString {
		t.Errorf("a number of 16 digits is kept as %v, %v", kind, err)
	}
	if formula, err := f.GetCellFormula(sheet, "B4"); err != nil || formula != "" {
		t.Errorf("formula %q, %v", formula, err)
	}
	id, err := f.GetCellStyle(sheet, "A3")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || !style.Font.Bold {
		t.Errorf("titles are not bold: %v %v", style, err)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 3 || panes.TopLeftCell != "A4" {
		t.Errorf("panes %+v, %v", panes, err)
	}
	if width, err := f.GetColWidth(sheet, "A"); err != nil || width != 20 {
		t.Errorf("width %v, %v", width, err)
	}
}

func TestAnyTextSurvivesAWorkbook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(anyText(), 2, 2), 1, 10).Draw(t, "rows")
		var b bytes.Buffer
		w := tabular.NewXLSXWriter(&b)
		var want [][]string
		for _, row := range rows {
			row[1] = "x" + row[1]
			want = append(want, row)
			if err := w.Write(cells(row...)...); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := tabular.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), tabular.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := collect(t, r); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestSameRowsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second := sampleBook(t), sampleBook(t)
	if first != second {
		t.Error("two workbooks of the same rows differ")
	}
}

func TestWorkbookRefusesWhatItCannotHold(t *testing.T) {
	t.Parallel()
	w := tabular.NewXLSXWriter(io.Discard)
	err := w.Write(tabular.Text("a"), tabular.Text(strings.Repeat("é", 32_768)))
	if e, ok := fail.As(err); !ok || e.Code != "tabular.cell.long" || e.Facts[1].Value != 2 {
		t.Errorf("long text: %v", err)
	}
	w = tabular.NewXLSXWriter(io.Discard)
	if err := w.Write(tabular.Text(strings.Repeat("é", 32_767))); err != nil {
		t.Errorf("longest text: %v", err)
	}
	if err := w.Write(make([]tabular.Cell, 16_385)...); fail.CodeOf(err) != "tabular.columns.many" {
		t.Errorf("many cells: %v", err)
	}
	w = tabular.NewXLSXWriter(io.Discard)
	if err := w.Sheet(tabular.SheetOptions{Columns: make([]tabular.Column, 16_385)}); fail.CodeOf(err) != "tabular.columns.many" {
		t.Errorf("many columns: %v", err)
	}
}

func TestFullSheetGoesOnInAnother(t *testing.T) {
	t.Parallel()
	data := writeXLSX(t, func(w *tabular.XLSXWriter) error {
		if err := w.Sheet(tabular.SheetOptions{Name: "BNBA", Columns: []tabular.Column{{Title: "No"}}}); err != nil {
			return err
		}
		for i := range 1<<20 + 1 { // two more than fit below the title
			if err := w.Write(tabular.Number(int64(i))); err != nil {
				return err
			}
		}
		return nil
	})
	rows, lines, bad := read(t, open(t, data, tabular.Options{Sheet: "BNBA (2)"}))
	if want := [][]string{{"No"}, {"1048575"}, {"1048576"}}; !reflect.DeepEqual(rows, want) || lines[2] != 3 || bad != nil {
		t.Errorf("rows %q lines %v errors %v", rows, lines, bad)
	}
}

// TestASheetForPaperIsOneSheetWide: what is taken along on paper lies, is as wide as the paper, and has its titles on each.
func TestASheetForPaperIsOneSheetWide(t *testing.T) {
	t.Parallel()
	data := writeXLSX(t, func(w *tabular.XLSXWriter) error {
		for _, o := range []tabular.SheetOptions{{Name: "Biasa", Columns: []tabular.Column{{Title: "No"}}},
			{Name: "Bu Ani's", Paper: true, Notes: []string{"DAFTAR", "satu"}, Columns: []tabular.Column{{Title: "No"}, {Title: "Yang dimohon"}}}} {
			if err := w.Sheet(o); err != nil {
				return err
			}
			if err := w.Write(tabular.Text("1"), tabular.Text(strings.Repeat("panjang ", 20))); err != nil {
				return err
			}
		}
		return nil
	})
	f, err := excelize.OpenReader(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sheet, paper := range map[string]bool{"Biasa": false, "Bu Ani's": true} {
		layout, err1 := f.GetPageLayout(sheet)
		props, err2 := f.GetSheetProps(sheet)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		lies := layout.Orientation != nil && *layout.Orientation == "landscape" && *layout.Size == 9 && *layout.FitToWidth == 1 && *layout.FitToHeight == 0 && *props.FitToPage
		id, err := f.GetCellStyle(sheet, map[bool]string{false: "B2", true: "B4"}[paper])
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		wraps := style.Alignment != nil && style.Alignment.WrapText
		if lies != paper || wraps != paper || style.NumFmt != 49 {
			t.Errorf("%s: lies %v, wraps %v, format %d", sheet, lies, wraps, style.NumFmt)
		}
	}
	names := f.GetDefinedName()
	if len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" || names[0].RefersTo != "'Bu Ani''s'!$3:$3" || names[0].Scope != "Bu Ani's" {
		t.Errorf("titles %+v", names)
	}
}

func TestEmptyWorkbookCanBeOpened(t *testing.T) {
	t.Parallel()
	data := writeXLSX(t, func(*tabular.XLSXWriter) error { return nil })
	f, err := excelize.OpenReader(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !reflect.DeepEqual(got, []string{"Data"}) {
		t.Errorf("sheets %q", got)
	}
}
