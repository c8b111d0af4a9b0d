// Package linkage finds the rows of tables that speak of one thing, and says why it thinks so.
//
// What is compared, and how, is written in a model: columns, comparisons with ordered levels, their
// m and u probabilities, blocking keys, thresholds (docs/linkage.md is its manual; ParseModel reads
// it). A model is compiled against the headers of one or two tables into a plan of packed records
// and level functions; nothing in the code knows a field by name. Weights are those of Fellegi and
// Sunter, log2(m/u) in bits, with term frequencies, and with further explanations beside chance:
// people of one house agree in much and are not one person.
//
// The same rows and model give the same result, to the bit, for any number of workers and any
// order of the rows: weights are integers, ties are broken by what rows hold and by their ids.
// Pairs are scored as they are met and never kept, only those above the model's bar are.
//
// Sources: Fellegi and Sunter, A Theory for Record Linkage (JASA 1969); Winkler's string comparator
// (1990) and frequency-based matching (1989); Enamorado, Fifield and Imai on EM over patterns (2019).
package linkage

import "math"

// unit is the weight of one bit in the integers weights are added in. Integers add up to the same sum
// in any order and on any machine.
const unit = 1024

// fixed turns bits into units.
func fixed(bits float64) int32 { return int32(math.Round(bits * unit)) }

// Bits turns units of a weight into bits.
func Bits(weight int32) float64 { return float64(weight) / unit }

// Probability turns a weight, log2 odds, into a probability.
func Probability(weight int32) float64 { return 1 / (1 + math.Exp2(-Bits(weight))) }

// Source is a table of raw values, such as *flatcsv.Table. It must not change while it is in use, and
// Fields is called by many goroutines, each with room of its own.
type Source interface {
	Header() []string
	Rows() int
	// Fields gives the values of a row, in the room of into where it can; rows may be short.
	Fields(row int, into [][]byte) [][]byte
}

// Meter is told how far the work is; it is called by many goroutines.
type Meter interface {
	Total(n int64)
	Add(n int64)
}

// mix is the finaliser of splitmix64: every input bit reaches every output bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashText hashes bytes the same on every machine and in every run.
func hashText[T string | []byte](s T) uint64 {
	h := uint64(len(s)) * 0x9e3779b97f4a7c15
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ w) * 0xff51afd7ed558ccd
		h ^= h >> 32
		s = s[8:]
	}
	var w uint64
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	return mix(h ^ w)
}

// logOdds turns a probability into log2 odds, at most 60 either way.
func logOdds(p float64) float64 {
	return math.Max(-60, math.Min(60, math.Log2(p/(1-p))))
}
