package linkage

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// test tells whether two records agree in one way. Its columns have values on both sides.
type test func(w *worker, a, b []uint32) bool

// testKind is one word a level's condition may use.
type testKind struct {
	name    string
	kinds   []kind
	numbers int // arguments that are numbers
	columns int // columns it needs; 0 or 1 is the comparison's own
	second  kind
	values  int // arguments that are values of the column
	// make builds the test of the columns of a plan.
	make func(d *data, c []*column, n []float64) test
}

// usage writes how the test is called.
func (t *testKind) usage() string {
	var args []string
	for i := range t.columns {
		args = append(args, "column"+strconv.Itoa(i+1))
	}
	for i := range t.numbers {
		args = append(args, "number"+strconv.Itoa(i+1))
	}
	for i := range t.values {
		args = append(args, "VALUE"+strconv.Itoa(i+1))
	}
	if len(args) == 0 {
		return t.name
	}
	return t.name + "(" + strings.Join(args, ", ") + ")"
}

func testNamed(name string, k kind) (testKind, bool) {
	list := testKinds()
	i := slices.IndexFunc(list, func(t testKind) bool { return t.name == name && slices.Contains(t.kinds, k) })
	if i < 0 {
		return testKind{}, false
	}
	return list[i], true
}

func testNames(k kind) (names []string) {
	for _, t := range testKinds() {
		if slices.Contains(t.kinds, k) {
			names = append(names, t.usage())
		}
	}
	return names
}

