package exchange

import (
	"errors"
	"io"

	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// slot is a canonical column.
type slot int

// The canonical columns of product.md.
const (
	colRowID slot = iota
	colSource
	colYear
	colHousehold
	colRegistryID
	colKK
	colNIK
	colName
	colSex
	colBirthPlace
	colBirthDate
	colMother
	colFather
	colRelation
	colAddress
	colRT
	colRW
	colVillage
	colRegency
	colArea
	colPhone
	colPersonID
	colStatus
	colKind
	colValue
	colAsOf
	colDecile
	colVintage
	slotCount
)

var slotNames = [slotCount]string{
	"row_id", "source", "year", "household_id", "registry_id", "no_kk", "nik", "name", "sex", "birth_place", "birth_date", "mother_name", "father_name",
	"relation", "address", "rt", "rw", "village", "regency", "area_code", "phone", "person_id", "status", "kind", "value", "as_of", "decile", "vintage",
}

// columns says where a file has which canonical column, and which questionnaire items follow.
type columns struct {
	at      [slotCount]int // column of the slot, -1 when the file has none
	items   []itemColumn
	unknown []string
}

// itemColumn is a column of answers. Cells repeat, so each different one is read once.
type itemColumn struct {
	at   int
	item questionnaire.Item
	read map[string]answer
}

// answer is a cell as the answers document holds it, or why it cannot.
type answer struct {
	json string
	err  error
}

const mostAnswers = 4096

func (c *itemColumn) answer(cell []byte) answer {
	if known, ok := c.read[string(cell)]; ok {
		return known
	}
	a := readAnswer(c.item, string(cell))
	if len(c.read) < mostAnswers {
		c.read[string(cell)] = a
	}
	return a
}

func readAnswer(item questionnaire.Item, cell string) (a answer) {
	value, err := item.Parse(cell)
	if err != nil {
		return answer{err: err}
	}
	text, err := value.MarshalJSON()
	return answer{json: `"` + item.Key + `":` + string(text), err: err}
}

// cell gives the text of a slot, nil when the file has no such column.
func (c *columns) cell(row *tabular.Row, s slot) []byte {
	if c.at[s] < 0 {
		return nil
	}
	return row.Cell(c.at[s])
}

func (c *columns) flag(row *tabular.Row, s slot) tabular.Flag { return row.Flag(c.at[s]) }

// detect reads a header row.
func detect(header []string, form *questionnaire.Version) *columns {
	c := &columns{}
	for i := range c.at {
		c.at[i] = -1
	}
	for i, h := range header {
		if s, ok := slotOf(h); ok && c.at[s] < 0 {
			c.at[s] = i
			continue
		}
		if item, ok := form.Find(h); ok {
			c.items = append(c.items, itemColumn{i, item, map[string]answer{}})
			continue
		}
		c.unknown = append(c.unknown, h)
	}
	return c
}

func slotOf(header string) (slot, bool) {
	folded := person.Fold(header)
	for i, name := range slotNames {
		if person.Fold(name) == folded {
			return slot(i), true
		}
	}
	return 0, false
}

// needs are the columns a file must have.
func needs(s Subject) []slot {
	switch s {
	case Families:
		return []slot{colName}
	case Civil:
		return []slot{colNIK, colName}
	case Evidence:
		return []slot{colNIK, colKind}
	default:
		return []slot{colDecile}
	}
}

// openTable opens a file, reads its header, and goes to the position.
func (s *Service) openTable(set Settings, from tabular.Position) (*columns, tabular.Reader, error) {
	reader, err := tabular.OpenFile(set.Path, tabular.Options{})
	if err != nil {
		return nil, nil, err
	}
	header, err := reader.Next()
	if err != nil {
		return nil, nil, errors.Join(headerError(err), reader.Close())
	}
	versions := s.forms.Versions()
	c := detect(header.Strings(), versions[len(versions)-1])
	for _, need := range needs(set.Subject) {
		if c.at[need] < 0 {
			return nil, nil, errors.Join(fail.Invalid("import.column_missing", "column", slotNames[need]), reader.Close())
		}
	}
	if from.Line == 0 {
		return c, reader, nil
	}
	if err := reader.Close(); err != nil {
		return nil, nil, err
	}
	reader, err = tabular.OpenFile(set.Path, tabular.Options{From: from})
	return c, reader, err
}

func headerError(err error) error {
	if errors.Is(err, io.EOF) {
		return fail.Invalid("import.empty")
	}
	return err
}
