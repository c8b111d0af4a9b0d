package synth

import (
	"slices"
	"sort"
)

// spread parts a total over places in proportion to their weights, so that the parts add up to the
// total exactly. The phase, from 0 up to the sum of the weights, says where rounding falls.
func spread(total int, weights []uint64, phase uint64) []int {
	parts := make([]int, len(weights))
	var sum uint64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return parts
	}
	var cumulated, before uint64
	before = phase / sum
	for i, w := range weights {
		cumulated += w
		at := (cumulated*uint64(total) + phase) / sum
		parts[i] = int(at - before)
		before = at
	}
	return parts
}

// largestFamily is the most members a family of the registry has.
const largestFamily = 9

// sizeWeights is how often families have 1, 2, ... members before the mean is bent to the wanted
// one (rough guess, unverified).
var sizeWeights = [largestFamily]float64{10, 17, 24, 25, 14, 6, 2.5, 1, 0.5}

// sizeLaw draws sizes of families with a wanted mean.
type sizeLaw struct {
	limits [largestFamily]uint32 // cumulated, of 1<<16
}

// newSizeLaw bends the weights exponentially until the mean is the one wanted.
func newSizeLaw(mean float64) sizeLaw {
	lo, hi := 0.05, 20.0
	for range 40 {
		middle := (lo + hi) / 2
		if meanSize(middle) < mean {
			lo = middle
		} else {
			hi = middle
		}
	}
	var law sizeLaw
	var sum, bent float64
	factor := 1.0
	for _, w := range sizeWeights {
		sum += w * factor
		factor *= lo
	}
	factor = 1.0
	for i, w := range sizeWeights {
		bent += w * factor
		factor *= lo
		law.limits[i] = uint32(bent / sum * (1 << 16))
	}
	law.limits[largestFamily-1] = 1 << 16
	return law
}

func meanSize(bend float64) float64 {
	var sum, persons float64
	factor := 1.0
	for i, w := range sizeWeights {
		sum += w * factor
		persons += w * factor * float64(i+1)
		factor *= bend
	}
	return persons / sum
}

func (l *sizeLaw) draw(r *random) int {
	at := uint32(r.below(1 << 16))
	size := 1
	for at >= l.limits[size-1] {
		size++
	}
	return size
}

// sizes draws the sizes of a number of families so that they add up to the persons exactly. There
// must be from one to largestFamily persons a family.
func sizes(r *random, families, persons int) []int {
	list := make([]int, families)
	if families == 0 {
		return list
	}
	law := newSizeLaw(float64(persons) / float64(families))
	rest := persons
	for i := range list {
		list[i] = law.draw(r)
		rest -= list[i]
	}
	for rest != 0 {
		i := r.below(families)
		switch {
		case rest > 0 && list[i] < largestFamily:
			list[i]++
			rest--
		case rest < 0 && list[i] > 1:
			list[i]--
			rest++
		}
	}
	return list
}

// cut parts persons into groups of the weighted sizes 1, 2, ...; the last group takes what is left.
func cut(r *random, persons int, weights []int) []int {
	var list []int
	law := newLot(oneTo(len(weights)), weights)
	for persons > 0 {
		size := min(law.draw(r), persons)
		list = append(list, size)
		persons -= size
	}
	return list
}

func oneTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// weighted draws indices by cumulated weights, for weights that are many or change.
type weighted struct {
	cumulated []uint64
}

func newWeighted(weights []uint64) weighted {
	w := weighted{slices.Clone(weights)}
	for i := 1; i < len(w.cumulated); i++ {
		w.cumulated[i] += w.cumulated[i-1]
	}
	return w
}

func (w weighted) draw(r *random) int {
	at := uint64(r.below(int(w.cumulated[len(w.cumulated)-1])))
	return sort.Search(len(w.cumulated), func(i int) bool { return w.cumulated[i] > at })
}
