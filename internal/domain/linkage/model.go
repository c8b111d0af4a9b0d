package linkage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
)

// format is the version of the model file this package reads.
const format = 1

// Model is what is compared and how, with weights, keys and thresholds. It is made by ParseModel and
// never changes; docs/linkage.md describes its file.
type Model struct {
	file   modelFile
	names  *Names
	digest string
	lines  lines
	text   []byte
}

// modelFile is the file as it is written.
type modelFile struct {
	Format      int               `yaml:"format"`
	Name        string            `yaml:"name"`
	Version     string            `yaml:"version"`
	Unverified  bool              `yaml:"unverified"`
	About       string            `yaml:"about"`
	Names       string            `yaml:"names"`
	ID          []string          `yaml:"id"`
	Counted     []string          `yaml:"id_if_unique"` // titles of ids where no row shares its value
	Titles      map[string]string `yaml:"titles"`       // words of titles and the form that stands for each; nothing leaves it out
	Columns     []columnFile      `yaml:"columns"`
	Comparisons []comparisonFile  `yaml:"comparisons"`
	Variants    []variantFile     `yaml:"variants"`
	Relatives   []relativeFile    `yaml:"relatives"`
	Company     *companyFile      `yaml:"company"`
	Doubts      *doubtsFile       `yaml:"doubts"`
	Taught      *taughtFile       `yaml:"taught"`
	Guard       *guardFile        `yaml:"guard"`
	Prior       priorFile         `yaml:"prior"`
	Dedupe      barsFile          `yaml:"dedupe"`
	Link        linkFile          `yaml:"link"`
	Blocking    blockingFile      `yaml:"blocking"`
	Evaluate    evaluateFile      `yaml:"evaluate"`
}

type columnFile struct {
	Name     string            `yaml:"name"`
	Type     string            `yaml:"type"`
	From     []string          `yaml:"from"`
	HasWords []string          `yaml:"has_words"` // the only title that has all words of one of these is of the column, where a file has none of from
	Never    []string          `yaml:"never"`     // words of titles that are of something else
	Looks    string            `yaml:"looks"`     // what stands in the column, where no title tells it
	Parts    [][]string        `yaml:"parts"`     // titles of each part, in their order, where a file has none of from
	Widths   []int             `yaml:"widths"`    // digits of each part of a number, which is filled up with zeros; nothing puts texts together with spaces
	Else     []string          `yaml:"else_from"` // titles that stand in where a file has none of from and no parts; told
	With     string            `yaml:"else_with"` // of else_from: only where that column is read from its own else_from
	Clean    []string          `yaml:"clean"`
	Null     []string          `yaml:"null"`
	Map      map[string]string `yaml:"map"`
	Codings  []codingFile      `yaml:"codings"` // of values that mean one thing in one coding and another in the next; told by how often they stand in the list
	Words    map[string]string `yaml:"words"`   // words of a text and the form that stands for each; nothing leaves it out
	Length   []int             `yaml:"length"`
	Strip    []string          `yaml:"strip"`
	Unlike   string            `yaml:"unlike"`     // a column of numbers; one that stands there too is none here
	Carries  string            `yaml:"carries"`    // of a NIK, the column of the birth date that stands in it
	Swapped  string            `yaml:"swaps_with"` // a column of numbers a row's own number is sometimes written into, and that one's here
	Within   string            `yaml:"stands_in"`  // of a date, a column of texts in which it stands where its own is empty
	Age      []string          `yaml:"age"`        // of a birth date, titles of an age in years; where the date is empty its year is told by it
	AgeAt    string            `yaml:"age_at"`     // the column of the day or year the age was told in
	Order    string            `yaml:"order"`
	Since    int               `yaml:"years_from"` // the first year that two digits of a date can mean
	Optional bool              `yaml:"optional"`
	Instead  string            `yaml:"instead_of"` // an earlier column; left out where that is there
	About    string            `yaml:"about"`
}

type comparisonFile struct {
	Name      string         `yaml:"name"`
	Column    string         `yaml:"column"`
	About     string         `yaml:"about"`
	Instead   string         `yaml:"instead_of"` // left out where that comparison can be made
	Frequency *frequencyFile `yaml:"frequency"`
	Levels    []levelFile    `yaml:"levels"`
}

type levelFile struct {
	Level string  `yaml:"level"`
	When  string  `yaml:"when"`
	M     float64 `yaml:"m"`
	U     float64 `yaml:"u"`
	// Frequency says that random pairs are at the level this many times as often as the value stands in the data;
	// zero leaves u as it is. For a crowd any number but zero marks the level.
	Frequency float64 `yaml:"frequency"`
}

