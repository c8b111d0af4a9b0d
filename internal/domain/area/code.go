// Package area holds the vocabulary of places: codes, levels, kinds and zones, but no list of them.
//
// The list of the nation's places is data (package data/areas); the rows an installation works
// with are kept by service/areas. A Code is what the Ministry of Home Affairs (Kemendagri) prints
// today; a Tenant is where a district's rows are stored and never changes.
package area

import (
	"strconv"

	"tepat/internal/kit/fail"
)

// Code is a Kemendagri area code padded with zeros to ten digits: the village 81.71.01.1001 is
// 8171011001, the district 81.71 is 8171000000 and the province 81 is 8100000000. Padding makes
// "lies inside" a comparison of numbers. The zero Code is the nation.
type Code int64

// Nation is the code of the whole country, which every other code lies inside.
const Nation Code = 0

// Level says how far down the tree of areas a code stands.
type Level uint8

// The levels, from the nation down to the village.
const (
	LevelNation Level = iota
	LevelProvince
	LevelDistrict    // kabupaten or kota
	LevelSubdistrict // kecamatan
	LevelVillage     // desa, kelurahan and their local kinds
)

// String gives the level's stable word, as used in settings and files.
func (l Level) String() string {
	switch l {
	case LevelNation:
		return "nation"
	case LevelProvince:
		return "province"
	case LevelDistrict:
		return "district"
	case LevelSubdistrict:
		return "subdistrict"
	case LevelVillage:
		return "village"
	}
	return "level(" + strconv.Itoa(int(l)) + ")"
}

// The number of codes below one area of each level, which is also its step.
const (
	villageStep     Code = 1
	subdistrictStep Code = 10_000
	districtStep    Code = 1_000_000
	provinceStep    Code = 100_000_000
	nationStep      Code = 10_000_000_000
)

func (l Level) step() Code {
	return [...]Code{nationStep, provinceStep, districtStep, subdistrictStep, villageStep}[min(l, LevelVillage)]
}

// Parse reads a code of any level, dotted ("81.71.01.1001") or plain ("8171011001", "8171", and
// the padded "8171000000"); "0" and "00" are the nation. Errors: area.code_empty,
// area.code_characters, area.code_length (fact digits) and area.code_group (fact group, 1 to 4).
// A group of the code that cannot be is often a BPS code, which has other groups.
func Parse(s string) (Code, error) {
	digits, count, err := readDigits(s)
	if err != nil {
		return 0, err
	}
	var c Code
	switch count {
	case 1:
		if digits != 0 {
			return 0, fail.Invalid("area.code_length", "digits", count)
		}
	case 2:
		c = digits * provinceStep
	case 4:
		c = digits * districtStep
	case 6:
		c = digits * subdistrictStep
	case 10:
		c = digits
	default:
		return 0, fail.Invalid("area.code_length", "digits", count)
	}
	if group := c.badGroup(); group != 0 {
		return 0, fail.Invalid("area.code_group", "group", group)
	}
	return c, nil
}

// readDigits drops the dots and blanks around and inside a code; dots may only stand where
// Kemendagri puts them, after the second, fourth and sixth digit.
func readDigits(s string) (digits Code, count int, err error) {
	dot := 0
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
			if count < 10 {
				digits = digits*10 + Code(ch-'0')
			}
			count, dot = count+1, 0
		case ch == '.' && dot == 0 && (count == 2 || count == 4 || count == 6):
			dot++
		case ch == ' ' && (count == 0 || onlyBlanks(s[i:])):
		default:
			return 0, 0, fail.Invalid("area.code_characters")
		}
	}
	if count == 0 {
		return 0, 0, fail.Invalid("area.code_empty")
	}
	if dot != 0 {
		return 0, 0, fail.Invalid("area.code_characters")
	}
	return digits, count, nil
}

func onlyBlanks(s string) bool {
	for i := range len(s) {
		if s[i] != ' ' {
			return false
		}
	}
	return true
}

