package exchange_test

import (
	"slices"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
)

// TestAFirstLoadLeavesTheIndexesAsTheMigrationsMakeThem compares the statements of all indexes before and after: an index
// that a later migration made anew must not come back as the first one made it.
func TestAFirstLoadLeavesTheIndexesAsTheMigrationsMakeThem(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		before := h.indexes()
		if begun, err := h.files.BeginLoad(t.Context()); err != nil || !begun {
			t.Fatalf("begin load = %v, %v", begun, err)
		}
		if during := h.indexes(); len(during) >= len(before) {
			t.Errorf("%d indexes during the load, %d before", len(during), len(before))
		}
		tally, _ := h.load(exchange.Families, h.write("first.csv", many(300).csv()))
		if err := h.files.EndLoad(t.Context()); err != nil || tally["inserted"] != 300 {
			t.Fatalf("load = %v, %v", tally, err)
		}
		if after := h.indexes(); !slices.Equal(before, after) {
			t.Errorf("indexes before\n%q\nand after\n%q", before, after)
		}
	})
}

// indexes gives the statements that make all indexes of the database.
func (h *house) indexes() []string {
	h.t.Helper()
	query := `SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`
	if h.db.Dialect() == sqldb.Postgres {
		query = `SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname`
	}
	list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), query, nil, func(r sqldb.Row) (text string, err error) { return text, r.Scan(&text) })
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}
