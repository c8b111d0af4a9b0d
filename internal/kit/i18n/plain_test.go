package i18n

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPlainFragmentsAreReadAsYAMLReadsThem holds the quick way to the thorough one, over every fragment of the program.
func TestPlainFragmentsAreReadAsYAMLReadsThem(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../web/messages/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fragments, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, plain := plainEntries(string(text)); !plain {
			t.Errorf("%s is not written a message a line: it is read, at ten times the cost", filepath.Base(file))
		}
		same(t, filepath.Base(file), string(text))
	}
	for _, text := range []string{
		"a: {id: \"satu \\\"dua\\\" \\\\ tiga\", en: \"one \\\"two\\\" \\\\ three\"}\n", "# only a remark\n", "", "a: {id: \"x\", en: \"y\"}", "a: {id: \"x\", en: \"y\"}\r\nb.c: {id: \"é {n}\", en: \"{n} è\"}\r\n",
	} {
		same(t, text, text)
	}
}

func same(t *testing.T, name, text string) {
	t.Helper()
	quick, thorough := &Catalogue{messages: map[string]message{}, origin: map[string]string{}}, &Catalogue{messages: map[string]message{}, origin: map[string]string{}}
	entries, plain := plainEntries(text)
	if !plain {
		return
	}
	a, b := quick.addPlain("f.yaml", entries), thorough.mergeYAML("f.yaml", []byte(text))
	if len(a) != len(b) || len(quick.messages) != len(thorough.messages) {
		t.Errorf("%s: %d messages and %v, by YAML %d and %v", name, len(quick.messages), a, len(thorough.messages), b)
	}
	for key, m := range thorough.messages {
		for lang := range langCount {
			if got := quick.messages[key][lang].source; got != m[lang].source {
				t.Errorf("%s: %s is %q, by YAML %q", name, key, got, m[lang].source)
			}
		}
		if quick.origin[key] != thorough.origin[key] {
			t.Errorf("%s: %s stands at %s, by YAML at %s", name, key, quick.origin[key], thorough.origin[key])
		}
	}
}

func TestWhatIsNotPlainIsLeftToYAML(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`a: {id: 'x', en: "y"}`, `a: {en: "y", id: "x"}`, `a: {id: "x"}`, `a: {id: "x\n", en: "y"}`, `1a: {id: "x", en: "y"}`, `a b: {id: "x", en: "y"}`, `a: {id: "x", en: "y"} # remark`, `  a: {id: "x", en: "y"}`, `a: {id: "x", en: "y"`,
	} {
		if e, ok := plainEntry(line); ok {
			t.Errorf("%s is read as %+v", line, e)
		}
	}
}
