package mapped_test

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/mapped"
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
