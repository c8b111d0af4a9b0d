// Package tabular reads and writes the tables officers exchange, CSV and XLSX, as streams.
//
// A reader finds out by itself what it was given: the kind of file by its content, never by its
// name; the separator, the encoding and the ends of lines of a CSV file; the sheet of a workbook.
// Memory does not grow with the file. A bad row is a *RowError and reading goes on; any other error
// ends the file. Nothing in a file is trusted: lines, columns, unpacked bytes and archive entries
// are limited.
//
// Cells are bytes of UTF-8. What a spreadsheet knew about a cell beyond its text (it was a number,
// it has lost digits, it is the result of a formula) comes as a Flag.
package tabular

import (
	"fmt"
	"io"
	"slices"
)

// Flag says how a spreadsheet kept a cell. Cells of CSV files have none.
type Flag uint8

// The flags of a cell.
const (
	// FlagNumber marks a cell stored as a number: leading zeros are lost.
	FlagNumber Flag = 1 << iota
	// FlagDamaged marks a number of more digits than the 15 a spreadsheet keeps, or one written with
	// an exponent: a NIK or No. KK in it is not what the officer typed. Its text holds all digits
	// the file has.
	FlagDamaged
	// FlagFormula marks the last computed result of a formula.
	FlagFormula
	// FlagDate marks a number shown as a date or time; its text is YYYY-MM-DD, YYYY-MM-DDThh:mm:ss or
	// hh:mm:ss.
	FlagDate
	// FlagFault marks an error value of a spreadsheet, such as #N/A; its text is that name.
	FlagFault
)

// Row is one row of a table. Its memory belongs to the Reader: it is valid until the next call of
// Next and must not be changed.
type Row struct {
	Line  int      // line of the file, or row of the sheet, where it begins; the first is 1
	Cells [][]byte // empty where the sheet has no cell
	flags []Flag   // as long as Cells, or nil when no cell has a flag
}

// Flag gives the flags of cell i; a cell that does not exist has none.
func (r Row) Flag(i int) Flag {
	if i < 0 || i >= len(r.flags) {
		return 0
	}
	return r.flags[i]
}

// Cell gives the text of cell i; a cell that does not exist is empty.
func (r Row) Cell(i int) []byte {
	if i < 0 || i >= len(r.Cells) {
		return nil
	}
	return r.Cells[i]
}

// Clone gives a copy that outlives the next call of Next.
func (r Row) Clone() Row {
	size := 0
	for _, c := range r.Cells {
		size += len(c)
	}
	data := make([]byte, 0, size)
	cells := make([][]byte, len(r.Cells))
	for i, c := range r.Cells {
		from := len(data)
		data = append(data, c...)
		cells[i] = data[from:len(data):len(data)]
	}
	return Row{Line: r.Line, Cells: cells, flags: slices.Clone(r.flags)}
}

// String tells where the row is, never what it holds: a row is personal data.
func (r Row) String() string { return fmt.Sprintf("row %d of %d cells", r.Line, len(r.Cells)) }

// GoString is String.
func (r Row) GoString() string { return r.String() }

// Strings gives the cells as strings of their own.
func (r Row) Strings() []string {
	s := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		s[i] = string(c)
	}
	return s
}

// MakeRow makes a row of cells, for tests and for tables that come from elsewhere.
func MakeRow(line int, cells ...string) Row {
	r := Row{Line: line, Cells: make([][]byte, len(cells))}
	for i, c := range cells {
		r.Cells[i] = []byte(c)
	}
	return r
}

// WithFlag gives the row with flags added to cell i.
func (r Row) WithFlag(i int, f Flag) Row {
	flags := make([]Flag, len(r.Cells))
	copy(flags, r.flags)
	flags[i] |= f
	r.flags = flags
	return r
}

// Format is the kind of a file.
type Format string

// The formats that can be read.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Info is what a reader found out about its file.
type Info struct {
	Format    Format
	Encoding  Encoding // CSV only
	Separator byte     // CSV only
	Sheet     string   // XLSX only: the sheet being read
	Sheets    []string // XLSX only: all sheets, in their order
}

// Position is a place between two rows, for going on later or in another process. Its fields are
// the package's own; keep it as it is (it can be stored as JSON) and use it only with the same file
// and the same options.
type Position struct {
	Line   int   `json:"line"`             // last line that was used up
	Offset int64 `json:"offset,omitempty"` // CSV: decoded bytes before it
	Width  int   `json:"width,omitempty"`  // CSV: cells of the first row
	Latin  bool  `json:"latin,omitempty"`  // CSV: turned out not to be UTF-8 on the way
	Wide   bool  `json:"wide,omitempty"`   // CSV: letters beyond ASCII proved it to be UTF-8
}

// Reader gives the rows of one table in their order. Rows without any text are passed over. A
// Reader is for one goroutine.
type Reader interface {
	// Next gives the next row. It gives a *RowError for a bad row and can then be called again,
	// io.EOF at the end, and any other error when the rest of the file cannot be read.
	Next() (Row, error)
	// Info tells what the file turned out to be.
	Info() Info
	// Progress gives how many of the file's bytes are used up; total is 0 when it is not known.
	Progress() (used, total int64)
	// Position gives the place after the row Next gave last.
	Position() Position
	// Close frees what the reader holds; a file opened by OpenFile is closed.
	Close() error
}

// Options say how to read; the zero value finds out everything.
type Options struct {
	Sheet     string   // XLSX: the sheet of that name; empty means the first that holds anything
	Separator byte     // CSV: the separator; zero finds it out
	Encoding  Encoding // CSV: the encoding; empty finds it out
	From      Position // go on after that place; at once in CSV, by reading over the rows before it in XLSX and UTF-16
	TempDir   string   // where texts of a large workbook are put aside, encrypted; empty means the system's folder
	Limits    Limits   // fields left zero have the defaults
}

// Limits bound what a file may make the reader do.
type Limits struct {
	Line     int   // bytes of one row; default 1 MiB
	Columns  int   // cells of one row; default 1,024
	Strings  int   // XLSX: bytes of shared texts kept in memory, the rest goes to TempDir; default 64 MiB
	Entries  int   // XLSX: files in the archive; default 10,000
	Unpacked int64 // XLSX: bytes of all parts read, unpacked; default 16 GiB
	Ratio    int64 // XLSX: unpacked bytes a packed byte, once 64 MiB are unpacked; default 200
}

// withDefaults fills the fields that are zero.
func (l Limits) withDefaults() Limits {
	orInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt(&l.Line, 1<<20)
	orInt(&l.Columns, 1024)
	orInt(&l.Strings, 64<<20)
	orInt(&l.Entries, 10_000)
	if l.Unpacked <= 0 {
		l.Unpacked = 16 << 30
	}
	if l.Ratio <= 0 {
		l.Ratio = 200
	}
	return l
}

// All calls row for each good row and bad for each bad one until the end of the table or the first
// error of either; io.EOF is no error.
func All(r Reader, row func(Row) error, bad func(*RowError) error) error {
	for {
		got, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = row(got)
		} else if wrong, ok := err.(*RowError); ok {
			err = bad(wrong)
		}
		if err != nil {
			return err
		}
	}
}
