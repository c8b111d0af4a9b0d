package scoring

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Entry is one family to be ranked. A Score that is not a number leaves it unranked.
type Entry struct {
	Key     [16]byte // breaks ties, so that a ranking never depends on the order of its input
	Score   float64  // ln rupiah per person and month; higher is better off
	Persons int      // a family without persons is unranked
}

// Ranking is a population cut into deciles.
type Ranking struct {
	Deciles  []Decile // of the entries, in their order
	Families [11]int  // by decile; 0 counts the unranked
	Persons  [11]int
	Upper    [11]float64 // by decile, the highest score in it; -Inf for an empty decile, index 0 unused
}

// Rank cuts a population into ten deciles that hold equal numbers of persons (BPS: equal tenths of the
// people). Families are never split: one belongs to the tenth its middle person falls into, so that a
// decile is off by less than one family. Equal scores are ordered by key. Unranked families and their
// persons do not count towards the tenths.
func Rank(entries []Entry) Ranking {
	r := Ranking{Deciles: make([]Decile, len(entries))}
	order := make([]place, 0, len(entries))
	total := 0
	for i := range entries {
		if e := &entries[i]; e.Persons > 0 && !math.IsNaN(e.Score) {
			order = append(order, place{e.Score, int32(i)})
			total += e.Persons
			continue
		}
		r.Families[0]++
		r.Persons[0] += max(entries[i].Persons, 0)
	}
	slices.SortFunc(order, func(a, b place) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return cmp.Or(bytes.Compare(entries[a.at].Key[:], entries[b.at].Key[:]), cmp.Compare(a.at, b.at))
	})
	for d := range r.Upper {
		r.Upper[d] = math.Inf(-1)
	}
	before := 0
	for _, p := range order {
		e := &entries[p.at]
		d := tenth(before, e.Persons, total)
		r.Deciles[p.at] = d
		r.Families[d]++
		r.Persons[d] += e.Persons
		r.Upper[d] = e.Score
		before += e.Persons
	}
	return r
}

// place is an entry while it is sorted: the score is kept beside its position, so that most comparisons
// stay in one cache line.
type place struct {
	score float64
	at    int32
}

// tenth gives the decile the middle of a family falls into, with whole numbers only: the middle person
// stands at before + persons/2 of total.
func tenth(before, persons, total int) Decile {
	return Decile(min((2*before+persons)*10/(2*total), 9) + 1)
}

// Place gives the decile a score falls into by a ranking that is already frozen, so that one family can be
// placed without ranking everybody again. Unranked when nobody was ranked or the score is not a number.
func (r Ranking) Place(score float64) Decile {
	last := Unranked
	if math.IsNaN(score) {
		return Unranked
	}
	for d := Decile(1); d <= 10; d++ {
		if r.Families[d] == 0 {
			continue
		}
		if score <= r.Upper[d] {
			return d
		}
		last = d
	}
	return last
}
