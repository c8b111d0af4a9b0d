package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/handover"
	"tepat/internal/kit/sqldb"
)

// serving is `tepat serve` as a process of its own.
type serving struct {
	cmd   *exec.Cmd
	ended chan error
	url   string
}

// serve starts it and waits until it says where it listens.
func (p place) serve(t *testing.T, flags ...string) *serving {
	t.Helper()
	cmd := command(append([]string{"serve", "--addr", "127.0.0.1:0", "--db", p.db, "--keys", p.keys}, flags...)...)
	words, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &serving{cmd: cmd, ended: make(chan error, 1)}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // when the test has not ended it
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(words)
		for lines.Scan() {
			if before, rest, ok := strings.Cut(lines.Text(), "://127.0.0.1:"); ok {
				port, _, _ := strings.Cut(strings.Fields(rest)[0], "/")
				said := strings.Fields(before)
				ready <- said[len(said)-1] + "://127.0.0.1:" + strings.TrimRight(port, ".,")
			}
		}
		ready <- ""
		s.ended <- cmd.Wait()
	}()
	if s.url = <-ready; s.url == "" {
		t.Fatalf("tepat serve ended: %v", <-s.ended)
	}
	return s
}

// stop ends it as a person or a service manager does.
func (s *serving) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("tepat serve ended with %v", err)
	}
}

func (s *serving) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
}

// client is a command under way in another process.
type client struct {
	cmd   *exec.Cmd
	out   bytes.Buffer
	bad   bytes.Buffer
	ended chan error
}

func (p place) client(t *testing.T, args ...string) *client {
	t.Helper()
	c := &client{cmd: command(p.args(append(args, "--json")...)...), ended: make(chan error, 1)}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.bad
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	return c
}

// end waits for it and gives what it printed and its exit code; -1 when it was killed.
func (c *client) end(t *testing.T) (out map[string]any, code int) {
	t.Helper()
	err := <-c.ended
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code = c.cmd.ProcessState.ExitCode(); code == -1 {
		return nil, code
	}
	if err := json.Unmarshal(c.out.Bytes(), &out); err != nil {
		t.Fatalf("%v printed %q, %q: %v", c.cmd.Args, c.out.String(), c.bad.String(), err)
	}
	return out, code
}

// newest gives the newest run of a kind once it stands in one of the states.
func (p place) newest(t *testing.T, kind string, states ...string) map[string]any {
	t.Helper()
	for patience := time.Now().Add(2 * time.Minute); time.Now().Before(patience); {
		list := tepat(t, 0, p.args("run", "list", "--kind", kind)...)["runs"].([]any)
		if len(list) == 0 {
			continue
		}
		run := list[0].(map[string]any)
		for _, s := range states {
			if run["state"] == s {
				return run
			}
		}
	}
	t.Fatalf("no run of %s came to stand at %v", kind, states)
	return nil
}

