package tabular

import (
	"io"
	"strings"

	"tepat/internal/kit/files"
)

// Writer writes one table. It is for one goroutine.
type Writer interface {
	// Write writes one row.
	Write(row ...Cell) error
	// Close writes what is still held back. It does not close the stream beneath.
	Close() error
}

// CSVOptions say how to write CSV; the zero value writes commas, UTF-8 without a mark.
type CSVOptions struct {
	Separator byte // zero means a comma; a semicolon suits Excel in Indonesian
	Mark      bool // begin with the byte order mark that Excel needs to see UTF-8
	CRLF      bool // end lines as RFC 4180 says
}

// CSVWriter writes CSV that a spreadsheet does not run: a text that begins with = + - @, a tab or a
// carriage return gets an apostrophe before it, and so does one that has such apostrophes already.
// Reading takes exactly one off again, so that what is exported and read back is the same; a text
// like 'Aisyah is never touched. Numbers are written as they are.
//
// CSV has no way to tell a spreadsheet that a NIK is text: give people XLSX to look at.
type CSVWriter struct {
	dst   io.Writer
	buf   []byte
	o     CSVOptions
	hot   [256]bool // bytes that make a cell be quoted
	begun bool      // the first cell is written
	err   error
}

// flushAt is the size at which rows are handed on.
const flushAt = 64 << 10

// NewCSVWriter writes CSV to dst.
func NewCSVWriter(dst io.Writer, o CSVOptions) *CSVWriter {
	if o.Separator == 0 {
		o.Separator = ','
	}
	w := &CSVWriter{dst: dst, o: o, buf: make([]byte, 0, flushAt+4096)}
	for _, c := range []byte{o.Separator, '"', '\n', '\r', 0x1a} {
		w.hot[c] = true
	}
	if o.Mark {
		w.buf = append(w.buf, "\xef\xbb\xbf"...)
	}
	return w
}

// Write writes one row. Errors: those of the stream, explained by files.Explain.
func (w *CSVWriter) Write(row ...Cell) error {
	if w.err != nil {
		return w.err
	}
	for i := range row {
		if i > 0 {
			w.buf = append(w.buf, w.o.Separator)
		}
		if row[i].kind == kindText {
			w.text(row[i].text)
		} else {
			w.buf = row[i].appendPlain(w.buf)
			w.begun = true
		}
	}
	if len(row) == 1 && (row[0].kind == kindEmpty || row[0].kind == kindText && row[0].text == "") {
		w.buf = append(w.buf, `""`...) // an empty line is no row
	}
	if w.o.CRLF {
		w.buf = append(w.buf, '\r')
	}
	w.buf = append(w.buf, '\n')
	if len(w.buf) >= flushAt {
		w.flush()
	}
	return w.err
}

// Close writes what is held back. Errors: as Write.
func (w *CSVWriter) Close() error {
	if w.err == nil {
		w.flush()
	}
	return w.err
}

func (w *CSVWriter) flush() {
	_, err := w.dst.Write(w.buf)
	w.err = files.Explain(err)
	w.buf = w.buf[:0]
}

// text appends a text, guarded and quoted as it needs.
func (w *CSVWriter) text(s string) {
	guard := guarded(s)
	if !w.mustQuote(s) {
		if guard {
			w.buf = append(w.buf, '\'')
		}
		w.buf = append(w.buf, s...)
		return
	}
	w.buf = append(w.buf, '"')
	if guard {
		w.buf = append(w.buf, '\'')
	}
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		w.buf = append(append(w.buf, s[:i]...), `""`...)
		s = s[i+1:]
	}
	w.buf = append(append(w.buf, s...), '"')
}

// mustQuote reports whether a reader would not get the text back as it stands. The first cell of
// the file must not look like "sep=;" or a byte order mark.
func (w *CSVWriter) mustQuote(s string) bool {
	first := !w.begun
	w.begun = true
	switch {
	case s == "":
		return false
	case s[0] == ' ' || s[len(s)-1] == ' ':
		return true
	case first && (s[0] >= 0x80 || len(s) >= 4 && strings.EqualFold(s[:4], "sep=")):
		return true
	}
	for i := range len(s) {
		if w.hot[s[i]] {
			return true
		}
	}
	return false
}