// frequencyFile says how the weight of a value moves by how often the value stands in the data.
type frequencyFile struct {
	Kind   string  `yaml:"kind"` // share: log2(u/share); crowd: -power*log2 of the holders beyond one person's
	Weight float64 `yaml:"weight"`
	Floor  float64 `yaml:"floor"`
	Max    float64 `yaml:"max_bits"`
	Power  float64 `yaml:"power"`
	Common int     `yaml:"common"`
	Within string  `yaml:"within"` // of a share of names: a key; a name that is more common among rows that share it counts as that common
}

// variantFile is a kind of match that agrees otherwise than most.
type variantFile struct {
	Name   string                        `yaml:"name"`
	About  string                        `yaml:"about"`
	Share  float64                       `yaml:"share"` // of all matches
	Levels map[string]map[string]float64 `yaml:"levels"`
}

// relativeFile is a further explanation why two rows of two things may agree.
type relativeFile struct {
	Name   string                        `yaml:"name"`
	About  string                        `yaml:"about"`
	Mates  float64                       `yaml:"mates"` // other rows of the kind a row has
	Share  float64                       `yaml:"share"` // or: the share of all other rows that are of the kind
	Levels map[string]map[string]float64 `yaml:"levels"`
	Shared []string                      `yaml:"shared"`
}

// companyFile is what the rows that share a number with two rows, the people of their households, tell of the two.
type companyFile struct {
	Column string             `yaml:"column"`    // of digits
	Else   string             `yaml:"else"`      // of texts: the list's own number of the household, for rows that have none there
	About  string             `yaml:"about"`     //
	Most   int                `yaml:"most"`      // rows of a household; of larger groups nothing is told
	Sure   float64            `yaml:"sure_bits"` // pairs of this weight tell of others, and are told nothing themselves
	Bits   map[string]float64 `yaml:"bits"`      // by how the others stand: see companyLevels
}

// doubtsFile is what the levels of a pair that is neither sure nor hopeless tell beyond its weight.
type doubtsFile struct {
	About string                        `yaml:"about"`
	Below float64                       `yaml:"below_bits"` // pairs that weigh less are doubtful
	Bits  map[string]map[string]float64 `yaml:"bits"`       // by comparison and level, "missing" where a side has no value
	Asks  []askFile                     `yaml:"asks"`
}

// askFile is a question that is asked of doubtful pairs alone.
type askFile struct {
	Name   string         `yaml:"name"`
	Column string         `yaml:"column"`
	About  string         `yaml:"about"`
	Levels []askLevelFile `yaml:"levels"`
}

// askLevelFile is an answer. Where none of them holds, or a side has no value, nothing is told.
type askLevelFile struct {
	Level string  `yaml:"level"`
	When  string  `yaml:"when"`
	Bits  float64 `yaml:"bits"`
}

// taughtFile names columns of which nobody knows beforehand what they tell, because it is another thing in every list.
type taughtFile struct {
	About   string   `yaml:"about"`
	Beside  string   `yaml:"beside"`     // the column of digits two rows of one household share: the two kinds of pairs are taught apart
	Else    string   `yaml:"else"`       // of texts: the list's own number of the household; two rows that share it are of one too
	Below   float64  `yaml:"below_bits"` // pairs that weigh less teach and are taught
	Columns []string `yaml:"columns"`
}

type priorFile struct {
	Duplicates float64 `yaml:"duplicates"` // other rows of the same thing a row has, on average
	Listed     float64 `yaml:"listed"`     // share of rows that are in the reference
}

type barsFile struct {
	Link    float64 `yaml:"link_bits"`
	Review  float64 `yaml:"review_bits"`
	Against float64 `yaml:"against_bits"` // what one pair may speak against two clusters becoming one, at most
}

type linkFile struct {
	Accept float64 `yaml:"accept"`
	Review float64 `yaml:"review"`
	Gap    float64 `yaml:"gap_bits"`
	Settle float64 `yaml:"settle_bits"`
}

type blockingFile struct {
	Cap    int `yaml:"cap"`
	Window int `yaml:"window"`
	// Windows is how many windows a row is walked in.
	Windows int      `yaml:"windows"`
	Keys    []string `yaml:"keys"`
	Refine  []string `yaml:"refine"`
}

// evaluateFile says how an evaluation is broken down.
type evaluateFile struct {
	Kinds  []string `yaml:"kinds"`  // comparisons whose levels make a kind of error; empty for all
	Groups string   `yaml:"groups"` // column of names by whose group of the name tables pairs are told
}

// Tables finds the name tables a model asks for by name; nil when there are none of that name.
type Tables func(name string) []byte

