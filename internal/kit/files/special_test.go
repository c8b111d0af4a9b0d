//go:build unix

package files_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// TestWhatIsNoFileIsNotReplaced: a device or a pipe named as a result stays what it is, and a link stays one, to the new file.
func TestWhatIsNoFileIsNotReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	words := func(w io.Writer) error { _, err := io.WriteString(w, "baru"); return err }
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	device := filepath.Join(dir, "null")
	if err := os.Symlink("/dev/null", device); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, device} {
		before, _ := os.Lstat(path)
		err := files.Write(path, 0o600, words)
		after, _ := os.Lstat(path)
		if fail.CodeOf(err) != "files.special" || before.Mode() != after.Mode() {
			t.Errorf("%s: %v, was %s, is %s", filepath.Base(path), err, before.Mode(), after.Mode())
		}
	}
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("lama"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	err := files.Write(link, 0o600, words)
	text, _ := os.ReadFile(real)
	if info, _ := os.Lstat(link); err != nil || string(text) != "baru" || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("through a link: %v, %q, %s", err, text, info.Mode())
	}
}
