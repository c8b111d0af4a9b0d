package linkage

import "strings"

// orElse parts the alternatives of a key: "birth + area else birth + village".
const orElse = " else "

// alternatives gives the keys a text names, in the order in which they are tried.
func alternatives(text string) []string { return strings.Split(text, orElse) }

// key makes the first alternative of a key whose columns are all there.
func (p *plan) key(text string) (key, bool) {
	for _, one := range alternatives(text) {
		if k, ok := p.keyOf(strings.TrimSpace(one)); ok {
			return k, true
		}
	}
	return key{}, false
}

// spared tells whether a column is left out because another, which tells the same better, is there.
func (p *plan) spared(c *columnFile) bool { return c.Instead != "" && p.of(c.Instead) != nil }
