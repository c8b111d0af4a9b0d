package linkage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// strangers is a list whose titles tell nothing: NIK, card, birth date, sex, place, telephone, day of entry, name.
func strangers(rows int) (list []string) {
	for i := range rows {
		day, month, year, sex := 1+i%28, 1+i%12, 40+i*7%60, "L"
		code := day
		if i%2 == 0 {
			code, sex = day+40, "P"
		}
		list = append(list, fmt.Sprintf("817101%02d%02d%02d%04d;817101%02d%02d%02d0001;%02d/%02d/%d;%s;8171011001;08121%06d;%02d/03/2024;SITI %c", code, month, year, i%7+1, i%28+1, i%12+1, i%10+10, day, month, 1900+year, sex, i*37, i%28+1, 'A'+i%26))
	}
	return list
}

// TestColumnsByWhatStandsInThem: where no title tells which is which, values do.
func TestColumnsByWhatStandsInThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header string
		change func(rows []string) []string
		want   map[string]string
	}{
		"none known":                   {"a;b;c;d;e;f;g;nama", nil, map[string]string{"nik": "a", "kk": "b", "birth": "c", "sex": "d", "area": "e", "phone": "f"}},
		"known ones stay":              {"a;no_kk;tgl_lahir;d;e;f;g;nama", nil, map[string]string{"nik": "a", "sex": "d", "area": "e", "phone": "f"}},
		"a title says it is another's": {"nik_ibu;b;tgl_lahir_ibu;jk_kepala;kode_bps;hp_petugas;g;nama", nil, map[string]string{"kk": "b"}},
		"of two alike neither":         {"a;b;c;d;e;f;g;nama;h", func(rows []string) []string { return twice(rows, 0) }, map[string]string{"kk": "b", "birth": "c", "sex": "d", "phone": "f"}},
		"no NIK to ask":                {"x;b;c;d;e;f;g;nama", func(rows []string) []string { return emptied(rows, 0) }, map[string]string{"kk": "b", "birth": "c", "sex": "d", "phone": "f"}},
		"ids":                          {"ID KTP;b;c;d;e;id_hp;g;nama", nil, map[string]string{"kk": "b", "birth": "c", "sex": "d"}},
		"letters for digits":           {"a;b;c;d;e;f;g;nama", func(rows []string) []string { return lettered(rows, 5) }, map[string]string{"nik": "a", "kk": "b", "birth": "c", "sex": "d", "area": "e"}},
		"too few to tell":              {"nik;b;tgl_lahir;d;e;f;g;nama", func(rows []string) []string { return rows[:looksLeast-1] }, map[string]string{}},
	} {
		rows := strangers(90)
		if c.change != nil {
			rows = c.change(rows)
		}
		e := prepared(t, sheet(c.header, rows...))
		got := map[string]string{}
		for _, s := range e.Recognised() {
			got[s.Column] = s.Title
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if col := e.plan.of("nik"); c.want["nik"] != "" && (col == nil || digitsAt(e.record(3), col.word) == noDigitsValue) {
			t.Errorf("%s: no NIK is read", name)
		}
	}
}

// TestARecognisedColumnKeepsItsTitle: what is said of a column names it as the file does.
func TestARecognisedColumnKeepsItsTitle(t *testing.T) {
	t.Parallel()
	rows := strangers(90)
	for i, r := range rows {
		f := strings.Split(r, ";")
		f[2] = f[2][3:5] + "/" + f[2][:2] + f[2][5:] // month first
		rows[i] = strings.Join(f, ";")
	}
	e := prepared(t, sheet("a;b;KOL TGL;d;e;f;g;nama", rows...))
	if got := e.MonthFirst(); len(got) != 1 || got[0] != (DateOrder{0, "KOL TGL"}) {
		t.Errorf("%v", got)
	}
}

func twice(rows []string, column int) []string {
	rows = slices.Clone(rows)
	for i, r := range rows {
		rows[i] = r + ";" + strings.Split(r, ";")[column]
	}
	return rows
}

// lettered makes numbers of a column ids that begin with a letter a machine may read for a digit.
func lettered(rows []string, column int) []string {
	rows = slices.Clone(rows)
	for i, r := range rows {
		fields := strings.Split(r, ";")
		fields[column] = "B" + fields[column][1:]
		rows[i] = strings.Join(fields, ";")
	}
	return rows
}

func emptied(rows []string, column int) []string {
	rows = slices.Clone(rows)
	for i, r := range rows {
		fields := strings.Split(r, ";")
		fields[column] = ""
		rows[i] = strings.Join(fields, ";")
	}
	return rows
}

// TestCodesInFour: the civil registry has the code of a village in four columns, numbers without zeros before them.
func TestCodesInFour(t *testing.T) {
	t.Parallel()
	e := prepared(t, sheet("nama;no_prop;no_kab;no_kec;no_kel", "SITI;81;71;1;1001", "SITI;8;71;01;2001", "SITI;81;71;;1001", "SITI;81;71;100;1001", "SITI;;;;"))
	area := e.plan.of("area")
	for row, want := range []string{"8171011001", "0871012001", "8171", "8171", ""} {
		if got := unpackDigits(digitsAt(e.record(row), area.word)); got != want {
			t.Errorf("row %d: %s, want %s", row, got, want)
		}
	}
}
