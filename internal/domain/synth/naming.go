package synth

import (
	"slices"
	"strings"
)

// bearer is the person a name is formed for.
type bearer struct {
	community *community
	sex       int    // index: 0 man, 1 woman
	year      int    // of birth
	clan      string // inherited from the father; "" when the community has none
	order     int    // birth order, from 0
}

// clan draws the name of a clan, or "" in a community without clans.
func (c *community) clan(r *random) string {
	if c.clans == nil {
		return ""
	}
	return c.clans.draw(r)
}

// mononym draws whether somebody of the year of birth has one word for a name.
func (c *community) mononym(r *random, year int) bool {
	for _, m := range c.mononyms {
		if year <= m.Until {
			return r.permille(int(m.Share*1000 + 0.5))
		}
	}
	return false
}

// name forms a full name in capitals as it stands on a KTP, at most 60 letters.
func (v *vocabulary) name(r *random, b bearer) string {
	var n words
	era := eraOf(b.year)
	given := b.community.given[b.sex][era]
	switch {
	case b.community.mononym(r, b.year):
		n.add(given.draw(r))
	case b.community.pattern == "balinese":
		n.add([2]string{"I", "NI"}[b.sex])
		n.add(v.order[b.sex][b.order%len(v.order[b.sex])].draw(r))
		n.add(given.draw(r))
	case b.community.pattern == "butonese":
		n.add([2][2]string{{"LA", "WA"}, {"LA ODE", "WA ODE"}}[r.below(10)/7][b.sex])
		n.add(given.draw(r))
	case b.community.clans != nil:
		b.pious(r, era, &n)
		n.add(given.draw(r))
		if r.permille([eras]int{60, 160, 380}[era]) {
			n.add(given.draw(r))
		}
		n.add(b.clan)
	default:
		b.pious(r, era, &n)
		n.add(given.draw(r))
		b.second(r, given, &n)
		if n.count == 1 {
			n.add(b.community.last[b.sex].draw(r))
		}
	}
	return strings.Join(n.list[:n.count], " ")
}

// words are the words of a name under construction; none stands twice.
type words struct {
	list  [5]string
	count int
}

func (w *words) add(word string) {
	if word != "" && w.count < len(w.list) && !slices.Contains(w.list[:w.count], word) {
		w.list[w.count] = word
		w.count++
	}
}

// pious adds Muhammad, Siti and the like to a part of the names, more often among the young.
func (b bearer) pious(r *random, era int, n *words) {
	if words := b.community.pious[b.sex]; words != nil && r.permille(b.community.piousIn*[eras]int{35, 70, 100}[era]/100) {
		n.add(words.draw(r))
	}
}

// second adds what follows the given name of people without a clan: a last name, a second given
// name, or both among the young.
func (b bearer) second(r *random, given *lot[string], n *words) {
	kind := r.below(100)
	if kind < 30 || b.year >= 2000 && kind >= 75 {
		n.add(given.draw(r))
	}
	if kind >= 30 {
		n.add(b.community.last[b.sex].draw(r))
	}
}

// twin gives the name of the second of twins: the first word changed, the rest the same.
func (v *vocabulary) twin(r *random, b bearer, elder *human) string {
	word, rest, _ := strings.Cut(elder.name, " ")
	for _, pair := range v.twins {
		if pair[0] == word && elder.bearer.sex == b.sex {
			return join(pair[1], rest)
		}
	}
	for range 8 {
		if other := b.community.given[b.sex][eraOf(b.year)].draw(r); other != word {
			return join(other, rest)
		}
	}
	return join(word+"A", rest)
}

func join(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + " " + rest
}
