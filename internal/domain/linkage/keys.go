package linkage

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
)

// maxKeys bounds the keys of a model.
const maxKeys = 24

// keyPart is one function a key may use on a column.
type keyPart struct {
	name    string
	kinds   []kind
	numbers int
	many    bool // gives several values a row
	// text gives the values of a text; for tabled columns they are worked out once a distinct value.
	text func(text []byte, n []float64, out []uint64) []uint64
	// name is text for columns of names.
	name2 func(l *lexicon, v *nameValue, n []float64, out []uint64) []uint64
	// word gives the value of packed columns, zero for none.
	word func(record []uint32, at int, n []float64) uint64
}

func (k *keyPart) usage(column string) string {
	if k.numbers == 0 {
		return k.name + "(" + column + ")"
	}
	return k.name + "(" + column + ", number)"
}

func keyPartNamed(name string, k kind) (keyPart, bool) {
	list := keyParts()
	i := slices.IndexFunc(list, func(p keyPart) bool { return p.name == name && slices.Contains(p.kinds, k) })
	if i < 0 {
		return keyPart{}, false
	}
	return list[i], true
}

func keyPartNames(k kind) (names []string) {
	for _, p := range keyParts() {
		if slices.Contains(p.kinds, k) && p.name != "value" {
			names = append(names, p.name)
		}
	}
	return names
}

func keyParts() []keyPart {
	texts, names := []kind{kindText, kindCode}, []kind{kindName}
	digits, dates, numbers := []kind{kindDigits}, []kind{kindDate}, []kind{kindNumber}
	return []keyPart{
		{name: "value", kinds: texts, text: func(t []byte, _ []float64, out []uint64) []uint64 { return append(out, hashText(t)) }},
		{name: "first", kinds: texts, numbers: 1, text: func(t []byte, n []float64, out []uint64) []uint64 {
			return append(out, hashText(t[:min(len(t), int(n[0]))]))
		}},
		{name: "last", kinds: texts, numbers: 1, text: func(t []byte, n []float64, out []uint64) []uint64 {
			return append(out, hashText(t[max(0, len(t)-int(n[0])):]))
		}},
		{name: "sound", kinds: texts, text: func(t []byte, _ []float64, out []uint64) []uint64 { return append(out, hashText(soundOf(t))) }},
		{name: "letters", kinds: texts, text: lettersKey},
		{name: "words", kinds: texts, many: true, text: func(t []byte, _ []float64, out []uint64) []uint64 {
			for _, word := range bytes.Fields(t) {
				out = append(out, hashText(word))
			}
			return out
		}},
		{name: "sounds", kinds: texts, many: true, text: func(t []byte, _ []float64, out []uint64) []uint64 {
			for _, word := range bytes.Fields(t) {
				out = append(out, hashText(soundOf(word)))
			}
			return out
		}},

		{name: "value", kinds: names, name2: func(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
			return append(out, sumOf(l, v, func(w *word) uint64 { return w.hash }))
		}},
		{name: "sound", kinds: names, name2: func(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
			return append(out, sumOf(l, v, func(w *word) uint64 { return w.sound }))
		}},
		{name: "words", kinds: names, many: true, name2: eachWord(func(w *word) uint64 { return w.hash })},
		{name: "sounds", kinds: names, many: true, name2: eachWord(func(w *word) uint64 { return w.sound })},
		{name: "first_sound", kinds: names, name2: func(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
			return append(out, l.words[v.ids[0]].sound)
		}},
		{name: "rare", kinds: names, name2: rareWord},
		{name: "initial", kinds: names, name2: func(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
			return append(out, mix(l.words[v.ids[0]].head&0xff))
		}},

		{name: "value", kinds: digits, word: func(r []uint32, at int, _ []float64) uint64 { return some(digitsAt(r, at), noDigitsValue) }},
		{name: "first", kinds: digits, numbers: 1, word: func(r []uint32, at int, n []float64) uint64 {
			return piece(digitsAt(r, at), 0, int(n[0]))
		}},
		{name: "last", kinds: digits, numbers: 1, word: func(r []uint32, at int, n []float64) uint64 {
			v := digitsAt(r, at)
			return piece(v, max(0, lengthOf(v)-int(n[0])), lengthOf(v))
		}},
		{name: "middle", kinds: digits, numbers: 2, word: func(r []uint32, at int, n []float64) uint64 {
			return piece(digitsAt(r, at), int(n[0])-1, int(n[1]))
		}},

		{name: "value", kinds: dates, word: func(r []uint32, at int, _ []float64) uint64 { return whole(r[at], uint64(r[at])) }},
		{name: "year", kinds: dates, word: func(r []uint32, at int, _ []float64) uint64 { return some(uint64(r[at]>>16), 0) }},
		{name: "year_month", kinds: dates, word: func(r []uint32, at int, _ []float64) uint64 { return whole(r[at], uint64(r[at]>>8)) }},
		{name: "month_day", kinds: dates, word: func(r []uint32, at int, _ []float64) uint64 { return whole(r[at], uint64(r[at]&0xffff)) }},
		{name: "either_way", kinds: dates, word: eitherWay},

		{name: "value", kinds: numbers, word: func(r []uint32, at int, _ []float64) uint64 { return some(uint64(r[at]), noNumber) }},
		{name: "round", kinds: numbers, numbers: 1, word: func(r []uint32, at int, n []float64) uint64 {
			if r[at] == noNumber || n[0] <= 0 {
				return 0
			}
			return mix(uint64(int64(math.Floor(float64(math.Float32frombits(r[at])) / n[0]))))
		}},
	}
}

