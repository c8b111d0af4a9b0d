package money_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/money"
	"tepat/internal/kit/fail"
)

func TestWriting(t *testing.T) {
	t.Parallel()
	tests := []struct {
		amount               money.Rupiah
		screen, print, short string
	}{
		{0, "Rp0", "Rp0,00", "Rp0"},
		{500, "Rp500", "Rp500,00", "Rp500"},
		{200_000, "Rp200.000", "Rp200.000,00", "Rp200.000"},
		{1_500_000, "Rp1.500.000", "Rp1.500.000,00", "Rp1,5 juta"},
		{12_600_000_000, "Rp12.600.000.000", "Rp12.600.000.000,00", "Rp12,6 miliar"},
		{2_000_000_000, "Rp2.000.000.000", "Rp2.000.000.000,00", "Rp2 miliar"},
		{6_930_000_000_000, "Rp6.930.000.000.000", "Rp6.930.000.000.000,00", "Rp6,9 triliun"},
		{999_960_000, "Rp999.960.000", "Rp999.960.000,00", "Rp1 miliar"}, // not "Rp1.000 juta"
		{999_940_000, "Rp999.940.000", "Rp999.940.000,00", "Rp999,9 juta"},
		{1_234_500_000_000_000, "Rp1.234.500.000.000.000", "Rp1.234.500.000.000.000,00", "Rp1.234,5 triliun"},
		{-1_500_000, "-Rp1.500.000", "-Rp1.500.000,00", "-Rp1,5 juta"},
		{math.MinInt64, "-Rp9.223.372.036.854.775.808", "-Rp9.223.372.036.854.775.808,00", "-Rp9.223.372 triliun"},
	}
	for _, tt := range tests {
		if got := tt.amount.String(); got != tt.screen {
			t.Errorf("screen: %s, want %s", got, tt.screen)
		}
		if got := tt.amount.Print(); got != tt.print {
			t.Errorf("print: %s, want %s", got, tt.print)
		}
		if got := tt.amount.Short(); got != tt.short {
			t.Errorf("short: %s, want %s", got, tt.short)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[money.Rupiah]string{
		0:                 "nol rupiah",
		11:                "sebelas rupiah",
		17:                "tujuh belas rupiah",
		21:                "dua puluh satu rupiah",
		100:               "seratus rupiah",
		110:               "seratus sepuluh rupiah",
		1_000:             "seribu rupiah",
		1_111:             "seribu seratus sebelas rupiah",
		2_000:             "dua ribu rupiah",
		11_000:            "sebelas ribu rupiah",
		100_000:           "seratus ribu rupiah",
		101_000:           "seratus satu ribu rupiah",
		1_000_000:         "satu juta rupiah",
		1_500_000:         "satu juta lima ratus ribu rupiah",
		1_001_000:         "satu juta seribu rupiah",
		2_700_000_000:     "dua miliar tujuh ratus juta rupiah",
		1_000_000_000_000: "satu triliun rupiah",
		-200_000:          "minus dua ratus ribu rupiah",
	}
	for amount, want := range tests {
		if got := amount.Words(); got != want {
			t.Errorf("%d: %q, want %q", int64(amount), got, want)
		}
	}
	if got := money.NumberWords(34_146); got != "tiga puluh empat ribu seratus empat puluh enam" {
		t.Errorf("34,146 families: %q", got)
	}
	if got := money.Rupiah(math.MinInt64).Words(); !strings.HasPrefix(got, "minus sembilan juta dua ratus dua puluh tiga ribu tiga ratus tujuh puluh dua triliun") {
		t.Errorf("the least amount: %q", got)
	}
}

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]money.Rupiah{
		"1500000": 1_500_000, "1.500.000": 1_500_000, "Rp1.500.000": 1_500_000, "Rp 1.500.000": 1_500_000,
		"Rp. 1.500.000,00": 1_500_000, "rp1.500.000,-": 1_500_000, "0": 0, "-500": -500, "-Rp500": -500, " 200.000 ": 200_000,
		"9223372036854775807": math.MaxInt64,
	}
	for text, want := range tests {
		if got, err := money.Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v", text, int64(got), err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, code string }{
		{"nothing", "", "money.empty"},
		{"the sign alone", "Rp", "money.empty"},
		{"one dot that does not group", "1.5", "money.format"},
		{"a long first group", "1500.000", "money.format"},
		{"an empty group", "1..000", "money.format"},
		{"English commas", "1,500,000", "money.format"},
		{"sen", "1.500,50", "money.fraction"},
		{"a comma alone", "1.500,", "money.format"},
		{"words", "sejuta", "money.format"},
		{"a plus", "+5", "money.format"},
		{"two signs", "--5", "money.format"},
		{"too large", "9223372036854775808", "money.too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := money.Parse(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("Parse(%q) = %d, %v; want %s", tt.text, int64(got), err, tt.code)
			}
		})
	}
}

func TestAmountsComeBackFromText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := money.Rupiah(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "amount"))
		for _, text := range []string{amount.String(), amount.Print()} {
			if back, err := money.Parse(text); err != nil || back != amount {
				t.Fatalf("%d is written %s and read %d, %v", int64(amount), text, int64(back), err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"Rp1.500.000,00", "1,5", "-Rp.", "1.000.", "９"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := money.Parse(text)
		if err != nil {
			return
		}
		if back, err := money.Parse(amount.String()); err != nil || back != amount {
			t.Errorf("Parse(%q) = %d, which does not read back: %v", text, int64(amount), err)
		}
	})
}
