package linkage

import (
	"bytes"
	"math/bits"
)

// likeness says how two words of a name agree, from not at all to the same word.
type likeness uint8

const (
	unlike   likeness = iota
	short             // one is the everyday short form of the other
	cut               // one is an initial or the beginning of the other
	sounding          // short words that sound alike: a spelling only where another word is the same
	similar           // another spelling of the same word
	same
)

// relation is how two names agree as a whole, from the best.
type relation uint8

const (
	nameSame     relation = iota // the same words, in any order
	nameJoined                   // the same, written as one word or several: NUR HAYATI and NURHAYATI
	nameSpelling                 // the same words, some spelled in another way
	nameRhyme                    // of that kind: a word that begins, ends or sounds otherwise, as the names of twins do: MARTEN and MARTENO
	nameNear                     // the same, but a word and its other spelling are both common names: RINA and RINI
	nameSlight                   // short words that sound alike and nothing else: MERY and MERI
	nameSubset                   // a word missing, an initial, a word cut short; nothing contradicts
	nameWeak                     // short forms or initials only
	nameSome                     // words agree, others contradict
	nameDifferent
)

// nameMatch is what comparing two names found.
type nameMatch struct {
	relation relation
	rarity   int32 // log2 of the share of the population that holds all the words that agree, in units
}

// pairing is the state of one comparison: which words are taken, and how the pairs agree.
type pairing struct {
	a, b         *nameValue
	alike        wordPairs
	left, right  int8 // words without a partner
	usedA, usedB uint8
	found        [same + 1]int8
	rarity       int32
	near         bool
	rhyme        bool
}

// names compares two names word by word: the likest words are paired first, each word at most once. The
// order of the words does not count, and a word only one side has is a gap, never a contradiction.
func (w *worker) names(a, b *nameValue) nameMatch {
	if flipped(w.data.words, a, b) {
		a, b = b, a
	}
	p := pairing{a: a, b: b, left: int8(a.n), right: int8(b.n), alike: w.alikeWords(a, b)}
	if p.alike == 0 && strange(a, b) {
		return nameMatch{relation: nameDifferent}
	}
	w.pairSame(&p)
	if p.left > 0 && p.right > 0 {
		w.pairLike(&p)
	}
	r := p.relation()
	if r >= nameSubset && a.n == b.n && a.letter == b.letter && w.parted(a, b) {
		return nameMatch{nameJoined, rarityOfWords(w.data.words, b)}
	}
	if r >= nameSubset && a.n != b.n {
		switch {
		case w.joined(&p):
			return nameMatch{nameJoined, rarityOfWords(w.data.words, b)}
		case r >= nameWeak && w.run(a, b):
			return nameMatch{nameSpelling, max(rarityOfWords(w.data.words, a), rarityOfWords(w.data.words, b))}
		}
	}
	return nameMatch{r, p.rarity}
}

// strange tells of two names without a word that is like one of the other that they are different, and not the same with their
// words parted otherwise, as their letters tell.
func strange(a, b *nameValue) bool {
	return a.n == b.n || bits.OnesCount32(a.letter^b.letter) > runLetters
}

// runLetters is how many letters only one of two names may have that are the same but for a slip when their words are
// written as one.
const runLetters = 2

// runLength is how many letters a name must have for its words, written as one, to be held against another's.
const runLength = 7

// run tells whether two names are the same but for a slip when they are written without spaces: TARP IMIN and TARIPMIN.
func (w *worker) run(a, b *nameValue) bool {
	if bits.OnesCount32(a.letter^b.letter) > runLetters {
		return false
	}
	var room [2][64]byte
	one, two := w.data.words.unspaced(a, room[0][:0]), w.data.words.unspaced(b, room[1][:0])
	return min(len(one), len(two)) >= runLength && w.within(one, two, 1+max(len(one), len(two))/12)
}

// parted tells whether two names are the same but for where their spaces stand: TR ISAFITRI and TRI SAFITRI.
func (w *worker) parted(a, b *nameValue) bool {
	var room [2][64]byte
	return bytes.Equal(w.data.words.unspaced(a, room[0][:0]), w.data.words.unspaced(b, room[1][:0]))
}

// unspaced appends the words of a name without spaces.
func (l *lexicon) unspaced(v *nameValue, out []byte) []byte {
	for _, id := range v.list() {
		out = append(out, l.of(l.words[id].text)...)
	}
	return out
}

// flipped tells whether two names are to be compared in the other order, so that the result does not
// depend on which is given first.
func flipped(l *lexicon, a, b *nameValue) bool {
	if a.n != b.n {
		return a.n > b.n
	}
	for i := range a.list() {
		if a.ids[i] != b.ids[i] {
			return l.words[a.ids[i]].hash > l.words[b.ids[i]].hash
		}
	}
	return false
}

func (w *worker) pairSame(p *pairing) {
	for rest := p.alike; rest != 0; rest &= rest - 1 {
		i, j := rest.next()
		if x := p.a.ids[i]; x == p.b.ids[j] && p.free(i, j) {
			p.take(i, j, same)
			p.rarity += w.data.words.words[x].rarity
		}
	}
}

