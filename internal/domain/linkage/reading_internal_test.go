package linkage

import (
	"fmt"
	"strings"
	"testing"

	tables "tepat/data/linkage"
)

// sheet is a table of a test: its titles, then its rows.
func sheet(header string, rows ...string) *rowList {
	s := &rowList{header: strings.Split(header, ";")}
	for _, r := range rows {
		s.rows = append(s.rows, strings.Split(r, ";"))
	}
	return s
}

// rowList is a table whose rows are listed.
type rowList struct {
	header []string
	rows   [][]string
}

func (s *rowList) Header() []string { return s.header }
func (s *rowList) Rows() int        { return len(s.rows) }
func (s *rowList) Fields(row int, into [][]byte) [][]byte {
	into = into[:0]
	for _, v := range s.rows[row] {
		into = append(into, []byte(v))
	}
	return into
}

func prepared(t *testing.T, s Source) *Engine {
	t.Helper()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Prepare(m, s, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestWhichColumnIsTheID: a title that says so, if its rows differ and no other does; else a count of the rows.
func TestWhichColumnIsTheID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header string
		rows   []string
		want   string
	}{
		"of a civil file":          {"civil_id;nama", []string{"a;SITI", "b;BUDI"}, "civil_id"},
		"a word of the title":      {"Nama;ID Warkah", []string{"SITI;a", "BUDI;b"}, "ID Warkah"},
		"written in humps":         {"nama;wargaId", []string{"SITI;a", "BUDI;b"}, "wargaId"},
		"within a word":            {"nama;bidang", []string{"SITI;a", "BUDI;b"}, ""},
		"of families":              {"id_keluarga;nama", []string{"k1;SITI", "k1;BUDI"}, ""},
		"two of them":              {"id_kartu;id_rumah;nama", []string{"1;2;SITI", "2;1;BUDI"}, ""},
		"families and a count":     {"no;id_keluarga;nama", []string{"1;k1;SITI", "2;k1;BUDI"}, "no"},
		"a count that begins anew": {"No.;nama", []string{"1;SITI", "1;BUDI"}, ""},
		"empty in a row":           {"civil_ref_id;nama", []string{"1;SITI", ";BUDI"}, ""},
		"the number of a person":   {"national_id;nama", []string{"3201011505900001;SITI", "3201011505900002;BUDI"}, ""},
	} {
		if got := prepared(t, sheet("tgl_lahir;nama_ibu;"+c.header, born(c.rows)...)).IDColumn(0); got != c.want {
			t.Errorf("%s: ids of %q, want %q", name, got, c.want)
		}
	}
}

// born puts a date and a mother before each row.
func born(rows []string) (list []string) {
	for i, r := range rows {
		list = append(list, fmt.Sprintf("1979-01-%02d;RUTH;%s", i+1, r))
	}
	return list
}

// TestNamesInParts are put together, in the order of the model and not of the file, and rows that are short stay short.
func TestNamesInParts(t *testing.T) {
	t.Parallel()
	e := prepared(t, sheet("DOB;Last Name;id;First name;Middle name", "1979-01-01;SANTOSO;7;BUDI; EKO ", "1979-01-01;;8;SITI;", "1979-01-01;HALIM;9"))
	values := func(row int) string { return string(e.fields(row, nil)[0]) }
	if values(0) != "BUDI EKO SANTOSO" || values(1) != "SITI" || values(2) != "HALIM" || string(e.ID(1)) != "8" || e.IDColumn(0) != "id" {
		t.Errorf("%q %q %q, id %q of %q", values(0), values(1), values(2), e.ID(1), e.IDColumn(0))
	}
	if odd := e.Oddities(); len(odd) != 1 || odd[0] != (Oddity{OddShort, 0, 1, 2}) {
		t.Errorf("%v", odd)
	}
	if e := prepared(t, sheet("lahir;nama;nama_depan;nama_belakang", "1980;SITI AMINAH;BUDI;SANTOSO")); string(e.fields(0, nil)[1]) != "SITI AMINAH" {
		t.Error("a whole name is not what counts")
	}
}

