package linkage_test

import (
	"fmt"
	"slices"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// barOf explains two rows added behind a crowd and gives the bar of a comparison.
func barOf(t *testing.T, s *sheet, comparison string, a, b []string) engine.Bar {
	t.Helper()
	n := len(s.rows)
	s.add(a...)
	s.add(b...)
	bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(n, n+1).Bars
	i := slices.IndexFunc(bars, func(x engine.Bar) bool { return x.Comparison == comparison })
	if i < 0 {
		return engine.Bar{}
	}
	return bars[i]
}

// TestReadThroughDamage holds values that a machine or a clerk has damaged to the level they should be at.
func TestReadThroughDamage(t *testing.T) {
	t.Parallel()
	one := func(nik, name, mother string) []string {
		return person("x", nik, "", name, "1980-04-12", "L", mother, "8171011006")
	}
	for name, c := range map[string]struct {
		comparison, level string
		a, b              []string
	}{
		"letters for digits in a NIK":  {"nik", "exact", one("8171011204800003", "MATHEOS SAHETAPY", ""), one("8I7101120480O003", "MATHEOS SAHETAPY", "")},
		"too many letters are no NIK":  {"nik", "missing", one("8171011204800003", "MATHEOS SAHETAPY", ""), one("BISIOIIZOABOOOO3", "MATHEOS SAHETAPY", "")},
		"a new NIK of one birthday":    {"nik", "reissued", one("8171011204800003", "MATHEOS SAHETAPY", ""), one("3201051204800017", "MATHEOS SAHETAPY", "")},
		"digits for letters in a name": {"name", "exact", one("", "SOLEMAN BULU", ""), one("", "S0LEMAN 8ULU", "")},
		"a slip and a space too many":  {"name", "spelling", one("", "TARIPMIN", ""), one("", "TARP IMIN", "")},
		"name and mother crossed":      {"name", "crossed", one("", "YOSEFINA WENDA", "SELFINA WANIMBO"), one("", "SELFINA WANIMBO", "YOSEFINA WENDA")},
	} {
		if got := barOf(t, crowd(), c.comparison, c.a, c.b); got.Level != c.level {
			t.Errorf("%s: %s, want %s", name, got.Level, c.level)
		}
	}
}

// TestCommonInItsDistrict takes from a name that is rare in the file and common where the two rows live.
func TestCommonInItsDistrict(t *testing.T) {
	t.Parallel()
	weight := func(area string) float64 {
		s := crowd()
		for i := range 3000 {
			s.add(person(fmt.Sprint("r", i), "", "", word(i)+" "+word(i/3+4000), "1970-02-03", "L", "", "3201011002")...)
		}
		for i := range 30 {
			s.add(person(fmt.Sprint("n", i), "", "", "LUKAS BEREK", "1975-01-09", "L", "", area)...)
		}
		p := person("x", "", "", "LUKAS BEREK", "1980-04-12", "L", "", "5304012001")
		return barOf(t, s, "name", p, p).Bits
	}
	if there, apart := weight("5304012001"), weight("3201011002"); there > apart-2 {
		t.Errorf("%.1f bits where 30 of 32 bear the name, %.1f where they live among thousands", there, apart)
	}
}

// TestMoved adds to pairs that differ in all that goes with a house.
func TestMoved(t *testing.T) {
	t.Parallel()
	a := person("x", "8171011204800003", "8171012307130436", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "8171011006")
	b := person("y", "8171011204800003", "3201012307130001", "MATHEOS SAHETAPY", "1980-04-12", "L", "DORKAS PATTINAMA", "3201011002")
	if got := barOf(t, crowd(), "variant", a, b); got.Level != "moved" || got.Bits < 1 {
		t.Errorf("moved: %v", got)
	}
	if got := barOf(t, crowd(), "variant", a, a); got.Bits > 0.1 {
		t.Errorf("not moved: %v", got)
	}
}
