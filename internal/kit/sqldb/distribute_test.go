package sqldb_test

import (
	"slices"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/testkit"
)

func TestEveryTableHasAPlace(t *testing.T) {
	t.Parallel()
	plan := sqldb.Placements(schema.Tables())
	if len(plan) != len(schema.Tables()) {
		t.Fatalf("%d places of %d tables", len(plan), len(schema.Tables()))
	}
	seen := map[string]sqldb.Placement{}
	for _, p := range plan {
		if p.With != "" && seen[p.With].Column != p.Column {
			t.Errorf("%s lies beside %s, which comes later or is spread otherwise", p.Table, p.With)
		}
		seen[p.Table] = p
	}
	for table, want := range map[string]string{
		"area":      "SELECT create_reference_table('area');",
		"account":   "",
		"person":    "SELECT create_distributed_table('person', 'kabkota', colocate_with => 'audit_entry');",
		"nik_index": "SELECT create_distributed_table('nik_index', 'nik_hash', colocate_with => 'none', shard_count => 128);",
	} {
		if got := seen[table].Statement(); got != want {
			t.Errorf("%s: %q, want %q", table, got, want)
		}
	}
	if slices.IndexFunc(plan, func(p sqldb.Placement) bool { return p.How == "reference" }) != 0 {
		t.Error("tables that are copied everywhere do not come first")
	}
}

func TestTheSchemaCanBeSpread(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	plan := sqldb.Placements(schema.Tables())
	found, err := sqldb.Obstacles(t.Context(), db, plan)
	if err != nil || len(found) != 0 {
		t.Errorf("the schema cannot be spread: %+v, %v", found, err)
	}
	if version, err := sqldb.Citus(t.Context(), db); err != nil || version != "" {
		t.Logf("citus %q, %v", version, err)
	}
	err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE UNIQUE INDEX person_only ON person (nik_hash)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err = sqldb.Obstacles(t.Context(), db, append(plan, sqldb.Placement{Table: "nowhere", How: "distributed", Column: "kabkota"}))
	want := []sqldb.Obstacle{{Table: "person", What: "unique", Name: "person_only"}, {Table: "nowhere", What: "missing"}}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := sqldb.Obstacles(t.Context(), testkit.SQLite(t), plan); fail.CodeOf(err) != "db.not_postgres" {
		t.Errorf("a file: %v", err)
	}
}
