package civil_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
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

// TestTheLineSaysWhatTheFileSays: over the protocol, client and simulator give the same
// answers as the imported file under the same agreement.
func TestTheLineSaysWhatTheFileSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		var rows []registry.Incoming
		for rowID := range want {
			p := h.find(rowID)
			family, err := h.reg.FamilyIn(t.Context(), db.Direct(), p.Tenant, p.FamilyID)
			if err != nil {
				t.Fatal(err)
			}
			if !p.NIK.IsZero() {
				rows = append(rows, registry.Incoming{NIK: p.NIK, KK: family.KK, Name: p.Name, Sex: p.Sex, BirthDate: p.BirthDate})
			}
		}
		for _, mode := range []civilmatch.Mode{civilmatch.FullValues, civilmatch.YesNo, civilmatch.FoundOnly} {
			l := newLine(h, mode)
			questions := l.questions(rows...)
			fromFile, err := civil.NewFile(h.keys, mode).Ask(t.Context(), db.Direct(), questions)
			if err != nil {
				t.Fatal(err)
			}
			got, err := l.http.Fresh(t.Context(), questions)
			if err != nil || !reflect.DeepEqual(got, fromFile) {
				t.Errorf("mode %d: the line and the file differ (%v)\n%v\n%v", mode, err, outcomes(got), outcomes(fromFile))
			}
			held, err := l.http.Held(t.Context(), db.Direct(), questions)
			if err != nil {
				t.Fatal(err)
			}
			for i := range held {
				// The thief's question is the same NIK with other values: in yes-or-no mode only the last is held.
				if held[i].Outcome != civilmatch.NotAsked && !reflect.DeepEqual(held[i].Answer, fromFile[i]) {
					t.Errorf("mode %d: a held answer differs: %+v, want %+v", mode, held[i].Answer.Outcome, fromFile[i].Outcome)
				}
			}
		}
	})
}

func TestWhatGoesOverTheLine(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 2)
		for mode, values := range map[civilmatch.Mode]bool{civilmatch.FullValues: false, civilmatch.YesNo: true, civilmatch.FoundOnly: false} {
			l := newLine(h, mode)
			l.ask(rows...)
			if len(l.wire.log) != 1 || !strings.HasPrefix(l.wire.log[0], "POST https://dukcapil.example/verify ") || !strings.Contains(l.wire.log[0], "X-Institution-Key:[uji-rahasia]") {
				t.Errorf("requests = %q", l.wire.log)
			}
			if strings.Contains(l.wire.log[0], rows[0].NIK.Plain()) {
				t.Error("a NIK stands in the address or a header")
			}
			if got := strings.Contains(l.wire.bodies[0], rows[0].Name); got != values {
				t.Errorf("mode %d: our name is sent: %v, want %v", mode, got, values)
			}
			if strings.Contains(l.wire.bodies[0], rows[0].MotherName) {
				t.Error("the mother's name is sent though nobody compares it")
			}
			sealed, err := sqldb.Collect(t.Context(), db.Direct(), `SELECT answer FROM civil_answer WHERE nik_hash IS NOT NULL`, nil, func(r sqldb.Row) (b []byte, err error) {
				err = r.Scan(&b)
				return b, err
			})
			if err != nil || len(sealed) == 0 {
				t.Fatal(len(sealed), err)
			}
			for _, b := range sealed {
				if bytes.Contains(b, []byte("SITI")) || bytes.Contains(b, []byte("found")) {
					t.Error("an answer is held unsealed")
				}
			}
		}
		if text := fmt.Sprintf("%v %s %#v %+v", civil.Key("abc"), civil.Key("abc"), civil.Key("abc"), civil.Agreement{Key: "abc"}); strings.Contains(text, "abc") {
			t.Errorf("a key prints: %s", text)
		}
	})
}

