// Package spoken writes and reads short codes that stand on paper and are read aloud, copied by hand and typed on telephones.
//
// The letters are Crockford's base 32 (Douglas Crockford, "Base 32", crockford.com): five bits each, without I, L, O and U,
// which are misread or misspoken.
package spoken

import "strings"

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// group is how many letters stand together between hyphens.
const group = 4

// Write gives a letter for the lowest five bits of each value, in groups of four: "7K2M-Q0XD".
func Write(values []byte) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[v&31])
	}
	return b.String()
}

// Read gives the values of a code as people type it: in small letters, without or with other hyphens, with O for 0 and I or
// L for 1. It is false for anything that is not exactly so many letters.
func Read(typed string, letters int) ([]byte, bool) {
	values := make([]byte, 0, letters)
	for _, r := range strings.ToUpper(typed) {
		switch r {
		case ' ', '-', '.':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		at := strings.IndexRune(alphabet, r)
		if at < 0 || len(values) == letters {
			return nil, false
		}
		values = append(values, byte(at))
	}
	return values, len(values) == letters
}
