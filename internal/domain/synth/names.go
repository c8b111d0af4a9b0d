package synth

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
)

// NameTexts are the name tables of data/names.
type NameTexts struct {
	Male, Female, Clans []byte // CSV
	Communities, Words  []byte // YAML
}

// The eras of given names: what parents called a child changed with the times.
const (
	eraOld    = iota // born before 1970
	eraMiddle        // born 1970 to 1994
	eraYoung         // born 1995 or later
	eras
)

func eraOf(year int) int {
	switch {
	case year < 1970:
		return eraOld
	case year < 1995:
		return eraMiddle
	}
	return eraYoung
}

// community is one way of forming names, with its tables filled.
type community struct {
	id       string
	pattern  string
	given    [2][eras]*lot[string] // by sex (man, woman) and era
	last     [2]*lot[string]       // second names of people without a clan
	clans    *lot[string]          // nil without clans
	mononyms []mononymShare
	pious    [2]*lot[string] // words before the given name; nil when the faith has none
	piousIn  int             // share of the young, per mille
}

type mononymShare struct {
	Until int     `yaml:"until"`
	Share float64 `yaml:"share"`
}

// vocabulary is everything the generator knows of names and the words around them.
type vocabulary struct {
	communities map[string]*community
	homes       map[area.Code]*lot[*community]
	order       [2][]*lot[string] // Balinese birth order by sex
	nicknames   map[string]string
	short       map[string]string
	before      [2][]string
	after       []string
	blanks      []string
	twins       [][2]string
	streets     map[area.Code][]string
	hamlets     []string
	phones      []string
}

type nameRow struct {
	name, role, group string
	weight            int
}

type communityText struct {
	First     map[string]int `yaml:"first"`
	Faith     string         `yaml:"faith"`
	Pattern   string         `yaml:"pattern"`
	Clan      string         `yaml:"clan"`
	Subgroups []string       `yaml:"subgroups"`
	Mononym   string         `yaml:"mononym"`
	Pious     float64        `yaml:"pious"`
}

type weightedWord struct {
	Word   string `yaml:"word"`
	Weight int    `yaml:"weight"`
}

type communitiesText struct {
	Version     string                               `yaml:"version"`
	Unverified  bool                                 `yaml:"unverified"`
	Mononyms    map[string][]mononymShare            `yaml:"mononym_profiles"`
	Communities map[string]communityText             `yaml:"communities"`
	Areas       map[string]map[string]int            `yaml:"areas"`
	Order       map[string][][]string                `yaml:"balinese_order"`
	Pious       map[string]map[string][]weightedWord `yaml:"pious"`
}

type wordsText struct {
	Version      string              `yaml:"version"`
	Islam        []string            `yaml:"islam"`
	Kristen      []string            `yaml:"kristen"`
	Old          []string            `yaml:"old"`
	Young        []string            `yaml:"young"`
	Nicknames    map[string]string   `yaml:"nicknames"`
	Short        map[string]string   `yaml:"short"`
	TitlesBefore map[string][]string `yaml:"titles_before"`
	TitlesAfter  []string            `yaml:"titles_after"`
	Placeholders []string            `yaml:"placeholders"`
	Twins        [][2]string         `yaml:"twins"`
	Streets      map[string][]string `yaml:"streets"`
	Hamlets      []string            `yaml:"hamlets"`
	Phones       []string            `yaml:"phone_prefixes"`
}

// sexKeys are the sexes as files write them, in the order of the tables.
var sexKeys = [2]string{"L", "P"}

func sexIndex(s person.Sex) int {
	if s == person.Female {
		return 1
	}
	return 0
}

// readVocabulary parses the name tables. Its errors say which file is wrong; they are mistakes in
// the reference data, not of a user.
func readVocabulary(t NameTexts) (*vocabulary, error) {
	var rows [2][]nameRow
	var clans []nameRow
	var groups communitiesText
	var words wordsText
	var err error
	for i, text := range [][]byte{t.Male, t.Female} {
		if rows[i], err = readNames(text, 1, 3); err != nil {
			return nil, fmt.Errorf("given names: %w", err)
		}
	}
	if clans, err = readNames(t.Clans, 2, 3); err != nil {
		return nil, fmt.Errorf("clan names: %w", err)
	}
	if err = strictYAML(t.Communities, &groups); err != nil {
		return nil, fmt.Errorf("communities: %w", err)
	}
	if err = strictYAML(t.Words, &words); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return fillVocabulary(rows, clans, groups, words)
}

func strictYAML(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	return d.Decode(into)
}

// readNames reads a table of names; role is the column with the role (or subgroup), weight the one
// with the weight. The group stands in the remaining one of the first four.
func readNames(text []byte, role, weight int) ([]nameRow, error) {
	group := 3 - role // the two tables have role and group in swapped places
	r := csv.NewReader(bytes.NewReader(text))
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var rows []nameRow
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(fields[weight])
		if err != nil {
			return nil, err
		}
		rows = append(rows, nameRow{strings.ReplaceAll(strings.ToUpper(fields[0]), ".", ""), fields[role], fields[group], n})
	}
}

func fillVocabulary(rows [2][]nameRow, clans []nameRow, groups communitiesText, words wordsText) (*vocabulary, error) {
	v := &vocabulary{
		communities: map[string]*community{}, homes: map[area.Code]*lot[*community]{}, streets: map[area.Code][]string{},
		nicknames: words.Nicknames, short: words.Short, after: words.TitlesAfter, blanks: words.Placeholders,
		twins: words.Twins, hamlets: words.Hamlets, phones: words.Phones,
	}
	tags := newTags(words)
	for id, text := range groups.Communities {
		c, err := fillCommunity(id, text, rows, clans, groups, tags)
		if err != nil {
			return nil, err
		}
		v.communities[id] = c
	}
	for i, sex := range sexKeys {
		v.before[i] = words.TitlesBefore[sex]
		for _, choices := range groups.Order[sex] {
			v.order[i] = append(v.order[i], evenLot(choices))
		}
	}
	return v, v.fillAreas(groups, words)
}

