package person_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// today is the day the tests run on.
var today = period.On(2026, 11, 21)

func nik(t testing.TB, text string) person.NIK {
	t.Helper()
	if text == "" {
		return person.NIK{}
	}
	n, err := person.ParseNIK(text)
	if err != nil {
		t.Fatalf("ParseNIK(%q): %v", text, err)
	}
	return n
}

func kk(t testing.TB, text string) person.KK {
	t.Helper()
	if text == "" {
		return person.KK{}
	}
	n, err := person.ParseKK(text)
	if err != nil {
		t.Fatalf("ParseKK(%q): %v", text, err)
	}
	return n
}

func date(t testing.TB, text string) period.Date {
	t.Helper()
	if text == "" {
		return period.Date{}
	}
	d, err := period.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Rule 1 of domain.md 2.1: sixteen digits, kept as text and never read as a float.
func TestNIKRule1SixteenDigits(t *testing.T) {
	t.Parallel()
	good := []struct{ name, text, plain string }{
		{"sixteen digits", "1209014107850231", "1209014107850231"},
		{"in groups", "1209 0141 0785 0231", "1209014107850231"},
		{"with the dots of an old form", "12.09.01.410785.0231", "1209014107850231"},
		{"marked as text by a spreadsheet", "'1209014107850231", "1209014107850231"},
		{"of Papua, above 2^53", "9471014107850231", "9471014107850231"},
		{"odd and above 2^53, which no float holds", "9601010101700001", "9601010101700001"},
		{"with a zero at the end", "1209014107850230", "1209014107850230"},
	}
	for _, tt := range good {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := person.ParseNIK(tt.text); err != nil || got.Plain() != tt.plain {
				t.Errorf("ParseNIK(%q) = %s, %v", tt.text, got.Plain(), err)
			}
		})
	}
	bad := []struct{ name, text, code string }{
		{"nothing", "", "nik.empty"},
		{"blanks", "  ", "nik.empty"},
		{"a dash for nothing", "-", "nik.digits"},
		{"fifteen digits", "120901410785023", "nik.length"},
		{"seventeen digits", "12090141078502311", "nik.length"},
		{"a letter O for a zero", "12O9014107850231", "nik.digits"},
		{"a word", "TIDAK ADA", "nik.digits"},
		{"a spreadsheet's number", "3.2E+15", "nik.excel"},
		{"a spreadsheet's number with comma", "1,20901E+15", "nik.excel"},
		{"a spreadsheet's number in lower case", "3.2e15", "nik.excel"},
		{"a float's text", "1209014107850231.0", "nik.excel"},
		{"the sixteenth digit lost", "1209014107850000", "nik.excel"},
		{"a long run of zeros", "1209010000000000", "nik.excel"},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := person.ParseNIK(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("ParseNIK(%q): %v, want %s", tt.text, err, tt.code)
			}
		})
	}
}

func TestNIKErrorsSayHowManyDigits(t *testing.T) {
	t.Parallel()
	_, err := person.ParseNIK("120901410785023")
	e, ok := fail.As(err)
	if !ok || len(e.Facts) != 1 || e.Facts[0].Value != 15 {
		t.Errorf("%v does not say that fifteen digits were typed", err)
	}
	if strings.Contains(err.Error(), "1209") {
		t.Errorf("%v holds the number", err)
	}
}

// Rule 2: day 01 to 31 or 41 to 71, month 01 to 12, serial not 0000, province now or formerly known.
func TestNIKRule2Format(t *testing.T) {
	t.Parallel()
	good := []struct{ name, text string }{
		{"day 01", "1209010112850231"}, {"day 31", "1209013112850231"},
		{"day 41", "1209014112850231"}, {"day 71", "1209017112850231"},
		{"month 01", "1209010101850231"}, {"month 12", "1209010112850231"},
		{"a province split off later", "9401010112850231"},
		{"a province of the past", "5471010112850231"},
		{"31 February, which is not refused", "1209013102850231"},
	}
	for _, tt := range good {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := person.ParseNIK(tt.text); err != nil {
				t.Error(err)
			}
		})
	}
	bad := []struct{ name, text, at string }{
		{"day 00", "1209010012850231", "7-8"}, {"day 32", "1209013212850231", "7-8"},
		{"day 40", "1209014012850231", "7-8"}, {"day 72", "1209017212850231", "7-8"},
		{"month 00", "1209010100850231", "9-10"}, {"month 13", "1209010113850231", "9-10"},
		{"a province that never was", "1009010112850231", "1-2"}, {"no province", "0009010112850231", "1-2"},
		{"all zeros", "0000000000000000", "1-2"}, {"all nines", "9999999999999999", "1-2"},
		{"no district", "1200010112850231", "3-4"}, {"no subdistrict", "1209000112850231", "5-6"},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := person.ParseNIK(tt.text)
			e, ok := fail.As(err)
			if !ok || e.Code != "nik.format" || e.Facts[0].Value != tt.at {
				t.Errorf("%v, want nik.format at %s", err, tt.at)
			}
		})
	}
	if _, err := person.ParseNIK("1209010112850000"); fail.CodeOf(err) != "nik.excel" {
		t.Errorf("serial 0000: %v", err)
	}
}