// free tells whether two words have no partner yet.
func (p *pairing) free(i, j int) bool { return p.usedA>>i&1 == 0 && p.usedB>>j&1 == 0 }

func (p *pairing) take(i, j int, l likeness) {
	p.usedA, p.usedB = p.usedA|1<<i, p.usedB|1<<j
	p.left, p.right = p.left-1, p.right-1
	p.found[l]++
}

// pairLike pairs the words that are not the same, the likest first.
func (w *worker) pairLike(p *pairing) {
	var like [8 * maxWords]likeness
	left, best := wordPairs(0), unlike
	for rest := p.alike; rest != 0; rest &= rest - 1 {
		if i, j := rest.next(); p.free(i, j) {
			left |= rest & -rest
			like[8*i+j] = w.like(p.a.ids[i], p.b.ids[j])
			best = max(best, like[8*i+j])
		}
	}
	for want := best; want > unlike; want-- {
		for rest := left; rest != 0; rest &= rest - 1 {
			if i, j := rest.next(); like[8*i+j] == want && p.free(i, j) {
				p.take(i, j, want)
				w.weighLike(p, p.a.ids[i], p.b.ids[j], want)
			}
		}
	}
}

// weighLike adds the share of the commoner of two words, as a slip of a common name is common.
func (w *worker) weighLike(p *pairing, x, y wordID, l likeness) {
	if l != similar && l != sounding {
		return
	}
	a, b := &w.data.words.words[x], &w.data.words.words[y]
	p.rarity += max(a.rarity, b.rarity)
	p.rhyme = p.rhyme || a.voice != b.voice && rhymes(w.data.words.of(a.text), w.data.words.of(b.text))
	p.near = p.near || a.common() && b.common() && min(a.count, b.count) >= max(a.count, b.count)/slipsOfName
}

// rhymes tells whether two words differ in what tells the names of twins, of brothers and sisters, of a man and a woman apart, and
// in nothing else: in the first letter, in the last, in a vowel that ends one of them, or in a vowel that sounds otherwise. E and I,
// or O and U, are one vowel to many ears; a slip of the pen falls anywhere.
func rhymes(a, b []byte) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := len(a)
	if len(b) == n+1 {
		return bytes.HasPrefix(b, a) && voiced(b[n]) != 0
	}
	at := 0
	for at < n && a[at] == b[at] {
		at++
	}
	if len(b) != n || at == n || !bytes.Equal(a[at+1:], b[at+1:]) {
		return false
	}
	x, y := voiced(a[at]), voiced(b[at])
	if x != 0 && y != 0 {
		return x != y
	}
	return at == 0 || at == n-1
}

// voiced gives the vowel a letter is to the ear, or zero.
func voiced(c byte) byte {
	switch c {
	case 'A':
		return 'A'
	case 'E', 'I':
		return 'I'
	case 'O', 'U':
		return 'U'
	}
	return 0
}

// slipsOfName is how many bearers a common name has, at the least, to one row on which it is written with one and the same slip: a
// word much rarer than its like is a slip of it and no name of its own, however many rows of a long list have it.
const slipsOfName = 100

// commonShare is the share of names from which a word counts as a name of its own, not a slip of another.
const (
	commonShare = -15 * unit // one name in 32,000
	commonCount = 4
)

func (w *word) common() bool { return w.count >= commonCount && w.rarity >= commonShare }

// relation turns the pairing into that of the whole names. A contradiction is a word left over on both sides.
func (p *pairing) relation() relation {
	if p.found[same] == 0 && p.found[sounding] > 0 { // not enough by itself
		if p.found[sounding] == int8(p.a.n) && p.a.n == p.b.n && !p.near && !p.rhyme {
			return nameSlight
		}
		p.left, p.right = p.left+p.found[sounding], p.right+p.found[sounding]
		p.found[sounding] = 0
	}
	spelled := p.found[similar] + p.found[sounding]
	strong, contradicts := p.found[same]+spelled, p.left > 0 && p.right > 0
	switch {
	case contradicts && strong+p.found[cut]+p.found[short] > 0:
		return nameSome
	case contradicts:
		return nameDifferent
	case strong == 0, p.found[short] > 0:
		return nameWeak
	case p.left+p.right+p.found[cut] > 0:
		if p.near {
			return nameWeak
		}
		return nameSubset
	case p.near:
		return nameNear
	case spelled == 1 && p.rhyme:
		return nameRhyme
	case spelled > 0:
		return nameSpelling
	}
	return nameSame
}

// joined tells whether words of the longer name, side by side, spell one word of the shorter, and all
// others are the same. The shorter name is a.
func (w *worker) joined(p *pairing) bool {
	l := w.data.words
	i, j := 0, 0
	for i < int(p.a.n) && j < int(p.b.n) {
		if p.a.ids[i] == p.b.ids[j] {
			i, j = i+1, j+1
			continue
		}
		rest := l.of(l.words[p.a.ids[i]].text)
		n := 0
		for j < int(p.b.n) && len(rest) > 0 {
			part := l.of(l.words[p.b.ids[j]].text)
			if !bytes.HasPrefix(rest, part) {
				return false
			}
			rest = rest[len(part):]
			n, j = n+1, j+1
		}
		if len(rest) > 0 || n < 2 {
			return false
		}
		i++
	}
	return i == int(p.a.n) && j == int(p.b.n)
}

