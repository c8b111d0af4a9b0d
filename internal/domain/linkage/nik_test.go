package linkage_test

import (
	"slices"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
)

// TestNIKLevels holds the comparison of NIKs of the default model to what each level says.
func TestNIKLevels(t *testing.T) {
	t.Parallel()
	const a, kk = "8171011204800003", "8171012307130436"
	for name, c := range map[string]struct{ a, kkA, b, kkB, areaB, level string }{
		"equal":                                      {a, kk, a, kk, "8171011006", "exact"},
		"the next of one day, a twin's":              {a, kk, "8171011204800004", kk, "8171011006", "serial_last"},
		"tenth and first of one day":                 {"8171011204800010", kk, "8171011204800001", kk, "8171011006", "serial_last"},
		"ten and more apart is a slip":               {"8171011204800031", kk, "8171011204800001", kk, "8171011006", "serial_first"},
		"a slip in the area, and no first serial":    {"8171021204800017", kk, "8171011204800017", kk, "8171021002", "area_slip"},
		"a slip in the serial":                       {a, kk, "8171011204800403", kk, "8171011006", "serial_first"},
		"the last digit lost in a spreadsheet":       {a, kk, "8171011204800000", kk, "8171011006", "zeroed"},
		"two digits exchanged":                       {a, kk, "8171101204800003", kk, "8171011006", "transposed"},
		"two pairs exchanged":                        {a, kk, "8171011280040003", kk, "8171011006", "transposed"},
		"two fours exchanged":                        {a, kk, "8171048001120003", kk, "8171011006", "transposed"},
		"each begins with the place of its row":      {"8171011204800001", kk, "8171021204800001", kk, "8171021002", "place_own"},
		"a slip in the area":                         {"8171011204800001", kk, "8171021204800001", kk, "8171011006", "area_differs"},
		"given anew, another serial":                 {a, kk, "8171021204800007", kk, "8171021002", "reissued"},
		"two digits of area and serial, one date":    {a, kk, "8172011204800008", kk, "8171011006", "reissued"},
		"two digits, one of the date":                {a, kk, "8172011304800003", kk, "8171011006", "two_digits"},
		"a place and nothing behind it is no NIK":    {a, kk, "8171010000000000", kk, "8171011006", "missing"},
		"two such places are not equal NIKs":         {"8171010000000000", kk, "8171010000000000", kk, "8171011006", "missing"},
		"the row's own card is no NIK":               {a, kk, "8171012307130999", "8171012307130999", "8171011006", "missing"},
		"the other's card is":                        {a, kk, kk, "8171012307130999", "8171011006", "is_card"},
		"two rows of one card with its number twice": {kk, kk, kk, kk, "8171011006", "missing"},
	} {
		s := crowd()
		s.add(person("a", c.a, c.kkA, "MARTHA LATUHERU", "", "P", "", "8171011006")...)
		s.add(person("b", c.b, c.kkB, "MARTHA LATUHERU", "", "P", "", c.areaB)...)
		bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "nik" && b.Level == c.level }) {
			t.Errorf("%s: %v, want %s", name, bars, c.level)
		}
	}
}

// TestBalineseShortForms: order words are cut short in many ways, and are the same words.
func TestBalineseShortForms(t *testing.T) {
	t.Parallel()
	for short, long := range map[string]string{
		"I WYN SUDIRA": "I WAYAN SUDIRA", "NI KTT MULIANTARI": "NI KETUT MULIANTARI", "I NYM. SUPATRA": "I NYOMAN SUPATRA", "I MD RENA": "I MADE RENA",
		"NI KDK ARIANI": "NI KADEK ARIANI", "I KMG PUJA": "I KOMANG PUJA", "NI NGH WARDANI": "NI NENGAH WARDANI", "I GST PUTU RAI": "I GUSTI PUTU RAI",
	} {
		s := crowd()
		s.add(person("a", "", "", short, "", "", "", "5104011006")...)
		s.add(person("b", "", "", long, "", "", "", "5104011006")...)
		bars := prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars
		if !slices.ContainsFunc(bars, func(b engine.Bar) bool { return b.Comparison == "name" && b.Level == "exact" }) {
			t.Errorf("%s and %s: %v", short, long, bars)
		}
	}
}

// TestUnlikeIsChecked: the column a number may not stand in too has to be there, of digits, and another.
func TestUnlikeIsChecked(t *testing.T) {
	t.Parallel()
	text := string(identity(t).Text())
	for unlike, code := range map[string]string{"nik": "linkage.model_setting", "name": "linkage.model_setting", "shoe": "linkage.model_column_unknown"} {
		_, err := engine.ParseModel([]byte(strings.Replace(text, "unlike: kk", "unlike: "+unlike, 1)), tablesOf)
		if fail.CodeOf(err) != code {
			t.Errorf("%s: %v", unlike, err)
		}
	}
}

// TestStandsInIsChecked: what a date may stand in has to be a column of texts, and only a date stands there.
func TestStandsInIsChecked(t *testing.T) {
	t.Parallel()
	text := string(identity(t).Text())
	for in, code := range map[string]string{"nik": "linkage.model_setting", "shoe": "linkage.model_column_unknown"} {
		_, err := engine.ParseModel([]byte(strings.Replace(text, "stands_in: birthplace", "stands_in: "+in, 1)), tablesOf)
		if fail.CodeOf(err) != code {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := engine.ParseModel([]byte(strings.Replace(text, "swaps_with: kk", "stands_in: birthplace", 1)), tablesOf); fail.CodeOf(err) != "linkage.model_setting" {
		t.Errorf("of a number: %v", err)
	}
}

// TestLooksAreChecked: what a column looks like has to be known, and the widths are of numbers, one for each part.
func TestLooksAreChecked(t *testing.T) {
	t.Parallel()
	text := string(identity(t).Text())
	for from, to := range map[string]string{"looks: card": "looks: shoe", "widths: [2, 2, 2, 4]": "widths: [2, 2, 2]", "widths: [2, 2, 2, 4] ": "widths: [2, 2, 2, 17] ", "looks: phone": "widths: [2]", "age_at: entered": "order: dmy", "looks: place": "age: [umur]"} {
		from = strings.TrimSpace(from)
		if !strings.Contains(text, from) {
			t.Fatalf("no %s", from)
		}
		if _, err := engine.ParseModel([]byte(strings.Replace(text, from, to, 1)), tablesOf); fail.CodeOf(err) != "linkage.model_setting" {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// TestNullIsRead: the texts a model calls no value are none, though YAML takes the word null for no name.
func TestNullIsRead(t *testing.T) {
	t.Parallel()
	text := strings.Replace(string(identity(t).Text()), `null: ["??????0000000000"]`, `null: nothing: more`, 1)
	if _, err := engine.ParseModel([]byte(text), tablesOf); fail.CodeOf(err) != "linkage.model_syntax" {
		t.Errorf("no list: %v", err)
	}
	s := &sheet{header: []string{"id", "nama", "tempat_lahir", "tanggal_lahir"}}
	for _, r := range crowd().rows {
		s.add(r[0], r[3], "AMBON", r[4])
	}
	s.add("a", "MARTHA LATUHERU", "TIDAK TAHU", "1980-04-12")
	s.add("b", "MARTHA LATUHERU", "-", "1980-04-12")
	for _, b := range prepare(t, identity(t), s, nil, engine.Options{}).Explain(400, 401).Bars {
		if b.Comparison == "birthplace" && b.Level != "missing" {
			t.Errorf("not known and a dash: %v", b)
		}
	}
}
