package linkage

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
)

// cleaner turns a folded text (A-Z, 0-9, dots, single spaces) into a simpler one, appended to out.
type cleaner struct {
	name string
	run  func(out, in []byte) []byte
}

// cleaners are the steps a column's clean list may name, in the order of the manual.
func cleaners() []cleaner {
	return []cleaner{
		{"letters", func(out, in []byte) []byte { return keep(out, in, func(c byte) bool { return c > '9' }) }},
		{"digits", func(out, in []byte) []byte { return keep(out, in, func(c byte) bool { return c >= '0' && c <= '9' }) }},
		{"no_digits", noDigits},
		{"to_digits", func(out, in []byte) []byte { return append(out, bytes.TrimRight(in[:toDigits(in)], " .")...) }},
		{"no_spaces", func(out, in []byte) []byte { return keep(out, in, func(c byte) bool { return c != ' ' && c != '.' }) }},
		{"no_dots", func(out, in []byte) []byte { return keep(out, in, func(c byte) bool { return c != '.' }) }},
		{"numbers_apart", numbersApart},
		{"first_word", func(out, in []byte) []byte { first, _, _ := bytes.Cut(in, []byte{' '}); return append(out, first...) }},
		{"last_word", func(out, in []byte) []byte { return append(out, in[bytes.LastIndexByte(in, ' ')+1:]...) }},
		{"sorted_words", sortedWords},
		{"no_zeros", func(out, in []byte) []byte { return append(out, bytes.TrimLeft(in, "0 ")...) }},
	}
}

func cleanerNamed(name string) func(out, in []byte) []byte {
	for _, c := range cleaners() {
		if c.name == name {
			return c.run
		}
	}
	return nil
}

func cleanerNames() (names []string) {
	for _, c := range cleaners() {
		names = append(names, c.name)
	}
	return names
}

func keep(out, in []byte, want func(byte) bool) []byte {
	for _, c := range in {
		if want(c) {
			out = append(out, c)
		}
	}
	return out
}

// toDigits gives where the first digit of a text is, or its end.
func toDigits(in []byte) int {
	if at := bytes.IndexAny(in, "0123456789"); at >= 0 {
		return at
	}
	return len(in)
}

// noDigits drops digits and the spaces that would be left side by side.
func noDigits(out, in []byte) []byte {
	from := len(out)
	for _, c := range in {
		if c >= '0' && c <= '9' || c == ' ' && (len(out) == from || out[len(out)-1] == ' ') {
			continue
		}
		out = append(out, c)
	}
	return trimSpace(out, from)
}

func sortedWords(out, in []byte) []byte {
	words := bytes.Fields(in)
	slices.SortFunc(words, bytes.Compare)
	return append(out, bytes.Join(words, []byte{' '})...)
}

// noDigitsValue is the value of a digits column without a value; digits are kept four bits each from
// the left, and what a number is short of sixteen is filled with ones.
const noDigitsValue = ^uint64(0)

// mistakenLetters is how many letters read for digits a number may have for each that is a digit.
const mistakenLetters = 0.4

// digitRead gives the digit a letter was read for by a machine or an eye, or zero: 32O1 is 3201.
func digitRead(c byte) byte {
	switch c {
	case 'O', 'o', 'Q', 'D':
		return '0'
	case 'I', 'i', 'l', 'L', '|':
		return '1'
	case 'Z', 'z':
		return '2'
	case 'S', 's':
		return '5'
	case 'G':
		return '6'
	case 'B':
		return '8'
	}
	return 0
}

// packDigits packs up to sixteen digits; a longer number keeps its first sixteen. A few letters that look like digits
// are read as them. Text with other letters (a spreadsheet's 3.2E+15), of a length out of bounds, or of five and
// more times one digit is no value.
func packDigits(s []byte, strip []string, shortest, longestLength int) uint64 {
	if len(strip) == 0 && len(s) >= max(shortest, 1) && len(s) <= min(longestLength, 16) {
		if packed, ok := packPlain(s); ok {
			return packed
		}
	}
	return packAny(s, strip, shortest, longestLength)
}

