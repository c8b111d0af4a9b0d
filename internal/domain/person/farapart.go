package person

import (
	"slices"
	"strings"

	"tepat/internal/kit/letters"
)

// FarApart reports whether two names are of nobody who is written in two ways: beside the words they share each has others, and none of
// these is like one of the other's. A name that is empty, a word missing, cut short or put together, two letters of a longer word
// and the everyday end of a name (SUPARMI, PARMI) are ways of writing one.
func FarApart(a, b string) bool {
	one, two := ownWords(a, b), ownWords(b, a)
	if len(one) == 0 || len(two) == 0 || like(strings.Join(one, ""), strings.Join(two, "")) {
		return false
	}
	for _, x := range one {
		if slices.ContainsFunc(two, func(y string) bool { return like(x, y) }) {
			return false
		}
	}
	return true
}

// ownWords gives the words of a name, folded, that another name does not have.
func ownWords(name, other string) []string {
	others := strings.Fields(string(AppendFold(nil, other)))
	return slices.DeleteFunc(strings.Fields(string(AppendFold(nil, name))), func(w string) bool { return slices.Contains(others, w) })
}

// shortForm is of how many letters a word may be a short form of any with its first.
const shortForm = 3

// like tells whether two words may be one: one within the other, a short form, or so many slips apart as their length bears.
func like(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.Contains(b, a) || len(a) <= shortForm && a[0] == b[0] {
		return true
	}
	return letters.Slips(a, b) <= 1+len(b)/5
}