// ParseModel reads the YAML text of a model. Every mistake is an error with the line it stands on.
//
// Errors: those of syntax, linkage.model_syntax (fact detail) among them, when it is not YAML or has a field that does not exist;
// the other linkage.model_* codes, each with the fact line, for what makes no sense.
func ParseModel(text []byte, tables Tables) (*Model, error) {
	m := &Model{text: bytes.Clone(text), names: &Names{}}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m.file); err != nil {
		return nil, syntax(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, syntax(err)
	}
	m.lines = lines{&root}
	if err := m.readNulls(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	m.digest = hex.EncodeToString(sum[:6])
	if m.file.Names != "" {
		given := []byte(nil)
		if tables != nil {
			given = tables(m.file.Names)
		}
		if given == nil {
			return nil, fail.Invalid("linkage.model_names", "line", m.lines.at("names"), "names", m.file.Names)
		}
		names, err := ParseNames(given)
		if err != nil {
			return nil, err
		}
		m.names = names
	}
	m.defaults()
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// readNulls reads the texts of columns that are no value. YAML takes the word null for no key at all, so the decoder passes over it.
func (m *Model) readNulls() error {
	for i := range m.file.Columns {
		node := m.lines.find("columns", i)
		for j := 0; node != nil && j+1 < len(node.Content); j += 2 {
			if node.Content[j].Value != "null" {
				continue
			}
			if err := node.Content[j+1].Decode(&m.file.Columns[i].Null); err != nil {
				return fail.Invalid("linkage.model_syntax", "detail", detail(err)).Because(err)
			}
		}
	}
	return nil
}

// detail gives the lines and words of the YAML reader, which name no value of the data.
func detail(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n")
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return first
}

func (m *Model) defaults() {
	f := &m.file
	set := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	set(&f.Prior.Duplicates, 0.05)
	set(&f.Prior.Listed, 0.9)
	if m.lines.find("dedupe", "link_bits") == nil { // a bar of even odds is a bar too
		f.Dedupe.Link = 6
	}
	set(&f.Dedupe.Against, mostAgainst)
	set(&f.Link.Accept, 0.95)
	set(&f.Link.Review, 0.2)
	set(&f.Link.Gap, 3)
	if f.Blocking.Cap == 0 {
		f.Blocking.Cap = 200
	}
	if f.Blocking.Window == 0 {
		f.Blocking.Window = 10
	}
	if f.Blocking.Windows == 0 {
		f.Blocking.Windows = 3
	}
	for i := range f.Comparisons {
		f.Comparisons[i].guess()
		if q := f.Comparisons[i].Frequency; q != nil {
			set(&q.Weight, 1)
			set(&q.Floor, 1e-6)
			set(&q.Max, 10)
			set(&q.Power, 3)
			if q.Kind == "" {
				q.Kind = "share"
			}
		}
	}
}

// Version gives the model's name, version and the digest of its text, as written into reports.
func (m *Model) Version() string {
	return fmt.Sprintf("%s-%s-%s", m.file.Name, m.file.Version, m.digest)
}

// AsksAs tells whether a model has the comparisons and levels of another, in its order: what was said by the one can be
// worded, compared and learned from by the other, whatever their numbers.
func (m *Model) AsksAs(other *Model) bool {
	return slices.EqualFunc(m.Weights(), other.Weights(), func(a, b LevelWeight) bool { return a.Comparison == b.Comparison && a.Level == b.Level })
}

// Unverified tells that nobody has measured the model on real records yet.
func (m *Model) Unverified() bool { return m.file.Unverified }

// LinkBits gives the weight from which two rows are grouped in deduplication.
func (m *Model) LinkBits() float64 { return m.file.Dedupe.Link }

// IDs gives the names a column of ids may have when none is named.
func (m *Model) IDs() []string { return m.file.ID }

// lines finds the line something of the file stands on.
type lines struct{ root *yaml.Node }

// at follows names of mappings and places of lists; it gives the deepest line there is.
func (l lines) at(path ...any) int {
	line := max(l.top().Line, 1)
	for i := range path {
		key, node := l.step(path[:i+1])
		if node == nil {
			break
		}
		line = key.Line
	}
	return line
}

// find follows a path to what stands there; nil for nothing.
func (l lines) find(path ...any) *yaml.Node {
	_, node := l.step(path)
	return node
}

func (l lines) top() *yaml.Node {
	if l.root.Kind == yaml.DocumentNode && len(l.root.Content) > 0 {
		return l.root.Content[0]
	}
	return l.root
}

// step follows a path and gives the last name on it and what stands there; nil for nothing. In a list the two are the same.
func (l lines) step(path []any) (key, node *yaml.Node) {
	node = l.top()
	for _, step := range path {
		next := (*yaml.Node)(nil)
		switch s := step.(type) {
		case string:
			for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
				if node.Content[i].Value == s {
					key, next = node.Content[i], node.Content[i+1]
				}
			}
		case int:
			if node.Kind == yaml.SequenceNode && s < len(node.Content) {
				key, next = node.Content[s], node.Content[s]
			}
		}
		if node = next; node == nil {
			return nil, nil
		}
	}
	return key, node
}

// Text gives the file the model was read from.
func (m *Model) Text() []byte { return bytes.Clone(m.text) }
