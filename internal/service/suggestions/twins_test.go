package suggestions_test

import (
	"slices"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// twinsOf makes two sisters of one birth, card and mother, whose names differ in a letter or a word and whose NIKs follow each other.
func twinsOf(t *testing.T, nameA, nameB string) (one, two registry.Incoming) {
	t.Helper()
	one, two = row(t, 0), row(t, 0)
	one.RowID, two.RowID = "one", "two"
	one.Name, two.Name = nameA, nameB
	one.NIK, two.NIK = nikOf(t, one.BirthDate, one.Sex, 1), nikOf(t, one.BirthDate, one.Sex, 2)
	return one, two
}

// TestATwinIsNotMendedIntoHerTwin: who stands in the registry with the NIK of her twin is not given her twin's name by a batch, where she
// is in the civil registry herself; nor is she where her twin alone is known and the NIK is her own. Where her twin alone is known and the
// NIK is her twin's nothing tells her from her twin with a slip in the name.
func TestATwinIsNotMendedIntoHerTwin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		known bool // she is in the civil registry
		wrong bool // her NIK is her twin's
	}{
		"her twin's NIK, both are known":       {true, true},
		"her own NIK, her twin alone is known": {false, false},
	} {
		for _, names := range [][2]string{{"RENDI LATUHERU", "RANDI LATUHERU"}, {"SITI AISYAH", "SITI ASIYAH"}, {"MARTHA SOPLANIT", "MARIA SOPLANIT"}, {"NUR AINI", "NUR AINA"}} {
			t.Run(name+"/"+names[0], func(t *testing.T) {
				t.Parallel()
				testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
					h := newHouse(t, db)
					her, twin := twinsOf(t, names[0], names[1])
					h.loadCivil(civilRow(twin))
					if c.known {
						h.loadCivil(civilRow(twin), civilRow(her))
					}
					if c.wrong {
						her.NIK = twin.NIK
					}
					h.load(her, row(t, 1))
					h.suggest()
					h.approved(h.batch())
					if p := h.find("one"); p.Name != her.Name {
						t.Errorf("%s became %s", her.Name, p.Name)
					}
				})
			})
		}
	}
}

// TestASlipIsStillMended: a name with a slip, of somebody who has no twin of that name, is mended by a batch as before; and of one whose name
// another bears who was born on the same day nothing is sure, by a run and by hand.
func TestASlipIsStillMended(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		her, twin := twinsOf(t, "SITI AISYAH", "SITI ASIYAH")
		slip := row(t, 1)
		right := slip.Name
		slip.Name = right[:len(right)-1]
		correct := slip
		correct.Name = right
		h.loadCivil(civilRow(twin), civilRow(her), civilRow(correct))
		her.NIK = twin.NIK
		h.load(her, slip)
		h.suggest()
		p := h.find("one")
		for _, how := range []string{"by a run", "by hand"} {
			_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
			if err != nil || g.Outcome != suggestions.Unsure || !slices.Contains(g.Causes, suggestions.Namesake) {
				t.Errorf("%s: %v of %v: %v", how, g.Outcome, g.Causes, err)
			}
			if how == "by a run" {
				if n, err := h.bench.RenewFamily(t.Context(), h.who, p.Tenant, p.FamilyID); err != nil || n == 0 {
					t.Fatal(n, err)
				}
			}
		}
		h.approved(h.batch())
		if got := h.find("1"); got.Name != right {
			t.Errorf("the slip stands: %s", got.Name)
		}
	})
}
