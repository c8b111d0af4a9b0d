package linkage

import "bytes"

// joined is a table with columns before its own: values that it holds in parts, put together. A file that has a first and a last
// name has no column of whole names.
type joined struct {
	Source
	header []string
	parts  [][]int // fields of the table, by column
	widths [][]int // of them, nothing for texts
}

// join gives the table with a column for each of the model's that it holds in parts alone; the table itself where there is none.
func (m *Model) join(s Source) Source {
	if s == nil {
		return nil
	}
	j := &joined{Source: s}
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		if m.fieldOf(c, s.Header()) >= 0 {
			continue
		}
		if parts := partsOf(c, s.Header()); len(parts) > 0 {
			j.header, j.parts, j.widths = append(j.header, c.Name), append(j.parts, parts), append(j.widths, c.Widths)
		}
	}
	if len(j.parts) == 0 {
		return s
	}
	j.header = append(j.header, s.Header()...)
	return j
}

// partsOf finds the columns of a header that hold a column's parts, in their order; none where the first part is not there.
func partsOf(c *columnFile, header []string) (at []int) {
	for n, titles := range c.Parts {
		if i := titleAt(header, titles); i >= 0 {
			at = append(at, i)
		} else if n == 0 {
			return nil
		}
	}
	return at
}

// Header gives the columns put together, then those of the table.
func (j *joined) Header() []string { return j.header }

// Fields gives a row; what is put together is memory of its own.
func (j *joined) Fields(row int, into [][]byte) [][]byte {
	own, n := j.Source.Fields(row, into), len(j.parts)
	all := append(own, make([][]byte, n)...)
	copy(all[n:], all[:len(own)])
	for i, parts := range j.parts {
		if len(j.widths[i]) > 0 {
			all[i] = filled(all[n:], parts, j.widths[i])
			continue
		}
		all[i] = together(all[n:], parts)
	}
	return all
}

// Field gives one field of a row.
func (j *joined) Field(row, column int) []byte {
	if one, ok := j.Source.(fielder); ok && column >= len(j.parts) {
		return one.Field(row, column-len(j.parts))
	}
	return fieldAt(j.Fields(row, nil), column)
}

// filled puts the numbers at some places one behind the other, each filled up with zeros, up to the first that is empty, zero or too long.
func filled(fields [][]byte, parts, widths []int) (value []byte) {
	for i, at := range parts {
		part := bytes.TrimLeft(bytes.TrimSpace(fieldAt(fields, at)), "0")
		if len(part) == 0 || len(part) > widths[i] {
			break
		}
		value = append(append(value, "0000000000000000"[:widths[i]-len(part)]...), part...)
	}
	return value
}

// together puts the fields at some places together, a space between those that hold something.
func together(fields [][]byte, parts []int) (value []byte) {
	for _, at := range parts {
		part := bytes.TrimSpace(fieldAt(fields, at))
		if len(part) == 0 {
			continue
		}
		if len(value) > 0 {
			value = append(value, ' ')
		}
		value = append(value, part...)
	}
	return value
}
