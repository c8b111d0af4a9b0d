package linkage_test

import (
	"slices"
	"strings"
	"testing"

	tables "tepat/data/linkage"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/flatcsv"
)

// placesByName is a list as an office keeps it that knows no codes of places.
const placesByName = `ID_ART,NO. KK,NO_KTP,NAMA LENGKAP,JK,TMP LAHIR,TGL LAHIR,NAMA IBU KANDUNG,ALAMAT,DESA/KELURAHAN,KECAMATAN,KABUPATEN/KOTA,NO HP
1,1107160105090013,,YULITA KBAREK,P,PIDIE,05/12/1936,SARAH KBAREK,JL. MASJID NO. 7 RT.001/RW.002,MEUNASAH BEUREUNUEN,MUTIARA,PIDIE,
2,1107160105090013,1107161003530001,HABEL KAFIAR,L,PIDIE,10/03/1953,YULITA KBAREK,JALAN MASJID NO 7 1/2,MEUNASAH BEUREUNUEN,MUTIARA,PIDIE,
3,1107161105090019,,HABEL KAFIAR,L,PIDIE,19428,,JALAN MASJID,PULO RAYA,MUTIARA,PIDIE,
`

func rowsOf(t testing.TB, text string) engine.Source {
	t.Helper()
	rows, err := flatcsv.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestPlacesByName: where no column has a place's code, its names are compared, keys join by them, and a date that a
// spreadsheet made a number is read.
func TestPlacesByName(t *testing.T) {
	t.Parallel()
	e := prepare(t, identity(t), rowsOf(t, placesByName), nil, engine.Options{})
	report := doubles(t, e).Report
	if want := []string{"father", "role", "head", "area"}; !slices.Equal(report.Missing, want) {
		t.Errorf("missing %v, want %v", report.Missing, want)
	}
	for _, s := range report.Skipped {
		if strings.HasPrefix(s, "key ") && !strings.Contains(s, "head") || strings.HasPrefix(s, "within ") {
			t.Errorf("left out: %s", s)
		}
	}
	levels := func(a, b int) map[string]string {
		m := map[string]string{}
		for _, bar := range e.Explain(a, b).Bars {
			m[bar.Comparison] = bar.Level
		}
		return m
	}
	if got := levels(0, 1); got["village"] != "same" || got["address"] != "same" {
		t.Errorf("people of one house: %v", got)
	}
	if got := levels(1, 2); got["village"] != "subdistrict" || got["address"] != "part" || got["birth"] != "exact" {
		t.Errorf("one of two villages: %v", got)
	}
}

// TestPlacesByCode: names of places are no comparison of their own where there is a code, but tell that two codes mean one village.
func TestPlacesByCode(t *testing.T) {
	t.Parallel()
	text := strings.Replace(placesByName, ",KECAMATAN", ",KECAMATAN,KODE DESA", 1)
	for place, codes := range map[string][]string{"MEUNASAH BEUREUNUEN,MUTIARA,": {"1107160007,", "1107162007,"}, "PULO RAYA,MUTIARA,": {"1107160009,"}} {
		for _, code := range codes {
			text = strings.Replace(text, place+"PIDIE", place+code+"PIDIE", 1)
		}
	}
	e := prepare(t, identity(t), rowsOf(t, text), nil, engine.Options{})
	for pair, want := range map[[2]int]string{{0, 1}: "village", {1, 2}: "subdistrict"} {
		bars := e.Explain(pair[0], pair[1]).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "area" && b.Level == want }) {
			t.Errorf("%v: %+v, want %s", pair, bars, want)
		}
		if slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "village" }) {
			t.Errorf("%v: the village is compared twice: %+v", pair, bars)
		}
	}
}

// TestWrongAlternatives: every alternative of a key is checked, and a column stands instead of an earlier one.
func TestWrongAlternatives(t *testing.T) {
	t.Parallel()
	refused(t, string(tables.Identity), map[[2]string]string{
		{"birth + village else birth + area", "birth + village else birth + nowhere"}: "linkage.model_column_unknown",
		{"clean: [numbers_apart]", "instead_of: nowhere"}:                             "linkage.model_column_unknown",
		{"clean: [numbers_apart]", "instead_of: phone"}:                               "linkage.model_setting",
	})
}
