package sqldb

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Insert names the rows of a bulk insert.
type Insert struct {
	Table   string
	Columns []string
	// Fixed are further columns, which hold one value in every row; they cost next to nothing.
	Fixed []Fixed
	// OnConflict is the text after ON CONFLICT, such as "(nik_hash) DO NOTHING";
	// empty when a conflict is an error.
	OnConflict string
}

// Fixed is a column that holds one value in every row of a bulk insert.
type Fixed struct {
	Column string
	Value  any
}

// Rows a statement: SQLite's cost per row falls by a quarter up to 40 rows and by a
// twentieth more up to 100.
const sqliteRowsPerStatement = 100

// Bulk inserts n rows that row fills in, one value a column, and gives the number
// of rows inserted. PostgreSQL takes them by COPY when no conflict is expected, else as an array a column; no two
// of them may meet the same row then where a conflict updates it. SQLite runs statements of many rows on the raw connection.
func (t *Tx) Bulk(ctx context.Context, in Insert, n int, row func(i int, values []any)) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	var changed int64
	var err error
	if t.lite != nil {
		changed, err = t.bulkSQLite(ctx, in, n, row)
	} else {
		changed, err = t.bulkPostgres(ctx, in, n, listed(len(in.Columns), row))
	}
	if err != nil {
		return changed, fmt.Errorf("bulk insert into %s: %w", in.Table, err)
	}
	return changed, nil
}

// listed fills rows of a packer from lists of values.
func listed(columns int, row func(i int, values []any)) func(i int, p *packer) {
	values := make([]any, columns)
	return func(i int, p *packer) {
		row(i, values)
		for _, v := range values {
			p.put(v)
		}
	}
}

// names lists all columns, those that row fills in first.
func (in Insert) names() []string {
	names := append(make([]string, 0, len(in.Columns)+len(in.Fixed)), in.Columns...)
	for _, f := range in.Fixed {
		names = append(names, f.Column)
	}
	return names
}

// statement writes the insert of so many rows; fixed gives the text of a fixed value.
func (in Insert) statement(rows int, placeholder func(n int) string, fixed []string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + in.Table + " (" + strings.Join(in.names(), ",") + ") VALUES ")
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range in.Columns {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			b.WriteString(placeholder(n))
		}
		for _, text := range fixed {
			b.WriteString("," + text)
		}
		b.WriteByte(')')
	}
	if in.OnConflict != "" {
		b.WriteString(" ON CONFLICT " + in.OnConflict)
	}
	return b.String()
}

// bulkSQLite binds plain question marks on the driver's own connection: the driver
// looks a $N up linearly (three times slower at 50 rows), and database/sql's
// conversions cost as much as the insert.
func (t *Tx) bulkSQLite(ctx context.Context, in Insert, n int, row func(i int, values []any)) (changed int64, err error) {
	if t.conn == nil {
		return 0, errReadsOnly
	}
	err = t.conn.Raw(func(raw any) error {
		changed, err = bulkRaw(raw.(driver.Conn), t.room, in, n, row, nil)
		return err
	})
	return changed, err
}

// bulkRaw runs as few statements as it can. The rows are filled in by cells, where there is one and the
// driver's handles are known, else by row.
func bulkRaw(conn driver.Conn, room *room, in Insert, n int, row func(i int, values []any), cells func(i int, c *Cells)) (int64, error) {
	fixed, err := literals(in.Fixed)
	if err != nil {
		return 0, err
	}
	values := make([]any, len(in.Columns))
	var changed int64
	start := 0
	for _, per := range []int{sqliteRowsPerStatement, sqliteRowsPerStatement / 10, 1} {
		if n-start < per {
			continue
		}
		stmt, err := openStatement(conn, room, in.statement(per, func(int) string { return "?" }, fixed))
		if err != nil {
			return changed, err
		}
		for ; n-start >= per && err == nil; start += per {
			var c int64
			if cells != nil && stmt.raw && stmt.order == nil {
				c, err = stmt.execCells(per, len(in.Columns), func(i int, to *Cells) { cells(start+i, to) })
			} else {
				c, err = stmt.exec(per, len(in.Columns), values, func(i int, values []any) { row(start+i, values) })
			}
			changed += c
		}
		if err = errors.Join(err, stmt.close()); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// literals writes fixed values into the text of a SQLite statement.
func literals(fixed []Fixed) ([]string, error) {
	out := make([]string, len(fixed))
	for i, f := range fixed {
		v, err := driverValue(f.Value)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Column, err)
		}
		switch v := v.(type) {
		case nil:
			out[i] = "NULL"
		case int64:
			out[i] = strconv.FormatInt(v, 10)
		case []byte:
			out[i] = "x'" + hex.EncodeToString(v) + "'"
		case string:
			if strings.ContainsRune(v, 0) {
				return nil, fmt.Errorf("column %s: a fixed text with a NUL", f.Column)
			}
			out[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
		default:
			return nil, fmt.Errorf("column %s: %T cannot be fixed", f.Column, v)
		}
	}
	return out, nil
}

// driverValue gives the few types the driver binds; named kinds become their basic kind.
func driverValue(v any) (driver.Value, error) {
	switch v := v.(type) {
	case nil, int64, string, []byte, float64:
		return v, nil
	case ID:
		if v.IsZero() {
			return nil, nil
		}
		return append([]byte(nil), v[:]...), nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}
