package doubles

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawRecords makes records that share values often, so that blocks of every rule form.
func drawRecords(t *rapid.T) []Record {
	n := rapid.IntRange(0, 40).Draw(t, "records")
	list := make([]Record, n)
	for i := range list {
		one := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		list[i] = Record{
			ID: strings.Repeat("x", i+1), NIK: one("nik", "", "8171010203900001", "8171010203900002", "8171014203900001"),
			KK: one("kk", "", "8171010101100001", "8171010101100002"), Name: one("name", "", "SITI AMINAH", "SITI NURBAYA", "AMINAH", "BUDI"),
			Mother: one("mother", "", "MARIA", "ESTER"), Birth: one("birth", "", "1990-03-02", "1990-02-03", "1990", "1991-05-05"),
			Sex: one("sex", "", "L", "P"), Area: one("area", "", "8171011001", "8171"),
		}
	}
	return list
}

// TestEveryPairThatSharesAKeyMeetsOnce compares the enumeration with a plain search over all pairs.
func TestEveryPairThatSharesAKeyMeetsOnce(t *testing.T) {
	t.Parallel()
	m := testModel(t)
	rapid.Check(t, func(t *rapid.T) {
		rows, words := prepare(drawRecords(t), &m)
		x := newIndex(rows, words, &m)
		var got, want [][2]uint32
		for k := range x.rules {
			for _, b := range x.blocks(k) {
				for i, j := range x.pairs(b) {
					got = append(got, [2]uint32{i, j})
				}
			}
		}
		for i := range rows {
			for j := i + 1; j < len(rows); j++ {
				if plainlyMeet(&m, words, &rows[i], &rows[j]) {
					want = append(want, [2]uint32{uint32(i), uint32(j)})
				}
			}
		}
		slices.SortFunc(got, func(p, q [2]uint32) int { return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1])) })
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("met %v, want %v", got, want)
		}
	})
}

func plainlyMeet(m *Model, d *dictionary, a, b *row) bool {
	for _, r := range m.rules {
		for _, key := range r.keys(d, a, nil) {
			if slices.Contains(r.keys(d, b, nil), key) {
				return true
			}
		}
	}
	return false
}

// TestRefiningKeepsPairsThatAgree holds that a pair that agrees in every refining field still meets once.
func TestRefiningKeepsPairsThatAgree(t *testing.T) {
	t.Parallel()
	m := testModel(t)
	m.blockCap = 3
	rapid.Check(t, func(t *rapid.T) {
		rows, words := prepare(drawRecords(t), &m)
		x := newIndex(rows, words, &m)
		met := map[[2]uint32]int{}
		windowed := 0
		for k := range x.rules {
			for _, b := range x.blocks(k) {
				for i, j := range x.pairs(b) {
					met[[2]uint32{i, j}]++
				}
			}
			windowed += x.logs[k].Windowed
		}
		for p, n := range met {
			if !plainlyMeet(&m, words, &rows[p[0]], &rows[p[1]]) || (n > 1 && windowed == 0) {
				t.Fatalf("pair %v met %d times", p, n)
			}
		}
		for i := range rows {
			for j := i + 1; j < len(rows); j++ {
				if windowed == 0 && agree(words, &rows[i], &rows[j]) && plainlyMeet(&m, words, &rows[i], &rows[j]) &&
					met[[2]uint32{uint32(i), uint32(j)}] != 1 {
					t.Fatalf("rows %d and %d agree in all refining fields and never meet", i, j)
				}
			}
		}
	})
}

func agree(d *dictionary, a, b *row) bool {
	for _, r := range refinements() {
		if r.value(d, a) != r.value(d, b) {
			return false
		}
	}
	return true
}

func TestSortEntriesIsAStableSort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64()), 0, 300).Draw(t, "keys")
		list := make([]entry, len(keys))
		for i, k := range keys {
			list[i] = entry{key: k, row: uint32(i)}
		}
		want := slices.Clone(list)
		slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
		sortEntries(list, nil)
		if !slices.Equal(list, want) {
			t.Fatalf("sorted %v, want %v", list, want)
		}
	})
}

// TestGroupRespectsWhatIsApart draws links and prohibitions and checks every cluster against them.
func TestGroupRespectsWhatIsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "rows")
		rows := make([]row, n)
		for i := range rows {
			rows[i].source = i
			rows[i].person = uint64(rapid.IntRange(0, 2).Draw(t, "person"))
		}
		pair := func(label string) [2]int32 {
			a := int32(rapid.IntRange(0, n-2).Draw(t, label))
			return [2]int32{a, int32(rapid.IntRange(int(a)+1, n-1).Draw(t, label))}
		}
		var apart [][2]int32
		for range rapid.IntRange(0, 6).Draw(t, "apart") {
			apart = append(apart, pair("apart"))
		}
		var found []meeting
		for i := range rapid.IntRange(0, 15).Draw(t, "links") {
			p := pair("link")
			found = append(found, meeting{a: p[0], b: p[1], weight: float64(20 - i), decision: Link})
		}
		clusters, _ := group(rows, found, apart)
		seen := map[int]bool{}
		for _, c := range clusters {
			var person uint64
			for _, m := range c.Members {
				if p := rows[m].person; p != 0 && person != 0 && p != person || seen[m] {
					t.Fatalf("cluster %v mixes persons or repeats a record", c)
				}
				person = max(person, rows[m].person)
				seen[m] = true
			}
			for _, p := range apart {
				if slices.Contains(c.Members, int(p[0])) && slices.Contains(c.Members, int(p[1])) {
					t.Fatalf("cluster %v holds %v", c, p)
				}
			}
		}
		if len(found) > 0 && len(apart) == 0 && rows[found[0].a].person == 0 && len(clusters) == 0 {
			t.Fatal("the strongest link, with nothing against it, was not followed")
		}
	})
}
