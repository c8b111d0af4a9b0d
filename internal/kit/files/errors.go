package files

import (
	"errors"
	"io/fs"

	"tepat/internal/kit/fail"
)

// Explain turns an error of the operating system into one a person can act on, and gives any other
// error back as it is; nil stays nil. The cause stays in the chain. Paths are for the log, in the
// cause, never in the facts: a path may hold what nobody else should read.
//
// Codes: files.full (disk or quota full), files.readonly, files.denied, files.missing,
// files.exists, files.handles (too many open files), files.broken (the disk reports a fault).
func Explain(err error) error {
	if err == nil {
		return nil
	}
	if _, known := fail.As(err); known {
		return err
	}
	switch {
	case isAny(err, diskFull[:]):
		return fail.Unavailable("files.full").Because(err)
	case isAny(err, readOnly[:]):
		return fail.Unavailable("files.readonly").Because(err)
	case isAny(err, tooMany[:]):
		return fail.Unavailable("files.handles").Because(err)
	case isAny(err, broken[:]):
		return fail.Unavailable("files.broken").Because(err)
	case errors.Is(err, fs.ErrPermission):
		return fail.Unavailable("files.denied").Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return fail.NotFound("files.missing").Because(err)
	case errors.Is(err, fs.ErrExist):
		return fail.Conflict("files.exists").Because(err)
	}
	return err
}

func isAny[E error](err error, targets []E) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
