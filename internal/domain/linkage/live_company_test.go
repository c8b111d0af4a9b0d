package linkage_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	engine "tepat/internal/domain/linkage"
)

// households makes families, most of them registered a second time as families: some of their people under another card or the same, in another
// village, with less known of each; a few cards have other people on them, or more rows than a household has.
func households(seed uint64, families int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: append(slices.Clone(registryHeader), "hub_keluarga")}
	card := func(f, k int) string { return fmt.Sprintf("8171%02d23071%d%04d", 1+f%5, 3+k%5, 10+f) }
	for f := range families {
		family, mother := word(100+m.skewed(40)), strings.ToUpper(word(300+f)+" "+word(400+f))
		again, number := m.IntN(4) > 0, card(f, 0)
		other := []string{card(f, 1), card(f, 1), number, card((f+1)%families, 0)}[m.IntN(4)]
		for k := range 1 + m.IntN(4) {
			day, month, year := 1+m.IntN(28), 1+m.IntN(12), 1950+m.IntN(60)
			p := person(fmt.Sprint("p", len(s.rows)), fmt.Sprintf("817101%02d%02d%02d%04d", day, month, year%100, 1+m.IntN(9)), number, strings.ToUpper(word(m.skewed(40))+" "+family),
				fmt.Sprintf("%04d-%02d-%02d", year, month, day), "LP"[k%2:][:1], mother, fmt.Sprintf("8171011%03d", 1+f%7))
			p = append(p, roles[min(k, 2)])
			s.add(p...)
			if !again || m.IntN(4) == 0 {
				continue
			}
			c := slices.Clone(p)
			c[0], c[2] = fmt.Sprint(p[0], "c"), other
			if m.IntN(5) > 1 { // doubtful by herself
				c[8] = roles[m.IntN(3)]
				c[1], c[6], c[7] = "", strings.ToUpper(word(700+len(s.rows))), fmt.Sprintf("8171021%03d", 1+m.IntN(7))
				if at := []int{1, 3, 4, 4}[m.IntN(4)]; at == 3 {
					c[at] = m.typo(c[at])
				} else if other == number || m.IntN(2) == 0 {
					c[at] = ""
				}
			}
			s.add(c...)
		}
		for k := range m.IntN(8) / 7 * 9 {
			s.add(append(person(fmt.Sprint("x", f, "-", k), "", number, strings.ToUpper(word(500+k)+" "+word(600+f)), "", "", "", "8171011006"), "")...)
		}
	}
	return s.shuffled(seed)
}

// TestLiveFollowsCompany puts, changes and drops people of families registered twice. After every step the index finds what a run over the
// rows there are finds, to the bit and with its clusters, also of pairs neither of whose rows was touched: who came or left stood
// beside them. An event tells of every row that stands otherwise than before, and Raised of pairs that weigh more.
func TestLiveFollowsCompany(t *testing.T) {
	t.Parallel()
	m, all := identity(t), households(37, 17)
	e := prepare(t, m, all, nil, engine.Options{Population: 3000, Taught: nothing})
	if len(all.rows) > 120 {
		t.Fatalf("%d rows take long", len(all.rows))
	}
	others, moved, weighed := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		x, err := e.Index()
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]int{}
		for i, r := range all.rows {
			there[r[0]] = i
		}
		edges, clusters := runOver(t, e, all, there)
		names := namesOf(t, x, there, clusters)
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			id := all.rows[rapid.IntRange(0, len(all.rows)-1).Draw(t, "row")][0]
			as := rapid.IntRange(-len(all.rows)/2, len(all.rows)-1).Draw(t, "as")
			if _, known := there[id]; !known {
				as = max(as, 0)
			}
			change, err := changed(x, all, id, as)
			if err != nil {
				t.Fatal(err)
			}
			if delete(there, id); as >= 0 {
				there[id] = as
			}
			was, stood := edges, names
			edges, clusters = runOver(t, e, all, there)
			compare(t, x, there, edges, change, id)
			names = namesOf(t, x, there, clusters)
			for p, s := range edges {
				if p.a == id || p.b == id || was[p] == s {
					continue
				}
				others++
				if (was[p] == score{} || was[p].weight < s.weight) && !slices.Contains(change.Raised, p.a) && !slices.Contains(change.Raised, p.b) {
					t.Fatalf("%v weigh %v, before %v, and only %v are told to have risen", p, s, was[p], change.Raised)
				}
			}
			for p := range was {
				if _, still := edges[p]; !still && p.a != id && p.b != id {
					others++
				}
			}
			weighed += len(edges)
			for other, entity := range names {
				before, known := stood[other]
				if known && before != entity && !tells(change.Events, other, before, entity) {
					t.Fatalf("%s was %s and is %s: %+v", other, before, entity, change.Events)
				}
				if known && before != entity && other != id && !slices.Contains(change.Cluster.Members, other) {
					moved++
				}
			}
		}
	})
	if others < 20 || moved < 5 {
		t.Errorf("%d pairs of others weigh otherwise, %d others moved: the test says little", others, moved)
	}
	t.Logf("%d pairs of others of %d weigh otherwise, %d others moved", others, weighed, moved)
}

