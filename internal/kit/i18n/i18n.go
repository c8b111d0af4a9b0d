// Package i18n turns codes and facts into Indonesian and English sentences, and figures,
// dates and amounts into the form a reader of that language expects.
//
// A catalogue is read once at start from YAML fragments, one per package that has something
// to say, each a flat mapping of key to {id, en}. Sentences are cut into segments then, so
// that a lookup costs one map access and one string build.
package i18n

import (
	"context"
	"net/http"
	"strings"

	"tepat/internal/kit/fail"
)

// Lang is a language the interface is written in. It is wider than a byte so that go vet refuses string(lang), which is no
// code of a language: String gives that.
type Lang uint16

// The two languages. Indonesian is the zero value, hence the default everywhere.
const (
	Indonesian Lang = iota
	English
	langCount
)

// ParseLang reads a language code such as "id" or "en"; ok is false for any other.
func ParseLang(code string) (lang Lang, ok bool) {
	switch strings.ToLower(code) {
	case "id":
		return Indonesian, true
	case "en":
		return English, true
	}
	return Indonesian, false
}

// String gives the code used in the lang attribute and in URLs: "id" or "en".
func (l Lang) String() string {
	if l == English {
		return "en"
	}
	return "id"
}

// Other gives the language the page is not written in, for the switch in the header.
func (l Lang) Other() Lang {
	if l == English {
		return Indonesian
	}
	return English
}

// Printer writes in one language. The zero Printer has no catalogue and prints the keys.
type Printer struct {
	catalogue *Catalogue
	Lang      Lang
}

// Text gives the sentence of key filled with facts, given as name, value pairs.
//
// When the language lacks the key the Indonesian sentence stands in, and when there is none
// the key itself, so that a gap is visible but never an empty button.
func (p Printer) Text(key string, facts ...any) string {
	if p.catalogue == nil {
		return key
	}
	m, ok := p.catalogue.messages[key]
	if !ok {
		return key
	}
	t := m[p.Lang]
	if t.plain != "" || len(t.segments) == 0 {
		return t.plain
	}
	return t.fill(p, facts)
}

// Has reports whether the catalogue knows key.
func (p Printer) Has(key string) bool { return p.catalogue != nil && p.catalogue.Has(key) }

// Error gives the sentence a person reads for err: the catalogue entry "error.<code>" of a
// fail.Error, or the general "error.internal" for anything else. It never shows a cause.
func (p Printer) Error(err error) string {
	e, ok := fail.As(err)
	if !ok {
		return p.Text("error.internal")
	}
	key := "error." + e.Code
	if !p.Has(key) {
		return p.Text("error.unworded", "code", e.Code)
	}
	return p.Text(key, pairs(e.Facts)...)
}

func pairs(facts []fail.Fact) []any {
	out := make([]any, 0, 2*len(facts))
	for _, f := range facts {
		out = append(out, f.Key, f.Value)
	}
	return out
}

type contextKey struct{}

// Into returns a context that carries p to the page components rendered under it.
func Into(ctx context.Context, p Printer) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From gives the Printer of ctx, or the zero Printer, which prints keys.
func From(ctx context.Context) Printer {
	p, _ := ctx.Value(contextKey{}).(Printer)
	return p
}

// Of gives the Printer of a request's context.
func Of(r *http.Request) Printer { return From(r.Context()) }
