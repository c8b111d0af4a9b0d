package questionnaire

import (
	"fmt"
	"slices"

	"tepat/internal/kit/fail"
)

// Mapping says how answers of one version are read in a later one.
type Mapping struct {
	From, To string
	Source   string
	items    []itemMapping
}

type itemMapping struct {
	from, to string
	codes    map[int64]int64 // nil: the value is carried over as it is
}

// Dropped is an answer that has no counterpart in the new version, so that no answer is lost in
// silence: the old answer set stays stored as it was given.
type Dropped struct {
	Item string
	Code string // why: mapping.no_item, mapping.no_code
}

type mappingDocument struct {
	From, To, Source string
	Items            []struct {
		From, To string
		Codes    map[int64]int64
	}
}

func (l *loader) newMapping(d mappingDocument) (Mapping, error) {
	m := Mapping{From: d.From, To: d.To, Source: d.Source}
	from, err := l.set.Version(d.From)
	if err != nil {
		return Mapping{}, err
	}
	to, err := l.set.Version(d.To)
	if err != nil {
		return Mapping{}, err
	}
	if !from.ValidFrom.Before(to.ValidFrom) {
		return Mapping{}, fmt.Errorf("a mapping leads from an older version to a newer one")
	}
	for _, item := range d.Items {
		old, okOld := from.Item(item.From)
		next, okNext := to.Item(item.To)
		if !okOld || !okNext || old.Level != next.Level || old.Kind != next.Kind {
			return Mapping{}, fmt.Errorf("%s to %s: no such items of one level and kind", item.From, item.To)
		}
		if err := checkCodes(old, next, item.Codes); err != nil {
			return Mapping{}, err
		}
		m.items = append(m.items, itemMapping{item.From, item.To, item.Codes})
	}
	return m, nil
}

func checkCodes(old, next Item, codes map[int64]int64) error {
	if (old.Kind == KindCode) != (codes != nil) || old.Kind == KindMulti {
		return fmt.Errorf("%s: exactly the items of kind code need a table of codes", old.Key)
	}
	for from, to := range codes {
		_, okFrom := old.Code(from)
		_, okTo := next.Code(to)
		if !okFrom || !okTo {
			return fmt.Errorf("%s: %d to %d: no such codes", old.Key, from, to)
		}
	}
	return nil
}

// Apply reads answers in the new version. What can not be carried over is given as dropped, in
// alphabetical order of the items.
func (m Mapping) Apply(a Answers) (Answers, []Dropped) {
	out := make(Answers, len(a))
	var dropped []Dropped
	for key, v := range a {
		next, to, reason := m.one(key, v)
		if reason != "" {
			dropped = append(dropped, Dropped{key, reason})
			continue
		}
		out[to] = next
	}
	slices.SortFunc(dropped, func(a, b Dropped) int {
		if a.Item < b.Item {
			return -1
		}
		return 1
	})
	return out, dropped
}

func (m Mapping) one(key string, v Value) (next Value, to, reason string) {
	for _, item := range m.items {
		if item.from != key {
			continue
		}
		if item.codes == nil {
			return v, item.to, ""
		}
		if code, ok := item.codes[v.number]; ok && !v.words {
			return Number(code), item.to, ""
		}
		return Value{}, "", "mapping.no_code"
	}
	return Value{}, "", "mapping.no_item"
}

// Mapping finds how answers of a version are read in another. Error: questionnaire.mapping_unknown.
func (s Set) Mapping(from, to string) (Mapping, error) {
	for _, m := range s.mappings {
		if m.From == from && m.To == to {
			return m, nil
		}
	}
	return Mapping{}, fail.NotFound("questionnaire.mapping_unknown", "from", from, "to", to)
}
