package money

import "strings"

var units = [...]string{
	"nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas",
}

// Words writes the amount in Indonesian words, as decrees and receipts need it (terbilang):
// "satu juta lima ratus ribu rupiah".
func (r Rupiah) Words() string {
	n := uint64(r)
	var words []string
	if r < 0 {
		words, n = append(words, "minus"), -n
	}
	words = appendWords(words, n)
	return strings.Join(append(words, "rupiah"), " ")
}

// NumberWords writes a whole number in Indonesian words: 21 is "dua puluh satu".
func NumberWords(n uint64) string { return strings.Join(appendWords(nil, n), " ") }

func appendWords(words []string, n uint64) []string {
	switch {
	case n < 12:
		return append(words, units[n])
	case n < 20:
		return append(words, units[n-10], "belas")
	case n < 100:
		return appendRest(append(words, units[n/10], "puluh"), n%10)
	case n < 200:
		return appendRest(append(words, "seratus"), n-100)
	case n < 1000:
		return appendRest(append(words, units[n/100], "ratus"), n%100)
	case n < 2000:
		return appendRest(append(words, "seribu"), n-1000)
	case n < 1_000_000:
		return appendRest(append(appendWords(words, n/1000), "ribu"), n%1000)
	}
	for _, s := range scales {
		if n >= s.unit {
			return appendRest(append(appendWords(words, n/s.unit), s.word), n%s.unit)
		}
	}
	return words
}

// appendRest says nothing for a rest of zero.
func appendRest(words []string, n uint64) []string {
	if n == 0 {
		return words
	}
	return appendWords(words, n)
}