// like compares two words that are not far from each other, asking the memo first.
func (w *worker) like(a, b wordID) likeness {
	if a > b {
		a, b = b, a
	}
	key := uint64(a)<<32 | uint64(b)
	slot := &w.likes[mix(key)%likeSlots]
	if slot.pair != key {
		l := w.data.words
		*slot = likeSlot{pair: key, like: w.judge(&l.words[a], &l.words[b])}
	}
	return slot.like
}

// likeSlot remembers the likeness of two words; names repeat so much that most questions were asked before.
type likeSlot struct {
	pair uint64
	like likeness
}

const likeSlots = 1 << 14

// far tells cheaply that two words cannot be alike: they sound different, and more letters of one are missing in the other
// than two edits and an exchange could explain. Neither may be the beginning or the end of the other: each has a letter the other
// does not have. Where both begin alike, which counts for much, so many must be missing on both sides that their similarity is no
// slip of the pen.
func (w *look) far(o *look) bool {
	if w.sound == o.sound {
		return false
	}
	only, other := w.letter&^o.letter, o.letter&^w.letter
	if !twoOrMore(only&(only-1)) && !twoOrMore(other&(other-1)) {
		return false
	}
	if only == 0 || other == 0 {
		return false // one may be the beginning or the end of the other
	}
	return w.first != o.first || w.unlikely(o, bits.OnesCount32(only), bits.OnesCount32(other))
}

// unlikely tells whether two words, so many letters of which the other does not have, are less similar than a slip of the pen
// leaves them: at most the others match, in order, and the first four are the same.
func (w *look) unlikely(o *look, only, other int) bool {
	one, two := int(w.length), int(o.length)
	return max(one, two) <= longest && 5*(only*two+other*one) > 2*one*two
}

// twoOrMore tells whether at least two bits are left after one was taken off: three in all.
func twoOrMore(x uint32) bool { return x&(x-1) != 0 }

// Thresholds of the string comparator: Splink's and Winkler's customary .92 for a slip of the pen, and a
// lower one for words that also sound the same.
const (
	slipSimilarity  = 0.92
	soundSimilarity = 0.80
	soundLength     = 5 // shorter words that sound the same are often two names: RINA and RINI
	slipLength      = 5 // from this length one edit is a slip of the pen
	slipsLength     = 9 // and from this one two
	tailLength      = 4 // letters of an everyday name that is the end of the long one
)

func (w *worker) judge(x, y *word) likeness {
	if x.known && y.known {
		return unlike
	}
	l := w.data.words
	a, b := l.of(x.text), l.of(y.text)
	if len(a) > len(b) {
		a, b, x, y = b, a, y, x
	}
	switch {
	case w.slip(a, b), len(a) == 4 && len(b) == 5 && w.within(a, b, 1), misread(a, b):
		return similar
	case begins(a, b):
		return cut
	case len(a) < 3:
		return unlike
	}
	similarity := w.jaroWinkler(a, b)
	switch {
	case similarity >= slipSimilarity:
		return similar
	case x.sound == y.sound && len(a) >= soundLength && similarity >= soundSimilarity:
		return similar
	case x.voice == y.voice, len(a) == 4 && len(b) == 4 && w.within(a, b, 1):
		return sounding
	case len(a) >= tailLength && bytes.HasSuffix(b, a), y.short.to > y.short.from && bytes.Equal(l.of(y.short), a):
		return short
	}
	return unlike
}

func (w *worker) slip(a, b []byte) bool {
	switch {
	case len(a) >= slipsLength:
		return w.within(a, b, 2)
	case len(a) >= slipLength:
		return w.within(a, b, 1)
	}
	return false
}

// begins tells whether a is an initial or a cut form of b. Words of two letters are too often names of their own, but for those
// without a vowel: SY for SYAMSUDDIN.
func begins(a, b []byte) bool {
	return (len(a) != 2 || !bytes.ContainsAny(a, "AEIOU")) && len(a) < len(b) && bytes.HasPrefix(b, a)
}

// misread tells whether two words are the same to a machine that reads letters from paper, which takes RN for M.
func misread(a, b []byte) bool {
	for len(a) > 0 && len(b) > 0 {
		switch x, y := looksLike(a), looksLike(b); {
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		case x == b[0]:
			a, b = a[2:], b[1:]
		case y == a[0]:
			a, b = a[1:], b[2:]
		default:
			return false
		}
	}
	return len(a)+len(b) == 0
}

// looksLike gives the one letter that the first two of a word look like, or zero.
func looksLike(s []byte) byte {
	if len(s) < 2 {
		return 0
	}
	switch string(s[:2]) {
	case "RN":
		return 'M'
	case "CL":
		return 'D'
	case "VV":
		return 'W'
	}
	return 0
}
