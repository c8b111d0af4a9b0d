package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Catalogue holds every message in every language. It does not change after Load.
type Catalogue struct {
	messages map[string]message
	origin   map[string]string // key to the fragment it came from, for the duplicate report
}

type message [langCount]template

// Load reads every *.yaml file at the root of fsys into one catalogue.
//
// All faults are reported together: a key that stands twice, a missing language, an unclosed
// brace, an unknown format, and placeholders that differ between the languages.
func Load(fsys fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("i18n: list fragments: %w", err)
	}
	c := &Catalogue{messages: map[string]message{}, origin: map[string]string{}}
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("i18n: read %s: %w", name, err)
		}
		faults = append(faults, c.merge(name, text)...)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("i18n: catalogue: %w", errors.Join(faults...))
	}
	return c, nil
}

// merge adds one fragment and returns its faults; good entries are kept beside bad ones, so
// that one report names everything.
func (c *Catalogue) merge(name string, text []byte) []error {
	if entries, plain := plainEntries(string(text)); plain {
		return c.addPlain(name, entries)
	}
	return c.mergeYAML(name, text)
}

// addPlain adds the entries of a plain fragment.
func (c *Catalogue) addPlain(name string, entries []entry) (faults []error) {
	for _, e := range entries {
		m, err := newMessage(e.id, e.eng)
		faults = append(faults, c.add(name, e.key, e.line, m, err)...)
	}
	return faults
}

// add keeps a message, or gives what is wrong with it.
func (c *Catalogue) add(name, key string, line int, m message, err error) []error {
	where := fmt.Sprintf("%s:%d", path.Base(name), line)
	if before, twice := c.origin[key]; twice {
		return []error{fmt.Errorf("%s: %s: already defined in %s", where, key, before)}
	}
	if err != nil {
		return []error{fmt.Errorf("%s: %s: %w", where, key, err)}
	}
	c.messages[key], c.origin[key] = m, where
	return nil
}

// newMessage makes a message of its two sentences.
func newMessage(id, en string) (m message, err error) {
	for lang, source := range [langCount]string{Indonesian: id, English: en} {
		if m[lang], err = parseTemplate(source); err != nil {
			return m, fmt.Errorf("%s: %w", Lang(lang), err)
		}
	}
	return m, m.check()
}

// mergeYAML adds a fragment however it is written.
func (c *Catalogue) mergeYAML(name string, text []byte) []error {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	if len(doc.Content) == 0 { // an empty fragment is a package that has nothing to say yet
		return nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return []error{fmt.Errorf("%s:%d: a fragment is a mapping of key to {id, en}", name, root.Line)}
	}
	var faults []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		m, err := parseMessage(value)
		faults = append(faults, c.add(name, key.Value, key.Line, m, err)...)
	}
	return faults
}

func parseMessage(node *yaml.Node) (message, error) {
	var m message
	if node.Kind != yaml.MappingNode {
		return m, errors.New("want {id: ..., en: ...}")
	}
	var seen [langCount]bool
	for i := 0; i+1 < len(node.Content); i += 2 {
		lang, ok := ParseLang(node.Content[i].Value)
		if !ok || seen[lang] {
			return m, fmt.Errorf("language %q is unknown or stands twice", node.Content[i].Value)
		}
		seen[lang] = true
		t, err := parseTemplate(node.Content[i+1].Value)
		if err != nil {
			return m, fmt.Errorf("%s: %w", lang, err)
		}
		m[lang] = t
	}
	for lang := range langCount {
		if !seen[lang] {
			return m, fmt.Errorf("language %s is missing", lang)
		}
	}
	return m, m.check()
}

// check refuses a message that lacks a sentence, or whose sentences want different facts.
func (m message) check() error {
	for lang := range langCount {
		if strings.TrimSpace(m[lang].source) == "" {
			return fmt.Errorf("language %s is missing", lang)
		}
	}
	if a, b := m[Indonesian].facts(), m[English].facts(); !slices.Equal(a, b) {
		return fmt.Errorf("placeholders differ: id has %v, en has %v", a, b)
	}
	return nil
}

// Printer gives a printer for the language.
func (c *Catalogue) Printer(l Lang) Printer { return Printer{catalogue: c, Lang: l} }

// Has reports whether key is in the catalogue.
func (c *Catalogue) Has(key string) bool { _, ok := c.messages[key]; return ok }

// Keys lists every key in order.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.messages))
	for k := range c.messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Facts lists the names the message of key wants filled, in order; nil for an unknown key.
func (c *Catalogue) Facts(key string) []string {
	m, ok := c.messages[key]
	if !ok {
		return nil
	}
	return m[Indonesian].facts()
}

// Source gives the unfilled sentence of key, for documents that list the catalogue.
func (c *Catalogue) Source(l Lang, key string) string { return c.messages[key][l].source }
