package linkage

import "testing"

// TestPlacedNumbers: a number is given where somebody lives at the time, so it tells who came from where the other row lives.
func TestPlacedNumbers(t *testing.T) {
	t.Parallel()
	row := func(nik, area string) []uint32 {
		n, a := packDigits([]byte(nik), nil, 15, 17), packDigits([]byte(area), nil, 1, 17)
		return []uint32{uint32(n >> 32), uint32(n), uint32(a >> 32), uint32(a)}
	}
	const ambon, buru, jakarta = "8171011204800003", "8104011204800003", "3174011204800003"
	for _, c := range []struct {
		nikA, areaA, nikB, areaB string
		across, home             int
	}{
		{ambon, "8171011006", ambon, "8171011006", 0, 0},          // one place
		{ambon, "8171011006", ambon, "8171021001", 1, 1},          // two subdistricts of one district: one keeps the number of the other's
		{ambon, "8171011006", buru, "8104011006", 0, 2},           // each its own
		{buru, "8171011006", ambon, "8104011006", 2, 0},           // each the other's
		{ambon, "8171011006", ambon, "8104011006", 1, 1},          // one moved and kept it
		{ambon, "8171011006", "", "8104011006", 0, 1},             // the other has none
		{jakarta, "8171011006", jakarta, "8104011006", 0, 0},      // both from elsewhere
		{ambon, "8171011006", buru, "", 0, 0},                     // nobody knows where the other lives
		{ambon, "81", buru, "3174011006", 1, 1},                   // the province alone
		{"", "8171011006", "", "8104011006", 0, 0},                //
		{jakarta, "8171011006", ambon, "3174011006", 2, 0},        //
		{jakarta, "8171011006", "3171011204800003", "3174", 1, 1}, // of one province, and the district of the other row
	} {
		one, two := row(c.nikA, c.areaA), row(c.nikB, c.areaB)
		for n := 1; n <= 2; n++ {
			for side, want := range map[int]int{1: c.across, -1: c.home} {
				test := placed(0, 2, n, side)
				if got := test(nil, one, two); got != (want >= n) || got != test(nil, two, one) {
					t.Errorf("%+v: side %d of %d rows: %v", c, side, n, got)
				}
			}
		}
	}
}