// runs waits until a run of a kind is worked. It looks into the file itself, many times in the moment
// that a command takes to start: the run may soon be done.
func (p place) runs(t *testing.T, kind string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), p.db, sqldb.Options{NoLock: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for patience := time.Now().Add(2 * time.Minute); time.Now().Before(patience); <-look.C {
		var n int
		if err := db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM run WHERE kind = $1 AND state = 'running'`, kind).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatalf("no run of %s was worked", kind)
}

func (p place) file(name string) string { return filepath.Join(p.files, name) }

// TestAServingProcessWorksCommands lets an office use commands while the site is served: beside
// each other, killed, interrupted, and with the server killed; in the end the registry holds
// what one holds where every command ran alone.
func TestAServingProcessWorksCommands(t *testing.T) {
	t.Parallel()
	const families = 6000
	calm := newPlace(t, filepath.Join(t.TempDir(), "data", "tepat.db"), families)
	for _, args := range [][]string{{"import", "families", calm.file("registry.csv")}, {"import", "civil", calm.file("civil.csv")}, {"match"}} {
		tepat(t, 0, calm.args(args...)...)
	}
	p := newPlace(t, filepath.Join(t.TempDir(), "data", "tepat.db"), families)
	door, err := handover.Path(p.db)
	if err != nil {
		t.Fatal(err)
	}
	p.survivesItsServer(t, p.serve(t))

	served := p.serve(t) // over the socket the killed one left behind
	again := p.newest(t, "import.families", "running", "done")
	if done := tepat(t, 0, p.args("run", "resume", again["run"].(string))...); done["state"] != "done" {
		t.Fatalf("resumed: %v", done)
	}
	p.survivesItsClient(t)
	p.survivesAnInterruption(t)
	p.refusesWhatMustBeAlone(t)
	served.stop(t)
	if _, err := os.Stat(door); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	tepat(t, 0, "doctor", "--db", p.db, "--keys", p.keys) // alone again
	if want, got := figures(t, calm.db), figures(t, p.db); !reflect.DeepEqual(got, want) {
		t.Errorf("the registry holds\n%v, want\n%v", got, want)
	}
}

// survivesItsServer kills -9 the server while it works a handed-over import.
func (p place) survivesItsServer(t *testing.T, served *serving) {
	t.Helper()
	importing := p.client(t, "import", "families", p.file("registry.csv"))
	p.runs(t, "import.families")
	served.kill(t)
	out, code := importing.end(t)
	if code != cli.ExitFailed || out["error"] != "handover.lost" || !strings.Contains(importing.bad.String(), "run resume") {
		t.Errorf("with the server killed: exit %d, %v\n%s", code, out, importing.bad.String())
	}
}

// survivesItsClient kills -9 a client whose import is under way, while others work: the run
// goes on to its end.
func (p place) survivesItsClient(t *testing.T) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.tepat")
	saving := p.client(t, "backup", backup)
	importing := p.client(t, "import", "civil", p.file("civil.csv"))
	p.newest(t, "import.civil", "running", "done")
	if err := importing.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, code := importing.end(t); code != -1 {
		t.Logf("the import was faster than the kill: exit %d", code)
	}
	if got := tepat(t, 0, "area", "list", "--db", p.db)["areas"].([]any); len(got) != 5 {
		t.Errorf("beside it: %v", got)
	}
	p.newest(t, "import.civil", "done")
	if out, code := saving.end(t); code != 0 || out["rows"].(float64) < morePersons {
		t.Errorf("backup beside it: exit %d, %v", code, out)
	}
	restored := filepath.Join(t.TempDir(), "restored.db")
	tepat(t, 0, "restore", backup, "--db", restored)
	if figures(t, restored)["persons"] < morePersons {
		t.Error("the backup is not whole")
	}
}

// morePersons is a number that the persons of 6,000 families exceed.
const morePersons = 15000

// survivesAnInterruption presses Ctrl-C in the middle of a match, and resumes it.
func (p place) survivesAnInterruption(t *testing.T) {
	t.Helper()
	matching := p.client(t, "match")
	p.newest(t, "match", "running", "done")
	if err := matching.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	out, code := matching.end(t)
	switch {
	case code == cli.ExitFailed && out["error"] == "cli.stopped":
		run := p.newest(t, "match", "running")
		if done := tepat(t, 0, p.args("run", "resume", run["run"].(string))...); done["state"] != "done" {
			t.Errorf("resumed after Ctrl-C: %v", done)
		}
	case code == 0 && out["state"] == "done":
		t.Log("the match was faster than Ctrl-C")
	default:
		t.Errorf("Ctrl-C: exit %d, %v, %s", code, out, matching.bad.String())
	}
}

// refusesWhatMustBeAlone tries what no served database can take, and what fails as it would alone.
func (p place) refusesWhatMustBeAlone(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.tepat")
	tepat(t, 0, "backup", file, "--db", p.db, "--keys", p.keys)
	for _, c := range []struct {
		code int
		err  string
		args []string
	}{
		{1, "cli.target_owned", []string{"restore", file, "--db", p.db}},
		{1, "cli.owned", []string{"serve", "--addr", "127.0.0.1:0", "--db", p.db, "--keys", p.keys}},
		{1, "access.denied", []string{"user", "list", "--db", p.db, "--keys", p.keys, "--as", "operator"}},
		{2, "cli.as", []string{"user", "list", "--db", p.db, "--keys", p.keys}},
	} {
		if got := tepat(t, c.code, c.args...); got["error"] != c.err {
			t.Errorf("%v: %v, want %s", c.args, got, c.err)
		}
	}
}
