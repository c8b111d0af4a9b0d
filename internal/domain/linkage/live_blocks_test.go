package linkage_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"tepat/data/linkage"

	engine "tepat/internal/domain/linkage"
)

// capped gives a model with small blocks and windows.
func capped(t testing.TB, text []byte, rows, window int) *engine.Model {
	t.Helper()
	text = regexp.MustCompile(`(?m)^  (cap|window): .*\n`).ReplaceAll(text, nil)
	at := strings.Index(string(text), "\nblocking:\n") + len("\nblocking:\n")
	m, err := engine.ParseModel([]byte(string(text[:at])+fmt.Sprintf("  cap: %d\n  window: %d\n  windows: 99\n", rows, window)+string(text[at:])), linkage.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestLargeBlocksAreThoseOfBatch lets almost every block be too large: it is refined, and then walked in a window, and the
// index looks where deduplication looked.
func TestLargeBlocksAreThoseOfBatch(t *testing.T) {
	t.Parallel()
	febrlText, err := os.ReadFile("../../../data/linkage/febrl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		model *engine.Model
		rows  *sheet
	}{
		"people of Indonesia": {capped(t, linkage.Identity, 3, 2), residents(61, 200)},
		"a list with copies":  {capped(t, febrlText, 2, 1), febrl(62, 300)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := prepare(t, c.model, c.rows, nil, engine.Options{Workers: 2, Taught: nothing})
			want, d := batch(t, e)
			refined, windowed := 0, 0
			for _, k := range d.Report.Keys {
				refined, windowed = refined+k.Refined, windowed+k.Windowed
			}
			if refined < 50 || windowed < 5 {
				t.Fatalf("%d blocks refined, %d windowed: the test says little", refined, windowed)
			}
			x := indexOf(t, e)
			f := x.Finder()
			got, fresh := map[pair]score{}, map[pair]score{}
			for i, r := range c.rows.rows {
				collect(t, got, r[0])(f.FindID(r[0], 1000))
				collect(t, fresh, r[0])(f.Find(c.rows.Fields(i, nil), 1000))
			}
			differ(t, "found by id", got, want)
			differ(t, "found by fields", fresh, want)
		})
	}
}

// TestCrowdsAreBounded asks for rows that share a value with thousands.
func TestCrowdsAreBounded(t *testing.T) {
	t.Parallel()
	const many = 4000
	m := identity(t)
	for name, c := range map[string]struct {
		row func(i int) []string
		all bool // every row is one with every other
	}{
		"one NIK": {row: func(i int) []string {
			return person(fmt.Sprint(i), "8171011204800003", "", strings.ToUpper(word(i%900)+" "+word(1000+i)), fmt.Sprintf("19%02d-%02d-%02d", i%90, 1+i%12, 1+i%28), "L", strings.ToUpper(word(2000+i)), "8171011006")
		}},
		"one name and birthday": {row: func(i int) []string {
			return person(fmt.Sprint(i), fmt.Sprintf("8171011204%06d", i), "", "SITI AISYAH", "1980-04-12", "P", strings.ToUpper(word(i)), "8171011006")
		}},
		"one card": {row: func(i int) []string {
			return person(fmt.Sprint(i), "", "8171012307130436", strings.ToUpper(word(i%900)+" "+word(1000+i)), fmt.Sprintf("19%02d-%02d-%02d", i%90, 1+i%12, 1+i%28), "L", strings.ToUpper(word(2000+i)), "8171011006")
		}},
		"identical rows": {row: func(i int) []string {
			return person(fmt.Sprint(i), "8171011204800003", "8171012307130436", "SITI AISYAH", "1980-04-12", "P", "HALIMAH", "8171011006")
		}, all: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sheet{header: registryHeader}
			for i := range many {
				s.add(c.row(i)...)
			}
			x := indexOf(t, prepare(t, m, s, nil, engine.Options{Workers: 2, Taught: nothing}))
			f := x.Finder()
			for _, i := range []int{0, 17, many / 2, many - 1} {
				fields := s.Fields(i, nil)
				fields[0] = nil
				list, err := f.Find(fields, 5)
				if err != nil {
					t.Fatal(err)
				}
				if f.Looked() > 1024 {
					t.Errorf("row %d: %d rows weighed", i, f.Looked())
				}
				if len(list) == 0 || !c.all && list[0].ID != s.rows[i][0] {
					t.Errorf("row %d was not found: %v", i, list)
				}
			}
			put(t, x, s)
		})
	}
}

