package usage

import (
	"fmt"
	"slices"
	"strings"

	"tepat/internal/kit/i18n"
)

// Document writes docs/errors.md: every error code with its kind, its words and the package
// that raises it.
func Document(found Found, c *i18n.Catalogue) string {
	kinds, origins := map[string][]string{}, map[string][]string{}
	for _, u := range found.Errors {
		kinds[u.Key] = add(kinds[u.Key], u.Kind)
		origins[u.Key] = add(origins[u.Key], packageOf(u.At))
	}
	var b strings.Builder
	b.WriteString("# Errors\n\nWritten by `go run ./web/messages/errors`; do not edit. A code is stable: scripts and help desks may rely on it.\n" +
		"The words are in `web/messages`. Kinds and their answers: Invalid 422, Unauthorized 401, Forbidden 403, NotFound 404,\n" +
		"Conflict and Awaiting 409, Limited 429, Unavailable 503. A dash means that the code is put together while the program runs.\n\n" +
		"| code | kind | Indonesian | English | raised in |\n|---|---|---|---|---|\n")
	for _, key := range c.Keys() {
		code, isError := strings.CutPrefix(key, "error.")
		if !isError {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", code, list(kinds[code]),
			cell(c.Source(i18n.Indonesian, key)), cell(c.Source(i18n.English, key)), list(origins[code]))
	}
	return b.String()
}

func packageOf(at string) string {
	file, _, _ := strings.Cut(at, ":")
	return strings.TrimPrefix(file[:max(0, strings.LastIndexByte(file, '/'))], "internal/")
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func list(items []string) string {
	if len(items) == 0 {
		return "–"
	}
	slices.Sort(items)
	return strings.Join(items, ", ")
}

func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text)
}
