package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tepat/internal/app"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/installation"
	"tepat/internal/service/runs"
	"tepat/web/messages"
)

// district is Kota Ambon; the people in it are invented.
const district = area.Code(8171000000)

// served is what the serving process tells when it is ready, as one line of JSON.
type served struct {
	Check    string  `json:"check"` // host:port of the citizens' site
	Bare     string  `json:"bare"`  // host:port of the bare handler
	Persons  int64   `json:"persons"`
	Made     bool    `json:"made_now"`
	Seconds  float64 `json:"seconds"` // to make them
	Database string  `json:"database"`
	Procs    int     `json:"gomaxprocs"` // of the serving process
}

// imported is what the import beside the load did.
type imported struct {
	Rows          int64   `json:"rows"`
	Seconds       float64 `json:"seconds"`
	RowsPerSecond float64 `json:"rows_per_second"`
	CPUSeconds    float64 `json:"server_cpu_seconds"` // of the whole serving process since its start
	PeakRSS       int64   `json:"server_peak_rss_bytes"`
}

// house is the product on a SQLite file, built and served as `tepat serve` does.
type house struct {
	*cli.House
	dir      string
	who      access.Actor
	villages []area.Code
	next     int // the number of the next new person
}

// serve is the serving process: it fills the registry, serves the citizens' site and a bare
// handler on loopback, and obeys "import" and "quit" on standard input.
func serve(ctx context.Context, dir string, persons int, out io.Writer, in io.Reader) (err error) {
	h, first, err := open(ctx, dir, persons)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if first.Check, err = free(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		ended <- h.Serve(ctx, cli.ServeOptions{Addr: "127.0.0.1:0", PublicAddr: first.Check, Proxies: []string{"127.0.0.1"}, NoJobs: true})
	}()
	if err := await(ctx, "http://"+first.Check+"/cek", ended); err != nil {
		return err
	}
	if first.Bare, err = serveBare(ctx); err != nil {
		return err
	}
	first.Procs = runtime.GOMAXPROCS(0)
	if err := json.NewEncoder(out).Encode(first); err != nil {
		return err
	}
	if err := h.obey(ctx, in, out); err != nil {
		return err
	}
	stop()
	return <-ended
}

// obey starts the import when told to, and at "quit" stops it and tells what it did.
func (h *house) obey(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work := make(chan error, 1)
	var started time.Time
	lines := bufio.NewScanner(in)
	for lines.Scan() && lines.Text() != "quit" {
		switch {
		case lines.Text() == "usage":
			cpu, _ := usage()
			if err := json.NewEncoder(out).Encode(cpu); err != nil {
				return err
			}
		case started.IsZero():
			started = time.Now()
			go func() { work <- h.keepImporting(ctx) }()
		}
	}
	var done imported
	if !started.IsZero() {
		done.Seconds = time.Since(started).Seconds()
		stop()
		if err := <-work; err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("import: %w", err)
		}
		n, err := h.count(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		done.Rows = n - int64(h.next)
		done.RowsPerSecond = float64(done.Rows) / done.Seconds
	}
	done.CPUSeconds, done.PeakRSS = usage()
	return json.NewEncoder(out).Encode(done)
}

// open builds the product, makes the installation when there is none, and fills it.
func open(ctx context.Context, dir string, persons int) (*house, served, error) {
	catalogue, err := messages.Load()
	if err != nil {
		return nil, served{}, err
	}
	path := filepath.Join(dir, "data", "tepat.db")
	built, err := app.Build(ctx, cli.OpenOptions{DB: path, Keys: filepath.Join(dir, "keys"), Version: "bench", NoJobs: true,
		New: &installation.Creation{Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{district}, Training: true}}, catalogue)
	if err != nil {
		return nil, served{}, err
	}
	h := &house{House: built, dir: dir}
	for place := range h.Places.Tree().Villages(district) {
		h.villages = append(h.villages, place.Code)
	}
	first := served{Database: path}
	if err := h.settle(ctx, persons, &first); err != nil {
		return nil, first, errors.Join(err, h.Close())
	}
	return h, first, nil
}

