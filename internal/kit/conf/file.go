package conf

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
)

// entry is one value of the YAML file with the line it stands on.
type entry struct {
	text string
	line int
}

func (l *loader) readFile() error {
	l.file = map[string]entry{}
	if l.from.File == "" {
		return nil
	}
	b, err := l.from.ReadFile(l.from.File)
	if err != nil {
		return fail.NotFound("conf.file_absent", "file", l.from.File).Because(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return fail.Invalid("conf.file_unreadable", "file", l.from.File).Because(err)
	}
	if len(doc.Content) == 0 { // an empty file sets nothing
		return nil
	}
	if !flatten(l.file, doc.Content[0], "") {
		return fail.Invalid("conf.file_unreadable", "file", l.from.File)
	}
	return nil
}

// flatten puts every scalar and every list of scalars under its dotted key; it gives false
// for a shape no setting has, such as a list of maps.
func flatten(into map[string]entry, node *yaml.Node, key string) bool {
	switch node.Kind {
	case yaml.ScalarNode:
		into[key] = entry{node.Value, node.Line}
		return key != ""
	case yaml.SequenceNode:
		var items []string
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return false
			}
			items = append(items, item.Value)
		}
		into[key] = entry{strings.Join(items, ","), node.Line}
		return key != ""
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !flatten(into, node.Content[i+1], strings.TrimPrefix(key+"."+node.Content[i].Value, ".")) {
				return false
			}
		}
		return true
	}
	return false
}

// leftOver reports keys of the file that no field took: most are misspelt.
func (l *loader) leftOver() {
	for _, key := range slices.Sorted(maps.Keys(l.file)) {
		l.errs = append(l.errs, fail.Invalid("conf.key_unknown", "key", key, "file", l.from.File, "line", l.file[key].line))
	}
}
