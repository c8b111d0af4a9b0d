package tabular

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"unicode/utf8"

	"tepat/internal/kit/files"
)

// firstRead is how much of a file is looked at to find out how it is written.
const firstRead = 256 << 10

// csvReader cuts a stream into rows. The window buf[at:end] holds what is read and not yet used; it
// moves to the front of buf when more is read, and grows up to the limit of a line.
type csvReader struct {
	src    io.Reader // decoded unless the encoding has one byte a letter
	closer io.Closer
	raw    *countingReader
	total  int64
	used   int64 // told by Progress
	limits Limits
	info   Info
	dialect

	buf     []byte
	at, end int
	atEOF   bool
	err     error // ends the file, once the window is used up

	// The first quote, NUL and byte beyond ASCII at or after at, or end when there is none before
	// it. A line before all three is plain.
	quote, nul, high int

	base    int64 // decoded bytes before buf[0]
	line    int   // lines used up
	width   int   // cells of the first row
	latin   bool  // rows that are not ASCII are Windows-1252
	wide    bool  // a row proved the file to be UTF-8
	cells   [][]byte
	spans   []span
	scratch []byte
}

// span is one cell of a record with quotes, by its place after the record's begin.
type span struct {
	from, to int
	escaped  bool // holds doubled quotes
}

// NewCSV reads CSV from a stream of unknown length, such as standard input. Errors: as Open, for CSV
// only.
func NewCSV(src io.Reader, o Options) (Reader, error) {
	return newCSV(src, 0, nil, o)
}

func newCSV(src io.Reader, total int64, closer io.Closer, o Options) (*csvReader, error) {
	r := &csvReader{
		raw: &countingReader{src: src}, total: total, closer: closer,
		limits: o.Limits.withDefaults(), info: Info{Format: CSV},
		buf: make([]byte, firstRead),
	}
	r.src = r.raw
	r.read(firstRead)
	if r.err != nil {
		return nil, r.err
	}
	if err := r.begin(o); err != nil {
		return nil, err
	}
	return r, nil
}

// begin finds out how the file is written and goes to the place the options name.
func (r *csvReader) begin(o Options) error {
	sample := r.buf[:r.end]
	if err := refuseBinary(sample); err != nil {
		return err
	}
	found, mark, sure := detectEncoding(sample)
	if o.Encoding != "" && o.Encoding != found {
		found, mark = o.Encoding, 0
	}
	r.info.Encoding = found
	r.wide = found == UTF8 && (sure || o.Encoding == UTF8)
	if e := found; e == UTF16LE || e == UTF16BE {
		r.src = newWideReader(io.MultiReader(bytes.NewReader(bytes.Clone(sample[mark:])), r.raw), e)
		r.at, r.end, r.atEOF = 0, 0, false
		r.read(firstRead)
	} else {
		r.at = mark
		r.latin = found == Windows1252
	}
	if len(bytes.TrimSpace(r.buf[r.at:r.end])) == 0 && r.atEOF {
		return cmp.Or(r.err, errEmpty())
	}
	r.dialect = detectDialect(r.buf[r.at:r.end], r.atEOF, o.Separator)
	r.info.Separator = r.separator
	if r.skip > 0 {
		r.at += r.skip
		r.line = 1
	}
	r.mark()
	return r.resume(o.From)
}

// resume goes to the place: at once in a file, by reading over what is before it in a stream and
// in UTF-16, where a decoded byte has no place in the file.
func (r *csvReader) resume(p Position) error {
	if p == (Position{}) {
		return nil
	}
	if s, ok := r.raw.src.(io.Seeker); ok && r.total > 0 && r.src == r.raw { // a pipe has Seek as well, which fails
		if p.Offset > r.total {
			return errCut(p.Line)
		}
		if _, err := s.Seek(p.Offset, io.SeekStart); err != nil {
			return files.Explain(err)
		}
		r.raw.n, r.base = p.Offset, p.Offset
		r.at, r.end, r.atEOF = 0, 0, false
		r.read(firstRead)
	}
	for r.base+int64(r.end) < p.Offset {
		r.base += int64(r.end)
		r.at, r.end = 0, 0
		if r.atEOF {
			return errCut(p.Line)
		}
		r.read(firstRead)
		if r.err != nil {
			return r.err
		}
	}
	r.at = max(r.at, int(p.Offset-r.base))
	r.line, r.width, r.latin, r.wide = p.Line, p.Width, p.Latin, p.Wide
	r.mark()
	return nil
}

// Info tells what the file turned out to be.
func (r *csvReader) Info() Info { return r.info }