func (v *vocabulary) fillAreas(groups communitiesText, words wordsText) error {
	for code, shares := range groups.Areas {
		c, err := area.Parse(code)
		if err != nil {
			return fmt.Errorf("communities: area %s: %w", code, err)
		}
		var who []*community
		var weights []int
		for _, id := range sortedKeys(shares) {
			if v.communities[id] == nil {
				return fmt.Errorf("communities: area %s: no community %q", code, id)
			}
			who, weights = append(who, v.communities[id]), append(weights, shares[id])
		}
		v.homes[c] = newLot(who, weights)
	}
	for code, streets := range words.Streets {
		c, err := area.Parse(code)
		if err != nil {
			return fmt.Errorf("words: streets of %s: %w", code, err)
		}
		v.streets[c] = streets
	}
	if v.homes[area.Nation] == nil || len(v.streets[area.Nation]) == 0 {
		return fmt.Errorf("names: no entry for the whole country (00)")
	}
	return nil
}

// tags says which given names are for one faith or one era only.
type tags struct {
	islam, kristen, old, young map[string]bool
}

func newTags(w wordsText) tags {
	set := func(names []string) map[string]bool {
		m := map[string]bool{}
		for _, name := range names {
			m[name] = true
		}
		return m
	}
	return tags{set(w.Islam), set(w.Kristen), set(w.Old), set(w.Young)}
}

// weight gives how often a name is drawn in an era, 0 for never.
func (t tags) weight(name, faith string, era int) int {
	switch {
	case t.islam[name] && faith != "islam", t.kristen[name] && faith != "kristen":
		return 0
	case t.old[name]:
		return [eras]int{12, 3, 0}[era]
	case t.young[name]:
		return [eras]int{0, 2, 12}[era]
	}
	return 4
}

// groupScale makes the shares of the groups of given names whole numbers.
const groupScale = 1_000_000

func fillCommunity(id string, text communityText, rows [2][]nameRow, clans []nameRow, groups communitiesText, t tags) (*community, error) {
	c := &community{id: id, pattern: text.Pattern, mononyms: groups.Mononyms[text.Mononym], piousIn: int(text.Pious*1000 + 0.5)}
	if len(c.mononyms) == 0 {
		return nil, fmt.Errorf("communities: %s: no mononym profile %q", id, text.Mononym)
	}
	isClan := map[string]bool{}
	for _, row := range clans {
		isClan[row.name] = true
	}
	for sex := range rows {
		for era := range eras {
			if c.given[sex][era] = givenLot(rows[sex], text, t, era); c.given[sex][era] == nil {
				return nil, fmt.Errorf("communities: %s: no given names", id)
			}
		}
		c.last[sex] = nameLot(rows[sex], func(row nameRow) int {
			if row.role != "last" || isClan[row.name] || t.weight(row.name, text.Faith, eraMiddle) == 0 {
				return 0
			}
			return row.weight
		})
		if words := groups.Pious[text.Faith][sexKeys[sex]]; len(words) > 0 {
			c.pious[sex] = weightedLot(words)
		}
	}
	if text.Clan == "" {
		return c, nil
	}
	c.clans = nameLot(clans, func(row nameRow) int {
		if row.group != text.Clan || !slices.Contains(text.Subgroups, row.role) {
			return 0
		}
		return row.weight
	})
	if c.clans == nil {
		return nil, fmt.Errorf("communities: %s: no clan names", id)
	}
	return c, nil
}

// givenLot fills the given names of one sex and era: the groups by their shares, the names within a
// group by their weights.
func givenLot(rows []nameRow, text communityText, t tags, era int) *lot[string] {
	sums := map[string]int{}
	within := func(row nameRow) int {
		if row.role == "last" {
			return 0
		}
		return row.weight * t.weight(row.name, text.Faith, era)
	}
	for _, row := range rows {
		sums[row.group] += within(row)
	}
	return nameLot(rows, func(row nameRow) int {
		share := text.First[row.group]
		if share == 0 || sums[row.group] == 0 {
			return 0
		}
		return share * groupScale / sums[row.group] * within(row)
	})
}

func nameLot(rows []nameRow, weight func(nameRow) int) *lot[string] {
	var names []string
	var weights []int
	for _, row := range rows {
		if w := weight(row); w > 0 {
			names, weights = append(names, row.name), append(weights, w)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return newLot(names, weights)
}

func weightedLot(words []weightedWord) *lot[string] {
	var names []string
	var weights []int
	for _, w := range words {
		names, weights = append(names, w.Word), append(weights, w.Weight)
	}
	return newLot(names, weights)
}

func evenLot(words []string) *lot[string] {
	weights := make([]int, len(words))
	for i := range weights {
		weights[i] = 1
	}
	return newLot(words, weights)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// home gives the communities of the deepest area that holds the village and has an entry.
func (v *vocabulary) home(village area.Code) *lot[*community] {
	for c := village; ; c = c.Parent() {
		if l := v.homes[c]; l != nil {
			return l
		}
	}
}

// streetsOf gives the street names of the village's province and of everywhere.
func (v *vocabulary) streetsOf(village area.Code) []string {
	return slices.Concat(v.streets[area.Nation], v.streets[village.Province()], v.streets[village.Province()])
}
