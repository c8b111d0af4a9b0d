package tabular

import "bytes"

// dialect is how one CSV file is written.
type dialect struct {
	separator byte
	newline   byte // '\n', also for files with "\r\n"; '\r' for those of old Macs
	skip      int  // bytes of a first line "sep=;", which Excel writes and understands
}

// separators are those looked for, the first wins a draw.
var separators = [...]byte{',', ';', '\t', '|'}

// sampleRecords bounds the work of finding the separator.
const sampleRecords = 200

// detectDialect judges the first bytes of a file, which are UTF-8 or one byte a letter; whole says
// that they are the whole file. A separator that is not zero is taken as given.
func detectDialect(sample []byte, whole bool, separator byte) dialect {
	d := dialect{separator: separator, newline: '\n'}
	if feeds, returns := countEnds(sample); returns > feeds {
		d.newline = '\r'
	}
	if named, size := namedSeparator(sample, d.newline); size > 0 {
		d.skip = size
		if d.separator == 0 {
			d.separator = named
		}
	}
	if d.separator == 0 {
		d.separator = bestSeparator(sample[d.skip:], d.newline, whole)
	}
	return d
}

// countEnds counts the line feeds, and the carriage returns without one, outside of quotes.
func countEnds(sample []byte) (feeds, returns int) {
	quoted := false
	for i, c := range sample {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			feeds++
		case c == '\r' && (i+1 == len(sample) || sample[i+1] != '\n'):
			returns++
		}
	}
	return feeds, returns
}

// namedSeparator reads a first line such as "sep=;" and gives its length with the end of line.
func namedSeparator(sample []byte, newline byte) (separator byte, size int) {
	end := bytes.IndexByte(sample, newline)
	if end < 0 {
		end = len(sample) - 1
	}
	line := bytes.Trim(sample[:end+1], "\r\n\"")
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return 0, 0
	}
	switch line[4] {
	case '"', '\r', '\n', 0:
		return 0, 0
	}
	return line[4], end + 1
}

// bestSeparator takes the one that cuts the most rows into the same number of cells, more cells
// counting more: a comma in every address loses against the semicolon between twelve columns.
func bestSeparator(sample []byte, newline byte, whole bool) byte {
	best, score := separators[0], 0
	for _, s := range separators {
		if got := scoreSeparator(sample, s, newline, whole); got > score {
			best, score = s, got
		}
	}
	return best
}

func scoreSeparator(sample []byte, separator, newline byte, whole bool) int {
	widths := make(map[int]int)
	for range sampleRecords {
		width, size := measureRecord(sample, separator, newline)
		if size == len(sample) && !whole && len(widths) > 0 {
			break // the last record of the sample may be cut
		}
		widths[width]++
		if sample = sample[size:]; len(sample) == 0 {
			break
		}
	}
	score := 0
	for width, rows := range widths {
		score = max(score, rows*(width-1))
	}
	return score
}

// measureRecord gives the cells and the bytes of the first record. It is more forgiving than the
// reader: a stray quote must not hide the separator.
func measureRecord(b []byte, separator, newline byte) (cells, size int) {
	cells, quoted, begin := 1, false, true
	for i, c := range b {
		switch {
		case c == '"' && (begin || quoted):
			quoted = !quoted
			begin = false
			continue
		case quoted:
			continue
		case c == separator:
			cells++
			begin = true
			continue
		case c == newline:
			return cells, i + 1
		}
		begin = false
	}
	return cells, len(b)
}
