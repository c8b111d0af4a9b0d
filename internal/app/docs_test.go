package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// flagNamed finds what a reader would type as a flag.
var flagNamed = regexp.MustCompile(`(?:^|[\s"'(\[])(--[a-z][a-z-]*)`)

// typedLines gives what the documents tell a reader to type: code within a line, and lines of blocks, that begin with tepat.
func typedLines(t *testing.T) (lines map[string][]string) {
	t.Helper()
	lines = map[string][]string{}
	files := []string{"../../README.md"}
	err := filepath.WalkDir("../../docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("`([^`\n]+)`")
	command := regexp.MustCompile(`(?:^|.*[\s/])tepat ([a-z]+(?: .*)?)$`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole := strings.ReplaceAll(string(text), "\\\n", " ") // a line that goes on
		for i, part := range strings.Split(whole, "```") {
			said := strings.Split(part, "\n")
			if i%2 == 0 {
				said = nil
				for _, m := range code.FindAllStringSubmatch(part, -1) {
					said = append(said, m[1])
				}
				for _, line := range strings.Split(part, "\n") {
					if strings.HasPrefix(line, "    ") {
						said = append(said, line)
					}
				}
			}
			for _, line := range said {
				if m := command.FindStringSubmatch(line); m != nil {
					lines[path] = append(lines[path], m[1])
				}
			}
		}
	}
	return lines
}

// TestTheDocumentsTypeWhatThereIs holds each command line of the documents to the program: its command and its flags exist.
func TestTheDocumentsTypeWhatThereIs(t *testing.T) {
	t.Parallel()
	help := map[string]string{}
	for _, one := range everyCommand(t) {
		_, out, _ := typed(t, append(strings.Fields(one.Path), "--help")...)
		help[one.Path] = out
	}
	help["link"] = help["link files"] // the one it means
	seen := 0
	for path, lines := range typedLines(t) {
		for _, line := range lines {
			words := strings.Fields(line)
			n := min(len(words), 2)
			for n > 0 && help[strings.Join(words[:n], " ")] == "" {
				n--
			}
			if n == 0 {
				t.Errorf("%s: no command in %q", path, line)
				continue
			}
			seen++
			known := flagNamed.FindAllString(help[strings.Join(words[:n], " ")], -1)
			for _, flag := range flagNamed.FindAllStringSubmatch(line, -1) {
				if !slices.ContainsFunc(known, func(k string) bool { return strings.TrimLeft(k, " \t\n(\"'[") == flag[1] }) {
					t.Errorf("%s: %s is no flag of it: %q", path, flag[1], line)
				}
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d command lines were found", seen)
	}
}
