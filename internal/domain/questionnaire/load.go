package questionnaire

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
)

// Load reads the questionnaires of a data folder: facts.yaml, every <version>.yaml, its
// <version>.facts.yaml and <version>.mapping.yaml. It refuses a folder in which anything does not
// fit, so that what it gives can be relied upon. The errors are for the one who edits the data.
func Load(files fs.FS) (Set, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return Set{}, fmt.Errorf("questionnaire: list files: %w", err)
	}
	l := loader{files: files}
	l.book = read(&l, "facts.yaml", newBook)
	for _, name := range names {
		if strings.Count(name, ".") == 1 && name != "facts.yaml" {
			l.set.versions = append(l.set.versions, read(&l, name, newVersion))
		}
	}
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, ".facts.yaml"):
			read(&l, name, l.addFacts)
		case strings.HasSuffix(name, ".mapping.yaml"):
			l.set.mappings = append(l.set.mappings, read(&l, name, l.newMapping))
		}
	}
	if l.err != nil {
		return Set{}, fmt.Errorf("questionnaire: %w", l.err)
	}
	l.set.book = l.book
	slices.SortFunc(l.set.versions, func(a, b *Version) int { return a.ValidFrom.Compare(b.ValidFrom) })
	return l.set, nil
}

// loader keeps the first error, so that Load reads top to bottom.
type loader struct {
	files fs.FS
	set   Set
	book  *book
	err   error
}

// read decodes one file, refusing unknown fields, and makes the value of it.
func read[D, V any](l *loader, name string, make func(D) (V, error)) V {
	var document D
	var value V
	if l.err != nil {
		return value
	}
	content, err := fs.ReadFile(l.files, name)
	if err == nil {
		decoder := yaml.NewDecoder(bytes.NewReader(content))
		decoder.KnownFields(true)
		if err = decoder.Decode(&document); err == io.EOF {
			err = fmt.Errorf("empty file")
		}
	}
	if err == nil {
		value, err = make(document)
	}
	if err != nil {
		l.err = fmt.Errorf("%s: %w", name, err)
	}
	return value
}

type codeDocument struct {
	Code       int64
	ID, EN     string
	Added      bool
	Unverified bool
}

type itemDocument struct {
	Key, Number string
	Level       Level
	Kind        Kind
	Label       Label
	Codes       []codeDocument
	CodesFrom   string `yaml:"codes_from"`
	When        map[string][]int64
	Min, Max    int64
	Digits      int
	Optional    bool
	Added       bool
	Unverified  bool
}

type versionDocument struct {
	Version    string
	Title      Label
	ValidFrom  period.Date `yaml:"valid_from"`
	ValidTo    period.Date `yaml:"valid_to"`
	LegalBasis string      `yaml:"legal_basis"`
	Source     string
	Unverified bool
	CodeLists  map[string][]codeDocument `yaml:"code_lists"`
	Items      []itemDocument
}

func newVersion(d versionDocument) (*Version, error) {
	v := &Version{
		Name: d.Version, Title: d.Title, ValidFrom: d.ValidFrom, ValidTo: d.ValidTo,
		LegalBasis: d.LegalBasis, Source: d.Source, Unverified: d.Unverified, byName: map[string]int{},
	}
	if v.Name == "" || !v.ValidFrom.IsFull() || v.LegalBasis == "" || v.Source == "" {
		return nil, fmt.Errorf("version, valid_from, legal_basis and source are required")
	}
	for _, item := range d.Items {
		it, err := newItem(item, d.CodeLists)
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", item.Key, err)
		}
		v.items = append(v.items, it)
	}
	if err := v.index(); err != nil {
		return nil, err
	}
	for _, it := range v.items {
		if err := v.checkCondition(it.When, it.Level); err != nil {
			return nil, fmt.Errorf("item %s: %w", it.Key, err)
		}
	}
	return v, nil
}

