package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/service/accounts"
)

// lists are the pages measured: their name and address. Each is asked again and again, and
// from it the pager is followed, for the deeper a page lies the more a bad plan costs.
var lists = []struct{ name, path string }{
	{"families", "/keluarga"},
	{"families of decile 1", "/keluarga?desil=1"},
	{"families without a decile", "/keluarga?desil=tanpa"},
	{"families not matching", "/keluarga?padan=tidak"},
	{"families of decile 3 not matching", "/keluarga?desil=3&padan=tidak"},
	{"families of one village", "/keluarga?wilayah=%s"},
	{"families of one village not matching", "/keluarga?wilayah=%s&padan=tidak"},
	{"mismatches", "/padan"},
	{"mismatches of one cause", "/padan?status=nik_not_found"},
	{"mismatches of one village", "/padan?wilayah=%s"},
	{"duplicates", "/ganda"},
	{"runs", "/pekerjaan"},
}

// asked is how often a list is asked for, with so many pages behind it.
const (
	asks  = 40
	deeps = 40
)

// pages starts the site on the full registry and measures its lists as a browser gets them:
// from the request to the last byte of the answer, over loopback.
func (b *bench) pages(ctx context.Context) (err error) {
	site, stop, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, list := range lists {
		path := list.path
		if strings.Contains(path, "%s") {
			path = fmt.Sprintf(path, b.village)
		}
		m := measure{Name: "page: " + list.name, Before: load()}
		times, err := site.walk(ctx, path)
		if err != nil {
			return fmt.Errorf("%s: %w", list.name, err)
		}
		slices.Sort(times)
		at := func(share float64) float64 { return times[min(len(times)-1, int(share*float64(len(times))))] }
		m.P50, m.P95, m.Max, m.After = at(0.5), at(0.95), times[len(times)-1], load()
		m.Rows = int64(len(times))
		m.ask("p95 under 50 ms", m.P95 < 50)
		b.add(m)
	}
	return nil
}

// client is somebody signed in.
type client struct {
	http.Client
	base string
}

// serve starts the program on the database and signs the verifier in.
func (b *bench) serve(ctx context.Context) (*client, func() error, error) {
	addr, err := free()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, b.set.tepat, "serve", "--db", b.db, "--keys", b.keys, "--addr", addr, "--no-jobs")
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return cmd.Wait()
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	c := &client{Client: http.Client{Jar: jar, Timeout: time.Minute}, base: "http://" + addr}
	if err := errors.Join(c.await(ctx), c.signIn(b.people)); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return c, stop, nil
}

// await waits until the site answers.
func (c *client) await(ctx context.Context) error {
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(50 * time.Millisecond) {
		r, err := c.Get(c.base + "/masuk")
		if err == nil {
			return r.Body.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.New("the site did not come up")
}

func (c *client) signIn(people []accounts.DemoAccount) error {
	at := slices.IndexFunc(people, func(a accounts.DemoAccount) bool { return a.Role == access.Verifier })
	if at < 0 {
		return errors.New("no verifier among the accounts")
	}
	r, err := c.PostForm(c.base+"/masuk", url.Values{"username": {people[at].Login}, "password": {people[at].Password.Reveal()}})
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK || strings.HasSuffix(r.Request.URL.Path, "/masuk") {
		return fmt.Errorf("sign-in: %s", r.Status)
	}
	return nil
}

var nextLink = regexp.MustCompile(`class="pager-next" rel="next" href="([^"]+)"`)

// walk asks for a list again and again, then follows its pager, and gives the milliseconds.
func (c *client) walk(ctx context.Context, path string) (times []float64, err error) {
	next := path
	for i := range asks + deeps {
		took, page, err := c.page(ctx, next)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first fills the caches
			times = append(times, took)
		}
		found := nextLink.FindStringSubmatch(page)
		if i >= asks && found != nil {
			next = strings.ReplaceAll(found[1], "&amp;", "&")
		}
	}
	return times, nil
}

func (c *client) page(ctx context.Context, path string) (float64, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	begun := time.Now()
	r, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	took := float64(time.Since(begun).Microseconds()) / 1000
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, r.Status)
	}
	return took, string(text), err
}

// free gives an address nobody listens at.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
