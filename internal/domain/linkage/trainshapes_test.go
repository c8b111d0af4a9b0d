package linkage_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	tables "tepat/data/linkage"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
)

// levelLine is a level of a comparison as models write it.
var levelLine = regexp.MustCompile(`(?m)^(\s+- \{level: .*?)m: ([0-9.e-]+), u: ([0-9.e-]+)(.*)$`)

// crude puts numbers into a model that anybody could guess who knows nothing: matches agree in so much, random pairs in
// so little, and all levels between share the rest.
func crude(t *testing.T, path string, agree, chance float64) *engine.Model {
	t.Helper()
	text := string(tables.Identity)
	if path != "" {
		text = string(modelOf(t, path).Text())
	}
	head, rest, _ := strings.Cut(text, "\ncomparisons:")
	cut := regexp.MustCompile(`(?m)^\w`).FindStringIndex(rest)[0]
	parts := strings.Split(rest[:cut], "\n    levels:")
	for i := 1; i < len(parts); i++ {
		n := float64(len(levelLine.FindAllString(parts[i], -1)))
		j := -1.0
		parts[i] = levelLine.ReplaceAllStringFunc(parts[i], func(line string) string {
			j++
			m, u := (1-agree)/(n-1), chance/max(n-2, 1)
			switch j {
			case 0:
				m, u = agree, chance/10
			case n - 1:
				u = 1 - chance*1.1
			}
			p := levelLine.FindStringSubmatch(line)
			return p[1] + "m: " + strconv.FormatFloat(m*0.9999, 'g', 6, 64) + ", u: " + strconv.FormatFloat(u*0.9999, 'g', 6, 64) + p[4]
		})
	}
	m, err := engine.ParseModel([]byte(head+"\ncomparisons:"+strings.Join(parts, "\n    levels:")+rest[cut:]), tablesOf)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shops makes a list of shops of which some stand twice.
func shops(seed uint64, n, twice int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: []string{"shop", "name", "street", "town", "phone", "opened", "trade", "entity"}}
	for i := range n {
		town := m.skewed(60)
		p := []string{
			fmt.Sprint("s", i), word(m.skewed(700)) + " " + word(20000+m.skewed(40)), word(30000+m.IntN(500)) + " road", word(40000+town) + "ton",
			fmt.Sprint(100000 + m.IntN(900000)), fmt.Sprint(1950 + m.IntN(70)), word(50000 + m.skewed(12)), fmt.Sprint("e", i),
		}
		s.add(p...)
		if m.IntN(1000) >= twice {
			continue
		}
		d := append([]string(nil), p...)
		d[0] += "b"
		for range 1 + m.IntN(3) {
			if at := 1 + m.IntN(6); m.IntN(4) == 0 {
				d[at] = ""
			} else {
				d[at] = m.typo(d[at])
			}
		}
		s.add(d...)
	}
	return s.shuffled(seed)
}

// registry makes a list of the people of so many families, of whom so many in a thousand stand twice.
func registry(seed uint64, families, twice int) *sheet {
	m := newMaker(seed)
	s := &sheet{header: append(townHeader, "entity")}
	for n := range families {
		for _, p := range m.family(n) {
			entity := fmt.Sprint("p", len(s.rows))
			s.add(append(append([]string{entity}, p[1:]...), entity)...)
			if m.IntN(1000) < twice {
				s.add(append(append([]string{entity + "b"}, m.damaged(p)[1:]...), entity)...)
			}
		}
	}
	return s.shuffled(seed)
}

// shape is data of one kind, with a model set by hand.
type shape struct {
	model       string // its file; empty for Indonesian identity
	left, right func(seed uint64) *sheet
	few         bool // some dozens of matches: too few to mend numbers that are crudely wrong
}

