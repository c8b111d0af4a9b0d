//go:build linux

package files

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/kit/fail"
)

// The device /dev/full answers every write with "no space left", so this is the error of a full
// disk as the system makes it.
func TestFullDiskLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 3 * bufferSize} { // found by Commit, and by a write before it
		dir := t.TempDir()
		path := filepath.Join(dir, "list.csv")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Create(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		part := p.file.Name()
		p.buf.Reset(full)
		_, _ = io.WriteString(p, strings.Repeat("x", size))
		if err := p.Commit(); fail.CodeOf(err) != "files.full" {
			t.Errorf("%d bytes: err %v", size, err)
		}
		_ = full.Close()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != "old" {
			t.Errorf("%d bytes: file holds %q, %v", size, got, err)
		}
		if _, err := os.Stat(part); !os.IsNotExist(err) {
			t.Errorf("%d bytes: the part is still there", size)
		}
	}
}
