package tabular

import (
	"archive/zip"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// Column is one column of a sheet to write.
type Column struct {
	Title string
	Width float64 // in letters; zero means by the title
}

// SheetOptions say how a sheet looks.
type SheetOptions struct {
	Name    string   // at most 31 letters, made fit and unique where needed
	Notes   []string // lines above the titles, such as the source, the date and "DATA CONTOH SINTETIS"
	Columns []Column // the titles: bold, and in sight while scrolling
	// Paper sets the sheet for A4 on its side: as wide as the paper, with its titles and a number on each, a grid, and long texts in
	// several lines.
	Paper bool
}

// XLSXWriter writes a workbook as a stream: nothing of it stays in memory. Texts are marked as text,
// so that a spreadsheet keeps every digit of a NIK and never runs them, also after somebody edited
// the cell. A sheet that is full goes on in another with the same titles. The same rows give the
// same bytes.
type XLSXWriter struct {
	zip    *zip.Writer
	part   io.Writer
	buf    []byte
	names  []string // letters of the columns
	sheets []string
	titled []int // for each sheet the row of its titles where that stands on each paper, or 0
	open   SheetOptions
	row    int // rows written to the open sheet
	err    error
}

const (
	lastRow    = 1 << 20 // of a sheet
	lastColumn = 1 << 14
	longText   = 32_767 // UTF-16 units of a cell
)

// The styles of cells, as their places in xlsxStyles.
const (
	styleNumber = iota
	styleTitle
	styleText
	styleMoney
	styleDay
	styleNote
	styleLong
)

// NewXLSXWriter writes a workbook to dst. Sheet begins a sheet; Close must be called at the end.
func NewXLSXWriter(dst io.Writer) *XLSXWriter {
	z := zip.NewWriter(dst)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed) // the level decides the speed: the default takes four times as long for a fifth less
	})
	return &XLSXWriter{zip: z, buf: make([]byte, 0, flushAt+4096)}
}

// Sheet begins a sheet and ends the one before. Errors: tabular.columns.many (fact limit), and those
// of the stream, explained by files.Explain.
func (w *XLSXWriter) Sheet(o SheetOptions) error {
	w.endSheet()
	if w.err == nil && len(o.Columns) > lastColumn {
		w.err = fail.Invalid("tabular.columns.many", "limit", lastColumn)
	}
	w.beginSheet(o)
	return w.err
}

// Write writes one row to the open sheet, or to one named "Data" when none was begun. Errors:
// tabular.cell.long (facts line, column, limit), tabular.columns.many (fact limit), and those of the
// stream, explained by files.Explain.
func (w *XLSXWriter) Write(row ...Cell) error {
	if w.part == nil && w.err == nil {
		w.beginSheet(SheetOptions{Name: "Data"})
	}
	if w.row >= lastRow && w.err == nil {
		o := w.open
		w.endSheet()
		w.beginSheet(o)
	}
	if w.err == nil && len(row) > lastColumn {
		w.err = fail.Invalid("tabular.columns.many", "limit", lastColumn)
	}
	if w.err != nil {
		return w.err
	}
	w.beginRow()
	for i := range row {
		w.cell(i, &row[i])
	}
	w.endRow()
	return w.err
}

// Close ends the workbook. It does not close the stream beneath. Errors: as Write.
func (w *XLSXWriter) Close() error {
	if w.part == nil && w.err == nil && len(w.sheets) == 0 {
		w.beginSheet(SheetOptions{Name: "Data"})
	}
	w.endSheet()
	w.add("[Content_Types].xml", w.contentTypes())
	w.add("_rels/.rels", xlsxRoot)
	w.add("xl/workbook.xml", w.workbook())
	w.add("xl/_rels/workbook.xml.rels", w.relations())
	w.add("xl/styles.xml", xlsxStyles)
	if w.err == nil {
		w.err = files.Explain(w.zip.Close())
	}
	return w.err
}

func (w *XLSXWriter) beginSheet(o SheetOptions) {
	if w.err != nil {
		return
	}
	w.open = o
	w.sheets, w.titled = append(w.sheets, w.sheetName(o.Name)), append(w.titled, 0)
	part, err := w.zip.Create("xl/worksheets/sheet" + strconv.Itoa(len(w.sheets)) + ".xml")
	if err != nil {
		w.err = files.Explain(err)
		return
	}
	w.part, w.row = part, 0
	w.head(o)
	for _, note := range o.Notes {
		w.beginRow()
		w.textCell(0, styleNote, note)
		w.endRow()
	}
	if len(o.Columns) == 0 {
		return
	}
	w.beginRow()
	for i, c := range o.Columns {
		w.textCell(i, styleTitle, c.Title)
	}
	w.endRow()
}

