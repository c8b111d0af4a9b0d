package screening_test

import (
	"testing"
	"testing/fstest"

	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

const ownHead = `
reasons:
  - {code: "X1", id: "Alasan uji", en: "Test reason", legal_basis: "Uji"}
criteria:
`

// own replaces the criteria by one of the test's.
func (h *house) own(id, hits, when, rest string) {
	h.t.Helper()
	text := ownHead + `  - {id: ` + id + `, reason: "X1", name: {id: "Uji", en: "Test"}, way_back: {id: "Uji", en: "Test"}, hits: ` + hits +
		`, effect: exclude, action: verify, valid_from: "2020", legal_basis: "Uji", when: "` + when + `"` + rest + `}`
	library, err := eligibility.ParseLibrary(fstest.MapFS{"own.yaml": {Data: []byte(text)}}, []string{"own.yaml"}, h.parts.Vocabulary)
	h.must(err)
	h.parts.Library = library
	h.open()
}

// TestACriterionMayReadAnyFact holds the plan to what a criterion reads: who has no
// evidence is judged too where it asks for none.
func TestACriterionMayReadAnyFact(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		one, two := row(t, 1, 1, testkit.Village), row(t, 2, 1, testkit.Village)
		one.Questionnaire, one.FamilyAnswers, one.PersonAnswers = "REGSOSEK22-K", `{"floor_area":250}`, `{}`
		two.Questionnaire, two.FamilyAnswers, two.PersonAnswers = "REGSOSEK22-K", `{"floor_area":30}`, `{}`
		young := row(t, 3, 1, testkit.Village)
		young.BirthDate = period.On(2015, 2, 3)
		twin := row(t, 4, 1, testkit.Village)
		twin.NIK, twin.Name, twin.BirthDate = nik(t, 1, 1), "ORANG LAIN", period.On(1960, 1, 1)
		h.register(one, two, young, twin)
		h.evidence(h.says(nik(t, 2, 1), "wage", "9000000", "2024-09"))
		for name, c := range map[string]struct {
			hits, when, rest string
			findings         int64
			judged           int64
		}{
			"an answer of the family":    {"family", "floor_area > 200", "", 1, 4},
			"an answer beside evidence":  {"person", "wage > 5000000 && floor_area < 100", ", evidence: [wage]", 1, 1},
			"the age of a head":          {"person", "is_head && age < 17", "", 1, 4},
			"a NIK that several claim":   {"person", "nik_contested", "", 1, 1},
			"evidence that nobody holds": {"person", "asn", ", evidence: [asn]", 0, 0},
		} {
			h.own("test", c.hits, c.when, c.rest)
			r, err := h.previewed("screen", screening.ScreenSettings{AsOf: h.today()})
			h.must(err)
			if f := figures(t, r); f["findings"] != c.findings || f["judged"] != c.judged {
				t.Errorf("%s: %d findings of %d judged, want %d of %d", name, f["findings"], f["judged"], c.findings, c.judged)
			}
		}
	})
}
