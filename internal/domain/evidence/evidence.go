package evidence

import (
	"cmp"
	"log/slog"
	"time"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
)

// Match says how a piece of evidence came to be tied to a person.
type Match uint8

// The ways of tying, from the weakest to the strongest.
const (
	MatchDoubtful Match = iota // by name, or by a NIK that several persons claim
	MatchReviewed              // a person looked at both and said so
	MatchExactNIK              // by a NIK that this person alone holds
)

// String gives the stable word of the match.
func (m Match) String() string {
	return [...]string{"doubtful", "reviewed", "exact_nik"}[min(m, MatchExactNIK)]
}

// Evidence is one statement about one person. It is made by Catalogue.New and holds personal data: it
// prints without its value.
type Evidence struct {
	Kind       Kind
	Value      Value
	AsOf       period.Date // the day the statement holds for
	Source     string      // the office, and the file or service, that states it
	Match      Match
	ReceivedAt time.Time // when it reached this installation
}

// String shows what sort of evidence it is and how old, never its value.
func (e Evidence) String() string { return e.Kind.String() + " as of " + e.AsOf.Text() }

// LogValue logs the kind and the day.
func (e Evidence) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kind", e.Kind.String()), slog.String("as_of", e.AsOf.Text()))
}

// GoString keeps %#v from printing the value.
func (e Evidence) GoString() string { return e.String() }

// Newer orders statements of one kind: the later day first counts, then the later receipt, then the
// source and the value, so that the choice never depends on the order of a list.
func Newer(a, b Evidence) int {
	return cmp.Or(
		a.AsOf.Compare(b.AsOf), a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.Match, b.Match),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Value.number, b.Value.number), cmp.Compare(a.Value.text, b.Value.text),
	)
}

// Latest gives the newest statement of the kind; ok is false when there is none.
func Latest(list []Evidence, k Kind) (e Evidence, ok bool) {
	for _, x := range list {
		if x.Kind == k && (!ok || Newer(x, e) > 0) {
			e, ok = x, true
		}
	}
	return e, ok
}

// Value is what is stated: yes or no, an amount, a number, a day or a few words. The zero Value is a
// plain yes. It is comparable.
type Value struct {
	number int64 // an amount, a number, or 1 for a denial
	text   string
	kind   ValueType
}

// Denied tells that the statement is a no: "is not a civil servant".
func (v Value) Denied() bool { return v.kind == TypeFlag && v.number == 1 }

// Rupiah gives an amount a month; ok is false for other values.
func (v Value) Rupiah() (amount money.Rupiah, ok bool) {
	return money.Rupiah(v.number), v.kind == TypeRupiah
}

// Integer gives a number, or an amount in rupiah; ok is false for other values.
func (v Value) Integer() (n int64, ok bool) {
	return v.number, v.kind == TypeInteger || v.kind == TypeRupiah
}

// Text gives the words stated or the code of an area, empty when none were.
func (v Value) Text() string { return v.text }

// Date gives the day stated; ok is false when none was.
func (v Value) Date() (d period.Date, ok bool) {
	if v.kind != TypeDate {
		return d, false
	}
	d, err := period.ParseDate(v.text)
	return d, err == nil
}

// Stored gives the value as it is kept and as Catalogue.New reads it back.
func (v Value) Stored() string { return v.stored() }

// String masks the value: it is personal data.
func (v Value) String() string { return "***" }

// GoString masks the value.
func (v Value) GoString() string { return "***" }

// LogValue masks the value.
func (v Value) LogValue() slog.Value { return slog.StringValue("***") }
