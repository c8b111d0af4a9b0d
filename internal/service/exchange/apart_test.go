package exchange_test

import (
	"slices"
	"testing"

	"tepat/internal/service/exchange"
)

// TestAListThatNumbersNoRowsLosesNobodyOfOneNIK: of two rows with one NIK and birth date and names far apart the second is a person in
// doubt, of two with one name it is told as the same row.
func TestAListThatNumbersNoRowsLosesNobodyOfOneNIK(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := good()
		table.with("name", "YOHANA SAHETAPY").with("name", "PAULUS LATUHERU", "address", "JL. LAIN")
		at := slices.Index(table.columns, "row_id")
		table.columns = slices.Delete(table.columns, at, at+1)
		for i, row := range table.rows {
			table.rows[i] = slices.Delete(row, at, at+1)
		}
		path := h.write("unnumbered.csv", table.csv())
		tally, rejects := h.load(exchange.Families, path)
		if tally["inserted"] != 3 || tally["contested"] != 1 || tally["rejected"] != 1 || len(rejects) != 1 || rejects[0][2] != "import.row_twice" {
			t.Errorf("import = %v, rejects %v", tally, rejects)
		}
		if tally, _ = h.load(exchange.Families, path); tally["inserted"] != 0 || tally["unchanged"] != 3 {
			t.Errorf("again = %v", tally)
		}
	})
}