// packPlain is packDigits for up to sixteen digits and nothing else, as most numbers are; false for anything else.
func packPlain(s []byte) (packed uint64, ok bool) {
	var room [16]byte
	for i := copy(room[:], s); i < len(room); i++ {
		room[i] = '0'
	}
	high, low := binary.BigEndian.Uint64(room[:8])-zeros8, binary.BigEndian.Uint64(room[8:])-zeros8
	if ((high|low)|(high+sixes8)|(low+sixes8))&tops8 != 0 {
		return 0, false
	}
	packed = squeeze(high)<<32 | squeeze(low)
	gap := 64 - 4*len(s)
	if len(s) >= 5 && (packed^packed<<4)>>gap>>4 == 0 { // one digit repeated
		return noDigitsValue, true
	}
	return packed | (1<<gap - 1), true
}

// Bytes of digits, eight side by side: their zero, what makes those above nine spill over, and where that shows.
const (
	zeros8 = 0x3030303030303030
	sixes8 = 0x0606060606060606
	tops8  = 0xf0f0f0f0f0f0f0f0
)

// squeeze moves the lower halves of eight bytes together.
func squeeze(x uint64) uint64 {
	x = (x | x>>4) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return (x | x>>16) & 0xffffffff
}

// packAny is packDigits for any text.
func packAny(s []byte, strip []string, shortest, longestLength int) uint64 {
	var digits [32]byte
	n, letters := 0, 0
	for _, c := range s {
		read := c
		if c > '9' {
			if read = digitRead(c); read != 0 {
				letters++
			}
		}
		switch {
		case read >= '0' && read <= '9':
			if n == len(digits) {
				return noDigitsValue
			}
			digits[n] = read
			n++
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= 0x80, c == ',':
			return noDigitsValue
		}
	}
	if float64(letters) > mistakenLetters*float64(n-letters) {
		return noDigitsValue
	}
	list := digits[:n]
	for _, p := range strip {
		list = bytes.TrimPrefix(list, []byte(p))
	}
	if len(list) < shortest || len(list) > longestLength || len(list) >= 5 && bytes.Count(list, list[:1]) == len(list) {
		return noDigitsValue
	}
	packed := noDigitsValue
	for i, c := range list[:min(len(list), 16)] {
		shift := 60 - 4*i
		packed = packed&^(15<<shift) | uint64(c-'0')<<shift
	}
	return packed
}

// digitPattern is numbers that are none though they look like one: those that have its digits where it asks for one.
type digitPattern struct{ mask, digits uint64 }

// digitPatternOf reads a pattern of up to sixteen digits, ? for any: ??0000 is every number of six digits that ends in four zeros.
// A text that holds anything else, or no ?, is no pattern.
func digitPatternOf(text string) (p digitPattern, ok bool) {
	if len(text) > 16 || !strings.Contains(text, "?") || strings.Trim(text, "?0123456789") != "" {
		return p, false
	}
	p = digitPattern{mask: noDigitsValue, digits: noDigitsValue}
	for i := range len(text) {
		shift := 60 - 4*i
		p.mask, p.digits = p.mask&^(15<<shift), p.digits&^(15<<shift)
		if c := text[i]; c != '?' {
			p.mask, p.digits = p.mask|15<<shift, p.digits|uint64(c-'0')<<shift
		}
	}
	return p, true
}

// some gives a packed number, or none where it fits one of the patterns.
func (c *column) some(v uint64) uint64 {
	for _, p := range c.patterns {
		if v&p.mask == p.digits {
			return noDigitsValue
		}
	}
	return v
}

// unpackDigits writes a packed number.
func unpackDigits(v uint64) string {
	var b strings.Builder
	for shift := 60; shift >= 0 && v>>shift&15 != 15; shift -= 4 {
		b.WriteByte('0' + byte(v>>shift&15))
	}
	return b.String()
}

// noNumber is the word of a number column without a value: a NaN no parse gives.
const noNumber = 0x7fc0dead

// packNumber reads a decimal number; a comma is read as a point where there is no point.
func packNumber(s []byte) uint32 {
	text := strings.TrimSpace(string(s))
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 32)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return noNumber
	}
	return math.Float32bits(float32(v) + 0) // -0 becomes 0
}
