package duplicates_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// town loads thirty persons of their own and five planted pairs, by row: 1-101 the same
// words without a NIK, 2-102 another spelling and a slip in the NIK, 3-103 one NIK on two
// names (found by the import), 4-104 the same words in the neighbour village, and 5-105, two
// persons the civil registry knows both.
func town(h *house) map[[2]string]duplicates.Kind {
	t := h.t
	var rows []registry.Incoming
	for n := 1; n <= 30; n++ {
		rows = append(rows, row(t, n))
	}
	same, slip, thief, near, twin := again(t, rows[0], 101), again(t, rows[1], 102), again(t, rows[2], 103), again(t, rows[3], 104), again(t, rows[4], 105)
	rows[1].Name, slip.Name = "KRISTINA NURHAYATI TUASIKAL", "CRISTINA NUR HAYATI TUASIKAL"
	slip.NIK = nikOf(t, rows[1].BirthDate, 202) // 0002 became 0202; 0020 might be a twin's
	thief.NIK, thief.Name, thief.BirthDate, thief.MotherName = rows[2].NIK, "ORANG LAIN SEKALI", period.On(1933, 2, 3), "IBU LAIN"
	near.Area = testkit.Neighbour
	twin.NIK = nikOf(t, rows[4].BirthDate, 105)
	h.load(testkit.AmbonTenant, append(rows, same, slip, near, twin)...)
	h.load(testkit.AmbonTenant, thief)
	h.loadCivil(civilRow(rows[4]), civilRow(twin))
	h.run("match")
	return map[[2]string]duplicates.Kind{
		{"1", "101"}: duplicates.Exact, {"2", "102"}: duplicates.Fuzzy, {"3", "103"}: duplicates.Contested, {"4", "104"}: duplicates.Exact,
	}
}

// queued gives the pairs of the district by the rows of their persons, with what is kept of each.
func (h *house) queued() map[[2]string]duplicates.Pair {
	h.t.Helper()
	names := map[sqldb.ID]string{}
	err := sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT row_id, person_id FROM source_record WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var name string
		var id sqldb.ID
		err := r.Scan(&name, &id)
		names[id] = name
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[[2]string]duplicates.Pair{}
	for _, state := range []duplicates.State{duplicates.Open, duplicates.Awaiting, duplicates.Merged, duplicates.Distinct} {
		page, err := h.dup.Queue(h.t.Context(), h.who, duplicates.Filter{State: state, Limit: 200})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, l := range page.Lines {
			key := [2]string{names[l.Left.ID], names[l.Right.ID]}
			if len(key[0]) > len(key[1]) {
				key[0], key[1] = key[1], key[0]
			}
			out[key] = l.Pair
		}
	}
	return out
}

func TestADedupeRunQueuesWhatAPersonShouldLookAt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := town(h)
		r := h.run("dedupe")
		got := h.queued()
		for key, kind := range want {
			p, ok := got[key]
			if !ok || p.Kind != kind || p.State != duplicates.Open || p.Probability <= 0 || p.RightArea == 0 {
				t.Errorf("pair %v: %+v, want %s", key, p, kind)
			}
		}
		if len(got) != len(want) {
			t.Errorf("queued %v, want the %d planted", slices.Collect(maps.Keys(got)), len(want))
		}
		for name, n := range map[string]int64{"persons": 35, "pairs": 3, "exact": 2, "fuzzy": 1, "weighed": 1, "two_civil_persons": 1, "known": 0} {
			if r.Tally[name] != n {
				t.Errorf("tally %s = %d, want %d (%v)", name, r.Tally[name], n, r.Tally)
			}
		}
		if n := h.count(`SELECT count(*) FROM run_item WHERE kabkota = 8171 AND run_id = $1`, r.ID); n != 6 {
			t.Errorf("items = %d, want one for each of the 6 persons of new pairs", n)
		}
		text := h.text(`SELECT reasons FROM link_pair WHERE kabkota = 8171`)
		for _, secret := range []string{"NURHAYATI", "TUASIKAL", h.find("2").NIK.Plain(), "1975"} {
			if strings.Contains(text, secret) {
				t.Errorf("the reasons kept hold a value: %s", secret)
			}
		}
	})
}

