package linkage

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	tables "tepat/data/linkage"
)

func TestPackDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{
		"1980-04-12": 0x19800412, "1980/4/2": 0x19800402, "19800412": 0x19800412, "12-04-1980": 0x19800412, "12041980": 0x19800412, "15101956": 0x19561015, "19091964": 0x19640919, "20121990": 0x19901220, "19101012": 0x19101012, "19671356": 0x19671356,
		"12 April 1980": 0x19800412, "12 Agustus 1980": 0x19800812, "12 Mei 1980": 0x19800512, "December 3, 1980": 0x19801203, "1980-04": 0x19800400, "1980": 0x19800000,
		"04/1980": 0x19800400, "1980-31-12": 0x19803112, "1980-04-12T00:00:00Z": 0x19800412, "": 0, "-": 0, "0000-00-00": 0, "12": 0,
		"tidak tahu": 0, "99/99/9999": 0, "1980-04-00": 0x19800400,
		"19476024": 0x19476024, "1854-40-18": 0x18544018, "75-12-1980": 0x19801275, "1980-04-123": 0, "1980-99-99": 0x19800000, "1980-04-99": 0x19800400,
		"12-04-80": 0x19800412, "2/4/07": 0x20070402, "12 April 80": 0x19800412, "December 3, 80": 0x19801203, "12-04-29": 0x20290412, "12-04-30": 0x19300412,
		"04/25/1980": 0x19800425, "25/04/1980": 0x19800425, "14/25/1980": 0x19802514, "80-04-12": 0x19800412, "00-00-80": 0x19800000, "00-00-00": 0, "4/80": 0,
	} {
		if got := packDate([]byte(text), "", 0); got != want {
			t.Errorf("%q is %x, want %x", text, got, want)
		}
	}
	for _, c := range []struct {
		text, order string
		since       int
		want        uint32
	}{
		{"04/12/1980", "mdy", 0, 0x19800412}, {"04/12/80", "mdy", 0, 0x19800412}, {"04/25/1980", "dmy", 0, 0x19802504}, {"07-04-12", "ymd", 0, 0x20070412}, {"19091964", "ymd", 0, 0x19091964}, {"10151956", "mdy", 0, 0x19561015},
		{"12-04-27", "", 1927, 0x19270412}, {"12-04-26", "", 1927, 0x20260412}, {"3 May 91", "", 1820, 0x18910503},
	} {
		if got := packDate([]byte(c.text), c.order, c.since); got != c.want {
			t.Errorf("%q by %q from %d is %x, want %x", c.text, c.order, c.since, got, c.want)
		}
	}
}

func TestPackDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"8171011204800003": "8171011204800003", " 8171.0112 0480-0003": "8171011204800003", "'8171011204800003": "8171011204800003",
		"81710112048000031": "8171011204800003", "817101120480000": "817101120480000", "3,2E+15": "", "1111111111111111": "", "": "", "12": "", "abc": "",
	} {
		v := packDigits([]byte(text), nil, 15, 17)
		if got := unpackDigits(v); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := unpackDigits(packDigits([]byte("+62 812-3456-7890"), []string{"62", "0"}, 8, 13)); got != "81234567890" {
		t.Errorf("telephone %s", got)
	}
}