// badGroup gives the first of the four groups that no Kemendagri code can have, or 0.
func (c Code) badGroup() int {
	province, district, subdistrict, village := c.groups()
	switch {
	case c < 0 || c >= nationStep || (c != 0 && province < 11):
		return 1
	case district == 0 && (subdistrict != 0 || village != 0):
		return 2
	case subdistrict == 0 && village != 0:
		return 3
	case village != 0 && (village < 1001 || village > 3999):
		return 4
	}
	return 0
}

func (c Code) groups() (province, district, subdistrict, village int) {
	return int(c / provinceStep), int(c / districtStep % 100), int(c / subdistrictStep % 100), int(c % subdistrictStep)
}

// Valid reports whether the code has the form of a Kemendagri code (or is the nation). It does
// not say that such a place exists.
func (c Code) Valid() bool { return c.badGroup() == 0 }

// Level gives the level of the code: the deepest of its groups that is not zero.
func (c Code) Level() Level {
	switch {
	case c%subdistrictStep != 0:
		return LevelVillage
	case c%districtStep != 0:
		return LevelSubdistrict
	case c%provinceStep != 0:
		return LevelDistrict
	case c != 0:
		return LevelProvince
	}
	return LevelNation
}

// Dotted writes the code as Kemendagri does, "81.71.01.1001"; the nation is "00".
func (c Code) Dotted() string {
	if c == Nation {
		return "00"
	}
	return string(c.AppendDotted(make([]byte, 0, 13)))
}

// AppendDotted appends the dotted form to dst, for exports that must not allocate.
func (c Code) AppendDotted(dst []byte) []byte {
	province, district, subdistrict, village := c.groups()
	dst = append(dst, byte('0'+province/10%10), byte('0'+province%10))
	level := c.Level()
	if level >= LevelDistrict {
		dst = append(dst, '.', byte('0'+district/10), byte('0'+district%10))
	}
	if level >= LevelSubdistrict {
		dst = append(dst, '.', byte('0'+subdistrict/10), byte('0'+subdistrict%10))
	}
	if level >= LevelVillage {
		dst = append(dst, '.', byte('0'+village/1000), byte('0'+village/100%10), byte('0'+village/10%10), byte('0'+village%10))
	}
	return dst
}

// String is Dotted.
func (c Code) String() string { return c.Dotted() }

// MarshalText writes the dotted code, so that JSON and YAML hold what people read.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.Dotted()), nil }

// UnmarshalText reads what Parse reads.
func (c *Code) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Range gives the half-open range of codes from lo up to, but not including, hi that holds the
// area itself and everything inside it: `area_code >= lo AND area_code < hi`.
func (c Code) Range() (lo, hi Code) { return c, c + c.Level().step() }

// Contains reports whether the other area is this one or lies inside it.
func (c Code) Contains(other Code) bool {
	lo, hi := c.Range()
	return other >= lo && other < hi
}

// Parent gives the area one level up; the parent of a province, and of the nation, is the nation.
func (c Code) Parent() Code {
	switch c.Level() {
	case LevelVillage:
		return c.Subdistrict()
	case LevelSubdistrict:
		return c.District()
	case LevelDistrict:
		return c.Province()
	}
	return Nation
}

// At gives the ancestor of the code at the level, or the code itself when it does not stand
// deeper than that.
func (c Code) At(l Level) Code { return c - c%l.step() }

// Province gives the code of the province the area lies in (Nation for the nation).
func (c Code) Province() Code { return c.At(LevelProvince) }

// District gives the code of the kabupaten or kota the area lies in, or the area itself when it
// stands above that level.
func (c Code) District() Code { return c.At(LevelDistrict) }

// Subdistrict gives the code of the kecamatan the area lies in, or the area itself when it stands
// above that level.
func (c Code) Subdistrict() Code { return c.At(LevelSubdistrict) }

// Tenant is the number of a district's storage: the first column of every operational table. It
// never changes, while the district's Code may be re-issued by decree; only service/areas knows
// which Tenant holds which Code, and no other code may convert one into the other.
type Tenant int32

// FirstTenant gives the tenant a district gets when an installation is made: its four-digit code
// of that day. It is only for seeding by service/areas; a code that is not of a district or below
// has no tenant and gives zero.
func FirstTenant(c Code) Tenant {
	if c.Level() < LevelDistrict {
		return 0
	}
	return Tenant(c / districtStep)
}
