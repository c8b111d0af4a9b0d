package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"tepat/data/linkage"
	engine "tepat/internal/domain/linkage"
)

// sheet is a table in memory; its rows are made here, and no one in them exists.
type sheet struct {
	header []string
	rows   [][]string
}

func (s *sheet) Header() []string { return s.header }
func (s *sheet) Rows() int        { return len(s.rows) }
func (s *sheet) Fields(i int, into [][]byte) [][]byte {
	into = into[:0]
	for _, v := range s.rows[i] {
		into = append(into, []byte(v))
	}
	return into
}

func (s *sheet) add(values ...string) { s.rows = append(s.rows, values) }

func (s *sheet) shuffled(seed uint64) *sheet {
	out := &sheet{header: s.header, rows: append([][]string(nil), s.rows...)}
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(out.rows), func(i, j int) { out.rows[i], out.rows[j] = out.rows[j], out.rows[i] })
	return out
}

func identity(t testing.TB) *engine.Model {
	t.Helper()
	m, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func modelOf(t testing.TB, path string) *engine.Model {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.ParseModel(text, tablesOf)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tablesOf finds the name tables of the tests' models, and those of the program.
func tablesOf(name string) []byte {
	if text := linkage.Tables(name); text != nil {
		return text
	}
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		return nil
	}
	return text
}

func prepare(t testing.TB, m *engine.Model, left, right engine.Source, o engine.Options) *engine.Engine {
	t.Helper()
	e, err := engine.Prepare(m, left, right, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// maker draws from lists with a few common values and many rare ones.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 99))} }

// skewed picks an index below n, small ones more often.
func (m maker) skewed(n int) int { return int(float64(n) * m.Float64() * m.Float64() * m.Float64()) }

var syllables = strings.Fields("ba be bo da de di do fa fe ga ge ha he jo ka ke ki la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti to va ve wa we ya")

// word makes the nth word of a language of its own: the same n is the same word.
func word(n int) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(uint64(n), 5))
	for range 2 + r.IntN(2) {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	return b.String() + string("nrstl"[n%5])
}

// typo makes one slip of the pen.
func (m maker) typo(s string) string {
	if len(s) < 3 {
		return s
	}
	at := m.IntN(len(s) - 1)
	switch m.IntN(4) {
	case 0:
		return s[:at] + s[at+1:]
	case 1:
		return s[:at] + s[at:at+1] + s[at:]
	case 2:
		return s[:at] + s[at+1:at+2] + s[at:at+1] + s[at+2:]
	}
	c := byte('a' + m.IntN(26))
	if s[at] >= '0' && s[at] <= '9' {
		c = byte('0' + m.IntN(10))
	}
	return s[:at] + string(c) + s[at+1:]
}

var febrlHeader = []string{"rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth", "soc_sec_id", "entity"}

func (m maker) febrlPerson(n int) []string {
	suburb := m.skewed(400)
	second := ""
	if m.IntN(3) == 0 {
		second = word(9000+m.IntN(500)) + " park"
	}
	return []string{
		"", word(m.skewed(300)), word(1000 + m.skewed(900)), fmt.Sprint(1 + m.skewed(300)), word(3000+m.IntN(800)) + " street",
		second, word(5000+suburb) + "ville", fmt.Sprintf("%04d", 2000+suburb), []string{"nsw", "vic", "qld", "wa"}[suburb%4],
		fmt.Sprintf("19%02d%02d%02d", m.IntN(100), 1+m.IntN(12), 1+m.IntN(28)), fmt.Sprint(1000000 + m.IntN(8999999)), fmt.Sprint("e", n),
	}
}

// febrlDamage gives the person as another list has her: up to three slips, values missing, names crossed.
func (m maker) febrlDamage(p []string) []string {
	d := append([]string(nil), p...)
	for range 1 + m.IntN(3) {
		switch at := 1 + m.IntN(10); {
		case m.IntN(20) == 0:
			d[1], d[2] = d[2], d[1]
		case m.IntN(8) == 0:
			d[at] = ""
		default:
			d[at] = m.typo(d[at])
		}
	}
	return d
}

// febrl makes a list with up to three damaged rows for some persons.
func febrl(seed uint64, persons int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: febrlHeader}
	for n := range persons {
		p := m.febrlPerson(n)
		p[0] = fmt.Sprintf("rec-%d-org", n)
		s.add(p...)
		for k := range []int{0, 1, 1, 2, 3}[m.IntN(5)] {
			d := m.febrlDamage(p)
			d[0] = fmt.Sprintf("rec-%d-dup-%d", n, k)
			s.add(d...)
		}
	}
	return s.shuffled(seed)
}

// febrlTwo makes a list and a damaged copy of it.
func febrlTwo(seed uint64, persons int) (left, right *sheet) {
	m := newMaker(seed)
	left, right = &sheet{header: febrlHeader}, &sheet{header: febrlHeader}
	for n := range persons {
		p := m.febrlPerson(n)
		p[0] = fmt.Sprintf("rec-%d-org", n)
		right.add(p...)
		d := m.febrlDamage(p)
		d[0] = fmt.Sprintf("rec-%d-dup-0", n)
		left.add(d...)
	}
	return left.shuffled(seed), right.shuffled(seed + 1)
}

// historical makes several rows a person, as sources of several centuries have them.
func historical(seed uint64, persons int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: []string{"unique_id", "first_name", "surname", "full_name", "dob", "birth_place", "postcode_fake", "gender", "occupation", "entity"}}
	for n := range persons {
		given, second, surname := word(m.skewed(400)), word(m.skewed(400)), word(1000+m.skewed(2500))
		place := m.skewed(300)
		year := 1600 + m.IntN(300)
		month, day := 1+m.IntN(12), 1+m.IntN(28)
		postcode := fmt.Sprintf("%s%d %d%s", []string{"BS", "EX", "TQ", "PL", "BA"}[place%5], place%30, m.IntN(9), strings.ToUpper(word(place)[:2]))
		gender, job := []string{"male", "female"}[m.IntN(2)], word(8000+m.skewed(60))
		for k := range 1 + m.IntN(6) {
			full := given + " " + surname
			switch m.IntN(6) {
			case 0:
				full = given + " " + second + " " + surname
			case 1:
				full = given[:1] + " " + surname
			case 2:
				full = m.typo(given) + " " + surname
			case 3:
				full = given + " " + m.typo(surname)
			}
			dob := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
			switch m.IntN(6) {
			case 0:
				dob = fmt.Sprintf("%04d-01-01", year)
			case 1:
				dob = m.typo(dob)
			case 2:
				if m.IntN(2) == 0 {
					dob = ""
				}
			}
			missing := func(v string, in int) string {
				if m.IntN(in) == 0 {
					return ""
				}
				return v
			}
			first, last, _ := strings.Cut(full, " ")
			s.add(fmt.Sprintf("Q%d-%d", n, k), first, last, full, dob, missing(word(6000+place), 6), missing(postcode, 5), missing(gender, 8), missing(job, 3), fmt.Sprint("Q", n))
		}
	}
	return s.shuffled(seed)
}