func TestAnAnswerHoldsForItsAge(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 3) // the third is not found
		renamed := rows[0]
		renamed.Name = "SITI LAIN"
		for mode, want := range map[civilmatch.Mode]int64{civilmatch.FullValues: 0, civilmatch.YesNo: 1, civilmatch.FoundOnly: 0} {
			l := newLine(h, mode)
			requests := func(what string, n int64, want string, rows ...registry.Incoming) {
				t.Helper()
				before := l.sim.Requests()
				answers := l.ask(rows...)
				if got := l.sim.Requests() - before; got != n {
					t.Errorf("mode %d, %s: %d requests, want %d", mode, what, got, n)
				}
				if got := outcomes(answers); got != want {
					t.Errorf("mode %d, %s: %s, want %s", mode, what, got, want)
				}
			}
			requests("at first", 1, "FFn", rows...)
			requests("again", 0, "FFn", rows...)
			requests("with another name of ours", want, "F", renamed)
			requests("the old name again", want, "F", rows[0])
			h.clock.Move(25 * time.Hour)
			requests("a day later", 1, "FFn", rows...)
			if got := strings.Count(l.wire.bodies[len(l.wire.bodies)-1], `"nik"`); got != 1 {
				t.Errorf("a day later %d NIKs are asked about, want the one not found", got)
			}
			h.clock.Move(31 * 24 * time.Hour)
			requests("a month later", 1, "FFn", rows...)
		}
		l := newLine(h, civilmatch.FullValues)
		h.clock.Move(29 * 24 * time.Hour)
		if n, err := l.http.Forget(t.Context()); n != 0 || err != nil {
			t.Errorf("forgot %d answers that are good, %v", n, err)
		}
		h.clock.Move(24 * time.Hour)
		if n, err := l.http.Forget(t.Context()); n != 3 || err != nil {
			t.Errorf("forgot %d old answers, %v; want 3", n, err)
		}
	})
}

func TestTheQuotaOfTheDay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 8)
		limit := func(o *civil.HTTPOptions, _ *civil.SimulatorOptions) { o.Quota = 6 }
		l := newLine(h, civilmatch.FullValues, limit)
		if got := outcomes(l.ask(rows...)); got != "FFFFFFxx" {
			t.Errorf("with a quota of 6: %s", got)
		}
		if n, err := l.http.Asked(t.Context()); n != 6 || err != nil {
			t.Errorf("asked = %d, %v", n, err)
		}
		l = newLine(h, civilmatch.FullValues, limit) // another process: the counter is in the database
		if got := outcomes(l.ask(rows...)); got != "FFFFFFxx" || l.sim.Requests() != 0 {
			t.Errorf("the same day: %s, %d requests", got, l.sim.Requests())
		}
		h.clock.Move(14*time.Hour + 59*time.Minute) // 23.59 WIB
		if got := outcomes(l.ask(rows...)); got != "FFFFFFxx" {
			t.Errorf("a minute before midnight: %s", got)
		}
		h.clock.Move(time.Minute)
		if got := outcomes(l.ask(rows...)); got != "FFFFFFFn" {
			t.Errorf("the next day: %s", got)
		}
	})
}

func TestTheOtherSideCountsToo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 8)
		l := newLine(h, civilmatch.FullValues, func(_ *civil.HTTPOptions, s *civil.SimulatorOptions) { s.Agreements[0].Quota = 5 })
		if got := outcomes(l.ask(rows...)); got != "FFFFxxxx" || l.sim.Requests() != 2 {
			t.Errorf("%s in %d requests", got, l.sim.Requests())
		}
		h.clock.Move(time.Hour)
		if l.ask(rows...); l.sim.Requests() != 2 {
			t.Errorf("asked again before the time it was told: %d requests", l.sim.Requests())
		}
		h.clock.Move(15 * time.Hour)
		if got := outcomes(l.ask(rows...)); got != "FFFFFFFn" {
			t.Errorf("the next day: %s", got)
		}
	})
}

func TestFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 4)
		for name, c := range map[string]struct {
			fault    civil.Fault
			times    int64
			want     string
			requests int64
		}{
			"one 500":                {civil.Fault{Status: 500}, 1, "FFFn", 2},
			"two 503":                {civil.Fault{Status: 503}, 2, "FFFn", 3},
			"503 all the time":       {civil.Fault{Status: 503}, 99, "xxxx", 3},
			"garbage once":           {civil.Fault{Garbage: true}, 1, "FFFn", 2},
			"garbage all the time":   {civil.Fault{Garbage: true}, 99, "xxxx", 3},
			"a reply cut short":      {civil.Fault{Cut: true}, 1, "FFFn", 2},
			"an answer missing":      {civil.Fault{Drop: 1}, 99, "FFFx", 1},
			"all answers missing":    {civil.Fault{Drop: 4}, 99, "xxxx", 1},
			"400 is not asked again": {civil.Fault{Status: 400}, 99, "xxxx", 1},
			"a redirect":             {civil.Fault{Status: 307}, 99, "xxxx", 1},
		} {
			l := newLine(h, civilmatch.FullValues)
			h.clock.Move(40 * 24 * time.Hour) // nothing is held any more
			l.fault = func(n int64) civil.Fault {
				if n <= c.times {
					return c.fault
				}
				return civil.Fault{}
			}
			if got := outcomes(l.ask(rows...)); got != c.want || l.sim.Requests() != c.requests {
				t.Errorf("%s: %s in %d requests, want %s in %d", name, got, l.sim.Requests(), c.want, c.requests)
			}
			for i, d := range l.waits {
				if low := 125 * time.Millisecond << i; d < low || d > 2*low {
					t.Errorf("%s: pause %d is %v, want %v to %v", name, i+1, d, low, 2*low)
				}
			}
		}
	})
}

func TestAServiceThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 2)
		l := newLine(h, civilmatch.FullValues, func(o *civil.HTTPOptions, _ *civil.SimulatorOptions) { o.Timeout = time.Millisecond })
		l.fault = func(int64) civil.Fault { return civil.Fault{Hang: true} }
		if got := outcomes(l.ask(rows...)); got != "xx" || l.sim.Requests() != 3 {
			t.Errorf("%s in %d requests", got, l.sim.Requests())
		}
	})
}

func TestAnOutageIsNotHammered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 30)
		l := newLine(h, civilmatch.FullValues)
		l.fault = func(int64) civil.Fault { return civil.Fault{Status: 503} }
		if got := outcomes(l.ask(rows...)); strings.Trim(got, "x") != "" || l.sim.Requests() != 6 {
			t.Errorf("%s in %d requests, want 6 for 8 batches", got, l.sim.Requests())
		}
		h.clock.Move(29 * time.Second)
		if l.ask(rows...); l.sim.Requests() != 6 {
			t.Errorf("asked during the rest: %d requests", l.sim.Requests())
		}
		l.fault = nil
		h.clock.Move(time.Second)
		if got := outcomes(l.ask(rows...)); got != strings.Repeat("F", 29)+"n" {
			t.Errorf("after the rest: %s", got)
		}
	})
}

func TestARefusedKeyIsAnError(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := people(h, 3)
		l := newLine(h, civilmatch.FullValues, func(o *civil.HTTPOptions, _ *civil.SimulatorOptions) { o.Key = "salah" })
		_, err := l.http.Ask(t.Context(), db.Direct(), l.questions(rows...))
		if fail.CodeOf(err) != "civil.refused" || l.sim.Requests() != 1 {
			t.Errorf("%v after %d requests", err, l.sim.Requests())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.http.Fresh(ctx, l.questions(rows...)); err == nil {
			t.Error("an ended context is not said")
		}
	})
}

func TestNobodyIsAskedWithoutANIK(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLine(newHouse(t, db), civilmatch.YesNo)
		answers, err := l.http.Ask(t.Context(), db.Direct(), []civil.Question{{}, {Record: civilmatch.Record{NIKInvalid: true}}})
		if err != nil || outcomes(answers) != "--" || l.sim.Requests() != 0 {
			t.Errorf("%s, %v, %d requests", outcomes(answers), err, l.sim.Requests())
		}
	})
}

