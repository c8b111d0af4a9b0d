package duplicates_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestAPairNoRunHasWeighedHasItsCompany: who is weighed when the pair is opened stands beside her family, not alone on her card.
func TestAPairNoRunHasWeighedHasItsCompany(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		others int // of the first card, who are on the second too
		want   string
	}{"nobody on both": {0, "apart_none"}, "her brother on both": {1, "apart_others"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, testkit.SQLite(t))
			one, brother := row(t, 1), row(t, 40)
			brother.KK, brother.Relation = one.KK, person.Child
			two := again(t, one, 377)
			two.MotherName, two.BirthPlace = "DORKAS SAPULETTE", "TUAL"
			beside := again(t, brother, 378)
			if c.others == 0 {
				beside.Name, beside.BirthDate, beside.MotherName = "ZAKARIAS RUMAHLATU", period.On(1951, 2, 3), "ELISABETH WENNO"
			}
			beside.KK, beside.Relation = two.KK, person.Child
			rows := []registry.Incoming{one, brother, two, beside}
			for n := 2; n < 40; n++ {
				rows = append(rows, row(t, n))
			}
			h.load(testkit.AmbonTenant, rows...)
			b, err := h.dup.Open(t.Context(), h.who, h.pair(h.find("1"), h.find("377")))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(b.Bars, func(x duplicates.Bar) bool { return x.Comparison == "company" && x.Level == c.want }) {
				t.Errorf("want company.%s of %+v", c.want, b.Bars)
			}
		})
	}
}
