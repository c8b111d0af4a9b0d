package exchange_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestADryRunTellsEverythingAndWritesNothing looks at a whole file with many bad rows: the
// figures and every reject are those of the import itself.
func TestADryRunTellsEverythingAndWritesNothing(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := many(2600)
		for i := 40; i < len(table.rows); i += 100 {
			table.rows[i][6] = "X"
		}
		set := h.settings(exchange.Families, h.write("dry.csv", table.csv()))
		set.Whole = true
		h.chunk = 700
		h.reopen()
		r := h.create(h.who, set)
		r, err := h.runs.Look(t.Context(), h.who, r.Tenant, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		preview := previewOf(t, r)
		if preview.Figures["rows"] != 2600 || preview.Figures["rejected"] != 26 || len(preview.Samples) != 10 || preview.Total != set.Size {
			t.Errorf("preview = %v with %d samples of %d", preview.Figures, len(preview.Samples), preview.Total)
		}
		if s := preview.Samples[0]; s.Label != "42 sex" || s.Outcome == "" {
			t.Errorf("first sample = %+v", s)
		}
		told := read(t, set.Rejects)
		if n := len(h.rejects(set)); n != 26 {
			t.Errorf("%d rejects told", n)
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171`); n != 0 {
			t.Errorf("a dry run wrote %d persons", n)
		}
		if r, err = h.runs.Submit(t.Context(), h.who, r.Tenant, r.ID); err == nil {
			r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		}
		if err != nil || r.Tally["rows"] != 2600 || r.Tally["rejected"] != 26 || read(t, set.Rejects) != told {
			t.Errorf("import = %v, %v; the rejects are the same: %t", r.Tally, err, read(t, set.Rejects) == told)
		}
	})
}

func previewOf(t testing.TB, r runs.Run) (p runs.Preview) {
	t.Helper()
	if err := decodeJSON(r.Preview, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// heapMeter watches the heap while a run is worked.
type heapMeter struct{ most uint64 }

func (m *heapMeter) Total(int64) {}
func (m *heapMeter) Add(int64) {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	m.most = max(m.most, s.HeapAlloc)
}

// TestMemoryDoesNotGrowWithTheFile imports 200,000 rows, a fifth of them bad. It is not
// parallel: what is measured is the heap of the process.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	h := newHouse(t, testkit.SQLite(t))
	const rows = 200_000
	path := filepath.Join(h.dir, "large.csv")
	h.writeLarge(path, rows)
	set := h.settings(exchange.Families, path)
	set.Whole = true
	if _, err := h.files.BeginLoad(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	before := heapMeter{}
	before.Add(0)
	r := h.submitted(h.who, set)
	meter := heapMeter{}
	meter.Add(0)
	r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, &meter)
	if err != nil || r.Tally["rows"] != rows || r.Tally["inserted"] != rows*4/5 || r.Tally["rejected"] != rows/5 {
		t.Fatalf("import = %v, %v", r.Tally, err)
	}
	if err := h.files.EndLoad(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(h.rejects(set)); n != rows/5 {
		t.Errorf("%d rejects told", n)
	}
	// Two chunks of 10,000 rows, sealed, with what a statement holds; the file has 25 MB.
	if grown := int64(meter.most-before.most) >> 20; grown > 160 {
		t.Errorf("the heap grew by %d MiB", grown)
	} else {
		t.Logf("the heap grew by %d MiB for a file of %d MiB", grown, set.Size>>20)
	}
}

// writeLarge writes families of two persons; every fifth row has a sex nobody knows.
func (h *house) writeLarge(path string, rows int) {
	h.t.Helper()
	f, err := os.Create(path)
	if err != nil {
		h.t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "row_id,source,year,registry_id,no_kk,nik,name,sex,birth_place,birth_date,mother_name,relation,address,rt,rw,village,area_code")
	for i := range rows {
		sex, relation := "P", "kepala_keluarga"
		if i%5 == 4 {
			sex = "X"
		}
		if i%2 == 1 {
			relation = "anak"
		}
		fmt.Fprintf(w, "%08d,UJI,2024,D%07d,,,ORANG KE %d,%s,AMBON,1980-08-%02d,IBU KE %d,%s,JL. PATTIMURA NO. %d,001,002,,%s\n",
			i, i/2, i, sex, i%28+1, i/2, relation, i/2, wainitu.Dotted())
	}
	if err := w.Flush(); err != nil {
		h.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		h.t.Fatal(err)
	}
}

// TestAnOperatorImportsIntoHerVillageOnly gives a village's operator rows of her village,
// of the next one by code and by name, and of none.
func TestAnOperatorImportsIntoHerVillageOnly(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		table := good().with("row_id", "3", "nik", "", "name", "TETANGGA KODE", "area_code", benteng.Dotted()).
			with("row_id", "4", "nik", "", "name", "TETANGGA NAMA", "area_code", "", "village", "Benteng").
			with("row_id", "5", "nik", "", "name", "TANPA DESA", "area_code", "", "village", "").
			with("row_id", "6", "nik", "", "name", "DESA SENDIRI", "area_code", "", "village", "Kel. Wainitu")
		set := h.settings(exchange.Families, h.write("village.csv", table.csv()))
		r := h.imported(h.desa, set)
		if r.Tally["inserted"] != 4 || r.Tally["rejected"] != 2 {
			t.Fatalf("import = %v, %v", r.Tally, h.rejects(set))
		}
		for i, told := range h.rejects(set) {
			if told[0] != itoa(i+4) || told[1] != "area_code" {
				t.Errorf("told %v", told)
			}
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND area_code <> $1`, int64(wainitu)); n != 0 {
			t.Errorf("%d persons outside the operator's village", n)
		}
		if _, err := h.runs.Show(t.Context(), testkit.Person(9, access.Operator, benteng), r.Tenant, r.ID); err == nil {
			t.Error("the operator of the next village sees the run")
		}
		if _, err := h.runs.Create(t.Context(), testkit.Person(9, access.Analyst, testkit.Ambon), runs.NewRun{Kind: "import.families", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: set}); err == nil {
			t.Error("an analyst may import families")
		}
	})
}
