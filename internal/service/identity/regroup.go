package identity

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
)

// EventKind says what became of a record among those it is held to be one with. The words are stored.
type EventKind string

// The kinds of events.
const (
	Joined EventKind = "joined" // it stood alone, or is new, and stands with others
	Left   EventKind = "left"   // it stands alone again, or is no more
	Merged EventKind = "merged" // its group has become part of another
	Split  EventKind = "split"  // part of its group is a group of its own now
)

// moved is what became of one record. A group is named by one of its records; who stands alone goes by her own name.
type moved struct {
	who      Who
	kind     EventKind // empty: only its row changes
	from, to Who       // zero: alone, or gone
	size     int       // of the group after
	gone     bool
}

func byAge(a, b Who) int {
	return cmp.Or(bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Tenant, b.Tenant)) // ids rise with time
}

// regroup compares the groups records stood in, by the name of each, with those they stand in now, gives each a name and
// tells what became of the records. A group keeps its name when records join or leave; where groups become one, the name
// that came first stays; where one is parted, the part with the record it is named after keeps the name, and where that
// record is gone, the part with most of the records. Records of no group, that are not among those gone, stand alone.
func regroup(was map[Who]Who, now [][]Who, gone map[Who]bool) (out []moved) {
	size := map[Who]int{}
	for _, entity := range was {
		size[entity]++
	}
	before := func(w Who) Who {
		if entity, stood := was[w]; stood {
			return entity
		}
		return w
	}
	in := map[Who]bool{}
	for _, c := range now {
		for _, w := range c {
			in[w] = true
		}
	}
	for w := range was {
		if !in[w] && !gone[w] {
			now, in[w] = append(now[:len(now):len(now)], []Who{w}), true
		}
	}
	names := name(now, before, size, in)
	part := map[Who]map[Who]int{} // how many records of a group go by each name now
	for i, c := range now {
		for _, w := range c {
			if part[before(w)] == nil {
				part[before(w)] = map[Who]int{}
			}
			part[before(w)][names[i]]++
		}
	}
	for i, c := range now {
		for _, w := range c {
			m := moved{who: w, from: before(w), to: names[i], size: len(c)}
			stood := 0 // with so many, herself counted; a record without a row stood alone, whoever went by its name
			if _, has := was[w]; has {
				stood = size[m.from]
			}
			if m.kind = kindOf(m, stood, part[m.from]); m.from != m.to || m.kind != "" {
				out = append(out, m)
			}
		}
	}
	for w := range gone {
		if entity, stood := was[w]; stood {
			out = append(out, moved{who: w, kind: Left, from: entity, gone: true})
		}
	}
	slices.SortFunc(out, func(a, b moved) int { return byAge(a.who, b.who) })
	return out
}

// kindOf says what became of a record whose group had so many records, which go by these names now.
func kindOf(m moved, stood int, parts map[Who]int) EventKind {
	switch {
	case m.size > 1 && stood < 2:
		return Joined
	case m.size < 2 && stood > 1:
		return Left
	case m.from == m.to || m.size < 2:
		return ""
	case len(parts) == 1:
		return Merged
	}
	return Split
}

// name names groups.
func name(now [][]Who, before func(Who) Who, size map[Who]int, here map[Who]bool) []Who {
	stayed := make([]map[Who]int, len(now))
	heir, most := map[Who]int{}, map[Who]int{}
	order := make([]int, len(now))
	for i, c := range now {
		slices.SortFunc(c, byAge)
		order[i], stayed[i] = i, map[Who]int{}
		for _, w := range c {
			stayed[i][before(w)]++
		}
	}
	slices.SortFunc(order, func(a, b int) int { return byAge(now[a][0], now[b][0]) })
	for _, i := range order {
		for _, entity := range slices.SortedFunc(maps.Keys(stayed[i]), byAge) {
			if n := stayed[i][entity]; !here[entity] && n > most[entity] {
				heir[entity], most[entity] = i, n
			}
		}
	}
	out := make([]Who, len(now))
	for i, c := range now {
		candidates := [3][]Who{} // groups named after a record that is here; those whose record is gone; records that stood alone
		for _, entity := range slices.SortedFunc(maps.Keys(stayed[i]), byAge) {
			switch h, inherits := heir[entity]; {
			case slices.Contains(c, entity) && size[entity] > 1:
				candidates[0] = append(candidates[0], entity)
			case inherits && h == i:
				candidates[1] = append(candidates[1], entity)
			}
		}
		candidates[2] = c
		for _, list := range candidates {
			if len(list) > 0 {
				out[i] = list[0]
				break
			}
		}
	}
	return out
}
