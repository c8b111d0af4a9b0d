package sqldb

import (
	"context"
	"fmt"
	"strings"
)

// Clear empties every table of the manifest of a PostgreSQL database, and the queue's, at once: a failure leaves everything.
// Whoever calls it has made sure that nothing is lost. Schema and migrations stay.
func Clear(ctx context.Context, tx *Tx, tables []Table) error {
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, t.Name)
	}
	queue, err := Collect(ctx, tx, `
		SELECT tablename::text FROM pg_tables
		WHERE schemaname = current_schema() AND tablename LIKE 'river\_%' AND tablename <> 'river_migration' ORDER BY 1`, nil, func(r Row) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	})
	if err != nil {
		return fmt.Errorf("list tables of the queue: %w", err)
	}
	if _, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(append(names, queue...), ", ")); err != nil {
		return fmt.Errorf("empty tables: %w", err)
	}
	return nil
}
