package doubles_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/doubles"
)

func TestRank(t *testing.T) {
	t.Parallel()
	record := doubles.Record{
		ID: "q", NIK: "8171034203900018", Name: "YOHANA LEIWAKABESSY", Mother: "DORKAS WATTIMENA", Birth: "1990-03-02", Sex: "P", Area: "8171031001",
	}
	civil := record
	civil.ID, civil.NIK = "c1", "8171034203900017"
	namesake := civil
	namesake.ID, namesake.NIK, namesake.Mother = "c2", "8171054203900111", ""
	twin := civil
	twin.ID, twin.NIK, twin.Name, twin.KK = "c3", "8171034203900018", "ESTER LEIWAKABESSY", ""
	stranger := doubles.Record{ID: "c4", NIK: "7105011212750003", Name: "BUDI SANTOSO", Mother: "TUTI", Birth: "1975-12-12", Sex: "L", Area: "7105012001"}
	noMother := record
	noMother.Mother, noMother.NIK = "", ""

	cases := map[string]struct {
		record     doubles.Record
		candidates []doubles.Record
		best       string
		decision   doubles.Decision
	}{
		"one clear candidate":                {record, []doubles.Record{stranger, civil}, "c1", doubles.Link},
		"two namesakes born on one day":      {noMother, []doubles.Record{civil, namesake}, "c1", doubles.Review},
		"nobody fits":                        {record, []doubles.Record{stranger}, "c4", doubles.Reject},
		"her NIK, but her sister's name":     {record, []doubles.Record{twin}, "c3", doubles.Review},
		"a twin does not win over the truth": {record, []doubles.Record{civil, twin, stranger}, "c1", doubles.Link},
	}
	m := model(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := doubles.Rank(c.record, c.candidates, m)
			first := got[0]
			if c.candidates[first.Index].ID != c.best || first.Decision != c.decision {
				t.Errorf("best %s %v (%.1f bits, posterior %.4f, gap %.1f), want %s %v: %v", c.candidates[first.Index].ID, first.Decision,
					first.Weight, first.Posterior, first.Gap, c.best, c.decision, m.ExplainSuggestion(first, c.record, c.candidates))
			}
			var sum, bits float64
			for _, s := range got {
				sum += s.Posterior
			}
			for _, x := range m.ExplainSuggestion(first, c.record, c.candidates) {
				bits += x.Bits
			}
			if sum > 1+1e-9 || math.Abs(bits-first.Weight) > 1e-9 {
				t.Errorf("posteriors add up to %v, contributions to %v of %v", sum, bits, first.Weight)
			}
			turned := slices.Clone(c.candidates)
			slices.Reverse(turned)
			if again := doubles.Rank(c.record, turned, m); turned[again[0].Index].ID != c.best || again[0].Posterior != first.Posterior {
				t.Error("the order of the candidates matters")
			}
		})
	}
	if got := doubles.Rank(record, nil, m); len(got) != 0 {
		t.Errorf("candidates out of nothing: %v", got)
	}
}

func TestRankKnowsCommonNamesFromRareOnes(t *testing.T) {
	t.Parallel()
	var people []doubles.Record
	for i := range 2000 {
		name := "SITI AMINAH"
		if i%50 == 0 {
			name = fmt.Sprintf("NAMA%04d", i)
		}
		people = append(people, doubles.Record{ID: fmt.Sprint(i), Name: name})
	}
	m := model(t)
	m = m.WithFrequencies(doubles.CountNames(people, tables(t)))
	weight := func(name string) float64 {
		r := doubles.Record{ID: "q", Name: name}
		return doubles.Rank(r, []doubles.Record{r}, m)[0].Weight
	}
	if common, rare := weight("SITI AMINAH"), weight("NAMA0050"); common >= rare {
		t.Errorf("common name %.1f bits, rare name %.1f", common, rare)
	}
}

func TestRecordsPrintNothingPersonal(t *testing.T) {
	t.Parallel()
	r := doubles.Record{ID: "r1", NIK: "8171034203900018", Name: "YOHANA", Mother: "DORKAS", Birth: "1990-03-02", KK: "8171034203900999"}
	m := model(t)
	explained := m.ExplainSuggestion(doubles.Rank(r, []doubles.Record{r}, m)[0], r, []doubles.Record{r})
	text := fmt.Sprint(r) + fmt.Sprintf("%+v %#v %v", r, r, r.LogValue()) + fmt.Sprintf("%v %+v %#v", explained, explained, explained)
	for _, secret := range []string{"8171", "YOHANA", "DORKAS", "1990"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is printed: %s", secret, text)
		}
	}
	if !strings.Contains(text, "r1") {
		t.Error("the key is not printed")
	}
}

func TestModelSaysWhichItIs(t *testing.T) {
	t.Parallel()
	m := model(t)
	if !m.Unverified() || !reflect.DeepEqual(m.Version(), model(t).Version()) || len(m.Version()) < 10 {
		t.Errorf("version %q, unverified %v", m.Version(), m.Unverified())
	}
}
