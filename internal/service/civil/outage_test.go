package civil_test

import (
	"reflect"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestNobodyAnswersIsNoMismatch: an installation without an agreement, and a service that
// fails, leave everybody as she was.
func TestNobodyAnswersIsNoMismatch(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		good, bad, fresh := row(t, 1, 1), row(t, 1, 2), row(t, 1, 3)
		h.load(good, bad)
		wrong := civilRow(bad)
		wrong.Sex = person.Male
		h.loadCivil(civilRow(good), wrong)
		h.match()
		h.load(fresh)
		before := h.rows()

		h.use(civil.None{})
		if r := h.match(); r.Tally["changed"] != 0 || r.Tally["pending"] != 3 {
			t.Errorf("without a registry: %v", r.Tally)
		}
		h.use(fake{local: true, answer: func(civil.Question) civilmatch.Answer { return civilmatch.Answer{Outcome: civilmatch.Failed} }})
		r := h.match()
		if r.Tally["changed"] != 0 || r.Tally["service_failed"] != 3 {
			t.Errorf("with a failing service: %v", r.Tally)
		}
		if after := h.rows(); !reflect.DeepEqual(before, after) {
			t.Errorf("rows changed:\n%v\n%v", before, after)
		}
		for rowID, want := range map[string]civilmatch.Status{"1-1": civilmatch.Matched, "1-2": civilmatch.SexDiffers, "1-3": civilmatch.Pending} {
			p := h.find(rowID)
			if b, err := h.civil.Open(t.Context(), h.who, p.Tenant, p.ID); err != nil || p.Match != want || b.Result.Status != want {
				t.Errorf("row %s is %v, shown as %v, %v; want %v", rowID, p.Match, b.Result.Status, err, want)
			}
		}
		if n, err := h.civil.CountQueue(t.Context(), h.who, civil.QueueFilter{Status: civilmatch.SexDiffers}, 10); err != nil || n != 1 {
			t.Errorf("%d differ, %v; want the one who did before", n, err)
		}
		h.checkCounts("at the end")
	})
}

// TestPartOfAnOutageIsTriedAgain: who got no answer is found by a run over the unanswered.
func TestPartOfAnOutageIsTriedAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		var rows []registry.Incoming
		for k := 1; k <= 3; k++ {
			for n := 1; n <= 3; n++ {
				rows = append(rows, row(t, k, n))
			}
		}
		h.load(rows...)
		asked := map[person.NIK]int{}
		down := true
		h.use(fake{mode: civilmatch.FullValues, answer: func(q civil.Question) civilmatch.Answer {
			asked[q.Record.NIK]++
			if down && q.Record.NIK == rows[4].NIK {
				return civilmatch.Answer{Outcome: civilmatch.Failed}
			}
			return civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, Civil: civilmatch.CivilRecord{
				KK: q.Record.KK, Name: q.Record.Name, Sex: q.Record.Sex, BirthDate: q.Record.BirthDate,
			}}
		}})
		if r := h.match(); r.Tally["matched"] != 8 || r.Tally["service_failed"] != 1 || r.Tally["changed"] != 8 {
			t.Fatalf("during the outage: %v", r.Tally)
		}
		down = false
		r := h.newRun(civil.MatchSettings{Unanswered: true})
		if r.Total != 1 {
			t.Errorf("preview of %d persons, want the one left", r.Total)
		}
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if err != nil || r.Tally["matched"] != 1 || r.Tally["persons"] != 1 {
			t.Errorf("after the outage: %v, %v", r.Tally, err)
		}
		for nik, n := range asked {
			if want := map[bool]int{true: 2, false: 1}[nik == rows[4].NIK]; n != want {
				t.Errorf("%v was asked about %d times, want %d", nik, n, want)
			}
		}
		h.checkCounts("after the outage")
	})
}

func TestAnErrorOfTheRegistryLeavesTheRunToBeResumed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1))
		h.use(fake{answer: func(civil.Question) civilmatch.Answer { return civilmatch.Answer{} }, err: fail.Unavailable("civil.refused")})
		r := h.newRun(civil.MatchSettings{})
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if fail.CodeOf(err) != "civil.refused" || r.State != runs.Running {
			t.Errorf("run is %s, %v", r.State, err)
		}
	})
}
