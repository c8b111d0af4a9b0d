package doubles

import (
	"testing"

	data "tepat/data/linkage"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

func testModel(t testing.TB) Model {
	t.Helper()
	names, err := ParseNames(data.Names)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseModel(data.Model, names)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLevelNIK(t *testing.T) {
	t.Parallel()
	const nik = "8171034203900017"
	cases := []struct {
		name, a, b string
		want       int8
	}{
		{"equal", nik, nik, nikExact},
		{"equal but for spaces", nik, "8171 0342 0390 0017", nikExact},
		{"one digit", nik, "8171034203910017", nikOneDigit},
		{"one digit of the serial may be a twin", nik, "8171034203900018", nikSerialDiffers},
		{"two neighbours changed places", nik, "8171034203090017", nikTransposed},
		{"the woman's forty forgotten", nik, "8171030203900017", nikWomanDay},
		{"last digit lost to a spreadsheet", nik, "8171034203900010", nikSpreadsheet},
		{"a digit missing", nik, "817103420390017", nikDigitLost},
		{"a digit too many", nik, "81710342039000117", nikDigitLost},
		{"another serial", nik, "8171034203905521", nikSerialDiffers},
		{"another place", nik, "8202114203900017", nikAreaDiffers},
		{"another person", nik, "8202115512750003", nikDifferent},
		{"none on one side", nik, "", none},
		{"a spreadsheet's power of ten", nik, "8.17103E+15", none},
		{"one digit sixteen times", nik, "1111111111111111", none},
		{"too short to mean anything", nik, "8171", none},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := row{nik: readNumber(c.a)}, row{nik: readNumber(c.b)}
			if got, back := levelNIK(&a, &b), levelNIK(&b, &a); got != c.want || back != c.want {
				t.Errorf("level %d and back %d, want %d", got, back, c.want)
			}
		})
	}
	a, b := row{nik: readNumber(nik)}, row{nik: readNumber("8202115512750003"), kk: readNumber(nik)}
	if got := levelNIK(&a, &b); got != nikIsCard {
		t.Errorf("a NIK in the column of the card: level %d", got)
	}
}

func TestLevelBirth(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, a, b string
		want       int8
	}{
		{"equal", "1990-03-02", "1990-03-02", birthExact},
		{"day and month swapped", "1990-03-02", "1990-02-03", birthSwapped},
		{"one digit", "1990-03-02", "1990-03-12", birthOneDigit},
		{"one digit of the year", "1990-03-02", "1998-03-02", birthOneDigit},
		{"a year off across a decade", "1990-03-02", "1989-03-02", birthYearOff},
		{"same year, one is 1 January", "1990-03-02", "1990-01-01", birthDefaultDay},
		{"both 1 January prove little", "1990-01-01", "1990-01-01", birthDefaultDay},
		{"same year, one is 31 December", "1990-12-31", "1990-03-02", birthDefaultDay},
		{"an estimate two years off", "1990-03-02", "1992-01-01", birthNear},
		{"year only, equal", "1990", "1990-03-02", birthPartial},
		{"year and month, equal", "1990-03", "1990-03-02", birthPartial},
		{"year and month, another month", "1990-04", "1990-03-02", birthNear},
		{"year only, two off", "1988", "1990-03-02", birthNear},
		{"year only, far", "1970", "1990-03-02", birthDifferent},
		{"different", "1990-03-02", "1975-11-30", birthDifferent},
		{"missing", "", "1990-03-02", none},
		{"not a date", "2 Maret", "1990-03-02", none},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := readBirth(c.a), readBirth(c.b)
			if got, back := levelBirth(a, b), levelBirth(b, a); got != c.want || back != c.want {
				t.Errorf("level %d and back %d, want %d", got, back, c.want)
			}
		})
	}
}

func TestLevelName(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, a, b string
		want       int8
	}{
		{"equal", "Budi Santoso", "BUDI SANTOSO", nameExact},
		{"another order", "Santoso Budi", "Budi Santoso", nameExact},
		{"titles", "Drs. H. Budi Santoso, M.Si", "Budi Santoso", nameExact},
		{"spelling family", "Moch. Rizky", "Muhammad Rizki", nameExact},
		{"old spelling", "Soeparmi", "Suparmi", nameExact},
		{"joined", "Nur Hayati", "Nurhayati", nameJoined},
		{"joined beside another word", "Siti Nur Hayati", "Siti Nurhayati", nameJoined},
		{"a slip", "Suparman", "Suparmn", nameSpelling},
		{"sound", "Rachmawati", "Rahmawati", nameSpelling},
		{"a word missing", "Budi Santoso", "Budi", nameSubset},
		{"an initial", "Budi S", "Budi Santoso", nameSubset},
		{"initial of Muhammad", "M. Rizki", "Muhammad Rizky", nameSubset},
		{"cut short", "Budi Santo", "Budi Santoso", nameSubset},
		{"short form", "Parmi", "Suparmi", nameWeak},
		{"initials only", "B", "Budi", nameWeak},
		{"one word agrees, one contradicts", "Ahmad Fauzi", "Ahmad Rizki", nameSome},
		{"different", "Budi", "Siti", nameDifferent},
		{"two short names that sound the same", "Rina", "Rini", nameDifferent},
		{"two families that sound the same", "Hasan", "Husein", nameDifferent},
		{"no name", "-", "Budi", none},
	}
	m := testModel(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDictionary(m.names)
			a, b := d.form(c.a), d.form(c.b)
			d.weigh(m.frequency, nil)
			x := newComparer(d, &m)
			if got, back := x.names(&a, &b), x.names(&b, &a); got.level != c.want || back.level != c.want {
				t.Errorf("level %d and back %d, want %d", got.level, back.level, c.want)
			}
		})
	}
}

