package app

import (
	"context"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// words are the catalogue of messages, read once.
var words = sync.OnceValues(messages.Load)

// referenceData is what a decree can change, read once.
var referenceData = sync.OnceValues(loadReference)

// started is when the test process began.
var started = time.Now()

// clock is the clock of the towns: it goes on from 11 in the morning of Thursday 19 November 2026 in
// Ambon, so that no test passes or fails by the day, the night or the year in which it runs. It must
// lie in the past: scs, which says how long a session lives, has no clock but the machine's.
func clock() time.Time {
	return time.Date(2026, 11, 19, 2, 0, 0, 0, time.UTC).Add(time.Since(started))
}

// town is a small training installation with people in it, served.
type town struct {
	*house
	url      string
	people   map[access.Role]accounts.DemoAccount
	sessions *httpkit.Sessions
}

// ambonOffice is the installation most tests work in.
func ambonOffice() installation.Creation {
	return installation.Creation{Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{ambon}, Training: true}
}

// newTown gives a training installation of Kota Ambon with 400 families, collected and matched. It is
// the test's own, to do with as it likes.
func newTown(t *testing.T) *town {
	t.Helper()
	return newTownOf(t, ambonOffice())
}

// newTownOf is newTown for another installation that keeps Kota Ambon.
func newTownOf(t *testing.T, home installation.Creation) *town {
	t.Helper()
	made := masters.town(t, home)
	b := opened(t, made.dir, "")
	b.people = maps.Clone(made.people)
	return b
}

// newOffice gives and serves an installation with nobody in it.
func newOffice(t *testing.T, home installation.Creation) *town {
	t.Helper()
	return newOfficeWith(t, home, "")
}

// newOfficeWith is newOffice with settings, the text of a tepat.yaml.
func newOfficeWith(t *testing.T, home installation.Creation, settings string) *town {
	t.Helper()
	return opened(t, masters.office(t, home).dir, settings)
}

// opened copies a closed installation into the test's folder, opens the copy and serves it.
func opened(t *testing.T, master, settings string) *town {
	t.Helper()
	dir := t.TempDir()
	copied(t, master, dir)
	if settings != "" {
		writeSettings(t, filepath.Join(dir, "data"), settings)
	}
	b := open(t, dir, nil)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		*b = town{} // a test that ended is kept with its cleanups, and the list of areas is long
	})
	handler, err := b.officials(context.WithoutCancel(t.Context()), false, httpkit.Proxies{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.url = listening(t, handler)
	b.sessions = b.sessionsOf(t)
	return b
}

// listening serves a handler until the test ends, and gives its address.
func listening(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		server.Config.Handler = nil // see opened
	})
	return server.URL
}

// open builds the services on the installation of a folder, and makes it first when home says what.
func open(t *testing.T, dir string, home *installation.Creation) *town {
	t.Helper()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Build(t.Context(), cli.OpenOptions{DB: filepath.Join(dir, "data", "tepat.db"), Keys: filepath.Join(dir, "keys"), Version: "test", New: home, Clock: clock}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := referenceData()
	if err != nil {
		t.Fatal(err)
	}
	return &town{house: &house{House: *h, ref: ref, catalogue: catalogue, log: logger(8, os.Stderr), version: "test"}, people: map[access.Role]accounts.DemoAccount{}}
}

// copied copies a folder with the modes of its files: keys are for their owner only.
func copied(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// master is a closed installation that tests get copies of.
type master struct {
	dir    string
	people map[access.Role]accounts.DemoAccount
}

// masters are made when first asked for, and once a test process: TestMain removes them.
var masters = &mastery{made: map[string]master{}}

type mastery struct {
	mu   sync.Mutex
	dir  string
	made map[string]master
}

// office gives an installation with nobody in it.
func (m *mastery) office(t *testing.T, home installation.Creation) master {
	t.Helper()
	return m.once(t, "office-"+string(home.Level), func(dir string) master {
		b := open(t, dir, &home)
		b.shut(t)
		return master{dir: dir}
	})
}

// town gives an installation with 400 families and the demo accounts.
func (m *mastery) town(t *testing.T, home installation.Creation) master {
	t.Helper()
	empty := m.office(t, home)
	return m.once(t, "town-"+string(home.Level), func(dir string) master {
		copied(t, empty.dir, dir)
		b := open(t, dir, nil)
		defer b.shut(t)
		b.populate(t, filepath.Join(dir, "files"))
		return master{dir, b.people}
	})
}

// once makes a master unless it is there. A test that fails to make it leaves that to the next one.
func (m *mastery) once(t *testing.T, name string, make func(dir string) master) master {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.made[name]; ok {
		return known
	}
	if m.dir == "" {
		dir, err := os.MkdirTemp("", "tepat-masters-")
		if err != nil {
			t.Fatal(err)
		}
		m.dir = dir
	}
	dir, err := os.MkdirTemp(m.dir, name)
	if err != nil {
		t.Fatal(err)
	}
	m.made[name] = make(dir)
	return m.made[name]
}

// remove ends the masters, with the test process.
func (m *mastery) remove() error {
	if m.dir == "" {
		return nil
	}
	return os.RemoveAll(m.dir)
}

// shut closes a town nobody serves.
func (b *town) shut(t *testing.T) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func (b *town) populate(t *testing.T, files string) {
	t.Helper()
	inhabited(t, files, 400, 7)
	b.staff(t, b.firstVillage(t, files))
	b.importFile(t, exchange.Families, filepath.Join(files, "registry.csv"))
	b.importFile(t, exchange.Civil, filepath.Join(files, "civil.csv"))
	b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
}

// inhabited writes the files of so many families of Kota Ambon.
func inhabited(t *testing.T, files string, families int, seed uint64) {
	t.Helper()
	scenario, err := population.OfArea(ambon, families, period.On(2024, 10, 1))
	if err != nil {
		t.Fatal(err)
	}
	world, err := population.World()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := population.Write(world, synth.Config{Scenario: scenario, Seed: seed, Round: 1}, 2, files); err != nil {
		t.Fatal(err)
	}
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

// signIn opens the site as somebody with a role, who has just signed in. The form of /masuk is for
// tests of signing in: see enter.
func (b *town) signIn(t *testing.T, chromium *browser.Browser, role access.Role, r browser.Reader) *browser.Page {
	t.Helper()
	r.Cookie = b.session(t, role)
	return chromium.Open(t, b.url+"/", r)
}

// session starts a session of somebody with a role, as the site does, and gives its cookie.
func (b *town) session(t *testing.T, role access.Role) *http.Cookie {
	t.Helper()
	answer := httptest.NewRecorder()
	b.sessions.Load(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := b.sessions.Start(r.Context(), b.people[role].ID.String()); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/masuk", nil))
	cookies := answer.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%s is given %d cookies", role, len(cookies))
	}
	return cookies[0]
}

// sessionsOf gives the sessions the site of the town keeps.
func (b *town) sessionsOf(t *testing.T) *httpkit.Sessions {
	t.Helper()
	store, err := accounts.NewSessions(t.Context(), b.DB, b.Keys, b.Acts.Now)
	if err != nil {
		t.Fatal(err)
	}
	return httpkit.NewSessions(store, &httpkit.Web{Log: b.log}, httpkit.SessionConfig{Idle: sessionIdle, Lifetime: sessionLifetime, Now: b.Acts.Now})
}