// Rules 3 and 4: what differs from the stated only warns, and the area of the address never counts.
func TestNIKRules3And4WarnOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, birth string
		sex         person.Sex
		want        []string
	}{
		{"all agrees", "1985-07-01", person.Female, nil},
		{"another day", "1985-07-02", person.Female, []string{person.WarnNIKBirthDate}},
		{"another century of birth is another date", "1885-07-01", person.Female, []string{person.WarnNIKBirthDate}},
		{"another sex", "1985-07-01", person.Male, []string{person.WarnNIKSex}},
		{"both", "1990-01-01", person.Male, []string{person.WarnNIKBirthDate, person.WarnNIKSex}},
		{"only the year is stated, and agrees", "1985", person.Female, nil},
		{"only the year is stated, and differs", "1986", person.Female, []string{person.WarnNIKBirthDate}},
		{"nothing is stated", "", person.UnknownSex, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := nik(t, "1209014107850231").Warnings(date(t, tt.birth), tt.sex, today)
			if !slices.Equal(got, tt.want) {
				t.Errorf("warnings %v, want %v", got, tt.want)
			}
		})
	}
	if got := (person.NIK{}).Warnings(date(t, "1985"), person.Male, today); got != nil {
		t.Errorf("no NIK warns of %v", got)
	}
}

// Rule 5: there is no check digit, so that any serial is as good as another.
func TestNIKRule5NoCheckDigit(t *testing.T) {
	t.Parallel()
	for serial := 1; serial <= 9999; serial += 7 {
		if _, err := person.ParseNIK(fmt.Sprintf("120901410785%04d", serial)); err != nil {
			t.Fatalf("serial %d: %v", serial, err)
		}
	}
}

// Rule 6: of two centuries the one that gives an age of 0 to 110, and both when both do.
func TestNIKRule6Century(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, nik, asOf, date, older string
		sex                          person.Sex
	}{
		{"only the last century fits", "1209010107850001", "2026-11-21", "1985-07-01", "", person.Male},
		{"this century, or an age of 109", "1209010107170001", "2026-11-21", "2017-07-01", "1917-07-01", person.Male},
		{"forty is taken off for women", "1209014107850001", "2026-11-21", "1985-07-01", "", person.Female},
		{"both fit", "1209010107200001", "2026-11-21", "2020-07-01", "1920-07-01", person.Male},
		{"a hundred and ten is the limit", "1209012211160001", "2026-11-21", "2016-11-22", "1916-11-22", person.Male},
		{"a hundred and eleven is beyond it", "1209012111150001", "2026-11-21", "2015-11-21", "", person.Male},
		{"born today, or a hundred years ago", "1209012111260001", "2026-11-21", "2026-11-21", "1926-11-21", person.Male},
		{"not born tomorrow", "1209012211260001", "2026-11-21", "1926-11-22", "", person.Male},
		{"a leap day decides", "1209012902000001", "2005-01-01", "2000-02-29", "", person.Male},
		{"31 February is no date", "1209013102850001", "2026-11-21", "", "", person.Male},
		{"two centuries back", "1209010107990001", "2005-01-01", "1999-07-01", "1899-07-01", person.Male},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := nik(t, tt.nik).Birth(date(t, tt.asOf))
			if b.Date.Text() != tt.date || b.Older.Text() != tt.older || b.Sex != tt.sex {
				t.Errorf("born %s or %s, %s", b.Date, b.Older, b.Sex)
			}
		})
	}
	if b := (person.NIK{}).Birth(today); b != (person.Birth{}) {
		t.Errorf("no NIK is born %v", b)
	}
}