func TestLevelAreaKKPhoneSex(t *testing.T) {
	t.Parallel()
	code := func(s string) area.Code {
		c, err := area.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	cases := []struct {
		name      string
		got, want int8
	}{
		{"same village", levelArea(code("81.71.01.1001"), code("8171011001")), areaVillage},
		{"same subdistrict", levelArea(code("81.71.01.1001"), code("81.71.01.1002")), areaSubdistrict},
		{"a village and its district", levelArea(code("81.71.01.1001"), code("81.71")), areaDistrict},
		{"same province", levelArea(code("81.71.01.1001"), code("81.01.01.2001")), areaProvince},
		{"elsewhere", levelArea(code("81.71.01.1001"), code("71.05.01.2001")), areaElsewhere},
		{"no area", levelArea(0, code("71.05.01.2001")), none},
		{"card equal", levelKK(ptr("8171010101100001"), ptr("8171010101100001")), kkExact},
		{"card one digit", levelKK(ptr("8171010101100001"), ptr("8171010101100002")), kkOneDigit},
		{"card different", levelKK(ptr("8171010101100001"), ptr("8171012512190044")), kkDifferent},
		{"no card", levelKK(ptr(""), ptr("8171012512190044")), none},
		{"phone in two notations", levelPhone(readPhone("+62 812-3456-7890"), readPhone("081234567890")), phoneExact},
		{"another phone", levelPhone(readPhone("081234567891"), readPhone("081234567890")), phoneDifferent},
		{"no phone", levelPhone(readPhone("0"), readPhone("081234567890")), none},
		{"sex equal", levelSex(readSex("L"), readSex("l")), sexSame},
		{"sex different", levelSex(readSex("P"), readSex("L")), sexDifferent},
		{"sex unknown", levelSex(readSex("?"), readSex("L")), none},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.got != c.want {
				t.Errorf("level %d, want %d", c.got, c.want)
			}
		})
	}
}

func ptr(s string) *number { n := readNumber(s); return &n }

// TestRareNamesWeighMore and the crowd: how common a value is changes what its agreement proves.
func TestRareNamesWeighMore(t *testing.T) {
	t.Parallel()
	m := testModel(t)
	common, rare := nameMatch{level: nameExact, share: -4}, nameMatch{level: nameExact, share: -17}
	if c, r := m.rarity(compareName, common), m.rarity(compareName, rare); c >= 0 || r <= 0 {
		t.Errorf("common name %+.1f bits, rare name %+.1f", c, r)
	}
	if x := m.rarity(compareName, nameMatch{level: nameSome, share: -17}); x != 0 {
		t.Errorf("names that contradict move by %+.1f bits", x)
	}
	two, nine := m.crowding(compareNIK, 2, 3), m.crowding(compareNIK, 9, 3)
	if two != 0 || nine != -9 {
		t.Errorf("two holders %+.1f, nine %+.1f, want 0 and -9", two, nine)
	}
	if many := m.crowding(compareNIK, 1_000_000, 3); float64(many) != -float64(float32(m.levels[compareNIK][nikExact].bits)) {
		t.Errorf("a placeholder still weighs %+.1f", m.levels[compareNIK][nikExact].bits+float64(many))
	}
}

func TestParseModelRefuses(t *testing.T) {
	t.Parallel()
	names := testModel(t).names
	replace := func(old, new string) []byte {
		text := string(data.Model)
		changed := replaceOnce(text, old, new)
		if changed == text {
			t.Fatalf("%q is not in the model", old)
		}
		return []byte(changed)
	}
	cases := map[string]struct {
		text []byte
		code string
	}{
		"not YAML":              {[]byte("{"), "doubles.model_syntax"},
		"an unknown key":        {replace("duplicate_share:", "duplicates:"), "doubles.model_syntax"},
		"levels out of order":   {replace("level: one_digit", "level: transposed"), "doubles.model_levels"},
		"a level too many":      {replace("  phone:\n", "  phone:\n    - {level: exact, m: 0.1, u: 0.1}\n"), "doubles.model_levels"},
		"probability of zero":   {replace("m: 0.85", "m: 0"), "doubles.model_probability"},
		"probabilities above 1": {replace("m: 0.85", "m: 0.99"), "doubles.model_probability"},
		"a guard that rewards":  {replace("twins: -20", "twins: 20"), "doubles.model_setting"},
		"an unknown rule":       {replace("nik_body", "nik_bodies"), "doubles.model_setting"},
		"bars out of order":     {replace("link_bits: 12", "link_bits: -1"), "doubles.model_setting"},
		"a cap of one":          {replace("cap: 200", "cap: 1"), "doubles.model_setting"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseModel(c.text, names); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}

func replaceOnce(s, old, new string) string {
	for i := 0; i+len(old) <= len(s); i++ {
		if s[i:i+len(old)] == old {
			return s[:i] + new + s[i+len(old):]
		}
	}
	return s
}
