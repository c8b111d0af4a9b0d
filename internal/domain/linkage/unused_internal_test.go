package linkage

import (
	"testing"

	"tepat/internal/kit/flatcsv"

	tables "tepat/data/linkage"
)

// TestColumnsNobodyAsksFor: names of places beside a code are read where they tell something.
func TestColumnsNobodyAsksFor(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]map[string]bool{
		"id,nama,tanggal_lahir,kode_desa,kecamatan,kabupaten\n":      {"subdistrict": false, "district": false, "area": true},
		"id,nama,tanggal_lahir,kode_desa,hub_krt\n":                  {"role": true},
		"id,nama,tanggal_lahir,kode_desa,desa,kecamatan,kabupaten\n": {"village": true, "subdistrict": true, "district": true, "area": true},
		"id,nama,tanggal_lahir,desa,kecamatan,kabupaten\n":           {"village": true, "subdistrict": true, "district": true},
	} {
		rows, err := flatcsv.Parse([]byte(header + "1,MARTHA,1980-04-12,,,,\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := compile(m, rows, nil)
		if err != nil {
			t.Fatal(err)
		}
		for column, read := range want {
			if (p.of(column) != nil) != read {
				t.Errorf("%s: %s is read: %v, want %v", header, column, !read, read)
			}
		}
	}
}
