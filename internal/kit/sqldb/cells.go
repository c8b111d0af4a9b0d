package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"

	sqlite3 "modernc.org/sqlite/lib"
)

// Cells takes the values of a row of a bulk insert, column by column. On SQLite they go straight into the
// statement, on PostgreSQL into what is sent: put into a list of any kind first, each of them would be allocated, and a load has
// tens of millions.
type Cells struct {
	to     *statement // SQLite
	pack   *packer    // PostgreSQL
	values []any      // where neither is there
	at     int32      // column filled last, of all rows of the statement
	err    error
}

// Int fills the next column with a number.
func (c *Cells) Int(v int64) {
	if c.to == nil {
		if c.pack != nil {
			c.pack.int(v)
		} else {
			c.values = append(c.values, v)
		}
		return
	}
	c.at++
	c.keep(sqlite3.Xsqlite3_bind_int64(c.to.tls, c.to.handle, c.at, v))
}

// Text fills the next column with a text.
func (c *Cells) Text(v string) {
	if c.to == nil {
		if c.pack != nil {
			c.pack.text(v)
		} else {
			c.values = append(c.values, v)
		}
		return
	}
	c.at++
	p, place, err := c.to.room.take(len(v))
	if err != nil || len(v) > math.MaxInt32 {
		c.fail(err)
		return
	}
	copy(place, v)
	c.keep(sqlite3.Xsqlite3_bind_text(c.to.tls, c.to.handle, c.at, p, int32(len(v)), 0))
}

// Bytes fills the next column with bytes; nil is NULL.
func (c *Cells) Bytes(v []byte) {
	switch {
	case v == nil:
		c.null()
	case c.pack != nil:
		c.pack.bytes(v)
	case c.to == nil:
		c.values = append(c.values, v)
	default:
		c.at++
		if err := c.to.bindBytes(c.at, v); err != nil {
			c.fail(err)
		}
	}
}

// ID fills the next column with an id or a hash; the zero one is NULL.
func (c *Cells) ID(v ID) {
	switch {
	case v.IsZero():
		c.null()
	case c.pack != nil:
		c.pack.id(v)
	case c.to == nil:
		c.values = append(c.values, v)
	default:
		c.at++
		if err := c.to.bindBytes(c.at, v[:]); err != nil {
			c.fail(err)
		}
	}
}

func (c *Cells) null() {
	if c.to == nil {
		if c.pack != nil {
			c.pack.null()
		} else {
			c.values = append(c.values, nil)
		}
		return
	}
	c.at++
	c.keep(sqlite3.Xsqlite3_bind_null(c.to.tls, c.to.handle, c.at))
}

func (c *Cells) keep(code int32) {
	if code != sqlite3.SQLITE_OK {
		c.fail(bound(code))
	}
}

func (c *Cells) fail(err error) {
	if err == nil {
		err = fmt.Errorf("a text of 2 GiB")
	}
	if c.err == nil {
		c.err = fmt.Errorf("argument %d: %w", c.at, err)
	}
}

func (c *Cells) miscounted(columns, values int) {
	c.fail(fmt.Errorf("a row of %d columns has %d values", columns, values))
}

// BulkCells inserts n rows as Bulk does; row fills every column of Columns of each, in their order.
func (t *Tx) BulkCells(ctx context.Context, in Insert, n int, row func(i int, c *Cells)) (changed int64, err error) {
	if n == 0 {
		return 0, nil
	}
	if t.lite == nil {
		var c Cells
		if changed, err = t.bulkPostgres(ctx, in, n, func(i int, p *packer) { c.pack = p; row(i, &c) }); err != nil {
			err = fmt.Errorf("bulk insert into %s: %w", in.Table, err)
		}
		return changed, err
	}
	var listed Cells
	list := func(i int, values []any) {
		listed.values = listed.values[:0]
		if row(i, &listed); len(listed.values) != len(values) {
			listed.miscounted(len(values), len(listed.values))
		}
		copy(values, listed.values)
	}
	if t.conn == nil {
		return 0, errReadsOnly
	}
	err = t.conn.Raw(func(raw any) error {
		changed, err = bulkRaw(raw.(driver.Conn), t.room, in, n, list, row)
		return errors.Join(err, listed.err)
	})
	if err != nil {
		return changed, fmt.Errorf("bulk insert into %s: %w", in.Table, err)
	}
	return changed, nil
}

// execCells runs the statement once with the values of so many rows.
func (s *statement) execCells(rows, columns int, row func(i int, c *Cells)) (int64, error) {
	s.room.empty()
	c := Cells{to: s}
	for i := range rows {
		row(i, &c)
		if c.at != int32((i+1)*columns) {
			c.miscounted(columns, int(c.at)-i*columns)
		}
		if c.err != nil {
			return 0, c.err
		}
	}
	return s.step()
}
