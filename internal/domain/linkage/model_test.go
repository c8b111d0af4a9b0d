package linkage_test

import (
	"strings"
	"testing"

	tables "tepat/data/linkage"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
)

// small is a model that is right; each case below breaks one line of it.
const small = `format: 1
name: small
version: "1"
columns:
  - {name: surname, type: text}
  - {name: born, type: date}
  - {name: number, type: digits}
comparisons:
  - name: surname
    column: surname
    frequency: {kind: share}
    levels:
      - {level: same, when: equal, m: 0.9, u: 0.01, frequency: 1}
      - {level: close, when: jaro_winkler(0.9) or edits(1), m: 0.05, u: 0.02}
      - {level: other, when: else, m: 0.05, u: 0.97}
relatives:
  - name: house
    mates: 3
    levels: {surname: {same: 0.9}}
prior: {duplicates: 0.1}
blocking:
  keys: [surname, born + sounds(surname)]
  refine: [year(born)]
`

func TestModelsMistakesHaveTheirLine(t *testing.T) {
	t.Parallel()
	if _, err := engine.ParseModel([]byte(small), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to string
		code     string
		line     int
	}{
		"not YAML":                      {"columns:", "columns: [", "linkage.model_syntax", 0},
		"a field that does not exist":   {"version:", "versoin:", "linkage.model_field", 3},
		"a format of the future":        {"format: 1", "format: 9", "linkage.model_format", 1},
		"no name":                       {"name: small\n", "", "linkage.model_missing", 1},
		"unknown name tables":           {`version: "1"`, `version: "1"` + "\nnames: mars", "linkage.model_names", 4},
		"a column twice":                {"{name: born, type: date}", "{name: surname, type: date}", "linkage.model_column_twice", 6},
		"a column name with a space":    {"{name: born, type: date}", "{name: born on, type: date}", "linkage.model_column_name", 6},
		"an unknown type":               {"type: date", "type: datum", "linkage.model_column_type", 6},
		"an unknown cleaning step":      {"type: text}", "type: text, clean: [scrub]}", "linkage.model_clean", 5},
		"years long before any list":    {"type: date}", "type: date, years_from: 19}", "linkage.model_setting", 6},
		"years of what is no date":      {"type: text}", "type: text, years_from: 1930}", "linkage.model_setting", 5},
		"numbers of some levels only":   {", m: 0.9, u: 0.01", "", "linkage.model_probability", 13},
		"a length upside down":          {"type: digits}", "type: digits, length: [9, 3]}", "linkage.model_setting", 7},
		"a comparison without column":   {"    column: surname", "    column: surnaem", "linkage.model_column_unknown", 10},
		"an unknown test":               {"edits(1)", "likes(1)", "linkage.model_test", 14},
		"a test of another type":        {"edits(1)", "swapped", "linkage.model_test", 14},
		"a test of an unknown column":   {"jaro_winkler(0.9) or edits(1)", `"crossed(surname, given)"`, "linkage.model_column_unknown", 14},
		"a test without its number":     {"edits(1)", "edits", "linkage.model_arguments", 14},
		"columns of two types":          {"jaro_winkler(0.9) or edits(1)", `"crossed(surname, born)"`, "linkage.model_arguments", 14},
		"a condition nobody can read":   {"edits(1)", "edits(1", "linkage.model_expression", 14},
		"an operator at the end":        {"edits(1)", "edits(1) or", "linkage.model_expression", 14},
		"no last level":                 {"when: else", "when: equal", "linkage.model_else", 15},
		"else before the last":          {"when: equal", "when: else", "linkage.model_else", 13},
		"one level twice":               {"level: close", "level: same", "linkage.model_level_name", 14},
		"m of zero":                     {"m: 0.9, u: 0.01", "m: 0, u: 0.01", "linkage.model_probability", 13},
		"u above one":                   {"u: 0.97", "u: 1.5", "linkage.model_probability", 15},
		"not a number":                  {"u: 0.97", "u: .nan", "linkage.model_probability", 15},
		"m that adds up to more":        {"m: 0.05, u: 0.02", "m: 0.5, u: 0.02", "linkage.model_sum", 12},
		"frequency without kind":        {"kind: share", "kind: often", "linkage.model_setting", 11},
		"a relative's level unknown":    {"{same: 0.9}", "{sme: 0.9}", "linkage.model_level_unknown", 19},
		"a relative's comparison":       {"levels: {surname:", "levels: {name:", "linkage.model_comparison_unknown", 19},
		"no mates":                      {"mates: 3", "mates: 0", "linkage.model_setting", 17},
		"an unknown key column":         {"keys: [surname,", "keys: [given,", "linkage.model_column_unknown", 22},
		"an unknown key function":       {"sounds(surname)", "smells(surname)", "linkage.model_key", 22},
		"two parts of several values":   {"born + sounds(surname)", "words(surname) + sounds(surname)", "linkage.model_key_many", 22},
		"several values in refine":      {"year(born)", "words(surname)", "linkage.model_key_many", 23},
		"a key function's number":       {"year(born)", "first(surname)", "linkage.model_arguments", 23},
		"a key nobody can read":         {"year(born)", "year(born) +", "linkage.model_expression", 23},
		"a prior of nothing":            {"duplicates: 0.1", "duplicates: -1", "linkage.model_setting", 20},
		"a block of one":                {"  refine:", "  cap: 1\n  refine:", "linkage.model_setting", 23},
		"pairs that speak for":          {"prior:", "dedupe: {against_bits: -1}\nprior:", "linkage.model_setting", 20},
		"pairs that speak beyond doubt": {"prior:", "dedupe: {against_bits: 9}\nprior:", "linkage.model_setting", 20},
		"a bar below that of review":    {"prior:", "dedupe: {link_bits: 1, review_bits: 3}\nprior:", "linkage.model_setting", 20},
		"a comparison instead of none":  {"    column: surname", "    column: surname\n    instead_of: given", "linkage.model_comparison_unknown", 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(small, c.from, c.to, 1)
			if text == small {
				t.Fatal("the case changes nothing")
			}
			_, err := engine.ParseModel([]byte(text), tables.Tables)
			e, ok := fail.As(err)
			if !ok || e.Code != c.code {
				t.Fatalf("%v, want %s", err, c.code)
			}
			if line := e.Facts[0].Value; c.line > 0 && line != c.line {
				t.Errorf("line %v, want %d: %v", line, c.line, err)
			}
		})
	}
}

// FuzzParseModel holds the reader to giving an error or a model, whatever the text.
func FuzzParseModel(f *testing.F) {
	f.Add(small)
	f.Add("format: 1\n")
	f.Add(strings.Replace(small, "edits(1)", "not (edits(1) and soundex)", 1))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := engine.ParseModel([]byte(text), tables.Tables)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v and %v", m, err)
		}
		if err != nil && fail.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
	})
}

func TestTheDefaultModelIsUnverified(t *testing.T) {
	t.Parallel()
	m := identity(t)
	if !m.Unverified() || !strings.HasPrefix(m.Version(), "indonesian-identity-13-") {
		t.Errorf("%v %s", m.Unverified(), m.Version())
	}
}

// refused holds that a model with one change is refused with a code; changes are from what to what.
func refused(t *testing.T, text string, changes map[[2]string]string) {
	t.Helper()
	for change, code := range changes {
		wrong := strings.Replace(text, change[0], change[1], 1)
		if wrong == text {
			t.Fatalf("%q is not in the model", change[0])
		}
		if _, err := engine.ParseModel([]byte(wrong), tables.Tables); fail.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", change[1], err, code)
		}
	}
}
