package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/i18n"
)

// TestHelpIsCompleteInIndonesian: every text of --help has its Indonesian, and no Indonesian outlives its text.
func TestHelpIsCompleteInIndonesian(t *testing.T) {
	t.Parallel()
	parser, err := grammar(&commands{}, Env{Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	words, said := map[string]string{}, map[string]bool{"": true}
	if err := yaml.Unmarshal(helpTexts, &words); err != nil {
		t.Fatal(err)
	}
	for _, text := range helpOf(parser.Model.Node) {
		if !said[*text] && words[*text] == "" {
			t.Errorf("help.id.yaml lacks %q", *text)
		}
		said[*text] = true
		if strings.Contains(*text, "Example: ") != strings.Contains(words[*text], "Contoh: ") {
			t.Errorf("an example on one side alone: %q, %q", *text, words[*text])
		}
	}
	for text := range words {
		if !said[text] {
			t.Errorf("help.id.yaml has %q, which no command says", text)
		}
	}
}

// TestHelpIsInTheLanguageAskedFor reads the help as it is printed.
func TestHelpIsInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		env  string
		lang i18n.Lang
		says []string
		not  []string
	}{
		{[]string{"--help"}, "", i18n.Indonesian, []string{"Pemakaian: tepat <perintah>", "Pilihan:", "Perintah:", "Cari orang yang tercatat dua kali"}, []string{"Usage", "Flags:", "for more"}},
		{[]string{"run", "show", "--help"}, "", i18n.Indonesian, []string{"Isian:", "Contoh: tepat run show"}, []string{"Arguments:", "Example"}},
		{[]string{"run", "show", "--help", "--lang", "en"}, "", i18n.English, []string{"Arguments:", "Example: tepat run show"}, []string{"Isian:", "Contoh"}},
		{[]string{"run", "show", "--lang=en", "--help"}, "id", i18n.English, []string{"Usage: tepat run show"}, []string{"Pemakaian"}},
		{[]string{"--help"}, "en", i18n.English, []string{"Usage: tepat <command>"}, []string{"Pemakaian"}},
	} {
		env := func(string) string { return c.env }
		if got := askedLang(c.args, env); got != c.lang {
			t.Errorf("%v with %q is answered in %v", c.args, c.env, got)
		}
		var out bytes.Buffer
		parser, err := grammar(&commands{}, Env{Stdout: &out, Stderr: io.Discard})
		if err == nil {
			err = helpIn(c.lang, parser)
		}
		if err != nil {
			t.Fatal(err)
		}
		run(t.Context(), Env{Stdout: &out, Stderr: io.Discard}, parser, &commands{}, c.args)
		for _, word := range c.says {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%v: %q is missing in\n%s", c.args, word, out.String())
			}
		}
		for _, word := range c.not {
			if strings.Contains(out.String(), word) {
				t.Errorf("%v: %q stands in\n%s", c.args, word, out.String())
			}
		}
	}
}
