package linkage_test

import (
	"fmt"
	"slices"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// worn makes a list whose copies are damaged in most places, in some twice: letters and digits slip,
// digits change places, a date gets a month there is none of, values are lost.
func worn(seed uint64, persons int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: febrlHeader}
	for n := range persons {
		p := m.febrlPerson(n)
		p[0] = fmt.Sprintf("rec-%d-org", n)
		p[5], p[6] = word(9000+m.IntN(500))+" park", word(5000+m.IntN(400))+"ville"
		p[7], p[8] = fmt.Sprint(2000+m.IntN(900)), []string{"nsw", "vic", "qld", "wa"}[m.IntN(4)]
		s.add(p...)
		for k := range m.IntN(4) {
			d := slices.Clone(p)
			d[0] = fmt.Sprintf("rec-%d-dup-%d", n, k)
			for range 13 {
				at := 1 + m.IntN(10)
				if d[at] = m.typo(d[at]); m.IntN(9) == 0 {
					d[at] = ""
				}
			}
			s.add(d...)
		}
	}
	return s.shuffled(seed)
}

// TestWornRows: a row damaged all over still finds its person, by what its fields have kept.
func TestWornRows(t *testing.T) {
	t.Parallel()
	s := worn(37, 1500)
	v := evaluated(t, prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), s, nil, engine.Options{Workers: 2}), false)
	t.Logf("%+v, unmet %d, B-cubed %.4f", v.Chosen, v.Unmet, v.BCubed.F1)
	if v.Chosen.F1 < 0.99 {
		t.Errorf("F1 %.4f", v.Chosen.F1)
	}
	for i := range s.rows { // a list without the number of the insurance, as many are
		s.rows[i] = slices.Delete(s.rows[i], 10, 11)
	}
	s.header = slices.Delete(slices.Clone(s.header), 10, 11)
	e := prepare(t, modelOf(t, "../../../data/linkage/febrl.yaml"), s, nil, engine.Options{Workers: 2})
	if v := evaluated(t, e, false); v.Chosen.F1 < 0.85 {
		t.Errorf("without a number: %+v", v.Chosen)
	}
}
