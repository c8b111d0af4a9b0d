// Package fail holds the errors a person can act on: a kind, a stable code and facts.
//
// The package holds no prose. The edges turn a code into words with the message
// catalogues (docs/errors.md lists every code). Facts never hold personal data.
package fail

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Kind says what sort of failure it is; the edges map it to an HTTP status and an exit code.
type Kind uint8

// The kinds of failure.
const (
	KindInvalid      Kind = iota + 1 // the input breaks a rule; the sender can mend it
	KindUnauthorized                 // nobody is signed in
	KindForbidden                    // the actor may not do this here
	KindNotFound                     // no such thing, or none the actor may know of
	KindConflict                     // somebody else changed it, or the state does not allow it
	KindLimited                      // too many tries; later is fine
	KindUnavailable                  // a service this needs does not answer
	KindAwaiting                     // waits for another person's approval
)

// Fact is one named value an error message is filled with, such as the number of digits typed.
type Fact struct {
	Key   string
	Value any
}

// Error is a failure with a stable code, such as "nik.length".
type Error struct {
	Kind  Kind
	Code  string
	Field string // the input field it belongs to, empty when it is about the whole
	Facts []Fact
	cause error
}

// New makes an error of the kind with a code and facts given as key, value pairs.
func New(kind Kind, code string, facts ...any) *Error {
	e := &Error{Kind: kind, Code: code}
	for i := 0; i+1 < len(facts); i += 2 {
		key, _ := facts[i].(string)
		e.Facts = append(e.Facts, Fact{Key: key, Value: facts[i+1]})
	}
	return e
}

// Invalid reports input that breaks a rule.
func Invalid(code string, facts ...any) *Error { return New(KindInvalid, code, facts...) }

// Unauthorized reports that nobody is signed in.
func Unauthorized(code string, facts ...any) *Error { return New(KindUnauthorized, code, facts...) }

// Forbidden reports an act the actor has no permission for.
func Forbidden(code string, facts ...any) *Error { return New(KindForbidden, code, facts...) }

// NotFound reports a thing that does not exist or lies outside what the actor may see.
func NotFound(code string, facts ...any) *Error { return New(KindNotFound, code, facts...) }

// Conflict reports a state or a version that does not allow the act.
func Conflict(code string, facts ...any) *Error { return New(KindConflict, code, facts...) }

// Limited reports too many tries.
func Limited(code string, facts ...any) *Error { return New(KindLimited, code, facts...) }

// Unavailable reports a service that does not answer.
func Unavailable(code string, facts ...any) *Error { return New(KindUnavailable, code, facts...) }

// Awaiting reports work that waits for another person's approval.
func Awaiting(code string, facts ...any) *Error { return New(KindAwaiting, code, facts...) }

// On returns a copy of e bound to an input field.
func (e *Error) On(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy of e that wraps the cause; the cause is logged, never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error gives the code and the facts, for logs and tests; people read the catalogue's words.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Field != "" {
		b.WriteString(" on " + e.Field)
	}
	for _, f := range e.Facts {
		fmt.Fprintf(&b, " %s=%v", f.Key, f.Value)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an Error with the same code, so that errors.Is works by code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// LogValue writes the code and facts as attributes.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("code", e.Code)}
	for _, f := range e.Facts {
		attrs = append(attrs, slog.Any(f.Key, f.Value))
	}
	return slog.GroupValue(attrs...)
}

// As finds the first Error in the chain of err.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// KindOf gives the kind of err, or zero when err is not an Error.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return 0
}

// CodeOf gives the code of err, or "" when err is not an Error.
func CodeOf(err error) string {
	if e, ok := As(err); ok {
		return e.Code
	}
	return ""
}
