package linkage

import (
	"fmt"
	"math/rand/v2"
	"testing"

	tables "tepat/data/linkage"
)

// TestAlikesAreWhatComparingFinds holds the table of words that are alike to comparing the words, for words it knows and words
// beyond it, and names compared with it to names compared without.
func TestAlikesAreWhatComparingFinds(t *testing.T) {
	t.Parallel()
	names, err := ParseNames(tables.Names)
	if err != nil {
		t.Fatal(err)
	}
	l, r := newLexicon(names), rand.New(rand.NewPCG(5, 7))
	letters := []string{"SI", "TI", "RA", "NA", "MU", "DI", "AH", "AN", "RN", "M", "NUR", "Y", "DJ", "E"}
	for len(l.words) < 400 {
		word := ""
		for range 1 + r.IntN(4) {
			word += letters[r.IntN(len(letters))]
		}
		l.words[l.intern(word)].rarity = int32(-r.IntN(12 * unit))
	}
	d := &data{words: l, n: 300 * 300 / alikesPerRow} // so that half of the words are known
	for _, part := range d.prepareAlikes(2) {
		part()
	}
	table := &l.alikes
	table.bothWays()
	known := 0
	slow := &worker{data: &data{words: &lexicon{names: names, words: l.words, looks: l.looks, text: l.text}}, likes: make([]likeSlot, likeSlots)}
	fast := &worker{data: d, likes: make([]likeSlot, likeSlots)}
	for x := wordID(1); int(x) < len(l.words); x++ {
		for y := wordID(1); int(y) < len(l.words); y++ {
			want := x == y || !l.looks[x].far(&l.looks[y]) && slow.judge(&l.words[x], &l.words[y]) != unlike
			if alike, told := table.has(x, y); told {
				known++
				if alike != want {
					t.Fatalf("%s and %s: %v, compared %v", l.of(l.words[x].text), l.of(l.words[y].text), alike, want)
				}
			}
		}
	}
	if known < 10_000 || known == (len(l.words)-1)*(len(l.words)-1) {
		t.Fatalf("%d pairs of words are known", known)
	}
	found := map[relation]int{}
	for range 20_000 {
		a, b := nameOf(l, r), nameOf(l, r)
		want, got := slow.names(&a, &b), fast.names(&a, &b)
		if want != got {
			t.Fatalf("%v and %v: %+v, without the table %+v", a.list(), b.list(), got, want)
		}
		found[got.relation]++
	}
	if len(found) < 5 {
		t.Errorf("only the relations %s were found", fmt.Sprint(found))
	}
}

// nameOf makes a name of words that are often met.
func nameOf(l *lexicon, r *rand.Rand) (v nameValue) {
	for range 1 + r.IntN(3) {
		v.add(l, wordID(1+r.IntN(len(l.words)-1)%(1+r.IntN(len(l.words)-1))))
	}
	return v
}