// TestThePreviewTellsCostAndExpectation: before a run begins its preview says how many pairs meet, how many are compared, how many
// will be queued and how many of them are expected to be right; a run begun much later searches anew.
func TestThePreviewTellsCostAndExpectation(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		r := h.newRun("dedupe")
		var preview runs.Preview
		if err := json.Unmarshal(r.Preview, &preview); err != nil {
			t.Fatal(err)
		}
		f := preview.Figures
		if f["persons"] != 35 || f["open"] != 1 || f["queue"] != 4 || f["two_civil_persons"] != 1 || f["compared"] < 4 || f["candidates"] < f["compared"] {
			t.Errorf("figures %v", f)
		}
		if f["expected_right"] < 50 || f["expected_right"] > 100 || f["expected_found"] <= 0 || f["expected_found"] > 100 {
			t.Errorf("expectations %v", f)
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE kabkota = 8171`); n != 1 {
			t.Errorf("the preview queued pairs: %d", n)
		}
		h.clock.Move(time.Hour)
		h.load(testkit.AmbonTenant, again(t, row(t, 6), 106))
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if err != nil || r.Tally["persons"] != 36 || r.Tally["pairs"] != 4 {
			t.Errorf("the run an hour later: %v, %v", r.Tally, err)
		}
	})
}

func (h *house) text(query string) string {
	h.t.Helper()
	list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), query, nil, func(r sqldb.Row) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

func TestASecondRunAddsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		h.run("dedupe")
		two := h.queued()[[2]string{"2", "102"}]
		if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: ref(two), Reason: "namesakes"}); err != nil {
			t.Fatal(err)
		}
		one := h.queued()[[2]string{"1", "101"}]
		if _, err := h.merge(h.who, one, one.Left.ID); err != nil {
			t.Fatal(err)
		}
		before := h.queued()
		r := h.run("dedupe")
		if r.Tally["exact"]+r.Tally["fuzzy"]+r.Tally["contested"]+r.Tally["weighed"] != 0 || r.Tally["known"] != 2 {
			t.Errorf("tally of the second run = %v", r.Tally)
		}
		if after := h.queued(); !reflect.DeepEqual(before, after) {
			t.Errorf("pairs changed:\n%+v\n%+v", before, after)
		}
		if after := h.queued()[[2]string{"2", "102"}]; after.State != duplicates.Distinct {
			t.Errorf("a pair found to be two persons is %s", after.State)
		}
	})
}

func ref(p duplicates.Pair) duplicates.Ref { return duplicates.Ref{Tenant: p.Tenant, ID: p.ID} }

// merge merges a pair as it stands now.
func (h *house) merge(who access.Actor, p duplicates.Pair, keep sqldb.ID, take ...duplicates.Field) (duplicates.Merge, error) {
	h.t.Helper()
	in := duplicates.Merging{Pair: ref(p), Keep: keep, Take: take}
	for side, at := range map[duplicates.Ref]*int64{p.Left: &in.LeftVersion, p.Right: &in.RightVersion} {
		one, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), side.Tenant, side.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		*at = one.Version
	}
	return h.dup.Merge(h.t.Context(), who, in)
}

// TestAKilledRunGoesOn: worked one chunk at a time, each by another process, the run ends
// with the same pairs and totals.
func TestAKilledRunGoesOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := town(h)
		h.dup.WithChunk(1)
		r := h.newRun("dedupe")
		steps := 0
		for more := true; more; steps++ {
			var err error
			if r, more, err = h.runs.Step(t.Context(), r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
			h.restart()
			h.dup.WithChunk(1)
		}
		if steps != 4 || r.State != runs.Done || r.Finished != 35 {
			t.Errorf("%d steps, %s, %d persons", steps, r.State, r.Finished)
		}
		if got := h.queued(); len(got) != len(want) {
			t.Errorf("%d pairs, want %d", len(got), len(want))
		}
		if r.Tally["persons"] != 35 || r.Tally["exact"] != 2 || r.Tally["fuzzy"] != 1 || r.Tally["weighed"] != 1 {
			t.Errorf("tally = %v", r.Tally)
		}
	})
}

// TestAMovedPairFollowsItsPersons: the next run lists an open pair where its persons live now.
func TestAMovedPairFollowsItsPersons(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		h.run("dedupe")
		p := h.queued()[[2]string{"1", "101"}]
		for _, side := range []duplicates.Ref{p.Left, p.Right} {
			h.write(txChange(h, side, func(p *registry.Person) { p.Area = testkit.Neighbour }))
		}
		if page, err := h.dup.Queue(t.Context(), operator(3, testkit.Village), duplicates.Filter{Limit: 50}); err != nil || slices.ContainsFunc(page.Lines, func(l duplicates.Line) bool { return l.Pair.ID == p.ID }) {
			t.Errorf("the old village still sees both persons (%v)", err)
		}
		h.run("dedupe")
		page, err := h.dup.Queue(t.Context(), operator(3, testkit.Neighbour), duplicates.Filter{Limit: 50})
		if err != nil || !slices.ContainsFunc(page.Lines, func(l duplicates.Line) bool { return l.Pair.ID == p.ID && l.Left.Visible && l.Right.Visible }) {
			t.Errorf("the new village does not see them (%v)", err)
		}
	})
}

func TestARunStaysInItsArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		h.who = testkit.Person(1, access.Verifier, testkit.Neighbour)
		r, err := h.runs.Create(t.Context(), h.who, runs.NewRun{Kind: "dedupe", Tenant: testkit.AmbonTenant, Area: testkit.Neighbour})
		if err == nil {
			r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID)
		}
		if err == nil {
			r, err = h.runs.Submit(t.Context(), h.who, r.Tenant, r.ID)
		}
		if err == nil {
			r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		}
		if err != nil || r.Total != 1 || r.Tally["persons"] != 1 {
			t.Errorf("total %d, tally %v, %v; want the one person of the village", r.Total, r.Tally, err)
		}
		if _, err := h.runs.Create(t.Context(), operator(2, testkit.Ambon), runs.NewRun{Kind: "dedupe", Tenant: testkit.AmbonTenant, Area: testkit.Ambon}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("an operator made a run: %v", err)
		}
	})
}

// TestTheKindOfAPair has one case for each way two records agree.
func TestTheKindOfAPair(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		var rows []registry.Incoming
		for n := 1; n <= 24; n++ {
			rows = append(rows, row(t, n))
		}
		noMother, otherMother, joined, typed := again(t, rows[0], 101), again(t, rows[1], 102), again(t, rows[2], 103), again(t, rows[3], 104)
		noMother.MotherName = ""
		otherMother.MotherName, otherMother.NIK = "YULIANA ZUBAIDAH", nikOf(t, rows[1].BirthDate, 77)
		rows[2].Name, joined.Name = "NUR HAYATI SAHETAPY", "NURHAYATI SAHETAPY"
		h.load(testkit.AmbonTenant, append(rows, noMother, otherMother, joined, typed)...)
		// An operator types a NIK that somebody holds: no import has paired the two.
		p := h.find("104")
		nik := rows[3].NIK
		if _, err := h.civil.Mend(t.Context(), h.who, civilMending(p, nik)); err != nil {
			t.Fatal(err)
		}
		h.run("dedupe")
		got := h.queued()
		for key, want := range map[[2]string]duplicates.Kind{
			{"1", "101"}: duplicates.Exact, {"2", "102"}: duplicates.Fuzzy, {"3", "103"}: duplicates.Exact, {"4", "104"}: duplicates.Contested,
		} {
			if got[key].Kind != want {
				t.Errorf("pair %v is %q, want %s", key, got[key].Kind, want)
			}
		}
	})
}

func TestTheResultDoesNotDependOnTheProcess(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		town(h)
		r := h.newRun("dedupe")
		var cursors [2][]string
		for i := range cursors {
			h.restart()
			kind := h.dup.DedupeKind()
			for cursor := ""; ; {
				chunk, err := kind.Prepare(t.Context(), r, cursor)
				if err != nil {
					t.Fatal(err)
				}
				cursors[i] = append(cursors[i], fmt.Sprint(chunk.Next, chunk.Units, chunk.Last))
				if cursor = chunk.Next; chunk.Last {
					break
				}
			}
		}
		if !slices.Equal(cursors[0], cursors[1]) || len(cursors[0]) != 2 {
			t.Errorf("chunks differ: %v", cursors)
		}
	})
}
