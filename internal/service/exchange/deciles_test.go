package exchange_test

import (
	"strconv"
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestADecileAgainstAFrozenVintageIsTold: the same file with one other decile is no publication of its own.
func TestADecileAgainstAFrozenVintageIsTold(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		h.load(exchange.Families, of(t, 1, "registry.csv"))
		text := read(t, of(t, 1, "deciles.csv"))
		h.load(exchange.Deciles, h.write("first.csv", text))
		lines := strings.Split(strings.TrimSpace(text), "\n")
		column := -1
		for i, name := range strings.Split(lines[0], ",") {
			if strings.TrimSpace(name) == "decile" {
				column = i
			}
		}
		cells := strings.Split(lines[3], ",")
		held, err := strconv.Atoi(strings.TrimSpace(cells[column]))
		if err != nil {
			t.Fatal(err)
		}
		cells[column] = strconv.Itoa(held%10 + 1)
		lines[3] = strings.Join(cells, ",")
		before := h.content("decile")
		set := h.settings(exchange.Deciles, h.write("second.csv", strings.Join(lines, "\n")+"\n"))
		r := h.imported(h.head, set)
		if r.Tally["rejected"] != 1 || r.Tally["contradicting"] != 1 || r.Tally["kept"] != 0 || r.Tally["unchanged"] != int64(len(lines)-2) {
			t.Errorf("the second file did %v", r.Tally)
		}
		if h.content("decile") != before {
			t.Error("a frozen vintage changed")
		}
		items, err := runs.Items(t.Context(), h.db.Direct(), r, sqldb.ID{}, 10)
		if err != nil || len(items) != 1 || items[0].Outcome != "rejected" || items[0].Code != "assessment.contradicts" || !strings.Contains(items[0].Facts, `"line":4`) ||
			!strings.Contains(items[0].Facts, `"held":`+strconv.Itoa(held)) {
			t.Errorf("told as %+v, %v", items, err)
		}
		if r.Tenant != testkit.AmbonTenant {
			t.Errorf("kept under %d", r.Tenant)
		}
	})
}
