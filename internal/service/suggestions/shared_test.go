package suggestions_test

import (
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// beside is a second bearer of a NIK and what the test says of the two.
type beside struct {
	rows   func(her, other registry.Incoming) [][]registry.Incoming // as they are loaded, one call each
	shared bool                                                     // two bear the NIK
}

// besides are the ways in which a NIK stands twice.
func besides(moved person.KK) map[string]beside {
	apart := func(other registry.Incoming) registry.Incoming { // a slip in the birth date makes her a person of her own
		other.BirthDate = period.On(other.BirthDate.Year(), other.BirthDate.Month(), other.BirthDate.Day()+1)
		return other
	}
	return map[string]beside{
		"two persons": {func(her, other registry.Incoming) [][]registry.Incoming {
			return [][]registry.Incoming{{her}, {apart(other)}}
		}, true},
		"two persons of one chunk": {func(her, other registry.Incoming) [][]registry.Incoming {
			return [][]registry.Incoming{{her, apart(other)}}
		}, true},
		"two rows of one chunk": {func(her, other registry.Incoming) [][]registry.Incoming { return [][]registry.Incoming{{her, other}} }, true},
		"two rows of two chunks": {func(her, other registry.Incoming) [][]registry.Incoming {
			return [][]registry.Incoming{{other}, {her}}
		}, true},
		"two rows of one name": {func(her, other registry.Incoming) [][]registry.Incoming {
			other.Name = her.Name
			return [][]registry.Incoming{{her, other}}
		}, false},
		"two cards": {func(her, other registry.Incoming) [][]registry.Incoming {
			her.KK = moved
			return [][]registry.Incoming{{other}, {her}}
		}, false},
		"two cards of one chunk": {func(her, other registry.Incoming) [][]registry.Incoming {
			other.KK = moved
			return [][]registry.Incoming{{her, other}}
		}, false},
		"two lists": {func(her, other registry.Incoming) [][]registry.Incoming {
			other.SourceDate = "2022"
			return [][]registry.Incoming{{other}, {her}}
		}, false},
		"two sources": {func(her, other registry.Incoming) [][]registry.Incoming {
			other.Source = "LAIN"
			return [][]registry.Incoming{{her, other}}
		}, false},
	}
}

// TestANIKOfTwoIsHeld: where two persons of the registry bear one NIK, or two rows of one list, of one card and birth date but two names,
// nobody is given the name of the civil registry in a batch: it may be the other's. By a run and by hand a person is told why. Somebody
// whom another list, or another card, spells in another way is mended as before.
func TestANIKOfTwoIsHeld(t *testing.T) {
	t.Parallel()
	for name, c := range besides(kkOf(t, 99)) {
		for _, names := range [][2]string{{"RENDI LATUHERU", "RANDI LATUHERU"}, {"SITI AISYAH", "SITI ASIYAH"}} {
			t.Run(name+"/"+names[0], func(t *testing.T) {
				t.Parallel()
				testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
					h := newHouse(t, db)
					her, other := twinsOf(t, names[0], names[1])
					h.loadCivil(civilRow(other)) // she is unknown there
					her.NIK = other.NIK
					for _, rows := range c.rows(her, other) {
						h.load(rows...)
					}
					h.suggest()
					p := h.find("one")
					if p.Name != her.Name {
						t.Fatalf("%s stands as %s", her.Name, p.Name)
					}
					for _, how := range []string{"by a run", "by hand"} {
						_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
						if err != nil || (g.Outcome == suggestions.Unsure && slices.Contains(g.Causes, suggestions.SharedNIK)) != c.shared {
							t.Errorf("%s: %v of %v: %v", how, g.Outcome, g.Causes, err)
						}
						if how == "by a run" {
							if n, err := h.bench.RenewFamily(t.Context(), h.who, p.Tenant, p.FamilyID); err != nil || n == 0 {
								t.Fatal(n, err)
							}
						}
					}
					h.approved(h.batch())
					if got := h.find("one").Name; (got == her.Name) != c.shared {
						t.Errorf("%s became %s", her.Name, got)
					}
				})
			})
		}
	}
}

