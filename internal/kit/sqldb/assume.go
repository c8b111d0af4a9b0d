package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// assumedRows is how many rows SQLite takes a table for that it has no statistics of.
const assumedRows = 1 << 20

// assume gives SQLite's planner statistics of the tables of districts it has none of. Without them
// it takes the rows of one district for ten, so any index that begins with the district and holds the
// columns asked for is as good to it as the key: it read the million persons of a district to find three of them
// by their ids, and every family for each page of a list. What ANALYZE finds later takes their place.
func assume(ctx context.Context, tx *Tx) error {
	if _, err := tx.Exec(ctx, "ANALYZE sqlite_schema"); err != nil { // makes the table of statistics
		return fmt.Errorf("make statistics: %w", err)
	}
	list, err := Collect(ctx, tx, `
		SELECT t.name, i.name, i."unique", i.partial, group_concat(c.name, ',' ORDER BY c.seqno)
		FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
		WHERE t.type = 'table' AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = t.name)
		GROUP BY 1, 2 ORDER BY 1, 2`, nil, func(r Row) (a assumed, err error) {
		var columns string
		err = r.Scan(&a.table, &a.index, &a.unique, &a.partial, &columns)
		a.columns = strings.Split(columns, ",")
		return a, err
	})
	if err != nil {
		return fmt.Errorf("list indexes without statistics: %w", err)
	}
	for _, a := range list {
		if a.columns[0] != "kabkota" {
			continue
		}
		if _, err := tx.Exec(ctx, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", a.table, a.index, a.stat()); err != nil {
			return fmt.Errorf("assume statistics: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, "ANALYZE sqlite_schema"); err != nil { // reads what was written
		return fmt.Errorf("load statistics: %w", err)
	}
	return nil
}

// assumed is an index of which statistics are assumed.
type assumed struct {
	table, index    string
	columns         []string
	unique, partial bool
}

// stat says how many rows the index has, and how many share their first column, their first two, and so on.
func (a assumed) stat() string {
	rows := assumedRows
	if a.partial {
		rows /= 16
	}
	out := []string{strconv.Itoa(rows), strconv.Itoa(rows)} // one district
	same := rows
	for i, column := range a.columns[1:] {
		switch {
		case a.unique && i+2 == len(a.columns):
			same = 1
		case namesOne(column):
			same = min(same, 4)
		case strings.HasSuffix(column, "area_code"):
			same = max(same/256, 1) // villages of a district
		default:
			same = max(same/8, 1) // states, kinds, reasons, vintages
		}
		out = append(out, strconv.Itoa(same))
	}
	return strings.Join(out, " ")
}

// namesOne tells whether the values of a column are those of a person, a family or a document each; a list, a run or
// a payment cycle has many rows.
func namesOne(column string) bool {
	switch column {
	case "id", "person_id", "family_id", "subject_id", "left_id", "right_id", "entry_id", "registry_id", "head_name", "name_norm":
		return true
	}
	return strings.HasSuffix(column, "hash")
}