// Close closes the file when the reader opened it.
func (r *csvReader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Progress counts the bytes of the file, not the decoded ones.
func (r *csvReader) Progress() (used, total int64) {
	ahead := int64(r.end - r.at)
	if e := r.info.Encoding; e == UTF16LE || e == UTF16BE {
		ahead *= 2
	}
	r.used = max(r.used, r.raw.n-ahead) // a decoder's own buffers make the difference waver
	return r.used, r.total
}

// Position is the place after the last row.
func (r *csvReader) Position() Position {
	return Position{Line: r.line, Offset: r.base + int64(r.at), Width: r.width, Latin: r.latin, Wide: r.wide}
}

// Next gives the next row that holds anything.
func (r *csvReader) Next() (Row, error) {
	for {
		line := r.line + 1
		ok, err := r.record()
		if err != nil {
			if wrong := (*RowError)(nil); errors.As(err, &wrong) {
				wrong.Line = line
			}
			return Row{}, err
		}
		if !ok || blank(r.cells) {
			continue
		}
		if r.width == 0 {
			r.width = len(r.cells)
		}
		return Row{Line: line, Cells: r.cells}, nil
	}
}

// record cuts the next record into cells; ok is false for an empty line.
func (r *csvReader) record() (ok bool, err error) {
	stop := r.findNewline()
	switch stop {
	case longLine:
		return false, r.tooLong()
	case lastLine:
		return r.unended()
	}
	if r.quote < stop {
		return r.quoted(stop)
	}
	text := r.buf[r.at:stop]
	first := r.at
	r.at = stop + 1
	r.line++
	if len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return r.plain(text, first, stop)
}

// plain cuts a line without quotes, which lies at buf[first:stop].
func (r *csvReader) plain(text []byte, first, stop int) (bool, error) {
	if r.nul < stop || r.high < stop {
		var err error
		text, err = r.checked(text, first, stop)
		r.remark()
		if err != nil {
			return false, err
		}
	}
	if len(text) == 0 {
		return false, nil
	}
	return true, r.split(text)
}

// split cuts text at the separators. It compares eight bytes at a time, since most cells are short.
func (r *csvReader) split(text []byte) error {
	const (
		ones = 0x0101010101010101
		low  = 0x7f7f7f7f7f7f7f7f
	)
	cells, pattern := r.cells[:0], ones*uint64(r.separator)
	from, i := 0, 0
	for ; i+8 <= len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:]) ^ pattern
		for hits := ^(((w & low) + low) | w | low); hits != 0; hits &= hits - 1 { // the high bit of each byte that is zero in w
			at := i + bits.TrailingZeros64(hits)>>3
			cells = append(cells, unguard(text[from:at:at]))
			from = at + 1
		}
	}
	for ; i < len(text); i++ {
		if text[i] == r.separator {
			cells = append(cells, unguard(text[from:i:i]))
			from = i + 1
		}
	}
	r.cells = append(cells, unguard(text[from:]))
	return r.countCells()
}

func (r *csvReader) countCells() error {
	if len(r.cells) <= r.limits.Columns {
		return nil
	}
	return &RowError{Code: "tabular.columns.many", Column: r.limits.Columns + 1, Limit: r.limits.Columns}
}

// checked refuses NULs and text that is not in the file's encoding, and decodes Windows-1252.
func (r *csvReader) checked(text []byte, first, stop int) ([]byte, error) {
	if r.nul < stop {
		return nil, &RowError{Code: "tabular.nul", Column: r.columnOf(text, r.nul-first)}
	}
	if !r.latin && utf8.Valid(text) {
		r.wide = true
		return text, nil
	}
	if r.mustBeUTF8() {
		return nil, &RowError{Code: "tabular.encoding", Column: r.columnOf(text, invalidByte(text))}
	}
	decoded, ok := appendLatin(r.scratch[:0], text)
	if r.scratch = decoded; !ok {
		return nil, &RowError{Code: "tabular.encoding", Column: r.columnOf(text, r.high-first)}
	}
	r.isLatin()
	return decoded, nil
}

// mustBeUTF8 reports whether a row that is not UTF-8 is an error, and no sign of another encoding.
func (r *csvReader) mustBeUTF8() bool {
	return !r.latin && (r.wide || r.info.Encoding != UTF8)
}

// isLatin notes that the file, of which all was ASCII so far, is Windows-1252.
func (r *csvReader) isLatin() {
	r.latin = true
	r.info.Encoding = Windows1252
}

// invalidByte gives the place of the first byte that is not UTF-8.
func invalidByte(text []byte) int {
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

// columnOf gives the number of the cell that holds byte i of a line without quotes.
func (r *csvReader) columnOf(text []byte, i int) int {
	return 1 + bytes.Count(text[:min(i, len(text))], []byte{r.separator})
}

// unended cuts a last line that has no end of line.
func (r *csvReader) unended() (bool, error) {
	text := bytes.TrimSuffix(r.buf[r.at:r.end], []byte{0x1a}) // what DOS ended files with
	text = bytes.TrimRight(text, "\r")
	if len(text) == 0 {
		r.at = r.end
		if r.err != nil {
			return false, r.err
		}
		return false, io.EOF
	}
	if r.quote < r.end {
		return r.quoted(r.end)
	}
	first, stop := r.at, r.end
	r.at = r.end
	r.line++
	if r.cutInLetter(text) {
		return false, &RowError{Code: "tabular.cut", Column: 1 + bytes.Count(text, []byte{r.separator})}
	}
	ok, err := r.plain(text, first, stop)
	if err == nil {
		err = r.lastRow()
	}
	return ok, err
}

// cutInLetter reports whether a UTF-8 file ends inside a letter.
func (r *csvReader) cutInLetter(text []byte) bool {
	if r.latin || !r.wide {
		return false
	}
	from := max(len(text)-utf8.UTFMax, 0)
	for i := len(text) - 1; i >= from; i-- {
		if utf8.RuneStart(text[i]) {
			return !utf8.FullRune(text[i:])
		}
	}
	return false
}

// lastRow refuses a last row that has neither an end of line nor as many cells as the first: the
// file was cut, and half a number looks like a number.
func (r *csvReader) lastRow() error {
	if len(r.cells) < r.width {
		return &RowError{Code: "tabular.cut", Column: len(r.cells)}
	}
	return nil
}

// tooLong passes over the line at the window's begin, in bounded memory.
func (r *csvReader) tooLong() error {
	if err := r.skipLine(); err != nil {
		return err
	}
	return &RowError{Code: "tabular.line.long", Limit: r.limits.Line}
}

// blank reports whether no cell holds anything but blanks.
func blank(cells [][]byte) bool {
	for _, c := range cells {
		for _, b := range c {
			if b != ' ' && b != '\t' && b != '\r' {
				return false
			}
		}
	}
	return true
}

// countingReader counts what was read from a file.
type countingReader struct {
	src io.Reader
	n   int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}