// testKinds lists every test, by the type of column.
func testKinds() []testKind {
	texts := []kind{kindText, kindCode}
	digits, dates, numbers, names := []kind{kindDigits}, []kind{kindDate}, []kind{kindNumber}, []kind{kindName}
	words := []kind{kindText, kindCode, kindDate, kindNumber, kindName}
	values := words[:len(words)-1]
	return []testKind{
		{"equal", words, 0, 0, 0, 0, equalWords},
		{"equal", digits, 0, 0, 0, 0, func(_ *data, c []*column, _ []float64) test {
			at := c[0].word
			return func(_ *worker, a, b []uint32) bool {
				return a[at] == b[at] && a[at+1] == b[at+1] && a[at] != noDigitsWord
			}
		}},
		{"crossed", values, 0, 2, 0, 0, crossedWords},
		{"crossed", names, 0, 2, 0, 0, crossedNames},
		{"mixed", digits, 0, 2, 0, 0, mixedDigits},
		{"mixed", words, 0, 2, 0, 0, mixedWords},

		{valuesTest, []kind{kindCode}, 0, 0, 0, 2, nil},

		{"jaro_winkler", texts, 1, 0, 0, 0, textTest(func(w *worker, a, b []byte, n []float64) bool { return w.jaroWinkler(a, b) >= n[0] })},
		{"edits", texts, 1, 0, 0, 0, textTest(func(w *worker, a, b []byte, n []float64) bool { return w.within(a, b, int(n[0])) })},
		{"prefix", texts, 1, 0, 0, 0, textTest(func(_ *worker, a, b []byte, n []float64) bool { return samePrefix(a, b, int(n[0])) })},
		{"suffix", texts, 1, 0, 0, 0, textTest(func(_ *worker, a, b []byte, n []float64) bool { return sameSuffix(a, b, int(n[0])) })},
		{"begins", texts, 0, 0, 0, 0, textTest(func(_ *worker, a, b []byte, _ []float64) bool {
			return bytes.HasPrefix(a, b) || bytes.HasPrefix(b, a)
		})},
		{"contains", texts, 0, 0, 0, 0, textTest(func(_ *worker, a, b []byte, _ []float64) bool {
			return bytes.Contains(a, b) || bytes.Contains(b, a)
		})},
		{"soundex", texts, 0, 0, 0, 0, textTest(func(_ *worker, a, b []byte, _ []float64) bool {
			var one, two [6]byte
			return bytes.Equal(soundex(a, one[:0]), soundex(b, two[:0]))
		})},
		{"words_shared", texts, 1, 0, 0, 0, textTest(func(_ *worker, a, b []byte, n []float64) bool { return wordsShared(a, b) >= n[0] })},

		{relationWords[nameSame], names, 0, 0, 0, 0, nameTest(nameSame)},
		{relationWords[nameJoined], names, 0, 0, 0, 0, nameTest(nameJoined)},
		{relationWords[nameSpelling], names, 0, 0, 0, 0, nameTest(nameSpelling)},
		{relationWords[nameRhyme], names, 0, 0, 0, 0, nameTest(nameRhyme)},
		{relationWords[nameNear], names, 0, 0, 0, 0, nameTest(nameNear)},
		{relationWords[nameSlight], names, 0, 0, 0, 0, nameTest(nameSlight)},
		{relationWords[nameSubset], names, 0, 0, 0, 0, nameTest(nameSubset)},
		{relationWords[nameWeak], names, 0, 0, 0, 0, nameTest(nameWeak)},
		{relationWords[nameSome], names, 0, 0, 0, 0, nameTest(nameSome)},

		{"digits_off", digits, 1, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool {
			return sameLength(a, b) && bits.OnesCount64(nibbles(a^b)) <= int(n[0])
		})},
		{"transposed", digits, 0, 0, 0, 0, digitTest(func(a, b uint64, _ []float64) bool { return transposed(a, b) })},
		{"blocks_swapped", digits, 1, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return blocksSwapped(a, b, int(n[0])) })},
		{"lost", digits, 0, 0, 0, 0, digitTest(func(a, b uint64, _ []float64) bool { return lost(a, b) || lost(b, a) })},
		{"only", digits, 2, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool {
			first, last := int(n[0])-1, int(n[1])-1
			return nibbles(a^b)&^(ones16>>(4*first)&^(ones16>>(4*(last+1)))) == 0
		})},
		{"same", digits, 2, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return samePiece(a, b, int(n[0])-1, int(n[1])) })},
		{"zeroed", digits, 1, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return zeroed(a, b, int(n[0])) })},
		{"apart", digits, 3, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return apart(a, b, int(n[0]), int(n[1]), int(n[2])) })},
		{"at_least", digits, 3, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return atLeast(a, b, int(n[0]), int(n[1]), int(n[2])) })},
		{"shifted", digits, 2, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool { return shifted(a, b, int(n[0]), int(n[1])) })},
		{"own_dates", digits, 0, 2, kindDate, 0, ownDates},
		{"own_dates", dates, 0, 2, kindDigits, 0, datesOwn},
		{"date_carried", dates, 0, 2, kindDigits, 0, dateCarried},
		{"date_lent", dates, 0, 2, kindDigits, 0, dateLent},
		{"own_places", digits, 0, 2, 0, 0, ownPlaces},
		{"across", digits, 1, 2, 0, 0, func(_ *data, c []*column, n []float64) test { return placed(c[0].word, c[1].word, int(n[0]), 1) }},
		{"home", digits, 1, 2, 0, 0, func(_ *data, c []*column, n []float64) test { return placed(c[0].word, c[1].word, int(n[0]), -1) }},
		{"prefix", digits, 1, 0, 0, 0, digitTest(func(a, b uint64, n []float64) bool {
			shift := 64 - 4*min(max(int(n[0]), 1), 16)
			return a>>shift == b>>shift && a>>shift&15 != 15
		})},

		{"swapped", dates, 0, 0, 0, 0, dateTest(func(a, b uint32, _ []float64) bool {
			return a>>16 == b>>16 && a>>8&0xff == b&0xff && b>>8&0xff == a&0xff && a&0xff != 0 && a&0xff00 != 0
		})},
		{"digits_off", dates, 1, 0, 0, 0, dateTest(func(a, b uint32, n []float64) bool {
			return wholeDate(a) && wholeDate(b) && bits.OnesCount64(nibbles(uint64(a^b))) <= int(n[0])
		})},
		{"transposed", dates, 0, 0, 0, 0, dateTest(func(a, b uint32, _ []float64) bool {
			return wholeDate(a) && wholeDate(b) && transposed(uint64(a), uint64(b))
		})},
		{"days", dates, 1, 0, 0, 0, dateTest(func(a, b uint32, n []float64) bool {
			return wholeDate(a) && wholeDate(b) && math.Abs(dayNumber(a)-dayNumber(b)) <= n[0]
		})},
		{"years", dates, 1, 0, 0, 0, dateTest(func(a, b uint32, n []float64) bool { return yearsApart(a, b) <= int(n[0]) })},
		{"year_off", dates, 1, 0, 0, 0, dateTest(func(a, b uint32, n []float64) bool {
			return wholeDate(a) && wholeDate(b) && a&0xffff == b&0xffff && yearsApart(a, b) == int(n[0])
		})},
		{"month_day", dates, 0, 0, 0, 0, dateTest(func(a, b uint32, _ []float64) bool { return a&0xffff == b&0xffff && wholeDate(a) })},
		{"year_month", dates, 0, 0, 0, 0, dateTest(func(a, b uint32, _ []float64) bool { return a>>8 == b>>8 && a&0xff00 != 0 })},
		{"guessed", dates, 0, 0, 0, 0, dateTest(func(a, b uint32, _ []float64) bool { return guessedDate(a) || guessedDate(b) })},
		{"partial", dates, 0, 0, 0, 0, dateTest(partialDates)},

		{"within", numbers, 1, 0, 0, 0, numberTest(func(a, b, n float64) bool { return math.Abs(a-b) <= n })},
		{"ratio", numbers, 1, 0, 0, 0, numberTest(func(a, b, n float64) bool {
			return math.Min(math.Abs(a), math.Abs(b)) >= n*math.Max(math.Abs(a), math.Abs(b)) && a*b >= 0
		})},
	}
}

