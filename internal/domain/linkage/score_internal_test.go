package linkage

import (
	"math"
	"testing"
)

// TestPowerIsExp2 holds the table to the function it stands for.
func TestPowerIsExp2(t *testing.T) {
	t.Parallel()
	for units := int32(-60 * unit); units <= 60*unit; units += 7 {
		want := math.Exp2(Bits(units))
		if got := power(units); math.Abs(got-want) > 1e-15*want {
			t.Fatalf("%d units: %v, want %v", units, got, want)
		}
	}
}
