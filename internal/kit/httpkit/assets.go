package httpkit

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is one file ready to be sent.
type asset struct {
	contentType  string
	tag          string
	plain, small []byte // small is gzip; nil when it would not be smaller
}

// Assets serves the files of fsys under prefix from memory, compressed once at start. Their
// names carry a digest, so browsers keep them for ever. No directory is listed.
func Assets(fsys fs.FS, prefix string) (http.Handler, error) {
	files := map[string]asset{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err == nil {
			files[name], err = prepare(name, body)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := files[strings.TrimPrefix(r.URL.Path, prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	}), nil
}

func prepare(name string, body []byte) (asset, error) {
	sum := sha256.Sum256(body)
	a := asset{plain: body, contentType: contentType(name),
		tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	if _, err := z.Write(body); err != nil {
		return a, err
	}
	if err := z.Close(); err != nil {
		return a, err
	}
	if small.Len() < len(body) {
		a.small = small.Bytes()
	}
	return a, nil
}

// contentType does not depend on the machine's mime tables for what we serve.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	if !isRead(r) {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.plain, a.tag
	if a.small != nil && acceptsGzip(r) {
		body, tag = a.small, strings.TrimSuffix(a.tag, `"`)+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader who hangs up is no failure
	}
}

func matches(ifNoneMatch, tag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}
