package linkage

import (
	"bytes"
	"math"
	"strconv"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
)

// rewrite puts the new numbers into the model's file, whose comments and order stay.
func (e *Engine) rewrite(t *Training) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(e.model.text, &root); err != nil {
		return nil, fail.Invalid("linkage.model_syntax", "detail", detail(err)).Because(err)
	}
	if version := child(root.Content[0], "version"); version != nil {
		version.SetString(e.model.file.Version + "-trained")
	}
	list := child(root.Content[0], "comparisons")
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		levels := child(list.Content[e.model.comparison(c.file.Name)], "levels")
		for j := range c.file.Levels {
			setNumber(levels.Content[j], "m", t.m[k][j])
			setNumber(levels.Content[j], "u", t.u[k][j])
		}
	}
	e.setPrior(root.Content[0], t.Prior)
	var out bytes.Buffer
	w := yaml.NewEncoder(&out)
	w.SetIndent(2)
	if err := w.Encode(&root); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// child gives the value of a mapping's field, or nil.
func child(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

// setNumber gives a field of a mapping a number, and the mapping the field where it has none.
func setNumber(level *yaml.Node, name string, v float64) {
	at := child(level, name)
	if at == nil {
		at = &yaml.Node{Kind: yaml.ScalarNode}
		level.Content = append(level.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, at)
	}
	at.Tag, at.Style = "!!float", 0
	at.Value = strconv.FormatFloat(max(v, 1e-12), 'g', 4, 64)
	if f, err := strconv.ParseFloat(at.Value, 64); err == nil && f == math.Trunc(f) {
		at.Tag = ""
	}
}

func (e *Engine) setPrior(top *yaml.Node, prior float64) {
	name := "duplicates"
	if e.sources[1] != nil {
		name = "listed"
	}
	if child(top, "prior") == nil {
		top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "prior"}, &yaml.Node{Kind: yaml.MappingNode})
	}
	at := child(top, "prior")
	if child(at, name) == nil {
		at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, &yaml.Node{Kind: yaml.ScalarNode})
	}
	setNumber(at, name, prior)
}