// TestMonthFirst: a list is read month first where its dates can be read in no other way, but for a few.
func TestMonthFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dates []string
		want  bool
	}{
		"American":              {[]string{"01/20/1979", "3/31/80", "12-25-1990", "01/02/1990"}, true},
		"day first":             {[]string{"20/01/1979", "31/3/80", "25-12-1990", "01/02/1990"}, false},
		"one swapped":           {[]string{"20/01/1979", "31/3/80", "25-12-1990", "12-25-1990"}, false},
		"too few to tell":       {[]string{"01/20/1979", "3/31/80", "01/02/1990", "03/04/1991"}, false},
		"as many of the others": {[]string{"01/20/1979", "3/31/80", "12-25-1990", "25-12-1990"}, false},
		"nothing to tell by":    {[]string{"1979-01-20", "19790120", "", "20 Mei 1979"}, false},
	} {
		rows := make([]string, len(c.dates))
		for i, d := range c.dates {
			rows[i] = fmt.Sprintf("SITI %d;%s", i, d)
		}
		e := prepared(t, sheet("nama;tgl_lahir", rows...))
		if got := len(e.MonthFirst()) == 1; got != c.want {
			t.Errorf("%s: month first is %v", name, got)
		}
		if c.want && e.record(3)[e.plan.of("birth").word] != dateOf(1990, 1, 2) {
			t.Errorf("%s: 01/02 is not the second of January", name)
		}
	}
}

// TestRoundedNumbers are told, for nobody sees in a result that they were not compared.
func TestRoundedNumbers(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"3.20101E+15": true, "3,20101E+15": true, "3.2e15": true, " 8E+11 ": true,
		"3201011505900001": false, "": false, "E15": false, "3.2E": false, "3E5A": false, "SELESAI": false, ".E+1": false, "3.2E+": false,
	} {
		if rounded([]byte(value)) != want {
			t.Errorf("%q: %v", value, !want)
		}
	}
	e := prepared(t, sheet("nama;nik", "SITI;3201011505900001", "BUDI;3.20101E+15", "AGUS;belum ada", "DEWI;3,20101E+15"))
	if odd := e.Oddities(); len(odd) != 1 || odd[0] != (Oddity{OddRound, 0, 2, 1}) {
		t.Errorf("%v", odd)
	}
}

// TestADateBehindItsPlace: many papers have the place and the date of birth in one field.
func TestADateBehindItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{
		"BOGOR, 20-01-1979": dateOf(1979, 1, 20), "Kab. Bogor, Jawa Barat, 20 Mei 1979": dateOf(1979, 5, 20), "Senin, 5 Januari 1980": dateOf(1980, 1, 5),
		"Mei 20, 1979": dateOf(1979, 5, 20), "BOGOR": 0, "BOGOR,": 0, "BOGOR 20-01-1979": 0,
	} {
		if got := packDate([]byte(text), "", 0); got != want {
			t.Errorf("%q: %x, want %x", text, got, want)
		}
	}
}

// TestADateInThePlace: clerks write place and date into the field of the place, and leave the other one empty.
func TestADateInThePlace(t *testing.T) {
	t.Parallel()
	e := prepared(t, sheet("nama;tempat_lahir;tgl_lahir", "SITI;BANYUMAS, 19-05-1990;", "SITI;BANYUMAS 19 Mei 1990;-", "SITI;BANYUMAS;19051990", "SITI;BANYUMAS, 19-05-1990;20/05/1990", "SITI;BANYUMAS;01/01/1900", "SITI;BANYUMAS;01-01-1960"))
	birth, place := e.plan.of("birth"), e.plan.of("birthplace")
	for row, want := range []uint32{dateOf(1990, 5, 19), dateOf(1990, 5, 19), dateOf(1990, 5, 19), dateOf(1990, 5, 20), 0, dateOf(1960, 1, 1)} {
		if got := e.record(row)[birth.word]; got != want {
			t.Errorf("row %d: born %x, want %x", row, got, want)
		}
		if e.record(row)[place.word] != e.record(0)[place.word] || e.record(row)[place.word] == 0 {
			t.Errorf("row %d is born in another place", row)
		}
	}
}

// TestAnAgeTellsTheYear: where the birth date is empty, an age and the year or day it was told in tell the year; one of the two tells nothing.
func TestAnAgeTellsTheYear(t *testing.T) {
	t.Parallel()
	e := prepared(t, sheet("nama;tgl_lahir;umur;tahun_data", "SITI;;30;2020", "SITI;-;30 Tahun;04/05/2020", "SITI;19-05-1990;12;2020", "SITI;;30;", "SITI;;;2020", "SITI;;130;2020", "SITI;;tiga;2020", "SITI;;30;20", "SITI;01/01/1900;0;2020-04-05"))
	birth := e.plan.of("birth")
	for row, want := range []uint32{dateOf(1990, 0, 0), dateOf(1990, 0, 0), dateOf(1990, 5, 19), 0, 0, 0, 0, 0, dateOf(2020, 0, 0)} {
		if got := e.record(row)[birth.word]; got != want {
			t.Errorf("row %d: born %x, want %x", row, got, want)
		}
	}
	if e := prepared(t, sheet("nama;tgl_lahir;umur", "SITI;;30", "SITI;19-05-1990;")); e.record(0)[e.plan.of("birth").word] != 0 {
		t.Error("an age told nobody knows when tells a year")
	}
}
