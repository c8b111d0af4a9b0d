package fail_test

import (
	"errors"
	"fmt"
	"testing"

	"tepat/internal/kit/fail"
)

func TestErrorsAreComparedByCode(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("import: %w", fail.Invalid("nik.length", "digits", 15).On("nik"))
	if !errors.Is(wrapped, fail.Invalid("nik.length")) {
		t.Errorf("errors.Is(%v, nik.length) = false", wrapped)
	}
	if errors.Is(wrapped, fail.Invalid("nik.date")) {
		t.Errorf("errors.Is(%v, nik.date) = true", wrapped)
	}
	if got, want := wrapped.Error(), "import: nik.length on nik digits=15"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if got := fail.KindOf(wrapped); got != fail.KindInvalid {
		t.Errorf("KindOf = %d", got)
	}
	if fail.CodeOf(errors.New("plain")) != "" || fail.KindOf(errors.New("plain")) != 0 {
		t.Error("a plain error has a code or kind")
	}
}

func TestBecauseKeepsTheCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	err := fail.Unavailable("civil.unavailable").Because(cause)
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}
