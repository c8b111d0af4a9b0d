package linkage

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

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
