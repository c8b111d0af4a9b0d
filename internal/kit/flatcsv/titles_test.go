package flatcsv_test

import (
	"slices"
	"testing"

	"tepat/internal/kit/flatcsv"
)

// TestWhatStandsInBracketsIsNoTitle: officers write behind a title how it is filled in.
func TestWhatStandsInBracketsIsNoTitle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Nama,Tanggal Lahir (DD/MM/YYYY),Jenis Kelamin (L/P)\n": {"Nama", "Tanggal Lahir", "Jenis Kelamin"},
		"NIK,NIK (lama)\n":              {"NIK", "NIK (lama)"},
		"Nama (KTP),Nama (KK)\n":        {"Nama", "Nama (KK)"},
		"(kosong),a(b)c\n":              {"(kosong)", "a(b)c"},
		"\"Luas lantai (m2)\",alamat\n": {"Luas lantai", "alamat"},
	} {
		table, err := flatcsv.Parse([]byte(text + "1,2,3\n"))
		if err != nil || !slices.Equal(table.Header(), want) {
			t.Errorf("%q has the titles %q, %v; want %q", text, table.Header(), err, want)
		}
	}
	table, err := flatcsv.Parse([]byte("Nomor (urut),Nama\n1,a\n"))
	if err != nil || table.Titled("nomor (urut)") != "Nomor" || table.Titled("Nomor") != "Nomor" || table.Titled("lain") != "lain" {
		t.Errorf("a title as it stands in the file is not known: %v", err)
	}
}
