//go:build unix

package sqldb

import (
	"fmt"
	"os"
	"syscall"

	"tepat/internal/kit/fail"
)

// fileLock is the mark that one process owns a SQLite file.
type fileLock struct{ f *os.File }

func takeLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fail.Conflict("db.owned").Because(err)
	}
	return &fileLock{f}, nil
}

func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close() // closing gives the lock back; the file stays, so that nobody races over its removal
}
