package linkage_test

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	engine "tepat/internal/domain/linkage"
)

func indexOf(t testing.TB, e *engine.Engine) *engine.Index {
	t.Helper()
	x, err := e.Index()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// residents makes people of Indonesian districts in houses, and damaged copies of some of them.
// The household's head comes first, then the wife, then children.
func residents(seed uint64, houses int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: append(slices.Clone(registryHeader), "alamat", "tempat_lahir", "telepon", "hub_keluarga")}
	copies := [][]string{}
	for h := range houses {
		area := fmt.Sprintf("8171%02d1%03d", 1+m.IntN(5), 1+m.IntN(9))
		card := fmt.Sprintf("%s%02d%02d19%04d", area[:6], 1+m.IntN(28), 1+m.IntN(12), 1+m.IntN(900))
		family, mother := word(100+m.skewed(200)), strings.ToUpper(word(300+m.IntN(90))+" "+word(400+m.IntN(200)))
		address, phone := "JL "+word(700+m.skewed(60))+fmt.Sprint(" NO ", 1+m.IntN(40)), fmt.Sprintf("0812%07d", m.skewed(3_000_000))
		for n := range 1 + m.IntN(5) {
			day, month, year := 1+m.IntN(28), 1+m.IntN(12), 1950+m.IntN(60)
			name := strings.ToUpper(word(m.skewed(90)) + " " + family)
			p := append(person(fmt.Sprint("p", len(s.rows)), fmt.Sprintf("%s%02d%02d%02d%04d", area[:6], day, month, year%100, 1+m.IntN(40)), card, name,
				fmt.Sprintf("%04d-%02d-%02d", year, month, day), "LP"[h%2:][:1], mother, area), address, word(800+m.skewed(20)), phone, roles[min(n, 2)])
			s.add(p...)
			for k := range []int{0, 0, 0, 0, 0, 0, 1, 1, 2, 3}[m.IntN(10)] {
				c := slices.Clone(p)
				c[0] = fmt.Sprint(p[0], "c", k)
				for range 1 + m.IntN(3) {
					at := 1 + m.IntN(len(c)-1)
					if c[at] = m.typo(c[at]); m.IntN(4) == 0 {
						c[at] = ""
					}
				}
				copies = append(copies, c)
			}
		}
	}
	s.rows = append(s.rows, copies...)
	return s.shuffled(seed)
}

// roles are those of a family, by who comes first.
var roles = []string{"KEPALA KELUARGA", "ISTRI", "ANAK"}

// nothing is what a list taught that a search is told, so that it weighs as a live index does, which is not taught by a list.
var nothing = []engine.Lesson{}

type pair struct{ a, b string }

type score struct {
	weight int32
	key    string
}

// batch gives the edges of deduplication by ids.
func batch(t testing.TB, e *engine.Engine) (map[pair]score, engine.Doubles) {
	t.Helper()
	d, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	out, keys := map[pair]score{}, d.Report.Keys
	for _, x := range d.Edges {
		a, b := string(e.ID(int(x.A))), string(e.ID(int(x.B)))
		s := score{x.Weight, keys[x.Key].Key}
		out[pair{a, b}], out[pair{b, a}] = s, s
	}
	return out, d
}

// TestLiveScoresAreThoseOfBatch asks the index for every row of a table: what it finds is what deduplication found, to
// the bit, neither more nor less, with the same first key.
func TestLiveScoresAreThoseOfBatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model *engine.Model
		rows  *sheet
	}{
		"people of Indonesia":           {identity(t), residents(5, 250)},
		"a list with copies":            {modelOf(t, "../../../data/linkage/febrl.yaml"), febrl(11, 300)},
		"historical persons":            {modelOf(t, "../../../data/linkage/historical.yaml"), historical(12, 150)},
		"people of Indonesia, few keys": {identity(t), &sheet{header: []string{"id", "nama", "tanggal_lahir"}, rows: threeOf(residents(6, 150))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := prepare(t, c.model, c.rows, nil, engine.Options{Workers: 2, Taught: nothing})
			want, d := batch(t, e)
			x := indexOf(t, e)
			got, fresh := map[pair]score{}, map[pair]score{}
			f := x.Finder()
			for i := range c.rows.rows {
				id := string(e.ID(i))
				collect(t, got, id)(f.FindID(id, 1000))
				collect(t, fresh, id)(f.Find(c.rows.Fields(i, nil), 1000))
			}
			differ(t, "found by id", got, want)
			differ(t, "found by fields", fresh, want)
			if len(want) < 100 || len(d.Clusters) < 30 {
				t.Errorf("%d edges and %d clusters say little", len(want), len(d.Clusters))
			}
			clustered(t, e, x, &d, true)
			again(t, e, x, c.rows, want)
			clustered(t, e, x, &d, false) // those of which all rows were gone are named after the row that came back first
		})
	}
}

