package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// TempDir makes a folder for passing files inside parent, readable by this user only, and gives its
// path and the function that removes it with all it holds. What a killed process leaves behind is
// removed by Sweep. Errors: those of Explain.
func TempDir(parent string) (dir string, remove func() error, err error) {
	dir, err = os.MkdirTemp(parent, temporary+"*")
	if err != nil {
		return "", nil, Explain(err)
	}
	return dir, func() error { return Explain(os.RemoveAll(dir)) }, nil
}

// TempFile makes a file without a name inside parent, readable by this user only: it is gone when
// it is closed and, except on Windows, even when the process is killed. Errors: those of Explain.
func TempFile(parent string) (*Unnamed, error) {
	f, err := os.CreateTemp(parent, temporary+"*")
	if err != nil {
		return nil, Explain(err)
	}
	gone := os.Remove(f.Name()) == nil // Windows refuses while it is open: then Close removes it
	return &Unnamed{File: f, gone: gone}, nil
}

// Unnamed is a file that disappears when it is closed.
type Unnamed struct {
	*os.File
	gone bool
}

// Close closes the file and frees its space.
func (u *Unnamed) Close() error {
	err := u.File.Close()
	if !u.gone {
		u.gone = true
		err = errors.Join(err, os.Remove(u.Name()))
	}
	return Explain(err)
}

// Sweep removes what earlier processes left in the folder: files and folders of Create, TempDir and
// TempFile, last changed before the instant given, normally the start of this process. Only the
// process that owns the folder may call it. It gives the number removed. Errors: those of Explain.
func Sweep(parent string, before time.Time) (removed int, err error) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return 0, Explain(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), temporary) {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone by itself, or of a running process
		}
		if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
			return removed, Explain(err)
		}
		removed++
	}
	return removed, nil
}
