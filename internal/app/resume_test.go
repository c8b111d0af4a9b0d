package app

import (
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/service/accounts"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
	"tepat/web/messages"
)

// previewed makes an import of the place's families that waits for the word to begin, and gives its page and
// whoever may say it.
func (p place) previewed(t *testing.T) (path string, who accounts.DemoAccount) {
	t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{DB: p.db, Keys: p.keys}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	again, err := h.Accounts.Demo(t.Context(), 8171011006) // with passwords that are known here
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range again {
		if a.Role == access.Verifier {
			who = a
		}
	}
	actor, err := h.Accounts.Load(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	file := p.file("registry.csv")
	set, err := h.Exchange.Describe(exchange.Families, file, file+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	set.AsOf = "2024-10-01"
	r, err := h.Runs.Create(t.Context(), actor, runs.NewRun{Kind: "import.families", Tenant: area.Tenant(8171), Area: ambon, Settings: set, Inputs: set.SHA256, Total: set.Size})
	if err == nil {
		r, err = h.Runs.Look(t.Context(), actor, r.Tenant, r.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "/pekerjaan/" + itoa(r.Tenant) + "-" + r.ID.String(), who
}

// sent sends a form of the site as a browser does.
func sent(t *testing.T, c *http.Client, address string, form url.Values) {
	t.Helper()
	answer, err := c.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, answer.Body)
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s: %d", address, answer.StatusCode)
	}
}

// TestARunGoesOnWhenItsServerIsBack kills -9 the server while it works a run that was started in the browser, and
// while it works a command that was handed to it: the next start brings each to its end by itself, with the totals of
// a registry where nothing was killed.
func TestARunGoesOnWhenItsServerIsBack(t *testing.T) {
	t.Parallel()
	const families = 6000
	calm := newPlace(t, filepath.Join(t.TempDir(), "data", "tepat.db"), families)
	tepat(t, 0, calm.args("import", "families", calm.file("registry.csv"))...)
	want := figures(t, calm.db)
	for name, c := range map[string]struct {
		db    func(t *testing.T) string
		start func(t *testing.T, p place) *serving
	}{
		"browser, sqlite":   {inFile, startedInBrowser},
		"browser, postgres": {func(t *testing.T) string { return testkit.PostgresURL(t) }, startedInBrowser},
		"command, sqlite":   {inFile, startedByCommand},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: each wants the machine for itself
			p := newPlace(t, c.db(t), families)
			c.start(t, p).kill(t)
			if got := p.newest(t, "import.families", "running", "done"); got["state"] != "running" {
				t.Fatal("the run ended before its server was killed")
			}
			served := p.serve(t)
			run := p.newest(t, "import.families", "done", "failed")
			if run["state"] != "done" {
				t.Errorf("the run is %v", run)
			}
			if again := tepat(t, 0, p.args("run", "resume", run["run"].(string))...); again["state"] != "done" {
				t.Errorf("resumed once more: %v", again)
			}
			served.stop(t)
			if got := figures(t, p.db); !reflect.DeepEqual(got, want) {
				t.Errorf("the registry holds\n%v, want\n%v", got, want)
			}
		})
	}
}

func inFile(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "tepat.db") }

func startedInBrowser(t *testing.T, p place) *serving {
	t.Helper()
	path, who := p.previewed(t)
	served := p.serve(t)
	client := plainClient()
	sent(t, client, served.url+"/masuk", url.Values{"username": {who.Login}, "password": {who.Password.Reveal()}})
	sent(t, client, served.url+path, url.Values{"do": {"submit"}})
	p.newest(t, "import.families", "running")
	return served
}

func startedByCommand(t *testing.T, p place) *serving {
	t.Helper()
	served := p.serve(t)
	importing := p.client(t, "import", "families", p.file("registry.csv"))
	t.Cleanup(func() { importing.end(t) })
	p.newest(t, "import.families", "running")
	return served
}
