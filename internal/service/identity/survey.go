package identity

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// followed brings the groups around people who were written, changed or taken out into the log. Only those are looked at who
// stand, or stood, with others.
func (s *Service) followed(ctx context.Context, l *live, touched map[Who]bool) error {
	if len(touched) == 0 {
		return nil
	}
	var list []moved
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = s.movedIn(ctx, tx, l, touched)
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return s.log(ctx, list)
}

// mostAround is how many records around changed ones are looked at together.
const mostAround = 100_000

func (s *Service) movedIn(ctx context.Context, q sqldb.Querier, l *live, touched map[Who]bool) ([]moved, error) {
	was := map[Who]Who{}
	if err := memberRows(ctx, q, "person_id", idsOf(touched), was); err != nil {
		return nil, err
	}
	seen, gone := map[Who]bool{}, map[Who]bool{}
	var now [][]Who
	ask := make([]Who, 0, len(touched))
	for w, stands := range touched {
		if _, stood := was[w]; stands || stood {
			ask = append(ask, w)
		}
	}
	for len(ask) > 0 && len(seen) < mostAround {
		slices.SortFunc(ask, byAge)
		around := map[Who]bool{}
		for _, w := range ask {
			if seen[w] {
				continue
			}
			c, err := l.cluster(w)
			if err != nil {
				return nil, err
			}
			if c == nil {
				seen[w], gone[w] = true, true
			}
			c = slices.DeleteFunc(c, func(x Who) bool { return seen[x] })
			for _, x := range c {
				seen[x], around[x] = true, true
			}
			parts, err := s.partedIn(ctx, q, l, c)
			if err != nil {
				return nil, err
			}
			now = append(now, parts...)
			around[w] = true
		}
		next, err := s.relatedIn(ctx, q, around, was)
		if err != nil {
			return nil, err
		}
		ask = slices.DeleteFunc(next, func(w Who) bool { return seen[w] })
	}
	return regroup(was, now, gone), nil
}

// relatedIn reads the groups that records stand in by the log, and gives all members of those, and of groups named after them.
func (s *Service) relatedIn(ctx context.Context, q sqldb.Querier, around map[Who]bool, was map[Who]Who) ([]Who, error) {
	rows := map[Who]Who{}
	if err := memberRows(ctx, q, "person_id", idsOf(around), rows); err != nil {
		return nil, err
	}
	entities := map[Who]bool{}
	for w := range around {
		entities[w] = true
	}
	for _, entity := range rows {
		entities[entity] = true
	}
	if err := memberRows(ctx, q, "entity_id", idsOf(entities), rows); err != nil {
		return nil, err
	}
	var out []Who
	for w, entity := range rows {
		was[w] = entity
		out = append(out, w)
	}
	return out, nil
}