func equalWords(_ *data, c []*column, _ []float64) test {
	at := c[0].word
	none := uint32(0)
	if c[0].kind == kindNumber {
		none = noNumber
	}
	return func(_ *worker, a, b []uint32) bool { return a[at] == b[at] && a[at] != none }
}

// crossedWords: what one side has in the first column the other has in the second, and the reverse.
func crossedWords(d *data, c []*column, _ []float64) test {
	one, two := c[0], c[1]
	equal := d.across(one, two)
	return func(_ *worker, a, b []uint32) bool { return equal(a, b) && equal(b, a) }
}

// crossedNames: what one side has in the first column the other has in the second, and the reverse, but for
// spellings and words that are missing. At least one word is the same each way, which is cheap to see.
func crossedNames(d *data, c []*column, _ []float64) test {
	x, y, left, right := c[0].word, c[1].word, d.table(c[0]), d.table(c[1])
	return func(w *worker, a, b []uint32) bool {
		if a[x] == 0 || a[y] == 0 || b[x] == 0 || b[y] == 0 {
			return false
		}
		one, two, three, four := &left.names[a[x]], &right.names[b[y]], &left.names[b[x]], &right.names[a[y]]
		return one.shares(two) && three.shares(four) && w.names(one, two).relation <= nameSubset && w.names(three, four).relation <= nameSubset
	}
}

// shares tells whether two names have a word in common.
func (v *nameValue) shares(o *nameValue) bool {
	for _, x := range v.list() {
		if slices.Contains(o.list(), x) {
			return true
		}
	}
	return false
}

// mixedWords: what one side has in the first column the other has in the second.
func mixedWords(d *data, c []*column, _ []float64) test {
	equal := d.across(c[0], c[1])
	return func(_ *worker, a, b []uint32) bool { return equal(a, b) || equal(b, a) }
}

// across compares a column of one record with another column of another. Texts of two columns have
// different places, so what they hold is compared.
func (d *data) across(one, two *column) func(a, b []uint32) bool {
	x, y := one.word, two.word
	if !one.kind.tabled() {
		none := uint32(0)
		if one.kind == kindNumber {
			none = noNumber
		}
		return func(a, b []uint32) bool { return a[x] == b[y] && a[x] != none }
	}
	left, right := d.table(one), d.table(two)
	return func(a, b []uint32) bool {
		return a[x] != 0 && b[y] != 0 && bytes.Equal(left.texts.text(a[x]), right.texts.text(b[y]))
	}
}

// table gives the distinct values of a column.
func (d *data) table(c *column) *table {
	for i := range d.plan.columns {
		if &d.plan.columns[i] == c {
			return d.tables[i]
		}
	}
	return nil
}

func mixedDigits(_ *data, c []*column, _ []float64) test {
	x, y := c[0].word, c[1].word
	return func(_ *worker, a, b []uint32) bool {
		one, two := digitsAt(a, x), digitsAt(b, x)
		return one != noDigitsValue && one == digitsAt(b, y) || two != noDigitsValue && two == digitsAt(a, y)
	}
}

// ownDates: the date in digits 7 to 12 of an Indonesian population number (DDMMYY, women day + 40) is the
// row's own date on both sides, and the two dates differ: two people, not a slip.
func ownDates(_ *data, c []*column, _ []float64) test {
	x, y := c[0].word, c[1].word
	return func(_ *worker, a, b []uint32) bool {
		return a[y] != b[y] && ownDate(digitsAt(a, x), a[y]) && ownDate(digitsAt(b, x), b[y])
	}
}

// datesOwn is ownDates with the column of the date first.
func datesOwn(d *data, c []*column, n []float64) test { return ownDates(d, []*column{c[1], c[0]}, n) }

func ownDate(v uint64, date uint32) bool {
	if !wholeDate(date) {
		return false
	}
	digits := uint32(v >> 16 & 0xffffff)
	if digits>>20 >= 4 {
		digits -= 4 << 20
	}
	return digits == date&0xff<<16|date&0xff00|date>>16&0xff
}

