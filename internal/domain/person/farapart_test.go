package person_test

import (
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/person"
)

// TestFarApart: ways of writing one name are not far apart, however clerks write; two people's names mostly are.
func TestFarApart(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"MARIA LATUHERU", "MARIA LATUHERU"}: false, {"MARIA LATUHERU", "maria  latuheru"}: false, {"MARIA", ""}: false,
		{"RENDI LATUHERU", "RANDI LATUHERU"}: false, {"SITI AISYAH", "SITI ASIYAH"}: false, {"NURHAYATI", "NUR HAYATI"}: false,
		{"SUPARMI", "PARMI"}: false, {"SITI AMINAH", "AMINAH"}: false, {"YOHANES TUASIKAL", "JOHANNES TUASIKAL"}: false,
		{"MOH RIZKI", "MUHAMMAD RIZKI"}: false, {"B. SANTOSO", "BUDI SANTOSO"}: false, {"SOEHARTO", "SUHARTO"}: false,
		{"MARIA LATUHERU", "DORKAS LATUHERU"}: true, {"SITI AMINAH", "SITI KHADIJAH"}: true, {"BUDI SANTOSO", "AGUS PRASETYO"}: true,
		{"ADELINA", "KARTINI"}: true,
	} {
		if got := person.FarApart(pair[0], pair[1]); got != want {
			t.Errorf("%q and %q: %v, want %v", pair[0], pair[1], got, want)
		}
	}
}

func TestFarApartGoesBothWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-C]{0,7}( [A-C.]{1,6}){0,2}`)
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		if person.FarApart(a, b) != person.FarApart(b, a) || person.FarApart(a, a) || person.FarApart(a, "") {
			t.Errorf("%q, %q", a, b)
		}
	})
}
