package synth

import (
	"strings"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// nickname gives what somebody is called instead of the name on the card: the short name of a word,
// or a part of the name alone. It differs from the name.
func (v *vocabulary) nickname(r *random, name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		if nick := v.nicknames[word]; nick != "" && (len(words) > 1 || nick != word) {
			if r.permille(500) {
				return nick
			}
			words[i] = nick
			return strings.Join(words, " ")
		}
	}
	if len(words) > 1 {
		return words[r.below(len(words))]
	}
	if len(name) > 5 {
		return name[len(name)-4:]
	}
	return "PAK " + name
}

// short abbreviates a word of the name: the usual short form, or an initial.
func (v *vocabulary) shorten(r *random, name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		if short := v.short[word]; short != "" && short != word {
			words[i] = short
			return strings.Join(words, " ")
		}
	}
	at := len(words) - 1
	if len(words) > 2 && r.permille(500) {
		at = 1
	}
	if len(words[at]) < 2 {
		return name + " A"
	}
	words[at] = words[at][:1]
	return strings.Join(words, " ")
}

// titled puts a title before or behind the name.
func (v *vocabulary) titled(r *random, name string, sex person.Sex) string {
	before := v.before[sexIndex(sex)]
	if r.permille(700) {
		return before[r.below(len(before))] + " " + name
	}
	return name + ", " + v.after[r.below(len(v.after))]
}

// slips are letters that are taken for each other.
var slips = map[byte]byte{
	'I': 'Y', 'Y': 'I', 'U': 'O', 'O': 'U', 'V': 'F', 'F': 'P', 'P': 'F', 'S': 'Z', 'Z': 'S', 'D': 'T', 'T': 'D', 'K': 'C', 'C': 'K',
	'J': 'Y', 'M': 'N', 'N': 'M', 'B': 'P', 'G': 'K', 'R': 'L', 'L': 'R', 'A': 'E', 'E': 'A', 'H': 'N', 'W': 'V', 'Q': 'K', 'X': 'S',
}

// misspell makes one or two slips in the letters of the name; the result differs from it.
func misspell(r *random, name string) string {
	wrong := slip(r, name)
	if r.permille(250) {
		if again := slip(r, wrong); again != name {
			return again
		}
	}
	return wrong
}

// slip changes, drops, doubles or exchanges letters at one place.
func slip(r *random, name string) string {
	for range 40 {
		at := r.below(len(name))
		c := name[at]
		if c < 'A' || c > 'Z' {
			continue
		}
		switch kind := r.below(100); {
		case kind < 45:
			return name[:at] + string(slips[c]) + name[at+1:]
		case kind < 65 && len(name) > 4 && !alone(name, at):
			return name[:at] + name[at+1:]
		case kind < 80:
			return name[:at] + string(c) + name[at:]
		case at+1 < len(name) && name[at+1] != c && name[at+1] >= 'A':
			return name[:at] + string(name[at+1]) + string(c) + name[at+2:]
		}
	}
	return name + "H"
}

// alone reports whether the letter is a word by itself, which dropping it would remove.
func alone(name string, at int) bool {
	return (at == 0 || name[at-1] == ' ') && (at == len(name)-1 || name[at+1] == ' ')
}

// vary writes a name once more by another hand: mostly the same, sometimes misspelt or shortened.
func (v *vocabulary) vary(r *random, name string) string {
	switch n := r.below(100); {
	case n < 25:
		return misspell(r, name)
	case n < 38:
		return v.shorten(r, name)
	case n < 48:
		return v.nickname(r, name)
	}
	return name
}

// wrongDate makes a slip in a birth date: day, month, or year by one or ten. The result is a date
// not after the day, and not the same.
func wrongDate(r *random, born, today period.Date) period.Date {
	for range 60 {
		y, m, d := born.Year(), int(born.Month()), born.Day()
		switch r.below(6) {
		case 0:
			d += 1 - 2*r.below(2)
		case 1:
			d += 10 - 20*r.below(2)
		case 2:
			m += 1 - 2*r.below(2)
		case 3, 4:
			y += 1 - 2*r.below(2)
		default:
			y += 10 - 20*r.below(2)
		}
		if m < 1 || d < 1 {
			continue
		}
		if date, err := period.NewDate(y, m, d); err == nil && !date.After(today) && date != born {
			return date
		}
	}
	return born.AddDays(-1)
}

// swappable reports whether day and month of the date can be exchanged and then differ.
func swappable(d period.Date) bool { return d.Day() <= 12 && d.Day() != int(d.Month()) }

func swapDate(d period.Date) period.Date {
	swapped, err := period.NewDate(d.Year(), d.Day(), int(d.Month()))
	if err != nil {
		return d
	}
	return swapped
}

// wrongNIK makes a slip in a NIK so that the result is nobody's: it falls on numbers that are never
// issued, namely serials from madeUp on, subdistricts from 90 on and births before all others.
func (w *workshop) wrongNIK(r *random, nik person.NIK) string {
	text := []byte(nik.Plain())
	switch kind := r.below(100); {
	case kind < 35:
		text[12] = '9'
	case kind < 65 && w.longAgo(text):
	case text[4] != '9':
		text[4] = '9'
	default:
		text[12] = '9'
	}
	return string(text)
}

// longAgo changes the tens of the year so that only somebody older than the oldest could be born in
// it; false when no digit does.
func (w *workshop) longAgo(nik []byte) bool {
	this := w.year % 100
	for tens := byte('0'); tens <= '9'; tens++ {
		year := int(tens-'0')*10 + int(nik[11]-'0')
		if ahead := (year - this + 100) % 100; tens != nik[10] && ahead >= 1 && ahead <= 7 {
			nik[10] = tens
			return true
		}
	}
	return false
}

// zeroed turns the last digit to zero, as a spreadsheet does with numbers of sixteen digits.
func zeroed(nik string) string { return nik[:15] + "0" }

// scientific writes the number as a spreadsheet shows it.
func scientific(nik string) string { return nik[:1] + "," + nik[1:6] + "E+15" }
