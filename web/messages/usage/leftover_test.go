package usage_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"tepat/web/messages"
)

// said gives every text the program and its data may look words up by: the literals of its sources, and the words of its data.
func said(t *testing.T, root fs.FS) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	read := func(name string, d fs.DirEntry, err error) error {
		kind := path.Ext(name)
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || kind != ".go" && kind != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if kind == ".yaml" {
			for word := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return strings.ContainsRune(" \n\t\"':,[]{}", r) }) {
				out[word] = true
			}
			return nil
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(name, -1, len(text)), text, nil, 0)
		for _, tok, lit := s.Scan(); tok != token.EOF; _, tok, lit = s.Scan() {
			if tok == token.STRING {
				if plain, err := strconv.Unquote(lit); err == nil {
					out[plain] = true
				}
			}
		}
		return nil
	}
	for _, folder := range []string{"internal", "web/ui", "web/desk", "web/site", "web/public", "web/guide", "web/scripts", "data", "cmd"} {
		if err := fs.WalkDir(root, folder, read); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestNoWordsAreLeftOver names the sentences nobody can read: no source asks for their key, or for the beginning of it.
func TestNoWordsAreLeftOver(t *testing.T) {
	t.Parallel()
	asked := said(t, os.DirFS("../../.."))
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range catalogue.Keys() {
		if asked[key] || asked[strings.TrimPrefix(key, "error.")] {
			continue
		}
		begun := false
		for i, r := range key {
			if r == '.' || r == '_' {
				begun = begun || i > 0 && strings.Count(key[:i], ".") > 0 && asked[key[:i+1]] || r == '.' && asked[key[:i+1]]
			}
		}
		if !begun {
			t.Errorf("%q: nothing asks for these words", key)
		}
	}
}