func shapes() map[string]shape {
	febrlSide := func(right bool) func(uint64) *sheet {
		return func(seed uint64) *sheet {
			left, other := febrlTwo(seed, 400)
			if right {
				return other
			}
			return left
		}
	}
	return map[string]shape{
		"Indonesian registry, one in 50 twice":  {"", func(seed uint64) *sheet { return registry(seed, 1500, 20) }, nil, true},
		"Indonesian registry, one in 160 twice": {"", func(seed uint64) *sheet { return registry(seed, 2500, 6) }, nil, true},
		"list with copies":                      {"../../../data/linkage/febrl.yaml", func(seed uint64) *sheet { return febrl(seed, 500) }, nil, false},
		"list with few copies":                  {"../../../data/linkage/febrl.yaml", func(seed uint64) *sheet { return sparse(febrl(seed, 2400), 12) }, nil, false},
		"pair of lists":                         {"../../../data/linkage/febrl.yaml", febrlSide(false), febrlSide(true), false},
		"historical persons":                    {"../../../data/linkage/historical.yaml", func(seed uint64) *sheet { return historical(seed, 400) }, nil, false},
		"shops, one in 100 twice":               {"testdata/shops.yaml", func(seed uint64) *sheet { return shops(seed, 5000, 10) }, nil, true},
		"shops, one in 4 twice":                 {"testdata/shops.yaml", func(seed uint64) *sheet { return shops(seed, 2000, 250) }, nil, false},
	}
}

// sparse drops the copies of all but one in so many things.
func sparse(s *sheet, one int) *sheet {
	out := &sheet{header: s.header}
	for _, r := range s.rows {
		n, _ := strconv.Atoi(strings.TrimPrefix(r[len(r)-1], "e"))
		if strings.HasSuffix(r[0], "org") || n%one == 0 {
			out.add(r...)
		}
	}
	return out
}

// grain is how much F1 a training may lose: a pair or two of some dozens of matches.
const grain = 0.02

// TestTrainingGoesNowhereWorse: on data of many kinds, training loses no F1 beyond the grain against the model it
// began with, and from numbers that are crudely wrong it ends close to the model set by hand where there are matches
// enough to learn from. It is fitted on one list and measured on another.
func TestTrainingGoesNowhereWorse(t *testing.T) {
	t.Parallel()
	for name, s := range shapes() {
		hand := identity(t)
		if s.model != "" {
			hand = modelOf(t, s.model)
		}
		table := func(seed uint64) (left *sheet, right engine.Source) {
			if s.right != nil {
				return s.left(seed), s.right(seed)
			}
			return s.left(seed), nil
		}
		f1 := func(m *engine.Model) float64 {
			left, right := table(902)
			return evaluated(t, prepare(t, m, left, right, engine.Options{Workers: 2}), right != nil).Chosen.F1
		}
		fitted := func(m *engine.Model) float64 {
			left, right := table(901)
			fit, err := prepare(t, m, left, right, engine.Options{Workers: 2}).Train()
			if fail.CodeOf(err) == "linkage.train_pairs" {
				return f1(m)
			}
			if err != nil {
				t.Fatal(err)
			}
			next, err := engine.ParseModel(fit.Text, tablesOf)
			if err != nil {
				t.Fatal(err)
			}
			return f1(next)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := f1(hand)
			best := before
			if after := fitted(hand); after < before-grain {
				t.Errorf("F1 %.4f, after training %.4f", before, after)
			} else {
				t.Logf("F1 %.4f, after training %.4f", before, after)
				best = min(before, after)
			}
			for what, m := range map[string]*engine.Model{
				"shy":  crude(t, s.model, 0.4, 0.2),
				"bold": crude(t, s.model, 0.95, 0.05),
			} {
				start, after := f1(m), fitted(m)
				t.Logf("%s numbers: F1 %.4f, after training %.4f", what, start, after)
				if after < start-2*grain || !s.few && after < best-grain {
					t.Errorf("%s numbers: F1 %.4f, after training %.4f; set by hand %.4f", what, start, after, before)
				}
			}
		})
	}
}
