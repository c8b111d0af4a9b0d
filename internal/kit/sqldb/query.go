package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNoRows is what Row.Scan returns when the query found nothing.
var ErrNoRows = sql.ErrNoRows

// Row is the one row of QueryRow.
type Row interface{ Scan(dest ...any) error }

// Rows is a result being read. Close it; Each does so.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Querier runs statements. A Tx is one; so is what DB.Direct gives.
type Querier interface {
	// Exec runs a statement and gives the number of rows it changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Dialect() Dialect
}

// Each runs a query and calls f for every row.
func Each(ctx context.Context, q Querier, query string, args []any, f func(Row) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return Told(rows.Err())
}

// Collect runs a query and gathers what scan makes of every row.
func Collect[T any](ctx context.Context, q Querier, query string, args []any, scan func(Row) (T, error)) ([]T, error) {
	var out []T
	err := Each(ctx, q, query, args, func(r Row) error {
		v, err := scan(r)
		if err == nil {
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// Found turns the error of QueryRow().Scan into whether there was a row.
func Found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Sole ends a look-up of one row by QueryRow: the value as it was read, none when there was no such row, and the error of a
// look-up that failed with what it was doing before it.
func Sole[T any](value T, err error, doing string, none error) (T, error) {
	found, err := Found(err)
	switch {
	case err != nil:
		return value, fmt.Errorf("%s: %w", doing, err)
	case !found:
		return value, none
	}
	return value, nil
}

// Args gathers the arguments of a statement that is put together piece by piece.
// Write the placeholders in the order in which the pieces stand in the text.
type Args struct {
	dialect Dialect
	Values  []any
}

// NewArgs starts a list of arguments for the querier's dialect.
func NewArgs(q Querier) *Args { return &Args{dialect: q.Dialect()} }

// P adds a value and gives its placeholder.
func (a *Args) P(v any) string {
	a.Values = append(a.Values, v)
	if a.dialect == SQLite {
		return "?"
	}
	return "$" + strconv.Itoa(len(a.Values))
}

// In adds the values and gives "(?, ?, …)". An empty list matches nothing.
func In[T any](a *Args, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(a.P(v))
	}
	b.WriteByte(')')
	return b.String()
}

// pgRows lets pgx rows close the way database/sql rows do.
type pgRows struct{ pgx.Rows }

func (r pgRows) Close() error { r.Rows.Close(); return r.Rows.Err() }

type pgRow struct{ row pgx.Row }

func (r pgRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return sql.ErrNoRows
	}
	return err
}
