package linkage

import (
	"cmp"
	"maps"
	"slices"
)

// consequences works out what a change did. The clusters around the row are made twice by the code of batch, as they
// were and as they are, and compared.
func (w *writer) consequences(id string, row rowRef, before *graph) (out Change, err error) {
	after := newGraph()
	var from []rowRef
	if row != noRow {
		from = append(from, row)
		after.first = func() { out.Links, err = w.likenesses(mostLinks) }
	}
	for _, r := range before.rows[:before.near] {
		if r != w.old {
			from = append(from, r)
		}
	}
	if w.index.Reference() {
		w.around(row)
		after.first()
		out.Cluster = Cluster{Entity: id, Members: []string{id}}
		return out, err
	}
	w.follow(after, from)
	w.follow(after, before.rows[before.near:])
	if err = cmp.Or(err, w.pages.err); err != nil {
		return Change{}, err
	}
	rows := slices.DeleteFunc(slices.Clone(after.rows), func(r rowRef) bool { return r == row })
	if w.old != noRow {
		rows = append(rows, w.old)
	}
	were, err := w.groups(rows, before, after.beyond(before))
	if err != nil {
		return Change{}, err
	}
	are, err := w.groups(after.rows, after) // last: the desk of groups keeps the ids of these rows
	if err != nil {
		return Change{}, err
	}
	names, events := w.rename(were, are, id)
	for i, c := range are {
		if slices.Contains(c, id) {
			out.Cluster = Cluster{Entity: names[i], Members: c, Cut: before.cut || after.cut}
		}
	}
	out.Events, out.Raised = events, w.raised(before, after, row)
	return out, w.pages.err
}

// entity gives the name of a cluster.
func (w *writer) entity(c []string) string {
	for _, id := range c {
		if name, ok := w.entities[id]; ok {
			return name
		}
	}
	return c[0]
}

// name notes the entity of a row; the first id of a cluster is its entity without being noted.
func (w *writer) name(id, entity, first string) {
	if was, ok := w.entities[id]; ok {
		delete(w.entities, id)
		delete(w.named[was], id)
		if len(w.named[was]) == 0 {
			delete(w.named, was)
		}
	}
	if entity == first {
		return
	}
	w.entities[id] = entity
	if w.named[entity] == nil {
		w.named[entity] = map[string]bool{}
	}
	w.named[entity][id] = true
}

// rename gives the clusters their entities and tells what has become of those there were.
func (w *writer) rename(were, are [][]string, changed string) (names []string, events []Event) {
	was, size := map[string]string{}, map[string]int{}
	for _, c := range were {
		entity := w.entity(c)
		size[entity] = len(c)
		for _, id := range c {
			was[id] = entity
		}
	}
	is := map[string]string{}
	names = choose(are, was, changed)
	for i, c := range are {
		events = append(events, w.yield(names[i], c, was)...)
		for _, id := range c {
			is[id] = names[i]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was)) {
		w.name(id, "", "")
	}
	for i, c := range are {
		for _, id := range c {
			w.name(id, names[i], c[0])
		}
	}
	events = append(events, told(are, was, is, size)...)
	if _, there := is[changed]; !there && size[was[changed]] > 1 {
		events = append(events, Event{Kind: Left, ID: changed, From: was[changed]})
	}
	slices.SortStableFunc(events, func(x, y Event) int {
		return cmp.Or(cmp.Compare(x.To, y.To), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.From, y.From), cmp.Compare(x.ID, y.ID))
	})
	return names, events
}

// choose names clusters: by the first of their entities that is the id of one of their rows; else by one whose row is gone,
// where no other cluster has more of its rows, the one that has changed apart; else by their first row.
func choose(are [][]string, was map[string]string, changed string) []string {
	here, names := map[string]bool{}, make([]string, len(are))
	for _, c := range are {
		for _, id := range c {
			here[id] = true
		}
	}
	heir, most := map[string]int{}, map[string]int{}
	for i, c := range are {
		stayed := map[string]int{}
		for _, id := range c {
			if id != changed && was[id] != "" && !here[was[id]] {
				stayed[was[id]]++
			}
		}
		for entity, n := range stayed {
			if n > most[entity] {
				heir[entity], most[entity] = i, n
			}
		}
	}
	for i, c := range are {
		own, gone := "", ""
		for _, id := range c {
			entity := was[id]
			switch at, left := heir[entity]; {
			case entity == "":
			case slices.Contains(c, entity):
				own = firstID(own, entity)
			case left && at == i:
				gone = firstID(gone, entity)
			}
		}
		names[i] = cmp.Or(own, gone, c[0])
	}
	return names
}

// firstID gives the id that comes first; empty is none.
func firstID(a, b string) string {
	if a == "" || b != "" && compareIDs([]byte(b), []byte(a)) < 0 {
		return b
	}
	return a
}

// yield gives rows elsewhere another name that still go by the id of a row which has come back without them.
func (w *writer) yield(name string, c []string, was map[string]string) []Event {
	var others []string
	for id := range w.named[name] {
		if _, around := was[id]; !around && !slices.Contains(c, id) {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return nil
	}
	slices.SortFunc(others, func(x, y string) int { return compareIDs([]byte(x), []byte(y)) })
	for _, id := range others {
		w.name(id, others[0], others[0])
	}
	return []Event{{Kind: Split, From: name, To: others[0]}}
}

// told compares the entities of rows before and after.
func told(are [][]string, was, is map[string]string, size map[string]int) (events []Event) {
	for _, c := range are {
		to := is[c[0]]
		moved := map[string][]string{}
		for _, id := range c {
			if from, known := was[id]; known && from != to {
				moved[from] = append(moved[from], id)
			} else if !known && len(c) > 1 {
				events = append(events, Event{Kind: Joined, ID: id, To: to})
			}
		}
		for _, from := range slices.Sorted(maps.Keys(moved)) {
			ids := moved[from]
			left := 0
			for id, entity := range was {
				if _, there := is[id]; entity == from && there {
					left++
				}
			}
			switch {
			case size[from] == 1 && len(c) > 1:
				events = append(events, Event{Kind: Joined, ID: ids[0], From: from, To: to})
			case left == len(ids) && len(c) > len(ids):
				events = append(events, Event{Kind: Merged, From: from, To: to})
			case len(ids) == 1:
				events = append(events, Event{Kind: Left, ID: ids[0], From: from, To: to})
			default:
				events = append(events, Event{Kind: Split, From: from, To: to})
			}
		}
	}
	return events
}