// changed puts a row as another stands, or drops it.
func changed(x *engine.Index, all *sheet, id string, as int) (engine.Change, error) {
	if as < 0 {
		return x.Drop(id)
	}
	return x.Put(id, all.Fields(as, nil))
}

// runOver gives the edges and clusters of a run over the rows that are there, as they are.
func runOver(t rapid.TB, of *engine.Engine, all *sheet, there map[string]int) (map[pair]score, [][]string) {
	rows := &sheet{header: all.header}
	for _, id := range slices.Sorted(maps.Keys(there)) {
		r := slices.Clone(all.rows[there[id]])
		r[0] = id
		rows.add(r...)
	}
	e, err := engine.Frozen(of, rows)
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	edges := map[pair]score{}
	for _, x := range d.Edges {
		a, b, s := string(e.ID(int(x.A))), string(e.ID(int(x.B))), score{x.Weight, d.Report.Keys[x.Key].Key}
		edges[pair{a, b}], edges[pair{b, a}] = s, s
	}
	var clusters [][]string
	for _, c := range d.Clusters {
		var ids []string
		for _, row := range c {
			ids = append(ids, string(e.ID(int(row))))
		}
		clusters = append(clusters, ids)
	}
	return edges, clusters
}

// compare holds what every row finds, and what a change told, to the edges of a run.
func compare(t rapid.TB, x *engine.Index, there map[string]int, want map[pair]score, change engine.Change, id string) {
	f, got := x.Finder(), map[pair]score{}
	for id := range there {
		list, err := f.FindID(id, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			got[pair{id, l.ID}] = score{l.Weight, l.Key}
		}
	}
	if !maps.Equal(got, want) {
		for p, s := range want {
			if got[p] != s {
				t.Fatalf("%v is %v, in a run %v", p, got[p], s)
			}
		}
		t.Fatalf("%d pairs found, in a run %d", len(got), len(want))
	}
	for _, l := range change.Links {
		if want[pair{id, l.ID}] != (score{l.Weight, l.Key}) {
			t.Fatalf("put, %s and %s weigh %d, in a run %v", id, l.ID, l.Weight, want[pair{id, l.ID}])
		}
	}
}

// namesOf holds the cluster of every row to that of a run, and gives its entity.
func namesOf(t rapid.TB, x *engine.Index, there map[string]int, clusters [][]string) map[string]string {
	want, out := map[string][]string{}, map[string]string{}
	for _, c := range clusters {
		for _, id := range c {
			want[id] = c
		}
	}
	for id := range there {
		c, err := x.Cluster(id)
		if err != nil {
			t.Fatal(err)
		}
		members := want[id]
		if members == nil {
			members = []string{id}
		}
		if !slices.Equal(c.Members, members) || c.Cut {
			t.Fatalf("cluster of %s: %+v, in a run %v", id, c, members)
		}
		out[id] = c.Entity
	}
	return out
}