// TestANIKClaimedSinceIsHeld: whose NIK another claims after the suggestions were worked out is left by the batch: its preview says so, and
// so does the batch where she claims it after the preview.
func TestANIKClaimedSinceIsHeld(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"before the preview": false, "after the preview": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				her, other := twinsOf(t, "RENDI LATUHERU", "RANDI LATUHERU")
				h.loadCivil(civilRow(other))
				her.NIK = other.NIK
				other.BirthDate = period.On(other.BirthDate.Year()+1, other.BirthDate.Month(), other.BirthDate.Day())
				h.load(her)
				h.suggest()
				if !late {
					h.load(other)
				}
				r := h.batch()
				if want := map[bool]string{false: `"mend_shared":1`, true: `"mend":1`}[late]; !strings.Contains(string(r.Preview), want) {
					t.Errorf("the preview says %s, want %s", r.Preview, want)
				}
				if late {
					h.load(other)
				}
				r = h.approved(r)
				if p := h.find("one"); p.Name != her.Name || r.Tally["mended"] != 0 || r.Tally["mend_shared"] != 1 {
					t.Errorf("%s became %s: %v", her.Name, p.Name, r.Tally)
				}
			})
		})
	}
}

// TestTheQueueAsksWhoClaimsANIK: whom somebody's claim to her NIK, or to the NIK found for her, makes doubtful stands in the queue and on
// her own page as doubtful at once, not only after the next run; those beside her stay as sure as they were.
func TestTheQueueAsksWhoClaimsANIK(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own  bool // she has the NIK found for her
		want suggestions.Cause
	}{"the NIK she has": {true, suggestions.SharedNIK}, "the NIK found for her": {false, suggestions.Taken}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				her, beside := row(t, 0), row(t, 1)
				h.loadCivil(civilRow(her), civilRow(beside))
				claims := row(t, 4)
				claims.NIK = her.NIK
				her.Name, beside.Name = her.Name[:len(her.Name)-1], beside.Name[:len(beside.Name)-1]
				if !c.own {
					her.NIK = nikOf(t, her.BirthDate, her.Sex, 101)
				}
				h.load(her, beside)
				h.suggest()
				sure := func(line suggestions.Line) bool { return line.Outcome == suggestions.Found }
				list := h.queue(suggestions.Filter{})
				if len(list) != 2 || !sure(list[0]) || !sure(list[1]) {
					t.Fatalf("the queue is %+v", list)
				}
				overtaken := func() bool {
					t.Helper()
					yes, err := h.bench.Overtaken(t.Context(), db.Direct(), testkit.AmbonTenant, testkit.Ambon)
					if err != nil {
						t.Fatal(err)
					}
					return yes
				}
				if overtaken() {
					t.Error("before anybody claimed anything the run is overtaken")
				}
				h.load(claims)
				if !overtaken() {
					t.Error("the claim does not overtake the run")
				}
				p := h.find("0")
				for _, f := range []suggestions.Filter{{}, {ByArea: true}, {Area: testkit.Village}} {
					for _, line := range h.queue(f) {
						doubted := line.Causes[0] == c.want && (line.Outcome == suggestions.Unsure) == c.own
						if line.Rank != 0 && doubted != (line.PersonID == p.ID) {
							t.Errorf("by area %v, %s: %v of %v", f.ByArea, line.Name, line.Outcome, line.Causes)
						}
					}
				}
				_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
				if err != nil || (g.Outcome == suggestions.Unsure) != c.own || g.Taken == c.own || g.Causes[0] != c.want {
					t.Errorf("her page says %v of %v: %v", g.Outcome, g.Causes, err)
				}
				if h.suggest(); c.own { // and the run says the same, once
					_, g, err = h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
					if err != nil || len(g.Causes) != 2 || g.Causes[0] != c.want {
						t.Errorf("after a run her page says %v: %v", g.Causes, err)
					}
				}
				if overtaken() {
					t.Error("the run knows the claim, and is overtaken still")
				}
				if c.own {
					return
				}
				if list := h.queue(suggestions.Filter{Cause: c.want}); len(list) != 1 || list[0].PersonID != p.ID {
					t.Errorf("after the run the filter finds %+v", list)
				}
			})
		})
	}
}
