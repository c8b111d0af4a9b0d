package civil_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// oneOfEach loads one person for every status an imported file can give, and says which.
func oneOfEach(h *house) map[string]civilmatch.Status {
	t := h.t
	want := map[string]civilmatch.Status{}
	var rows []registry.Incoming
	var civilRows []civil.CivilRow
	next := 0
	add := func(status civilmatch.Status, damage func(*registry.Incoming, *civil.CivilRow) bool) {
		next++
		r := row(t, next, 1)
		c := civilRow(r)
		known := damage(&r, &c)
		rows = append(rows, r)
		if known {
			civilRows = append(civilRows, c)
		}
		want[r.RowID] = status
	}
	state := func(s civilmatch.State) func(*registry.Incoming, *civil.CivilRow) bool {
		return func(_ *registry.Incoming, c *civil.CivilRow) bool { c.Status = s; return true }
	}
	add(civilmatch.NIKEmpty, func(r *registry.Incoming, _ *civil.CivilRow) bool { r.NIK = person.NIK{}; return true })
	add(civilmatch.NIKInvalid, func(r *registry.Incoming, _ *civil.CivilRow) bool {
		r.NIK, r.RawNIK = person.NIK{}, "8,17101E+15"
		return true
	})
	add(civilmatch.NIKNotFound, func(*registry.Incoming, *civil.CivilRow) bool { return false })
	add(civilmatch.NIKAnomaly, state(civilmatch.IsAnomalous))
	add(civilmatch.NIKDouble, state(civilmatch.IsDouble))
	add(civilmatch.NameDiffers, func(_ *registry.Incoming, c *civil.CivilRow) bool { c.Name = "SITI LAIN"; return true })
	add(civilmatch.BirthDateDiffers, func(_ *registry.Incoming, c *civil.CivilRow) bool { c.BirthDate = period.On(1951, 5, 7); return true })
	add(civilmatch.SexDiffers, func(_ *registry.Incoming, c *civil.CivilRow) bool { c.Sex = person.Male; return true })
	add(civilmatch.Dead, state(civilmatch.IsDead))
	add(civilmatch.Moved, state(civilmatch.HasMoved))
	add(civilmatch.KKDiffers, func(_ *registry.Incoming, c *civil.CivilRow) bool { c.KK = kkOf(t, 900); return true })
	add(civilmatch.NotRecorded, state(civilmatch.Unrecorded))
	add(civilmatch.NIKFound, func(_ *registry.Incoming, c *civil.CivilRow) bool { c.Name = ""; return true })
	add(civilmatch.Matched, func(*registry.Incoming, *civil.CivilRow) bool { return true })
	add(civilmatch.Matched, func(r *registry.Incoming, _ *civil.CivilRow) bool { r.Name = "siti  uji, " + r.Name[9:]; return true })
	h.load(rows...)
	h.loadCivil(civilRows...)
	// Two persons with one NIK: the second is contested, and so in doubt.
	thief := row(t, 80, 1)
	thief.NIK, thief.Name, thief.BirthDate = rows[13].NIK, "ORANG LAIN", period.On(1933, 1, 2)
	h.load(thief)
	want[thief.RowID] = civilmatch.NIKDouble
	return want
}

func TestEveryStatusIsFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		r := h.match()
		tally := runs.Tally{"persons": int64(len(want)), "changed": int64(len(want))}
		for rowID, status := range want {
			p := h.find(rowID)
			if p.Match != status {
				t.Errorf("row %s is %v, want %v", rowID, p.Match, status)
			}
			if p.Version != 1 {
				t.Errorf("row %s has version %d: a status is no change of the person", rowID, p.Version)
			}
			if p.MatchedAt.IsZero() {
				t.Errorf("row %s does not say when it was compared", rowID)
			}
			tally[status.Code()]++
		}
		if !maps.Equal(r.Tally, tally) {
			t.Errorf("tally = %v, want %v", r.Tally, tally)
		}
		h.checkCounts("after the match")
		if n := h.count(`SELECT count(*) FROM run_item WHERE kabkota = 8171 AND run_id = $1`, r.ID); n != 13 {
			t.Errorf("items = %d, want one for each of the 13 who do not match", n)
		}
	})
}

