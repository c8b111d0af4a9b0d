package i18n

import "strings"

// entry is one line of a fragment.
type entry struct {
	line    int
	key     string
	id, eng string
}

// plainEntries reads a fragment that is written a message a line, key: {id: "…", en: "…"}, which is how all of ours are: every
// start of the program reads them, and a parser of all of YAML takes most of that start for it. Anything else is no plain
// fragment, and is left to that parser, which also says what is wrong.
func plainEntries(text string) (out []entry, plain bool) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		e, ok := plainEntry(line)
		if !ok {
			return nil, false
		}
		e.line = n
		out = append(out, e)
	}
	return out, true
}

func plainEntry(line string) (e entry, ok bool) {
	key, rest, ok := strings.Cut(line, `: {id: "`)
	if !ok || !plainKey(key) {
		return e, false
	}
	e.key = key
	if e.id, rest, ok = quoted(rest); !ok {
		return e, false
	}
	if rest, ok = strings.CutPrefix(rest, `, en: "`); !ok {
		return e, false
	}
	e.eng, rest, ok = quoted(rest)
	return e, ok && rest == "}"
}

// plainKey reports whether a text is a key in every reading of YAML: a letter first, then letters, digits, dots, marks.
func plainKey(key string) bool {
	if key == "" || strings.Trim(key[:1], "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	return strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == ""
}

// quoted reads up to the closing quote and gives what stands behind it. Of escapes it knows \" and \\ only.
func quoted(text string) (value, rest string, ok bool) {
	from := 0
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String() + text[from:i], text[i+1:], true
		case c == '\\':
			if i+1 == len(text) || text[i+1] != '"' && text[i+1] != '\\' {
				return "", "", false
			}
			b.WriteString(text[from:i])
			from = i + 1
			i++
		case c < ' ' || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}
