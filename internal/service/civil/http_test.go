package civil_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

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
