package public

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"

	"tepat/internal/kit/i18n"
)

// sheet is a page ready to be sent.
type sheet struct{ plain, small body }

// body is one encoding of a page, with the headers that belong to it.
type body struct {
	bytes    []byte
	length   []string
	encoding []string // nil for plain
}

func newBody(b []byte, encoding ...string) body {
	return body{bytes: b, length: []string{strconv.Itoa(len(b))}, encoding: encoding}
}

// render prints a page for good. Nothing of a request goes into it but the language.
func render(p i18n.Printer, c templ.Component) (*sheet, error) {
	var page, small bytes.Buffer
	if err := c.Render(i18n.Into(context.Background(), p), &page); err != nil {
		return nil, err
	}
	z := gzip.NewWriter(&small)
	if _, err := z.Write(page.Bytes()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return &sheet{plain: newBody(page.Bytes()), small: newBody(small.Bytes(), "gzip")}, nil
}

// fixedHeaders are those whose value is the same on every page: made once, because net/http
// only reads them.
type fixedHeaders struct{ contentType, vary []string }

func newFixedHeaders() fixedHeaders {
	return fixedHeaders{contentType: []string{"text/html; charset=utf-8"}, vary: []string{"Accept-Encoding"}}
}

// send writes a sheet.
func (s *Site) send(w http.ResponseWriter, r *http.Request, status int, page *sheet) error {
	b := &page.plain
	if acceptsGzip(r.Header["Accept-Encoding"]) {
		b = &page.small
	}
	h := w.Header()
	h["Content-Type"], h["Vary"] = s.fixed.contentType, s.fixed.vary
	h["Content-Length"] = b.length
	if b.encoding != nil {
		h["Content-Encoding"] = b.encoding
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.bytes) // a reader who hangs up is no failure, and the status is out
	}
	return nil
}

// acceptsGzip reads Accept-Encoding as browsers write it: gzip without a weight of zero.
func acceptsGzip(lines []string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			coding, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
			if coding == "gzip" {
				return !weighed || strings.Trim(weight, " q=0.") != ""
			}
		}
	}
	return false
}

// shelf keeps printed pages for the minute they are true for: every page that says "as of"
// says it to the minute. An answer depends on the programmes alone and never on the person,
// so that a few dozen sheets answer everybody.
type shelf struct{ current atomic.Pointer[minute] }

type minute struct {
	at     int64 // unix minutes
	mu     sync.RWMutex
	sheets map[string]*sheet
}

// mostSheets bounds the memory of a minute, at about 10 KB a sheet. What does not fit is
// printed for its reader alone.
const mostSheets = 512

// take gives the sheet of a name at an instant, printed with draw when it is not there yet.
// The name holds everything the page depends on but the minute.
func (s *shelf) take(at time.Time, name []byte, draw func() (*sheet, error)) (*sheet, error) {
	m := s.minute(at)
	m.mu.RLock()
	page := m.sheets[string(name)]
	m.mu.RUnlock()
	if page != nil {
		return page, nil
	}
	page, err := draw()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.sheets) < mostSheets {
		m.sheets[string(name)] = page
	}
	return page, nil
}

func (s *shelf) minute(at time.Time) *minute {
	for {
		m := s.current.Load()
		if m != nil && m.at == at.Unix()/60 {
			return m
		}
		fresh := &minute{at: at.Unix() / 60, sheets: map[string]*sheet{}}
		if s.current.CompareAndSwap(m, fresh) {
			return fresh
		}
	}
}

// keptPage answers with the sheet of a page, named by what it depends on beside minute and
// language.
func (s *Site) keptPage(w http.ResponseWriter, r *http.Request, status int, page string, draw func(i18n.Printer) templ.Component) error {
	var room [64]byte
	return s.kept(w, r, status, append(room[:0], page...), draw)
}

// kept is keptPage with room in the name for the language.
func (s *Site) kept(w http.ResponseWriter, r *http.Request, status int, name []byte, draw func(i18n.Printer) templ.Component) error {
	p := i18n.Of(r)
	page, err := s.shelf.take(s.o.Now(), append(name, 0, byte(p.Lang)), func() (*sheet, error) { return render(p, draw(p)) })
	if err != nil {
		return err
	}
	return s.send(w, r, status, page)
}
