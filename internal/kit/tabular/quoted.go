package tabular

import (
	"bytes"
	"unicode/utf8"
)

// quoted cuts a record that has a quote somewhere in its first line. Quotes have a meaning only at
// the begin of a cell; elsewhere they are letters.
//
// A quote that is never closed, or closed and followed by text, spoils one line, not the rest of the
// file: the row is refused and reading goes on with the line after the one where it began.
func (r *csvReader) quoted(stop int) (bool, error) {
	if r.nul >= stop && r.high >= stop && stop < r.end && r.easy(r.buf[r.at:stop]) {
		r.at = stop + 1
		r.line++
		r.remark()
		return true, r.countCells()
	}
	return r.hard()
}

// easy cuts a line in which every quoted cell is closed and holds no quote, which is nearly every
// line with quotes; it reports false, and nothing is used up, when there is anything else.
func (r *csvReader) easy(text []byte) bool {
	text = bytes.TrimSuffix(text, []byte{'\r'})
	cells := r.cells[:0]
	for {
		if len(text) == 0 || text[0] != '"' {
			if len(text) > 0 && text[0] == ' ' {
				return false
			}
			i := bytes.IndexByte(text, r.separator)
			if i < 0 {
				r.cells = append(cells, unguard(text))
				return true
			}
			cells = append(cells, unguard(text[:i:i]))
			text = text[i+1:]
			continue
		}
		i := 1 + bytes.IndexByte(text[1:], '"')
		if i == 0 {
			return false
		}
		cells = append(cells, unguard(text[1:i:i]))
		if text = text[i+1:]; len(text) == 0 {
			r.cells = cells
			return true
		}
		if text[0] != r.separator {
			return false
		}
		text = text[1:]
	}
}

// hard cuts any record that has a quote.
func (r *csvReader) hard() (bool, error) {
	size, err := r.measure()
	if err != nil {
		return false, r.afterBadQuote(err)
	}
	record := r.buf[r.at : r.at+size]
	stop := r.at + size
	special := r.nul < stop || r.high < stop
	r.at = min(stop+1, r.end)
	r.line += 1 + bytes.Count(record, []byte{r.newline})
	if special {
		record, err = r.checkSpans(record)
	}
	if err == nil {
		err = r.cut(record)
	}
	r.remark()
	if err == nil && stop == r.end {
		err = r.lastRow()
	}
	return true, err
}

// afterBadQuote passes over the line where a bad record begins. When that is the last line of the
// file, the file was cut inside a cell.
func (r *csvReader) afterBadQuote(err error) error {
	open, ok := err.(*RowError)
	if ok && open.Code == "tabular.quote.open" && r.atEOF && bytes.IndexByte(r.buf[r.at:r.end], r.newline) < 0 {
		r.at = r.end
		r.err = errCut(r.line + 1)
		return r.err
	}
	if e := r.skipLine(); e != nil {
		return e
	}
	return err
}

// measure finds the cells of the record at the window's begin, into spans, and its length without
// the end of line. It reads on as far as the record goes.
func (r *csvReader) measure() (size int, err error) {
	r.spans = r.spans[:0]
	for i := 0; ; i++ {
		var s span
		if s, i, err = r.cell(i); err != nil {
			return 0, err
		}
		r.spans = append(r.spans, s)
		c, ok := r.byteAt(i)
		switch {
		case !ok || c == r.newline:
			return i, nil
		case i > r.limits.Line:
			return 0, &RowError{Code: "tabular.line.long", Limit: r.limits.Line}
		case len(r.spans) > r.limits.Columns:
			return 0, &RowError{Code: "tabular.columns.many", Column: r.limits.Columns + 1, Limit: r.limits.Columns}
		}
	}
}

// cell finds the cell that begins at offset i and the offset of the separator or end behind it.
func (r *csvReader) cell(i int) (s span, after int, err error) {
	begin := i
	for {
		c, ok := r.byteAt(i)
		if ok && c == '"' {
			return r.quotedCell(i + 1)
		}
		if !ok || c != ' ' { // blanks before a quote are dropped, as hand-made files have them
			break
		}
		i++
	}
	for i = begin; ; {
		window := r.buf[r.at:r.end]
		for ; i < len(window); i++ {
			if c := window[i]; c == r.separator || c == r.newline {
				return r.bare(begin, i, c), i, nil
			}
		}
		if i > r.limits.Line {
			return s, 0, &RowError{Code: "tabular.line.long", Limit: r.limits.Line}
		}
		if !r.more() {
			return r.bare(begin, i, r.newline), i, nil
		}
	}
}

