package sqldb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// Placement says where the rows of a table lie when a PostgreSQL database is spread over several machines by Citus.
type Placement struct {
	Table string `json:"table"`
	// How is reference (a copy on every machine), distributed, or local (on the coordinator alone).
	How string `json:"how"`
	// Column is what a distributed table is spread by.
	Column string `json:"column,omitempty"`
	// With names the table whose rows of the same column lie beside; empty for the first of a group.
	With string `json:"with,omitempty"`
}

// Placements gives what becomes of each table of the manifest, in the order in which it must be done: tables that are copied
// everywhere first, then the groups, each begun by one table.
func Placements(tables []Table) []Placement {
	var reference, spread, local []Placement
	first := map[string]string{}
	for _, t := range tables {
		p := Placement{Table: t.Name, How: "distributed"}
		switch t.Kind {
		case Reference:
			p.How = "reference"
			reference = append(reference, p)
			continue
		case Local:
			p.How = "local"
			local = append(local, p)
			continue
		case NIK:
			p.Column = "nik_hash"
		default:
			p.Column = "kabkota"
		}
		if p.With = first[p.Column]; p.With == "" {
			first[p.Column] = t.Name
		}
		spread = append(spread, p)
	}
	return slices.Concat(reference, spread, local)
}

// Statement gives the statement of Citus 13 that does it, and nothing for a table that stays where it is.
func (p Placement) Statement() string {
	switch {
	case p.How == "reference":
		return fmt.Sprintf("SELECT create_reference_table('%s');", p.Table)
	case p.How == "local":
		return ""
	case p.With == "":
		return fmt.Sprintf("SELECT create_distributed_table('%s', '%s', colocate_with => 'none', shard_count => 128);", p.Table, p.Column)
	}
	return fmt.Sprintf("SELECT create_distributed_table('%s', '%s', colocate_with => '%s');", p.Table, p.Column, p.With)
}

// Obstacle is something of a table that Citus refuses.
type Obstacle struct {
	Table string `json:"table"`
	What  string `json:"what"` // unique: an index without the column; trigger; foreign_key; missing: not in the database
	Name  string `json:"name,omitempty"`
}

// Obstacles looks into a PostgreSQL database for what keeps its tables from being spread: a key that does not hold the
// column, a trigger, a foreign key, a table that is not there. Error: db.not_postgres on another engine.
func Obstacles(ctx context.Context, db *DB, plan []Placement) ([]Obstacle, error) {
	if db.Dialect() != Postgres {
		return nil, fail.Invalid("db.not_postgres")
	}
	var out []Obstacle
	for _, p := range plan {
		var tables int64
		err := db.Direct().QueryRow(ctx, `SELECT count(*) FROM pg_tables WHERE tablename = $1 AND schemaname = current_schema()`, p.Table).Scan(&tables)
		if err != nil {
			return nil, fmt.Errorf("look for table %s: %w", p.Table, err)
		}
		if tables == 0 {
			out = append(out, Obstacle{p.Table, "missing", ""})
			continue
		}
		found, err := obstaclesOf(ctx, db, p)
		if err != nil {
			return nil, fmt.Errorf("look at table %s: %w", p.Table, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

func obstaclesOf(ctx context.Context, db *DB, p Placement) (out []Obstacle, err error) {
	if p.How == "local" {
		return nil, nil
	}
	each := func(what, query string) {
		if err != nil {
			return
		}
		err = Each(ctx, db.Direct(), query, []any{p.Table}, func(r Row) error {
			var name, definition string
			if err := r.Scan(&name, &definition); err != nil {
				return err
			}
			if what == "unique" && (p.How == "reference" || holds(definition, p.Column)) {
				return nil
			}
			out = append(out, Obstacle{p.Table, what, name})
			return nil
		})
	}
	each("unique", `SELECT indexname::text, indexdef::text FROM pg_indexes WHERE tablename = $1 AND schemaname = current_schema() AND indexdef LIKE 'CREATE UNIQUE%' ORDER BY 1`)
	each("trigger", `SELECT tgname::text, '' FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = CAST(CAST($1 AS text) AS regclass) ORDER BY 1`)
	each("foreign_key", `SELECT conname::text, '' FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(CAST($1 AS text) AS regclass) ORDER BY 1`)
	return out, err
}

// holds reports whether the columns of an index name one.
func holds(definition, column string) bool {
	_, list, _ := strings.Cut(definition, "(")
	list, _, _ = strings.Cut(list, ")")
	return slices.Contains(strings.Split(list, ", "), column)
}

// Citus gives the version of the extension in a PostgreSQL database, empty when it has none.
func Citus(ctx context.Context, db *DB) (version string, err error) {
	_, err = Found(db.Direct().QueryRow(ctx, `SELECT extversion::text FROM pg_extension WHERE extname = 'citus'`).Scan(&version))
	if err != nil {
		return "", fmt.Errorf("look for citus: %w", err)
	}
	return version, nil
}
