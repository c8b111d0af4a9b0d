// Package scoring ranks families by welfare: it holds official deciles, scores families by a proxy means
// test that can be read and explained, and cuts a population into deciles.
//
// The official decile is BPS's and authoritative. A Standing cannot be made to show anything else once it
// holds one: no method replaces or removes an official decile by an estimate. A family that cannot be
// ranked is Unranked, a value of its own, never decile 0 or 10.
package scoring

import (
	"strconv"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Decile is a tenth of the population by welfare, 1 the poorest to 10. The zero Decile is Unranked.
type Decile uint8

// Unranked is the decile of a family that has no rank: variables incomplete, or not visited yet.
const Unranked Decile = 0

// NewDecile makes a decile. Error: score.decile (fact given) outside 1 to 10.
func NewDecile(n int) (Decile, error) {
	if n < 1 || n > 10 {
		return Unranked, fail.Invalid("score.decile", "given", n).On("decile")
	}
	return Decile(n), nil
}

// Ranked tells whether it is a decile at all.
func (d Decile) Ranked() bool { return d >= 1 && d <= 10 }

// String gives "1" to "10", and "unranked".
func (d Decile) String() string {
	if !d.Ranked() {
		return "unranked"
	}
	return strconv.Itoa(int(d))
}

// Official is a decile as BPS published it. Only NewOfficial makes one; the zero Official is none.
type Official struct {
	decile  Decile
	vintage period.Vintage
	source  string
}

// NewOfficial makes an official decile of a published vintage. Errors: score.decile, score.vintage,
// score.source when the file or letter it came in is not named.
func NewOfficial(decile int, vintage period.Vintage, source string) (Official, error) {
	d, err := NewDecile(decile)
	if err != nil {
		return Official{}, err
	}
	if vintage.IsZero() {
		return Official{}, fail.Invalid("score.vintage").On("vintage")
	}
	if source == "" {
		return Official{}, fail.Invalid("score.source").On("source")
	}
	return Official{decile: d, vintage: vintage, source: source}, nil
}

// Decile gives the published decile.
func (o Official) Decile() Decile { return o.decile }

// Vintage gives the publication.
func (o Official) Vintage() period.Vintage { return o.vintage }

// Source gives the file or letter it came in.
func (o Official) Source() string { return o.source }

// Estimate is a decile by a model of this installation, or Unranked with what is missing.
type Estimate struct {
	Decile  Decile
	Score   float64  // ln rupiah per person and month; meaningless when unranked
	Model   string   // id and version
	Missing []string // facts the model needs and nobody has
	On      period.Date
}

// Basis says what a standing's decile rests on.
type Basis uint8

// The bases of a decile.
const (
	BasisNone      Basis = iota // unranked
	BasisEstimated              // by a model of this installation; marked so wherever it is shown
	BasisOfficial               // by BPS
)

// String gives the stable word of the basis.
func (b Basis) String() string {
	return [...]string{"unranked", "estimated", "official"}[min(b, BasisOfficial)]
}

// Standing is where a family stands: its official decile, if there is one, and its estimate. The zero
// Standing is unranked. It never forgets an official decile.
type Standing struct {
	official Official
	estimate Estimate
}

// WithOfficial gives the standing with an official decile. An older vintage than the one held changes
// nothing; a newer one takes its place. Error: score.official_conflict (facts vintage, held, given) when
// the same vintage gives another decile: a publication is frozen, so one of the two files is wrong.
func (s Standing) WithOfficial(o Official) (Standing, error) {
	held := s.official
	switch {
	case o.vintage.IsZero(), !held.vintage.IsZero() && o.vintage.Before(held.vintage):
		return s, nil
	case o.vintage == held.vintage && o.decile != held.decile:
		return s, fail.Conflict("score.official_conflict", "vintage", o.vintage.Text(), "held", held.decile.String(), "given", o.decile.String())
	case o.vintage == held.vintage:
		return s, nil
	}
	s.official = o
	return s, nil
}

// WithEstimate gives the standing with another estimate. An official decile stays what it is.
func (s Standing) WithEstimate(e Estimate) Standing {
	s.estimate = e
	return s
}

// Decile gives the official decile when there is one, else the estimated one, else Unranked.
func (s Standing) Decile() Decile {
	if s.official.decile.Ranked() {
		return s.official.decile
	}
	return s.estimate.Decile
}

// Basis says what Decile rests on.
func (s Standing) Basis() Basis {
	switch {
	case s.official.decile.Ranked():
		return BasisOfficial
	case s.estimate.Decile.Ranked():
		return BasisEstimated
	}
	return BasisNone
}

// Official gives the official decile; ok is false when there is none.
func (s Standing) Official() (o Official, ok bool) { return s.official, s.official.decile.Ranked() }

// Estimate gives the estimate, made or not, whatever the official decile says.
func (s Standing) Estimate() Estimate { return s.estimate }
