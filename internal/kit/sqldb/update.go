package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Update names what a bulk update writes: in each row that equals its Key columns, and for
// which Where holds, the Set columns take a value and the Add columns grow by one.
type Update struct {
	Table string
	Set   []string
	Add   []string
	Key   []string
	// Where is a further condition, the same for every row, such as "state = 1".
	Where string
}

// fewRows is up to where a statement a row costs no more on PostgreSQL.
const fewRows = 20

// Update changes n rows, whose values row fills in: those of Set, then of Add, then of Key.
// It gives the number of rows changed. No two of them may have the same key. SQLite runs a
// prepared statement for each; PostgreSQL one statement for thousands, joined with arrays of
// the values, which took a match from 8.4 s to 3.8 (docs/measurements.md).
func (t *Tx) Update(ctx context.Context, u Update, n int, row func(i int, values []any)) (int64, error) {
	if t.lite != nil || n < fewRows {
		return t.ExecEach(ctx, u.single(), u.columns(), n, row)
	}
	changed, err := t.updateArrays(ctx, u, n, row)
	if err != nil {
		return changed, fmt.Errorf("bulk update of %s: %w", u.Table, err)
	}
	return changed, nil
}

// updateArrays changes the rows of arrays, one array a column.
func (t *Tx) updateArrays(ctx context.Context, u Update, n int, row func(i int, values []any)) (int64, error) {
	names := append(append(append([]string{}, u.Set...), u.Add...), u.Key...)
	p, err := t.kindsOf(ctx, u.Table, names)
	if err != nil {
		return 0, err
	}
	from, values, err := p.unnest(len(names))
	if err != nil {
		return 0, err
	}
	p.lists = make([][]byte, len(names))
	query := u.text(from, func(n int) string { return "given." + values[n-1] })
	return t.execArrays(ctx, query, p, len(names), n, listed(len(names), row), nil)
}

func (u Update) columns() int { return len(u.Set) + len(u.Add) + len(u.Key) }

// single is the statement that changes one row.
func (u Update) single() string {
	return u.text("", func(n int) string { return "$" + strconv.Itoa(n) })
}

// text writes the statement up to its last condition; value gives the text of the n-th value.
func (u Update) text(from string, value func(n int) string) string {
	var set, where []string
	n := 0
	next := func() string { n++; return value(n) }
	for _, c := range u.Set {
		set = append(set, c+" = "+next())
	}
	for _, c := range u.Add {
		set = append(set, c+" = "+u.Table+"."+c+" + "+next())
	}
	for _, c := range u.Key {
		where = append(where, u.Table+"."+c+" = "+next())
	}
	if u.Where != "" {
		where = append(where, "("+u.Where+")")
	}
	return "UPDATE " + u.Table + " SET " + strings.Join(set, ", ") + from + " WHERE " + strings.Join(where, " AND ")
}
