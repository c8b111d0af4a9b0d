package mapped_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/parallel"
)

func TestOpenGivesTheBytes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "a,b\n1,2\n"} {
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := mapped.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(f.Bytes()) != text {
			t.Errorf("%q read as %q", text, f.Bytes())
		}
		for range 2 {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOpenSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	_, err := mapped.Open(filepath.Join(t.TempDir(), "none.csv"))
	if fail.CodeOf(err) == "" {
		t.Errorf("a missing file gives %v", err)
	}
}

// pages is a file of many pages and its bytes.
func pages(t *testing.T) (string, *mapped.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, bytes.Repeat([]byte("a,b\n"), 1<<18), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := mapped.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return path, f
}

// TestAFileCutOffIsAnError: to read what is no longer there ends the reading, on the goroutine itself and on those of others, and not the
// program; a panic of anything else goes on.
func TestAFileCutOffIsAnError(t *testing.T) {
	t.Parallel()
	count := func(b []byte) int { return bytes.Count(b, []byte("\n")) }
	for name, read := range map[string]func(b []byte) int{
		"here": count,
		"two workers": func(b []byte) (n int) {
			_ = parallel.Chunks(2, parallel.Split(b, 1<<16), count, func(lines int) error { n += lines; return nil })
			return n
		},
		"ahead": func(b []byte) (n int) {
			for lines := range parallel.Ahead(2, func(yield func(int) bool) { yield(count(b)) }) {
				n += lines
			}
			return n
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, f := pages(t)
			if err := mapped.Reading(func() error {
				if n := read(f.Bytes()); n != 1<<18 {
					t.Errorf("%d lines of a whole file", n)
				}
				return f.Changed()
			}); err != nil {
				t.Errorf("a whole file: %v", err)
			}
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
			if err := mapped.Reading(func() error { read(f.Bytes()); return nil }); fail.CodeOf(err) != "files.changed" {
				t.Errorf("a file cut off: %v", err)
			}
			if err := f.Changed(); fail.CodeOf(err) != "files.changed" {
				t.Errorf("nothing changed: %v", err)
			}
		})
	}
	defer func() {
		if v := recover(); v != "other" {
			t.Errorf("%v", v)
		}
	}()
	_ = mapped.Reading(func() error { panic("other") })
}

// TestAFileWrittenToIsTold: one that kept its size shows it by the time of the last write; a new file in its place is none of its.
func TestAFileWrittenToIsTold(t *testing.T) {
	t.Parallel()
	path, f := pages(t)
	other := path + ".new"
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := f.Changed(); fail.CodeOf(err) != "files.changed" {
		t.Errorf("written to: %v", err)
	}
	path, f = pages(t)
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if err := f.Changed(); err != nil {
		t.Errorf("replaced: %v", err)
	}
}
