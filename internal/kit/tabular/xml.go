package tabular

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"tepat/internal/kit/fail"
)

// tokenKind is the kind of a piece of XML.
type tokenKind uint8

const (
	tokenStart tokenKind = iota + 1
	tokenEnd
	tokenText
)

// token is a piece of XML as it stands in the file. It is valid until the next one.
type token struct {
	kind  tokenKind
	name  []byte // local name of a tag, without its prefix
	attrs []byte // rest of a start tag
	empty bool   // a start tag that is its own end
	text  []byte
	plain bool // the text is CDATA: no entities in it
}

// xmlScanner cuts XML into tags and texts without building anything. It checks no more than reading
// a sheet needs: well-formed tags, and that none is longer than the limit. Entities other than the
// five of XML and character numbers are left as they stand, so nothing can be made to expand.
type xmlScanner struct {
	src     io.Reader
	buf     []byte
	at, end int
	limit   int
	eof     bool
	err     error
}

const xmlBuffer = 64 << 10

func newXMLScanner(src io.Reader, limit int) *xmlScanner {
	s := &xmlScanner{src: src, buf: make([]byte, xmlBuffer), limit: limit}
	for s.end < 2 && s.more() {
		continue
	}
	if e := utf16Mark(s.buf[:s.end]); e != "" {
		head := bytes.Clone(s.buf[2:s.end])
		s.src = newWideReader(io.MultiReader(bytes.NewReader(head), src), e)
		s.at, s.end, s.eof = 0, 0, false
	}
	return s
}

func utf16Mark(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return UTF16BE
	}
	return ""
}

// next gives the next token, io.EOF at the end, and io.ErrUnexpectedEOF when that is inside a tag.
// Comments and instructions are passed over.
func (s *xmlScanner) next(t *token) error {
	for {
		if s.at == s.end && !s.more() {
			return s.failure(io.EOF)
		}
		if s.buf[s.at] != '<' {
			return s.text(t)
		}
		if s.end-s.at < 4 { // enough to tell a comment
			s.more()
		}
		if s.end-s.at < 2 {
			return s.failure(io.ErrUnexpectedEOF)
		}
		if c := s.buf[s.at+1]; c != '!' && c != '?' {
			return s.tag(t)
		}
		done, err := s.special(t)
		if done || err != nil {
			return err
		}
	}
}

// text gives everything up to the next tag.
func (s *xmlScanner) text(t *token) error {
	size, err := s.find(0, "<")
	if err == io.ErrUnexpectedEOF { // text behind the last tag
		size = s.end - s.at
	} else if err != nil {
		return err
	}
	*t = token{kind: tokenText, text: s.buf[s.at : s.at+size]}
	s.at += size
	return nil
}

// special passes over a comment or an instruction; CDATA is text, and done is true.
func (s *xmlScanner) special(t *token) (done bool, err error) {
	close, skip := ">", 2
	switch {
	case s.hasPrefix("<!--"):
		close, skip = "-->", 4
	case s.hasPrefix("<![CDATA["):
		close, skip = "]]>", 9
	case s.hasPrefix("<?"):
		close = "?>"
	}
	size, err := s.find(skip, close)
	if err != nil {
		return false, err
	}
	if close == "]]>" {
		*t = token{kind: tokenText, text: s.buf[s.at+skip : s.at+size], plain: true}
		done = true
	}
	s.at += size + len(close)
	return done, nil
}

func (s *xmlScanner) hasPrefix(p string) bool {
	for s.end-s.at < len(p) && s.more() {
		continue
	}
	return bytes.HasPrefix(s.buf[s.at:s.end], []byte(p))
}

// tag gives a start or end tag.
func (s *xmlScanner) tag(t *token) error {
	size, err := s.tagEnd()
	if err != nil {
		return err
	}
	b := s.buf[s.at+1 : s.at+size]
	s.at += size + 1
	*t = token{kind: tokenStart}
	if b[0] == '/' {
		t.kind = tokenEnd
		b = b[1:]
	} else if b[len(b)-1] == '/' {
		t.empty = true
		b = b[:len(b)-1]
	}
	from, i := 0, 0
	for ; i < len(b) && b[i] > ' '; i++ {
		if b[i] == ':' {
			from = i + 1
		}
	}
	t.name, t.attrs = b[from:i], b[i:]
	return nil
}

