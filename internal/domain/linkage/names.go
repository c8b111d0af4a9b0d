package linkage

import (
	"sort"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
)

// Names holds the tables names are normalised with: titles, families of spellings, old spelling,
// sounds. They are data, for one country or another; the zero value has none and leaves words as they
// are. It is made by ParseNames and never changes.
type Names struct {
	version      string
	before       map[string]bool
	after        map[string]bool
	patronym     map[string]bool
	particles    map[string]bool
	orderWords   map[string]bool
	placeholders map[string]bool
	unnamed      map[string]bool   // how the name of somebody begins who has none of her own yet
	asides       string            // signs behind which no name stands any more
	family       map[string]string // spelling -> the spelling that stands for all
	known        map[string]bool   // the spellings that stand for a family
	keep         map[string]bool
	always       []rewrite
	context      []rewrite
	sound        []rewrite
	nickPrefixes []string
	nickRest     int
	groups       []nameGroup

	longestPlaceholder int // words
}

// rewrite replaces from by to; atEnd restricts it to the end of a token.
type rewrite struct {
	from, to string
	atEnd    bool
}

type namesFile struct {
	Version      string   `yaml:"version"`
	Unverified   bool     `yaml:"unverified"`
	Before       []string `yaml:"titles_before"`
	After        []string `yaml:"titles_after"`
	Patronym     []string `yaml:"patronym_marks"`
	Particles    []string `yaml:"particles"`
	OrderWords   []string `yaml:"order_words"`
	Placeholders []string `yaml:"placeholders"`
	Unnamed      []string `yaml:"unnamed"`
	Asides       string   `yaml:"asides"`
	Families     [][]string
	Old          struct {
		Always  map[string]string `yaml:"always"`
		Context map[string]string `yaml:"in_context"`
		Keep    []string          `yaml:"keep"`
	} `yaml:"old_spelling"`
	Sound []struct {
		From, To, At string
	} `yaml:"sound"`
	Groups   []nameGroup `yaml:"groups"`
	Nickname struct {
		Prefixes []string `yaml:"prefixes"`
		MinRest  int      `yaml:"min_rest"`
	} `yaml:"nickname"`
}

// ParseNames reads the YAML text of the name tables. Errors: linkage.names_syntax when it is not the
// expected YAML, linkage.names_family when one spelling stands in two families.
func ParseNames(text []byte) (*Names, error) {
	var file namesFile
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fail.Invalid("linkage.names_syntax").Because(err)
	}
	n := &Names{
		version: file.Version, before: setOf(file.Before), after: setOf(file.After), patronym: setOf(file.Patronym),
		particles: setOf(file.Particles), orderWords: setOf(file.OrderWords), placeholders: setOf(file.Placeholders), unnamed: setOf(file.Unnamed), asides: file.Asides,
		keep: setOf(file.Old.Keep), nickPrefixes: file.Nickname.Prefixes, nickRest: file.Nickname.MinRest, groups: file.Groups,
		always: rewritesOf(file.Old.Always), context: rewritesOf(file.Old.Context, file.Old.Always),
	}
	for _, s := range file.Sound {
		n.sound = append(n.sound, rewrite{from: s.From, to: s.To, atEnd: s.At == "end"})
	}
	longestFirst(n.sound)
	for _, p := range file.Placeholders {
		n.longestPlaceholder = max(n.longestPlaceholder, strings.Count(p, " ")+1)
	}
	return n, n.addFamilies(file.Families)
}

func (n *Names) addFamilies(families [][]string) error {
	n.family, n.known = map[string]string{}, map[string]bool{}
	for _, family := range families {
		for _, spelling := range family {
			if _, taken := n.family[spelling]; taken {
				return fail.Invalid("linkage.names_family", "spelling", spelling)
			}
			n.family[spelling] = family[0]
		}
		if len(family) > 0 {
			n.known[family[0]] = true
		}
	}
	return nil
}

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

func rewritesOf(tables ...map[string]string) []rewrite {
	var list []rewrite
	for _, table := range tables {
		for from, to := range table {
			list = append(list, rewrite{from: from, to: to})
		}
	}
	longestFirst(list)
	return list
}

// longestFirst orders rules so that the first that fits is the right one; at equal length a rule for
// the end of a token goes before one for any place.
func longestFirst(rules []rewrite) {
	sort.Slice(rules, func(i, j int) bool {
		a, b := rules[i], rules[j]
		if len(a.from) != len(b.from) {
			return len(a.from) > len(b.from)
		}
		if a.atEnd != b.atEnd {
			return a.atEnd
		}
		return a.from < b.from
	})
}

// apply rewrites token in one pass from left to right; the result of a rule is not rewritten again.
func apply(rules []rewrite, token string) string {
	var out strings.Builder
	out.Grow(len(token))
scan:
	for i := 0; i < len(token); {
		for _, r := range rules {
			if strings.HasPrefix(token[i:], r.from) && (!r.atEnd || i+len(r.from) == len(token)) {
				out.WriteString(r.to)
				i += len(r.from)
				continue scan
			}
		}
		out.WriteByte(token[i])
		i++
	}
	return out.String()
}
