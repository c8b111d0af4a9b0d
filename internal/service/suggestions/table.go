package suggestions

// table holds rows of values end to end, as record linkage reads them: a million small slices would
// cost more than what they hold.
type table struct {
	text []byte
	ends []uint32 // where each value ends
}

// header names the columns by what the model of identity looks for.
func header() []string {
	return []string{"nik", "no_kk", "name", "birth_date", "sex", "mother_name", "birth_place", "area_code", "id"}
}

// The columns of header.
const (
	colNIK = iota
	colKK
	colName
	colBirth
	colSex
	colMother
	colPlace
	colArea
	colID // of a civil record the keyed hash of its NIK, as text; of ours the person's id
	columns
)

// add puts a row behind the others; it has a value a column.
func (t *table) add(values *[columns][]byte) {
	for _, v := range values {
		t.text = append(t.text, v...)
		t.ends = append(t.ends, uint32(len(t.text)))
	}
}

// Header implements linkage.Source.
func (t *table) Header() []string { return header() }

// Rows implements linkage.Source.
func (t *table) Rows() int { return len(t.ends) / columns }

// Fields implements linkage.Source.
func (t *table) Fields(row int, into [][]byte) [][]byte {
	into = into[:0]
	for c := range columns {
		into = append(into, t.Field(row, c))
	}
	return into
}

// Field gives one value of a row.
func (t *table) Field(row, column int) []byte {
	at := row*columns + column
	from := uint32(0)
	if at > 0 {
		from = t.ends[at-1]
	}
	return t.text[from:t.ends[at]:t.ends[at]]
}
