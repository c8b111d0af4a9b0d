package doubles

import "strings"

// likeness says how two words of a name agree, from not at all to the same word.
type likeness uint8

const (
	unlike  likeness = iota
	short            // one is the everyday short form of the other
	cut              // one is an initial or the beginning of the other
	similar          // another spelling of the same word
	same
)

// nameMatch is what comparing two names found.
type nameMatch struct {
	level  int8
	share  float64 // log2 of the share of the population that holds all the words that agree
	common bool    // a pair of words is spelled in two ways that are both common
}

// comparer compares names with the words of one dictionary. One worker owns it.
type comparer struct {
	words  []token
	common int // a word counted this often is a name of its own
	memo   []memo
	masks  [256]uint64
}

// memo remembers the likeness of two words; names repeat so much that most questions were asked before.
type memo struct {
	pair uint64
	like likeness
}

const memoSize = 1 << 14

func newComparer(d *dictionary, m *Model) *comparer {
	return &comparer{words: d.tokens, common: m.frequency.CommonCount, memo: make([]memo, memoSize)}
}

// names compares two names word by word: the likest words are paired first, each word at most once. The
// order of the words does not count, and a word only one side has is a gap, never a contradiction.
func (c *comparer) names(a, b *nameForm) nameMatch {
	if a.n == 0 || b.n == 0 {
		return nameMatch{level: none}
	}
	p := pairing{left: a.n, right: b.n}
	for want := same; want > unlike; want-- {
		c.pair(a, b, want, &p)
	}
	level := p.level()
	if level >= nameSubset && c.joined(a, b, &p) {
		level = nameJoined
	}
	return nameMatch{level: level, share: p.share, common: p.common}
}

// pairing is the state of one comparison: which words are taken, and how the pairs agree.
type pairing struct {
	left, right  int8 // words without a partner
	usedA, usedB uint8
	found        [same + 1]int8
	share        float64
	common       bool
}

func (c *comparer) pair(a, b *nameForm, want likeness, p *pairing) {
	for i := range a.n {
		for j := range b.n {
			if p.usedA&(1<<i) != 0 || p.usedB&(1<<j) != 0 {
				continue
			}
			if c.like(a.ids[i], b.ids[j]) == want {
				p.usedA, p.usedB = p.usedA|1<<i, p.usedB|1<<j
				p.left, p.right = p.left-1, p.right-1
				p.found[want]++
				c.weigh(a.ids[i], b.ids[j], want, p)
			}
		}
	}
}

// weigh adds the share of the commoner of two words, as a rare slip of a common name is common.
func (c *comparer) weigh(a, b tokenID, want likeness, p *pairing) {
	x, y := &c.words[a], &c.words[b]
	if want >= similar {
		p.share += float64(max(x.log2, y.log2))
	}
	if want == similar && x.count >= c.common && y.count >= c.common {
		p.common = true
	}
}

// level turns the pairing into the level of the whole name. A contradiction is a word left over on both sides.
func (p *pairing) level() int8 {
	strong, contradicts := p.found[same]+p.found[similar], p.left > 0 && p.right > 0
	switch {
	case contradicts && strong+p.found[cut]+p.found[short] > 0:
		return nameSome
	case contradicts:
		return nameDifferent
	case strong == 0:
		return nameWeak
	case p.found[short] > 0:
		return nameWeak
	case p.left+p.right+p.found[cut] > 0:
		return nameSubset
	case p.found[similar] > 0:
		return nameSpelling
	}
	return nameExact
}

// joined tells whether the words left over are one word on one side and its parts on the other:
// NURHAYATI and NUR HAYATI.
func (c *comparer) joined(a, b *nameForm, p *pairing) bool {
	if a.n == b.n {
		return false
	}
	if a.n > b.n {
		a, b = b, a
		p = &pairing{left: p.right, right: p.left, usedA: p.usedB, usedB: p.usedA}
	}
	if p.left == 1 {
		return c.spells(c.loose(a, p.usedA), b, p.usedB)
	}
	if p.left > 0 {
		return false
	}
	return c.spells(c.begun(a, b, p), b, p.usedB)
}

// begun gives the word of the shorter name that was paired as the end of a longer one, so that its pair
// and the words left over may spell it together: NURHAYATI was paired with NUR as cut short.
func (c *comparer) begun(a, b *nameForm, p *pairing) tokenID {
	for i := range a.n {
		for j := range b.n {
			if c.like(a.ids[i], b.ids[j]) == cut && len(c.words[a.ids[i]].text) > len(c.words[b.ids[j]].text) {
				p.usedB &^= 1 << j
				return a.ids[i]
			}
		}
	}
	return 0
}

// loose gives the word without a partner.
func (c *comparer) loose(f *nameForm, used uint8) tokenID {
	for i := range f.n {
		if used&(1<<i) == 0 {
			return f.ids[i]
		}
	}
	return 0
}

// spells tells whether the free words of f, in order, spell the whole word.
func (c *comparer) spells(whole tokenID, f *nameForm, used uint8) bool {
	if whole == 0 {
		return false
	}
	rest := c.words[whole].text
	for i := range f.n {
		if used&(1<<i) != 0 {
			continue
		}
		var ok bool
		if rest, ok = strings.CutPrefix(rest, c.words[f.ids[i]].text); !ok {
			return false
		}
	}
	return rest == ""
}

// like compares two words, asking the memo first.
func (c *comparer) like(a, b tokenID) likeness {
	if a == b {
		return same
	}
	if a > b {
		a, b = b, a
	}
	key := uint64(a)<<32 | uint64(b)
	slot := &c.memo[mix(key)%memoSize]
	if slot.pair != key {
		*slot = memo{pair: key, like: c.judge(&c.words[a], &c.words[b])}
	}
	return slot.like
}

// Thresholds of the string comparator: Splink's and Winkler's customary .92 for a slip of the pen, and a
// lower one for words that also sound the same.
const (
	slipSimilarity  = 0.92
	soundSimilarity = 0.80
	soundLength     = 5 // shorter words that sound the same are often two names: RINA and RINI
)

func (c *comparer) judge(x, y *token) likeness {
	if x.known && y.known {
		return unlike
	}
	if begins(x.text, y.text) || begins(y.text, x.text) {
		return cut
	}
	if x.short == y.text || y.short == x.text {
		return short
	}
	shortest := min(len(x.text), len(y.text))
	if shortest < 3 {
		return unlike
	}
	similarity := c.similarity(x.text, y.text)
	alikeBySound := x.sound == y.sound && shortest >= soundLength && similarity >= soundSimilarity
	if similarity >= slipSimilarity || alikeBySound {
		return similar
	}
	return unlike
}

// begins tells whether a is an initial or a cut form of b. Two-letter words are too often names of their own.
func begins(a, b string) bool {
	return (len(a) == 1 || len(a) >= 3) && len(a) < len(b) && strings.HasPrefix(b, a)
}

// similarity is JaroWinkler with the worker's own masks, cleared by the bytes that were set.
func (c *comparer) similarity(a, b string) float64 {
	a, b = clip(a), clip(b)
	j := jaro(a, b, &c.masks)
	for i := range len(a) {
		c.masks[a[i]] = 0
	}
	return winkler(j, a, b)
}
