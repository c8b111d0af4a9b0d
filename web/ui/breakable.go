package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Letters a word may have before it may be broken, and of a piece of it: names whose spaces were lost would else push columns off the window
// and off the paper. The longest single names have about twenty.
const (
	longestWord = 24
	pieceOfWord = 16
)

// breakable draws text whose long words may be broken; nothing is added that a search or a copy would meet.
func breakable(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out strings.Builder
		for i, word := range strings.Split(text, " ") {
			if i > 0 {
				out.WriteByte(' ')
			}
			letters := []rune(word)
			for len(letters) > longestWord {
				out.WriteString(templ.EscapeString(string(letters[:pieceOfWord])) + "<wbr>")
				letters = letters[pieceOfWord:]
			}
			out.WriteString(templ.EscapeString(string(letters)))
		}
		_, err := io.WriteString(w, out.String())
		return err
	})
}
