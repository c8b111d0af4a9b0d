package insight

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// NameGroups tell kinds of names apart, so that the figures show whether people of one kind are found less often
// than others. They say nothing of a person; only counts by kind are ever kept.
type NameGroups struct {
	muhammad, particles, order, clans map[string]bool
}

// The kinds of names, in the order in which a name is looked at.
const (
	nameMononym  = "mononym"
	nameMuhammad = "muhammad"
	nameBalinese = "balinese"
	nameClan     = "clan"
	nameOther    = "other"
)

func nameKinds() []string {
	return []string{nameMononym, nameMuhammad, nameBalinese, nameClan, nameOther}
}

// ParseNameGroups reads the name tables of data/linkage and the family names of data/repair. The errors are for
// the one who edits the data.
func ParseNameGroups(names, clans []byte) (NameGroups, error) {
	var tables struct {
		Particles  []string
		OrderWords []string `yaml:"order_words"`
		Families   [][]string
	}
	var list struct{ Clans []string }
	if err := yaml.Unmarshal(names, &tables); err != nil {
		return NameGroups{}, fmt.Errorf("name tables: %w", err)
	}
	if err := yaml.Unmarshal(clans, &list); err != nil {
		return NameGroups{}, fmt.Errorf("family names: %w", err)
	}
	at := slices.IndexFunc(tables.Families, func(f []string) bool { return len(f) > 0 && f[0] == "MUHAMMAD" })
	if at < 0 || len(tables.OrderWords) == 0 || len(list.Clans) == 0 {
		return NameGroups{}, fmt.Errorf("name tables: no spellings of MUHAMMAD, no order words or no family names")
	}
	set := func(words []string) map[string]bool {
		out := make(map[string]bool, len(words))
		for _, w := range words {
			out[w] = true
		}
		return out
	}
	return NameGroups{muhammad: set(tables.Families[at]), particles: set(tables.Particles), order: set(tables.OrderWords), clans: set(list.Clans)}, nil
}

// of gives the kind of a folded name.
func (g *NameGroups) of(name string) string {
	first, rest, more := strings.Cut(name, " ")
	if !more {
		return nameMononym
	}
	second, _, _ := strings.Cut(rest, " ")
	switch {
	case g.muhammad[first]:
		return nameMuhammad
	case g.order[first] || g.particles[first] && g.order[second]:
		return nameBalinese
	case g.clans[name[strings.LastIndexByte(name, ' ')+1:]]:
		return nameClan
	}
	return nameOther
}
