package civil_test

import (
	"reflect"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

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
