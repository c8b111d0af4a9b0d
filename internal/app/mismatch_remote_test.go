package app

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/service/civil"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestTheQueueTellsWhatARegistryElsewhereSays: of a civil registry asked over the network the queue and the page of repair show what
// its agreement gives, how many questions are left and when they are renewed; while it fails nobody becomes a mismatch.
func TestTheQueueTellsWhatARegistryElsewhereSays(t *testing.T) {
	t.Parallel()
	known := newTown(t)
	for name, c := range map[string]struct {
		mode civilmatch.Mode
		says string
	}{
		"values": {civilmatch.FullValues, "ejaan"},
		"yes_no": {civilmatch.YesNo, "Nama berbeda menurut Dukcapil"},
		"found":  {civilmatch.FoundOnly, "NIK tidak dikenal Dukcapil"},
	} {
		t.Run(name, func(t *testing.T) {
			var down atomic.Bool
			simulator := civil.NewSimulator(civil.SimulatorOptions{
				Source: civil.FileSource(known.DB, known.Keys, known.Registry), Agreements: []civil.Agreement{{Key: "latihan", Mode: c.mode}},
				Fault: func(int64) civil.Fault {
					if down.Load() {
						return civil.Fault{Status: http.StatusBadRequest}
					}
					return civil.Fault{}
				},
			})
			server := httptest.NewServer(simulator)
			t.Cleanup(server.Close)
			made := masters.town(t, ambonOffice())
			b := opened(t, made.dir, fmt.Sprintf("civil:\n  registry: http\n  url: %s\n  institution: dinsos-ambon\n  key: latihan\n  mode: %s\n  quota: 5000\n", server.URL, name))
			b.people = maps.Clone(made.people)
			b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
			before := b.number(t, `SELECT count(*) FROM person WHERE match_status NOT IN (0, 1, 14, 15)`)
			b.suggested(t)
			chromium := browser.Start(t)
			for _, view := range readers() {
				page := b.signIn(t, chromium, access.Verifier, view.r)
				page.Go(b.url + "/padan")
				said := page.Text("main")
				for _, want := range []string{"lewat jaringan", "Kuota Dukcapil hari ini: tersisa", "Diperbarui 20 November 2026", c.says} {
					if !strings.Contains(said, want) {
						t.Errorf("the queue does not say %q: %s", want, said)
					}
				}
				page.FitForUse()
				picture(page, "padan-jaringan-"+name+"-"+view.name)
				if strings.Contains(said, "Perbaikan massal") {
					t.Errorf("%s: a batch is offered, and no value could be taken over", name)
				}
				page.Follow("main a[href='/padan/massal']")
				if text := page.Text("main"); !strings.Contains(text, "Perbaikan massal tidak tersedia") || page.Count("section[aria-labelledby=massal]") > 0 || page.Count("section[aria-labelledby=saran] button") != 1 {
					t.Errorf("%s: the page does not say why there is no batch: %s", name, text)
				}
				page.FitForUse()
				picture(page, "padan-jaringan-"+name+"-massal-"+view.name)
				page.Go(b.url + "/padan")
				page.Follow("main tbody td a")
				page.FitForUse()
				picture(page, "padan-jaringan-"+name+"-orang-"+view.name)
			}
			down.Store(true)
			b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
			if n := b.number(t, `SELECT count(*) FROM person WHERE match_status NOT IN (0, 1, 14, 15)`); n != before {
				t.Errorf("while it fails %d do not match, before %d", n, before)
			}
		})
	}
}