func TestDigitSlips(t *testing.T) {
	t.Parallel()
	const a = "8171011204800003"
	for name, c := range map[string]struct {
		b    string
		test func(a, b uint64) bool
		want bool
	}{
		"neighbours exchanged":        {"8171012104800003", transposed, true},
		"digits further apart":        {"8171010214800003", transposed, false},
		"two digits changed":          {"8171013304800003", transposed, false},
		"a digit lost":                {"817101120480003", lost, true},
		"a digit lost at the front":   {"871011204800003", lost, true},
		"another number":              {"8171021509770012", lost, false},
		"last digit zero":             {"8171011204800000", func(a, b uint64) bool { return zeroed(a, b, 16) }, true},
		"last digit another":          {"8171011204800007", func(a, b uint64) bool { return zeroed(a, b, 16) }, false},
		"woman's day":                 {"8171015204800003", func(a, b uint64) bool { return shifted(a, b, 7, 4) }, true},
		"another day":                 {"8171012204800003", func(a, b uint64) bool { return shifted(a, b, 7, 4) }, false},
		"its own date":                {a, func(a, _ uint64) bool { return ownDate(a, 0x19800412) }, true},
		"its own date, a woman's":     {"8171015204800003", func(_, b uint64) bool { return ownDate(b, 0x19800412) }, true},
		"another date than its own":   {a, func(a, _ uint64) bool { return ownDate(a, 0x19800413) }, false},
		"its own date without a date": {a, func(a, _ uint64) bool { return ownDate(a, 0) }, false},
	} {
		x, y := packDigits([]byte(a), nil, 1, 17), packDigits([]byte(c.b), nil, 1, 17)
		if got := c.test(x, y) || c.test(y, x); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestLengths: numbers of one length are compared digit by digit, also short ones; others are not.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{{"5563972", "5563772", true}, {"5563972", "556397", false}, {"9917", "9977", true}, {"8171011204800003", "8171011204800007", true},
		{"8171011204800003", "817101120480000", false}, {"7", "77", false}, {"17777777", "1777777", false}} {
		if got := sameLength(packDigits([]byte(c.a), nil, 1, 17), packDigits([]byte(c.b), nil, 1, 17)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Siti  Aisyah": "SITI AISYAH", "KARO-KARO": "KAROKARO", "Nur'aini": "NURAINI", "José Ñandú": "JOSE NANDU", "a,b;c": "A B C",
		" x ": "X", "Møller": "MOLLER", "\xff\xfe": "", "M.\u00a0Rizki": "M. RIZKI", "“Ahmad”": "AHMAD", "田中": "田中",
	} {
		if got := string(fold(nil, []byte(text))); got != want {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Siti", "\xff", "é", "A-B.C", "ﬁ", "\u202eabc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := string(fold(nil, []byte(s)))
		if twice := string(fold(nil, []byte(once))); twice != once {
			t.Fatalf("%q folds to %q, then to %q", s, once, twice)
		}
	})
}

func FuzzValues(f *testing.F) {
	f.Add("1980-04-12", "8171011204800003", "12.5")
	f.Fuzz(func(t *testing.T, date, digits, number string) {
		for _, order := range []string{"", "dmy", "mdy"} {
			if d := packDate([]byte(date), order, 0); d != 0 && (dateYear(d) < 1500 || dateMonth(d) > 98 || dateDay(d) > 98) {
				t.Fatalf("%q is %x", date, d)
			}
		}
		if v := packDigits([]byte(digits), []string{"62"}, 1, 17); v != noDigitsValue && len(unpackDigits(v)) == 0 {
			t.Fatalf("%q is %x", digits, v)
		}
		packNumber([]byte(number))
	})
}

var words = rapid.StringOfN(rapid.RuneFrom([]rune("ABCDEIO")), 0, 12, -1)

// TestSimilarityIsSymmetric holds the comparators to the same answer both ways, and to their bounds.
func TestSimilarityIsSymmetric(t *testing.T) {
	t.Parallel()
	var c comparator
	rapid.Check(t, func(t *rapid.T) {
		a, b := []byte(words.Draw(t, "a")), []byte(words.Draw(t, "b"))
		s := c.jaroWinkler(a, b)
		if s != c.jaroWinkler(b, a) || s < 0 || s > 1 || len(a) > 0 && c.jaroWinkler(a, a) != 1 {
			t.Fatalf("%q %q: %v", a, b, s)
		}
		want := plainEdits(a, b)
		for limit := range 6 {
			if got := c.within(a, b, limit); got != (want <= limit) || got != c.within(b, a, limit) {
				t.Fatalf("%q %q within %d: %v, distance %d", a, b, limit, got, want)
			}
		}
		if wordsShared(a, b) < 0 || wordsShared(a, b) > 1 {
			t.Fatalf("%q %q share %v", a, b, wordsShared(a, b))
		}
	})
}

// plainEdits is the distance as the book has it.
func plainEdits(a, b []byte) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestJaroWinklerKnownValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"MARTHA", "MARHTA", 0.9611}, {"DWAYNE", "DUANE", 0.84}, {"DIXON", "DICKSONX", 0.8133}, {"A", "B", 0}, {"", "", 1}} {
		if got := JaroWinkler(c.a, c.b); got < c.want-1e-4 || got > c.want+1e-4 {
			t.Errorf("%s %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestNames holds the relation of Indonesian names to pairs, one for each sentence.
func TestNames(t *testing.T) {
	t.Parallel()
	names, err := ParseNames(tables.Names)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b string
		want relation
	}{
		{"SITI AISYAH", "AISYAH SITI", nameSame},                     // the order does not count
		{"DRS. H. AHMAD SUBARJO, M.SI", "AHMAD SOEBARDJO", nameSame}, // titles and old spelling
		{"MOCH. RISKI", "MUHAMMAD RIZKY", nameSame},                  // families of spellings
		{"AHMAD BIN USMAN", "AHMAD", nameSame},                       // a patronym is not the name
		{"I WAYAN SUDIRA", "WAYAN SUDIRA", nameSame},                 // a particle before an order word
		{"NUR HAYATI", "NURHAYATI", nameJoined},                      // one word or two
		{"KARO-KARO SIMON", "KAROKARO SIMON", nameSame},              // a hyphen
		{"RAHMAD HIDAYAT", "RAHMAT HIDAYAT", nameSame},               // a family
		{"WULANDARI", "WULANDRI", nameSpelling},                      // a letter lost
		{"FITA RAHAYU", "VITA RAHAYU", nameSpelling},                 // sounds alike, another word the same
		{"DEWI", "DEWII", nameSpelling},                              // a letter doubled
		{"SITI AISYAH RAHAYU", "SITI AISYAH", nameSubset},            // a word missing
		{"BENHARD P", "BENHARD PELUPESSY", nameSubset},               // an initial
		{"SUPARMI", "PARMI", nameWeak},                               // an everyday name
		{"HARYANTO", "YANTO", nameWeak},                              // the end of the name
		{"HASAN TUASIKAL", "HUSEIN TUASIKAL", nameSome},              // brothers
		{"RINA SARI", "RINI SARI", nameRhyme},                        // two names, as twins have
		{"MARTEN TENGE", "MARTENO TENGE", nameRhyme},                 // a vowel at the end
		{"DARNIS MARDIANA", "HARNIS MARDIANA", nameRhyme},            // another beginning
		{"HASTUTI RAHAYU", "HISTUTI RAHAYU", nameRhyme},              // a vowel that sounds otherwise
		{"ROSALIA GOBEL", "RUSALIA GOBEL", nameSpelling},             // O and U are one to many ears
		{"RINA", "RINI", nameDifferent},                              // with no other word to go by
		{"ASEP SURYANA", "ASIP SURYANA", nameSpelling},               // four letters, beside a word that is the same
		{"DEDDY MEWENGKANG", "DEDDYMEWENGANG", nameSpelling},         // written as one, with a letter lost
		{"TR ISAFITRI", "TRI SAFITRI", nameJoined},                   // a space elsewhere
		{"HASTUTI SY.", "HASTUTI SYAM", nameSubset},                  // two letters that are no name
		{"NI SARI", "NIA SARI", nameSome},                            // two letters that may be one
		{"ARNAQ YUSUF", "AMAQ YUSUF", nameSpelling},                  // RN read for M
		{"HAMID VVAHYU", "HAMICL WAHYU", nameSpelling},               // VV for W, CL for D
		{"SUKNI (LINDA)", "SUKNI", nameSame},                         // what is said beside a name
		{"(ALM) SUMAN", "SUMAN", nameSame},                           // before it
		{"ROCHMAT HIDAYAT / ROCH", "ROCHMAT HIDAYAT", nameSame},      // another name of hers
		{"DARMAWATI, A.MA.PD", "DARMAWATI", nameSame},                // a degree nobody has listed
		{"ANAK AGUNG RAI", "RAI ANAK AGUNG", nameSame},               // a Balinese name, no child without one
		{"JOKO", "YOKO", nameDifferent},                              // J is not always Y
		{"MATHEOS SAHETAPY", "NOVITA LATUHERU", nameDifferent},       // nothing agrees
	} {
		l := newLexicon(names)
		var room nameRoom
		a, b := l.read([]byte(c.a), &room), l.read([]byte(c.b), &room)
		w := newWorker(&data{plan: &plan{}, words: l})
		one, two := w.names(&a, &b), w.names(&b, &a)
		if one != two {
			t.Errorf("%s, %s: %v one way, %v the other", c.a, c.b, one, two)
		}
		if one.relation != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, one.relation, c.want)
		}
	}
	for _, text := range []string{"-", "IBU", "TIDAK TAHU", "", "...", "ALMH", "BAYI NY. SITI AMINAH", "By.Ny.Khotimah", "BAYI IBU SITI", "ANAK NY. SITI", "(ALM)", "/"} {
		l := newLexicon(names)
		if v := l.read([]byte(text), &nameRoom{}); v.n != 0 {
			t.Errorf("%q is a name", text)
		}
	}
}

