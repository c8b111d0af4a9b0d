package public

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"tepat/internal/kit/fail"
)

// field is a value a form may post, and where it goes.
type field struct {
	name  string
	value *string
}

// formLimit is far more than two numbers, an answer and a token need, in bytes.
const formLimit = 1024

// forms keeps the room bodies are read into. It is a package value because a pool holds no
// state a reader could notice.
var forms = sync.Pool{New: func() any { return new([formLimit + 1]byte) }}

// readFields reads a posted form of a few short values: trimmed, each at most once, and none
// that was not asked for. It is httpkit.ReadForm without its maps, for the page that answers
// a whole district on payday.
func readFields(r *http.Request, known ...field) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return fail.Invalid("request.unreadable")
	}
	room := forms.Get().(*[formLimit + 1]byte)
	defer forms.Put(room)
	n, err := io.ReadFull(r.Body, room[:])
	defer clear(room[:n]) // no NIK waits in a pool
	switch {
	case err == nil: // longer than any form of ours
		return fail.Invalid("request.unreadable")
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fail.Invalid("request.unreadable").Because(err)
	}
	return scanFields(room[:n], known)
}

// scanFields reads name=value&name=value.
func scanFields(text []byte, known []field) error {
	for len(text) > 0 {
		var pair []byte
		pair, text, _ = bytes.Cut(text, []byte("&"))
		if len(pair) == 0 {
			continue
		}
		name, value, _ := bytes.Cut(pair, []byte("="))
		if err := putField(name, value, known); err != nil {
			return err
		}
	}
	return nil
}

// putField keeps one value. Our names need no escaping, so an escaped name is not ours.
func putField(name, value []byte, known []field) error {
	for _, f := range known {
		if string(name) != f.name {
			continue
		}
		if *f.value != "" {
			return fail.Invalid("request.unreadable").On(f.name)
		}
		text, err := unescape(value)
		if err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fail.Invalid("request.unreadable").On(f.name)
		}
		*f.value = strings.TrimSpace(text)
		return nil
	}
	return fail.Invalid("request.unknown_field")
}

func unescape(value []byte) (string, error) {
	if !bytes.ContainsAny(value, "%+") {
		return string(value), nil
	}
	return url.QueryUnescape(string(value))
}