func idsOf(set map[Who]bool) []sqldb.ID {
	out := make([]sqldb.ID, 0, len(set))
	for w := range set {
		out = append(out, w.ID)
	}
	slices.SortFunc(out, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// cluster gives whom a record stands with; nil where it is not in the index.
func (l *live) cluster(w Who) ([]Who, error) {
	c, err := l.index.Cluster(string(w.appendKey(nil)))
	if fail.CodeOf(err) == "linkage.index_no_row" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]Who, len(c.Members))
	for i, id := range c.Members {
		if out[i], err = whoOf([]byte(id)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// partedIn parts a group so that nobody stands with whom somebody, or the civil registry, holds to be another person:
// links are followed from the strongest, as a search for duplicates does.
func (s *Service) partedIn(ctx context.Context, q sqldb.Querier, l *live, c []Who) ([][]Who, error) {
	if len(c) < 2 {
		if len(c) == 0 {
			return nil, nil
		}
		return [][]Who{c}, nil
	}
	civil, err := civilIn(ctx, q, c)
	if err != nil {
		return nil, err
	}
	apart, some := map[[2]Who]bool{}, false
	for i, w := range c {
		decided, err := decidedIn(ctx, q, w, c)
		if err != nil {
			return nil, err
		}
		for _, o := range c[i+1:] {
			x, known := civil[w]
			y, too := civil[o]
			if decided[o].state == pairDistinct || known && too && x != y {
				apart[[2]Who{w, o}], apart[[2]Who{o, w}], some = true, true, true
			}
		}
	}
	if !some {
		return [][]Who{c}, nil
	}
	links, err := l.linksAmong(c)
	if err != nil {
		return nil, err
	}
	return part(c, links, apart), nil
}

// linked is two records the index links, by its model's bar of linking.
type linked struct {
	a, b   Who
	weight int32
}

func (l *live) linksAmong(c []Who) (out []linked, err error) {
	f := l.finders.Get().(*linkage.Finder)
	defer l.finders.Put(f)
	for _, w := range c {
		list, err := f.FindID(string(w.appendKey(nil)), len(c)+mostLooked)
		if err != nil {
			return nil, err
		}
		for i := range list {
			o, err := whoOf([]byte(list[i].ID))
			if err != nil {
				return nil, err
			}
			if linkage.Bits(list[i].Weight) >= l.bar && slices.Contains(c, o) && byAge(w, o) < 0 {
				out = append(out, linked{w, o, list[i].Weight})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y linked) int { return int(y.weight) - int(x.weight) })
	return out, nil
}

// part joins records by their links, the strongest first, unless two of the sides are held apart.
func part(c []Who, links []linked, apart map[[2]Who]bool) [][]Who {
	at := make(map[Who]int, len(c))
	groups := make([][]Who, len(c))
	for i, w := range c {
		at[w], groups[i] = i, []Who{w}
	}
	for _, x := range links {
		a, b := at[x.a], at[x.b]
		if a == b || divided(groups[a], groups[b], apart) {
			continue
		}
		for _, w := range groups[b] {
			at[w] = a
		}
		groups[a], groups[b] = append(groups[a], groups[b]...), nil
	}
	return slices.DeleteFunc(groups, func(g []Who) bool { return len(g) == 0 })
}

func divided(a, b []Who, apart map[[2]Who]bool) bool {
	for _, x := range a {
		for _, y := range b {
			if apart[[2]Who{x, y}] {
				return true
			}
		}
	}
	return false
}

// knownOf is what the civil registry and people know of the rows of a table before they are compared.
func (s *Service) knownOf(ctx context.Context, q sqldb.Querier, people *People, entity []uint64) (linkage.Known, error) {
	k := linkage.Known{Entity: func(row int) uint64 { return entity[row] }}
	var pairs [][2]Who
	wanted := map[Who]int32{}
	// -- national: all districts (kabkota)
	err := sqldb.Each(ctx, q, `SELECT kabkota, left_id, right_kabkota, right_id FROM link_pair WHERE kabkota IN (SELECT kabkota FROM tenant) AND state = $1`, []any{pairDistinct}, func(r sqldb.Row) error {
		var p [2]Who
		var left, right int64
		err := r.Scan(&left, &p[0].ID, &right, &p[1].ID)
		p[0].Tenant, p[1].Tenant = area.Tenant(left), area.Tenant(right)
		pairs = append(pairs, p)
		wanted[p[0]], wanted[p[1]] = -1, -1
		return err
	})
	if err != nil || len(pairs) == 0 {
		return k, err
	}
	if err := people.places(wanted); err != nil {
		return k, err
	}
	for _, p := range pairs {
		if a, b := wanted[p[0]], wanted[p[1]]; a >= 0 && b >= 0 {
			k.Apart = append(k.Apart, [2]int32{a, b})
		}
	}
	return k, nil
}

// places finds the rows of some persons.
func (p *People) places(wanted map[Who]int32) error {
	var room [][]byte
	for row := range p.Rows() {
		room = p.Fields(row, room)
		if len(room[0]) == 0 {
			continue
		}
		w, err := whoOf(room[0])
		if err != nil {
			return err
		}
		if _, is := wanted[w]; is {
			wanted[w] = int32(row)
		}
	}
	return nil
}

// survey groups everybody by a whole search and brings the log in step with it.
func (s *Service) survey(ctx context.Context, engine *linkage.Engine, people *People) error {
	found, err := engine.Dedupe()
	if err != nil {
		return fmt.Errorf("group persons: %w", err)
	}
	was := map[Who]Who{}
	if err := allMembers(ctx, s.acts.DB().Direct(), was); err != nil {
		return err
	}
	now := make([][]Who, 0, len(found.Clusters))
	for _, c := range found.Clusters {
		group := make([]Who, 0, len(c))
		for _, row := range c {
			w, err := whoOf(engine.ID(int(row)))
			if err != nil {
				return err
			}
			group = append(group, w)
		}
		now = append(now, group)
	}
	here, gone := make(map[Who]int32, len(was)), map[Who]bool{}
	for w := range was {
		here[w] = -1
	}
	if err := people.places(here); err != nil {
		return err
	}
	for w, row := range here {
		if row < 0 {
			gone[w] = true
		}
	}
	list := regroup(was, now, gone)
	if len(list) == 0 {
		return nil
	}
	return s.log(ctx, list)
}
