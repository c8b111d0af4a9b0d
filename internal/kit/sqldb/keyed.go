package sqldb

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// KeyedRow is a row of some table as its key and a few columns of bytes; nil where a column is NULL.
type KeyedRow struct {
	Key    RowKey
	Values [][]byte
}

// RowKey is the value of a primary key: int64, string, []byte or ID, in the manifest's order.
// As JSON it keeps the kind of each part, so that it can be a cursor.
type RowKey []any

// keyPart is one value of a key as JSON.
type keyPart struct {
	Number *int64  `json:"n,omitempty"`
	Text   *string `json:"t,omitempty"`
	Bytes  []byte  `json:"b,omitempty"`
	ID     *ID     `json:"id,omitempty"`
}

// MarshalJSON writes the key.
func (k RowKey) MarshalJSON() ([]byte, error) {
	parts := make([]keyPart, len(k))
	for i, v := range k {
		switch v := v.(type) {
		case int64:
			parts[i].Number = &v
		case string:
			parts[i].Text = &v
		case []byte:
			parts[i].Bytes = v
		case ID:
			parts[i].ID = &v
		default:
			return nil, fmt.Errorf("a key of %T", v)
		}
	}
	return json.Marshal(parts)
}

// UnmarshalJSON reads the key.
func (k *RowKey) UnmarshalJSON(text []byte) error {
	var parts []keyPart
	if err := json.Unmarshal(text, &parts); err != nil {
		return fmt.Errorf("read key: %w", err)
	}
	*k = make(RowKey, len(parts))
	for i, p := range parts {
		switch {
		case p.Number != nil:
			(*k)[i] = *p.Number
		case p.Text != nil:
			(*k)[i] = *p.Text
		case p.ID != nil:
			(*k)[i] = *p.ID
		default:
			(*k)[i] = p.Bytes
		}
	}
	return nil
}

// RowsAfter gives rows of a table behind a key (nil: from the first) in the order of the key, at
// most limit, with the named columns of bytes. It is for work that walks through whole tables,
// whatever tenant their rows are of: every installation walks its own.
func RowsAfter(ctx context.Context, q Querier, t Table, columns []string, after RowKey, limit int) ([]KeyedRow, error) {
	all, err := tableColumns(ctx, q, t.Name)
	if err != nil {
		return nil, err
	}
	kinds := make([]columnKind, len(t.Key))
	for i, name := range t.Key {
		at := slices.IndexFunc(all, func(c column) bool { return c.name == name })
		if at < 0 {
			return nil, fmt.Errorf("%s has no column %s", t.Name, name)
		}
		kinds[i] = all[at].kind
	}
	key, a := strings.Join(t.Key, ", "), NewArgs(q)
	query := "SELECT " + key + ", " + strings.Join(columns, ", ") + " FROM " + t.Name
	if after != nil {
		if len(after) != len(t.Key) {
			return nil, fmt.Errorf("a key of %s has %d parts, not %d", t.Name, len(t.Key), len(after))
		}
		marks := make([]string, len(after))
		for i, v := range after {
			marks[i] = a.P(v)
		}
		query += " WHERE (" + key + ") > (" + strings.Join(marks, ", ") + ")"
	}
	query += " ORDER BY " + key + " LIMIT " + a.P(int64(limit))
	return Collect(ctx, q, query, a.Values, func(r Row) (KeyedRow, error) { return scanKeyed(r, kinds, len(columns)) })
}

func scanKeyed(r Row, kinds []columnKind, columns int) (KeyedRow, error) {
	row := KeyedRow{Key: make(RowKey, len(kinds)), Values: make([][]byte, columns)}
	targets := make([]any, 0, len(kinds)+columns)
	for _, kind := range kinds {
		switch kind {
		case kindInteger:
			targets = append(targets, new(*int64))
		case kindBytes:
			targets = append(targets, new([]byte))
		case kindID:
			targets = append(targets, new(ID))
		default:
			targets = append(targets, new(*string))
		}
	}
	for i := range row.Values {
		targets = append(targets, &row.Values[i])
	}
	if err := r.Scan(targets...); err != nil {
		return row, err
	}
	for i := range kinds {
		row.Key[i] = plainValue(targets[i])
	}
	for i, v := range row.Values {
		row.Values[i] = slices.Clone(v) // the driver may use its bytes again
	}
	return row, nil
}

// ReplaceBytes writes a column of one row per entry, where it still holds what was read: a row
// that somebody changed meanwhile stays as it is. It gives how many rows it wrote.
func ReplaceBytes(ctx context.Context, tx *Tx, t Table, name string, rows []Replacement) (int64, error) {
	conditions := make([]string, len(t.Key))
	for i, key := range t.Key {
		conditions[i] = fmt.Sprintf("%s = $%d", key, i+2)
	}
	query := fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s AND %s = $%d", t.Name, name, strings.Join(conditions, " AND "), name, len(t.Key)+2)
	return tx.ExecEach(ctx, query, len(t.Key)+2, len(rows), func(i int, args []any) {
		args[0] = rows[i].New
		copy(args[1:], rows[i].Key)
		args[len(args)-1] = rows[i].Old
	})
}

// Replacement is the new value of a column of bytes in one row.
type Replacement struct {
	Key      RowKey
	Old, New []byte
}
