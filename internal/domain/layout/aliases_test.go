package layout

import (
	"strings"
	"testing"
)

// A heading that stands in the lists of two fields would silently go to one of them.
func TestEveryAliasMeansItsOwnField(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		known := kind.known()
		own := make(map[string]bool) // headings that the kind gives a meaning of its own
		for f, list := range kindAliases[kind] {
			for name := range strings.SplitSeq(list, ",") {
				own[fold(name)] = true
				if known[fold(name)] != f {
					t.Errorf("%s: %q means %s, not %s", kind, name, known[fold(name)], f)
				}
			}
		}
		for f := range allFields {
			if !kind.accepts(f) {
				continue
			}
			for name := range strings.SplitSeq(names[f].name+","+aliases[f], ",") {
				if key := fold(name); key != "" && !own[key] && known[key] != f {
					t.Errorf("%s: %q means %s, not %s", kind, strings.TrimSpace(name), known[key], f)
				}
			}
		}
	}
}

func TestEveryFieldHasANameAndAHome(t *testing.T) {
	t.Parallel()
	for f := range allFields {
		if names[f].name == "" || byName[names[f].name] != f {
			t.Errorf("field %d is named %q", f, names[f].name)
		}
	}
	for f := range Fields {
		home := false
		for _, kind := range Kinds() {
			home = home || kind.Has(f)
		}
		if !home {
			t.Errorf("no kind of table has %s", f)
		}
	}
	if Field(noField).String() != "" {
		t.Error("no field has a name")
	}
}
