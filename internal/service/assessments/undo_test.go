package assessments_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// standing is the rank in force of a family, as a test compares it.
type standing struct {
	decile int64
	source registry.DecileSource
	of     string
}

func (h house) standings(last int) map[int]standing {
	h.t.Helper()
	out := map[int]standing{}
	for k := 1; k <= last; k++ {
		decile, source, of := h.decileOf(k)
		out[k] = standing{decile, source, of}
	}
	return out
}

// enrich makes a family richer than all others by a later interview.
func (h house) enrich(k int) {
	h.t.Helper()
	h.clock.Move(time.Hour)
	rows := answered(h.t, k, 900)
	for i := range rows {
		rows[i].SourceDate = "2025"
	}
	h.load(rows...)
}

func (h house) undone(work *runs.Service, r runs.Run) (runs.Run, error) {
	h.t.Helper()
	head := testkit.Person(9, access.AgencyHead, testkit.Ambon)
	r, err := work.Undo(h.t.Context(), head, r.Tenant, r.ID)
	if err != nil {
		return r, err
	}
	return work.Drive(h.t.Context(), r.Tenant, r.ID, nil)
}

func TestAScoringIsTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		first := h.score("2024-Q4")
		before := h.standings(12)
		h.enrich(1)
		second := h.score("2025-Q1")
		if d, _, of := h.decileOf(1); d != 10 || of != "2025-Q1" {
			t.Fatalf("the richest family is in decile %d of %s", d, of)
		}
		work, _ := h.runners()
		if _, err := h.undone(work, first); fail.CodeOf(err) != "assessment.later_score" {
			t.Errorf("a scoring on which another rests is taken back: %v", err)
		}
		// Between scoring and undo an official decile came in: it stays.
		if _, err := h.keep(official(t, 2, 4, "2025-Q1")); err != nil {
			t.Fatal(err)
		}
		before[2] = standing{4, registry.Official, "2025-Q1"}
		r, err := h.undone(work, second)
		if err != nil || r.State != runs.Undone {
			t.Fatalf("taken back: %s, %v", r.State, err)
		}
		for k, want := range before {
			if got := h.standings(12)[k]; got != want {
				t.Errorf("family %d stands at %+v, before the scoring at %+v", k, got, want)
			}
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND vintage = '2025-Q1' AND source = 2`); n != 0 {
			t.Errorf("%d estimates still count", n)
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND vintage = '2025-Q1' AND source = 3`); n == 0 {
			t.Error("nothing tells of the scoring that was taken back")
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'run.undo'`); n == 0 {
			t.Error("the log does not tell of it")
		}
		v, err := h.s.NextVintage(t.Context(), h.who, testkit.AmbonTenant, testkit.Ambon, period.On(2025, 2, 1))
		if err != nil || v.Text() != "2025-Q1-r2" {
			t.Errorf("the name %s is given again, %v", v, err)
		}
		if _, err := h.undone(work, first); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171 AND decile_source = 2`); n != 0 {
			t.Errorf("%d families are ranked by nothing", n)
		}
	})
}

func TestOneFamilyIsRankedAnewAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle()
		day := period.On(2024, 12, 3)
		if _, err := h.s.RankAnew(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), day); fail.CodeOf(err) != "assessment.no_scoring" {
			t.Errorf("before the first scoring: %v", err)
		}
		h.score("2024-Q4")
		before := h.standings(12)
		same, err := h.s.RankAnew(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), day)
		if err != nil || same.Changed || same.Before != same.After {
			t.Errorf("nothing changed: %+v, %v", same, err)
		}
		h.enrich(1)
		got, err := h.s.RankAnew(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(1), day)
		if err != nil || !got.Changed || got.Before.Decile != 1 || got.After.Decile != 10 || got.After.Vintage != "2024-Q4-r2" {
			t.Errorf("ranked anew: %+v, %v", got, err)
		}
		if d, source, of := h.decileOf(1); d != 10 || source != registry.ModelMade || of != "2024-Q4-r2" {
			t.Errorf("in force: %d by %d of %s", d, source, of)
		}
		for k := 2; k <= 12; k++ {
			if h.standings(12)[k] != before[k] {
				t.Errorf("family %d moved too", k)
			}
		}
		if n := h.count(`SELECT count(*) FROM decile WHERE kabkota = 8171 AND family_id = $1 AND source = 2`, h.familyOf(1)); n != 2 {
			t.Errorf("%d estimates of the family on record", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'assess.rank' AND subject = $1`, h.familyOf(1)); n != 2 {
			t.Errorf("%d entries", n)
		}
		for name, c := range map[string]struct {
			who  access.Actor
			k    int
			code string
		}{
			"an official decile is not touched": {h.who, 3, "assessment.official"},
			"who may not assess":                {testkit.Person(5, access.Verifier, testkit.Ambon), 1, "access.denied"},
			"who assesses elsewhere":            {testkit.Person(6, access.Analyst, area.Code(8172000000)), 1, "access.denied"},
		} {
			if _, err := h.s.RankAnew(t.Context(), c.who, testkit.AmbonTenant, h.familyOf(c.k), day); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if lost, err := h.s.RankAnew(t.Context(), h.who, testkit.AmbonTenant, h.familyOf(12), day); err != nil || lost.Changed || lost.Score != nil {
			t.Errorf("a family with facts missing: %+v, %v", lost, err)
		}
	})
}
