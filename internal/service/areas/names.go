package areas

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

// Fold makes names comparable: lower case, letters and digits only, no marks. "Batu Merah" and
// "BATUMERAH" fold to the same text.
func Fold(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	ascii := true
	for i := range len(name) {
		ascii = ascii && name[i] < 0x80
	}
	if !ascii {
		name = norm.NFD.String(name)
	}
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// foldPlace folds the name of a place for search. A district's loses its "Kabupaten" or "Kota" and
// a traditional village's its "Desa Adat", which files often leave out.
func foldPlace(code area.Code, name string) string {
	switch code.Kind() {
	case area.Kabupaten:
		name = strings.TrimPrefix(name, "Kabupaten ")
	case area.Kota:
		name = strings.TrimPrefix(name, "Kota ")
	case area.DesaAdat:
		name = strings.TrimPrefix(name, traditional)
	}
	return Fold(name)
}

// traditional stands before the names of traditional villages in the national list.
const traditional = "Desa Adat "

// FindByName gives the area of the level in an area that has a name, however it is written. A
// word for the kind before the name ("Kel. Benteng", "Kab. Asahan") may stand there; it decides
// between areas of one name when it can. Errors: area.name_empty, area.name_unknown and
// area.name_ambiguous (fact count).
func (t *Tree) FindByName(within area.Code, level area.Level, name string) (area.Code, error) {
	folded := Fold(name)
	if folded == "" {
		return 0, fail.Invalid("area.name_empty")
	}
	found := t.named(within, level, folded)
	kinds, rest := cutKind(name)
	if len(found) == 0 && rest != "" {
		found = t.named(within, level, rest)
	}
	if len(found) > 1 && len(kinds) > 0 {
		if narrow := slices.DeleteFunc(slices.Clone(found), func(c area.Code) bool { return !slices.Contains(kinds, c.Kind()) }); len(narrow) > 0 {
			found = narrow
		}
	}
	switch len(found) {
	case 0:
		return 0, fail.Invalid("area.name_unknown", "within", t.Name(within))
	case 1:
		return found[0], nil
	}
	return 0, fail.Invalid("area.name_ambiguous", "count", len(found), "within", t.Name(within))
}

// named gives the areas of the level with exactly the folded name, by code.
func (t *Tree) named(within area.Code, level area.Level, folded string) []area.Code {
	byName := t.byName()
	at, _ := slices.BinarySearchFunc(byName.order, folded, func(i int32, s string) int { return strings.Compare(byName.folded[i], s) })
	var out []area.Code
	for ; at < len(byName.order) && byName.folded[byName.order[at]] == folded; at++ {
		if code := t.places[byName.order[at]].Code; code.Level() == level && within.Contains(code) {
			out = append(out, code)
		}
	}
	return out
}

// cutKind cuts a leading word for a kind of area and gives the kinds it can mean and the folded
// rest; the rest is empty when there is no such word.
func cutKind(name string) ([]area.Kind, string) {
	name = strings.TrimSpace(name)
	if len(name) > len(traditional) && strings.EqualFold(name[:len(traditional)], traditional) {
		return []area.Kind{area.DesaAdat}, Fold(name[len(traditional):])
	}
	at := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	if at <= 0 {
		return nil, ""
	}
	kinds := kindsOf(strings.ToLower(name[:at]))
	if len(kinds) == 0 {
		return nil, ""
	}
	return kinds, Fold(name[at:])
}

// kindsOf reads a word for a kind as officers write it.
func kindsOf(word string) []area.Kind {
	switch word {
	case "kel", "kelurahan", "lurah":
		return []area.Kind{area.Kelurahan}
	case "desa", "ds", "negeri", "nagari", "gampong", "kampung", "kampong", "kute", "pekon", "tiyuh", "lembang",
		"ohoi", "kalurahan", "kepenghuluan", "dusun":
		return []area.Kind{area.Desa, area.DesaAdat}
	case "kec", "kecamatan", "distrik", "kapanewon", "kemantren":
		return []area.Kind{area.Kecamatan}
	case "kab", "kabupaten":
		return []area.Kind{area.Kabupaten}
	case "kota", "kotamadya", "kodya":
		return []area.Kind{area.Kota}
	case "prov", "provinsi", "propinsi":
		return []area.Kind{area.Provinsi}
	}
	return nil
}
