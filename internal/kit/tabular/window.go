package tabular

import (
	"bytes"
	"io"

	"tepat/internal/kit/files"
)

// What findNewline found when it found no end of line.
const (
	lastLine = -1 // the file ends first
	longLine = -2 // the line is longer than the limit
)

// findNewline gives the place of the next end of line in buf, reading more until there is one.
func (r *csvReader) findNewline() int {
	seen := 0
	for {
		i := bytes.IndexByte(r.buf[r.at+seen:r.end], r.newline)
		if i >= 0 && seen+i <= r.limits.Line {
			return r.at + seen + i
		}
		seen = r.end - r.at
		if i >= 0 || seen > r.limits.Line {
			return longLine
		}
		if !r.more() {
			return lastLine
		}
	}
}

// more reads on, behind the window; it reports whether there is anything new.
func (r *csvReader) more() bool {
	if r.atEOF {
		return false
	}
	before := r.end - r.at
	r.base += int64(r.at)
	r.end = copy(r.buf, r.buf[r.at:r.end])
	r.at = 0
	if r.end == len(r.buf) {
		size := min(2*len(r.buf), max(r.limits.Line+firstRead, len(r.buf)+firstRead))
		r.buf = append(make([]byte, 0, size), r.buf...)[:size]
	}
	r.read(len(r.buf) - r.end)
	r.mark()
	return r.end-r.at > before
}

// read fills up to n bytes behind the window, as far as the source has them.
func (r *csvReader) read(n int) {
	for target := r.end + n; r.end < target && !r.atEOF; {
		got, err := r.src.Read(r.buf[r.end:target])
		r.end += got
		if err == nil {
			continue
		}
		r.atEOF = true
		switch err {
		case io.EOF:
		case io.ErrUnexpectedEOF:
			r.err = errCut(r.line + 1)
		default:
			r.err = files.Explain(err)
		}
	}
}

// mark finds the first special byte of each kind in the window.
func (r *csvReader) mark() {
	r.quote, r.nul, r.high = -1, -1, -1
	r.remark()
}

// remark moves the marks that were passed to the next special byte.
func (r *csvReader) remark() {
	if r.quote < r.at {
		r.quote = r.indexFrom('"')
	}
	if r.nul < r.at {
		r.nul = r.indexFrom(0)
	}
	if r.high < r.at {
		if r.high = indexHigh(r.buf[r.at:r.end]); r.high < 0 {
			r.high = r.end - r.at
		}
		r.high += r.at
	}
}

func (r *csvReader) indexFrom(c byte) int {
	if i := bytes.IndexByte(r.buf[r.at:r.end], c); i >= 0 {
		return r.at + i
	}
	return r.end
}

// skipLine drops everything up to and including the next end of line, however far it is. It gives
// an error only when the file cannot be read on.
func (r *csvReader) skipLine() error {
	r.line++
	for {
		if i := bytes.IndexByte(r.buf[r.at:r.end], r.newline); i >= 0 {
			r.at += i + 1
			r.remark()
			return nil
		}
		r.at = r.end
		if !r.more() {
			r.remark()
			return r.err
		}
	}
}
