package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Tx is a transaction on either engine. It is not for use by several goroutines.
type Tx struct {
	lite *sql.Tx
	conn *sql.Conn // the connection under lite, for bulk statements
	room *room     // of the writer
	pg   pgx.Tx

	committed []func()
}

// Committed keeps f to be called once the transaction is committed, and never when it is
// given up: for what a process remembers of what it wrote.
func (t *Tx) Committed(f func()) { t.committed = append(t.committed, f) }

func (t *Tx) tellCommitted() {
	for _, f := range t.committed {
		f()
	}
}

// Dialect tells the engine.
func (t *Tx) Dialect() Dialect {
	if t.lite != nil {
		return SQLite
	}
	return Postgres
}

// NativeSQLite gives the SQLite transaction, nil on PostgreSQL. It is for the job queue only.
func (t *Tx) NativeSQLite() *sql.Tx { return t.lite }

// NativePostgres gives the pgx transaction, nil on SQLite. It is for the job queue only.
func (t *Tx) NativePostgres() pgx.Tx { return t.pg }

// Exec implements Querier.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.lite == nil {
		tag, err := t.pg.Exec(ctx, query, args...)
		return tag.RowsAffected(), err
	}
	res, err := t.lite.ExecContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements Querier.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	if t.lite == nil {
		rows, err := t.pg.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return pgRows{rows}, nil
	}
	return t.lite.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRow implements Querier.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	if t.lite == nil {
		return pgRow{t.pg.QueryRow(ctx, query, args...)}
	}
	return t.lite.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// ExecEach runs one short statement n times with the arguments row fills in, and
// gives the number of rows changed: a prepared statement on SQLite, one round trip
// a thousand statements on PostgreSQL.
func (t *Tx) ExecEach(ctx context.Context, query string, columns, n int, row func(i int, args []any)) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	if t.lite == nil {
		return t.batch(ctx, query, columns, n, row)
	}
	if t.conn == nil {
		return 0, errReadsOnly
	}
	var changed int64
	err := t.conn.Raw(func(raw any) error {
		stmt, err := openStatement(raw.(driver.Conn), t.room, query)
		if err != nil {
			return err
		}
		args := make([]any, columns)
		for i := 0; i < n && err == nil; i++ {
			var c int64
			c, err = stmt.exec(1, columns, args, func(_ int, values []any) { row(i, values) })
			changed += c
		}
		return errors.Join(err, stmt.close())
	})
	return changed, err
}

var errReadsOnly = errors.New("this transaction reads only")

const batchSize = 1000

func (t *Tx) batch(ctx context.Context, query string, columns, n int, row func(i int, args []any)) (int64, error) {
	var changed int64
	for start := 0; start < n; start += batchSize {
		end := min(start+batchSize, n)
		var b pgx.Batch
		for i := start; i < end; i++ {
			args := make([]any, columns)
			row(i, args)
			b.Queue(query, args...)
		}
		res := t.pg.SendBatch(ctx, &b)
		for range end - start {
			tag, err := res.Exec()
			if err != nil {
				return changed, errors.Join(err, res.Close())
			}
			changed += tag.RowsAffected()
		}
		if err := res.Close(); err != nil {
			return changed, err
		}
	}
	return changed, nil
}
