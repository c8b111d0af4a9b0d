package assessments_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/assessments"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// due gives the families that are marked, by their number.
func (h house) due() string {
	h.t.Helper()
	list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), `
		SELECT f.registry_id FROM rank_due r JOIN family f ON f.kabkota = r.kabkota AND f.id = r.family_id WHERE r.kabkota = 8171 ORDER BY f.registry_id`, nil,
		func(r sqldb.Row) (id string, err error) {
			err = r.Scan(&id)
			return strings.TrimLeft(strings.TrimPrefix(id, "D"), "0"), err
		})
	h.must(err)
	return strings.Join(list, " ")
}

// shown tells whether the list and the page of family k say that its estimate rests on old answers.
func (h house) shown(k int) (listed, opened bool) {
	h.t.Helper()
	who := testkit.Person(8, access.Verifier, testkit.Ambon)
	list, err := h.reg.List(h.t.Context(), who, registry.Filter{Limit: 200})
	h.must(err)
	for _, f := range list {
		if f.ID == h.familyOf(k) {
			listed = f.RankDue
		}
	}
	card, err := h.reg.Open(h.t.Context(), who, testkit.AmbonTenant, h.familyOf(k), "")
	h.must(err)
	return listed, card.Family.RankDue
}

func TestNewAnswersMarkAnEstimate(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.enrich(2)
		if got := h.due(); got != "" {
			t.Fatalf("before the first scoring %q are marked", got)
		}
		h.score("2024-Q4")
		h.load(answered(t, 1, 10)...) // the same interview again
		if got := h.due(); got != "" {
			t.Fatalf("an unchanged interview marks %q", got)
		}
		h.enrich(1)
		h.enrich(3) // an official decile rests on nobody's answers here
		h.enrich(11)
		h.load(answered(t, 13, 40)...) // new: she waits for the next scoring
		if got := h.due(); got != "1 11" {
			t.Errorf("marked are %q", got)
		}
		for k, want := range map[int]bool{1: true, 2: false, 3: false, 11: true, 13: false} {
			if listed, opened := h.shown(k); listed != want || opened != want {
				t.Errorf("family %d: the list says %v, the page %v", k, listed, opened)
			}
		}
		// A member who dies takes her answers with her; one who joins brings hers.
		h.must(h.write(func(tx *act.Tx) error {
			members, err := h.reg.MembersIn(t.Context(), tx, testkit.AmbonTenant, h.familyOf(5))
			if err != nil {
				return err
			}
			_, err = h.reg.EndPersonIn(t.Context(), tx, testkit.AmbonTenant, members[1].ID, registry.Died, "uji")
			return err
		}))
		joins := row(t, 6, 3, testkit.Village)
		joins.Questionnaire, joins.PersonAnswers = "REGSOSEK22-K", `{"presence":1,"sex":2,"worked":2}`
		h.load(joins)
		if got := h.due(); got != "1 5 6 11" {
			t.Errorf("marked are %q", got)
		}
		// A scoring judges everybody by the answers of today.
		h.score("2025-Q1")
		if got := h.due(); got != "" {
			t.Errorf("after a scoring %q are marked", got)
		}
	})
}

