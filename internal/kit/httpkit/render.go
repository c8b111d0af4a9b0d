package httpkit

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"
)

// renderer keeps buffers and compressors between requests. It is a package value because pools
// hold no state a reader could notice.
var renderer = struct{ buffers, zippers sync.Pool }{
	buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	zippers: sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, 4) // the level is a constant in range: it cannot fail
		return z
	}},
}

// A page shorter than this travels in one packet anyway; a buffer longer than keepAtMost is
// left to the collector.
const (
	zipFrom    = 1400
	keepAtMost = 1 << 20
)

// Render writes a component as a page. It is rendered whole before the status goes out, so an
// error never leaves half a page behind.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	body := renderer.buffers.Get().(*bytes.Buffer)
	body.Reset()
	defer giveBack(body)
	if err := c.Render(r.Context(), body); err != nil {
		return err
	}
	return write(w, r, status, "text/html; charset=utf-8", body.Bytes())
}

// Bytes writes a body that is ready, such as a small CSV or JSON.
func Bytes(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) error {
	return write(w, r, status, contentType, body)
}

func write(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= zipFrom && acceptsGzip(r) {
		zipped, err := compress(body)
		if err != nil {
			return err
		}
		defer giveBack(zipped)
		h.Set("Content-Encoding", "gzip")
		body = zipped.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	// A reader who hangs up is no failure of ours, and the status is out already.
	_, _ = w.Write(body)
	return nil
}

func compress(body []byte) (*bytes.Buffer, error) {
	out := renderer.buffers.Get().(*bytes.Buffer)
	out.Reset()
	z := renderer.zippers.Get().(*gzip.Writer)
	defer renderer.zippers.Put(z)
	z.Reset(out)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	return out, z.Close()
}

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= keepAtMost {
		renderer.buffers.Put(b)
	}
}

// acceptsGzip reads Accept-Encoding: gzip or * without a weight of zero.
func acceptsGzip(r *http.Request) bool {
	for _, accept := range r.Header["Accept-Encoding"] {
		for part := range strings.SplitSeq(accept, ",") {
			coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
			if coding != "gzip" && coding != "*" {
				continue
			}
			q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return !found || strings.Trim(q, "0.") != ""
		}
	}
	return false
}