func TestIdentifiersPrintMasked(t *testing.T) {
	t.Parallel()
	p := person.Person{NIK: nik(t, "1209014107850231"), Name: "SITI AMINAH", MotherName: "RUKIAH"}
	phone, err := person.ParsePhone("081234563456")
	if err != nil {
		t.Fatal(err)
	}
	p.Phone = phone
	card := kk(t, "1209010107050003")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("seen", "person", p, "nik", p.NIK, "kk", card, "name", p.Name, "phone", phone)
	printed := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		for _, value := range []any{p.NIK, card, p.Name, phone, p, &p, []person.Person{p}} {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
	}
	for _, text := range printed {
		for _, secret := range []string{"0141078502", "010107050", "AMINAH", "RUKIAH", "12345634", "44b8b4", "SITI"} {
			if strings.Contains(strings.ToUpper(text), strings.ToUpper(secret)) {
				t.Errorf("%s shows %s", text, secret)
			}
		}
	}
	if got := p.NIK.String(); got != "1209••••••••0231" {
		t.Errorf("masked NIK: %s", got)
	}
	if got := phone.String(); got != "0812-xxxx-3456" {
		t.Errorf("masked phone: %s", got)
	}
	if got := p.String(); got != "S••• A••• (1209••••••••0231)" {
		t.Errorf("masked person: %s", got)
	}
}

func TestIdentifiersRefuseToBeMarshalled(t *testing.T) {
	t.Parallel()
	for _, value := range []any{nik(t, "1209014107850231"), kk(t, "1209010107050003"), person.Phone{}} {
		if text, err := json.Marshal(value); err == nil {
			t.Errorf("%T became %s", value, text)
		}
	}
}

func TestComposeNIKIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place := area.Code(8171010000) + area.Code(rapid.IntRange(0, 50).Draw(t, "subdistrict"))*10_000
		born := period.On(1935, 1, 1).AddDays(rapid.IntRange(0, 90*365).Draw(t, "days"))
		sex := person.Sex(rapid.IntRange(1, 2).Draw(t, "sex"))
		serial := rapid.IntRange(1, 9999).Draw(t, "serial")
		made, err := person.ComposeNIK(place, born, sex, serial)
		if err != nil {
			t.Fatal(err)
		}
		read, err := person.ParseNIK(made.Plain())
		if err != nil || read != made {
			t.Fatalf("%s: %v", made.Plain(), err)
		}
		b := read.Birth(today)
		if read.Subdistrict() != place || b.Sex != sex || !b.Fits(born) || read.Warnings(born, sex, today) != nil {
			t.Fatalf("%s of %s, %s: %+v", made.Plain(), born, sex, b)
		}
	})
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	born := period.On(1985, 7, 1)
	tests := []struct {
		name   string
		place  area.Code
		born   period.Date
		sex    person.Sex
		serial int
	}{
		{"a district", 8171000000, born, person.Male, 1},
		{"a partial date", 8171010000, date(t, "1985"), person.Male, 1},
		{"an unknown sex", 8171010000, born, person.UnknownSex, 1},
		{"serial zero", 8171010000, born, person.Male, 0},
		{"serial ten thousand", 8171010000, born, person.Male, 10_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := person.ComposeNIK(tt.place, tt.born, tt.sex, tt.serial); fail.CodeOf(err) != "nik.compose" {
				t.Errorf("ComposeNIK: %v", err)
			}
		})
	}
	if _, err := person.ComposeKK(8171000000, born, 1); fail.CodeOf(err) != "kk.compose" {
		t.Errorf("ComposeKK: %v", err)
	}
}

func FuzzParseNIK(f *testing.F) {
	for _, seed := range []string{"1209014107850231", "3.2E+15", "'1209 0141", "１２", "1209014107850231.0", "E+5", "................"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := person.ParseNIK(text)
		if err != nil {
			if n != (person.NIK{}) {
				t.Errorf("ParseNIK(%q) fails and gives a NIK", text)
			}
			return
		}
		if back, err := person.ParseNIK(n.Plain()); err != nil || back != n || len(n.Plain()) != 16 {
			t.Errorf("ParseNIK(%q) = %s, %v", text, n.Plain(), err)
		}
		n.Birth(today)
	})
}

func BenchmarkParseNIK(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := person.ParseNIK("1209014107850231"); err != nil {
			b.Fatal(err)
		}
	}
}
