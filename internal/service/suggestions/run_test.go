package suggestions_test

import (
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// slip is one person with one thing wrong, and what the bench says of it.
type slip struct {
	name    string
	damage  func(*testing.T, *registry.Incoming)
	outcome suggestions.Outcome
	causes  []suggestions.Cause
	ownNIK  bool
}

func slips() []slip {
	return []slip{
		{"a word of the name is cut", func(_ *testing.T, r *registry.Incoming) { r.Name = "MARIA L" }, suggestions.Found, []suggestions.Cause{suggestions.NameShort}, true},
		{"day and month change places", func(_ *testing.T, r *registry.Incoming) { r.BirthDate = period.On(1953, 4, 2) }, suggestions.Found, []suggestions.Cause{suggestions.BirthSwap}, true},
		{"the sex is the other one", func(_ *testing.T, r *registry.Incoming) { r.Sex = person.Male }, suggestions.Found, []suggestions.Cause{suggestions.SexDiffers}, true},
		{"one digit of the NIK", func(t *testing.T, r *registry.Incoming) { r.NIK = nikOf(t, r.BirthDate, r.Sex, 811) }, suggestions.Found, []suggestions.Cause{suggestions.NIKDigit}, false},
		{"no NIK at all", func(_ *testing.T, r *registry.Incoming) { r.NIK = person.NIK{} }, suggestions.Found, []suggestions.Cause{suggestions.NIKMissing}, false},
		{"the card is an old one", func(t *testing.T, r *registry.Incoming) { r.KK = kkOf(t, 900) }, suggestions.Found, []suggestions.Cause{suggestions.CardDiffers}, true},
		{"a title stands before the name", func(_ *testing.T, r *registry.Incoming) { r.Name = "HJ. " + r.Name }, suggestions.Found, []suggestions.Cause{suggestions.NameForm}, true},
		{"nobody of hers is there", func(t *testing.T, r *registry.Incoming) {
			*r = registry.Incoming{Source: "UJI", SourceDate: "2023", RowID: r.RowID, KK: kkOf(t, 901), NIK: nikOf(t, period.On(2001, 12, 30), person.Female, 77),
				Name: "XENA WAROMI", Sex: person.Female, BirthDate: period.On(2001, 12, 30), Relation: person.Head, Area: testkit.Village, VillageID: 7}
		}, suggestions.Nobody, []suggestions.Cause{suggestions.Unknown}, false},
	}
}

// fill loads one person a slip, with the civil registry as she should be, and one who matches.
func (h *house) fill() {
	h.t.Helper()
	var ours []registry.Incoming
	var theirs []civil.CivilRow
	for k, one := range slips() {
		r := row(h.t, k)
		if k == 1 {
			r.BirthDate = period.On(1953, 2, 4)
			r.NIK = nikOf(h.t, r.BirthDate, r.Sex, 137)
		}
		theirs = append(theirs, civilRow(r))
		one.damage(h.t, &r)
		ours = append(ours, r)
	}
	well := row(h.t, 9)
	h.load(append(ours, well)...)
	h.loadCivil(append(theirs, civilRow(well))...)
}

func TestARunSaysWhoItIsAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		before := h.drive(h.newRun("match", civil.MatchSettings{}))
		r := h.drive(h.newRun("suggest", map[string]any{}))
		if r.Tally["persons"] != 8 || r.Tally["suggestions_found"] != 7 || r.Tally["suggestions_nobody"] != 1 {
			t.Fatalf("the run says %v", r.Tally)
		}
		for k, one := range slips() {
			p := h.find(row(t, k).RowID)
			_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !g.Fresh || g.Outcome != one.outcome || !slices.Equal(g.Causes, one.causes) || g.OwnNIK != one.ownNIK {
				t.Errorf("%s: fresh %v, outcome %d, causes %v, own NIK %v", one.name, g.Fresh, g.Outcome, g.Causes, g.OwnNIK)
			}
			if one.outcome == suggestions.Found && (g.Probability < 0.9 || string(g.Civil.Civil.Name) != row(t, k).Name) {
				t.Errorf("%s: found %q at %.3f", one.name, g.Civil.Civil.Name, g.Probability)
			}
		}
		// Matching is decided by the field rules alone: the run changes no status and no person.
		after := h.drive(h.newRun("match", civil.MatchSettings{}))
		for _, status := range civilmatch.Statuses() {
			if before.Tally[status.Code()] != after.Tally[status.Code()] {
				t.Errorf("%s: %d before, %d after", status, before.Tally[status.Code()], after.Tally[status.Code()])
			}
		}
		if n := h.count(`SELECT count(*) FROM person WHERE version > 1`); n != 0 {
			t.Errorf("%d persons were changed", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'suggest.chunk' AND actor_id = $1`, sqldb.ID(h.who.ID)); n != 4 {
			t.Errorf("%d chunks of two are in the log, want 4", n)
		}
	})
}

func TestNothingIsKeptInTheClear(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		p := h.find(row(t, 3).RowID)
		var document []byte
		err := db.Direct().QueryRow(t.Context(), `SELECT document FROM match_suggestion WHERE kabkota = $1 AND person_id = $2`, int64(p.Tenant), p.ID).Scan(&document)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := h.keys.Open("match_suggestion", document); err != nil || len(plain) == 0 {
			t.Fatalf("the document does not open: %v", err)
		}
		if slices.Contains(document, '{') && len(document) > 2 && document[0] == '{' {
			t.Error("the document is in the clear")
		}
	})
}

func TestAnOldSuggestionIsNotShown(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		p := h.find("0")
		look := func() suggestions.Suggested {
			t.Helper()
			_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		queued := func() (n int) {
			t.Helper()
			list, err := h.bench.Queue(t.Context(), h.who, suggestions.Filter{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 8 {
				t.Fatalf("%d lines in the queue, want 8", len(list))
			}
			for _, l := range list {
				if l.Rank > 0 {
					n++
				}
			}
			return n
		}
		if g := look(); !g.Fresh || queued() != 8 {
			t.Fatalf("fresh %v, %d ranked", g.Fresh, queued())
		}
		// Her own record changes and she still does not match.
		other := "MARIA LATU"
		if _, err := h.civil.Mend(t.Context(), operator(testkit.Village), civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &other, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		if g := look(); g.Fresh || !g.Made || len(g.Causes) > 0 || queued() != 7 {
			t.Errorf("after her record changed: fresh %v, causes %v, %d ranked", g.Fresh, g.Causes, queued())
		}
		h.suggest()
		if g := look(); !g.Fresh || queued() != 8 {
			t.Errorf("after another run: fresh %v, %d ranked", g.Fresh, queued())
		}
		// The civil file changes.
		h.clock.Move(time.Second)
		h.loadCivil(civilRow(row(t, 9)))
		if g := look(); g.Fresh || queued() != 0 {
			t.Errorf("after the civil file changed: fresh %v, %d ranked", g.Fresh, queued())
		}
	})
}

func TestARunGoesOnWhereItStoppedAndCanBeUndone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.drive(h.newRun("match", civil.MatchSettings{}))
		r := h.newRun("suggest", map[string]any{})
		if _, more, err := h.runs.Step(t.Context(), r.Tenant, r.ID); err != nil || !more {
			t.Fatalf("more %v: %v", more, err)
		}
		h.use(civil.NewFile(h.keys, civilmatch.FullValues)) // a new process
		r = h.drive(r)
		if n := h.count(`SELECT count(*) FROM match_suggestion`); n != 8 || r.Tally["persons"] != 8 {
			t.Fatalf("%d suggestions, the run says %v", n, r.Tally)
		}
		if _, err := h.runs.Undo(t.Context(), h.who, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.State != runs.Undone {
			t.Fatalf("%s: %v", r.State, err)
		}
		if n := h.count(`SELECT count(*) FROM match_suggestion`); n != 0 {
			t.Errorf("%d suggestions after the undo", n)
		}
	})
}

func TestWhoMatchesByNowIsForgotten(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		p := h.find("0")
		name := row(t, 0).Name
		if _, err := h.civil.Mend(t.Context(), operator(testkit.Village), civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &name, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		r := h.drive(h.newRun("suggest", map[string]any{}))
		if n := h.count(`SELECT count(*) FROM match_suggestion`); n != 7 || r.Tally["suggestions_gone"] != 1 {
			t.Errorf("%d suggestions, the run says %v", n, r.Tally)
		}
	})
}

func TestOnlyWhoMayMatchLooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	_, err := h.runs.Create(t.Context(), operator(testkit.Village), runs.NewRun{Kind: "suggest", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: map[string]any{}})
	if fail.CodeOf(err) != "access.denied" {
		t.Errorf("an operator starts a run: %v", err)
	}
	h.fill()
	h.suggest()
	p := h.find("0")
	if _, _, err := h.bench.Open(t.Context(), operator(testkit.Village+1), p.Tenant, p.ID); fail.CodeOf(err) != "access.denied" {
		t.Errorf("the operator of another village opens the page: %v", err)
	}
	if list, err := h.bench.Queue(t.Context(), operator(testkit.Village+1), suggestions.Filter{Limit: 50}); err != nil || len(list) != 0 {
		t.Errorf("the operator of another village sees %d lines: %v", len(list), err)
	}
	if _, err := h.bench.Queue(t.Context(), testkit.Person(5, access.Admin, testkit.Ambon), suggestions.Filter{}); fail.CodeOf(err) != "access.denied" {
		t.Errorf("an administrator sees the queue: %v", err)
	}
}

func TestAFileTooLargeIsSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.fill()
	h.drive(h.newRun("match", civil.MatchSettings{}))
	h.bench.WithMost(3)
	r := h.newRun("suggest", map[string]any{})
	if r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); fail.CodeOf(err) != "civil.too_large" || r.State != runs.Failed {
		t.Errorf("run is %s: %v", r.State, err)
	}
}