// TestWhoComesAlongIsCompany takes the rows of a card out of the index and asks for each among the others, as a form that is filled in for a
// family does: what each finds is what a run over all rows finds, and once they are put, too.
func TestWhoComesAlongIsCompany(t *testing.T) {
	t.Parallel()
	all := households(37, 40)
	e := prepare(t, identity(t), all, nil, engine.Options{Population: 3000, Taught: nothing})
	want, _ := batch(t, e)
	x := indexOf(t, e)
	f, cards := x.Finder(), map[string][]int{}
	for i, r := range all.rows {
		if r[2] != "" {
			cards[r[2]] = append(cards[r[2]], i)
		}
	}
	told, alone := 0, 0
	for _, card := range slices.Sorted(maps.Keys(cards)) {
		family, ids := cards[card], map[string]bool{}
		for _, i := range family {
			ids[all.rows[i][0]] = true
		}
		expect := map[pair]score{}
		for p, s := range want {
			if ids[p.a] && !ids[p.b] {
				expect[p] = s
			}
		}
		ask := func(f *engine.Finder, along bool) map[pair]score {
			got := map[pair]score{}
			for k, i := range family {
				var others [][][]byte
				for n, j := range family {
					if n != k && along {
						others = append(others, all.Fields(j, nil))
					}
				}
				collect(t, got, all.rows[i][0])(f.FindAmong(all.Fields(i, nil), others, 1000))
			}
			maps.DeleteFunc(got, func(p pair, _ score) bool { return ids[p.b] })
			return got
		}
		differ(t, "in place of themselves, card "+card, ask(f, true), expect)
		for id := range ids {
			if _, err := x.Drop(id); err != nil {
				t.Fatal(err)
			}
		}
		differ(t, "not there, card "+card, ask(f, true), expect)
		if told += len(expect); !maps.Equal(ask(f, false), expect) {
			alone++
		}
		for _, i := range family {
			if _, err := x.Put(all.rows[i][0], all.Fields(i, nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if told < 30 || alone < 3 {
		t.Errorf("%d pairs, %d cards weigh otherwise alone: the test says little", told, alone)
	}
}

// TestACardThatGrowsTooLarge puts people on a card until it has more than a household has, then takes them off it: company is told up to
// there, as in a run, of the pairs of all who stand on it.
func TestACardThatGrowsTooLarge(t *testing.T) {
	t.Parallel()
	all := households(37, 18)
	card := all.rows[slices.IndexFunc(all.rows, func(r []string) bool { return strings.HasSuffix(r[0], "c") && r[1] == "" })][2]
	there := map[string]int{}
	for i, r := range all.rows {
		there[r[0]] = i
	}
	const strangers = 14
	on := map[int]int{}
	for k := range strangers {
		p := person(fmt.Sprint("s", k), "", fmt.Sprintf("8171052307%02d%04d", 10+k, 100+k), strings.ToUpper(word(500+k)+" "+word(600+k)), "", "", "", "8171011006")
		there[p[0]] = len(all.rows)
		all.add(p...)
		moved := slices.Clone(p)
		moved[0], moved[2] = fmt.Sprint("m", k), card
		on[k] = len(all.rows)
		all.add(moved...)
	}
	e := prepare(t, identity(t), all, nil, engine.Options{Population: 3000, Taught: nothing})
	x := indexOf(t, e)
	for k := range strangers {
		if _, err := x.Drop(fmt.Sprint("m", k)); err != nil {
			t.Fatal(err)
		}
	}
	was, _ := runOver(t, e, all, there)
	first, weights := was, 0
	step := func(k, as int) {
		id := fmt.Sprint("s", k)
		change, err := x.Put(id, all.Fields(as, nil))
		if err != nil {
			t.Fatal(err)
		}
		there[id] = as
		edges, clusters := runOver(t, e, all, there)
		compare(t, x, there, edges, change, id)
		namesOf(t, x, there, clusters)
		if !maps.Equal(edges, was) {
			weights++
		}
		was = edges
	}
	home := maps.Clone(there)
	for k := range strangers {
		step(k, on[k])
	}
	for k := range strangers {
		step(k, home[fmt.Sprint("s", k)])
	}
	if !maps.Equal(was, first) || weights < 2 {
		t.Errorf("%d steps moved weights, and at the end they are the same: %v", weights, maps.Equal(was, first))
	}
}
