package person

import (
	"fmt"
	"log/slog"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// KK is the number of a family card (Nomor Kartu Keluarga): area, date of first issue without any
// addition, and serial number. Unlike a NIK it changes when a family splits, moves or gets a new
// head. The zero KK is "none". It is comparable with ==, prints masked, and refuses to be marshalled.
type KK struct {
	n uint64
}

// ParseKK reads the number of a family card. Errors: kk.empty, kk.length (fact digits), kk.digits,
// kk.excel and kk.format (fact at, for the area digits only). The date part is not checked: that it
// is a date of issue is not written in a rule we could read.
func ParseKK(s string) (KK, error) {
	n, err := scanNumber("kk", s)
	if err != nil {
		return KK{}, err
	}
	if err := checkArea("kk", n, area.EverProvince); err != nil {
		return KK{}, err
	}
	return KK{n}, nil
}

// ComposeKK makes the number a registration office would give a family card: it is for synthetic
// people and tests. Error: kk.compose, in the cases of ComposeNIK.
func ComposeKK(subdistrict area.Code, issued period.Date, serial int) (KK, error) {
	number, err := composeNumber("kk.compose", subdistrict, issued, false, serial)
	return KK{number}, err
}

// IsZero reports whether there is no number.
func (k KK) IsZero() bool { return k.n == 0 }

// Plain gives the sixteen digits, for the sealed path; "" when there is none.
func (k KK) Plain() string {
	if k.n == 0 {
		return ""
	}
	return string(k.AppendPlain(make([]byte, 0, numberDigits)))
}

// AppendPlain appends what Plain gives to dst.
func (k KK) AppendPlain(dst []byte) []byte {
	if k.n == 0 {
		return dst
	}
	return appendNumber(dst, k.n)
}

// Last6 gives the last six digits, which the public check asks for; "" when there is no number.
func (k KK) Last6() string {
	if k.n == 0 {
		return ""
	}
	return string(k.AppendPlain(make([]byte, 0, numberDigits))[10:])
}

// String shows the number masked, "1209••••••••0003".
func (k KK) String() string {
	if k.n == 0 {
		return ""
	}
	return masked(k.n)
}

// Format prints the number masked whatever the verb.
func (k KK) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue logs the number masked.
func (k KK) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText always fails with kk.plain, see NIK.MarshalText.
func (k KK) MarshalText() ([]byte, error) { return nil, fail.Invalid("kk.plain") }

// Swapped reports whether NIK and No. KK of a row have changed places: read as a NIK, the No. KK
// agrees with the stated birth date and sex, and the NIK does not.
func Swapped(nik NIK, kk KK, birth period.Date, sex Sex, asOf period.Date) bool {
	if nik.IsZero() || kk.IsZero() || !birth.IsFull() || sex == UnknownSex {
		return false
	}
	return agrees(NIK(kk), birth, sex, asOf) && !agrees(nik, birth, sex, asOf)
}

func agrees(nik NIK, birth period.Date, sex Sex, asOf period.Date) bool {
	b := nik.Birth(asOf)
	return b.Sex == sex && b.Fits(birth)
}