func TestTheAddressMustBeSafe(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://dukcapil.example/verify": "", "http://127.0.0.1:9000/verify": "", "http://[::1]/x": "", "http://localhost:1/x": "",
		"http://dukcapil.example/verify": "civil.url", "ftp://dukcapil.example": "civil.url", "dukcapil": "civil.url", "": "civil.url", "://": "civil.url",
	} {
		if _, err := civil.NewHTTP(nil, nil, civil.HTTPOptions{URL: url, Key: "k"}); fail.CodeOf(err) != want {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
	if _, err := civil.NewHTTP(nil, nil, civil.HTTPOptions{URL: "https://x"}); fail.CodeOf(err) != "civil.key" {
		t.Errorf("no key: %v", err)
	}
}

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

// TestAMatchRunOverTheLine: the file's run and the line's give everybody the same status,
// whatever fails on the way; who got no answer stays and is tried again.
func TestAMatchRunOverTheLine(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		l := newLine(h, civilmatch.FullValues)
		l.fault = func(n int64) civil.Fault {
			if n == 2 {
				return civil.Fault{Drop: 2}
			}
			if n == 4 {
				return civil.Fault{Status: 400}
			}
			return civil.Fault{}
		}
		r := h.match()
		failed := r.Tally["service_failed"]
		if failed < 3 || r.Tally["persons"] != int64(len(want)) || r.Tally["changed"] != int64(len(want))-failed {
			t.Fatalf("tally during the failures = %v", r.Tally)
		}
		pending := int64(0)
		for rowID, status := range want {
			switch p := h.find(rowID); p.Match {
			case status:
			case civilmatch.Pending:
				pending++
			default:
				t.Errorf("row %s is %v, want %v", rowID, p.Match, status)
			}
		}
		if pending != failed {
			t.Errorf("%d pending, %d failed", pending, failed)
		}
		h.checkCounts("after the failures")
		l.fault = nil
		again := h.newRun(civil.MatchSettings{Unanswered: true})
		again, err := h.runs.Drive(t.Context(), again.Tenant, again.ID, nil)
		if err != nil || again.Tally["persons"] != failed || again.Tally["changed"] != failed || again.State != runs.Done {
			t.Errorf("second run = %v, %s, %v", again.Tally, again.State, err)
		}
		for rowID, status := range want {
			if p := h.find(rowID); p.Match != status {
				t.Errorf("at the end row %s is %v, want %v", rowID, p.Match, status)
			}
		}
		requests := l.sim.Requests()
		if third := h.match(); third.Tally["changed"] != 0 || l.sim.Requests() != requests {
			t.Errorf("third run: %v, %d more requests", third.Tally, l.sim.Requests()-requests)
		}
		h.checkCounts("at the end")
	})
}

// differing connects a house whose one person has another name at the civil registry, and
// gives her true name.
func differing(h *house, mode civilmatch.Mode) (l *line, name string) {
	r := row(h.t, 1, 1)
	c := civilRow(r)
	c.Name = "SITI YANG BENAR"
	h.load(r)
	h.loadCivil(c)
	l = newLine(h, mode)
	h.match()
	if p := h.find("1-1"); p.Match != civilmatch.NameDiffers {
		h.t.Fatalf("at first %v", p.Match)
	}
	return l, c.Name
}

// TestHeldValuesAnswerAMending: what the registry said yesterday needs no network today.
func TestHeldValuesAnswerAMending(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		l, name := differing(h, civilmatch.FullValues)
		asked := h.clock.Now()
		h.clock.Move(24 * time.Hour)
		m := mending(h.find("1-1"))
		m.Name = &name
		b, err := h.civil.Mend(t.Context(), h.who, m)
		if err != nil || b.Person.Match != civilmatch.Matched || !b.AnsweredAt.Equal(asked) {
			t.Errorf("%v, answered %v, %v", b.Person.Match, b.AnsweredAt, err)
		}
		if l.sim.Requests() != 1 || len(h.jobs.list) != 0 {
			t.Errorf("%d requests, jobs %v", l.sim.Requests(), h.jobs.list)
		}
	})
}

