package sqldb_test

import (
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// TestThePlannerKnowsAGrownTable loads a table whose statistics are those of an empty one, as a
// bulk load does, and looks at what the planner expects of it.
func TestThePlannerKnowsAGrownTable(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	run := func(query string) {
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error { _, err := tx.Exec(t.Context(), query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	known := func() (pages, rows int64) {
		err := db.Direct().QueryRow(t.Context(), `SELECT relpages, CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'grows'`).Scan(&pages, &rows)
		if err != nil {
			t.Fatal(err)
		}
		return pages, rows
	}
	grow := func() {
		if err := db.Grown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TABLE grows (id INT PRIMARY KEY, source TEXT) WITH (autovacuum_enabled = false)`)
	run(`ANALYZE grows`)
	run(`INSERT INTO grows SELECT n, 'one file' FROM generate_series(1, 20000) AS n`)
	if grow(); !near(known()) {
		pages, rows := known()
		t.Fatalf("after the first load the planner expects %d pages and %d rows", pages, rows)
	}
	run(`INSERT INTO grows SELECT n, 'one file' FROM generate_series(20001, 21000) AS n`)
	before, _ := known()
	if grow(); !near(known()) {
		t.Error("the statistics are gone")
	}
	if after, _ := known(); after != before {
		t.Error("statistics were taken of a table that had hardly grown")
	}
}

func near(pages, rows int64) bool { return pages > 50 && rows == 20000 }

// TestTheAddressMaySetThePlanner keeps what an administrator wrote into the address.
func TestTheAddressMaySetThePlanner(t *testing.T) {
	t.Parallel()
	url := testkit.PostgresURL(t)
	for with, want := range map[string]string{"": "1.1", "random_page_cost=3": "3"} {
		sign := "?"
		if strings.Contains(url, "?") {
			sign = "&"
		}
		db, err := sqldb.Open(t.Context(), url+sign+with, sqldb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		err = db.Direct().QueryRow(t.Context(), `SHOW random_page_cost`).Scan(&got)
		db.Close()
		if err != nil || got != want {
			t.Errorf("%q: %s, %v", with, got, err)
		}
	}
}
