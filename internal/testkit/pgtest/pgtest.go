// Package pgtest starts a PostgreSQL server for tests and gives each test a database of its own.
//
// One server serves every test process of the machine: the first one starts it in
// the temporary folder, the others find it there. TEPAT_TEST_POSTGRES names another
// server to use instead. A missing PostgreSQL is a failure, never a skip.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// A setting of a server: its folder, and what it is told beyond its address.
type setting struct{ name, options string }

var (
	// forTests loses everything when the machine stops, and is quicker for it.
	forTests = setting{"test", " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=256MB" +
		" -c max_wal_size=4GB -c autovacuum_naptime=20s"}
	asInstalled = setting{name: "installed"}
)

func (s setting) home() string {
	return filepath.Join(os.TempDir(), "tepat-"+s.name+"-postgres-"+strconv.Itoa(os.Getuid()))
}

// Server gives the address of the running test server, without a database name.
func Server(ctx context.Context) (string, error) {
	if url := os.Getenv("TEPAT_TEST_POSTGRES"); url != "" {
		return strings.TrimSuffix(url, "/"), nil
	}
	return forTests.server(ctx)
}

// Installed gives the address of a server of its own whose settings are those of a fresh installation, for measurements: what is
// committed there is on the disk.
func Installed(ctx context.Context) (string, error) { return asInstalled.server(ctx) }

func (s setting) server(ctx context.Context) (string, error) {
	home := s.home()
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(home, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("open lock: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("take lock: %w", err)
	}
	if url, ok := running(ctx, home); ok {
		return url, nil
	}
	return s.start(ctx, home)
}

// Stop ends the shared server, if one runs.
func Stop() error { return forTests.stop() }

// Uninstall ends the server of Installed, if one runs.
func Uninstall() error { return asInstalled.stop() }

func (s setting) stop() error {
	home := s.home()
	data := filepath.Join(home, "data")
	if _, err := os.Stat(data); err != nil {
		return nil
	}
	bin, err := binaries()
	if err != nil {
		return err
	}
	cmd, err := command(filepath.Join(bin, "pg_ctl"), "-D", data, "-m", "immediate", "stop")
	if err != nil {
		return err
	}
	stopErr := cmd.Run() // fails when it is not running
	return errors.Join(os.RemoveAll(home), ignoreExit(stopErr))
}

func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

func running(ctx context.Context, home string) (string, bool) {
	port, err := os.ReadFile(filepath.Join(home, "port"))
	if err != nil {
		return "", false
	}
	url := address(string(port))
	conn, err := pgx.Connect(ctx, url+"/postgres")
	if err != nil {
		return "", false
	}
	conn.Close(ctx)
	return url, true
}

func address(port string) string { return "postgres://postgres@127.0.0.1:" + strings.TrimSpace(port) }

func (s setting) start(ctx context.Context, home string) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	data := filepath.Join(home, "data")
	if err := os.RemoveAll(data); err != nil {
		return "", fmt.Errorf("clear old server: %w", err)
	}
	if err := own(home); err != nil {
		return "", err
	}
	if err := run(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", port) + s.options
	if err := run(filepath.Join(bin, "pg_ctl"), "-D", data, "-l", filepath.Join(home, "log"), "-o", options, "-w", "start"); err != nil {
		return "", err
	}
	text := strconv.Itoa(port)
	if err := os.WriteFile(filepath.Join(home, "port"), []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("note port: %w", err)
	}
	return address(text), nil
}

func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("PostgreSQL is missing: install the Debian package postgresql")
}

// command runs a server program as the user postgres when we are root, who may not run it.
func command(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = os.TempDir()
	if os.Getuid() != 0 {
		return cmd, nil
	}
	uid, gid, err := postgresUser()
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	return cmd, nil
}

func run(name string, args ...string) error {
	cmd, err := command(name, args...)
	if err != nil {
		return err
	}
	log, err := os.CreateTemp("", "tepat-pg-*.log") // a pipe would stay open in the server and never end
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		out, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
	}
	return nil
}

func postgresUser() (uid, gid uint32, err error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, fmt.Errorf("PostgreSQL may not run as root: %w", err)
	}
	id, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return 0, 0, err
	}
	group, err := strconv.ParseUint(u.Gid, 10, 32)
	return uint32(id), uint32(group), err
}

func own(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := postgresUser()
	if err != nil {
		return err
	}
	return os.Chown(dir, int(uid), int(gid))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Database makes an empty database, or a copy of template when one is named, and
// gives its address and what removes it.
func Database(ctx context.Context, name, template string) (url string, drop func(), err error) {
	server, err := Server(ctx)
	if err != nil {
		return "", nil, err
	}
	admin := func(statement string) error {
		conn, err := pgx.Connect(ctx, server+"/postgres")
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		return err
	}
	statement := "CREATE DATABASE " + pgx.Identifier{name}.Sanitize()
	if template != "" {
		statement += " TEMPLATE " + pgx.Identifier{template}.Sanitize()
	}
	for range 50 { // another test may be copying the template at this moment
		if err = admin(statement); err == nil || !strings.Contains(err.Error(), "being accessed by other users") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return "", nil, fmt.Errorf("make test database: %w", err)
	}
	drop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if conn, err := pgx.Connect(ctx, server+"/postgres"); err == nil {
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
			conn.Close(ctx)
		}
	}
	return server + "/" + name, drop, nil
}