// again takes a third of the rows out of the index, then puts them back: all is as it was.
func again(t testing.TB, e *engine.Engine, x *engine.Index, rows *sheet, want map[pair]score) {
	t.Helper()
	f, gone := x.Finder(), map[string]int{}
	for i := 0; i < len(rows.rows); i += 3 {
		id := rows.rows[i][0]
		gone[id] = i
		if _, err := x.Drop(id); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := x.Rows(), len(rows.rows)-len(gone); got != want {
		t.Errorf("%d rows are left, want %d", got, want)
	}
	got := map[pair]score{}
	for i := range rows.rows {
		collect(t, got, rows.rows[i][0])(f.Find(rows.Fields(i, nil), 1000))
	}
	here := &sheet{header: rows.header}
	for i, r := range rows.rows {
		if i%3 > 0 {
			here.add(r...)
		}
	}
	// What the rows that are gone find is known by those that are there.
	maps.DeleteFunc(got, func(p pair, _ score) bool { _, out := gone[p.a]; return out })
	differ(t, "after rows were dropped", got, frozen(t, e, here))
	for n, id := range slices.Sorted(maps.Keys(gone)) {
		c, err := x.Put(id, rows.Fields(gone[id], nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range c.Links {
			// Who stands beside two rows is known when all are back.
			if s := want[pair{id, l.ID}]; n == len(gone)-1 && s != (score{l.Weight, l.Key}) {
				t.Errorf("put back, %s and %s weigh %v, in batch %v", id, l.ID, l.Weight, s)
			}
		}
	}
	got = map[pair]score{}
	for i := range rows.rows {
		collect(t, got, rows.rows[i][0])(f.FindID(rows.rows[i][0], 1000))
	}
	differ(t, "after they were put back", got, want)
}

// frozen gives the edges of some rows of an engine's table, with the frequencies of all.
func frozen(t testing.TB, e *engine.Engine, rows *sheet) map[pair]score {
	t.Helper()
	few, err := engine.Frozen(e, rows)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := batch(t, few)
	return out
}

func threeOf(s *sheet) (rows [][]string) {
	for _, r := range s.rows {
		rows = append(rows, []string{r[0], r[3], r[4]})
	}
	return rows
}

func collect(t testing.TB, into map[pair]score, id string) func([]engine.Likeness, error) {
	return func(list []engine.Likeness, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			into[pair{id, l.ID}] = score{l.Weight, l.Key}
		}
	}
}

func differ(t testing.TB, what string, got, want map[pair]score) {
	t.Helper()
	bad := 0
	for p, s := range want {
		if g, ok := got[p]; !ok || g != s {
			if bad++; bad < 5 {
				t.Errorf("%s: %v is %v, in batch %v", what, p, g, s)
			}
		}
	}
	for p, s := range got {
		if _, ok := want[p]; !ok {
			if bad++; bad < 5 {
				t.Errorf("%s: %v is %v, in batch not there", what, p, s)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%s: %d of %d differ", what, bad, len(want))
	}
}

// clustered holds the cluster of every row to that of batch.
func clustered(t testing.TB, e *engine.Engine, x *engine.Index, d *engine.Doubles, named bool) {
	t.Helper()
	want := map[string][]string{}
	for _, c := range d.Clusters {
		var ids []string
		for _, row := range c {
			ids = append(ids, string(e.ID(int(row))))
		}
		for _, id := range ids {
			want[id] = ids
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		c, err := x.Cluster(id)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c.Members, want[id]) || named && c.Entity != want[id][0] || c.Cut {
			t.Errorf("cluster of %s: %+v, in batch %v", id, c, want[id])
			return
		}
	}
}

// TestLiveLinksAreThoseOfBatch asks an index of a reference for every row that is to be linked.
func TestLiveLinksAreThoseOfBatch(t *testing.T) {
	t.Parallel()
	civil, registry := residents(21, 250), residents(21, 250)
	m := newMaker(22)
	for i := range registry.rows {
		r := registry.rows[i]
		r[0] = fmt.Sprint("r", i)
		for range m.IntN(3) {
			at := 1 + m.IntN(len(r)-1)
			r[at] = m.typo(r[at])
		}
	}
	left, right := febrlTwo(23, 500)
	things := lent(24, 500)
	lentText, err := os.ReadFile("testdata/live.yaml")
	if err != nil {
		t.Fatal(err)
	}
	asked, there := &sheet{header: things.header}, &sheet{header: things.header}
	for _, r := range things.rows {
		if strings.HasSuffix(r[0], "-0") {
			asked.add(r...)
		} else {
			there.add(r...)
		}
	}
	for name, c := range map[string]struct {
		model       *engine.Model
		left, right *sheet
	}{"people of Indonesia": {identity(t), registry, civil}, "two lists": {modelOf(t, "../../../data/linkage/febrl.yaml"), left, right}, "things lent": {capped(t, lentText, 400, 10), asked, there}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := prepare(t, c.model, c.left, c.right, engine.Options{Workers: 2, Taught: nothing})
			want, err := e.Link()
			if err != nil {
				t.Fatal(err)
			}
			x := indexOf(t, e)
			f := x.Finder()
			linked := 0
			for i, w := range want.Matches {
				fields := c.left.Fields(i, nil)
				fields[0] = nil
				got, err := f.Find(fields, 4)
				if err != nil {
					t.Fatal(err)
				}
				best, second := "", ""
				weight, probability := int32(0), 0.0
				if len(got) > 0 {
					best, weight, probability = got[0].ID, got[0].Weight, got[0].Probability
					linked++
				}
				if len(got) > 1 {
					second = got[1].ID
				}
				if best != idOrNone(e, c.left.Rows(), w.Reference) || second != idOrNone(e, c.left.Rows(), w.Second) || weight != w.Weight || probability != w.Probability {
					t.Fatalf("row %d: %q %q %d %v, in batch %+v", i, best, second, weight, probability, w)
				}
			}
			if linked < len(want.Matches)/2 {
				t.Errorf("%d of %d rows have a candidate", linked, len(want.Matches))
			}
		})
	}
}

func idOrNone(e *engine.Engine, left int, row int32) string {
	if row < 0 {
		return ""
	}
	return string(e.ID(left + int(row)))
}

// TestLiveWaterfall explains what was found as Explain explains the pair.
func TestLiveWaterfall(t *testing.T) {
	t.Parallel()
	s := residents(71, 80)
	e := prepare(t, identity(t), s, nil, engine.Options{Taught: nothing})
	f := indexOf(t, e).Finder()
	at := map[string]int{}
	for i, r := range s.rows {
		at[r[0]] = i
	}
	told := 0
	for i, r := range s.rows {
		list, err := f.FindID(r[0], 3)
		if err != nil {
			t.Fatal(err)
		}
		for k := range list {
			l := &list[k]
			got, want := f.Waterfall(l), e.Explain(i, at[l.ID])
			for j := range want.Bars {
				want.Bars[j].A, want.Bars[j].B = "", ""
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s and %s: %+v, want %+v", r[0], l.ID, got, want)
			}
			var shown []engine.Bar
			for _, b := range want.Bars[1:] {
				if !slices.Contains([]string{"variant", "relatives", "doubt"}, b.Comparison) {
					shown = append(shown, b)
				}
			}
			if len(shown) != len(l.Levels) {
				t.Fatalf("%s and %s: %d levels, %d bars", r[0], l.ID, len(l.Levels), len(shown))
			}
			for j, level := range l.Levels {
				if b := shown[j]; level != (engine.Level{Comparison: b.Comparison, Level: b.Level, Bits: b.Bits, Frequency: b.Frequency}) {
					t.Errorf("level %+v, bar %+v", level, b)
				}
			}
			told++
		}
	}
	if told < 50 {
		t.Errorf("%d pairs say little", told)
	}
}

// TestAskingWhileItChanges lets several goroutines ask while one changes: a row that comes and goes is there or not, and
// what is known of all others does not waver.
func TestAskingWhileItChanges(t *testing.T) {
	t.Parallel()
	s := residents(72, 60)
	x := indexOf(t, prepare(t, identity(t), s, nil, engine.Options{Taught: nothing}))
	guest := append(person("", "9171010101010009", "9171010101010001", "BENHARD PELUPESSY", "1955-01-01", "L", "MARIA SOPACUA", "9171011003"), "", "", "")
	answer := func(f *engine.Finder, fields [][]byte) string {
		list, err := f.Find(fields, 2)
		if err != nil {
			return err.Error()
		}
		out := ""
		for _, l := range list {
			out += fmt.Sprint(l.ID, " ", l.Weight, " ", l.Levels, "\n")
		}
		return out
	}
	want := make([]string, len(s.rows))
	for i := range s.rows {
		want[i] = answer(x.Finder(), s.Fields(i, nil))
	}
	if _, err := x.Put("guest", asBytes(guest)); err != nil {
		t.Fatal(err)
	}
	there := answer(x.Finder(), asBytes(guest))
	if there == "" {
		t.Fatal("the guest is not found")
	}
	var group errgroup.Group
	for range 3 {
		group.Go(func() error {
			f := x.Finder()
			for i := range s.rows {
				if got := answer(f, s.Fields(i, nil)); got != want[i] {
					return fmt.Errorf("row %d: %s, want %s", i, got, want[i])
				}
				if got := answer(f, asBytes(guest)); got != "" && got != there {
					return fmt.Errorf("the guest: %s, want %s", got, there)
				}
			}
			return nil
		})
	}
	for range 30 {
		if _, err := x.Drop("guest"); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Put("guest", asBytes(guest)); err != nil {
			t.Fatal(err)
		}
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
