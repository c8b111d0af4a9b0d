package linkage

import (
	"bytes"
	"math/bits"
)

// longest is the number of bytes the string comparators look at: one machine word of positions.
const longest = 64

// comparator is room for the string comparators; a worker owns one.
type comparator struct {
	masks [256]uint64
	rows  [3][longest + 1]uint8
}

func clip(s []byte) []byte {
	if len(s) > longest {
		return s[:longest]
	}
	return s
}

// ordered gives the two in an order that depends on what they hold alone, because Jaro's greedy
// matching can differ by which side comes first.
func ordered(a, b []byte) ([]byte, []byte) {
	if len(a) > len(b) || len(a) == len(b) && bytes.Compare(a, b) > 0 {
		return b, a
	}
	return a, b
}

// jaroWinkler gives Winkler's similarity from 0 to 1, with the bonus of 0.1 for each of up to four equal
// leading bytes, at any value of Jaro's.
func (c *comparator) jaroWinkler(a, b []byte) float64 {
	a, b = ordered(clip(a), clip(b))
	j := c.jaro(a, b)
	prefix := 0
	for prefix < 4 && prefix < len(a) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

// jaro finds the matches with one mask of positions per byte value: for each byte of b the lowest free
// equal position of a inside the window is one AND and one isolate-lowest-bit.
func (c *comparator) jaro(a, b []byte) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	for i, x := range a {
		c.masks[x] |= 1 << i
	}
	window := max(max(len(a), len(b))/2-1, 0)
	var inA, inB uint64
	for i, x := range b {
		if hit := c.masks[x] & around(i, window) &^ inA; hit != 0 {
			inA |= hit & -hit
			inB |= 1 << i
		}
	}
	for _, x := range a {
		c.masks[x] = 0
	}
	matches := bits.OnesCount64(inA)
	if matches == 0 {
		return 0
	}
	m := float64(matches)
	half := float64(crossed(a, b, inA, inB) / 2)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-half)/m) / 3
}

// around gives the mask of positions from i-window to i+window.
func around(i, window int) uint64 {
	mask := ^uint64(0)
	if high := i + window + 1; high < 64 {
		mask = 1<<high - 1
	}
	if low := i - window; low > 0 {
		mask &^= 1<<low - 1
	}
	return mask
}

// crossed counts the matched bytes that stand in another order on the other side.
func crossed(a, b []byte, inA, inB uint64) int {
	n := 0
	for inA != 0 {
		if a[bits.TrailingZeros64(inA)] != b[bits.TrailingZeros64(inB)] {
			n++
		}
		inA &= inA - 1
		inB &= inB - 1
	}
	return n
}

// within tells whether b can be made of a by at most limit edits: a letter put in, taken out or
// changed, or two neighbours exchanged (optimal string alignment).
func (c *comparator) within(a, b []byte, limit int) bool {
	a, b = clip(a), clip(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return false
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 {
		return len(b) <= limit
	}
	return c.edits(a, b) <= limit
}

func (c *comparator) edits(a, b []byte) int {
	before, last, row := &c.rows[0], &c.rows[1], &c.rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		for j := 1; j <= len(b); j++ {
			cost := last[j-1]
			if a[i-1] != b[j-1] {
				cost = min(cost, last[j], row[j-1]) + 1
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					cost = min(cost, before[j-2]+1)
				}
			}
			row[j] = cost
		}
		before, last, row = last, row, before
	}
	return int(last[len(b)])
}

// JaroWinkler gives the similarity of two texts from 0 to 1 as the comparator jaro_winkler sees it:
// byte by byte, the first 64 bytes of each. It is symmetric.
func JaroWinkler(a, b string) float64 {
	if a == "" && b == "" {
		return 1
	}
	var c comparator
	return c.jaroWinkler([]byte(a), []byte(b))
}

// soundex gives the code of Russell and Odell for a folded word: its first letter and up to five
// digits for the consonants that follow; more digits than the classic three tell apart more names.
func soundex(word []byte, out []byte) []byte {
	const codes = "01230120022455012623010202" // A to Z; 0 is silent
	out = out[:0]
	var last byte
	for _, c := range word {
		if c < 'A' || c > 'Z' {
			continue
		}
		code := codes[c-'A']
		switch {
		case len(out) == 0:
			out = append(out, c)
		case code != '0' && code != last && len(out) < 6:
			out = append(out, code)
		}
		if c != 'H' && c != 'W' {
			last = code
		}
	}
	return out
}
