package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Rows a statement on PostgreSQL, and bytes: a statement costs no less a row beyond.
const (
	postgresRows  = 5000
	postgresBytes = 8 << 20
)

// kindsOf reads the types of columns, once a connection.
func (t *Tx) kindsOf(ctx context.Context, table string, columns []string) (*packer, error) {
	conn := t.pg.Conn()
	query := "SELECT " + strings.Join(columns, ",") + " FROM " + table
	known, err := conn.Prepare(ctx, query, query)
	if err != nil {
		return nil, fmt.Errorf("read types: %w", err)
	}
	p := &packer{types: conn.TypeMap(), kinds: make([]uint32, len(columns))}
	for i, field := range known.Fields {
		p.kinds[i] = field.DataTypeOID
	}
	return p, nil
}

// typeName is the name of a column's type in the text of a statement.
func (p *packer) typeName(column int) (string, error) {
	kind, ok := p.types.TypeForOID(p.kinds[column])
	if !ok {
		return "", fmt.Errorf("column %d has an unknown type %d", column+1, p.kinds[column])
	}
	return kind.Name, nil
}

// unnest gives the text of the rows of so many arrays, and the names of their columns.
func (p *packer) unnest(columns int) (from string, values []string, err error) {
	arrays := make([]string, columns)
	values = make([]string, columns)
	for i := range columns {
		name, err := p.typeName(i)
		if err != nil {
			return "", nil, err
		}
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + name + "[]"
		values[i] = "v" + strconv.Itoa(i+1)
	}
	return " FROM unnest(" + strings.Join(arrays, ", ") + ") AS given (" + strings.Join(values, ", ") + ")", values, nil
}

// bulkPostgres inserts by COPY, or from arrays where a conflict may be met.
func (t *Tx) bulkPostgres(ctx context.Context, in Insert, n int, fill func(i int, p *packer)) (int64, error) {
	p, err := t.kindsOf(ctx, in.Table, in.names())
	if err != nil {
		return 0, err
	}
	if in.OnConflict == "" {
		return t.copyIn(ctx, in, p, n, fill)
	}
	return t.insertArrays(ctx, in, p, n, fill)
}

// copyIn sends the rows by COPY while they are being written.
func (t *Tx) copyIn(ctx context.Context, in Insert, p *packer, n int, fill func(i int, p *packer)) (int64, error) {
	fixed := packer{types: p.types, kinds: p.kinds, at: len(in.Columns)}
	for _, f := range in.Fixed {
		fixed.put(f.Value)
	}
	if fixed.err != nil {
		return 0, fixed.err
	}
	rows := &copyReader{pack: p, own: len(in.Columns), fixed: fixed.row, n: n, fill: fill}
	rows.pack.row = append(make([]byte, 0, 80<<10), "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	names := make([]string, 0, len(p.kinds))
	for _, name := range in.names() {
		names = append(names, pgx.Identifier{name}.Sanitize())
	}
	tag, err := t.pg.Conn().PgConn().CopyFrom(ctx, rows, "COPY "+pgx.Identifier{in.Table}.Sanitize()+" ("+strings.Join(names, ", ")+") FROM STDIN BINARY")
	return tag.RowsAffected(), errors.Join(rows.stop(), err)
}

// copyReader writes rows as they are read. The driver reads them in a goroutine of its own, which it may leave behind
// when the connection breaks.
type copyReader struct {
	reading sync.Mutex
	pack    *packer
	own     int    // columns that fill fills
	fixed   []byte // the others
	n, at   int
	fill    func(i int, p *packer)
	sent    int // bytes of the packer's
	stopped bool
}

// Read implements io.Reader.
func (c *copyReader) Read(to []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	p := c.pack
	p.row = p.row[:copy(p.row, p.row[c.sent:])]
	c.sent = 0
	for c.at < c.n && len(p.row) < len(to) && !c.stopped && p.err == nil {
		p.row = append(p.row, byte(len(p.kinds)>>8), byte(len(p.kinds)))
		p.at = 0
		c.fill(c.at, p)
		if p.at != c.own {
			p.fail(fmt.Errorf("a row of %d columns has %d values", c.own, p.at))
		}
		p.row = append(p.row, c.fixed...)
		c.at++
	}
	switch {
	case c.stopped:
		return 0, io.ErrClosedPipe
	case p.err != nil:
		return 0, p.err
	case len(p.row) == 0:
		return 0, io.EOF
	}
	c.sent = copy(to, p.row)
	return c.sent, nil
}

// stop waits for who reads, lets nobody read on, and tells what was wrong with a row.
func (c *copyReader) stop() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.stopped = true
	return c.pack.err
}

// insertArrays inserts the rows of arrays, one array a column: thousands of rows a statement, whose text
// is the same however many they are.
func (t *Tx) insertArrays(ctx context.Context, in Insert, p *packer, n int, fill func(i int, p *packer)) (int64, error) {
	own := len(in.Columns)
	from, values, err := p.unnest(own)
	if err != nil {
		return 0, err
	}
	fixed := packer{types: p.types, kinds: p.kinds, at: own, lists: make([][]byte, len(p.kinds))}
	for i, f := range in.Fixed {
		name, err := p.typeName(own + i)
		if err != nil {
			return 0, err
		}
		values = append(values, "$"+strconv.Itoa(own+i+1)+"::"+name)
		fixed.put(f.Value)
	}
	if fixed.err != nil {
		return 0, fixed.err
	}
	query := "INSERT INTO " + in.Table + " (" + strings.Join(in.names(), ", ") + ") SELECT " + strings.Join(values, ", ") + from + " ON CONFLICT " + in.OnConflict
	after := make([][]byte, len(in.Fixed))
	for i := range after {
		if value := fixed.lists[own+i]; value[0] == 0 { // not the length of a NULL
			after[i] = value[4:]
		}
	}
	p.lists = make([][]byte, own)
	return t.execArrays(ctx, query, p, own, n, fill, after)
}

// execArrays runs a statement for every few thousand rows: an array for each of the first columns, then the values of after.
func (t *Tx) execArrays(ctx context.Context, query string, p *packer, columns, n int, fill func(i int, p *packer), after [][]byte) (changed int64, err error) {
	conn := t.pg.Conn()
	stmt, err := conn.Prepare(ctx, query, query)
	if err != nil {
		return 0, err
	}
	for start := 0; start < n; {
		p.clear()
		rows := 0
		for ; start < n && rows < postgresRows && (rows%100 > 0 || p.size() < postgresBytes); start, rows = start+1, rows+1 {
			p.at = 0
			if fill(start, p); p.at != columns {
				p.fail(fmt.Errorf("a row of %d columns has %d values", columns, p.at))
			}
			if p.err != nil {
				return changed, p.err
			}
		}
		params := make([][]byte, columns, columns+len(after))
		for i := range params {
			params[i] = p.array(i, rows)
		}
		done := conn.PgConn().ExecPrepared(ctx, stmt.Name, append(params, after...), []int16{1}, nil).Read()
		if done.Err != nil {
			return changed, done.Err
		}
		changed += done.CommandTag.RowsAffected()
	}
	return changed, nil
}
