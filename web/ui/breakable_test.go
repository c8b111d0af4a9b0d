package ui

import (
	"strings"
	"testing"
)

// TestLongWordsMayBeBroken: a name that lost its spaces does not push columns off the window; other words stay whole, and what would be
// markup stays text.
func TestLongWordsMayBeBroken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SITI NURHALIZAH":                  "SITI NURHALIZAH",
		"":                                 "",
		"DESA " + strings.Repeat("É", 24):  "DESA " + strings.Repeat("É", 24),
		strings.Repeat("W", 40) + " BIN X": strings.Repeat("W", 16) + "<wbr>" + strings.Repeat("W", 24) + " BIN X",
		strings.Repeat("&", 25):            strings.Repeat("&amp;", 16) + "<wbr>" + strings.Repeat("&amp;", 9),
		"<b>A</b>":                         "&lt;b&gt;A&lt;/b&gt;",
	} {
		var out strings.Builder
		if err := breakable(text).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("%q is drawn as %s, want %s", text, got, want)
		}
	}
}