// TestYesOrNoWaitsForItsAnswer: a no to the old name says nothing of the new one.
func TestYesOrNoWaitsForItsAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		l, name := differing(h, civilmatch.YesNo)
		m := mending(h.find("1-1"))
		m.Name = &name
		b, err := h.civil.Mend(t.Context(), h.who, m)
		if err != nil || b.Person.Match != civilmatch.Pending || b.Result.Status != civilmatch.Pending {
			t.Fatalf("after mending %v, %v", b.Person.Match, err)
		}
		h.checkCounts("while it waits")
		job := civil.CheckAgain{Tenant: b.Person.Tenant, Person: b.Person.ID, Actor: h.who.ID}
		if !reflect.DeepEqual(h.jobs.list, []any{job}) {
			t.Fatalf("jobs = %v, want %v", h.jobs.list, job)
		}

		l.fault = func(int64) civil.Fault { return civil.Fault{Status: 503} }
		if _, err := h.civil.Recheck(t.Context(), h.who, job.Tenant, job.Person); fail.CodeOf(err) != "civil.no_answer" {
			t.Errorf("during an outage: %v", err)
		}
		if p := h.find("1-1"); p.Match != civilmatch.Pending {
			t.Errorf("during an outage she is %v", p.Match)
		}
		l.fault = nil
		h.clock.Move(time.Minute)
		if _, err := h.civil.Recheck(t.Context(), operator(testkit.Neighbour), job.Tenant, job.Person); fail.CodeOf(err) != "access.denied" {
			t.Errorf("outside the area: %v", err)
		}
		b, err = h.civil.Recheck(t.Context(), h.who, job.Tenant, job.Person)
		if err != nil || b.Person.Match != civilmatch.Matched || b.Result.Status != civilmatch.Matched || h.find("1-1").Match != civilmatch.Matched {
			t.Errorf("after asking %v, %v", b.Person.Match, err)
		}
		if facts := h.entry("civil.recheck"); !reflect.DeepEqual(facts, map[string]any{"status": "matched"}) {
			t.Errorf("audit entry = %v", facts)
		}
		h.checkCounts("at the end")
	})
}

// TestANewCardWaitsForItsAnswer: over yes or no, everybody whose status stood on the old No.
// KK waits; who differs in her name still does.
func TestANewCardWaitsForItsAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := []registry.Incoming{row(t, 1, 1), row(t, 1, 2), row(t, 1, 3)}
		h.load(rows...)
		civils := []civil.CivilRow{civilRow(rows[0]), civilRow(rows[1]), civilRow(rows[2])}
		civils[0].KK, civils[2].Name = kkOf(t, 50), "SITI LAIN"
		h.loadCivil(civils...)
		newLine(h, civilmatch.YesNo)
		h.match()
		kk := kkOf(t, 50)
		m := mending(h.find("1-1"))
		m.KK = &kk
		if _, err := h.civil.Mend(t.Context(), h.who, m); err != nil {
			t.Fatal(err)
		}
		for rowID, want := range map[string]civilmatch.Status{"1-1": civilmatch.Pending, "1-2": civilmatch.Pending, "1-3": civilmatch.NameDiffers} {
			if p := h.find(rowID); p.Match != want {
				t.Errorf("row %s is %v, want %v", rowID, p.Match, want)
			}
		}
		h.checkCounts("while they wait")
	})
}

func TestRecheckKeepsOutOfTheWay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1))
		p := h.find("1-1")
		changed := false
		h.use(fake{mode: civilmatch.FoundOnly, answer: func(civil.Question) civilmatch.Answer {
			if !changed { // somebody changes her while the question is on its way
				changed = true
				name := "SITI BARU"
				m := mending(p)
				m.Name = &name
				if _, err := h.civil.Mend(t.Context(), h.who, m); err != nil {
					t.Error(err)
				}
			}
			return civilmatch.Answer{Outcome: civilmatch.NotFound}
		}})
		if _, err := h.civil.Recheck(t.Context(), h.who, p.Tenant, p.ID); fail.CodeOf(err) != "registry.changed" {
			t.Errorf("err = %v", err)
		}
		if got := h.find("1-1"); got.Match != civilmatch.Pending {
			t.Errorf("she is %v by an answer about her old name", got.Match)
		}
	})
}