// ownPlaces: both numbers begin with the six digits of their own row's place, and the places differ: each was given where its
// row lives, so the difference is no slip.
func ownPlaces(_ *data, c []*column, _ []float64) test {
	x, y := c[0].word, c[1].word
	return func(_ *worker, a, b []uint32) bool {
		one, two := a[x]>>8, b[x]>>8
		return one != two && one == a[y]>>8 && two == b[y]>>8 && one&15 != 15 && two&15 != 15
	}
}

// areValues: one side has the first value and the other the second.
func (d *data) areValues(c *column, values []string) test {
	at, t, coding, one, two := c.word, d.table(c), d.coding(c), []byte(values[0]), []byte(values[1])
	return func(_ *worker, a, b []uint32) bool {
		if a[at] == 0 || b[at] == 0 {
			return false
		}
		x, y := meant(coding, t.texts.text(a[at])), meant(coding, t.texts.text(b[at]))
		return bytes.Equal(x, one) && bytes.Equal(y, two) || bytes.Equal(x, two) && bytes.Equal(y, one)
	}
}

func textTest(f func(w *worker, a, b []byte, n []float64) bool) func(*data, []*column, []float64) test {
	return func(d *data, c []*column, n []float64) test {
		at, t := c[0].word, d.table(c[0])
		return func(w *worker, a, b []uint32) bool {
			if a[at] == 0 || b[at] == 0 {
				return false
			}
			one, two := ordered(t.texts.text(a[at]), t.texts.text(b[at]))
			return f(w, one, two, n)
		}
	}
}

// relationWords are the tests of names, by the relation they ask for.
var relationWords = [...]string{
	nameSame: "same_words", nameJoined: "joined", nameSpelling: "spelling", nameRhyme: "rhyme", nameNear: "near", nameSlight: "slight", nameSubset: "subset", nameWeak: "weak", nameSome: "some",
}

// relationNamed gives the relation a test of names asks for.
func relationNamed(test string) (relation, bool) {
	i := slices.Index(relationWords[:], test)
	return relation(max(i, 0)), i >= 0
}

// is tells whether a relation is of a kind: a rhyme is one of spelling too.
func (r relation) is(want relation) bool {
	return r == want || r == nameRhyme && want == nameSpelling
}

func nameTest(want relation) func(*data, []*column, []float64) test {
	return func(d *data, c []*column, _ []float64) test {
		at, t := c[0].word, d.table(c[0])
		return func(w *worker, a, b []uint32) bool { return w.nameMatch(t, a[at], b[at]).relation.is(want) }
	}
}

func digitTest(f func(a, b uint64, n []float64) bool) func(*data, []*column, []float64) test {
	return func(_ *data, c []*column, n []float64) test {
		at := c[0].word
		return func(_ *worker, a, b []uint32) bool { return f(digitsAt(a, at), digitsAt(b, at), n) }
	}
}

func dateTest(f func(a, b uint32, n []float64) bool) func(*data, []*column, []float64) test {
	return func(_ *data, c []*column, n []float64) test {
		at := c[0].word
		return func(_ *worker, a, b []uint32) bool { return a[at] != 0 && b[at] != 0 && f(a[at], b[at], n) }
	}
}

func numberTest(f func(a, b, n float64) bool) func(*data, []*column, []float64) test {
	return func(_ *data, c []*column, n []float64) test {
		at := c[0].word
		return func(_ *worker, a, b []uint32) bool {
			return f(float64(math.Float32frombits(a[at])), float64(math.Float32frombits(b[at])), n[0])
		}
	}
}

func samePrefix(a, b []byte, n int) bool {
	return len(a) >= n && len(b) >= n && bytes.Equal(a[:n], b[:n])
}

func sameSuffix(a, b []byte, n int) bool {
	return len(a) >= n && len(b) >= n && bytes.Equal(a[len(a)-n:], b[len(b)-n:])
}

// wordsShared is the share of the words of both that both have (Jaccard).
func wordsShared(a, b []byte) float64 {
	all, shared := 0, 0
	for word := range bytes.SplitSeq(a, []byte{' '}) {
		all++
		if hasWord(b, word) {
			shared++
		}
	}
	for word := range bytes.SplitSeq(b, []byte{' '}) {
		if !hasWord(a, word) {
			all++
		}
	}
	return float64(shared) / float64(all)
}

func hasWord(text, word []byte) bool {
	for from := 0; len(word) > 0; {
		i := bytes.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || text[i-1] == ' ') && (end == len(text) || text[end] == ' ') {
			return true
		}
		from = end
	}
	return false
}