// TestMetOnce draws tables with few values and holds the keys to bringing each pair together exactly once, and to
// all the pairs that share a value.
func TestMetOnce(t *testing.T) {
	t.Parallel()
	m, err := ParseModel([]byte(pairsModel), nil)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := memory{header: []string{"a", "b", "c"}}
		for range 30 + r.IntN(60) {
			s.rows = append(s.rows, []string{pickWord(r, 6) + " " + pickWord(r, 6), pickWord(r, 4), pickWord(r, 5)})
		}
		e, err := Prepare(m, s, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		met := map[[2]uint32]int{}
		b := newBlocker(e.data)
		visit := func(v *meeting, c *[][2]uint32) { *c = append(*c, [2]uint32{min(v.i, v.j), max(v.i, v.j)}) }
		err = search(e, b, newScorer(e.data, 0, 1), 0, len(e.plan.keys), visit, func(_ int, c *[][2]uint32) error {
			for _, p := range *c {
				met[p]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range e.n {
			for j := range i {
				n, want := met[[2]uint32{uint32(j), uint32(i)}], e.meeting(e.record(i), e.record(j)) != ""
				if n > 1 || (n == 1) != want {
					t.Fatalf("seed %d: rows %v and %v met %d times, share a key: %v", seed, s.rows[i], s.rows[j], n, want)
				}
			}
		}
	}
}

func pickWord(r *rand.Rand, n int) string {
	return []string{"ANTON", "BERTA", "CITRA", "DANIEL", "EKO", ""}[r.IntN(n)]
}

const pairsModel = `format: 1
name: pairs
version: "1"
columns: [{name: a, type: text}, {name: b, type: text}, {name: c, type: name}]
comparisons:
  - {name: a, column: a, levels: [{level: same, when: equal, m: 0.9, u: 0.1}, {level: other, m: 0.1, u: 0.9}]}
blocking: {cap: 12, keys: [a + b, b + words(a), c + sounds(a), b], refine: [c, "first(a, 2)", a]}
`

// memory is a table in memory.
type memory struct {
	header []string
	rows   [][]string
}

func (m memory) Header() []string { return m.header }
func (m memory) Rows() int        { return len(m.rows) }
func (m memory) Fields(i int, into [][]byte) [][]byte {
	into = into[:0]
	for _, v := range m.rows[i] {
		into = append(into, []byte(v))
	}
	return into
}

func TestSortEntries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 700).Draw(t, "n")
		few := rapid.Uint64Range(1, 1<<32-1).Draw(t, "values")
		r := rand.New(rand.NewPCG(few, uint64(n)))
		list := make([]uint64, n)
		for i := range list {
			list[i] = r.Uint64N(few)<<32 | uint64(i)
		}
		sortEntries(list, nil)
		for i := 1; i < n; i++ {
			if list[i-1] >= list[i] {
				t.Fatal("out of order")
			}
		}
	})
}

