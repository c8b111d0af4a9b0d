package usage

import (
	"fmt"
	"path"
	"slices"

	"tepat/internal/kit/i18n"
)

// Check holds what was found against the catalogue and gives one line for every gap: a code or
// key without words, or a fact the words want that the source does not give.
func Check(found Found, c *i18n.Catalogue) []string {
	var gaps []string
	for _, u := range found.Errors {
		gaps = append(gaps, gap(u, "error."+u.Key, c)...)
	}
	for _, u := range found.Messages {
		gaps = append(gaps, gap(u, u.Key, c)...)
	}
	keys := c.Keys()
	for _, u := range found.Parts {
		if !slices.ContainsFunc(keys, func(k string) bool { ok, _ := path.Match(u.Key, k); return ok }) {
			gaps = append(gaps, fmt.Sprintf("%s: no key like %q in web/messages", u.At, u.Key))
		}
	}
	for _, at := range found.Unclear {
		gaps = append(gaps, fmt.Sprintf("%s: the code of this error cannot be followed; write it as a literal", at))
	}
	return gaps
}

func gap(u Use, key string, c *i18n.Catalogue) []string {
	if !c.Has(key) {
		return []string{fmt.Sprintf("%s: %q is not in web/messages", u.At, key)}
	}
	if u.Open {
		return nil
	}
	var gaps []string
	for _, fact := range c.Facts(key) {
		if !slices.Contains(u.Facts, fact) {
			gaps = append(gaps, fmt.Sprintf("%s: %q wants the fact {%s}, which is not given here", u.At, key, fact))
		}
	}
	return gaps
}
