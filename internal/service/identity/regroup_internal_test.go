package identity

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/kit/sqldb"
)

func r(n byte) Who { return Who{Tenant: 8171, ID: sqldb.ID{0: n}} }

func list(ns ...byte) (out []Who) {
	for _, n := range ns {
		out = append(out, r(n))
	}
	return out
}

func TestWhatBecomesOfGroups(t *testing.T) {
	t.Parallel()
	groups := func(all ...[]Who) map[Who]Who {
		out := map[Who]Who{}
		for _, g := range all {
			for _, w := range g {
				out[w] = g[0]
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		was  map[Who]Who
		now  [][]Who
		gone []byte
		want []moved
	}{
		"two stand together":                    {now: [][]Who{list(2, 1)}, want: []moved{{who: r(1), kind: Joined, from: r(1), to: r(1), size: 2}, {who: r(2), kind: Joined, from: r(2), to: r(1), size: 2}}},
		"an older record joins, the name stays": {was: groups(list(2, 3)), now: [][]Who{list(1, 2, 3)}, want: []moved{{who: r(1), kind: Joined, from: r(1), to: r(2), size: 3}}},
		"nothing has changed":                   {was: groups(list(1, 2)), now: [][]Who{list(1, 2)}},
		"one of three leaves":                   {was: groups(list(1, 2, 3)), now: [][]Who{list(1, 2), list(3)}, want: []moved{{who: r(3), kind: Left, from: r(1), to: r(3), size: 1}}},
		"the one it is named after leaves": {was: groups(list(1, 2, 3)), now: [][]Who{list(1), list(2, 3)}, want: []moved{
			{who: r(1), kind: Left, from: r(1), to: r(1), size: 1}, {who: r(2), kind: Split, from: r(1), to: r(2), size: 2}, {who: r(3), kind: Split, from: r(1), to: r(2), size: 2}}},
		"the one it is named after is gone": {was: groups(list(1, 2, 3)), now: [][]Who{list(2, 3)}, gone: []byte{1}, want: []moved{{who: r(1), kind: Left, from: r(1), gone: true}}},
		"a group named after one long gone": {was: map[Who]Who{r(2): r(1), r(3): r(1)}, now: [][]Who{list(2, 3, 4)}, want: []moved{{who: r(4), kind: Joined, from: r(4), to: r(1), size: 3}}},
		"she comes back and stands alone": {was: map[Who]Who{r(2): r(1), r(3): r(1)}, now: [][]Who{list(2, 3), list(1)}, want: []moved{
			{who: r(2), kind: Split, from: r(1), to: r(2), size: 2}, {who: r(3), kind: Split, from: r(1), to: r(2), size: 2}}},
		"two groups become one": {was: groups(list(1, 4), list(2, 3)), now: [][]Who{list(1, 2, 3, 4)}, want: []moved{
			{who: r(2), kind: Merged, from: r(2), to: r(1), size: 4}, {who: r(3), kind: Merged, from: r(2), to: r(1), size: 4}}},
		"a group is parted in two": {was: groups(list(1, 2, 3, 4)), now: [][]Who{list(1, 2), list(3, 4)}, want: []moved{
			{who: r(3), kind: Split, from: r(1), to: r(3), size: 2}, {who: r(4), kind: Split, from: r(1), to: r(3), size: 2}}},
		"a group dissolves though nobody names its records": {was: groups(list(1, 2)), want: []moved{
			{who: r(1), kind: Left, from: r(1), to: r(1), size: 1}, {who: r(2), kind: Left, from: r(1), to: r(2), size: 1}}},
	} {
		gone := map[Who]bool{}
		for _, n := range c.gone {
			gone[r(n)] = true
		}
		if got := regroup(c.was, c.now, gone); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", name, got, c.want)
		}
	}
}

// TestGroupsKeepTheirNames regroups at random: every group has one name, no name stands twice, a group in which nobody came
// or went keeps its name, and regrouping what stands changes nothing.
func TestGroupsKeepTheirNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was := map[Who]Who{}
		for range 6 {
			here := rapid.SliceOfNDistinct(rapid.ByteRange(1, 12), 0, 12, rapid.ID[byte]).Draw(t, "here")
			groups := map[int][]Who{}
			in := map[Who]bool{}
			for _, n := range here {
				g := rapid.IntRange(0, 5).Draw(t, "group")
				groups[g] = append(groups[g], r(n))
				in[r(n)] = true
			}
			gone := map[Who]bool{}
			for w := range was {
				if !in[w] {
					gone[w] = true
				}
			}
			var now [][]Who
			for g := range 6 {
				if len(groups[g]) > 0 {
					now = append(now, groups[g])
				}
			}
			before := map[Who]Who{}
			for w, e := range was {
				before[w] = e
			}
			for _, m := range regroup(was, now, gone) {
				if delete(was, m.who); !m.gone && (m.size > 1 || m.to != m.who) {
					was[m.who] = m.to
				}
			}
			named := map[Who]bool{}
			for _, c := range now {
				entity, stands := was[c[0]]
				if !stands {
					entity = c[0]
				}
				for _, w := range c {
					if e, ok := was[w]; ok && e != entity || !ok && len(c) > 1 {
						t.Fatalf("%v stands with %v as %v", w, c, e)
					}
				}
				if named[entity] {
					t.Fatalf("two groups are %v", entity)
				}
				named[entity] = true
				same := len(c) > 1
				for _, w := range c {
					same = same && before[w] == before[c[0]] && before[w] != (Who{})
				}
				members := 0
				for _, e := range before {
					if e == before[c[0]] {
						members++
					}
				}
				if same && members == len(c) && entity != before[c[0]] && !slices.Contains(flat(now, c), before[c[0]]) {
					t.Fatalf("%v was %v and is %v", c, before[c[0]], entity)
				}
			}
			if again := regroup(was, now, nil); len(again) != 0 {
				t.Fatalf("what stands is moved: %+v", again)
			}
		}
	})
}

// flat gives the records of the other groups.
func flat(all [][]Who, but []Who) (out []Who) {
	for _, c := range all {
		if c[0] != but[0] {
			out = append(out, c...)
		}
	}
	return out
}