// settle makes the actor and the people, once a folder.
func (h *house) settle(ctx context.Context, persons int, first *served) error {
	who, err := h.Accounts.LoadByLogin(ctx, "verifikator")
	if err != nil {
		if _, err := h.Accounts.Demo(ctx, h.villages[0]); err != nil {
			return fmt.Errorf("make accounts: %w", err)
		}
		if who, err = h.Accounts.LoadByLogin(ctx, "verifikator"); err != nil {
			return fmt.Errorf("load account: %w", err)
		}
	}
	h.who = who
	n, err := h.count(ctx)
	if err != nil {
		return err
	}
	if n < int64(persons) {
		started := time.Now()
		if err := h.fill(ctx, int(n), persons); err != nil {
			return err
		}
		first.Made, first.Seconds = true, time.Since(started).Seconds()
		n = int64(persons)
	}
	first.Persons, h.next = n, int(n)
	return nil
}

func (h *house) count(ctx context.Context) (n int64, err error) {
	err = h.DB.Direct().QueryRow(ctx, `SELECT count(*) FROM person WHERE kabkota = $1`, int64(h.Places.TenantOf(district))).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count persons: %w", err)
	}
	return n, nil
}

// fill imports the people as a district's first file, and enrols three in ten as the
// determination would.
func (h *house) fill(ctx context.Context, from, to int) error {
	file := filepath.Join(h.dir, "people.csv")
	if err := writePeople(file, from, to, h.villages); err != nil {
		return err
	}
	loading, err := h.Exchange.BeginLoad(ctx)
	if err != nil {
		return err
	}
	if err := h.importFile(ctx, file); err != nil {
		return err
	}
	if loading {
		if err := h.Exchange.EndLoad(ctx); err != nil {
			return err
		}
	}
	for digit, programmes := range []string{"pkh 2024-Q4;sembako 2024-10", "sembako 2024-10", "pbi_jk 2024", "pkh 2024-Q4", "pbi_jk 2024;sembako 2024-10"} {
		err := h.DB.Write(ctx, func(tx *sqldb.Tx) error {
			// -- national: every row of the index whose hash begins with the digit
			_, err := tx.Exec(ctx, `UPDATE nik_index SET programmes = $1 WHERE substr(hex(nik_hash), 1, 1) = $2`, programmes, fmt.Sprint(digit))
			return err
		})
		if err != nil {
			return fmt.Errorf("enrol: %w", err)
		}
	}
	return os.Remove(file)
}

// importFile runs an import as the verifier starts it.
func (h *house) importFile(ctx context.Context, file string) error {
	set, err := h.Exchange.Describe(exchange.Families, file, file+".rejects.csv")
	if err != nil {
		return err
	}
	set.AsOf = "2024-10-01"
	tenant := h.Places.TenantOf(district)
	r, err := h.Runs.Create(ctx, h.who, runs.NewRun{Kind: "import.families", Tenant: tenant, Area: district, Settings: set, Inputs: set.SHA256, Total: set.Size})
	if err == nil {
		r, err = h.Runs.Look(ctx, h.who, tenant, r.ID)
	}
	if err == nil {
		r, err = h.Runs.Submit(ctx, h.who, tenant, r.ID)
	}
	if err == nil {
		r, err = h.Runs.Drive(ctx, tenant, r.ID, nil)
	}
	if err == nil && r.Tally["rejected"] > 0 {
		err = fmt.Errorf("%d rows rejected", r.Tally["rejected"])
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", filepath.Base(file), err)
	}
	return nil
}

// importRows is the size of each file imported beside the load.
const importRows = 200_000

// keepImporting imports file after file of new people until it is stopped.
func (h *house) keepImporting(ctx context.Context) error {
	for from := h.next; ctx.Err() == nil; from += importRows {
		file := filepath.Join(h.dir, "more.csv")
		if err := writePeople(file, from, from+importRows, h.villages); err != nil {
			return err
		}
		if err := h.importFile(ctx, file); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// bareBody is as long as the compressed answer of a check.
const bareBody = 2600

// serveBare serves the handler the check is held against: net/http with the same timeouts,
// reading the form and writing an answer of the same length, with nothing between.
func serveBare(ctx context.Context) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	answer := []byte(strings.Repeat("x", bareBody))
	server := httpkit.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/ok" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "ok")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(bareBody))
		_, _ = w.Write(answer)
	}), slog.New(slog.DiscardHandler))
	go func() { _ = httpkit.Serve(ctx, server, listener, time.Second) }()
	return listener.Addr().String(), nil
}

// free finds a port nobody listens at.
func free() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// await asks until the site answers.
func await(ctx context.Context, url string, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			return answer.Body.Close()
		}
		select {
		case err := <-ended:
			return fmt.Errorf("serve: %w", err)
		case <-ctx.Done():
			return errors.New("the site does not answer")
		case <-tick.C:
		}
	}
}
