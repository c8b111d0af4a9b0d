package person_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"clean", "SITI AMINAH", "SITI AMINAH"},
		{"lower case", "siti Aminah", "SITI AMINAH"},
		{"blanks around and between", "  SITI   AMINAH\t", "SITI AMINAH"},
		{"an apostrophe", "MA'RUF", "MARUF"},
		{"a turned apostrophe", "Ma’ruf", "MARUF"},
		{"an acute for an apostrophe", "MA´RUF", "MARUF"},
		{"dots of an abbreviation", "M.YUSUF", "M YUSUF"},
		{"a title behind a comma", "SUTRISNO, S.PD.", "SUTRISNO S PD"},
		{"a hyphen", "ABDUL-RAHMAN", "ABDUL RAHMAN"},
		{"marks", "JOSÉ NÓBREGA", "JOSE NOBREGA"},
		{"marks typed apart", "JOSE\u0301", "JOSE"},
		{"a blank that does not break", "SITI\u00a0AMINAH", "SITI AMINAH"},
		{"a mononym", "SUHARTO", "SUHARTO"},
		{"digits stay", "SITI 2", "SITI 2"},
		{"punctuation alone", " .- ", ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := person.Fold(tt.text); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.text, got, tt.want)
			}
			if got := string(person.AppendFold([]byte("X "), tt.text)); got != "X "+tt.want {
				t.Errorf("AppendFold gives %q", got)
			}
			if !person.FoldEqual(tt.text, tt.want) || person.FoldEqual(tt.text, tt.want+"X") {
				t.Errorf("FoldEqual(%q, …) is wrong", tt.text)
			}
		})
	}
}

func TestCleanNamesAreFoldedWithoutAllocation(t *testing.T) {
	names := []string{"SITI AMINAH", "SUHARTO", "MUHAMMAD YUSUF AL AMIN"}
	other := "Siti Aminah"
	allocs := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			if person.Fold(name) != name {
				t.Fatal("changed")
			}
		}
		if !person.FoldEqual(other, names[0]) || person.FoldEqual(names[0], names[1]) {
			t.Fatal("compared wrongly")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Siti Aminah", "MA'RUF", "José", "ŉ ǆ ß", "\xff", "K´", "İstanbul", "ᾳ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := person.Fold(text)
		if again := person.Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, and again %q", text, folded, again)
		}
		if strings.Contains(folded, "  ") || strings.TrimSpace(folded) != folded {
			t.Errorf("Fold(%q) = %q has stray blanks", text, folded)
		}
		if strings.IndexFunc(folded, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLower(r) }) >= 0 {
			t.Errorf("Fold(%q) = %q has small letters", text, folded)
		}
	})
}

func TestNewName(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want, code string }{
		{"as on the KTP", "SITI AMINAH", "SITI AMINAH", ""},
		{"blanks collapse, the rest stays", "  Siti  Aminah, S.Pd ", "Siti Aminah, S.Pd", ""},
		{"a mononym", "Suharto", "Suharto", ""},
		{"nothing", "  ", "", "name.empty"},
		{"digits alone", "12345", "", "name.letters"},
		{"a dash for nothing", "-", "", "name.letters"},
		{"a NUL byte", "SITI\x00", "", "name.control"},
		{"not UTF-8", "SITI\xff", "", "name.encoding"},
		{"a whole page", strings.Repeat("SITI ", 40), "", "name.too_long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.NewName(tt.text)
			if string(got) != tt.want || fail.CodeOf(err) != tt.code {
				t.Errorf("NewName(%q) = %q, %v", tt.text, got.Plain(), err)
			}
		})
	}
}

func TestNameWarnings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name person.Name
		want []string
	}{
		{"SITI AMINAH", nil},
		{"MA'RUF AL-AMIN", nil},
		{"SUTRISNO, S.PD", []string{person.WarnNamePunctuation, person.WarnNameAbbreviated}},
		{"M YUSUF", []string{person.WarnNameAbbreviated}},
		{"SITI 2 AMINAH", []string{person.WarnNameAbbreviated, person.WarnNameDigits}},
	}
	for _, tt := range tests {
		if got := tt.name.Warnings(); !slices.Equal(got, tt.want) {
			t.Errorf("%q warns of %v, want %v", tt.name.Plain(), got, tt.want)
		}
	}
}

func BenchmarkFold(b *testing.B) {
	b.Run("clean", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			person.Fold("MUHAMMAD YUSUF")
		}
	})
	b.Run("lower", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			person.Fold("Muhammad Yusuf")
		}
	})
}