// TestTheRunDecidesAsTheRulesDo: the run compares hashes beside the persons, the repair page
// compares values; both must say the same in every mode.
func TestTheRunDecidesAsTheRulesDo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		for _, mode := range []civilmatch.Mode{civilmatch.FullValues, civilmatch.YesNo, civilmatch.FoundOnly} {
			h.use(civil.NewFile(h.keys, mode))
			h.match()
			h.checkCounts(fmt.Sprint("mode ", mode))
			for rowID := range want {
				p := h.find(rowID)
				b, err := h.civil.Open(t.Context(), h.who, p.Tenant, p.ID)
				if err != nil {
					t.Fatal(err)
				}
				if b.Result.Status != p.Match || b.Result.Differs != p.MatchFields {
					t.Errorf("mode %d, row %s: the run says %v (%v), the page %v (%v)", mode, rowID, p.Match, p.MatchFields, b.Result.Status, b.Result.Differs)
				}
			}
		}
	})
}

func TestMatchingAgainWritesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		oneOfEach(h)
		h.match()
		before := h.rows()
		h.clock.Move(1e9)
		r := h.match()
		if r.Tally["changed"] != 0 {
			t.Errorf("changed = %d on the second run", r.Tally["changed"])
		}
		if after := h.rows(); !reflect.DeepEqual(before, after) {
			t.Errorf("rows changed:\n%v\n%v", before, after)
		}
		if n := h.count(`SELECT count(*) FROM run_item WHERE kabkota = 8171 AND run_id = $1`, r.ID); n != 0 {
			t.Errorf("items of a run that changed nothing = %d", n)
		}
	})
}

// rows gives what could change of every person and family, in order.
func (h *house) rows() (out []string) {
	h.t.Helper()
	for _, query := range []string{
		`SELECT CAST(version AS TEXT) || ' ' || CAST(recorded_at AS TEXT) || ' ' || CAST(match_status AS TEXT) || ' ' || CAST(match_fields AS TEXT) || ' ' || CAST(matched_at AS TEXT)
			FROM person WHERE kabkota = 8171 ORDER BY id`,
		`SELECT CAST(version AS TEXT) || ' ' || CAST(persons AS TEXT) || ' ' || CAST(unmatched AS TEXT) FROM family WHERE kabkota = 8171 ORDER BY id`,
	} {
		list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), query, nil, func(r sqldb.Row) (s string, err error) {
			err = r.Scan(&s)
			return s, err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, list...)
	}
	return out
}

// stopper ends the run's context after so many persons, as a kill between two commits does.
type stopper struct {
	left   int64
	cancel context.CancelFunc
}

func (s *stopper) Total(int64) {}

func (s *stopper) Add(n int64) {
	if s.left -= n; s.left <= 0 {
		s.cancel()
	}
}

func TestAKilledRunGoesOnWithEqualTotals(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		r := h.newRun(civil.MatchSettings{})
		kills := 0
		for !r.State.Ended() {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := h.runs.Drive(ctx, r.Tenant, r.ID, &stopper{left: r.Finished + 3, cancel: cancel})
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if r, err = h.runs.Show(t.Context(), h.who, r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
			kills++
			h.checkCounts("after a kill")
			h.use(civil.NewFile(h.keys, civilmatch.FullValues)) // another process
		}
		if kills < 4 {
			t.Fatalf("killed only %d times", kills)
		}
		tally := runs.Tally{"persons": int64(len(want)), "changed": int64(len(want))}
		for _, status := range want {
			tally[status.Code()]++
		}
		if !maps.Equal(r.Tally, tally) || r.Finished != int64(len(want)) {
			t.Errorf("tally = %v of %d persons, want %v", r.Tally, r.Finished, tally)
		}
	})
}

