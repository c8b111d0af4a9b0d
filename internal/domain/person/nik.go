package person

import (
	"fmt"
	"log/slog"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// NIK is a population identity number (Nomor Induk Kependudukan), PPKKCC DDMMYY SSSS: the area and
// date of birth as first registered (40 added to the day for women) and a serial number. It is
// single and for life and never corrected, even where its date or area are wrong (PP 40/2019
// art. 30). There is no check digit: only the civil registry can prove a NIK. The zero NIK is
// "none". It is comparable with ==, prints masked, and refuses to be marshalled.
type NIK struct {
	n uint64
}

// ParseNIK reads a NIK. Errors: nik.empty, nik.length (fact digits), nik.digits, nik.excel (as
// 3.2E+15, or the serial number turned to zeros) and nik.format (fact at: the digits that cannot
// be, 1-2 province, 3-4 district, 5-6 subdistrict, 7-8 day, 9-10 month).
func ParseNIK(s string) (NIK, error) {
	n, err := scanNumber("nik", s)
	if err != nil {
		return NIK{}, err
	}
	if err := checkArea("nik", n, area.EverProvince); err != nil {
		return NIK{}, err
	}
	nik := NIK{n}
	day, month, _ := nik.dateDigits()
	if !(day >= 1 && day <= 31) && !(day >= femaleDay+1 && day <= femaleDay+31) {
		return NIK{}, fail.Invalid("nik.format", "at", "7-8")
	}
	if month < 1 || month > 12 {
		return NIK{}, fail.Invalid("nik.format", "at", "9-10")
	}
	return nik, nil
}

// femaleDay is added to the day of birth in a woman's NIK.
const femaleDay = 40

// ComposeNIK makes the NIK a registration office would give: it is for synthetic people and tests.
// Errors: nik.compose when the area is not a subdistrict (or below), the birth date is not full,
// the sex unknown or the serial not 1 to 9999.
func ComposeNIK(subdistrict area.Code, birth period.Date, sex Sex, serial int) (NIK, error) {
	number, err := composeNumber("nik.compose", subdistrict, birth, sex == Female, serial)
	if err != nil || sex == UnknownSex {
		return NIK{}, fail.Invalid("nik.compose")
	}
	return NIK{number}, nil
}

func composeNumber(code string, subdistrict area.Code, day period.Date, female bool, serial int) (uint64, error) {
	if subdistrict.Level() < area.LevelSubdistrict || !day.IsFull() || serial < 1 || serial > 9999 {
		return 0, fail.Invalid(code)
	}
	d := day.Day()
	if female {
		d += femaleDay
	}
	place := uint64(subdistrict.Subdistrict()) / 10_000
	return place*1e10 + uint64(d)*1e8 + uint64(day.Month())*1e6 + uint64(day.Year()%100)*1e4 + uint64(serial), nil
}

// IsZero reports whether there is no NIK.
func (k NIK) IsZero() bool { return k.n == 0 }

// Plain gives the sixteen digits, for the sealed path (keyed hash, encryption, an export under an
// agreement) and nothing else; "" when there is none.
func (k NIK) Plain() string {
	if k.n == 0 {
		return ""
	}
	return string(k.AppendPlain(make([]byte, 0, numberDigits)))
}

// AppendPlain appends what Plain gives to dst.
func (k NIK) AppendPlain(dst []byte) []byte {
	if k.n == 0 {
		return dst
	}
	return appendNumber(dst, k.n)
}

// String shows the NIK masked, "1209••••••••0231": the middle holds the birth date.
func (k NIK) String() string {
	if k.n == 0 {
		return ""
	}
	return masked(k.n)
}

// Format prints the NIK masked whatever the verb.
func (k NIK) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue logs the NIK masked.
func (k NIK) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText always fails with nik.plain, so that no NIK gets into JSON or YAML by accident; use
// Plain on the sealed path and String elsewhere.
func (k NIK) MarshalText() ([]byte, error) { return nil, fail.Invalid("nik.plain") }

// dateDigits gives digits 7-8, 9-10 and 11-12.
func (k NIK) dateDigits() (day, month, year int) {
	return int(k.n / 1e8 % 100), int(k.n / 1e6 % 100), int(k.n / 1e4 % 100)
}

// Subdistrict gives the area of first registration, by the codes of that day; it says nothing of
// where the person lives now.
func (k NIK) Subdistrict() area.Code { return area.Code(k.n/1e10) * 10_000 }

// Sex gives the sex the NIK was issued for.
func (k NIK) Sex() Sex {
	switch day, _, _ := k.dateDigits(); {
	case k.n == 0:
		return UnknownSex
	case day > femaleDay:
		return Female
	}
	return Male
}

// Birth is what a NIK says of a birth. Its year has two digits, so that two dates may fit.
type Birth struct {
	Sex   Sex
	Date  period.Date // the younger reading; zero when no calendar date fits, such as 31 February
	Older period.Date // the reading a century earlier; zero when only one fits
}

// oldest is the greatest age, in years, a date read from a NIK may give.
const oldest = 110

// Birth decodes the NIK as of a day: of the centuries it takes those that give an age of 0 to 110.
// When both fit (Older is set) only the person can tell.
func (k NIK) Birth(asOf period.Date) Birth {
	if k.n == 0 {
		return Birth{}
	}
	b := Birth{Sex: k.Sex()}
	day, month, yy := k.dateDigits()
	if day > femaleDay {
		day -= femaleDay
	}
	century := asOf.Year() - asOf.Year()%100
	for _, year := range [...]int{century + yy, century - 100 + yy, century - 200 + yy} {
		date, err := period.NewDate(year, month, day)
		if err != nil || !date.IsFull() {
			continue // a No. KK read as a NIK may have no day or month
		}
		if _, age, ok := date.AgeRange(asOf); !ok || age < 0 || age > oldest {
			continue
		}
		if b.Date.IsZero() {
			b.Date = date
		} else if b.Older.IsZero() {
			b.Older = date
		}
	}
	return b
}

// Fits reports whether the stated date may be one of the dates the NIK can mean. A partial stated
// date fits when it covers one of them, and an unknown one always.
func (b Birth) Fits(stated period.Date) bool {
	return stated.IsZero() || (!b.Date.IsZero() && stated.Covers(b.Date)) || (!b.Older.IsZero() && stated.Covers(b.Older))
}

// Warnings of a NIK that does not agree with what is stated beside it. They never stop a record:
// the law keeps a wrong NIK for life.
const (
	WarnNIKBirthDate = "nik.birth_date_differs"
	WarnNIKSex       = "nik.sex_differs"
)

// Warnings compares the NIK with the stated date of birth and sex and gives the codes of what
// differs. Unknown values do not differ, and neither does the area of the present address.
func (k NIK) Warnings(stated period.Date, sex Sex, asOf period.Date) []string {
	if k.IsZero() {
		return nil
	}
	var codes []string
	b := k.Birth(asOf)
	if !b.Fits(stated) {
		codes = append(codes, WarnNIKBirthDate)
	}
	if sex != UnknownSex && sex != b.Sex {
		codes = append(codes, WarnNIKSex)
	}
	return codes
}
