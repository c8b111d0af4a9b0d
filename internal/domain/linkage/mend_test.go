package linkage_test

import (
	"slices"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// TestColumnsMendEachOther: what the columns of one row tell of each other is put right before rows are compared.
func TestColumnsMendEachOther(t *testing.T) {
	t.Parallel()
	const nik, kk, other = "8171015204800003", "8171012307130436", "8171012307150777"
	for name, c := range map[string]struct {
		nik, kk, birth, compared, level string
	}{
		"number and card in each other's place": {kk, nik, "1980-04-12", "nik", "exact"},
		"and so is the card":                    {kk, nik, "1980-04-12", "kk", "exact"},
		"the other's card stays what it is":     {other, kk, "1980-04-12", "nik", "different"},
		"no date tells which is which":          {kk, nik, "", "nik", "is_card"},
		"month first, as the number tells":      {nik, kk, "04/12/1980", "birth", "exact"},
		"month first, no number tells":          {"", kk, "04/12/1980", "birth", "swapped"},
		"a month above twelve":                  {"", kk, "04/25/1980", "birth", "two_digits"},
	} {
		s := crowd()
		s.add(person("a", nik, kk, "MARTHA LATUHERU", "1980-04-12", "P", "", "8171011006")...)
		s.add(person("b", c.nik, c.kk, "MARTHA LATUHERU", c.birth, "P", "", "8171011006")...)
		bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == c.compared && b.Level == c.level }) {
			t.Errorf("%s: %v, want %s %s", name, bars, c.compared, c.level)
		}
	}
}

// TestDaysStayAgainstAReference: whoever mends a row is told that its day and month changed places.
func TestDaysStayAgainstAReference(t *testing.T) {
	t.Parallel()
	s, civil := crowd(), crowd()
	s.add(person("a", "8171015204800003", "", "MARTHA LATUHERU", "1980-12-04", "P", "", "8171011006")...)
	civil.add(person("b", "8171015204800003", "", "MARTHA LATUHERU", "1980-04-12", "P", "", "8171011006")...)
	bars := prepare(t, identity(t), s, civil, engine.Options{}).Explain(400, 801).Bars
	if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "birth" && b.Level == "swapped" }) {
		t.Errorf("%v", bars)
	}
}

// TestHeadOfAnother: who heads the household is told of the others; the head's own name is not counted twice.
func TestHeadOfAnother(t *testing.T) {
	t.Parallel()
	s := &sheet{header: []string{"id", "nama", "nama_krt", "tanggal_lahir"}}
	for _, r := range crowd().rows {
		s.add(r[0], r[3], "", r[4])
	}
	s.add("a", "SEHE", "MASE", "1982-04-06")
	s.add("b", "SEHE", "MASE", "1982-04-06")
	s.add("c", "H. MASE", "MASE", "1980-01-06")
	e := prepare(t, identity(t), s, nil, engine.Options{})
	for pair, want := range map[[2]int]string{{400, 401}: "exact", {400, 402}: "missing"} {
		bars := e.Explain(pair[0], pair[1]).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "head" && b.Level == want }) {
			t.Errorf("%v: %v, want %s", pair, bars, want)
		}
	}
}

// TestHeadAsName: a list of families alone has the head's name for the person's, and not once more for the head's.
func TestHeadAsName(t *testing.T) {
	t.Parallel()
	s := &sheet{header: []string{"id", "nama_kepala_keluarga", "tanggal_lahir"}}
	for _, r := range crowd().rows {
		s.add(r[0], r[3], r[4])
	}
	if missing := doubles(t, prepare(t, identity(t), s, nil, engine.Options{})).Report.Missing; !slices.Contains(missing, "head") || slices.Contains(missing, "name") {
		t.Errorf("missing %v", missing)
	}
}

// TestHeadsStandIn: a list of heads alone has their NIKs and names for the rows' own, and says so; where a row has a name of its own, in
// one field or in parts, the head's NIK is not hers.
func TestHeadsStandIn(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][]engine.StandIn{
		"id,nik_kepala_keluarga,nama_kepala_keluarga":               {{Column: "nik", Title: "nik_kepala_keluarga"}, {Column: "name", Title: "nama_kepala_keluarga"}},
		"id,nik,nama_kepala_keluarga":                               {{Column: "name", Title: "nama_kepala_keluarga"}},
		"id,nik_kepala_keluarga,nama":                               nil,
		"id,nik_kepala_keluarga,nama_depan,nama_kepala_keluarga":    nil,
		"id,nik_kepala_keluarga,nama_kepala_keluarga,nama_penerima": nil,
	} {
		s := &sheet{header: append(strings.Split(header, ","), "tanggal_lahir")}
		for _, r := range crowd().rows {
			s.add(slices.Concat([]string{r[0], r[1]}, slices.Repeat([]string{r[3]}, len(s.header)-3), []string{r[4]})...)
		}
		e := prepare(t, identity(t), s, nil, engine.Options{})
		if got := e.StandIns(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", header, got, want)
		}
		missing := doubles(t, e).Report.Missing
		if hasNIK := slices.ContainsFunc(want, func(s engine.StandIn) bool { return s.Column == "nik" }) || strings.Contains(header, "nik,"); slices.Contains(missing, "nik") == hasNIK {
			t.Errorf("%s: missing %v", header, missing)
		}
	}
}

// TestShortNamesThatSoundAlike: one short word that sounds like the other is more than nothing.
func TestShortNamesThatSoundAlike(t *testing.T) {
	t.Parallel()
	for other, want := range map[string]string{"MERI": "slight", "MERY": "exact", "MIRA": "different", "TONO": "different"} {
		s := crowd()
		s.add(person("a", "", "", "MERY", "", "P", "", "8171011006")...)
		s.add(person("b", "", "", other, "", "P", "", "8171011006")...)
		bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "name" && b.Level == want }) {
			t.Errorf("MERY and %s: %v, want %s", other, bars, want)
		}
	}
}
