// Package flatcsv reads a CSV file that lies whole in memory: where each row begins is found once,
// and rows are cut into fields when they are asked for, by any number of goroutines at a time.
//
// It is made for engines that go over a million rows in a second: a row costs eight bytes, fields
// are slices of the file, and nothing is allocated a row. The separator is found from the header.
// Quotes, quotes within quotes, line breaks within quotes and any end of line are understood. What
// is no UTF-8 is kept as the bytes it is, and counted. Package tabular reads what officers send,
// with better errors and workbooks; this one reads fast.
package flatcsv

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"

	"tepat/internal/kit/fail"
)

// Table is a CSV file with its header. It does not change and may be read by many goroutines.
type Table struct {
	data      []byte
	starts    []int // of each row, and one more: the end of the file
	header    []string
	separator byte
	newline   byte // a line feed, or a carriage return where the file has no line feed (old Macs)
	invalid   int
}

// Parse finds the header and the rows of a file. The table refers to data, which must stay as it is.
//
// Errors: flatcsv.empty when there is no header, flatcsv.encoding for UTF-16, flatcsv.binary for what
// is no text, such as a workbook.
func Parse(data []byte) (*Table, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return nil, fail.Invalid("flatcsv.encoding")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(data, []byte("\x1f\x8b")):
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
	t.cut(body)
	t.count()
	return t, nil
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
		if len(line) == 0 {
			at += t.lineEnd(t.data[at:])
			continue
		}
		if t.separator == 0 {
			t.separator = separatorOf(line)
		}
		end := t.rowEnd(at)
		for _, f := range t.fields(trimEnd(t.data[at:end]), nil) {
			t.header = append(t.header, strings.TrimSpace(strings.ToValidUTF8(string(f), "?")))
		}
		return end
	}
	return -1
}

// separatorOf takes the one that stands most often in the header outside quotes; the first wins a draw.
func separatorOf(line []byte) byte {
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
	best := byte(',')
	for _, s := range []byte{';', '\t', '|'} {
		if count[s] > count[best] {
			best = s
		}
	}
	return best
}

// cut finds where each row begins. Rows without any byte are passed over.
func (t *Table) cut(at int) {
	t.starts = make([]int, 0, len(t.data)/128+2)
	for at < len(t.data) {
		end := t.rowEnd(at)
		if len(trimEnd(t.data[at:end])) > 0 {
			t.starts = append(t.starts, at)
		}
		at = end
	}
	t.starts = append(t.starts, len(t.data))
}

// rowEnd gives the first byte after the row that begins at a place. Only a quote at the beginning
// of a field opens a quoted field; a line without any quote ends at its line feed.
func (t *Table) rowEnd(at int) int {
	rest := t.data[at:]
	end := t.lineEnd(rest)
	if bytes.IndexByte(rest[:end], '"') < 0 {
		return at + end
	}
	for i := 0; i < len(rest); {
		if rest[i] == '"' {
			i = quoteEnd(rest, i)
		}
		for i < len(rest) && rest[i] != t.separator && rest[i] != t.newline {
			i++
		}
		if i >= len(rest) {
			break
		}
		if rest[i] == t.newline {
			return at + i + 1
		}
		i++
	}
	return len(t.data)
}

// lineEnd gives the length of the first line with its end.
func (t *Table) lineEnd(b []byte) int {
	if n := bytes.IndexByte(b, t.newline); n >= 0 {
		return n + 1
	}
	return len(b)
}

// quoteEnd gives the place after the quote that closes the one at i, or the end of b.
func quoteEnd(b []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		if i += n; i+1 >= len(b) || b[i+1] != '"' {
			return i + 1
		}
		i++
	}
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// count counts the rows that are no UTF-8.
func (t *Table) count() {
	if utf8.Valid(t.data) {
		return
	}
	for i := range t.Rows() {
		if !utf8.Valid(t.row(i)) {
			t.invalid++
		}
	}
}

// Header gives the names of the columns.
func (t *Table) Header() []string { return t.header }

// Rows gives the number of rows below the header.
func (t *Table) Rows() int { return len(t.starts) - 1 }

// Bytes gives the size of the file.
func (t *Table) Bytes() int { return len(t.data) }

// Invalid gives the number of rows that are no UTF-8.
func (t *Table) Invalid() int { return t.invalid }

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
		if len(row) > 0 && row[0] == '"' {
			end := quoteEnd(row, 0)
			field := row[1:max(end-1, 1)]
			if end == len(row) && (end < 2 || row[end-1] != '"') {
				field = row[1:] // never closed: all of it
			}
			rest := row[end:]
			n := bytes.IndexByte(rest, t.separator)
			tail := rest
			if n >= 0 {
				tail = rest[:n]
			}
			into = append(into, unquote(field, tail))
			if n < 0 {
				return into
			}
			row = rest[n+1:]
			continue
		}
		n := bytes.IndexByte(row, t.separator)
		if n < 0 {
			return append(into, row)
		}
		into = append(into, row[:n:n])
		row = row[n+1:]
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
