package bundle_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ/generator"
	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"

	"tepat/web/assets"
	"tepat/web/assets/bundle"
)

const web = "../.."

func TestServedAssetsAreInStepWithTheirSources(t *testing.T) {
	t.Parallel()
	built, err := bundle.Make(os.DirFS(web))
	if err != nil {
		t.Fatal(err)
	}
	served, err := fs.Glob(assets.Files(), "*")
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Sorted(maps.Keys(built.Files)); !slices.Equal(served, want) {
		t.Fatalf("dist holds %v, the sources make %v: run go run ./web/assets/build", served, want)
	}
	for name, want := range built.Files {
		got, err := fs.ReadFile(assets.Files(), name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is out of step (%v): run go run ./web/assets/build", name, err)
		}
	}
	names, err := os.ReadFile(filepath.Join(web, "assets", "names.go"))
	if err != nil || !bytes.Equal(names, built.Names) {
		t.Errorf("names.go is out of step (%v): run go run ./web/assets/build", err)
	}
}

// pages gives every templ source with its text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(web, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".templ" {
			return err
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("%d templ files, %v", len(found), err)
	}
	return found
}

func TestGeneratedPagesAreInStep(t *testing.T) {
	t.Parallel()
	for path := range pages(t) {
		name, err := filepath.Rel(web, path)
		if err != nil {
			t.Fatal(err)
		}
		source, err := parser.Parse(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var out bytes.Buffer
		if _, err := generator.Generate(source, &out, generator.WithFileName(filepath.ToSlash(name))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := format.Source(out.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := os.ReadFile(strings.TrimSuffix(path, ".templ") + "_templ.go")
		if err != nil || normal(got) != normal(want) {
			t.Errorf("%s is out of step with its Go file (%v): run go tool templ generate -path web", name, err)
		}
	}
}

// place is where templ says a page came from. It depends on the folder templ was started in.
var place = regexp.MustCompile("FileName: `[^`]*`")

func normal(source []byte) string {
	text := place.ReplaceAllString(string(source), "")
	return regexp.MustCompile(`(?m)^// templ: version: .*\n`).ReplaceAllString(text, "")
}

// banned is what the strict policy forbids or what would make pages hard to keep.
var banned = map[string]*regexp.Regexp{
	"a style attribute":         regexp.MustCompile(`(?m)[\s]style\s*(=|\?=)`),
	"an event handler":          regexp.MustCompile(`(?m)\son[a-z]+\s*=`),
	"hx-on":                     regexp.MustCompile(`hx-on`),
	"hx-vals with a script":     regexp.MustCompile(`hx-(vals|headers)=.{0,3}js:`),
	"an inline script or style": regexp.MustCompile(`<script>|<script\s+type="text|<style`),
	"a templ script or css":     regexp.MustCompile(`(?m)^(script|css) [A-Za-z]`),
	"another host":              regexp.MustCompile(`(src|href)="(https?:)?//`),
}

func TestTemplatesHoldNothingThePolicyForbids(t *testing.T) {
	t.Parallel()
	for path, text := range pages(t) {
		for what, pattern := range banned {
			if at := pattern.FindString(text); at != "" {
				t.Errorf("%s holds %s: %q", path, what, strings.TrimSpace(at))
			}
		}
	}
}

func TestBannedIsFound(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"a style attribute": `<p style="color:red">`, "an event handler": `<a onclick="x()">`, "hx-on": `<a hx-on:click="x">`,
		"hx-vals with a script": `<a hx-vals='js:x'>`, "an inline script or style": "<script>x</script>",
		"a templ script or css": "\nscript x() {", "another host": `<img src="//cdn.example/x">`,
	} {
		if !banned[what].MatchString(text) {
			t.Errorf("%s is not found in %q", what, text)
		}
	}
}

func source(styles string) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"styles/00-tokens.css":               file(":root { --paper: #fff }"),
		"styles/01-dark.css":                 file(":root { --paper: #000 }"),
		"styles/60-figure.css":               file(styles),
		"scripts/form.js":                    file("import { x } from './other.js';\nx('formulir');\n"),
		"scripts/other.js":                   file("export function x(word) { document.title = word; }\n"),
		"scripts/list.js":                    file("import './form.js';\n"),
		"assets/vendor/htmx.org/htmx.min.js": file("var htmx = 1;"),
		"assets/icon.svg":                    file("<svg/>"),
	}
}

