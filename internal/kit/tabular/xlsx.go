package tabular

import (
	"errors"
	"io"
	"strings"

	"tepat/internal/kit/fail"
)

// xlsxReader gives the rows of one sheet, in the order they stand in the part, which is that of the
// sheet.
type xlsxReader struct {
	book   *workbook
	closer io.Closer
	size   int64
	limits Limits
	info   Info

	part  io.ReadCloser
	xml   *xmlScanner
	err   error // ends the sheet
	line  int   // last row read
	given int   // last row given by Next
	first *peeked

	row sheetRow
}

// peeked is the first row of a sheet, read to see whether there is one.
type peeked struct {
	row Row
	err error
}

// mostSheets bounds the sheets that are looked into for one that holds anything.
const mostSheets = 1024

func openXLSX(src io.ReaderAt, size int64, closer io.Closer, o Options) (Reader, error) {
	limits := o.Limits.withDefaults()
	a, err := openArchive(src, size, limits)
	if err != nil {
		return nil, err
	}
	book, err := openWorkbook(a, o)
	if err != nil {
		return nil, err
	}
	r := &xlsxReader{book: book, size: size, limits: limits, info: Info{Format: XLSX}}
	for _, s := range book.sheets {
		r.info.Sheets = append(r.info.Sheets, s.name)
	}
	if err := r.choose(o.Sheet); err != nil {
		_ = r.Close()
		return nil, err
	}
	r.closer = closer
	if r.given = o.From.Line; r.given > 0 && r.first.row.Line <= r.given {
		r.first = nil
		r.row.skipTo = r.given
	}
	return r, nil
}

// choose opens the sheet of that name; with no name, the first that holds anything, those that are
// shown before those that are hidden.
func (r *xlsxReader) choose(name string) error {
	if name != "" {
		for _, s := range r.book.sheets {
			if strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(name)) {
				return r.openSheet(s)
			}
		}
		return fail.Invalid("tabular.sheet.missing", "sheet", name, "sheets", strings.Join(r.info.Sheets, ", "))
	}
	for _, hidden := range []bool{false, true} {
		for _, s := range r.book.sheets[:min(len(r.book.sheets), mostSheets)] {
			if s.hidden != hidden {
				continue
			}
			if err := r.openSheet(s); err != nil {
				return err
			}
			if r.first.err != io.EOF {
				return nil
			}
		}
	}
	return errEmpty()
}

// openSheet begins a sheet and reads its first row.
func (r *xlsxReader) openSheet(s sheetRef) error {
	if r.part != nil {
		_ = r.part.Close()
	}
	entry := r.book.find(s.part)
	if entry == nil {
		return errCorrupt(errors.New("tabular: a sheet has no part"))
	}
	part, err := r.book.open(entry)
	if err != nil {
		return err
	}
	r.part = part
	r.xml = newXMLScanner(part, r.limits.Line+xmlLimit)
	r.err, r.line = nil, 0
	r.info.Sheet = s.name
	r.row.book, r.row.limits = r.book, r.limits
	row, err := r.next()
	r.first = &peeked{row, err}
	if wrong := (*RowError)(nil); errors.As(err, &wrong) {
		r.first.row.Line = wrong.Line
	} else if err != nil && err != io.EOF {
		return err
	}
	return nil
}

// Info tells what the file turned out to be.
func (r *xlsxReader) Info() Info { return r.info }

// Progress counts the packed bytes read; at the end it is all of them, though parts such as pictures
// are never read.
func (r *xlsxReader) Progress() (used, total int64) {
	if r.err != nil {
		return r.size, r.size
	}
	return min(r.book.src.n, r.size), r.size
}

// Position is the place after the last row given.
func (r *xlsxReader) Position() Position { return Position{Line: r.given} }

// Close frees what the reader holds.
func (r *xlsxReader) Close() error {
	r.book.texts.close()
	if r.part != nil {
		_ = r.part.Close()
	}
	if r.closer != nil {
		return r.closer.Close()
	}
	return nil
}

// Next gives the next row that holds anything.
func (r *xlsxReader) Next() (Row, error) {
	if f := r.first; f != nil {
		r.first = nil
		r.given = f.row.Line
		return f.row, f.err
	}
	row, err := r.next()
	r.given = max(r.given, r.line)
	return row, err
}

func (r *xlsxReader) next() (Row, error) {
	for r.err == nil {
		var t token
		if err := r.xml.next(&t); err != nil {
			r.err = r.broken(err)
			break
		}
		switch {
		case t.kind == tokenStart && string(t.name) == "row":
			row, err := r.oneRow(t)
			if err != nil || !blank(row.Cells) {
				return row, err
			}
		case string(t.name) == "sheetData" && (t.kind == tokenEnd || t.empty):
			r.err = r.finish()
		}
	}
	return Row{}, r.err
}

// oneRow reads the row whose start tag was just read.
func (r *xlsxReader) oneRow(t token) (Row, error) {
	r.line = max(r.line+1, atoi(attr(t.attrs, "r")))
	r.row.begin(r.line)
	if t.empty {
		return Row{}, nil
	}
	if err := r.row.read(r.xml); err != nil {
		r.err = r.broken(err)
		return Row{}, r.err
	}
	return r.row.finish()
}

// finish reads the part to its end, where its checksum is.
func (r *xlsxReader) finish() error {
	if _, err := io.Copy(io.Discard, r.part); err != nil {
		return r.broken(err)
	}
	return io.EOF
}

// broken says where the sheet breaks off.
func (r *xlsxReader) broken(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut(r.line)
	}
	return archiveError(err)
}

// atoi reads a row number or an index; anything else is 0.
func atoi(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<30 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
