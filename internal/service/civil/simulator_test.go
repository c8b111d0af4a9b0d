package civil_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/service/civil"
)

func TestTheSimulatorRefusesWhatIsNoQuestion(t *testing.T) {
	t.Parallel()
	sim := civil.NewSimulator(civil.SimulatorOptions{Source: civil.RowsSource(nil), Agreements: []civil.Agreement{{Key: "k"}}})
	for name, c := range map[string]struct {
		method, key, body string
		want              int
	}{
		"no key":           {"POST", "", `{"questions":[]}`, 401},
		"another key":      {"POST", "x", `{"questions":[]}`, 401},
		"no JSON":          {"POST", "k", `nik=1`, 400},
		"GET":              {"GET", "k", `{"questions":[]}`, 400},
		"nothing to ask":   {"POST", "k", `{"questions":[]}`, 200},
		"no NIK":           {"POST", "k", `{"questions":[{"ref":0,"nik":"12"}]}`, 200},
		"far too much":     {"POST", "k", `{"questions":[` + strings.Repeat(`{"ref":1},`, 1000) + `{"ref":2}]}`, 400},
		"an endless story": {"POST", "k", `{"questions":[{"nik":"` + strings.Repeat("1", 2<<20) + `"}]}`, 400},
	} {
		r := httptest.NewRequest(c.method, "/", strings.NewReader(c.body))
		r.Header.Set("X-Institution-Key", c.key)
		w := httptest.NewRecorder()
		sim.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.want)
		}
		if name == "no NIK" && !strings.Contains(w.Body.String(), `"failed"`) {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}

func TestTheSimulatorAnswersFromRowsInMemory(t *testing.T) {
	t.Parallel()
	r := row(t, 1, 1)
	source := civil.RowsSource([]civil.CivilRow{civilRow(r)})
	known, err1 := source(t.Context(), r.NIK)
	unknown, err2 := source(t.Context(), row(t, 2, 2).NIK)
	if err1 != nil || err2 != nil || known.Outcome != civilmatch.Found || known.Civil.Name != person.Name(r.Name) || known.Civil.KK != r.KK || unknown.Outcome != civilmatch.NotFound {
		t.Errorf("known %v, unknown %v, %v, %v", known.Outcome, unknown.Outcome, err1, err2)
	}
}

func TestLatencyIsWaitedFor(t *testing.T) {
	t.Parallel()
	var waited time.Duration
	sim := civil.NewSimulator(civil.SimulatorOptions{
		Source: civil.RowsSource(nil), Agreements: []civil.Agreement{{Key: "k"}}, Latency: 40 * time.Millisecond,
		Wait: func(_ context.Context, d time.Duration) error { waited += d; return nil },
	})
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{"questions":[]}`))
	r.Header.Set("X-Institution-Key", "k")
	w := httptest.NewRecorder()
	if sim.ServeHTTP(w, r); w.Code != 200 || waited != 40*time.Millisecond {
		t.Errorf("status %d after %v", w.Code, waited)
	}
}
