package app

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/fail"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

// cutter stands between the program and PostgreSQL: once the server has said so many bytes, the
// line is cut and nobody answers any more.
type cutter struct {
	net.Listener
	to    string
	left  atomic.Int64
	mu    sync.Mutex
	lines []net.Conn
}

// cutAfter gives the address of the database through a cutter.
func cutAfter(t *testing.T, db string, said int64) (string, *cutter) {
	t.Helper()
	address, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: listener, to: address.Host}
	c.left.Store(said)
	t.Cleanup(c.cut)
	go c.serve()
	address.Host = listener.Addr().String()
	return address.String(), c
}

func (c *cutter) serve() {
	for {
		in, err := c.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil {
			in.Close()
			continue
		}
		c.mu.Lock()
		c.lines = append(c.lines, in, out)
		c.mu.Unlock()
		go io.Copy(out, in)
		go c.listen(in, out)
	}
}

// listen passes on what the server says, as long as it may say something.
func (c *cutter) listen(in, out net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		n, err := out.Read(buf)
		if err != nil || c.left.Add(int64(-n)) < 0 {
			c.cut()
			return
		}
		if _, err := in.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (c *cutter) cut() {
	c.Listener.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.lines {
		line.Close()
	}
}

// TestADatabaseThatGoesAwayWhileTheProgramStartsIsTold cuts the line after 150 bytes, 330 bytes and
// so on, until the program starts: whatever it was reading, it says that the database is gone.
func TestADatabaseThatGoesAwayWhileTheProgramStartsIsTold(t *testing.T) {
	t.Parallel()
	db, home := testkit.PostgresURL(t), filepath.Join(t.TempDir(), "data")
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	start := func(db string) error {
		h, err := Build(t.Context(), cli.OpenOptions{DB: db, Keys: home, New: &installation.Creation{
			Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{ambon}, Training: true}}, catalogue)
		if err != nil {
			return err
		}
		return h.Close()
	}
	if err := start(db); err != nil {
		t.Fatal(err)
	}
	step := int64(5)
	for said := int64(0); ; said += 150 + said/step {
		if said > 30_000 { // the rest is the list of areas, one long answer
			step = 1
		}
		address, line := cutAfter(t, db, said)
		err := start(address)
		line.cut()
		if err == nil {
			if said < 2000 {
				t.Fatalf("the program started after %d bytes", said)
			}
			return
		}
		if fail.CodeOf(err) != "db.gone" {
			t.Errorf("after %d bytes: %v", said, err)
		}
	}
}
