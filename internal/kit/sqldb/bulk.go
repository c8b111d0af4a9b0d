package sqldb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Insert names the rows of a bulk insert.
type Insert struct {
	Table   string
	Columns []string
	// OnConflict is the text after ON CONFLICT, such as "(nik_hash) DO NOTHING";
	// empty when a conflict is an error.
	OnConflict string
}

// Rows a statement: SQLite's cost per row is flat from 20 on and its parser slows
// down above 50; PostgreSQL takes 65,535 parameters.
const (
	sqliteRowsPerStatement   = 40
	postgresRowsPerStatement = 500
	postgresMaxParameters    = 60000
)

// Bulk inserts n rows that row fills in, one value a column, and gives the number
// of rows inserted. It uses COPY on PostgreSQL when no conflict is expected, and
// statements of many rows on the raw connection on SQLite.
func (t *Tx) Bulk(ctx context.Context, in Insert, n int, row func(i int, values []any)) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	var changed int64
	var err error
	switch {
	case t.lite != nil:
		changed, err = t.bulkSQLite(ctx, in, n, row)
	case in.OnConflict == "":
		changed, err = t.pg.CopyFrom(ctx, pgx.Identifier{in.Table}, in.Columns, &copySource{n: n, at: -1, row: row, values: make([]any, len(in.Columns))})
	default:
		changed, err = t.bulkPostgres(ctx, in, n, row)
	}
	if err != nil {
		return changed, fmt.Errorf("bulk insert into %s: %w", in.Table, err)
	}
	return changed, nil
}

type copySource struct {
	n, at  int
	row    func(i int, values []any)
	values []any
}

func (c *copySource) Next() bool { c.at++; return c.at < c.n }
func (c *copySource) Values() ([]any, error) {
	c.row(c.at, c.values)
	return c.values, nil
}
func (c *copySource) Err() error { return nil }

func (in Insert) statement(rows int, placeholder func(n int) string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + in.Table + " (" + strings.Join(in.Columns, ",") + ") VALUES ")
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
		b.WriteByte(')')
	}
	if in.OnConflict != "" {
		b.WriteString(" ON CONFLICT " + in.OnConflict)
	}
	return b.String()
}

func (t *Tx) bulkPostgres(ctx context.Context, in Insert, n int, row func(i int, values []any)) (int64, error) {
	per := min(postgresRowsPerStatement, postgresMaxParameters/len(in.Columns))
	dollar := func(n int) string { return "$" + strconv.Itoa(n) }
	full := in.statement(per, dollar)
	var changed int64
	for start := 0; start < n; start += per {
		rows := min(per, n-start)
		query := full
		if rows < per {
			query = in.statement(rows, dollar)
		}
		args := make([]any, rows*len(in.Columns))
		for i := range rows {
			row(start+i, args[i*len(in.Columns):(i+1)*len(in.Columns)])
		}
		tag, err := t.pg.Exec(ctx, query, args...)
		if err != nil {
			return changed, err
		}
		changed += tag.RowsAffected()
	}
	return changed, nil
}

// bulkSQLite binds plain question marks on the driver's own connection: the driver
// looks a $N up linearly (three times slower at 50 rows), and database/sql's
// conversions cost as much as the insert.
func (t *Tx) bulkSQLite(ctx context.Context, in Insert, n int, row func(i int, values []any)) (changed int64, err error) {
	err = t.conn.Raw(func(raw any) error {
		changed, err = bulkRaw(raw.(driver.Conn), in, n, row)
		return err
	})
	return changed, err
}

func bulkRaw(conn driver.Conn, in Insert, n int, row func(i int, values []any)) (int64, error) {
	question := func(int) string { return "?" }
	columns := len(in.Columns)
	values := make([]any, columns)
	bound := make([]driver.NamedValue, sqliteRowsPerStatement*columns)
	var changed int64
	insert := func(stmt driver.Stmt, start, rows int) error {
		for i := range rows {
			row(start+i, values)
			for c, v := range values {
				v, err := driverValue(v)
				if err != nil {
					return fmt.Errorf("column %s: %w", in.Columns[c], err)
				}
				at := i*columns + c
				bound[at] = driver.NamedValue{Ordinal: at + 1, Value: v}
			}
		}
		res, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), bound[:rows*columns])
		if err != nil {
			return err
		}
		c, err := res.RowsAffected()
		changed += c
		return err
	}
	start := 0
	for _, per := range []int{sqliteRowsPerStatement, 1} {
		if n-start < per {
			continue
		}
		stmt, err := conn.Prepare(in.statement(per, question))
		if err != nil {
			return changed, err
		}
		for ; n-start >= per && err == nil; start += per {
			err = insert(stmt, start, per)
		}
		if closeErr := stmt.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
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
