package layout

import (
	"fmt"
	"log/slog"

	"tepat/internal/kit/fail"
)

// Record is one row in canonical form: a slot for each field. It is used again for the next row; its
// values are valid until then. It prints masked, since it holds personal data.
type Record struct {
	Line     int       // of the file
	Problems []Problem // what is wrong with it, empty for a good row; used again for the next row

	values [Fields][]byte
	items  [][]byte
	parts  [areaParts][]byte // of an area code, until it is joined
	room   []byte            // converted texts
}

// Problem is one cell that cannot be used, or, with Column 0, a whole row.
type Problem struct {
	Line    int
	Column  int    // the first is 1
	Heading string // of the column, as it stands in the file
	Field   Field  // noField, which prints as "", for a whole row
	Err     *fail.Error
	Raw     []byte // the cell as it came, tidied, for who keeps it to be mended; personal data
}

// Error gives line, column and code.
func (p Problem) Error() string {
	return fmt.Sprintf("line %d column %d (%s): %s", p.Line, p.Column, p.Field, p.Err.Code)
}

// Unwrap gives the fail.Error, bound to the field.
func (p Problem) Unwrap() error { return p.Err.On(p.Field.String()) }

// Get gives the value of a field, empty when it is not known. It must not be changed.
func (r *Record) Get(f Field) []byte { return r.values[f] }

// Text gives the value of a field as a string of its own.
func (r *Record) Text(f Field) string { return string(r.values[f]) }

// Item gives the value of the i-th item of Binding.Items.
func (r *Record) Item(i int) []byte {
	if i < 0 || i >= len(r.items) {
		return nil
	}
	return r.items[i]
}

// Set gives a field a value, for an export; the bytes are kept, not copied.
func (r *Record) Set(f Field, value []byte) { r.values[f] = value }

// SetText gives a field a value, for an export.
func (r *Record) SetText(f Field, value string) {
	from := len(r.room)
	r.room = append(r.room, value...)
	r.values[f] = r.room[from:len(r.room):len(r.room)]
}

// SetItems gives the values of the items, in the order the Exporter was told.
func (r *Record) SetItems(values [][]byte) { r.items = append(r.items[:0], values...) }

// Reset empties the record.
func (r *Record) Reset() {
	r.Line = 0
	r.Problems = r.Problems[:0]
	r.values = [Fields][]byte{}
	r.parts = [areaParts][]byte{}
	r.items = r.items[:0]
	r.room = r.room[:0]
}

// Format prints the line only, whatever the verb: the record is personal data.
func (r *Record) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "record of line %d", r.Line) }

// LogValue logs the line only.
func (r *Record) LogValue() slog.Value { return slog.GroupValue(slog.Int("line", r.Line)) }
