package usage_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tepat/internal/kit/i18n"
	"tepat/web/messages"
	"tepat/web/messages/usage"
)

func module(t *testing.T) (usage.Found, *i18n.Catalogue) {
	t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	found, err := usage.Scan(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	return found, catalogue
}

// TestEveryCodeAndKeyHasWords is the gate of CI: the catalogue is complete in both languages
// and every sentence gets the facts it wants.
func TestEveryCodeAndKeyHasWords(t *testing.T) {
	t.Parallel()
	found, catalogue := module(t)
	for _, gap := range usage.Check(found, catalogue) {
		t.Error(gap)
	}
	if len(found.Errors) < 50 || len(found.Messages) < 50 {
		t.Errorf("only %d errors and %d messages found: the scan is blind", len(found.Errors), len(found.Messages))
	}
}

func TestErrorsDocumentIsInStep(t *testing.T) {
	t.Parallel()
	found, catalogue := module(t)
	written, err := os.ReadFile("../../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != usage.Document(found, catalogue) {
		t.Error("docs/errors.md is out of step: run go run ./web/messages/errors")
	}
}

const sampleSource = `package x

import "tepat/internal/kit/fail"

const late = "x.late"

type rule struct{ code string }

func rules() []rule { return []rule{{code: "x.first"}, {code: "x.second"}} }

func literal() error { return fail.Invalid("x.literal", "digits", 15) }
func constant() error { return fail.Conflict(late) }
func made() error { return fail.New(fail.KindLimited, "x.made") }
var table = []struct{ magic, word string }{{"PK", "x.zip"}}

func row() error { return fail.Invalid(table[0].word) }
func kind() string { return "x.kind" }
func returned() error {
	if found := kind(); found != "" {
		return fail.Invalid(found)
	}
	return nil
}
func field(r rule) error { return fail.NotFound(r.code) }
func joined(prefix string) error { return fail.Invalid(prefix + ".length") }
func carry(code string) error { return fail.Forbidden(code) }
func carried() error { return carry("x.carried") }
func unclear() error { return fail.Invalid(pick().code()) }
func words(p Printer) string { return p.Text("x.title", "count", 3) + p.Text("x.part."+name) + text(ctx, "x.inner") }
`

func scanSample(t *testing.T) usage.Found {
	t.Helper()
	found, err := usage.Scan(fstest.MapFS{
		"internal/x/x.go":          {Data: []byte(sampleSource)},
		"internal/x/x_test.go":     {Data: []byte("package x\n\nfunc f() { fail.Invalid(\"x.tested\") }\n")},
		"internal/x/testdata/y.go": {Data: []byte("not Go")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func keys(uses []usage.Use) []string {
	var out []string
	for _, u := range uses {
		out = append(out, u.Key)
	}
	return out
}

func TestScanFollowsCodes(t *testing.T) {
	t.Parallel()
	found := scanSample(t)
	if got, want := keys(found.Errors), []string{"x.carried", "x.first", "x.kind", "x.late", "x.literal", "x.made", "x.second", "x.zip"}; !slices.Equal(got, want) {
		t.Errorf("errors %v, want %v", got, want)
	}
	if got, want := keys(found.Messages), []string{"x.inner", "x.title"}; !slices.Equal(got, want) {
		t.Errorf("messages %v, want %v", got, want)
	}
	if got, want := keys(found.Parts), []string{"error.*.length", "x.part.*"}; !slices.Equal(got, want) {
		t.Errorf("parts %v, want %v", got, want)
	}
	if len(found.Unclear) != 1 {
		t.Errorf("unclear %v, want one place", found.Unclear)
	}
}

func TestCheckNamesEachGap(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(fstest.MapFS{"x.yaml": {Data: []byte(`
error.x.literal: {id: "{digits} dari {limit}", en: "{digits} of {limit}"}
error.x.late: {id: "Terlambat", en: "Late"}
error.x.made: {id: "Dibuat", en: "Made"}
error.x.first: {id: "Satu", en: "One"}
error.x.carried: {id: "Dibawa", en: "Carried"}
error.x.kind: {id: "Jenis", en: "Kind"}
error.x.zip: {id: "ZIP", en: "ZIP"}
error.nik.length: {id: "Panjang", en: "Length"}
x.title: {id: "{count} baris", en: "{count} rows"}
x.part.one: {id: "Bagian", en: "Part"}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	gaps := strings.Join(usage.Check(scanSample(t), catalogue), "\n")
	for _, want := range []string{`"error.x.second" is not in`, `"error.x.literal" wants the fact {limit}`, `"x.inner" is not in`, "cannot be followed"} {
		if !strings.Contains(gaps, want) {
			t.Errorf("no gap says %s in:\n%s", want, gaps)
		}
	}
	if n := strings.Count(gaps, "\n") + 1; n != 4 {
		t.Errorf("%d gaps, want 4:\n%s", n, gaps)
	}
}

func TestDocumentListsCodesWithKindAndOrigin(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(fstest.MapFS{"x.yaml": {Data: []byte(`error.x.late: {id: "Terlambat | lewat", en: "Late"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	text := usage.Document(scanSample(t), catalogue)
	if want := "| `x.late` | Conflict | Terlambat \\| lewat | Late | x |\n"; !strings.HasSuffix(text, want) {
		t.Errorf("document ends %q, want %q", text[max(0, len(text)-120):], want)
	}
}
