package doubles_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/doubles"
	"tepat/internal/kit/fail"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		name     string
		tokens   string
		patronym string
		titled   bool
	}{
		"plain":                            {"Budi Santoso", "BUDI SANTOSO", "", false},
		"titles before":                    {"Drs. H. Budi Santoso", "BUDI SANTOSO", "", true},
		"titles after a comma":             {"Budi Santoso, S.Pd., M.M.", "BUDI SANTOSO", "", true},
		"a title alone is a name":          {"Raden", "RADEN", "", false},
		"an academic title first is Siti":  {"St. Aminah", "SITI AMINAH", "", false},
		"and last it is a title":           {"Aminah ST", "AMINAH", "", true},
		"initial with a dot":               {"M.Rizky", "M RIZKI", "", false},
		"spellings of one name":            {"Moch Achmad", "MUHAMMAD AHMAD", "", false},
		"father's name":                    {"Siti binti Abdoel Latif", "SITI", "ABDUL LATIF", false},
		"bin as the first word is a name":  {"Bin Bin", "BIN", "", false},
		"old spelling":                     {"Soedjono", "SUJONO", "", false},
		"old spelling of y in context":     {"Noerjanah", "NURYANAH", "", false},
		"joko is not yoko":                 {"Joko Widodo", "JOKO WIDODO", "", false},
		"djoko is joko":                    {"Djoko", "JOKO", "", false},
		"a name that keeps its digraph":    {"Noel", "NOEL", "", false},
		"hyphens join":                     {"Karo-Karo", "KAROKARO", "", false},
		"quotes vanish":                    {"Nur’aini Ma'ruf", "NURAINI MARUF", "", false},
		"accents vanish":                   {"José", "JOSE", "", false},
		"order particle":                   {"I Wayan Sudira", "WAYAN SUDIRA", "", true},
		"placeholder dash":                 {" - ", "", "", false},
		"placeholder words":                {"Tidak Diketahui", "", "", false},
		"placeholder ibu":                  {"IBU", "", "", false},
		"ibu before a name":                {"Ibu Aminah", "AMINAH", "", true},
		"an empty name":                    {"", "", "", false},
		"blanks of all kinds":              {"Budi\u00a0 \tSantoso\u200b", "BUDI SANTOSO", "", false},
		"a known name that holds SE stays": {"Sefnat Serhalawan", "SEFNAT SERHALAWAN", "", false},
	}
	names := tables(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := names.Normalise(c.name)
			if strings.Join(got.Tokens, " ") != c.tokens || strings.Join(got.Patronym, " ") != c.patronym || got.Titled != c.titled {
				t.Errorf("%q: %+v, want %q, %q, %v", c.name, got, c.tokens, c.patronym, c.titled)
			}
		})
	}
}

func TestSoundKey(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, a, b string
		same       bool
	}{
		{"final d and t", "RAHMAD", "RAHMAT", true},
		{"f, v and p", "FITRI", "PITRI", true},
		{"z, s and j", "AZIZ", "AJIS", true},
		{"sy and s", "SYAMSUL", "SAMSUL", true},
		{"kh and h stay apart", "KHALID", "HALID", false},
		{"th and t", "THOMAS", "TOMAS", true},
		{"q and k", "TAUFIQ", "TAUPIK", true},
		{"doubles", "NURRAHMA", "NURAHMA", true},
		{"final h", "SALMAH", "SALMA", true},
		{"o and a", "SASTRO", "SASTRA", true},
		{"another consonant", "BUDI", "RUDI", false},
		{"another first vowel", "ANTON", "UNTON", false},
	}
	names := tables(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := names.SoundKey(c.a), names.SoundKey(c.b)
			if a == "" || (a == b) != c.same {
				t.Errorf("%s is %s, %s is %s", c.a, a, c.b, b)
			}
		})
	}
}

// TestNormalIsNormal holds that normalising what was normalised changes nothing but titles at the ends.
func TestNormalIsNormal(t *testing.T) {
	t.Parallel()
	names := tables(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Z]{4,9}`), 1, 4).Draw(t, "words")
		once := names.Normalise(strings.Join(words, " "))
		twice := names.Normalise(strings.Join(once.Tokens, " "))
		if len(once.Tokens) > 0 && !reflect.DeepEqual(names.Normalise(strings.Join(twice.Tokens, " ")).Tokens, twice.Tokens) {
			t.Fatalf("%v becomes %v becomes something else", words, once.Tokens)
		}
		for _, w := range once.Tokens {
			if key := names.SoundKey(w); key == "" || strings.ContainsAny(key[1:], "AEIOU") {
				t.Fatalf("sound key of %s is %q", w, key)
			}
		}
	})
}

func FuzzNormalise(f *testing.F) {
	names := tables(f)
	for _, seed := range []string{"Drs. H. Budi", "ﷺ", "\xff\xfe", "...", "bin bin bin", "I NI I NI", strings.Repeat("A.", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := names.Normalise(s)
		for _, w := range append(got.Tokens, got.Patronym...) {
			for _, c := range w {
				if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
					t.Fatalf("%q gives the word %q", s, w)
				}
			}
		}
	})
}

func TestParseNamesRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, code string }{
		"not YAML":                   {"{", "doubles.names_syntax"},
		"an unknown table":           {"titles: [H]", "doubles.names_syntax"},
		"a spelling of two families": {"families: [[A, B], [C, B]]", "doubles.names_family"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := doubles.ParseNames([]byte(c.text)); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}
