package doubles

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormalName is the working form of a name: the tokens that identify, in the order they stand.
type NormalName struct {
	Tokens   []string // upper case A-Z, titles out, families and old spelling rewritten
	Patronym []string // what followed BIN or BINTI
	Titled   bool     // a title was removed
}

// Normalise gives the working form of a name. A placeholder such as "-" or "IBU" has no tokens.
func (n *Names) Normalise(name string) NormalName {
	words, old := n.words(name, nil)
	var out NormalName
	words, out.Titled = n.dropTitles(words)
	words, patronym := n.cutPatronym(words)
	for _, w := range words {
		out.Tokens = append(out.Tokens, n.canonical(w, old))
	}
	for _, w := range patronym {
		out.Patronym = append(out.Patronym, n.canonical(w, old))
	}
	return out
}

// words cleans a name and cuts it into words, appended to buf. It returns none for a placeholder. The
// flag says that the name shows a digraph of the spelling used before 1972.
func (n *Names) words(name string, buf []string) (words []string, old bool) {
	clean := fold(name)
	words = buf[:0]
	for _, chunk := range strings.FieldsFunc(clean, func(r rune) bool { return r == ' ' || r == ',' || r == '/' }) {
		words = n.cut(chunk, words)
	}
	if len(words) == 0 || n.placeholders[strings.Join(words, " ")] {
		return nil, false
	}
	for _, r := range n.always {
		if strings.Contains(clean, r.from) {
			return words, true
		}
	}
	return words, false
}

// cut splits a chunk at its dots unless the dots belong to a title: "M.RIZKI" is two words, "S.PD" one.
func (n *Names) cut(chunk string, words []string) []string {
	if !strings.Contains(chunk, ".") {
		return append(words, chunk)
	}
	joined := strings.ReplaceAll(chunk, ".", "")
	if joined != "" && (n.before[joined] || n.after[joined]) {
		return append(words, joined)
	}
	for part := range strings.SplitSeq(chunk, ".") {
		if part != "" {
			words = append(words, part)
		}
	}
	return words
}

func (n *Names) dropTitles(words []string) ([]string, bool) {
	all := len(words)
	for len(words) > 1 && n.before[words[0]] {
		words = words[1:]
	}
	if len(words) > 2 && n.particles[words[0]] && n.orderWords[words[1]] {
		words = words[1:]
	}
	for len(words) > 1 && n.after[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	return words, len(words) < all
}

// cutPatronym splits "X BINTI Y" into X and Y. A mark in the first place is part of the name.
func (n *Names) cutPatronym(words []string) (name, patronym []string) {
	for i := 1; i < len(words); i++ {
		if n.patronym[words[i]] {
			return words[:i], words[i+1:]
		}
	}
	return words, nil
}

// canonical gives the spelling that stands for a word. The old-context rules run only when the name
// shows another digraph of the old spelling, because J is mostly today's J: JOKO is not YOKO.
func (n *Names) canonical(word string, old bool) string {
	if !n.keep[word] {
		rules := n.always
		if old {
			rules = n.context
		}
		word = apply(rules, word)
	}
	if head, ok := n.family[word]; ok {
		return head
	}
	return word
}

// SoundKey gives the key under which a canonical word sounds: "RAHMAD" and "RAHMAT" share one. It has
// the sounds of the consonants and of a leading vowel.
func (n *Names) SoundKey(word string) string {
	heard := apply(n.sound, word)
	key := make([]byte, 0, len(heard))
	for i := range len(heard) {
		c := heard[i]
		vowel := strings.IndexByte("AEIOU", c) >= 0
		if len(key) > 0 && (vowel || key[len(key)-1] == c) {
			continue
		}
		key = append(key, c)
	}
	return string(key)
}

// short gives the word without a prefix that everyday speech drops, or "" when there is none.
func (n *Names) short(word string) string {
	for _, p := range n.nickPrefixes {
		if rest, ok := strings.CutPrefix(word, p); ok && len(rest) >= n.nickRest {
			return rest
		}
	}
	return ""
}

// fold gives s in upper case with letters A-Z, digits, and the separators space, comma, slash and dot.
// Accents, quotes and hyphens vanish, so KARO-KARO is KAROKARO and NUR'AINI is NURAINI.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			s = norm.NFKD.String(s)
			break
		}
	}
	return strings.Map(foldRune, s)
}

func foldRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', r == ',', r == '/', r == '.':
		return r
	case unicode.IsSpace(r), r == '_', r == '(', r == ')':
		return ' '
	}
	return -1
}
