package linkage

import "math/bits"

// A few thousand words make up nearly all names, and hardly two of them are alike: of the 2,048 first met of a registry's, one
// pair in four hundred. Which are is worked out once, a bit for each pair, so that most names are told apart by looking at as
// many bits as they have pairs of words.

// alikes tells which of the words met first, which are the common ones, are alike or the same.
type alikes struct {
	n     uint32   // words it knows, those below it
	width uint32   // words of memory a row has
	bits  []uint64 // by word, a bit for each other
}

const (
	mostAlikes = 2048 // words, 512 KB of bits, of which few are ever asked for
	// alikesPerRow bounds the pairs of words that are held against each other before it is known which will be asked for.
	alikesPerRow = 16
)

// has tells whether two words are known to the table, and whether they are alike.
func (t *alikes) has(x, y wordID) (alike, known bool) {
	if uint32(x) >= t.n || uint32(y) >= t.n {
		return false, false
	}
	return t.bits[uint32(x)*t.width+uint32(y)>>6]>>(y&63)&1 != 0, true
}

// prepareAlikes makes the table and gives what fills it, to be done side by side; alikesBothWays ends it.
func (d *data) prepareAlikes(workers int) (parts []func()) {
	n := min(len(d.words.words), mostAlikes)
	for n*n > alikesPerRow*d.n+64*64 {
		n /= 2
	}
	d.words.alikes = alikes{n: uint32(n), width: uint32(n+63) / 64}
	t := &d.words.alikes
	t.bits = make([]uint64, t.n*t.width)
	for _, run := range portionList(n, lanePortions*workers) {
		parts = append(parts, func() {
			w := &worker{data: d}
			for x := run.from; x < run.to && !d.halted(0); x++ {
				w.alikesOf(wordID(x))
			}
		})
	}
	return parts
}

// alikesOf finds the words below one that are like it.
func (w *worker) alikesOf(x wordID) {
	l := w.data.words
	t := &l.alikes
	row := t.bits[uint32(x)*t.width:][:t.width]
	look, word := l.looks[x], &l.words[x]
	for y := range x {
		if !look.far(&l.looks[y]) && w.judge(word, &l.words[y]) != unlike {
			row[y>>6] |= 1 << (y & 63)
		}
	}
	row[x>>6] |= 1 << (x & 63)
}

// bothWays notes of each two words that are alike what was found of one of them for the other, too.
func (t *alikes) bothWays() {
	for at, set := range t.bits {
		x := uint32(at) / t.width
		for ; set != 0; set &= set - 1 {
			y := uint32(at)%t.width*64 + uint32(bits.TrailingZeros64(set))
			t.bits[y*t.width+x>>6] |= 1 << (x & 63)
		}
	}
}

// wordPairs is a set of pairs of words of two names: eight bits for each word of the first, one for each of the second.
type wordPairs uint64

// next gives the first pair of a set.
func (s wordPairs) next() (i, j int) {
	at := bits.TrailingZeros64(uint64(s))
	return at >> 3, at & 7
}

// alikeWords gives the words of two names that are the same or alike in any way.
func (w *worker) alikeWords(a, b *nameValue) (set wordPairs) {
	t := &w.data.words.alikes
	for i, x := range a.list() {
		for j, y := range b.list() {
			alike, known := t.has(x, y)
			if !known {
				alike = w.alikeRare(x, y)
			}
			if alike {
				set |= 1 << (8*i + j)
			}
		}
	}
	return set
}

// alikeRare tells whether two words, of which the table of words that are alike does not know both, are the same or alike.
func (w *worker) alikeRare(x, y wordID) bool {
	looks := w.data.words.looks
	return x == y || !looks[x].far(&looks[y]) && w.like(x, y) != unlike
}
