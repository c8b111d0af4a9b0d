package civil_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// wire carries requests to a handler in this process, and keeps what went over it.
type wire struct {
	handler http.Handler
	mu      sync.Mutex
	log     []string // address and headers of every request
	bodies  []string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.log = append(w.log, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header))
	w.bodies = append(w.bodies, string(body))
	w.mu.Unlock()
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorder := httptest.NewRecorder()
	done := make(chan struct{})
	go func() { defer close(done); w.handler.ServeHTTP(recorder, r) }()
	<-done
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// line is a client with its simulator.
type line struct {
	*house
	sim   *civil.Simulator
	wire  *wire
	http  *civil.HTTP
	waits []time.Duration
	fault func(n int64) civil.Fault
}

// newLine connects a house to a simulator fed with the house's own civil file.
func newLine(h *house, mode civilmatch.Mode, change ...func(*civil.HTTPOptions, *civil.SimulatorOptions)) *line {
	h.t.Helper()
	l := &line{house: h}
	pause := func(_ context.Context, d time.Duration) error { l.waits = append(l.waits, d); return nil }
	so := civil.SimulatorOptions{
		Source: civil.FileSource(h.db, h.keys, h.reg), Agreements: []civil.Agreement{{Key: "uji-rahasia", Mode: mode}},
		Fault: func(n int64) civil.Fault {
			if l.fault == nil {
				return civil.Fault{}
			}
			return l.fault(n)
		},
		Now: h.clock.Now, Wait: pause,
	}
	o := civil.HTTPOptions{
		URL: "https://dukcapil.example/verify", Institution: "Dinsos Uji", Key: "uji-rahasia", Mode: mode, Batch: 4, Workers: 1, Timeout: time.Minute,
		Now: h.clock.Now, Wait: pause,
	}
	for _, f := range change {
		f(&o, &so)
	}
	l.sim = civil.NewSimulator(so)
	l.wire = &wire{handler: l.sim}
	o.Transport = l.wire
	var err error
	if l.http, err = civil.NewHTTP(h.db, h.keys, o); err != nil {
		h.t.Fatal(err)
	}
	h.use(l.http)
	return l
}

// questions asks about rows as they were loaded.
func (l *line) questions(rows ...registry.Incoming) []civil.Question {
	out := make([]civil.Question, len(rows))
	for i, r := range rows {
		out[i] = civil.Question{Hash: l.reg.NIKHash(r.NIK), Record: civilmatch.Record{
			NIK: r.NIK, KK: r.KK, Name: person.Name(r.Name), Sex: r.Sex, BirthDate: r.BirthDate, BirthPlace: r.BirthPlace, MotherName: person.Name(r.MotherName), Village: r.Area,
		}}
	}
	return out
}

func (l *line) ask(rows ...registry.Incoming) []civilmatch.Answer {
	l.t.Helper()
	answers, err := l.http.Ask(l.t.Context(), l.db.Direct(), l.questions(rows...))
	if err != nil || len(answers) != len(rows) {
		l.t.Fatalf("%d answers to %d questions, %v", len(answers), len(rows), err)
	}
	return answers
}

// outcomes spells the outcomes of answers: F found, n not found, x failed, - not asked.
func outcomes(answers []civilmatch.Answer) string {
	var b strings.Builder
	for _, a := range answers {
		b.WriteByte("-Fnx"[a.Outcome])
	}
	return b.String()
}

// people loads n persons, the civil registry knowing all but the last.
func people(h *house, n int) []registry.Incoming {
	rows := make([]registry.Incoming, n)
	var civilRows []civil.CivilRow
	for i := range rows {
		rows[i] = row(h.t, 1+i/3, 1+i%3)
		civilRows = append(civilRows, civilRow(rows[i]))
	}
	h.load(rows...)
	h.loadCivil(civilRows[:n-1]...)
	return rows
}
