//go:build unix

package app

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"tepat/internal/edge/cli"
)

// TestAFileCutOffWhileItIsRead: the program says that the file changed, ends as with any conflict, and leaves no result. Its reference comes
// through a pipe, the end of which is written when the file has been cut off.
func TestAFileCutOffWhileItIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	list := longList(20_000)
	if err := os.WriteFile(in("list.csv"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(in("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command("link", in("list.csv"), "--reference", in("pipe"), "--out", in("out.csv"), "--json")
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(in("pipe"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { _, err := pipe.Write(list[:len(list)-100]); return err },
		func() error { return os.Truncate(in("list.csv"), 4096) },
		func() error { _, err := pipe.Write(list[len(list)-100:]); return err },
		pipe.Close,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait() // the exit code is asked below
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitFailed || object(t, out.String())["error"] != "files.changed" {
		t.Errorf("exit %d: %s %s", code, out.String(), bad.String())
	}
	if _, err := os.Stat(in("out.csv")); !os.IsNotExist(err) {
		t.Errorf("a result was left: %v", err)
	}
}
