package handover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/progress"
)

// asStranger makes this test binary call a socket and print the code of what it is told.
const asStranger = "TEPAT_TEST_STRANGER"

func TestMain(m *testing.M) {
	if path := os.Getenv(asStranger); path != "" {
		_, err := Call(context.Background(), path, Request{Args: []string{"steal"}}, Terminal{Stdout: io.Discard, Stderr: io.Discard})
		fmt.Print(fail.CodeOf(err))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// served opens a door that works commands by handle until the test ends; stop ends it sooner.
func served(t *testing.T, path string, handle func(*Session) int) (stop func()) {
	t.Helper()
	door, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- door.Serve(ctx, handle) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, door.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func socket(t *testing.T) string {
	t.Helper()
	path, err := Path(filepath.Join(t.TempDir(), "tepat.db"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// drawn is a meter that remembers what it was told.
type drawn struct {
	name, unit  string
	total, done int64
	ended       int
}

func (d *drawn) Total(n int64) { d.total = n }
func (d *drawn) Add(n int64)   { d.done += n }
func (d *drawn) Done()         { d.ended++ }

// screen is a terminal that remembers.
type screen struct {
	out, bad bytes.Buffer
	meters   []*drawn
}

func (s *screen) terminal() Terminal {
	return Terminal{Stdout: &s.out, Stderr: &s.bad, Meter: func(name, unit string) progress.Meter {
		s.meters = append(s.meters, &drawn{name: name, unit: unit})
		return s.meters[len(s.meters)-1]
	}}
}

func TestACommandComesBackAsIfItHadRunHere(t *testing.T) {
	t.Parallel()
	asked := Request{Args: []string{"import", "families", "a b.csv"}, Dir: "/somewhere", Settings: map[string]string{"as": "rahma"}}
	path := socket(t)
	served(t, path, func(s *Session) int {
		if !reflect.DeepEqual(s.Request, asked) {
			t.Errorf("asked %+v", s.Request)
		}
		m := s.Meter("impor", "orang")
		m.Total(1000)
		for range 1000 {
			m.Add(1)
		}
		m.Done()
		s.Meter("lain", "baris").Add(1)
		fmt.Fprint(s.Stderr, "perhatian\n")
		for range 100 {
			fmt.Fprint(s.Stdout, strings.Repeat("é", 1000))
		}
		return 3
	})
	var seen screen
	code, err := Call(t.Context(), path, asked, seen.terminal())
	if code != 3 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	if seen.out.String() != strings.Repeat("é", 100_000) || seen.bad.String() != "perhatian\n" {
		t.Errorf("printed %d bytes and %q", seen.out.Len(), seen.bad.String())
	}
	want := []*drawn{{"impor", "orang", 1000, 1000, 1}, {"lain", "baris", 0, 1, 0}}
	if !reflect.DeepEqual(seen.meters, want) {
		t.Errorf("progress %+v %+v", seen.meters[0], seen.meters[1])
	}
}

func TestManyCommandsAtOnce(t *testing.T) {
	t.Parallel()
	path := socket(t)
	served(t, path, func(s *Session) int { fmt.Fprint(s.Stdout, s.Args[0]); return len(s.Args[0]) })
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			word := strings.Repeat("x", n)
			var seen screen
			if code, err := Call(t.Context(), path, Request{Args: []string{word}}, seen.terminal()); code != n || err != nil || seen.out.String() != word {
				t.Errorf("%d: exit %d, %v, %q", n, code, err, seen.out.String())
			}
		})
	}
	all.Wait()
}

// TestStoppingEndsBoth stops a command from the terminal.
func TestStoppingEndsBoth(t *testing.T) {
	t.Parallel()
	path := socket(t)
	started := make(chan struct{})
	served(t, path, func(s *Session) int {
		close(started)
		<-s.Steady.Done()
		<-s.Watched.Done()
		fmt.Fprint(s.Stderr, "dihentikan")
		return 1
	})
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-started; stop() }()
	var seen screen
	if code, err := Call(ctx, path, Request{}, seen.terminal()); code != 1 || err != nil || seen.bad.String() != "dihentikan" {
		t.Errorf("exit %d, %v, %q", code, err, seen.bad.String())
	}
}

// TestADeadCallerEndsOnlyWhatNobodyWatches closes the connection without a word.
func TestADeadCallerEndsOnlyWhatNobodyWatches(t *testing.T) {
	t.Parallel()
	path := socket(t)
	started, after := make(chan struct{}), make(chan error, 1)
	served(t, path, func(s *Session) int {
		close(started)
		<-s.Watched.Done()
		after <- s.Steady.Err()
		fmt.Fprint(s.Stdout, "to nobody") // must not hurt
		return 0
	})
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(conn).Encode(said{Protocol: protocol, Request: &Request{}}); err != nil {
		t.Fatal(err)
	}
	<-started
	conn.Close()
	if err := <-after; err != nil {
		t.Errorf("the steady work ended: %v", err)
	}
}

// TestAServerThatStopsLetsCommandsEnd waits for the exit code though the server is stopping.
func TestAServerThatStopsLetsCommandsEnd(t *testing.T) {
	t.Parallel()
	path := socket(t)
	started := make(chan struct{})
	stop := served(t, path, func(s *Session) int { close(started); <-s.Steady.Done(); return 7 })
	go func() { <-started; stop() }()
	if code, err := Call(t.Context(), path, Request{}, (&screen{}).terminal()); code != 7 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, err := Call(t.Context(), path, Request{}, (&screen{}).terminal()); fail.CodeOf(err) != "handover.nobody" {
		t.Errorf("a closed door: %v", err)
	}
}

// TestASocketLeftBehindIsReplaced opens a door where a killed owner left its socket.
func TestASocketLeftBehindIsReplaced(t *testing.T) {
	t.Parallel()
	path := socket(t)
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	if _, err := Call(t.Context(), path, Request{}, (&screen{}).terminal()); fail.CodeOf(err) != "handover.nobody" {
		t.Errorf("nobody listens: %v", err)
	}
	served(t, path, func(*Session) int { return 5 })
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket %v, %v", info, err)
	}
	if code, err := Call(t.Context(), path, Request{}, (&screen{}).terminal()); code != 5 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}

// TestALongFolderNameIsNoObstacle listens where the name is longer than the kernel takes.
func TestALongFolderNameIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("panjang-", 12), strings.Repeat("sekali-", 12))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tepat.db.sock")
	stop := served(t, path, func(*Session) int { return 6 })
	if code, err := Call(t.Context(), path, Request{}, (&screen{}).terminal()); code != 6 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestAServerThatDiesIsTold(t *testing.T) {
	t.Parallel()
	path := socket(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_ = json.NewEncoder(conn).Encode(answer{Out: []byte("half")})
			conn.Close()
		}
	}()
	var seen screen
	if _, err := Call(t.Context(), path, Request{}, seen.terminal()); fail.CodeOf(err) != "handover.lost" || seen.out.String() != "half" {
		t.Errorf("%v, %q", err, seen.out.String())
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	path := socket(t)
	served(t, path, func(*Session) int { t.Error("it was worked"); return 0 })
	for name, first := range map[string]string{"another protocol": `{"protocol":99,"request":{}}`, "no request": `{"protocol":1}`, "not ours": `GET / HTTP/1.1`} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, first+"\n"); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = follow(conn, (&screen{}).terminal())
		if code := fail.CodeOf(err); code != "handover.version" && (name != "not ours" || code != "handover.lost") {
			t.Errorf("%s: %v", name, err)
		}
		conn.Close()
	}
}

// TestAnotherPersonIsRefused lets another user of the system call, where the test may become one.
func TestAnotherPersonIsRefused(t *testing.T) {
	t.Parallel()
	if allow(uint32(os.Geteuid())) != nil || allow(uint32(os.Geteuid()+1)) == nil {
		t.Error("the wrong person is allowed")
	}
	if os.Geteuid() != 0 {
		return
	}
	path := socket(t)
	served(t, path, func(*Session) int { t.Error("it was worked"); return 0 })
	program := filepath.Join(t.TempDir(), "stranger")
	for name, mode := range map[string]os.FileMode{path: 0o666, filepath.Dir(path): 0o755, filepath.Dir(program): 0o755, filepath.Dir(filepath.Dir(path)): 0o755} {
		if err := os.Chmod(name, mode); err != nil { // past the first lock, so that the second must hold
			t.Fatal(err)
		}
	}
	own, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, own, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), asStranger+"="+path)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "handover.person" {
		t.Errorf("a stranger is told %q, %v", out, err)
	}
}
