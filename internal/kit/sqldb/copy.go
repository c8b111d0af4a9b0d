package sqldb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strings"

	"tepat/internal/kit/fail"
)

// Copied is what Copy did with one table.
type Copied struct {
	Table  string `json:"table"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
}

// Copy carries every table of the manifest marked Copy from one database to another,
// of whichever engine, with the same ids, and compares the digest of what it read
// with the digest of what the other database holds afterwards. The tables of the
// target must be empty: db.not_empty. told, when not nil, hears of each table.
func Copy(ctx context.Context, from, to *DB, tables []Table, told func(Copied)) ([]Copied, error) {
	var out []Copied
	if err := mustBeEmpty(ctx, to, tables); err != nil {
		return nil, err
	}
	err := from.Read(ctx, func(source *Tx) error {
		for _, t := range tables {
			if !t.Copy {
				continue
			}
			c, err := copyTable(ctx, source, to, t.Name)
			if err != nil {
				return fmt.Errorf("copy table %s: %w", t.Name, err)
			}
			out = append(out, c)
			if told != nil {
				told(c)
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, c := range out {
		got, err := Digest(ctx, to, c.Table)
		if err != nil {
			return out, fmt.Errorf("check table %s: %w", c.Table, err)
		}
		if got != c {
			return out, fail.Conflict("db.copy_differs", "table", c.Table, "read", c.Rows, "written", got.Rows)
		}
	}
	return out, nil
}

func mustBeEmpty(ctx context.Context, db *DB, tables []Table) error {
	for _, t := range tables {
		if !t.Copy {
			continue
		}
		var one int64
		found, err := Found(db.Direct().QueryRow(ctx, "SELECT 1 FROM "+t.Name+" LIMIT 1").Scan(&one))
		if err != nil {
			return fmt.Errorf("look into %s: %w", t.Name, err)
		}
		if found {
			return fail.Conflict("db.not_empty", "table", t.Name)
		}
	}
	return nil
}

// Digest counts the rows of a table and hashes them in a way that does not depend on
// their order: the sum of the hashes of the rows.
func Digest(ctx context.Context, db *DB, table string) (c Copied, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		columns, err := tableColumns(ctx, tx, table)
		if err != nil {
			return err
		}
		sum := newMultisetHash()
		err = eachRow(ctx, tx, table, columns, func(values []any) error {
			sum.add(values)
			return nil
		})
		c = Copied{Table: table, Rows: sum.rows, Digest: sum.String()}
		return err
	})
	return c, err
}

const (
	copyRows = 5000
	// copyBytes bounds what a batch of rows with large values holds in memory.
	copyBytes = 8 << 20
)

func copyTable(ctx context.Context, source *Tx, to *DB, table string) (Copied, error) {
	columns, err := tableColumns(ctx, source, table)
	if err != nil {
		return Copied{}, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	sum := newMultisetHash()
	var batch [][]any
	held := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := to.Write(ctx, func(tx *Tx) error {
			_, err := tx.Bulk(ctx, Insert{Table: table, Columns: names}, len(batch), func(i int, v []any) { copy(v, batch[i]) })
			return err
		})
		batch, held = batch[:0], 0
		return err
	}
	err = eachRow(ctx, source, table, columns, func(values []any) error {
		sum.add(values)
		batch = append(batch, append([]any(nil), values...))
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				held += len(b)
			}
		}
		if len(batch) < copyRows && held < copyBytes {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return Copied{Table: table, Rows: sum.rows, Digest: sum.String()}, err
}

// columnKind is what the engines agree on about a column.
type columnKind uint8

const (
	kindInteger columnKind = iota
	kindReal
	kindText
	kindBytes
	kindID
)

type column struct {
	name string
	kind columnKind
}

// tableColumns lists the columns of a table by name, so that both engines list them alike.
func tableColumns(ctx context.Context, q Querier, table string) ([]column, error) {
	query := `SELECT column_name, upper(data_type) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY column_name`
	if q.Dialect() == SQLite {
		query = `SELECT name, upper(type) FROM pragma_table_info($1) ORDER BY name`
	}
	columns, err := Collect(ctx, q, query, []any{table}, func(r Row) (column, error) {
		var c column
		var declared string
		err := r.Scan(&c.name, &declared)
		c.kind = kindOf(declared)
		return c, err
	})
	if err == nil && len(columns) == 0 {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	return columns, err
}

func kindOf(declared string) columnKind {
	switch {
	case strings.HasSuffix(declared, "INT") || declared == "INTEGER":
		return kindInteger
	case strings.HasPrefix(declared, "DOUBLE"):
		return kindReal
	case declared == "BYTEA":
		return kindBytes
	case declared == "UUID":
		return kindID
	default:
		return kindText
	}
}

// eachRow reads a whole table in typed values: int64, float64, string, []byte, ID or nil.
func eachRow(ctx context.Context, tx *Tx, table string, columns []column, f func(values []any) error) error {
	names := make([]string, len(columns))
	targets := make([]any, len(columns))
	values := make([]any, len(columns))
	for i, c := range columns {
		names[i] = c.name
		switch c.kind {
		case kindInteger:
			targets[i] = new(*int64)
		case kindReal:
			targets[i] = new(*float64)
		case kindText:
			targets[i] = new(*string)
		case kindBytes:
			targets[i] = new(any) // into []byte SQLite's driver reads no bytes and NULL alike
		case kindID:
			targets[i] = new(ID)
		}
	}
	return Each(ctx, tx, "SELECT "+strings.Join(names, ", ")+" FROM "+table, nil, func(r Row) error {
		if err := r.Scan(targets...); err != nil {
			return err
		}
		for i, t := range targets {
			values[i] = plainValue(t)
		}
		return f(values)
	})
}

func plainValue(target any) any {
	switch t := target.(type) {
	case **int64:
		if *t != nil {
			return **t
		}
	case **float64:
		if *t != nil {
			return **t
		}
	case **string:
		if *t != nil {
			return **t
		}
	case *[]byte:
		if *t != nil {
			return append([]byte{}, *t...)
		}
	case *any:
		if b, ok := (*t).([]byte); ok {
			return append([]byte{}, b...)
		}
	case *ID:
		if !t.IsZero() {
			return *t
		}
	}
	return nil
}

// multisetHash adds the hashes of rows modulo 2^256.
type multisetHash struct {
	rows int64
	sum  *big.Int
	one  big.Int
	buf  []byte
}

func newMultisetHash() *multisetHash { return &multisetHash{sum: new(big.Int)} }

func (m *multisetHash) add(values []any) {
	m.buf = m.buf[:0]
	field := func(tag byte, data []byte) {
		m.buf = append(m.buf, tag)
		m.buf = binary.BigEndian.AppendUint32(m.buf, uint32(len(data)))
		m.buf = append(m.buf, data...)
	}
	var number [8]byte
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			field('0', nil)
		case int64:
			binary.BigEndian.PutUint64(number[:], uint64(v))
			field('i', number[:])
		case float64:
			binary.BigEndian.PutUint64(number[:], math.Float64bits(v))
			field('f', number[:])
		case string:
			field('t', []byte(v))
		case []byte:
			field('b', v)
		case ID:
			field('u', v[:])
		}
	}
	h := sha256.Sum256(m.buf)
	m.sum.Add(m.sum, m.one.SetBytes(h[:]))
	if m.rows++; m.rows%1024 == 0 {
		m.reduce()
	}
}

func (m *multisetHash) reduce() {
	m.sum.Mod(m.sum, new(big.Int).Lsh(big.NewInt(1), 256))
}

// String gives the sum in hex.
func (m *multisetHash) String() string {
	m.reduce()
	var out [32]byte
	m.sum.FillBytes(out[:])
	return hex.EncodeToString(out[:])
}
