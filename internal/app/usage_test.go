package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/cli"
)

// parsersWords are how the parser of the command line would say it; none of them may reach a user.
var parsersWords = []string{"unknown flag", "unexpected", "expected", "missing flags", "missing positional", "must be one of", "no such file", "did you mean", "can't be used", "stat /"}

// wrong types a command line that is wrong, in both languages and as JSON, and gives its code.
func wrong(t *testing.T, args ...string) string {
	t.Helper()
	says := map[string]string{}
	for _, lang := range []string{"id", "en"} {
		code, out, bad := typed(t, append(args, "--lang", lang)...)
		first, rest, _ := strings.Cut(bad, "\n")
		if code != cli.ExitUsage || out != "" || !strings.HasPrefix(first, "tepat: ") || !strings.HasSuffix(first, "]") || !strings.Contains(rest, "--help") {
			t.Errorf("%v in %s: exit %d, %q\n%s", args, lang, code, out, bad)
		}
		for _, word := range parsersWords {
			if strings.Contains(first, word) {
				t.Errorf("%v in %s speaks as the parser does: %s", args, lang, first)
			}
		}
		says[lang] = first
	}
	if says["id"] == says["en"] {
		t.Errorf("%v says the same in both languages: %s", args, says["id"])
	}
	code, out, _ := typed(t, append(args, "--json")...)
	var object struct{ Error, Message string }
	if err := json.Unmarshal([]byte(out), &object); code != cli.ExitUsage || err != nil || object.Message == "" || !strings.HasSuffix(says["id"], "["+object.Error+"]") {
		t.Errorf("%v as JSON: exit %d, %q, %v", args, code, out, err)
	}
	return object.Error
}

// TestAWrongCommandLineIsToldInTheHousesWords gives every command a flag it has not, leaves out what it must have, names a file
// that is not there, and says too much.
func TestAWrongCommandLineIsToldInTheHousesWords(t *testing.T) {
	t.Parallel()
	for _, one := range everyCommand(t) {
		t.Run(one.Path, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(one.Path)
			if code := wrong(t, append(words, "--no-such-flag")...); code != "cli.flag_unknown" && code != "cli.flag_meant" {
				t.Errorf("an unknown flag: %s", code)
			}
			if one.Needs {
				if code := wrong(t, words...); code != "cli.word_missing" && code != "cli.flag_missing" {
					t.Errorf("without what it needs: %s", code)
				}
			}
			lost := filepath.Join(t.TempDir(), "tidak-ada.csv")
			for _, flag := range one.Files {
				args := append([]string{}, words...)
				if strings.HasPrefix(flag, "--") {
					args = append(args, flag, lost)
				} else {
					args = append(append(args, one.Before...), lost)
				}
				if code := wrong(t, args...); code != "cli.file_missing" {
					t.Errorf("%s without its file: %s", flag, code)
				}
			}
		})
	}
}

func TestWhatElseIsWrongOnACommandLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	list := filepath.Join(folder, "x.csv")
	if err := os.WriteFile(list, []byte("nik\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for code, args := range map[string][]string{
		"cli.word_meant":   {"areas"},
		"cli.word_unknown": {"match", "sekarang"},
		"cli.word_missing": {"run"},
		"cli.one_of":       {"import", "orang", list},
		"cli.value":        {"synth", "--families", "banyak", "--out", folder},
		"cli.flag_meant":   {"match", "--jsn"},
		"cli.file_folder":  {"import", "families", folder},
	} {
		if got := wrong(t, args...); got != code {
			t.Errorf("%v: %s, want %s", args, got, code)
		}
	}
	if code, _, bad := typed(t, "match", "--as"); code != cli.ExitUsage || !strings.Contains(bad, "[cli.value_missing]") {
		t.Errorf("a flag without its value: %d %s", code, bad)
	}
	if code, _, bad := typed(t, "match", "--lang", "jv"); code != cli.ExitUsage || !strings.Contains(bad, "[cli.one_of]") {
		t.Errorf("a language there is not: %d %s", code, bad)
	}
}
