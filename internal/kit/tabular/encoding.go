package tabular

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is the encoding of a CSV file.
type Encoding string

// The encodings that can be read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// marks are the byte order marks that say what follows.
var marks = []struct {
	mark     string
	encoding Encoding
}{
	{"\xef\xbb\xbf", UTF8},
	{"\xff\xfe", UTF16LE},
	{"\xfe\xff", UTF16BE},
}

// detectEncoding judges the first bytes of a file. It gives how many of them are a byte order mark,
// and whether it is sure: a file of plain ASCII counts as UTF-8 until a row says otherwise.
func detectEncoding(sample []byte) (e Encoding, mark int, sure bool) {
	for _, m := range marks {
		if bytes.HasPrefix(sample, []byte(m.mark)) {
			return m.encoding, len(m.mark), true
		}
	}
	if e := wideEncoding(sample); e != "" {
		return e, 0, true
	}
	good, bad := countUTF8(sample)
	if bad > good {
		return Windows1252, 0, true
	}
	return UTF8, 0, good > 0
}

// wideEncoding recognises UTF-16 without a mark: text of Latin letters has a zero in every second
// byte.
func wideEncoding(sample []byte) Encoding {
	pairs := len(sample) / 2
	if pairs < 2 {
		return ""
	}
	var zeros [2]int
	for i := range pairs * 2 {
		if sample[i] == 0 {
			zeros[i&1]++
		}
	}
	switch {
	case zeros[1] > pairs*2/5 && zeros[0] <= pairs/20+1:
		return UTF16LE
	case zeros[0] > pairs*2/5 && zeros[1] <= pairs/20+1:
		return UTF16BE
	}
	return ""
}

// countUTF8 counts the letters beyond ASCII that are valid UTF-8 and the bytes that are not.
func countUTF8(b []byte) (good, bad int) {
	for len(b) > 0 {
		i := indexHigh(b)
		if i < 0 {
			break
		}
		b = b[i:]
		if !utf8.FullRune(b) { // the sample may end inside a letter
			break
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		b = b[size:]
	}
	return good, bad
}

// latinHigh are the letters of Windows-1252 for 0x80 to 0x9f; zero marks the five bytes it leaves
// undefined. Above them it equals Latin-1.
var latinHigh = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// appendLatin appends src, which is Windows-1252, as UTF-8; ok is false at a byte without meaning.
func appendLatin(dst, src []byte) (out []byte, ok bool) {
	for _, c := range src {
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		case c >= 0xa0:
			dst = utf8.AppendRune(dst, rune(c))
		case latinHigh[c-0x80] == 0:
			return dst, false
		default:
			dst = utf8.AppendRune(dst, latinHigh[c-0x80])
		}
	}
	return dst, true
}

// wideReader turns UTF-16 into UTF-8. A half of a pair becomes the byte 0xff, which is never valid,
// so that the row it is in is refused.
type wideReader struct {
	src  io.Reader
	big  bool
	in   [8 << 10]byte
	have int    // bytes of in that are filled
	out  []byte // decoded, not yet given
	room []byte
	err  error
}

func newWideReader(src io.Reader, e Encoding) *wideReader {
	return &wideReader{src: src, big: e == UTF16BE}
}

// Read gives UTF-8; a file that ends in the middle of a letter gives io.ErrUnexpectedEOF.
func (r *wideReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *wideReader) fill() {
	n, err := r.src.Read(r.in[r.have:])
	r.have += n
	r.err = err
	last := err != nil
	used := 0
	r.out = r.room[:0]
	for used+2 <= r.have {
		c := r.unit(used)
		if !utf16.IsSurrogate(c) {
			r.out = utf8.AppendRune(r.out, c)
			used += 2
			continue
		}
		if used+4 > r.have && !last {
			break // the other half is still to come
		}
		used += r.pair(used)
	}
	r.room = r.out
	r.have = copy(r.in[:], r.in[used:r.have])
	if err == io.EOF && r.have > 0 {
		r.err = io.ErrUnexpectedEOF
	}
}

// pair decodes the surrogate pair at offset i and gives the bytes it took.
func (r *wideReader) pair(i int) int {
	if i+4 <= r.have {
		if c := utf16.DecodeRune(r.unit(i), r.unit(i+2)); c != utf8.RuneError {
			r.out = utf8.AppendRune(r.out, c)
			return 4
		}
	}
	r.out = append(r.out, 0xff)
	return 2
}

func (r *wideReader) unit(i int) rune {
	if r.big {
		return rune(r.in[i])<<8 | rune(r.in[i+1])
	}
	return rune(r.in[i+1])<<8 | rune(r.in[i])
}

// indexHigh gives the place of the first byte beyond ASCII, or -1. It looks at 32 at a time.
func indexHigh(b []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(b); i += 32 {
		w := b[i : i+32]
		if (binary.LittleEndian.Uint64(w)|binary.LittleEndian.Uint64(w[8:])|
			binary.LittleEndian.Uint64(w[16:])|binary.LittleEndian.Uint64(w[24:]))&high != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}
