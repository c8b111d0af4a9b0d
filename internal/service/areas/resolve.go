package areas

import (
	"cmp"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// alias says what a code became, and from which day on.
type alias struct {
	old, new area.Code
	from     period.Date
	basis    string
}

// maxRenamings bounds how often one area can have been renamed; more is a circle in the data.
const maxRenamings = 10

func (t *Tree) setAliases(all []alias) {
	t.aliases = map[area.Code][]alias{}
	for _, a := range all {
		t.aliases[a.old] = append(t.aliases[a.old], a)
		if _, used := t.index[a.old]; !used {
			t.retired = append(t.retired, a.old)
		}
	}
	slices.Sort(t.retired)
	t.retired = slices.Compact(t.retired)
}

// Resolve gives today's code of an area that a document names by the code of its day. A code in
// use means itself, unless the document is older than the decree that gave the code to another
// area; written is the date of the document, zero when it is not known. Errors: area.unknown when
// the code neither is nor was in use, area.split (fact count) when it became several areas and the
// document must say which.
func (t *Tree) Resolve(code area.Code, written period.Date) (area.Code, error) {
	if code == area.Nation {
		return code, nil
	}
	from := written
	for range maxRenamings {
		_, used := t.index[code]
		next := t.became(code, from, used)
		switch {
		case len(next) > 1:
			return 0, fail.Invalid("area.split", "area", code.Dotted(), "count", len(next))
		case len(next) == 1:
			code, from = next[0].new, next[0].from
		case used:
			return code, nil
		default:
			return 0, fail.Invalid("area.unknown", "area", code.Dotted())
		}
	}
	return 0, fail.Invalid("area.unknown", "area", code.Dotted())
}

// became gives what a code turned into after a day: by its own alias, or by that of the area it
// lay in, below which the last digits stayed.
func (t *Tree) became(code area.Code, after period.Date, used bool) []alias {
	if used && after.IsZero() {
		return nil
	}
	for level := code.Level(); level >= area.LevelProvince; level-- {
		up := code.At(level)
		var next []alias
		for _, a := range t.aliases[up] {
			if a.from.After(after) {
				next = append(next, alias{old: code, new: a.new + code - up, from: a.from, basis: a.basis})
			}
		}
		if len(next) > 0 {
			first := slices.MinFunc(next, func(a, b alias) int { return a.from.Compare(b.from) })
			return slices.DeleteFunc(next, func(a alias) bool { return a.from != first.from })
		}
	}
	return nil
}

// oldCodes gives the codes an area had before, the last one first.
func (t *Tree) oldCodes(code area.Code) []area.Code {
	var found []alias
	for _, list := range t.aliases {
		for _, a := range list {
			if a.new == code {
				found = append(found, a)
			}
		}
	}
	slices.SortFunc(found, func(a, b alias) int { return cmp.Or(b.from.Compare(a.from), cmp.Compare(a.old, b.old)) })
	out := make([]area.Code, len(found))
	for i, a := range found {
		out[i] = a.old
	}
	return out
}

// Former gives the abolished codes, not in use today, of what lies in an area now. What is never
// rewritten, such as sealed audit entries, still carries them.
func (t *Tree) Former(code area.Code) []area.Code {
	var out []area.Code
	for _, old := range t.retired {
		now, err := t.Resolve(old, period.Date{})
		if err == nil && code.Contains(now) {
			out = append(out, old)
		}
	}
	return out
}
