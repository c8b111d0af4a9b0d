package suggestions_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// spelled is a repair that leaves a slip in a name.
func (h *house) spelled(rowID, name string) (civil.Bench, error) {
	h.t.Helper()
	p := h.find(rowID)
	return h.bench.Mend(h.t.Context(), operator(testkit.Village), civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &name, Document: "ktp"})
}

func (h *house) open(rowID string) suggestions.Suggested {
	h.t.Helper()
	p := h.find(rowID)
	_, g, err := h.bench.Open(h.t.Context(), h.who, p.Tenant, p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

// TestWhoIsMendedByHandIsLookedForAtOnce: a repair that does not help leaves a suggestion that is up to date, the one a run
// gives, in another process too, and logged.
func TestWhoIsMendedByHandIsLookedForAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		h.use(civil.NewFile(h.keys, civilmatch.FullValues)) // another process, on the same files
		if _, err := h.spelled("2", "SITI RUMAKATT"); err != nil {
			t.Fatal(err)
		}
		now := h.open("2")
		if !now.Fresh || now.Outcome != suggestions.Found || !slices.Contains(now.Causes, suggestions.NameSpelled) || string(now.Civil.Civil.Name) != row(t, 2).Name || !now.OwnNIK {
			t.Fatalf("after the repair: %+v", now)
		}
		if list := h.queue(suggestions.Filter{Cause: suggestions.NameSpelled}); len(list) != 1 {
			t.Errorf("%d lines of her cause in the queue", len(list))
		}
		h.drive(h.newRun("suggest", map[string]any{}))
		then := h.open("2")
		if then.Outcome != now.Outcome || !slices.Equal(then.Causes, now.Causes) || math.Abs(then.Probability-now.Probability) > 0.01 || then.NIK != now.NIK || then.Taken != now.Taken {
			t.Errorf("a run says %+v, at once it was %+v", then, now)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'civil.suggest' AND facts = '{"persons":1}'`); n != 1 {
			t.Errorf("%d entries in the log", n)
		}
		p := h.find("2")
		if _, err := h.bench.RenewFamily(t.Context(), operator(testkit.Neighbour), p.Tenant, p.FamilyID); fail.CodeOf(err) != "access.denied" {
			t.Errorf("by an operator of another village: %v", err)
		}
	})
}

// TestNobodyIsLookedForInAnOldFile: of another civil file, without an index or with a torn one a repair is kept all the same,
// and what is suggested waits for the next run.
func TestNobodyIsLookedForInAnOldFile(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(h *house, index string){
		"another civil file": func(h *house, _ string) {
			h.clock.Move(1e9)
			h.loadCivil(civilRow(row(h.t, 15)))
		},
		"no index":        func(_ *house, index string) { _ = os.Remove(index) },
		"no key":          func(_ *house, index string) { _ = os.Remove(index + ".key") },
		"a torn index":    func(_ *house, index string) { _ = os.Truncate(index, 5000) },
		"an altered page": func(h *house, index string) { h.alter(index) },
		"a key that is not to be read": func(h *house, index string) {
			if err := errors.Join(os.Remove(index+".key"), os.Mkdir(index+".key", 0o700)); err != nil {
				h.t.Fatal(err)
			}
			h.use(civil.NewFile(h.keys, civilmatch.FullValues)) // another process
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, testkit.SQLite(t))
			h.fill()
			h.suggest()
			spoil(h, filepath.Join(h.dir, "civil-8171.index"))
			if _, err := h.spelled("2", "SITI RUMAKATT"); err != nil {
				t.Fatal(err)
			}
			if g := h.open("2"); g.Fresh {
				t.Errorf("a suggestion stands: %+v", g)
			}
		})
	}
}

// TestAnIndexCutOffWhileItIsInUseIsLeftToTheNextRun: the repair is kept, the process goes on, and after the next run looks at once again.
func TestAnIndexCutOffWhileItIsInUseIsLeftToTheNextRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.fill()
	h.suggest()
	for i, step := range []struct {
		before func()
		fresh  bool
	}{
		{func() {}, true},
		{func() { _ = os.Truncate(filepath.Join(h.dir, "civil-8171.index"), 0) }, false},
		{func() { h.suggest() }, true},
	} {
		step.before()
		if _, err := h.spelled("2", "SITI RUMAKAT"+strings.Repeat("T", i+1)); err != nil {
			t.Fatal(err)
		}
		if g := h.open("2"); g.Fresh != step.fresh {
			t.Errorf("step %d: %+v", i, g)
		}
	}
}

// alter changes a byte in each page of a file but the first.
func (h *house) alter(path string) {
	h.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	for at := 700; at < len(content)-600; at += 512 {
		content[at] ^= 1
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// TestHintsAreRenewedAtOnceWithoutACivilFile: where nobody can be looked for, what our own record shows is worked out anew with
// the repair.
func TestHintsAreRenewedAtOnceWithoutACivilFile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.use(civil.NewFile(h.keys, civilmatch.YesNo))
		h.suggest()
		if _, err := h.spelled("0", "MARIA LATUP"); err != nil {
			t.Fatal(err)
		}
		if g := h.open("0"); !g.Fresh || g.Outcome != suggestions.NotSought {
			t.Errorf("after the repair: %+v", g)
		}
	})
}
