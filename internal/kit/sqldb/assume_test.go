package sqldb_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// plan gives SQLite's plan of a statement in one line.
func plan(t *testing.T, db *sqldb.DB, query string, args ...any) string {
	t.Helper()
	steps, err := sqldb.Collect(t.Context(), db.Direct(), "EXPLAIN QUERY PLAN "+query, args, func(r sqldb.Row) (text string, err error) {
		var id, parent, unused int64
		err = r.Scan(&id, &parent, &unused, &text)
		return text, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// TestThePlannerTakesNoDistrictForTenRows asks for the plans of statements on tables nobody has counted: those an
// import runs before its statistics are taken, and those of tables that were empty then.
func TestThePlannerTakesNoDistrictForTenRows(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	plans := func(t *testing.T) {
		t.Helper()
		for _, c := range []struct{ name, query, index string }{
			{"persons by their ids, with columns an index holds", `SELECT id, area_code FROM person WHERE kabkota = ? AND id IN (?, ?, ?)`, "sqlite_autoindex_person_1"},
			{"rows of a list between two ids", `UPDATE enrolment SET state = 1 WHERE kabkota = ? AND id > ? AND id <= ? AND list_id = ?`, "sqlite_autoindex_enrolment_1"},
			{"families in the order of the list", `SELECT id FROM family WHERE kabkota = ? AND state = ? AND area_code >= ? AND area_code < ? ORDER BY area_code, head_name, id LIMIT 21`, "family_name"},
			{"members of families", `SELECT name FROM person WHERE kabkota = ? AND family_id IN (?, ?)`, "person_family"},
			{"the newest of a person's enrolments", `SELECT id, state FROM enrolment WHERE kabkota = ? AND person_id = ?`, "enrolment_person"},
		} {
			args := make([]any, strings.Count(c.query, "?"))
			if got := plan(t, db, c.query, args...); !strings.Contains(got, c.index+" ") || strings.Contains(got, "TEMP B-TREE") {
				t.Errorf("%s: %s", c.name, got)
			}
		}
	}
	t.Run("an empty database", plans)
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO counter (kabkota, name, n) VALUES (8171, 'one', 1), (8171, 'two', 2)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("after some were counted", plans)
	var stat string
	if err := db.Direct().QueryRow(t.Context(), `SELECT stat FROM sqlite_stat1 WHERE tbl = 'counter'`).Scan(&stat); err != nil || !strings.HasPrefix(stat, "2 2") {
		t.Errorf("what was counted is %q, %v", stat, err)
	}
}

// TestWhatIsAssumedOfTables migrates a schema with an index of each kind.
func TestWhatIsAssumedOfTables(t *testing.T) {
	t.Parallel()
	db, err := sqldb.Open(t.Context(), t.TempDir()+"/assumed.db", sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Migrate(t.Context(), fstest.MapFS{"0001_rows.sql": {Data: []byte(`-- +goose Up
CREATE TABLE visit (kabkota INTEGER, id BLOB, person_id BLOB, state INTEGER, area_code INTEGER, PRIMARY KEY (kabkota, id));
CREATE INDEX visit_person ON visit (kabkota, person_id);
CREATE INDEX visit_queue ON visit (kabkota, state, area_code, id);
CREATE INDEX visit_open ON visit (kabkota, state) WHERE state = 1;
CREATE TABLE elsewhere (code INTEGER, name TEXT);
CREATE INDEX elsewhere_code ON elsewhere (code);
`)}})
	if err != nil {
		t.Fatal(err)
	}
	for index, want := range map[string]string{
		"sqlite_autoindex_visit_1": "1048576 1048576 1", "visit_person": "1048576 1048576 4", "visit_queue": "1048576 1048576 131072 512 4",
		"visit_open": "65536 65536 8192", "elsewhere_code": "",
	} {
		var stat string
		if _, err := sqldb.Found(db.Direct().QueryRow(t.Context(), `SELECT stat FROM sqlite_stat1 WHERE idx = ?`, index).Scan(&stat)); err != nil || stat != want {
			t.Errorf("%s: %q, want %q, %v", index, stat, want, err)
		}
	}
}
