// Package doubles finds the records that speak of one person, and says why it thinks so: the first
// version of record linkage, with the fields of identity fixed in a struct. The general engine is
// domain/linkage; this one serves the product until that one beats it on the same records.
//
// It normalises Indonesian names, meets records in blocks, compares them field by field with
// ordered levels, adds up Fellegi-Sunter match weights (log2(m/u), in bits) from a model file,
// guards against relatives who share a house, and groups the pairs it trusts into clusters.
// It works on slices of records and knows no database. The same input gives the same output
// for every number of workers and every order of the records.
//
// Sources: Fellegi and Sunter, A Theory for Record Linkage (JASA 1969); Winkler's string
// comparator (1990). The engine only finds and ranks: whether a person is padan with the civil
// registry is decided by the field rules of civilmatch alone.
package doubles

import (
	"fmt"
	"log/slog"
)

// Record is one description of a person, as some list holds it. Every field but ID may be empty,
// and none has to be valid: finding damaged records is the point.
type Record struct {
	ID     string // the caller's key, unique in one call; the only field printed in clear
	NIK    string // population number as stored, spaces and dots allowed
	KK     string // family card number as stored
	Name   string // full name as stored, titles and all
	Mother string // the mother's name as stored
	Birth  string // YYYY-MM-DD, YYYY-MM or YYYY
	Sex    string // L or P
	Area   string // Kemendagri code of any level, with or without dots
	Phone  string // telephone number as stored
	Person string // the civil person it is known to be; two different ones are never grouped
}

// String prints the record's key only: all the rest is personal data.
func (r Record) String() string { return "record " + r.ID }

// LogValue writes the record's key only.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// GoString keeps %#v from printing personal data.
func (r Record) GoString() string { return fmt.Sprintf("doubles.Record{ID:%q}", r.ID) }

// Decision is what the weight of a pair calls for.
type Decision uint8

// The decisions, from the least to the most certain.
const (
	Reject Decision = iota // not the same person, as far as the model can tell
	Review                 // a person has to look at it
	Link                   // strong enough to be grouped without being asked; a merge still is
)

// String gives the decision's stable word, used in files and as a message key.
func (d Decision) String() string {
	switch d {
	case Link:
		return "link"
	case Review:
		return "review"
	}
	return "reject"
}

// Pair is two records the model holds to be worth a look. A and B are positions in the slice given
// to Dedupe; the record at A has the smaller ID.
type Pair struct {
	A, B        int
	Rule        string  // the first blocking rule that brought the two together
	Weight      float64 // posterior match weight in bits: prior plus all contributions
	Probability float64 // 2^w / (1 + 2^w)
	Decision    Decision
	outcome     outcome
}

// Cluster is a group of records held to be one person. Members are positions in the slice given to
// Dedupe, ordered by ID; the first is the cluster's representative.
type Cluster struct {
	Members []int
	Weakest float64 // weight of the weakest pair the cluster was built with, in bits
}

// Scored is one candidate of Rank.
type Scored struct {
	Index     int     // position in the candidates given
	Weight    float64 // match weight in bits, without prior
	Posterior float64 // share of belief among all candidates and "none of them"
	Gap       float64 // bits ahead of the next candidate; infinite for a single one
	Decision  Decision
	outcome   outcome
}