func make1(t *testing.T, styles string) map[string]string {
	t.Helper()
	built, err := bundle.Make(source(styles))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, content := range built.Files {
		stem, _, _ := strings.Cut(name, "-")
		out[stem] = string(content)
		out[stem+" name"] = name
	}
	return out
}

func TestDarkTokensAreWrittenForDeviceAndSwitch(t *testing.T) {
	t.Parallel()
	css := strings.NewReplacer(" ", "", "\n", "").Replace(make1(t, ".a { color: red }")["app"])
	for _, want := range []string{`:root{--paper:#fff}`, `@mediascreenand(prefers-color-scheme:dark){:root[data-theme=auto]{--paper:#000}}`,
		`@mediascreen{:root[data-theme=dark]{--paper:#000}}`, `.a{color:red}`, `.fig.q0`} {
		if !strings.Contains(css, want) {
			t.Errorf("the stylesheet lacks %s:\n%.400s", want, css)
		}
	}
}

func TestNamesFollowTheContent(t *testing.T) {
	t.Parallel()
	one, same, other := make1(t, ".a{color:red}"), make1(t, ".a { color: red }"), make1(t, ".a{color:blue}")
	if one["app name"] != same["app name"] {
		t.Error("the same stylesheet written differently has another name")
	}
	if one["app name"] == other["app name"] {
		t.Error("another stylesheet has the same name: browsers would keep the old one for ever")
	}
}

func TestScriptsAreBundled(t *testing.T) {
	t.Parallel()
	built := make1(t, "")
	for _, name := range []string{"form", "list"} {
		if js := built[name]; !strings.Contains(js, "formulir") || strings.Contains(js, "import") {
			t.Errorf("%s: %s", name, js)
		}
	}
}

func TestFaultsNameTheLine(t *testing.T) {
	t.Parallel()
	broken := source("")
	broken["scripts/other.js"] = &fstest.MapFile{Data: []byte("export function {")}
	if _, err := bundle.Make(broken); err == nil || !strings.Contains(err.Error(), "other.js:1") {
		t.Errorf("a broken script: %v", err)
	}
	if _, err := bundle.Make(source(".a { color red }")); err == nil {
		t.Error("a broken stylesheet was built")
	}
}

// notWords are texts a template may hold: signs, names of formats, keys of the keyboard, and
// names that are the same in every language.
var notWords = regexp.MustCompile(`^([^\p{L}]*|CSV|XLSX|PDF|SHA-256|QR|Enter|Tepat|[a-z?/]|· Tepat)$`)

// TestTemplatesHoldNoSentences keeps every word in the catalogue, where both languages are. The
// style guide is left out: its people and their papers are samples.
func TestTemplatesHoldNoSentences(t *testing.T) {
	t.Parallel()
	for path := range pages(t) {
		if strings.Contains(filepath.ToSlash(path), "/guide/") {
			continue
		}
		source, err := parser.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		v := visitor.New()
		v.Text = func(n *parser.Text) error {
			if text := strings.TrimSpace(n.Value); !notWords.MatchString(text) {
				t.Errorf("%s:%d: %q belongs into web/messages", path, n.Range.From.Line+1, text)
			}
			return nil
		}
		if err := v.VisitTemplateFile(source); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSentencesAreFound(t *testing.T) {
	t.Parallel()
	for text, word := range map[string]bool{"Simpan": true, "Tidak ada": true, "·": false, "CSV": false, "": false, "–": false, "j": false} {
		if notWords.MatchString(text) == word {
			t.Errorf("%q: taken for a word: %v", text, !word)
		}
	}
}