// index makes the items found by key, number and label; a label that several items share finds none.
func (v *Version) index() error {
	for i, it := range v.items {
		for _, name := range []string{it.Key, fold(it.Number)} {
			if _, taken := v.byName[name]; taken && name != "" {
				return fmt.Errorf("item %s: the name %q is taken", it.Key, name)
			}
			v.byName[name] = i
		}
	}
	shared := map[string]int{}
	for _, it := range v.items {
		shared[fold(it.Label.ID)]++
		shared[fold(it.Label.EN)]++
	}
	for i, it := range v.items {
		for _, name := range []string{fold(it.Label.ID), fold(it.Label.EN)} {
			if _, taken := v.byName[name]; !taken && shared[name] == 1 {
				v.byName[name] = i
			}
		}
	}
	return nil
}

func (v *Version) checkCondition(c Condition, level Level) error {
	for _, need := range c {
		it, ok := v.Item(need.Item)
		if !ok || it.Level != level || it.Kind != KindCode {
			return fmt.Errorf("condition on %q, which is no code item of the same level", need.Item)
		}
		for _, code := range need.Codes {
			if _, ok := it.Code(code); !ok {
				return fmt.Errorf("condition on %s with code %d, which it does not have", need.Item, code)
			}
		}
	}
	return nil
}

func newItem(d itemDocument, lists map[string][]codeDocument) (Item, error) {
	it := Item{
		Key: d.Key, Number: d.Number, Level: d.Level, Kind: d.Kind, Label: d.Label, Min: d.Min, Max: d.Max, Digits: d.Digits,
		Optional: d.Optional, Added: d.Added, Unverified: d.Unverified, When: newCondition(d.When), codes: map[int64]Code{},
	}
	switch {
	case fold(d.Key) != d.Key || d.Key == "" || d.Label.ID == "" || d.Label.EN == "":
		return Item{}, fmt.Errorf("a key in lower case and a label in both languages are required")
	case d.Level != LevelFamily && d.Level != LevelPerson:
		return Item{}, fmt.Errorf("level %q", d.Level)
	case d.CodesFrom != "" && lists[d.CodesFrom] == nil:
		return Item{}, fmt.Errorf("no code list %q", d.CodesFrom)
	}
	for _, c := range append(slices.Clone(lists[d.CodesFrom]), d.Codes...) {
		if _, twice := it.codes[c.Code]; twice || c.Code < 0 || c.ID == "" || c.EN == "" {
			return Item{}, fmt.Errorf("code %d: twice, negative, or without words", c.Code)
		}
		code := Code{c.Code, Label{c.ID, c.EN}, c.Added, c.Unverified}
		it.Codes, it.codes[c.Code] = append(it.Codes, code), code
		if power(c.Code) {
			it.mask |= c.Code
		}
	}
	return it, it.complete()
}

// complete checks that the item has what its kind needs and sets the bounds it may leave out.
func (it *Item) complete() error {
	coded := it.Kind == KindCode || it.Kind == KindMulti
	if coded != (len(it.Codes) > 0) {
		return fmt.Errorf("kind %q with %d codes", it.Kind, len(it.Codes))
	}
	switch it.Kind {
	case KindInteger, KindCount:
		if it.Max <= it.Min {
			return fmt.Errorf("kind %q needs max above min", it.Kind)
		}
	case KindRupiah:
		if it.Max == 0 {
			it.Max = math.MaxInt64 / 1000
		}
	case KindCode, KindMulti, KindDate, KindText:
	default:
		return fmt.Errorf("kind %q", it.Kind)
	}
	return nil
}

// newCondition orders the needs by item, so that the same data always gives the same messages.
func newCondition(needs map[string][]int64) Condition {
	var c Condition
	for item, codes := range needs {
		c = append(c, Need{item, codes})
	}
	slices.SortFunc(c, func(a, b Need) int { return strings.Compare(a.Item, b.Item) })
	return c
}
