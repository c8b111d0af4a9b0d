package linkage

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	tables "tepat/data/linkage"
)

// Numbers of digits alone are packed as those of any text are.
func TestPlainNumbersArePackedAsAny(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.StringMatching(`[0-9]{0,18}`), rapid.StringMatching(`([0-9])0{0,17}`), rapid.StringMatching(`7{1,17}[0-9]?`), rapid.StringMatching(`[0-9]{2,8}[ -@OISB.,/:a]?[0-9]{2,8}`))
	rapid.Check(t, func(t *rapid.T) {
		s, shortest, longest := []byte(text.Draw(t, "text")), rapid.IntRange(0, 16).Draw(t, "shortest"), rapid.IntRange(1, 17).Draw(t, "longest")
		if got, want := packDigits(s, nil, shortest, longest), packAny(s, nil, shortest, longest); got != want {
			t.Fatalf("%q of %d to %d digits: %x, not %x", s, shortest, longest, got, want)
		}
	})
}

// FuzzPlainNumbers holds the quick way against the slow one for any bytes.
func FuzzPlainNumbers(f *testing.F) {
	for _, s := range []string{"", "0", "3205116309910004", "55555", "5555", "32O5116309910004", "/205116309910004", ":205", "320511630991000\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		if got, want := packDigits(s, nil, 1, 17), packAny(s, nil, 1, 17); got != want {
			t.Errorf("%q: %x, not %x", s, got, want)
		}
	})
}

// Rows that are read side by side hold what each holds when it is read by itself, whatever the rows beside it.
func TestRowsSideBySideAreReadAsAlone(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	value := rapid.SampledFrom([]string{"", "SITI AMINAH", "SITI AMINAH", "Siti Aminah binti Karim", "-", "NUR", "TARIP", "JL. MAWAR 3"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3*batchRead).Draw(t, "rows")
		s := memory{header: []string{"nama", "nama_ibu", "alamat", "nik", "tanggal_lahir"}}
		for range n {
			row := []string{value.Draw(t, "name"), value.Draw(t, "mother"), value.Draw(t, "address"), rapid.SampledFrom([]string{"", "3205116309910004", "32O5", "x"}).Draw(t, "nik"), rapid.SampledFrom([]string{"", "1991-09-23", "23/9/91"}).Draw(t, "birth")}
			s.rows = append(s.rows, row[:rapid.IntRange(1, 5).Draw(t, "fields")])
		}
		p, err := compile(m, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := read(p, s, nil, [2]int{-1}, &Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		alone := newReader(p)
		for i := range n {
			record := make([]uint32, p.stride)
			record[p.number] = uint32(i)
			alone.fields = s.Fields(i, nil)
			alone.row(0, record)
			if got := d.record(i); !slices.Equal(got, record) {
				t.Fatalf("row %d: %x, alone %x", i, got, record)
			}
		}
	})
}
