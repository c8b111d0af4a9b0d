//go:build unix

package app

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tepat/internal/edge/cli"
)

// TestLinkIsStopped sends the signals of Ctrl-C and of a service manager to the program with a file of 100,000
// rows under way: it ends at once, says so, and leaves no file. The file comes through a pipe, so that
// the signal is sent when the program has read it and is at work.
func TestLinkIsStopped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		signal os.Signal
		args   []string
	}{
		"duplicates": {os.Interrupt, []string{"link", "PIPE", "--out", "OUT", "--clusters", "CLUSTERS"}},
		"reference":  {syscall.SIGTERM, []string{"link", "PIPE", "--reference", "LIST", "--out", "OUT"}},
		"evaluate":   {syscall.SIGTERM, []string{"link", "evaluate", "PIPE", "--entity", "id"}},
		"train":      {os.Interrupt, []string{"link", "train", "PIPE", "--out", "OUT"}},
		"chart":      {syscall.SIGTERM, []string{"link", "chart", "PIPE", "--out", "OUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i, a := range c.args {
				if strings.ToUpper(a) == a {
					c.args[i] = filepath.Join(dir, strings.ToLower(a))
				}
			}
			list := longList(100_000)
			if err := os.WriteFile(filepath.Join(dir, "list"), list, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := command(append(c.args, "--json")...)
			var out bytes.Buffer
			cmd.Stdout = &out
			took := stopWhenRead(t, filepath.Join(dir, "pipe"), list, cmd.Start, func() error { return cmd.Process.Signal(c.signal) }, cmd.Wait)
			if code := cmd.ProcessState.ExitCode(); code != cli.ExitFailed || object(t, out.String())["error"] != "linkage.stopped" {
				t.Errorf("exit %d: %s", code, out.String())
			}
			if took > 5*time.Second { // a fifth of that on a free machine; tests share theirs
				t.Errorf("it took %v to end", took)
			}
			left, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(left) != 2 {
				t.Errorf("files left: %v %v", left, err)
			}
		})
	}
}

// stopWhenRead gives a program its file through a pipe, signals it, and says how long it took to end.
func stopWhenRead(t *testing.T, path string, text []byte, begin, signal, wait func() error) time.Duration {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	if err := signal(); err != nil {
		t.Fatal(err)
	}
	_ = wait() // an exit code, looked at by the caller
	return time.Since(from)
}

// longList is a list of people that keeps a linkage busy: few names, few birthdays.
func longList(rows int) []byte {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	fmt.Fprintln(w, "id,nik,nama,tanggal_lahir,nama_ibu")
	given, family := strings.Fields("MATHEOS NOVITA BENHARD DOMINGGUS HASAN MARIA"), strings.Fields("SAHETAPY LATUHERU PELUPESSY WATTIMENA")
	for i := range rows {
		fmt.Fprintf(w, "%d,8171%012d,%s %s,1980-%02d-%02d,%s\n", i, i*7919, given[i%6], family[i/6%4], 1+i%12, 1+i/12%28, family[i%4])
	}
	w.Flush()
	return b.Bytes()
}
