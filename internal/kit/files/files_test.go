package files_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWriteReplacesTheWholeFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "list.csv")
	for _, text := range []string{"first, longer", "second"} {
		err := files.Write(path, 0o640, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if err != nil || content(t, path) != text {
			t.Fatalf("file holds %q, err %v", content(t, path), err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o640) {
		t.Errorf("mode %v, err %v", info.Mode(), err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("folder holds %v", got)
	}
}

func TestFailedFillLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	err := files.Write(path, 0o600, func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		return stop
	})
	if !errors.Is(err, stop) || content(t, path) != "old" || len(names(t, dir)) != 1 {
		t.Errorf("err %v, holds %q, folder %v", err, content(t, path), names(t, dir))
	}
}

func TestPendingFileIsInvisibleUntilCommitted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	p, err := files.Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Discard()
	if _, err := io.WriteString(p, "row"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("visible before Commit: %v", err)
	}
	if err := errors.Join(p.Commit(), p.Commit()); err != nil { // committing twice is harmless
		t.Fatal(err)
	}
	if content(t, path) != "row" {
		t.Errorf("holds %q", content(t, path))
	}
	if _, err := p.Write([]byte("late")); err == nil || content(t, path) != "row" {
		t.Errorf("a write after Commit: %v, file %q", err, content(t, path))
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := files.Create(filepath.Join(dir, "out.csv"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	p.Discard()
	if _, err := p.Write([]byte("late")); err == nil {
		t.Error("a discarded file can be written")
	}
	if err := p.Commit(); err == nil || len(names(t, dir)) != 0 {
		t.Errorf("Commit after Discard: %v, folder %v", err, names(t, dir))
	}
}

func TestMissingFolderIsToldApart(t *testing.T) {
	t.Parallel()
	_, err := files.Create(filepath.Join(t.TempDir(), "no", "out.csv"), 0o600)
	if fail.CodeOf(err) != "files.missing" {
		t.Errorf("err %v", err)
	}
}

func TestErrorsOfTheSystemHaveCodes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"no space", syscall.ENOSPC, "files.full"},
		{"quota used up", syscall.EDQUOT, "files.full"},
		{"read-only file system", syscall.EROFS, "files.readonly"},
		{"too many open files", syscall.EMFILE, "files.handles"},
		{"disk fault", syscall.EIO, "files.broken"},
		{"no permission", syscall.EACCES, "files.denied"},
		{"not there", syscall.ENOENT, "files.missing"},
		{"there already", syscall.EEXIST, "files.exists"},
		{"anything else stays", errors.New("strange"), ""},
		{"a code is not replaced", fail.Invalid("other.code").Because(syscall.ENOSPC), "other.code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wrapped := fmt.Errorf("import: %w", &fs.PathError{Op: "write", Path: "/secret", Err: c.err})
			got := files.Explain(wrapped)
			if fail.CodeOf(got) != c.want || !errors.Is(got, c.err) {
				t.Errorf("Explain = %v", got)
			}
			if e, ok := fail.As(got); ok && len(e.Facts) != 0 {
				t.Errorf("facts %v", e.Facts)
			}
		})
	}
	if files.Explain(nil) != nil {
		t.Error("Explain(nil) is an error")
	}
}

func TestTempDirGoesWithAllItHolds(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir, remove, err := files.TempDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "spill"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o700) {
		t.Errorf("mode %v, err %v", info, err)
	}
	if err := remove(); err != nil || len(names(t, parent)) != 0 {
		t.Errorf("remove: %v, folder %v", err, names(t, parent))
	}
}

func TestTempFileHasNoNameOnceClosed(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	f, err := files.TempFile(parent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("spill"), 3); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := f.ReadAt(got, 3); err != nil || string(got) != "spill" {
		t.Errorf("read %q, %v", got, err)
	}
	if err := f.Close(); err != nil || len(names(t, parent)) != 0 {
		t.Errorf("close: %v, folder %v", err, names(t, parent))
	}
}

func TestSweepTakesOnlyWhatIsOldAndOurs(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	started := time.Now()
	old, _, err := files.TempDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, err := files.TempDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(parent, "keep.csv")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{old, foreign} {
		if err := os.Chtimes(path, started.Add(-time.Hour), started.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := files.Sweep(parent, started.Add(-time.Minute))
	if err != nil || removed != 1 {
		t.Fatalf("removed %d, %v", removed, err)
	}
	got := strings.Join(names(t, parent), " ")
	if want := filepath.Base(fresh) + " keep.csv"; got != want {
		t.Errorf("left %q, want %q", got, want)
	}
}

func TestRequireTellsHowMuchIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	have, err := files.Free(dir)
	if err != nil || have <= 0 {
		t.Fatalf("free %d, %v", have, err)
	}
	if err := files.Require(dir, 1); err != nil {
		t.Errorf("one byte: %v", err)
	}
	err = files.Require(dir, 1<<62)
	e, ok := fail.As(err)
	if !ok || e.Code != "files.short" || len(e.Facts) != 2 || e.Facts[0].Value != int64(1<<42) {
		t.Errorf("err %v", err)
	}
	if err := files.Require(filepath.Join(dir, "none"), 1); fail.CodeOf(err) != "files.missing" {
		t.Errorf("missing folder: %v", err)
	}
}

func TestNameOfAnUploadIsMadePlain(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, in, want string }{
		{"stays", "BNBA Asahan 2024.xlsx", "BNBA Asahan 2024.xlsx"},
		{"folders of Windows go", `C:\Users\dinas\bnba.csv`, "bnba.csv"},
		{"folders go", "../../etc/passwd", "passwd"},
		{"a NIK goes", "3271011203900001.jpg", "x.jpg"},
		{"a NIK in words goes", "KK_3271011203900001_Budi.pdf", "KK_x_Budi.pdf"},
		{"a NIK in groups goes", "KTP 3271 0112 0390 0001.jpg", "KTP x.jpg"},
		{"a date stays", "data 2024-05-17.csv", "data 2024-05-17.csv"},
		{"special characters", "a:b*c?.csv", "a-b-c-.csv"},
		{"line breaks and marks that reverse the text", "a\n\u202egpj.exe", "a--gpj.exe"},
		{"nothing left", "...", "berkas"},
		{"device", "nul.csv", "berkas-nul.csv"},
		{"not UTF-8", "a\xffb.csv", "a-b.csv"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := files.Name(c.in); got != c.want {
				t.Errorf("Name(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestNameIsAlwaysSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\:0-9 a-zA-Z*-]{0,300}`)).Draw(t, "raw")
		got := files.Name(raw)
		if !filepath.IsLocal(got) || len(got) > 200 || strings.ContainsAny(got, "/\\:*?\"<>|\x00\n\r\t") || strings.HasSuffix(got, ".") || strings.HasSuffix(got, " ") {
			t.Fatalf("Name(%q) = %q is not safe", raw, got)
		}
	})
}
