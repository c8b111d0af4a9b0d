package linkage

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
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

// packDate packs a date as the eight digits YYYYMMDD, four bits each; a month or day that is missing is
// zero, no date is zero. It reads YYYY-MM-DD, YYYYMMDD, DDMMYYYY where it is no other, DD-MM-YYYY (or MM-DD-YYYY by order), YYYY-MM and
// YYYY with any signs between, and months by name in English and Indonesian; what stands before a comma and is no month is passed
// over; with a year of two digits it is the first from `since` on that ends so. Without an order the day comes first, unless only
// the month can. Impossible months and days are kept: they are often swapped, or one slip from what was meant, and
// comparing is all that is done with them.
func packDate(s []byte, order string, since int) uint32 {
	var groups [4]int
	var widths [4]int
	n := 0
	for i := 0; i < len(s) && n < 3; {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
				if widths[n] < 9 {
					groups[n] = groups[n]*10 + int(s[i]-'0')
					widths[n]++
				}
			}
			n++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			from := i
			for i < len(s) && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
				i++
			}
			month := monthNamed(s[from:i])
			if month == 0 {
				if comma := bytes.LastIndexByte(s, ','); n == 0 && comma >= i { // the place or the day of the week: BOGOR, 20-01-1979
					return packDate(s[comma+1:], order, since)
				}
				if n > 0 { // a time mark such as T00:00:00Z
					i = len(s)
					continue
				}
				return 0
			}
			groups[n], widths[n] = month, 3
			n++
		default:
			i++
		}
	}
	if n == 1 && widths[0] == 5 && len(s) == 5 {
		return sheetDay(groups[0])
	}
	if n == 3 {
		spellYear(&groups, &widths, order, since)
	}
	return arrange(groups[:n], widths[:n], order)
}

// sheetDay reads a date a spreadsheet lost the form of: the number of the day, of which 1 is the first of January 1900.
func sheetDay(n int) uint32 {
	if n < firstSheetDay || n > lastSheetDay {
		return 0
	}
	year, month, day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Date()
	return dateOf(year, int(month), day)
}

// The days a number can stand for: from 1927 on, before which numbers are too soon something else, to 2063.
const (
	firstSheetDay = 10000
	lastSheetDay  = 59999
)

// spellYear writes a year of two digits with four: the last of three parts, or the first where it can be no day or years stand first.
func spellYear(groups, widths *[4]int, order string, since int) {
	at := 2
	if widths[0] == 2 && widths[1] <= 2 && (order == "ymd" || groups[0] > 31 && groups[2] <= 31) {
		at = 0
	}
	if widths[at] == 2 && max(widths[0], widths[1]) < 4 && groups[0]|groups[1]|groups[2] != 0 {
		groups[at], widths[at] = fullYear(groups[at], since), 4
	}
}

// usualSince is the first year two digits can mean where the model does not say.
const usualSince = 1930

// fullYear gives the first year from since on that ends in two digits.
func fullYear(two, since int) int {
	if since == 0 {
		since = usualSince
	}
	return since + ((two-since)%100+100)%100
}

func arrange(groups, widths []int, order string) uint32 {
	switch {
	case len(groups) == 0:
		return 0
	case len(groups) == 1 && widths[0] == 8:
		return compactDate(groups[0], order)
	case widths[0] == 4 && len(groups) == 1:
		return dateOf(groups[0], 0, 0)
	case widths[0] == 4 && len(groups) == 2:
		return dateOf(groups[0], groups[1], 0)
	case widths[0] == 4:
		return dateOf(groups[0], groups[1], groups[2])
	case len(groups) == 3 && widths[2] == 4:
		if order == "mdy" || widths[0] == 3 || order == "" && groups[1] > 12 && groups[0] <= 12 {
			return dateOf(groups[2], groups[0], groups[1])
		}
		return dateOf(groups[2], groups[1], groups[0])
	case len(groups) == 2 && widths[1] == 4:
		return dateOf(groups[1], groups[0], 0)
	}
	return 0
}

// compactDate reads a date of eight digits: the year first, unless that gives no date and its end is a year somebody lived in.
func compactDate(v int, order string) uint32 {
	year, month, day := v/10000, v/100%100, v%100
	last, second, first := v%10000, v/10000%100, v/1000000
	dayFirst := order == "" && (month > 12 || day > 31) && last >= 1900 && last < 2100 && second <= 12 && first <= 31
	if year >= 1500 && year < 2200 && order != "dmy" && order != "mdy" && !dayFirst {
		return dateOf(year, month, day)
	}
	if order == "mdy" {
		first, second = second, first
	}
	return dateOf(last, second, first)
}

// dateOf packs a date; a year out of the question or a part of more than two digits makes it none,
// and 99 stands for a part nobody knows.
func dateOf(year, month, day int) uint32 {
	if year < 1500 || year > 2200 || month > 99 || day > 99 {
		return 0
	}
	if month == 99 {
		month = 0
	}
	if month == 0 || day == 99 {
		day = 0
	}
	digits := func(v, n int) (packed uint32) {
		for i := range n {
			packed |= uint32(v%10) << (4 * i)
			v /= 10
		}
		return packed
	}
	return digits(year, 4)<<16 | digits(month, 2)<<8 | digits(day, 2)
}

// months are the first three letters of months' names, English and Indonesian.
var months = [...]string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}

func monthNamed(s []byte) int {
	if len(s) < 3 {
		return 0
	}
	key := strings.ToUpper(string(s[:3]))
	switch key {
	case "MEI":
		return 5
	case "AGU", "AGS":
		return 8
	case "OKT":
		return 10
	case "NOP":
		return 11
	case "DES":
		return 12
	}
	return slices.Index(months[:], key) + 1
}

// year, month and day of a packed date.
func dateYear(d uint32) int  { return unpack(d>>16, 4) }
func dateMonth(d uint32) int { return unpack(d>>8&0xff, 2) }
func dateDay(d uint32) int   { return unpack(d&0xff, 2) }

func unpack(v uint32, n int) (x int) {
	for i := n - 1; i >= 0; i-- {
		x = x*10 + int(v>>(4*i)&15)
	}
	return x
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