// TestFarNumbers holds the short way for numbers and dates, which puts only tests that may hold, to the long way.
func TestFarNumbers(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	s := memory{header: []string{"nik", "kk", "nama", "telepon", "tanggal_lahir", "kode_desa"}}
	r := rand.New(rand.NewPCG(8, 8))
	number := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = '0' + byte(r.IntN(3)) // few digits, so that slips happen
		}
		return string(b)
	}
	for range 300 {
		born := fmt.Sprintf("19%d0-%02d-%02d", 7+r.IntN(2), 1+r.IntN(3), 1+r.IntN(3))
		nik := number(15 + r.IntN(2))
		switch r.IntN(4) {
		case 0:
			born = born[:4]
		case 1: // a number that carries the date
			nik = nik[:6] + born[8:] + born[5:7] + born[2:4] + number(4)
		}
		s.rows = append(s.rows, []string{nik, number(16), "SITI", number(11), born, number(2 + 2*r.IntN(5))})
	}
	s.rows = append(s.rows, []string{s.rows[0][1], s.rows[0][0], "SITI", "", "", ""}) // swapped columns
	e, err := Prepare(m, s, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, far := newWorker(e.data), 0
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		if !c.slips {
			continue
		}
		long, each := *c, *c
		long.slips, each.sight = false, nil
		for i := range e.n {
			for j := range i {
				a, b := e.record(i), e.record(j)
				short, adjust := w.judgeLevel(c, a, b)
				want, wanted := w.judgeLevel(&long, a, b)
				if tried, _ := w.judgeLevel(&each, a, b); short != want || adjust != wanted || tried != want {
					t.Fatalf("%s: %v and %v are at level %d, the short way %d", c.file.Name, s.rows[i], s.rows[j], want, short)
				}
				if bits.OnesCount64(nibbles(digitsAt(a, c.column.word)^digitsAt(b, c.column.word))) > 7 {
					far++
				}
			}
		}
	}
	if far < 10_000 {
		t.Errorf("%d far pairs", far)
	}
}
