package person_test

import (
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

func TestParseKK(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, code string }{
		{"a number issued in 2005", "1209010107050003", ""},
		{"in groups", "1209 0101 0705 0003", ""},
		{"a date nobody can read is no fault", "1209019913050003", ""},
		{"of Papua", "9471010107050003", ""},
		{"nothing", "", "kk.empty"},
		{"fifteen digits", "120901010705000", "kk.length"},
		{"a word", "BELUM ADA", "kk.digits"},
		{"a spreadsheet's number", "1,20901E+15", "kk.excel"},
		{"the last digit lost", "1209010107050000", "kk.excel"},
		{"a province that never was", "1009010107050003", "kk.format"},
		{"no district", "1200010107050003", "kk.format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := person.ParseKK(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("ParseKK(%q): %v, want %q", tt.text, err, tt.code)
			}
		})
	}
	card := kk(t, "1209010107050003")
	if card.Plain() != "1209010107050003" || card.Last6() != "050003" || card.String() != "1209••••••••0003" {
		t.Errorf("%s, %s, %s", card.Plain(), card.Last6(), card)
	}
	none := person.KK{}
	if !none.IsZero() || none.Plain() != "" || none.Last6() != "" || none.String() != "" {
		t.Error("no number has digits")
	}
	made, err := person.ComposeKK(1209010000, period.On(2005, 7, 1), 3)
	if err != nil || made != card {
		t.Errorf("ComposeKK = %s, %v", made.Plain(), err)
	}
}

func TestSwappedColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, nik, kk, birth string
		sex                  person.Sex
		want                 bool
	}{
		{"in their places", "1209014107850231", "1209010107050003", "1985-07-01", person.Female, false},
		{"swapped", "1209010107050003", "1209014107850231", "1985-07-01", person.Female, true},
		{"neither agrees", "1209010107050003", "1209014107850231", "1990-01-01", person.Female, false},
		{"the birth date is not known in full", "1209010107050003", "1209014107850231", "1985", person.Female, false},
		{"the sex is not known", "1209010107050003", "1209014107850231", "1985-07-01", person.UnknownSex, false},
		{"there is no KK", "1209010107050003", "", "1985-07-01", person.Female, false},
		{"both agree", "1209010107850231", "1209010107850003", "1985-07-01", person.Male, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := person.Swapped(nik(t, tt.nik), kk(t, tt.kk), date(t, tt.birth), tt.sex, today); got != tt.want {
				t.Errorf("Swapped = %v", got)
			}
		})
	}
}
