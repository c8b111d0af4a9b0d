package sqldb

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5/pgtype"
)

// packer writes the values of rows as PostgreSQL reads them in binary: row by row for COPY, or column by column for
// arrays. The driver does the same through an interface a value and a look-up of its type; of the values that
// tables hold most are of four kinds, which are written here, and the driver is asked for the others.
type packer struct {
	types *pgtype.Map
	kinds []uint32 // PostgreSQL's types of the columns
	at    int      // column filled next
	row   []byte   // the rows, where lists is nil
	lists [][]byte // the elements of each column's array
	err   error
}

// open gives where the next value goes, nil when the row is full.
func (p *packer) open() *[]byte {
	switch {
	case p.at >= len(p.kinds):
		p.fail(fmt.Errorf("a row of %d columns has more values", len(p.kinds)))
		return nil
	case p.lists == nil:
		return &p.row
	default:
		return &p.lists[p.at]
	}
}

func (p *packer) fail(err error) {
	if p.err == nil {
		p.err = fmt.Errorf("argument %d: %w", p.at+1, err)
	}
}

// put writes the next value.
func (p *packer) put(v any) {
	switch v := v.(type) {
	case nil:
		p.null()
	case int64:
		p.int(v)
	case string:
		p.text(v)
	case ID:
		p.id(v)
	case []byte:
		p.bytes(v)
	default:
		p.other(v)
	}
}

func (p *packer) null() {
	if to := p.open(); to != nil {
		*to = binary.BigEndian.AppendUint32(*to, math.MaxUint32) // a length of -1
		p.at++
	}
}

func (p *packer) int(v int64) {
	to := p.open()
	if to == nil {
		return
	}
	switch p.kinds[p.at] {
	case pgtype.Int8OID:
		*to = binary.BigEndian.AppendUint64(append(*to, 0, 0, 0, 8), uint64(v))
	case pgtype.Int4OID:
		if int64(int32(v)) != v {
			p.fail(fmt.Errorf("%d is larger than an integer", v))
			return
		}
		*to = binary.BigEndian.AppendUint32(append(*to, 0, 0, 0, 4), uint32(v))
	case pgtype.Int2OID:
		if int64(int16(v)) != v {
			p.fail(fmt.Errorf("%d is larger than a small integer", v))
			return
		}
		*to = binary.BigEndian.AppendUint16(append(*to, 0, 0, 0, 2), uint16(v))
	default:
		p.other(v)
		return
	}
	p.at++
}

func (p *packer) text(v string) {
	to := p.open()
	if to == nil {
		return
	}
	if p.kinds[p.at] != pgtype.TextOID {
		p.other(v)
		return
	}
	if p.fits(len(v)) {
		*to = append(binary.BigEndian.AppendUint32(*to, uint32(len(v))), v...)
		p.at++
	}
}

func (p *packer) bytes(v []byte) {
	to := p.open()
	switch {
	case to == nil:
	case v == nil:
		p.null()
	case p.kinds[p.at] != pgtype.ByteaOID:
		p.other(v)
	case p.fits(len(v)):
		*to = append(binary.BigEndian.AppendUint32(*to, uint32(len(v))), v...)
		p.at++
	}
}

func (p *packer) id(v ID) {
	to := p.open()
	switch {
	case to == nil:
	case v.IsZero():
		p.null()
	case p.kinds[p.at] != pgtype.UUIDOID:
		p.other(v)
	default:
		*to = append(append(*to, 0, 0, 0, 16), v[:]...)
		p.at++
	}
}

// fits tells whether PostgreSQL takes a value of so many bytes, 1 GiB at most.
func (p *packer) fits(n int) bool {
	if n > 1<<30 {
		p.fail(fmt.Errorf("a value of %d bytes", n))
		return false
	}
	return true
}

// other has the driver write the value.
func (p *packer) other(v any) {
	to := p.open()
	if to == nil {
		return
	}
	begin := len(*to)
	out, err := p.types.Encode(p.kinds[p.at], pgtype.BinaryFormatCode, v, append(*to, 0, 0, 0, 0))
	switch {
	case err != nil:
		p.fail(err)
	case out == nil:
		p.null()
	case p.fits(len(out) - begin - 4):
		binary.BigEndian.PutUint32(out[begin:], uint32(len(out)-begin-4))
		*to = out
		p.at++
	}
}

// array gives the elements of a column as an array of its type.
func (p *packer) array(column, rows int) []byte {
	elements := p.lists[column]
	out := make([]byte, 0, 20+len(elements))
	out = binary.BigEndian.AppendUint32(out, 1) // dimensions
	out = binary.BigEndian.AppendUint32(out, 1) // there may be NULLs
	out = binary.BigEndian.AppendUint32(out, p.kinds[column])
	out = binary.BigEndian.AppendUint32(out, uint32(rows))
	out = binary.BigEndian.AppendUint32(out, 1) // the first element
	return append(out, elements...)
}

// clear takes the rows out again, so that others can be put in.
func (p *packer) clear() {
	p.row = p.row[:0]
	for i := range p.lists {
		p.lists[i] = p.lists[i][:0]
	}
}

// size is how many bytes wait in the lists.
func (p *packer) size() (n int) {
	for _, list := range p.lists {
		n += len(list)
	}
	return n
}