func TestFamiliesWithNewAnswersAreRankedByThemselves(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		work, _ := h.runners()
		actors := func(context.Context, sqldb.ID) (access.Actor, error) { return h.who, nil }
		all := func(want assessments.Settled) {
			t.Helper()
			if got, err := h.s.RankAllChanged(t.Context(), work, actors); err != nil || got != want {
				t.Errorf("ranked %+v, %v, want %+v", got, err, want)
			}
		}
		all(assessments.Settled{}) // nobody scores here yet
		h.score("2024-Q4")
		all(assessments.Settled{})
		before := h.standings(12)
		h.enrich(1)
		h.enrich(11)
		h.enrich(4)
		h.must(h.write(func(tx *act.Tx) error { // the same wealth in other words: the score stays
			return h.reg.KeepAnswersIn(t.Context(), tx, testkit.AmbonTenant, []registry.Answers{{Subject: h.familyOf(7), Form: registry.FamilyForm,
				Questionnaire: "REGSOSEK22-K", Source: "UJI", CollectedAt: "2025", Document: strings.Replace(answered(t, 7, 70)[0].FamilyAnswers, "{", `{"power_2":1,`, 1)}})
		}))
		_, err := h.keep(official(t, 4, 2, "2025-Q1")) // an official decile came in between
		h.must(err)
		all(assessments.Settled{Looked: 4, Changed: 2})
		if got := h.due(); got != "" {
			t.Errorf("still marked: %q", got)
		}
		want := before
		want[1], want[11] = standing{10, registry.ModelMade, "2025-Q1"}, standing{10, registry.ModelMade, "2025-Q1"}
		want[4] = standing{2, registry.Official, "2025-Q1"}
		for k, now := range h.standings(12) {
			if now.of != want[k].of && k != 1 && k != 11 || now.decile != want[k].decile || now.source != want[k].source {
				t.Errorf("family %d stands at %+v, want %+v", k, now, want[k])
			}
		}
		for k, n := range map[int]int64{1: 1, 4: 1, 7: 1, 11: 1, 2: 0} {
			if got := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'assess.rank' AND subject = $1`, h.familyOf(k)); got != n {
				t.Errorf("%d entries of family %d, want %d", got, k, n)
			}
		}
		all(assessments.Settled{})
		h.enrich(9)
		h.who = testkit.Person(1, access.Verifier, testkit.Ambon) // who made the scoring may not any more
		all(assessments.Settled{})
		if got := h.due(); got != "9" {
			t.Errorf("marked are %q", got)
		}
		actors = func(context.Context, sqldb.ID) (access.Actor, error) {
			return access.Actor{}, fail.Forbidden("account.suspended")
		}
		all(assessments.Settled{}) // and whose account is suspended
		broken := errors.New("the table of accounts is gone")
		actors = func(context.Context, sqldb.ID) (access.Actor, error) { return access.Actor{}, broken }
		if _, err := h.s.RankAllChanged(t.Context(), work, actors); !errors.Is(err, broken) {
			t.Errorf("a fault of the house is told as %v", err)
		}
	})
}

func TestRankingAnewIsCutAndGoesOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		for _, k := range []int{1, 2, 4, 5, 6} {
			h.enrich(k)
		}
		assessments.SetDue(h.s, 2, 2)
		day := period.On(2025, 2, 1)
		looked := 0
		for range 3 {
			got, err := h.s.RankChanged(t.Context(), h.who, testkit.AmbonTenant, testkit.Ambon, day)
			h.must(err)
			looked += got.Looked
			h.s = assessments.Reborn(h.s) // as after a kill between two acts
		}
		if looked != 5 || h.due() != "" {
			t.Errorf("%d looked at, left %q", looked, h.due())
		}
		cut, cancel := context.WithCancel(t.Context())
		h.enrich(10)
		cancel()
		if _, err := h.s.RankChanged(cut, h.who, testkit.AmbonTenant, testkit.Ambon, day); err == nil {
			t.Error("nobody noticed the end of the process")
		}
		if h.due() != "10" {
			t.Errorf("left %q", h.due())
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND source = 2 AND vintage = '2025-Q1'`); n != 5 {
			t.Errorf("%d estimates of the new vintage, want 5", n)
		}
		for name, who := range map[string]access.Actor{
			"who may not assess":     testkit.Person(5, access.Verifier, testkit.Ambon),
			"who assesses elsewhere": testkit.Person(6, access.Analyst, area.Code(8172000000)),
		} {
			if _, err := h.s.RankChanged(t.Context(), who, testkit.AmbonTenant, testkit.Ambon, day); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnswersThatCameWhileAFamilyWasRankedKeepTheirMark(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		h.enrich(1)
		seen, err := h.reg.RankDueIn(t.Context(), db.Direct(), testkit.AmbonTenant, h.familyOf(1))
		h.must(err)
		h.clock.Move(time.Hour)
		rows := answered(t, 1, 20)
		for i := range rows {
			rows[i].SourceDate = "2026"
		}
		h.load(rows...)
		h.must(h.write(func(tx *act.Tx) error { return h.reg.RanksSettledIn(t.Context(), tx, testkit.AmbonTenant, seen) }))
		if h.due() != "1" {
			t.Error("a mark that nobody has seen is gone")
		}
		// One ranked by hand is settled too.
		_, err = h.s.RankAnew(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), period.On(2026, 2, 1))
		h.must(err)
		if h.due() != "" {
			t.Errorf("left %q", h.due())
		}
	})
}

func TestAScoringTakenBackLeavesOldAnswersMarked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		h.score("2024-Q4")
		h.enrich(1)
		h.clock.Move(time.Hour)
		second := h.score("2025-Q1")
		work, _ := h.runners()
		h.clock.Move(time.Hour)
		_, err := h.undone(work, second)
		h.must(err)
		if h.due() != "1" {
			t.Errorf("the estimates of %q rest on answers that changed since, want 1", h.due())
		}
	})
}