// tagEnd gives the offset of the ">" that ends the tag; one inside a quoted value does not.
func (s *xmlScanner) tagEnd() (int, error) {
	quote := byte(0)
	for i := 1; ; {
		window := s.buf[s.at:s.end]
		for ; i < len(window); i++ {
			c := window[i]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '>' && i > 1:
				return i, nil
			case c == '"' || c == '\'':
				quote = c
			}
		}
		if err := s.readOn(); err != nil {
			return 0, err
		}
	}
}

// find gives the offset of the next mark at or after an offset.
func (s *xmlScanner) find(from int, mark string) (int, error) {
	for {
		if window := s.buf[s.at:s.end]; from < len(window) {
			if i := bytes.Index(window[from:], []byte(mark)); i >= 0 {
				return from + i, nil
			}
			from = max(from, len(window)-len(mark)+1) // the mark may be half there
		}
		if err := s.readOn(); err != nil {
			return 0, err
		}
	}
}

// readOn makes the window larger, as far as the limit allows.
func (s *xmlScanner) readOn() error {
	if s.end-s.at > s.limit {
		return fail.Invalid("tabular.corrupt")
	}
	if !s.more() {
		return s.failure(io.ErrUnexpectedEOF)
	}
	return nil
}

// failure gives the error of the source, or else the one given.
func (s *xmlScanner) failure(e error) error {
	if s.err != nil {
		return s.err
	}
	return e
}

// more reads on behind the window and reports whether there is anything new.
func (s *xmlScanner) more() bool {
	if s.eof {
		return false
	}
	s.end = copy(s.buf, s.buf[s.at:s.end])
	s.at = 0
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 { // a source may give nothing now and then
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			}
		}
		if n > 0 || s.eof {
			return n > 0
		}
	}
	s.eof, s.err = true, io.ErrNoProgress
	return false
}

// attr gives the value of an attribute by its name, with the prefix when it has one, as it stands.
func attr(attrs []byte, name string) []byte {
	for {
		key, value, rest := nextAttr(attrs)
		if key == nil {
			return nil
		}
		if string(key) == name {
			return value
		}
		attrs = rest
	}
}

// nextAttr cuts the first attribute off; key is nil when there is none.
func nextAttr(b []byte) (key, value, rest []byte) {
	i := 0
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	from := i
	for i < len(b) && b[i] != '=' && b[i] > ' ' {
		i++
	}
	key = b[from:i]
	for i < len(b) && (b[i] <= ' ' || b[i] == '=') {
		i++
	}
	if i >= len(b) || len(key) == 0 || b[i] != '"' && b[i] != '\'' {
		return nil, nil, nil
	}
	end := bytes.IndexByte(b[i+1:], b[i])
	if end < 0 {
		return nil, nil, nil
	}
	return key, b[i+1 : i+1+end], b[i+2+end:]
}

// appendText appends text with its entities resolved and its ends of line made "\n", as XML asks.
func appendText(dst []byte, t token) []byte {
	text := t.text
	if t.plain || bytes.IndexByte(text, '&') < 0 {
		return appendLines(dst, text)
	}
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return appendLines(dst, text)
		}
		dst = appendLines(dst, text[:i])
		text = text[i:]
		c, size := entity(text)
		if size == 0 {
			dst = append(dst, '&')
			text = text[1:]
			continue
		}
		dst = utf8.AppendRune(dst, c)
		text = text[size:]
	}
}

func appendLines(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), '\n')
		text = bytes.TrimPrefix(text[i+1:], []byte("\n"))
	}
}

// entity reads the entity text begins with; size is zero when it is none XML knows.
func entity(text []byte) (c rune, size int) {
	const longest = 12
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := string(text[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if end < 3 || text[1] != '#' {
		return 0, 0
	}
	digits, base := text[2:end], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), end + 1
}
