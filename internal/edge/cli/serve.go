package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"tepat/internal/service/runs"
)

// Serve serves the site.
type Serve struct {
	Addr        string   `default:"127.0.0.1:8080" help:"Address of the officials' site. Plain HTTP only on this machine; else give a certificate or --acme."`
	PublicAddr  string   `help:"Address of the public pages; by default beside the officials'."`
	PublicName  string   `help:"Name under which citizens reach the public pages, as papers print it: cek.dinsos.go.id."`
	Certificate string   `type:"infile" help:"TLS certificate file (PEM)."`
	Key         string   `type:"infile" help:"TLS key file (PEM)."`
	ACME        []string `name:"acme" help:"Host names to get certificates for."`
	Proxy       []string `help:"Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	NoJobs      bool     `help:"Work no background jobs."`
	UploadLimit int64    `default:"512" help:"Largest file that can be sent through the browser, in MB."`
}

// Help gives an example.
func (Serve) Help() string { return "Example: tepat serve --addr 127.0.0.1:8080" }

// Run serves until it is interrupted.
func (s Serve) Run(c *Call) (err error) {
	h, err := c.Open(c, OpenOptions{DB: c.DB, Keys: c.Keys, NoJobs: s.NoJobs, Log: c.Stderr})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return h.Serve(c, ServeOptions{
		Addr: s.Addr, PublicAddr: s.PublicAddr, PublicName: s.PublicName, Certificate: s.Certificate, Key: s.Key, ACME: s.ACME, Proxies: s.Proxy, NoJobs: s.NoJobs, UploadLimit: s.UploadLimit << 20,
		Ready: func(url string) { fmt.Fprintln(c.Stderr, c.say.Text("cli.serving", "url", url)) },
	})
}

// Work works the background jobs.
type Work struct{}

// Help gives an example.
func (Work) Help() string {
	return "Example: tepat work --db postgres://localhost/tepat. On SQLite tepat serve works the jobs itself."
}

// Run works until it is interrupted.
func (Work) Run(c *Call) (err error) {
	h, err := c.Open(c, OpenOptions{DB: c.DB, Keys: c.Keys, Log: c.Stderr})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return h.Work(c, func() { fmt.Fprintln(c.Stderr, c.say.Text("cli.working")) })
}

// previewFigures reads the figures of a run's preview.
func previewFigures(r runs.Run) (runs.Tally, error) {
	var p runs.Preview
	if err := json.Unmarshal(r.Preview, &p); err != nil {
		return nil, fmt.Errorf("read preview of run %s: %w", r.Number, err)
	}
	return p.Figures, nil
}
