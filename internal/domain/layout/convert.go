package layout

import (
	"bytes"
	"strconv"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// convert brings a value that is not empty to the canonical form of its field.
func (b *Binding) convert(rec *Record, f form, value []byte, flag tabular.Flag) ([]byte, *fail.Error) {
	switch f {
	case formNumberID:
		return numberID(rec, value, flag)
	case formID:
		if damaged(value, flag) {
			return nil, fail.Invalid("layout.damaged")
		}
		return value, nil
	case formSex:
		return sexOf(value)
	case formDate:
		return b.date(rec, value)
	case formWhole, formAmount:
		return wholeNumber(rec, value, flag)
	case formDecimal:
		return decimal(rec, value)
	case formCode:
		if flag&tabular.FlagNumber != 0 && !digits(value) {
			return nil, fail.Invalid("layout.area_number")
		}
		return value, nil
	case formYesNo:
		return yesNo(value), nil
	}
	return value, nil
}

// numberID drops the marks between the digits of a NIK or No. KK. What is not digits stays, for the
// package person to say what is wrong with it.
func numberID(rec *Record, value []byte, flag tabular.Flag) ([]byte, *fail.Error) {
	if damaged(value, flag) {
		return nil, fail.Invalid("layout.damaged")
	}
	if digits(value) {
		return value, nil
	}
	from := len(rec.room)
	for _, c := range value {
		switch c {
		case ' ', '.', '-', '\'', '`', '"':
		default:
			rec.room = append(rec.room, c)
		}
	}
	return rec.room[from:len(rec.room):len(rec.room)], nil
}

// exact is the number up to which a double keeps every whole number, 2^53.
const exact = 1 << 53

// damaged reports whether an identifier has lost digits in a spreadsheet. Excel keeps fifteen and
// makes the rest zeros; other programs keep all that fit into a double. So a long number that was
// stored as a number is whole only when it ends in another digit than zero and is small enough: the
// NIKs of Papua, which begin with 91 and more, are not.
func damaged(value []byte, flag tabular.Flag) bool {
	if flag&tabular.FlagNumber == 0 {
		return scientific(value)
	}
	if flag&tabular.FlagDamaged == 0 {
		return false
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return err != nil || n%10 == 0 || n > exact || n < -exact
}

// scientific recognises 3.2E+15 and 3,27101E15, as a CSV file holds them once Excel has saved it.
func scientific(value []byte) bool {
	i := bytes.IndexAny(value, "eE")
	if i < 1 {
		return false
	}
	for _, c := range value[:i] {
		if (c < '0' || c > '9') && c != '.' && c != ',' {
			return false
		}
	}
	return value[0] != '.' && value[0] != ',' && digits(bytes.TrimPrefix(value[i+1:], []byte("+")))
}

var (
	male   = []byte(person.Male.String())
	female = []byte(person.Female.String())
)

func sexOf(value []byte) ([]byte, *fail.Error) {
	if len(value) == 1 {
		switch value[0] {
		case 'L', '1':
			return male, nil
		case 'P', '2':
			return female, nil
		}
	}
	s, err := person.ParseSex(string(value))
	switch s {
	case person.Male:
		return male, nil
	case person.Female:
		return female, nil
	}
	return nil, failure(err)
}

func (b *Binding) date(rec *Record, value []byte) ([]byte, *fail.Error) {
	if isoDate(value) {
		return value, nil
	}
	from := len(rec.room)
	out, err := b.mapping.dates.append(rec.room, value)
	if err != nil {
		return nil, err
	}
	rec.room = out
	return out[from:len(out):len(out)], nil
}

var (
	yes = []byte("yes")
	no  = []byte("no")
)

// yesNo reads the answers of a match. What it does not know it leaves as it is: a file may give its
// own reason instead.
func yesNo(value []byte) []byte {
	switch fold(string(value)) {
	case "ya", "y", "yes", "true", "1", "sesuai", "padan", "cocok", "sama", "ada", "ditemukan", "match", "ok":
		return yes
	case "tidak", "tdk", "t", "n", "no", "false", "0", "tidaksesuai", "tdksesuai", "tidakpadan", "tdkpadan", "tidakcocok", "tidaksama", "beda", "berbeda",
		"tidakada", "tidakditemukan", "nomatch":
		return no
	}
	return value
}