// bare is a cell without quotes, which ends before the byte c.
func (r *csvReader) bare(from, to int, c byte) span {
	if c == r.newline && to > from && r.buf[r.at+to-1] == '\r' {
		to--
	}
	return span{from: from, to: to}
}

// quotedCell finds the end of a cell whose text begins at offset i, behind its quote.
func (r *csvReader) quotedCell(i int) (s span, after int, err error) {
	s.from = i
	for {
		if i, err = r.nextQuote(i); err != nil {
			return s, 0, err
		}
		c, ok := r.byteAt(i + 1)
		if !ok || c != '"' {
			break
		}
		s.escaped = true
		i += 2
	}
	s.to = i
	for i++; ; i++ {
		c, ok := r.byteAt(i)
		switch {
		case !ok || c == r.separator || c == r.newline:
			return s, i, nil
		case c != ' ' && c != '\r':
			return s, 0, &RowError{Code: "tabular.quote", Column: len(r.spans) + 1}
		case i > r.limits.Line:
			return s, 0, &RowError{Code: "tabular.line.long", Limit: r.limits.Line}
		}
	}
}

// nextQuote gives the offset of the next quote at or after i.
func (r *csvReader) nextQuote(i int) (int, error) {
	for {
		if j := bytes.IndexByte(r.buf[r.at+i:r.end], '"'); j >= 0 && i+j <= r.limits.Line {
			return i + j, nil
		}
		i = r.end - r.at
		if i > r.limits.Line || !r.more() {
			return 0, &RowError{Code: "tabular.quote.open", Column: len(r.spans) + 1}
		}
	}
}

// byteAt gives the byte at offset i of the window, reading on where needed; ok is false at the end
// of the file.
func (r *csvReader) byteAt(i int) (c byte, ok bool) {
	for r.at+i >= r.end {
		if !r.more() {
			return 0, false
		}
	}
	return r.buf[r.at+i], true
}

// checkSpans refuses NULs and text that is not in the file's encoding. Windows-1252 grows when it is
// decoded, so its cells move: it gives the bytes the spans lie in.
func (r *csvReader) checkSpans(record []byte) ([]byte, error) {
	for i, s := range r.spans {
		if bytes.IndexByte(record[s.from:s.to], 0) >= 0 {
			return nil, &RowError{Code: "tabular.nul", Column: i + 1}
		}
	}
	if !r.latin && utf8.Valid(record) {
		r.wide = r.wide || indexHigh(record) >= 0
		return record, nil
	}
	decoded := r.scratch[:0]
	for i, s := range r.spans {
		text, from := record[s.from:s.to], len(decoded)
		ok := false
		if r.mustBeUTF8() {
			ok = utf8.Valid(text)
			decoded = append(decoded, text...)
		} else {
			decoded, ok = appendLatin(decoded, text)
		}
		if !ok {
			return nil, &RowError{Code: "tabular.encoding", Column: i + 1}
		}
		r.spans[i].from, r.spans[i].to = from, len(decoded)
	}
	r.scratch = decoded
	r.isLatin()
	return decoded, nil
}

// cut makes the cells of the spans. Doubled quotes are halved in place: the bytes are used up.
func (r *csvReader) cut(record []byte) error {
	cells := r.cells[:0]
	for _, s := range r.spans {
		text := record[s.from:s.to:s.to]
		if s.escaped {
			text = halveQuotes(text)
		}
		cells = append(cells, unguard(text))
	}
	r.cells = cells
	return r.countCells()
}

func halveQuotes(b []byte) []byte {
	n := 0
	for i := 0; i < len(b); i++ {
		b[n] = b[i]
		n++
		if b[i] == '"' {
			i++ // its double
		}
	}
	return b[:n]
}
