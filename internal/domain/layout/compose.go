package layout

import (
	"bytes"

	"tepat/internal/kit/fail"
)

// spread puts the parts of a cell that stands for several fields into them.
func (b *Binding) spread(rec *Record, f Field, value []byte) *fail.Error {
	switch f {
	case rtRW:
		rt, rw := cutRTRW(value)
		setEmpty(rec, RT, rt)
		setEmpty(rec, RW, rw)
	case birthPlaceDate:
		return b.spreadBirth(rec, value)
	case codeProvince, codeRegency, codeSubdistrict, codeVillage:
		rec.part(f, value)
	}
	return nil
}

// setEmpty fills a field that no column of its own has filled.
func setEmpty(rec *Record, f Field, value []byte) {
	if len(rec.values[f]) == 0 {
		rec.values[f] = value
	}
}

// cutRTRW reads "003/007", "003 / 007", "RT 003 RW 007" and "3-7".
func cutRTRW(value []byte) (rt, rw []byte) {
	isDigit := func(c rune) bool { return c >= '0' && c <= '9' }
	from := bytes.IndexFunc(value, isDigit)
	if from < 0 {
		return nil, nil
	}
	rest := value[from:]
	end := bytes.IndexFunc(rest, func(c rune) bool { return !isDigit(c) })
	if end < 0 {
		return rest, nil
	}
	rt, rest = rest[:end], rest[end:]
	if from = bytes.IndexFunc(rest, isDigit); from < 0 {
		return rt, nil
	}
	rest = rest[from:]
	if end = bytes.IndexFunc(rest, func(c rune) bool { return !isDigit(c) }); end >= 0 {
		rest = rest[:end]
	}
	return rt, rest
}

// spreadBirth cuts "Ambon, 17-08-1990" at the last comma; without one, before the first digit.
func (b *Binding) spreadBirth(rec *Record, value []byte) *fail.Error {
	i := bytes.LastIndexByte(value, ',')
	end := i
	if i < 0 {
		i = bytes.IndexAny(value, "0123456789") - 1
		end = i + 1
	}
	if i < 0 && end != 0 { // no digit at all: a place alone
		setEmpty(rec, BirthPlace, value)
		return nil
	}
	setEmpty(rec, BirthPlace, bytes.TrimSpace(value[:end]))
	date := bytes.TrimSpace(value[i+1:])
	if b.isEmpty(date) {
		return nil
	}
	out, err := b.date(rec, date)
	if err == nil {
		setEmpty(rec, BirthDate, out)
	}
	return err
}

// part keeps one part of an area code until joinCode.
func (r *Record) part(f Field, value []byte) { r.parts[f-codeProvince] = value }

// joinCode makes the area code of its parts. Each part may already hold those before it, as some
// offices write them: 81, 8171, 817101, 8171011001.
func (b *Binding) joinCode(rec *Record) {
	if len(rec.values[AreaCode]) > 0 {
		return
	}
	lengths := [areaParts]int{2, 2, 2, 4}
	from, before := len(rec.room), 0
	for i, part := range rec.parts {
		part = onlyDigits(part)
		if len(part) > lengths[i] && bytes.HasPrefix(part, rec.room[from:]) {
			part = part[before:]
		}
		if len(part) == 0 || len(part) > lengths[i] {
			break
		}
		for range lengths[i] - len(part) {
			rec.room = append(rec.room, '0') // a number has lost its zeros
		}
		rec.room = append(rec.room, part...)
		before += lengths[i]
	}
	rec.values[AreaCode] = rec.room[from:len(rec.room):len(rec.room)]
}

// areaParts are province, regency, subdistrict and village.
const areaParts = 4

func onlyDigits(b []byte) []byte {
	if digits(b) {
		return b
	}
	var out []byte
	for _, c := range b {
		if c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	return out
}
