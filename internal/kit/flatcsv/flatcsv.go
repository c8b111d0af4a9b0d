// Package flatcsv reads a CSV file that lies whole in memory: where each row begins is found once,
// and rows are cut into fields when they are asked for, by any number of goroutines at a time.
//
// It is made for engines that go over a million rows in a second: a row costs eight bytes, fields
// are slices of the file, and nothing is allocated a row. The separator is found from the header.
// Quotes, quotes within quotes, line breaks within quotes and any end of line are understood. What
// is no UTF-8 is kept as the bytes it is. A quote that opens a field and never closes it is text.
// What a reader of the rows should know of is counted in Remarks. Package tabular reads what officers
// send, with better errors and workbooks; this one reads fast.
package flatcsv

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"tepat/internal/kit/fail"
)

// Table is a CSV file with its header. It does not change and may be read by many goroutines.
type Table struct {
	data      []byte
	starts    []int // of each row, and one more: the end of the file
	header    []string
	given     []string // the titles as they stand in the file
	separator byte
	newline   byte // a line feed, or a carriage return where the file has no line feed (old Macs)
	remarks   []Remark
}

// Remark counts rows that were read but are not as rows should be.
type Remark struct {
	Kind string // one of the kinds below
	Rows int
	Line int // of the file, at which the first of them begins; lines count from 1
}

// The kinds of remarks.
const (
	Invalid = "invalid" // not UTF-8
	NUL     = "nul"     // with a byte of zero
	Quote   = "quote"   // with a quote that opens a field and never closes it
	Breaks  = "breaks"  // over several lines, by line breaks within quotes
	Notes   = "notes"   // above the titles, such as whose file it is; they are passed over
)

// mostNotes is how many notes may stand above the titles.
const mostNotes = 20

// mostBreaks is the number of line breaks a quoted field may hold. No address or note has more; a
// field that seems to is a quote too many somewhere above.
const mostBreaks = 100