func soundOf(t []byte) []byte {
	var room [6]byte
	if key := soundex(t, room[:0]); len(key) > 0 {
		return key
	}
	return t
}

// lettersKey is the letters of a text in order, each once: letters exchanged, doubled or repeated do not
// matter to it.
func lettersKey(t []byte, _ []float64, out []uint64) []uint64 {
	sorted := slices.Clone(t)
	slices.Sort(sorted)
	return append(out, hashText(slices.Compact(sorted)))
}

// sumOf adds hashes of the words, so that their order does not matter.
func sumOf(l *lexicon, v *nameValue, of func(*word) uint64) (sum uint64) {
	for _, id := range v.list() {
		sum += mix(of(&l.words[id]))
	}
	return mix(sum)
}

func eachWord(of func(*word) uint64) func(*lexicon, *nameValue, []float64, []uint64) []uint64 {
	return func(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
		for _, id := range v.list() {
			if w := &l.words[id]; !w.weak && w.text.to-w.text.from > 1 {
				out = append(out, of(w))
			}
		}
		return out
	}
}

// rareWord is the sound of the rarest word; of two equally rare that of the smaller hash.
func rareWord(l *lexicon, v *nameValue, _ []float64, out []uint64) []uint64 {
	best := &l.words[v.ids[0]]
	for _, id := range v.list() {
		if w := &l.words[id]; w.rarity < best.rarity || w.rarity == best.rarity && w.hash < best.hash {
			best = w
		}
	}
	return append(out, best.sound)
}

// some hashes a value unless it is none.
func some(v, none uint64) uint64 {
	if v == none {
		return 0
	}
	return mix(v)
}

func whole(d uint32, v uint64) uint64 {
	if !wholeDate(d) {
		return 0
	}
	return mix(v)
}

// eitherWay is a date whose day and month may have changed places: only those that can be read both ways.
func eitherWay(r []uint32, at int, _ []float64) uint64 {
	d := r[at]
	month, day := d>>8&0xff, d&0xff
	if !wholeDate(d) || dateDay(d) > 12 || month == day {
		return 0
	}
	return mix(uint64(d>>16)<<16 | uint64(min(month, day))<<8 | uint64(max(month, day)))
}

// lengthOf counts the digits of a packed number: what it is short of sixteen is filled with ones.
func lengthOf(v uint64) int { return 16 - bits.TrailingZeros64(^v)/4 }

// piece hashes the digits from one place to another; a number that is too short has none.
func piece(v uint64, from, to int) uint64 {
	if v == noDigitsValue || from < 0 || to > 16 || from >= to || lengthOf(v) < to {
		return 0
	}
	return mix(v<<(4*from)>>(64-4*(to-from))<<5 | uint64(to-from))
}
