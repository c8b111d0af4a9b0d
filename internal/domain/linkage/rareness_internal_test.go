package linkage

import (
	"testing"

	tables "tepat/data/linkage"
)

// TestRarenessBoundsWhatAgreementAdds holds what two values can add by how rare they are against what they do add.
func TestRarenessBoundsWhatAgreementAdds(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Prepare(m, townForBounds(150), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, w := newScorer(e.data, e.prior(), e.mates()), newWorker(e.data)
	for _, c := range e.plan.rarities() {
		k, lower := 0, 0
		for at := range e.plan.comparisons {
			if &e.plan.comparisons[at] == c {
				k = at
			}
		}
		left := s.leftOf(k)
		for i := range e.n {
			for j := range i {
				x := pair{a: e.record(i), b: e.record(j)}
				level, adjust := w.level(k, x.a, x.b)
				most := left.of(&x)
				if adds := c.weights[level] + adjust; adds > most {
					t.Fatalf("%s: rows %d and %d agree by %.2f bits, at most %.2f were told", c.file.Name, i, j, Bits(adds), Bits(most))
				}
				if most > 0 && most < min(c.gain, c.differ) {
					lower++
				}
			}
		}
		if lower == 0 && c.kind == kindName {
			t.Errorf("%s: no pair is bounded by how rare its names are", c.file.Name)
		}
	}
}

// TestRareByte holds the byte of a share against the share: never rarer than told, and not told beyond 32 bits.
func TestRareByte(t *testing.T) {
	t.Parallel()
	for share := int32(0); share > -40*unit; share -= 17 {
		b := rareByte(share)
		told := int32(b)*rareStep - 255*rareStep
		if b > 0 && (told > share || told <= share-rareStep) || b == 0 && share > -254*rareStep {
			t.Fatalf("a share of %.3f bits is told as %d", Bits(share), b)
		}
	}
}
