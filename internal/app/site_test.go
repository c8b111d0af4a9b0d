package app

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/synth"
	"tepat/internal/edge/cli"
	"tepat/internal/kit/httpkit"
	"tepat/internal/service/accounts"
	"tepat/internal/service/exchange"
	"tepat/internal/service/installation"
	"tepat/internal/service/population"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
	"tepat/web/messages"
)

const ambon = area.Code(8171000000)

// town is a small training installation with people in it, served.
type town struct {
	*house
	url    string
	people map[access.Role]accounts.DemoAccount
}

// newTown builds a training installation of Kota Ambon with 400 families, collected and matched.
func newTown(t *testing.T) *town {
	t.Helper()
	return newTownOf(t, installation.Creation{Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{ambon}, Training: true})
}

// newTownOf is newTown for another installation that keeps Kota Ambon.
func newTownOf(t *testing.T, home installation.Creation) *town {
	t.Helper()
	b := newOffice(t, home)
	b.populate(t, filepath.Join(filepath.Dir(b.DataDir), "files"))
	return b
}

// newOffice builds and serves an installation with nobody in it.
func newOffice(t *testing.T, home installation.Creation) *town {
	t.Helper()
	return newOfficeWith(t, home, "")
}

// newOfficeWith is newOffice with settings, the text of a tepat.yaml.
func newOfficeWith(t *testing.T, home installation.Creation, settings string) *town {
	t.Helper()
	dir := t.TempDir()
	if settings != "" {
		writeSettings(t, filepath.Join(dir, "data"), settings)
	}
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{DB: filepath.Join(dir, "data", "tepat.db"), Keys: filepath.Join(dir, "keys"), Version: "test",
		New: &home}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &town{house: &house{House: *h, catalogue: catalogue, log: logger(8, os.Stderr), version: "test"}, people: map[access.Role]accounts.DemoAccount{}}
	handler, err := b.officials(context.WithoutCancel(t.Context()), false, httpkit.Proxies{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *town) populate(t *testing.T, files string) {
	t.Helper()
	scenario, err := population.OfArea(ambon, 400, period.On(2024, 10, 1))
	if err != nil {
		t.Fatal(err)
	}
	world, err := population.World()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := population.Write(world, synth.Config{Scenario: scenario, Seed: 7, Round: 1}, 2, files); err != nil {
		t.Fatal(err)
	}
	b.staff(t, b.firstVillage(t, files))
	b.importFile(t, exchange.Families, filepath.Join(files, "registry.csv"))
	b.importFile(t, exchange.Civil, filepath.Join(files, "civil.csv"))
	b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
}

// staff makes the demo accounts of a village.
func (b *town) staff(t *testing.T, village area.Code) {
	t.Helper()
	made, err := b.Accounts.Demo(t.Context(), village)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range made {
		b.people[a.Role] = a
	}
}

// firstVillage is the village of the file's first row: where the operator works.
func (b *town) firstVillage(t *testing.T, files string) area.Code {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(files, "registry.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(text), "\n", 3)
	header, row := strings.Split(lines[0], ","), strings.Split(lines[1], ",")
	for i, name := range header {
		if name == "area_code" {
			code, err := area.Parse(row[i])
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
	}
	t.Fatal("no area_code")
	return 0
}

func (b *town) actor(t *testing.T, role access.Role) access.Actor {
	t.Helper()
	who, err := b.Accounts.Load(t.Context(), b.people[role].ID)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (b *town) importFile(t *testing.T, subject exchange.Subject, path string) runs.Run {
	t.Helper()
	set, err := b.Exchange.Describe(subject, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	set.AsOf = "2024-10-01"
	return b.run(t, runs.NewRun{Kind: "import." + string(subject), Settings: set, Inputs: set.SHA256, Total: set.Size})
}

func (b *town) run(t *testing.T, n runs.NewRun) runs.Run {
	t.Helper()
	n.Tenant, n.Area = b.Places.TenantOf(ambon), ambon
	who := b.actor(t, access.Verifier)
	r, err := b.Runs.Create(t.Context(), who, n)
	if err == nil {
		r, err = b.Runs.Look(t.Context(), who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = b.Runs.Submit(t.Context(), who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = b.Runs.Drive(t.Context(), r.Tenant, r.ID, nil)
	}
	if err != nil {
		t.Fatalf("%s: %v", n.Kind, err)
	}
	return r
}

// signIn opens the site as somebody with a role.
func (b *town) signIn(t *testing.T, chromium *browser.Browser, role access.Role, r browser.Reader) *browser.Page {
	t.Helper()
	page := chromium.Open(t, b.url+"/masuk", r)
	page.Fill("#username", b.people[role].Login)
	page.Fill("#password", b.people[role].Password.Reveal())
	page.Follow("main form button")
	return page
}

// picture writes what a page looks like when TEPAT_PICTURES names a folder.
func picture(page *browser.Page, name string) {
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		page.Screenshot(filepath.Join(dir, name+".png"))
	}
}

// TestPagesAreFitForUse opens the pages of the district's verifier in each window and
// colour: no accessibility violation, no overflow, nothing inline, no complaint.
func TestPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	var mu sync.Mutex
	for _, view := range []struct {
		name string
		r    browser.Reader
	}{
		{"1280", browser.Reader{Width: 1280, Height: 900}}, {"390", browser.Reader{Width: 390, Height: 844}},
		{"1280-dark", browser.Reader{Width: 1280, Height: 900, Dark: true}}, {"390-dark", browser.Reader{Width: 390, Height: 844, Dark: true}}, {"320", browser.Reader{Width: 320, Height: 640}},
	} {
		t.Run(view.name, func(t *testing.T) {
			mu.Lock()
			defer mu.Unlock()
			page := b.signIn(t, chromium, access.Verifier, view.r)
			for i, path := range []string{"/", "/keluarga", "/keluarga?padan=tidak", "/padan", "/padan?status=dead", "/pekerjaan", "/keluarga?desil=10", "/bantuan", "/status"} {
				page.Go(b.url + path)
				page.FitForUse()
				picture(page, fmt.Sprintf("%s-%02d%s", view.name, i, strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(path)))
			}
			for i, step := range []struct{ from, link string }{{"/keluarga", "table a"}, {"/padan", "table a"}, {"/pekerjaan", "table a"}} {
				page.Go(b.url + step.from)
				page.Follow(step.link)
				page.FitForUse()
				picture(page, fmt.Sprintf("%s-record-%d", view.name, i))
			}
		})
	}
}
