package duplicates_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// lists are families of a registry that two lists made. In every other family twins stand as the first list; in the others one woman stands as
// either, on one card, her birth date and mother known to one of them alone.
func lists(t testing.TB, first, second string) (rows []registry.Incoming) {
	t.Helper()
	for n := 1; n <= 200; n++ {
		r := row(t, n)
		r.Source, r.NIK, r.Name = first, person.NIK{}, strings.ToUpper(letters(n)+" "+letters(n*n+7))
		other := again(t, r, n+1000)
		other.KK, other.Relation, other.Source = r.KK, person.Child, first
		given, clan, _ := strings.Cut(r.Name, " ")
		if n%2 == 0 {
			other.Name = given[:len(given)-1] + "I " + clan
		} else {
			other.BirthDate, other.MotherName, other.Source = period.Date{}, "", second
		}
		rows = append(rows, r, other)
	}
	return rows
}

// letters makes a name of its own of a number.
func letters(n int) string {
	out := ""
	for n += 1000; n > 0; n /= 12 {
		out += string("bdgklmnprstw"[n%12]) + string("aeou"[n%4])
	}
	return out
}

// kept gives what is kept of why each open pair was found: the sum of its parts, its weight, and the bits of what the list taught by level.
func (h *house) kept() (pairs int, taught map[string]float64) {
	h.t.Helper()
	taught = map[string]float64{}
	err := sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT weight, reasons FROM link_pair WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var weight, sum float64
		var text string
		if err := r.Scan(&weight, &text); err != nil {
			return err
		}
		var w struct {
			Parts []struct {
				C, L string
				B    float64
			}
		}
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			return err
		}
		pairs++
		for _, p := range w.Parts {
			sum += p.B
			if p.C == "taught" {
				taught[p.L] = p.B
			}
		}
		if math.Abs(sum-weight) > 0.01 {
			h.t.Errorf("parts add up to %.2f of %.2f: %s", sum, weight, text)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return pairs, taught
}

// TestASearchAsksTheRegistryWhatItsListsTell: where doubles never stand as one list and twins always do, the search learns it, keeps it
// with the pairs it found, and the page of a pair says it. A registry of one list teaches nothing.
func TestASearchAsksTheRegistryWhatItsListsTell(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, lists(t, "PKH", "BPNT")...)
		h.run("dedupe")
		pairs, taught := h.kept()
		if pairs < 20 || taught["source_differs_household"] <= 0 || taught["source_same_household"] >= 0 {
			t.Errorf("%d pairs taught %v", pairs, taught)
		}
		said := 0
		for _, l := range h.list(h.who, duplicates.Filter{State: duplicates.Open, Limit: 200}) {
			b, err := h.dup.Open(t.Context(), h.who, duplicates.Ref{Tenant: l.Pair.Tenant, ID: l.Pair.ID})
			if err != nil {
				t.Fatal(err)
			}
			for _, bar := range b.Bars {
				if bar.Comparison == "taught" && bar.Bits == taught[bar.Level] {
					said++
				}
			}
		}
		if said == 0 {
			t.Error("no page says what the lists taught")
		}
		h.load(testkit.AmbonTenant, row(t, 500), again(t, row(t, 500), 501))
		h.run("dedupe")
		if n, after := h.kept(); n <= pairs || after["source_differs_household"] <= 0 {
			t.Errorf("after the next run %d pairs, %v; before %d", n, after, pairs)
		}
	})
}

func TestARegistryOfOneListTeachesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(testkit.AmbonTenant, lists(t, "PKH", "PKH")...)
	h.run("dedupe")
	if pairs, taught := h.kept(); pairs < 20 || len(taught) > 0 {
		t.Errorf("%d pairs taught %v", pairs, taught)
	}
}
