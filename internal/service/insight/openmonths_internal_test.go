package insight

import (
	"math/rand/v2"
	"testing"

	"tepat/internal/domain/area"
)

// places makes a district of subdistricts with villages, and a month of it: the figures of every area, from those of villages.
// What is in none of the villages counts in its subdistrict.
func places(villages ...int) (root *openNode) {
	root = &openNode{code: 1}
	code := area.Code(1)
	for _, n := range villages {
		code++
		sub := &openNode{code: code}
		for range n {
			code++
			sub.below = append(sub.below, &openNode{code: code})
		}
		root.below = append(root.below, sub)
	}
	return root
}

func monthOf(root *openNode, of map[area.Code]int64, elsewhere map[area.Code]int64) figures {
	f := figures{of: map[area.Code]numbers{}}
	var count func(o *openNode) int64
	count = func(o *openNode) (n int64) {
		n = of[o.code] + elsewhere[o.code]
		for _, b := range o.below {
			n += count(b)
		}
		f.of[o.code] = numbers{metricFamilies: n}
		return n
	}
	count(root)
	return f
}

var families = openCount{n: func(n numbers) int64 { return n[metricFamilies] }, of: func(numbers) int64 { return 0 }}

// TestWhatAMonthHidStaysHidden: the village that stood in for a small one is not shown a month later, when its number would tell
// the small one of the month before.
func TestWhatAMonthHidStaysHidden(t *testing.T) {
	t.Parallel()
	root := places(3) // villages 3, 4 and 5
	first := monthOf(root, map[area.Code]int64{3: 3, 4: 20, 5: 50}, nil)
	second := monthOf(root, map[area.Code]int64{3: 8, 4: 20, 5: 50}, nil)
	root.open(second, nil, families)
	if got := root.seen(); got[2] != 8 || got[3] != 20 {
		t.Errorf("alone the second month shows %v", got)
	}
	root.open(second, []figures{first}, families)
	if got := root.seen(); got[2] != -1 || got[3] != -1 || got[4] != 50 || got[0] != 78 {
		t.Errorf("behind the first it shows %v", got)
	}
}

// TestWhatIsInNoVillageIsNotToldBySubtraction: the families of a village that is no more count in its subdistrict; the
// subdistrict less its villages would be they.
func TestWhatIsInNoVillageIsNotToldBySubtraction(t *testing.T) {
	t.Parallel()
	root := places(2)
	root.open(monthOf(root, map[area.Code]int64{3: 30, 4: 50}, map[area.Code]int64{2: 3}), nil, families)
	if got := root.seen(); got[2] != -1 || got[3] != 50 || got[1] != 83 {
		t.Errorf("shown: %v", got)
	}
	root.open(monthOf(root, map[area.Code]int64{3: 30, 4: 50}, map[area.Code]int64{2: 9}), nil, families)
	if got := root.seen(); got[2] != 30 || got[3] != 50 {
		t.Errorf("nine are not few: %v", got)
	}
}

// TestNoMonthTellsWhatAnotherHid takes random districts through two years of months in which numbers move little. Whoever takes
// every number that another month of the year behind shows for that of this month, as good as known, still cannot work out a small
// number of this one.
func TestNoMonthTellsWhatAnotherHid(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	small := 0
	for range 150 {
		var shape []int
		for range 1 + rng.IntN(4) {
			shape = append(shape, 1+rng.IntN(5))
		}
		root := places(shape...)
		of := map[area.Code]int64{}
		var leaves []area.Code
		root.each(func(o *openNode) {
			if len(o.below) == 0 {
				leaves = append(leaves, o.code)
				of[o.code] = int64(rng.IntN(3) * rng.IntN(12))
			}
		})
		var months []figures
		var hidden []map[area.Code]bool
		for m := range 24 {
			for range rng.IntN(3) {
				at := leaves[rng.IntN(len(leaves))]
				of[at] = max(0, of[at]+int64(rng.IntN(7)-3))
			}
			months = append(months, monthOf(root, of, nil))
			root.open(months[m], months[max(0, m-openYear+1):m], families)
			shut := map[area.Code]bool{}
			root.each(func(o *openNode) { shut[o.code] = o.hidden })
			hidden = append(hidden, shut)
			if told := workedOut(root); told >= 0 {
				t.Fatalf("month %d tells its own number %d: %v", m, told, root.seen())
			}
		}
		for a := range months { // of every month, with each of the year behind it for a guide
			for b := a + 1; b < len(months) && b-a < openYear; b++ {
				root.fill(months[a], families)
				var few []*openNode
				root.each(func(o *openNode) {
					if o.hidden && o.n > 0 {
						few = append(few, o)
					}
					o.hidden = hidden[a][o.code] && hidden[b][o.code]
				})
				for _, o := range few {
					if small++; !o.hidden {
						t.Fatalf("month %d hides %d of area %d, and month %d shows it", a, o.n, o.code, b)
					}
					if determined(root, o) {
						t.Fatalf("month %d, with month %d for a guide, tells %d of area %d", a, b, o.n, o.code)
					}
				}
			}
		}
	}
	if small < 1000 {
		t.Errorf("only %d small numbers: the districts prove little", small)
	}
}
