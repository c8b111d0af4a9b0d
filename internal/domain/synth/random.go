package synth

import (
	"math/bits"
	"math/rand/v2"
)

// random is the generator's source of chance. It works on integers only, so that the same seed
// gives the same people on every processor: floating-point sums may be fused on some.
type random struct {
	pcg rand.PCG
}

// seed starts the stream that belongs to the keys; streams of other keys are independent of it, so
// that a family can be made again without the families before it.
func (r *random) seed(keys ...uint64) {
	hi, lo := uint64(0x9e3779b97f4a7c15), uint64(0xd1b54a32d192ed03)
	for _, key := range keys {
		hi = mix(hi ^ key)
		lo = mix(lo + key + hi)
	}
	r.pcg.Seed(hi, lo)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below gives a number from 0 up to, but not including, n; 0 when n is not positive. The bias of
// the multiplication is below n/2^64.
func (r *random) below(n int) int {
	if n <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between gives a number from lo to hi, both included.
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// permille reports true in n of a thousand cases.
func (r *random) permille(n int) bool { return r.below(1000) < n }

// normal gives a number around 0 that spreads like a normal one with the standard deviation: the
// sum of four uniform numbers, cut at about 3.46 deviations.
func (r *random) normal(deviation int) int {
	x := r.pcg.Uint64()
	sum := int(x&0xffff) + int(x>>16&0xffff) + int(x>>32&0xffff) + int(x>>48)
	return (sum - 2*0xffff) * deviation / 37837 // 65536/sqrt(3)
}

// shuffle puts the numbers in a random order.
func (r *random) shuffle(s []int32) {
	for i := len(s) - 1; i > 0; i-- {
		j := r.below(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}

// lot draws one of many things by weight in constant time (alias method, Vose 1991), with integer
// weights throughout.
type lot[T any] struct {
	values []T
	keep   []uint64 // of total: below it the value stands, else its alias
	alias  []uint16
	total  uint64
}

// newLot makes a lot; weights that are zero are never drawn. There must be at most 65,536 values
// and a positive weight.
func newLot[T any](values []T, weights []int) *lot[T] {
	l := &lot[T]{values: values, keep: make([]uint64, len(values)), alias: make([]uint16, len(values))}
	for _, w := range weights {
		l.total += uint64(w)
	}
	scaled := make([]uint64, len(values))
	var small, large []int
	for i, w := range weights {
		scaled[i] = uint64(w) * uint64(len(values))
		if scaled[i] < l.total {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, g := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		l.keep[s], l.alias[s] = scaled[s], uint16(g)
		scaled[g] -= l.total - scaled[s]
		if scaled[g] < l.total {
			large = large[:len(large)-1]
			small = append(small, g)
		}
	}
	for _, i := range append(small, large...) {
		l.keep[i], l.alias[i] = l.total, uint16(i)
	}
	return l
}

// draw gives one value.
func (l *lot[T]) draw(r *random) T {
	i, rest := bits.Mul64(r.pcg.Uint64(), uint64(len(l.values)))
	if at, _ := bits.Mul64(rest, l.total); at >= l.keep[i] {
		i = uint64(l.alias[i])
	}
	return l.values[i]
}
