package layout

import (
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// Heading is one column of a file's header.
type Heading struct {
	Column int    // the first is 1
	Text   string // as it stands in the file
}

// Binding is a mapping applied to the header of one file: it knows which column holds what. It does
// not change; many goroutines may use it, each with a Record of its own.
type Binding struct {
	mapping  *Mapping
	headings []string
	slots    []slot // by column
	items    []string
	unknown  []Heading
	repeated []Heading
	heads    []Heading // columns of the head of the family that are the row's own
	missing  [][]Field
	filled   [allFields]bool // has a column or a constant
	row      []need          // what every row must have
	keys     []int           // columns that tell a row of the table from a note below it
}

// slot says where the cells of one column go.
type slot struct {
	field Field // noField when item is used, or when nobody asked for the column
	item  int   // place among the items, -1 for none
}

// Detect binds a file by its headings alone. known tells whether a heading names a questionnaire
// item, which then comes as an extra value of the record; nil means that none does.
func Detect(k Kind, headings []string, known func(string) bool) *Binding {
	return Automatic(k).Bind(headings, known)
}

// Bind finds the columns of the mapping in a header; a file without one has nil headings. Columns the
// mapping does not name are looked up among the built-in names, unless it is strict, and then offered
// to known. The first column of a field counts, later ones are told as Repeated.
func (m *Mapping) Bind(headings []string, known func(string) bool) *Binding {
	b := &Binding{mapping: m, headings: headings}
	b.slots = make([]slot, len(headings))
	for i := range b.slots {
		b.slots[i] = slot{noField, -1}
	}
	done := b.named(m, known)
	if !m.strict {
		b.builtIn(done, m.Kind.known())
		b.headsOwn(done)
	}
	for i, h := range headings {
		text := strings.TrimSpace(h)
		switch {
		case done[i] || text == "":
		case known != nil && known(text):
			b.addItem(i, text)
		default:
			b.unknown = append(b.unknown, Heading{i + 1, text})
		}
	}
	for _, c := range m.constants {
		b.filled[c.field] = true
	}
	b.findMissing()
	b.findNeeds()
	b.findKeys()
	return b
}

// named gives each column the mapping names its slot, and reports which columns are done with.
func (b *Binding) named(m *Mapping, known func(string) bool) (done []bool) {
	byHeading := make(map[string]*column)
	for i := range m.columns {
		c := &m.columns[i]
		if c.number > 0 {
			for len(b.slots) < c.number {
				b.slots = append(b.slots, slot{noField, -1})
			}
		}
		for _, h := range c.headings {
			byHeading[fold(h)] = c
		}
	}
	done = make([]bool, len(b.slots))
	for i := range m.columns {
		if c := &m.columns[i]; c.number > 0 {
			b.give(c.number-1, c, known)
			done[c.number-1] = true
		}
	}
	for i, h := range b.headings {
		if done[i] {
			continue
		}
		for _, key := range folds(h) {
			if c := byHeading[key]; c != nil {
				b.give(i, c, known)
				done[i] = true
				break
			}
		}
	}
	return done
}

// give puts a column into its slot.
func (b *Binding) give(i int, c *column, known func(string) bool) {
	if c.field != noField {
		b.giveField(i, c.field)
		return
	}
	if known != nil && !known(c.item) {
		b.unknown = append(b.unknown, Heading{i + 1, b.heading(i)})
		return
	}
	b.addItem(i, c.item)
}

func (b *Binding) giveField(i int, f Field) {
	if b.filled[f] {
		b.repeated = append(b.repeated, Heading{i + 1, b.heading(i)})
		return
	}
	b.filled[f] = true
	b.slots[i].field = f
}

func (b *Binding) addItem(i int, name string) {
	if slices.Contains(b.items, name) {
		b.repeated = append(b.repeated, Heading{i + 1, b.heading(i)})
		return
	}
	b.slots[i].item = len(b.items)
	b.items = append(b.items, name)
}

// builtIn gives the remaining columns to the fields their headings are known to mean. Exact names go
// first, so that "name" wins over "nama" wherever it stands.
func (b *Binding) builtIn(done []bool, fields map[string]Field) {
	for _, exact := range []bool{true, false} {
		for i, h := range b.headings {
			if done[i] {
				continue
			}
			for _, key := range folds(h) {
				f, ok := fields[key]
				if ok && (!exact || fold(names[f].name) == key) {
					b.giveField(i, f)
					done[i] = true
					break
				}
			}
		}
	}
}

// headsOwn takes the head's name, and her NIK with it, for the row's in a table of families that has no other name: a list of heads
// alone. Beside a name of the row's own the head's NIK is somebody else's; so it may be where rows have a relation to the head, or a
// name under a title nobody knows: then a person has to say which column is which.
func (b *Binding) headsOwn(done []bool) {
	if b.mapping.Kind != Families || b.filled[Name] || b.filled[Relation] || b.otherName(done) {
		return
	}
	for _, f := range []Field{Name, NIK} {
		for name := range strings.SplitSeq(headAliases[f], ",") {
			i := slices.IndexFunc(b.headings, func(h string) bool { return slices.Contains(folds(h), fold(name)) })
			if i < 0 || done[i] || b.filled[f] {
				continue
			}
			b.giveField(i, f)
			done[i] = true
			b.heads = append(b.heads, Heading{i + 1, b.heading(i)})
		}
		if !b.filled[Name] {
			return
		}
	}
}

// otherName tells whether a column that nothing is known of may hold names, but the head's.
func (b *Binding) otherName(done []bool) bool {
	for i, h := range b.headings {
		key := fold(h)
		if !done[i] && (strings.HasPrefix(key, "nama") || strings.HasPrefix(key, "nm")) && !slices.ContainsFunc(strings.Split(headAliases[Name], ","), func(a string) bool { return slices.Contains(folds(h), fold(a)) }) {
			return true
		}
	}
	return false
}

// findMissing notes the groups of fields of which the file has none.
func (b *Binding) findMissing() {
	for _, group := range tableOf(b.mapping.Kind).required {
		if !slices.ContainsFunc(group, b.Has) {
			b.missing = append(b.missing, group)
		}
	}
}

// findNeeds notes what every row must have, with the column to name when it has not.
func (b *Binding) findNeeds() {
	for _, group := range tableOf(b.mapping.Kind).row {
		n := need{fields: group, column: -1, names: groupNames(group)}
		for _, f := range group {
			if i := slices.IndexFunc(b.slots, func(s slot) bool { return s.field == f }); i >= 0 {
				n.column, n.fields = i, append([]Field{f}, group...)
				break
			}
		}
		b.row = append(b.row, n)
	}
}

// groupNames names fields of which one is enough.
func groupNames(group []Field) string {
	words := make([]string, len(group))
	for i, f := range group {
		words[i] = f.String()
	}
	return strings.Join(words, " / ")
}

// findKeys notes the columns that hold something in every true row.
func (b *Binding) findKeys() {
	for i, s := range b.slots {
		switch s.field {
		case NIK, NoKK, RegistryID, HouseholdID, PersonID, PaymentID:
			b.keys = append(b.keys, i)
		}
	}
}

func (b *Binding) heading(i int) string {
	if i >= 0 && i < len(b.headings) {
		return strings.TrimSpace(b.headings[i])
	}
	return ""
}

// Mapping gives the mapping that was bound.
func (b *Binding) Mapping() *Mapping { return b.mapping }

// Has reports whether the file, or a constant of the mapping, gives the field.
func (b *Binding) Has(f Field) bool {
	switch f {
	case RT, RW:
		return b.filled[f] || b.filled[rtRW]
	case BirthDate, BirthPlace:
		return b.filled[f] || b.filled[birthPlaceDate]
	case AreaCode:
		return b.filled[f] || b.filled[codeProvince]
	}
	return f < Fields && b.filled[f]
}

// Fields gives the canonical fields the file gives, in the order of their numbers.
func (b *Binding) Fields() []Field {
	var list []Field
	for f := range Fields {
		if b.Has(f) {
			list = append(list, f)
		}
	}
	return list
}

// Headings gives the header of the file.
func (b *Binding) Headings() []string { return b.headings }

// FieldOf gives what a column, the first is 0, is mapped to: the name of a field or of an item, and ""
// when nobody asked for it. Mapping screens show it.
func (b *Binding) FieldOf(column int) string {
	switch {
	case column < 0 || column >= len(b.slots):
		return ""
	case b.slots[column].field != noField:
		return b.slots[column].field.String()
	case b.slots[column].item >= 0:
		return b.items[b.slots[column].item]
	}
	return ""
}

// Items gives the names of the questionnaire items of the file, in the order of Record.Item.
func (b *Binding) Items() []string { return b.items }

// Unknown gives the columns nobody asked for.
func (b *Binding) Unknown() []Heading { return b.unknown }

// Repeated gives the columns that would fill a field or item which an earlier column fills.
func (b *Binding) Repeated() []Heading { return b.repeated }

// Heads gives the columns of the head of the family that are taken for the row's own, none where a row has a name of its own.
func (b *Binding) Heads() []Heading { return b.heads }

// Missing gives the groups of fields of which at least one must be there and none is.
func (b *Binding) Missing() [][]Field { return b.missing }

// Err gives the error of a file that lacks columns, and nil when it can be imported. Error:
// layout.column.missing (fact columns, such as "nik / no_kk, name").
func (b *Binding) Err() error {
	if len(b.missing) == 0 {
		return nil
	}
	groups := make([]string, len(b.missing))
	for i, group := range b.missing {
		groups[i] = groupNames(group)
	}
	return fail.Invalid("layout.column.missing", "columns", strings.Join(groups, ", "))
}

// score tells how well a mapping fits a header: the columns it names that are there, of how many.
func (m *Mapping) score(headings []string) (found, of int) {
	b := &Binding{mapping: m, headings: headings, slots: make([]slot, len(headings))}
	for i, done := range b.named(m, nil) {
		if done && i < len(headings) && b.slots[i].field != rowNumber {
			found++
		}
	}
	return found, len(m.columns)
}

// Recognise picks the ready mapping of the kind a header belongs to: the one with the most of its
// columns there, four fifths of them at least. It gives nil when none fits. An empty kind means any.
func Recognise(ready []*Mapping, k Kind, headings []string) *Mapping {
	var best *Mapping
	most := 0
	for _, m := range ready {
		if k != "" && m.Kind != k || m.headerRow == noHeader {
			continue
		}
		found, of := m.score(headings)
		if found*5 >= of*4 && found > most && found > 2 && len(m.Bind(headings, nil).missing) == 0 {
			best, most = m, found
		}
	}
	return best
}