// Parse finds the header and the rows of a file. The table refers to data, which must stay as it is.
//
// UTF-16, which spreadsheets save as "Unicode text", is turned into UTF-8 in memory first, and places are of that.
//
// Errors: flatcsv.empty when there is no header, flatcsv.binary for what is no text, such as a workbook.
func Parse(data []byte) (*Table, error) {
	if order := wide(data); order != nil {
		data = narrow(data, order)
	}
	if noText(data) {
		return nil, fail.Invalid("flatcsv.binary")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	t := &Table{data: data, newline: '\n'}
	if bytes.IndexByte(data, '\n') < 0 {
		t.newline = '\r'
	}
	body := t.begin()
	if body < 0 {
		return nil, fail.Invalid("flatcsv.empty")
	}
	if controls(data[:body]) {
		return nil, fail.Invalid("flatcsv.binary")
	}
	t.shorten()
	t.cut(body)
	t.count()
	return t, nil
}

// noText tells what is no text by its first bytes: archives and workbooks, old workbooks, what gzip packed, papers and pictures.
func noText(data []byte) bool {
	return slices.ContainsFunc([]string{"PK\x03\x04", "\xd0\xcf\x11\xe0", "\x1f\x8b", "%PDF-", "\x89PNG", "\xff\xd8\xff", "\x7fELF"}, func(begin string) bool {
		return bytes.HasPrefix(data, []byte(begin))
	})
}

// controls tells bytes no title has: of a file that is no text they would be told as the titles that were found.
func controls(titles []byte) bool {
	return bytes.ContainsFunc(titles, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
}

// shorten drops what stands in brackets behind a title, "Tanggal Lahir (DD/MM/YYYY)", unless another column has that title.
func (t *Table) shorten() {
	t.given = slices.Clone(t.header)
	for i, h := range t.given {
		at := strings.LastIndexByte(h, '(')
		if at <= 0 || !strings.HasSuffix(h, ")") {
			continue
		}
		short := strings.TrimSpace(h[:at])
		if short != "" && !slices.ContainsFunc(t.header, func(other string) bool { return strings.EqualFold(other, short) }) {
			t.header[i] = short
		}
	}
}

// Titled gives the title a column has in Header that is named as in the file, with what stands in brackets; any other name as it is.
func (t *Table) Titled(name string) string {
	for i, h := range t.given {
		if strings.EqualFold(h, name) {
			return t.header[i]
		}
	}
	return name
}

// begin reads the header and gives where the rows begin, or -1 when there is none.
func (t *Table) begin() int {
	at := 0
	for at < len(t.data) {
		line := trimEnd(t.data[at : at+t.lineEnd(t.data[at:])])
		if name := bytes.Trim(line, `"`); t.separator == 0 && len(name) == 5 && bytes.EqualFold(name[:4], []byte("sep=")) {
			t.separator = name[4] // the line Excel writes and understands
			line = nil
		}
		if note := t.noteAt(at); len(line) == 0 || note {
			t.remark(Notes, note, at)
			at += t.lineEnd(t.data[at:])
			continue
		}
		if t.separator == 0 {
			t.separator, _ = separatorOf(line)
		}
		end, _, _ := t.rowEnd(at)
		for _, f := range t.fields(trimEnd(t.data[at:end]), nil) {
			t.header = append(t.header, strings.TrimSpace(strings.ToValidUTF8(string(f), "?")))
		}
		return end
	}
	return -1
}

// noteAt tells whether the line at a place is a note: a text without a separator, as all lines below it down to one of three fields
// or more, the titles. A file of one column has no such line.
func (t *Table) noteAt(at int) bool {
	for n := 0; n < mostNotes && at < len(t.data); n++ {
		next := at + t.lineEnd(t.data[at:])
		switch _, separators := separatorOf(trimEnd(t.data[at:next])); {
		case separators > 0:
			return n > 0 && separators > 1
		case n == 0 && len(trimEnd(t.data[at:next])) == 0:
			return false
		}
		at = next
	}
	return false
}

// separatorOf takes the one that stands most often in the header outside quotes; the first wins a draw; n is
// how often it does.
func separatorOf(line []byte) (best byte, n int) {
	var count [256]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	best = ','
	for _, s := range []byte{';', '\t', '|'} {
		if count[s] > count[best] {
			best = s
		}
	}
	return best, count[best]
}

// cut finds where each row begins. Rows without any byte are passed over.
func (t *Table) cut(at int) {
	t.starts = make([]int, 0, len(t.data)/128+2)
	for at < len(t.data) {
		end, quote, breaks := t.rowEnd(at)
		if len(trimEnd(t.data[at:end])) > 0 {
			t.starts = append(t.starts, at)
		}
		t.remark(Quote, quote, at)
		t.remark(Breaks, breaks, at)
		at = end
	}
	t.starts = append(t.starts, len(t.data))
}

// remark counts the row that begins at a place under a kind, if it is of the kind.
func (t *Table) remark(kind string, is bool, at int) {
	if !is {
		return
	}
	for i := range t.remarks {
		if t.remarks[i].Kind == kind {
			t.remarks[i].Rows++
			return
		}
	}
	t.remarks = append(t.remarks, Remark{Kind: kind, Rows: 1, Line: t.lineAt(at)})
}

func (t *Table) lineAt(at int) int { return 1 + bytes.Count(t.data[:at], []byte{t.newline}) }

// rowEnd gives the first byte after the row that begins at a place, whether a quote in it never
// closes, and whether it holds line breaks. Only a quote at the beginning of a field opens a quoted
// field; a line without any quote ends at its line feed.
func (t *Table) rowEnd(at int) (end int, quote, breaks bool) {
	rest := t.data[at:]
	line := t.lineEnd(rest)
	if bytes.IndexByte(rest[:line], '"') < 0 {
		return at + line, false, false
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] == '"' {
			if past := t.closing(rest, i); past > 0 {
				i = past
			} else {
				quote = true
			}
		}
		for i < len(rest) && rest[i] != t.separator && rest[i] != t.newline {
			i++
		}
		if i < len(rest) && rest[i] == t.newline {
			return at + i + 1, quote, i >= line
		}
	}
	return len(t.data), quote, len(rest) > line
}

// lineEnd gives the length of the first line with its end.
func (t *Table) lineEnd(b []byte) int {
	if n := bytes.IndexByte(b, t.newline); n >= 0 {
		return n + 1
	}
	return len(b)
}

// closing gives the place after the quote that closes the one at i, or 0 when that one closes nowhere.
//
// A quote nobody closed must not take the rows behind it for its field: each of them is a person. So a
// field over several lines is believed only when its closing quote ends it (a separator or the end of
// the line follows; the opening quote of a later field has text behind it) and when it holds no more
// line breaks than a note has. Otherwise the opening quote is read as the text it most likely is (5"
// pipes, a name in half a pair of quotes): then at most the row it stands in is cut wrongly, none is
// lost, and an error over one character would lose all of a file.
func (t *Table) closing(b []byte, i int) int {
	for at := i + 1; ; at++ {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return 0
		}
		if at += n + 1; at < len(b) && b[at] == '"' {
			continue
		}
		breaks := bytes.Count(b[i:at], []byte{t.newline})
		ends := at == len(b) || b[at] == t.separator || b[at] == '\n' || b[at] == '\r'
		if breaks > mostBreaks || breaks > 0 && !ends {
			return 0
		}
		return at
	}
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// count counts the rows that are no UTF-8, and those with a byte of zero.
func (t *Table) count() {
	valid, nul := utf8.Valid(t.data), bytes.IndexByte(t.data, 0) >= 0
	if valid && !nul {
		return
	}
	for i := range t.Rows() {
		t.remark(Invalid, !valid && !utf8.Valid(t.row(i)), t.starts[i])
		t.remark(NUL, nul && bytes.IndexByte(t.row(i), 0) >= 0, t.starts[i])
	}
}

// Header gives the names of the columns.
func (t *Table) Header() []string { return t.header }

// Rows gives the number of rows below the header.
func (t *Table) Rows() int { return len(t.starts) - 1 }

// Bytes gives the size of the file.
func (t *Table) Bytes() int { return len(t.data) }

// Remarks gives what the rows have that rows should not, each kind once.
func (t *Table) Remarks() []Remark { return t.remarks }

// Line gives the line of the file at which row i begins; lines count from 1. It counts all lines above.
func (t *Table) Line(i int) int { return t.lineAt(t.starts[i]) }

func (t *Table) row(i int) []byte { return trimEnd(t.data[t.starts[i]:t.starts[i+1]]) }

// Fields cuts row i into its fields, appended to into[:0]. A field is a slice of the file, or memory of
// its own where quotes were doubled. A row may have fewer or more fields than the header.
func (t *Table) Fields(i int, into [][]byte) [][]byte { return t.fields(t.row(i), into[:0]) }

// Field gives one field of row i, nil when the row is too short: quicker than Fields for the first columns.
func (t *Table) Field(i, column int) []byte {
	row := t.row(i)
	if bytes.IndexByte(row, '"') >= 0 {
		if all := t.quoted(row, nil); column < len(all) {
			return all[column]
		}
		return nil
	}
	for ; ; column-- {
		n := bytes.IndexByte(row, t.separator)
		switch {
		case column == 0 && n >= 0:
			return row[:n:n]
		case column == 0:
			return row
		case n < 0:
			return nil
		}
		row = row[n+1:]
	}
}

func (t *Table) fields(row []byte, into [][]byte) [][]byte {
	if bytes.IndexByte(row, '"') >= 0 {
		return t.quoted(row, into)
	}
	from, i := 0, 0
	pattern := uint64(t.separator) * ones
	for ; i+8 <= len(row); i += 8 {
		for hit := zeroBytes(binary.LittleEndian.Uint64(row[i:]) ^ pattern); hit != 0; hit &= hit - 1 {
			at := i + bits.TrailingZeros64(hit)>>3
			into = append(into, row[from:at:at])
			from = at + 1
		}
	}
	for ; i < len(row); i++ {
		if row[i] == t.separator {
			into = append(into, row[from:i:i])
			from = i + 1
		}
	}
	return append(into, row[from:])
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	lows  = 0x7f7f7f7f7f7f7f7f
)

// zeroBytes marks the highest bit of each byte of x that is zero, and no other bit: the exact form,
// without borrows between bytes.
func zeroBytes(x uint64) uint64 { return ^(((x & lows) + lows) | x) & highs }

// quoted cuts a row that has quotes.
func (t *Table) quoted(row []byte, into [][]byte) [][]byte {
	for {
		past := 0 // the quoted part
		if len(row) > 0 && row[0] == '"' {
			past = t.closing(row, 0)
		}
		field := row
		n := bytes.IndexByte(row[past:], t.separator)
		if n >= 0 {
			field = row[: past+n : past+n]
		}
		if past > 0 {
			into = append(into, unquote(field[1:past-1], field[past:]))
		} else {
			into = append(into, field)
		}
		if n < 0 {
			return into
		}
		row = row[past+n+1:]
	}
}

// unquote writes doubled quotes once and adds what stands behind the closing quote.
func unquote(field, tail []byte) []byte {
	if len(tail) == 0 && bytes.IndexByte(field, '"') < 0 {
		return field
	}
	return append(bytes.ReplaceAll(field, []byte(`""`), []byte(`"`)), tail...)
}

// Column gives the place of a column by its name, letters of either case, or -1.
func (t *Table) Column(name string) int {
	for i, h := range t.header {
		if strings.EqualFold(h, name) {
			return i
		}
	}
	return -1
}