// head writes what stands before the rows: what stays in sight, and the widths.
func (w *XLSXWriter) head(o SheetOptions) {
	w.buf = append(w.buf, xmlHead+`<worksheet xmlns="`+spreadsheetML+`">`...)
	if o.Paper {
		w.buf = append(w.buf, `<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`...)
	}
	w.buf = append(w.buf, `<sheetViews><sheetView workbookViewId="0"`...)
	if len(w.sheets) == 1 {
		w.buf = append(w.buf, ` tabSelected="1"`...)
	}
	if len(o.Columns) == 0 {
		w.buf = append(w.buf, `/></sheetViews><sheetData>`...)
		return
	}
	still := len(o.Notes) + 1
	if o.Paper {
		w.titled[len(w.titled)-1] = still
	}
	w.buf = append(w.buf, `><pane ySplit="`...)
	w.buf = strconv.AppendInt(w.buf, int64(still), 10)
	w.buf = append(w.buf, `" topLeftCell="A`...)
	w.buf = strconv.AppendInt(w.buf, int64(still+1), 10)
	w.buf = append(w.buf, `" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`...)
	for i, c := range o.Columns {
		n := strconv.Itoa(i + 1)
		w.buf = append(w.buf, `<col min="`+n+`" max="`+n+`" width="`...)
		w.buf = strconv.AppendFloat(w.buf, c.width(), 'f', -1, 64)
		w.buf = append(w.buf, `" customWidth="1"/>`...)
	}
	w.buf = append(w.buf, `</cols><sheetData>`...)
}

// width is the width asked for, or one the title fits in.
func (c Column) width() float64 {
	const least, most = 8, 255
	width := c.Width
	if width <= 0 {
		width = float64(utf8.RuneCountInString(c.Title)) + 3
	}
	return min(max(width, least), most)
}

func (w *XLSXWriter) endSheet() {
	if w.part == nil || w.err != nil {
		return
	}
	w.buf = append(w.buf, `</sheetData>`...)
	if w.open.Paper {
		w.buf = append(w.buf, xlsxPaper...)
	}
	w.buf = append(w.buf, `</worksheet>`...)
	w.flush()
	w.part = nil
}

func (w *XLSXWriter) flush() {
	_, err := w.part.Write(w.buf)
	w.err = files.Explain(err)
	w.buf = w.buf[:0]
}

func (w *XLSXWriter) beginRow() {
	w.row++
	w.buf = append(w.buf, `<row r="`...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, '"', '>')
}

func (w *XLSXWriter) endRow() {
	w.buf = append(w.buf, `</row>`...)
	if len(w.buf) >= flushAt && w.err == nil {
		w.flush()
	}
}

// sheetName makes a name a workbook takes: no longer than 31 letters, without the seven characters
// that mean something in formulas, and different from the others.
func (w *XLSXWriter) sheetName(name string) string {
	const most = 31
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\`, r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, name)
	if name = strings.Trim(name, " '"); name == "" {
		name = "Data"
	}
	base := []rune(name)
	for n := 1; ; n++ {
		end := ""
		if n > 1 {
			end = " (" + strconv.Itoa(n) + ")"
		}
		try := string(base[:min(len(base), most-len(end))]) + end
		if !w.hasSheet(try) {
			return try
		}
	}
}

func (w *XLSXWriter) hasSheet(name string) bool {
	for _, s := range w.sheets {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// cell writes one cell; an empty one is left out.
func (w *XLSXWriter) cell(column int, c *Cell) {
	switch c.kind {
	case kindText:
		style := styleText
		if w.open.Paper {
			style = styleLong
		}
		w.textCell(column, style, c.text)
	case kindNumber, kindMoney:
		const kept = 999_999_999_999_999 // fifteen digits
		if c.n > kept || c.n < -kept {
			w.textCell(column, styleText, strconv.FormatInt(c.n, 10))
			return
		}
		style := styleNumber
		if c.kind == kindMoney {
			style = styleMoney
		}
		w.numberCell(column, style, float64(c.n))
	case kindDecimal:
		w.numberCell(column, styleNumber, math.Float64frombits(uint64(c.n)))
	case kindDate:
		w.numberCell(column, styleDay, float64(c.n))
	}
}

func (w *XLSXWriter) numberCell(column, style int, n float64) {
	w.place(column, style)
	w.buf = append(w.buf, `><v>`...)
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	} else {
		w.buf = strconv.AppendFloat(w.buf, n, 'g', -1, 64)
	}
	w.buf = append(w.buf, `</v></c>`...)
}

// place writes the begin of a cell's tag.
func (w *XLSXWriter) place(column, style int) {
	for len(w.names) <= column {
		w.names = append(w.names, columnName(len(w.names)))
	}
	w.buf = append(w.buf, `<c r="`...)
	w.buf = append(w.buf, w.names[column]...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, `" s="`...)
	w.buf = append(w.buf, byte('0'+style), '"')
}

// columnName gives the letters of a column; the first is 0.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
