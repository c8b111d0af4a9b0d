package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
)

// families gives n persons of different names, each the head of a family of her own.
func families(n int) *sheet {
	first := []string{"YOHANA", "MARIA", "ROSALINA", "AISYAH", "PETRONELA", "FERDINANDA", "NURHAYATI", "RAHMAWATI", "AGUSTINA", "DOMINGGA"}
	second := []string{"LATUCONSINA", "PATTIASINA", "MANUPUTTY", "TUASIKAL", "SAHETAPY", "WATTIMENA", "LEATEMIA", "TOMASOA", "HEHANUSSA", "SOPLANIT"}
	table := good()
	table.columns = append(slices.Clone(table.columns), "mother_name")
	table.rows = nil
	for i := range n {
		day, month, year := 2+(i*3)%26, 1+i%12, 1950+(i*7)%50
		table.rows = append(table.rows, []string{
			fmt.Sprint(i + 1), "UJI", "2024", fmt.Sprintf("817101120315%04d", i+1), fmt.Sprintf("817101%02d%02d%02d%04d", day+40, month, year%100, i+1),
			first[i%10] + " " + second[(i+i/10)%10], "P", fmt.Sprintf("%04d-%02d-%02d", year, month, day), "kepala_keluarga",
			fmt.Sprintf("JL. PATTIMURA NO. %d", i+1), "001", "002", "", wainitu.Dotted(), "", first[(i+5)%10] + " " + second[(i*7+3)%10],
		})
	}
	return table
}

// copied gives the rows of people under other row ids, other cards and without a NIK.
func (s *sheet) copied(rows ...int) *sheet {
	out := &sheet{columns: s.columns}
	for n, i := range rows {
		row := slices.Clone(s.rows[i])
		row[0], row[1], row[3], row[4] = fmt.Sprint(9000+n), "LAIN", fmt.Sprintf("817101120315%04d", 5000+n), ""
		out.rows = append(out.rows, row)
	}
	return out
}

// preview looks at a file and gives what it would do.
func (h *house) preview(name string, table *sheet, whole bool) runs.Preview {
	h.t.Helper()
	set := h.settings(exchange.Families, h.write(name, table.csv()))
	set.Whole = whole
	r := h.create(h.who, set)
	r, err := h.runs.Look(h.t.Context(), h.who, r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return previewOf(h.t, r)
}

// TestAPreviewTellsWhomNewPersonsMayBe: rows of people who are registered already under no number are counted and named by
// their line; rows known again, and strangers, are not; the preview holds nobody's name.
func TestAPreviewTellsWhomNewPersonsMayBe(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		all := families(40)
		if p := h.preview("first.csv", all, false); p.Figures["alike"] != 0 || p.Figures["new_persons"] != 40 || len(p.Alike) != 0 {
			t.Errorf("into an empty registry: %v", p.Figures)
		}
		h.imported(h.who, h.settings(exchange.Families, h.write("all.csv", all.csv())))
		if p := h.preview("again.csv", all, false); p.Figures["alike"] != 0 || p.Figures["new_persons"] != 0 {
			t.Errorf("the same file again: %v", p.Figures)
		}
		more := all.copied(4, 17, 30)
		more.rows = append(more.rows, families(90).rows[80]) // a stranger
		for _, whole := range []bool{false, true} {
			p := h.preview(fmt.Sprintf("more%t.csv", whole), more, whole)
			if p.Figures["new_persons"] != 4 || p.Figures["alike"] != 3 || p.Figures["alike_unasked"] != 0 || len(p.Alike) != 3 {
				t.Fatalf("whole %t: %v, %+v", whole, p.Figures, p.Alike)
			}
			for i, one := range p.Alike {
				var id sqldb.ID
				err := h.db.Direct().QueryRow(t.Context(), `SELECT person_id FROM source_record WHERE kabkota = 8171 AND source = 'UJI' AND row_id = $1`, more.of(all, i)).Scan(&id)
				if err != nil || one.Subject != id || one.Label != fmt.Sprint(i+2) || one.Outcome != "" || one.Tenant != 8171 {
					t.Errorf("whole %t, line %d: %+v, %v", whole, i+2, one, err)
				}
			}
		}
		var text string
		if err := h.db.Direct().QueryRow(t.Context(), `SELECT preview FROM run WHERE kabkota = 8171 ORDER BY id DESC LIMIT 1`).Scan(&text); err != nil || strings.Contains(text, "LATUCONSINA") || !strings.Contains(text, "alike") {
			t.Errorf("the run keeps %s, %v", text, err)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 40 {
			t.Errorf("%d persons after previews", n)
		}
	})
}

// of gives the row id in all of a copied row.
func (s *sheet) of(all *sheet, i int) string {
	at := slices.IndexFunc(all.rows, func(row []string) bool { return row[5] == s.rows[i][5] && row[7] == s.rows[i][7] })
	return all.rows[at][0]
}

// TestAPreviewOfALargeFileLooksForSomeOfAllItsParts: no more are looked for than somebody waits for, evenly over the file,
// and how many were not is told.
func TestAPreviewOfALargeFileLooksForSomeOfAllItsParts(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		all := families(100)
		h.imported(h.who, h.settings(exchange.Families, h.write("all.csv", all.csv())))
		h.chunk = 20
		h.reopen()
		h.files.WithMostAsked(30)
		rows := make([]int, 100)
		for i := range rows {
			rows[i] = i
		}
		p := h.preview("copies.csv", all.copied(rows...), true)
		f := p.Figures
		if f["new_persons"] != 100 || f["alike_asked"] > 30 || f["alike_asked"] < 20 || f["alike_asked"]+f["alike_unasked"] != 100 || f["alike"] > f["alike_asked"] || f["alike"] < f["alike_asked"]-2 {
			t.Errorf("figures %v", f)
		}
		parts := map[int]int{}
		for _, one := range p.Alike {
			var line int
			if _, err := fmt.Sscan(one.Label, &line); err != nil {
				t.Fatal(err)
			}
			parts[(line-2)/20]++
		}
		if len(parts) < 4 {
			t.Errorf("looked for in the parts %v", parts)
		}
	})
}