// put puts and drops rows of a crowd.
func put(t *testing.T, x *engine.Index, s *sheet) {
	t.Helper()
	for i := range 40 {
		if _, err := x.Put(fmt.Sprint("new", i), s.Fields(i, nil)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		if _, err := x.Drop(fmt.Sprint("new", i)); err != nil {
			t.Fatal(err)
		}
	}
	if want := len(s.rows) + 30; x.Rows() != want {
		t.Errorf("%d rows, want %d", x.Rows(), want)
	}
}

// lent makes things a workshop lends, several rows of some.
func lent(seed uint64, things int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: []string{"tag", "serial", "maker", "about", "kind", "owner", "lender", "bought", "weight", "price", "colour"}}
	for n := range things {
		r := []string{
			"", fmt.Sprintf("%06d", m.skewed(400_000)), word(m.skewed(60)), word(100+m.skewed(80)) + " " + word(200+m.skewed(80)) + " " + word(300+m.skewed(40)),
			[]string{"bor", "drill", "saw", "plane"}[m.IntN(4)], strings.ToUpper(word(400+m.skewed(90)) + " " + word(500+m.skewed(200))), strings.ToUpper(word(400 + m.skewed(90))),
			fmt.Sprintf("%02d/%02d/%04d", 1+m.IntN(28), 1+m.IntN(12), 1990+m.IntN(30)), fmt.Sprintf("%.1f", float64(m.skewed(400))/10), fmt.Sprint(50 * m.skewed(90)), word(900 + m.skewed(6)),
		}
		for k := range 1 + m.IntN(4)/2 + m.IntN(2) {
			c := append([]string(nil), r...)
			c[0] = fmt.Sprintf("t%d-%d", n, k)
			if k > 0 {
				at := 1 + m.IntN(len(c)-1)
				switch m.IntN(5) {
				case 0:
					c[at] = ""
				case 1:
					c[5], c[6] = c[6], c[5]
				case 2:
					c[7] = c[7][6:]
				default:
					c[at] = m.typo(c[at])
				}
			}
			s.add(c...)
		}
	}
	return s.shuffled(seed)
}

// TestEveryKindOfColumn holds the index to batch with a model that uses all types of columns, terms and keys.
func TestEveryKindOfColumn(t *testing.T) {
	t.Parallel()
	m := modelOf(t, "testdata/live.yaml")
	rows := lent(5, 400)
	e := prepare(t, m, rows, nil, engine.Options{Workers: 3, Taught: nothing})
	want, d := batch(t, e)
	if len(want) < 400 || len(d.Clusters) < 100 {
		t.Fatalf("%d edges, %d clusters: the test says little", len(want), len(d.Clusters))
	}
	x, err := engine.OpenIndex(fileOf(t, e), m, rows.header, fileKey(1))
	if err != nil {
		t.Fatal(err)
	}
	f := x.Finder()
	got, fresh := map[pair]score{}, map[pair]score{}
	for i, r := range rows.rows {
		collect(t, got, r[0])(f.FindID(r[0], 1000))
		collect(t, fresh, r[0])(f.Find(rows.Fields(i, nil), 1000))
	}
	differ(t, "found by id", got, want)
	differ(t, "found by fields", fresh, want)
	clustered(t, e, x, &d, true)
	again(t, e, x, rows, want)
}
