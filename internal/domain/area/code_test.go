package area_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

func TestParseReadsEveryForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       area.Code
	}{
		{"dotted village", "81.71.01.1001", 8171011001},
		{"plain village", "8171011001", 8171011001},
		{"dotted subdistrict", "81.71.01", 8171010000},
		{"plain subdistrict", "817101", 8171010000},
		{"dotted district", "12.09", 1209000000},
		{"plain district", "1209", 1209000000},
		{"padded district", "1209000000", 1209000000},
		{"province", "81", 8100000000},
		{"padded province", "8100000000", 8100000000},
		{"the nation", "00", area.Nation},
		{"the nation, short", "0", area.Nation},
		{"blanks around", "  81.71 ", 8171000000},
		{"desa adat", "91.03.30.3001", 9103303001},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := area.Parse(tt.text)
			if err != nil || got != tt.want {
				t.Errorf("Parse(%q) = %d, %v; want %d", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, code string }{
		{"nothing", "", "area.code_empty"},
		{"blanks", "   ", "area.code_empty"},
		{"letters", "81.71.AB", "area.code_characters"},
		{"a blank inside", "81 71", "area.code_characters"},
		{"dots in the wrong place", "8.171", "area.code_characters"},
		{"two dots", "81..71", "area.code_characters"},
		{"a dot at the end", "81.71.", "area.code_characters"},
		{"one digit", "8", "area.code_length"},
		{"three digits", "817", "area.code_length"},
		{"seven digits, a BPS subdistrict", "8171010", "area.code_length"},
		{"eleven digits", "81710110011", "area.code_length"},
		{"no such province number", "09.01", "area.code_group"},
		{"a subdistrict without district", "8100010000", "area.code_group"},
		{"a village without subdistrict", "8171001001", "area.code_group"},
		{"a BPS village code", "8171020001", "area.code_group"},
		{"a village of no kind", "8171014001", "area.code_group"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := area.Parse(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("Parse(%q) = %d, %v; want %s", tt.text, got, err, tt.code)
			}
		})
	}
}

func TestTheTree(t *testing.T) {
	t.Parallel()
	const village area.Code = 8171012003
	chain := []struct {
		code   area.Code
		level  area.Level
		dotted string
		kind   area.Kind
	}{
		{village, area.LevelVillage, "81.71.01.2003", area.Desa},
		{8171010000, area.LevelSubdistrict, "81.71.01", area.Kecamatan},
		{8171000000, area.LevelDistrict, "81.71", area.Kota},
		{8100000000, area.LevelProvince, "81", area.Provinsi},
		{area.Nation, area.LevelNation, "00", area.KindNation},
	}
	for i, step := range chain {
		if step.code.Level() != step.level || step.code.Dotted() != step.dotted || step.code.Kind() != step.kind {
			t.Errorf("%d: level %s, dotted %s, kind %s", step.code, step.code.Level(), step.code.Dotted(), step.code.Kind())
		}
		if village.At(step.level) != step.code {
			t.Errorf("At(%s) = %s", step.level, village.At(step.level))
		}
		for j, other := range chain {
			if step.code.Contains(other.code) != (i >= j) {
				t.Errorf("%s.Contains(%s) = %v", step.code, other.code, i < j)
			}
		}
		if i > 0 && chain[i-1].code.Parent() != step.code {
			t.Errorf("parent of %s is %s", chain[i-1].code, chain[i-1].code.Parent())
		}
	}
	if village.Province() != 8100000000 || village.District() != 8171000000 || village.Subdistrict() != 8171010000 {
		t.Error("Province, District or Subdistrict is wrong")
	}
}

func TestKindsFollowFromTheCode(t *testing.T) {
	t.Parallel()
	tests := map[area.Code]area.Kind{
		1209000000: area.Kabupaten, 1771000000: area.Kota, 8171011001: area.Kelurahan,
		8171012001: area.Desa, 9103303001: area.DesaAdat,
	}
	for code, want := range tests {
		if code.Kind() != want {
			t.Errorf("%s is %s, want %s", code, code.Kind(), want)
		}
		if back, err := area.ParseKind(want.String()); err != nil || back != want {
			t.Errorf("ParseKind(%s) = %s, %v", want, back, err)
		}
	}
	if _, err := area.ParseKind("wilayah"); fail.CodeOf(err) != "area.kind" {
		t.Errorf("ParseKind(wilayah): %v", err)
	}
}

func TestRangesAreHalfOpen(t *testing.T) {
	t.Parallel()
	lo, hi := area.Code(8171010000).Range()
	if lo != 8171010000 || hi != 8171020000 {
		t.Errorf("range of a subdistrict: %d to %d", lo, hi)
	}
	if lo, hi = area.Nation.Range(); lo != 0 || hi != 10_000_000_000 {
		t.Errorf("range of the nation: %d to %d", lo, hi)
	}
}

// anyCode draws a good code of any level.
func anyCode(t *rapid.T) area.Code {
	c := area.Code(rapid.IntRange(11, 99).Draw(t, "province")) * 100_000_000
	level := rapid.IntRange(1, 4).Draw(t, "level")
	if level >= 2 {
		c += area.Code(rapid.IntRange(1, 99).Draw(t, "district")) * 1_000_000
	}
	if level >= 3 {
		c += area.Code(rapid.IntRange(1, 99).Draw(t, "subdistrict")) * 10_000
	}
	if level >= 4 {
		c += area.Code(rapid.IntRange(1001, 3999).Draw(t, "village"))
	}
	return c
}

func TestCodesComeBackFromText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCode(t)
		if back, err := area.Parse(c.Dotted()); err != nil || back != c || !c.Valid() {
			t.Fatalf("%d: dotted %s, back %d, %v", c, c.Dotted(), back, err)
		}
		text, err := json.Marshal(map[string]area.Code{"area": c})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]area.Code
		if err := json.Unmarshal(text, &back); err != nil || back["area"] != c {
			t.Fatalf("%s: %d, %v", text, back["area"], err)
		}
	})
}

func TestAnAreaContainsWhatHasItAbove(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCode(t), anyCode(t)
		above := false
		for c := b; ; c = c.Parent() {
			above = above || c == a
			if c == area.Nation {
				break
			}
		}
		if a.Contains(b) != above {
			t.Fatalf("%s.Contains(%s) = %v", a, b, !above)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"81.71.01.1001", "8171", "00", "81..7", "9999999999", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := area.Parse(text)
		if err != nil {
			return
		}
		if back, err := area.Parse(c.Dotted()); err != nil || back != c {
			t.Errorf("Parse(%q) = %d, whose text %s reads as %d, %v", text, c, c.Dotted(), back, err)
		}
	})
}

func TestFirstTenantIsTheDistrictsNumber(t *testing.T) {
	t.Parallel()
	if got := area.FirstTenant(8171012001); got != 8171 {
		t.Errorf("tenant of a village in Ambon: %d", got)
	}
	if got := area.FirstTenant(8100000000); got != 0 {
		t.Errorf("a province has tenant %d", got)
	}
}
