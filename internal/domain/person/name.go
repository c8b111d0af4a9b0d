package person

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tepat/internal/kit/fail"
)

// Name is a name as on the KTP: one field, no surname rule, mononyms are common. It prints masked;
// Plain gives it for pages and files that may show it.
type Name string

// longestName is the longest name a record may have, in letters. Permendagri 73/2022 allows 60 for
// new records; older ones are longer.
const longestName = 150

// NewName makes a name of what was typed: blanks are trimmed and collapsed, the rest stays as it
// is. Errors: name.empty, name.letters (no letter at all), name.control (control characters),
// name.encoding (not UTF-8), name.too_long (fact max).
func NewName(s string) (Name, error) {
	if !utf8.ValidString(s) {
		return "", fail.Invalid("name.encoding")
	}
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "", fail.Invalid("name.empty")
	}
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return "", fail.Invalid("name.control")
	}
	if strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return "", fail.Invalid("name.letters")
	}
	if utf8.RuneCountInString(s) > longestName {
		return "", fail.Invalid("name.too_long", "max", longestName)
	}
	return Name(s), nil
}

// Plain gives the name in full.
func (n Name) Plain() string { return string(n) }

// Fold gives the name folded for search and comparison, see Fold.
func (n Name) Fold() string { return Fold(string(n)) }

// Anomalies of a name: what the civil registry counts as a fault in a name on a KTP.
const (
	WarnNamePunctuation = "name.punctuation" // dots, commas and other marks; apostrophe and hyphen are letters of names
	WarnNameAbbreviated = "name.abbreviated" // a word of one letter
	WarnNameDigits      = "name.has_digits"
)

// Warnings gives the codes of the anomalies the name has. They never stop a record.
func (n Name) Warnings() []string {
	var codes []string
	if strings.IndexFunc(string(n), func(r rune) bool {
		return (unicode.IsPunct(r) || unicode.IsSymbol(r)) && !isApostrophe(r) && r != '-'
	}) >= 0 {
		codes = append(codes, WarnNamePunctuation)
	}
	for word := range strings.FieldsSeq(n.Fold()) {
		if utf8.RuneCountInString(word) == 1 {
			codes = append(codes, WarnNameAbbreviated)
			break
		}
	}
	if strings.IndexFunc(string(n), unicode.IsDigit) >= 0 {
		codes = append(codes, WarnNameDigits)
	}
	return codes
}

// String shows the first letter of each word, "S••• A•••", whatever their length.
func (n Name) String() string {
	var b strings.Builder
	for i, word := range strings.Fields(string(n)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		first, _ := utf8.DecodeRuneInString(word)
		b.WriteRune(first)
		b.WriteString("•••")
	}
	return b.String()
}

// Format prints the name masked whatever the verb.
func (n Name) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(n.String())) }

// LogValue logs the name masked.
func (n Name) LogValue() slog.Value { return slog.StringValue(n.String()) }

// Fold gives the form of a name in which search and comparison work: upper case, marks stripped
// (É is E), apostrophes dropped (MA'RUF is MARUF), any other punctuation and blanks one space. A
// name that is clean already is returned as it is, without allocation. Fold(Fold(s)) is Fold(s).
func Fold(s string) string {
	if clean(s) {
		return s
	}
	return string(AppendFold(make([]byte, 0, len(s)), s))
}

// clean reports whether the name is folded: capital letters and digits of ASCII with single spaces
// between them.
func clean(s string) bool {
	space := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			space = false
		case c == ' ' && !space:
			space = true
		default:
			return false
		}
	}
	return !space || s == ""
}

// AppendFold appends the folded name to dst; for ASCII names it allocates nothing else.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	gap := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		case c == '\'' || c == '`':
			continue
		case c >= utf8.RuneSelf:
			return appendFoldUnicode(dst[:start], s)
		default:
			gap = true
			continue
		}
		if gap && len(dst) > start {
			dst = append(dst, ' ')
		}
		gap = false
		dst = append(dst, c)
	}
	return dst
}

// appendFoldUnicode is AppendFold for names with letters outside of ASCII.
func appendFoldUnicode(dst []byte, s string) []byte {
	start, gap := len(dst), false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r) || isApostrophe(r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && len(dst) > start {
			dst = append(dst, ' ')
		}
		gap = false
		dst = utf8.AppendRune(dst, unicode.ToUpper(r))
	}
	return dst
}

// isApostrophe knows the marks typed for hamza and ain, and quotes turned by word processors.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', 'ʻ', 'ʼ', 'ʾ', 'ʿ':
		return true
	}
	return false
}

// FoldEqual reports whether two names are the same after folding, which is how the civil registry
// compares: exactly, so that one letter off is another name. It does not allocate for ASCII names.
func FoldEqual(a, b string) bool {
	if a == b {
		return true
	}
	var left, right [96]byte
	return string(AppendFold(left[:0], a)) == string(AppendFold(right[:0], b))
}
