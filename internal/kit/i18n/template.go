package i18n

import (
	"fmt"
	"slices"
	"strings"
)

// template is a sentence cut at its placeholders. A sentence without any is kept in plain.
type template struct {
	source   string
	plain    string
	segments []segment
}

// segment is fixed text, or a fact to fill in when name is set.
type segment struct {
	text   string
	name   string
	format format
}

// parseTemplate cuts "NIK harus 16 angka, Anda mengetik {digits}." into segments.
//
// A placeholder is {name} or {name:format}; "{{" stands for a brace.
func parseTemplate(source string) (template, error) {
	t := template{source: source}
	var fixed strings.Builder
	rest := source
	for rest != "" {
		cut := strings.IndexByte(rest, '{')
		if cut < 0 {
			break
		}
		fixed.WriteString(rest[:cut])
		rest = rest[cut+1:]
		if strings.HasPrefix(rest, "{") {
			fixed.WriteByte('{')
			rest = rest[1:]
			continue
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return t, fmt.Errorf("unclosed brace in %q", source)
		}
		name, verb, _ := strings.Cut(inside, ":")
		f, known := parseFormat(verb)
		if name == "" || !known {
			return t, fmt.Errorf("unknown placeholder {%s}", inside)
		}
		t.segments = append(t.segments, segment{text: fixed.String()}, segment{name: name, format: f})
		fixed.Reset()
		rest = after
	}
	fixed.WriteString(rest)
	if len(t.segments) == 0 {
		t.plain = fixed.String()
		return t, nil
	}
	t.segments = append(t.segments, segment{text: fixed.String()})
	return t, nil
}

// facts lists the distinct names of the placeholders in order.
func (t template) facts() []string {
	var names []string
	for _, s := range t.segments {
		if s.name != "" && !slices.Contains(names, s.name) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}

// fill writes the sentence. A fact that was not given stays visible as its placeholder.
func (t template) fill(p Printer, facts []any) string {
	var b strings.Builder
	b.Grow(len(t.source) + 8*len(t.segments))
	for _, s := range t.segments {
		if s.name == "" {
			b.WriteString(s.text)
			continue
		}
		if value, ok := find(facts, s.name); ok {
			b.WriteString(p.value(s.format, value))
		} else {
			b.WriteString("{" + s.name + "}")
		}
	}
	return b.String()
}

func find(facts []any, name string) (any, bool) {
	for i := 0; i+1 < len(facts); i += 2 {
		if key, _ := facts[i].(string); key == name {
			return facts[i+1], true
		}
	}
	return nil, false
}
