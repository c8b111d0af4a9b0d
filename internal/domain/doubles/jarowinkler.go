package doubles

import "math/bits"

// maxJaro is the number of bytes compared: one machine word of matches a side.
const maxJaro = 64

// JaroWinkler gives the similarity of two strings from 0 to 1, with Winkler's bonus of 0.1 for each of
// up to four equal leading bytes (applied at any Jaro value). It compares bytes, so both sides should
// be folded to A-Z first; only the first 64 bytes of each count.
func JaroWinkler(a, b string) float64 {
	var masks [256]uint64
	a, b = clip(a), clip(b)
	return winkler(jaro(a, b, &masks), a, b)
}

// winkler adds the bonus for equal leading bytes.
func winkler(j float64, a, b string) float64 {
	prefix := 0
	for prefix < 4 && prefix < len(a) && prefix < len(b) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

func clip(s string) string {
	if len(s) > maxJaro {
		return s[:maxJaro]
	}
	return s
}

// jaro finds the matches of Jaro's comparator with one mask of positions per byte value: for each byte
// of b the lowest free equal position of a inside the window is one AND and one isolate-lowest-bit.
func jaro(a, b string, masks *[256]uint64) float64 {
	if len(a) == 0 || len(b) == 0 {
		if len(a) == len(b) {
			return 1
		}
		return 0
	}
	for i := range len(a) {
		masks[a[i]] |= 1 << i
	}
	window := max(len(a), len(b))/2 - 1
	if window < 0 {
		window = 0
	}
	var inA, inB uint64
	for i := range len(b) {
		if hit := masks[b[i]] & around(i, window) &^ inA; hit != 0 {
			inA |= hit & -hit
			inB |= 1 << i
		}
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
	high := i + window + 1
	mask := ^uint64(0)
	if high < 64 {
		mask = 1<<high - 1
	}
	if low := i - window; low > 0 {
		mask &^= 1<<low - 1
	}
	return mask
}

// crossed counts the matched bytes that stand in another order on the other side.
func crossed(a, b string, inA, inB uint64) int {
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
