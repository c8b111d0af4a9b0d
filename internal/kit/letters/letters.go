// Package letters compares written words letter by letter.
package letters

// Slips counts the bytes to be put in, left out or changed to make one word of another (Levenshtein 1966). It costs the product of the two
// lengths and keeps one row; the linkage engine, which compares millions, has its own.
func Slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal, row[j+1] = row[j+1], min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