func TestWhoeverChangedMeanwhileIsLeftOut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r1, r2, r3 := row(t, 1, 1), row(t, 1, 2), row(t, 1, 3)
		h.load(r1, r2, r3)
		wrong := civilRow(r1)
		wrong.Name = "SITI LAIN"
		other := civilRow(r2)
		other.Name = "SITI LAIN JUGA"
		h.loadCivil(wrong, other, civilRow(r3))
		run := h.newRun(civil.MatchSettings{})
		kind := h.civil.MatchKind()
		first, err1 := kind.Prepare(t.Context(), run, "")
		second, err2 := kind.Prepare(t.Context(), run, "") // another run over the same persons
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		p := h.find("1-1")
		name := "SITI LAIN"
		if _, err := h.civil.Mend(t.Context(), h.who, civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &name, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		apply := func(c runs.Chunk) (tally runs.Tally) {
			h.write(func(tx *act.Tx) (err error) {
				tally, err = c.Apply(t.Context(), tx)
				return err
			})
			return tally
		}
		if got := apply(first); got["changed"] != 2 || got["changed_meanwhile"] != 1 {
			t.Errorf("first run = %v, want 2 changed, 1 left out", got)
		}
		h.checkCounts("after the first run")
		if got := apply(second); got["changed"] != 0 || got["changed_meanwhile"] != 3 {
			t.Errorf("second run = %v, want 0 changed, 3 left out", got)
		}
		h.checkCounts("after the second run")
		if p := h.find("1-1"); p.Match != civilmatch.Matched || p.Version != 2 {
			t.Errorf("the mended person is %v, version %d: the run overwrote her", p.Match, p.Version)
		}
	})
}

// TestTwoRunsOverTheSamePersonsCountOnce: both saw everybody as she was before either wrote.
func TestTwoRunsOverTheSamePersonsCountOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1), row(t, 1, 2))
		run := h.newRun(civil.MatchSettings{})
		kind := h.civil.MatchKind()
		first, err1 := kind.Prepare(t.Context(), run, "")
		second, err2 := kind.Prepare(t.Context(), run, "")
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i, chunk := range []runs.Chunk{first, second} {
			h.write(func(tx *act.Tx) error {
				tally, err := chunk.Apply(t.Context(), tx)
				if want := int64(2 - 2*i); tally["changed"] != want {
					t.Errorf("run %d changed %d, want %d", i+1, tally["changed"], want)
				}
				return err
			})
			h.checkCounts(fmt.Sprint("after run ", i+1))
		}
	})
}

func TestARunStaysInItsArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		here, there := row(t, 1, 1), row(t, 2, 1)
		there.Area = testkit.Neighbour
		h.load(here, there)
		h.who = testkit.Person(1, access.Verifier, testkit.Village)
		r, err := h.runs.Create(t.Context(), h.who, runs.NewRun{Kind: "match", Tenant: testkit.AmbonTenant, Area: testkit.Village})
		if err != nil {
			t.Fatal(err)
		}
		if r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); err != nil || r.Total != 1 {
			t.Fatalf("preview of %d persons, %v; want 1", r.Total, err)
		}
		if r, err = h.runs.Submit(t.Context(), h.who, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if _, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil {
			t.Fatal(err)
		}
		if p := h.find("2-1"); p.Match != civilmatch.Pending {
			t.Errorf("the neighbour's person was compared: %v", p.Match)
		}
		if p := h.find("1-1"); p.Match != civilmatch.NIKNotFound {
			t.Errorf("the village's person is %v", p.Match)
		}
	})
}

func TestANewerCivilRowReplacesTheOlder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := row(t, 1, 1)
		h.load(r)
		old, current := civilRow(r), civilRow(r)
		old.Name, old.AsOf, current.AsOf = "SITI DULU", "2020-01-01", "2024-02-02"
		h.loadCivil(current, old) // the older one stands later in the file
		h.loadCivil(old)
		if h.match(); h.find("1-1").Match != civilmatch.Matched {
			t.Errorf("an older civil row counted: %v", h.find("1-1").Match)
		}
	})
}

// TestAMatchRunNeedsItsPermission: the operator mends, she does not match.
func TestAMatchRunNeedsItsPermission(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		_, err := h.runs.Create(t.Context(), operator(testkit.Ambon), runs.NewRun{Kind: "match", Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
		if !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("err = %v", err)
		}
	})
}
