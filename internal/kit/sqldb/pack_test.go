package sqldb_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// sent is a row of every kind a table holds.
type sent struct {
	small, n, large int64
	text            string
	data            []byte
	id              sqldb.ID
	share           float64
}

func rowsToSend(n int) []sent {
	rows := make([]sent, n)
	for i := range rows {
		rows[i] = sent{int64(i%60000) - 30000, int64(i) << 14, -int64(i) << 40, fmt.Sprint("é ", i), bytes.Repeat([]byte{0, byte(i)}, i%9), sqldb.NewID(), float64(i) / 3}
		switch i % 100 {
		case 7:
			rows[i].data, rows[i].id = nil, sqldb.ID{}
		case 8:
			rows[i].text, rows[i].data = "", []byte{}
		case 9: // longer than what is sent at a time
			rows[i].text = strings.Repeat("panjang ", 20_000)
		}
	}
	return rows
}

func makeSent(t *testing.T, db *sqldb.DB) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE TABLE sent (at INTEGER PRIMARY KEY, small SMALLINT, n INTEGER, large BIGINT, text TEXT, data BYTEA, id UUID,
			share DOUBLE PRECISION, fixed TEXT, none UUID)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func insertSent(onConflict string) sqldb.Insert {
	return sqldb.Insert{
		Table: "sent", Columns: []string{"at", "small", "n", "large", "text", "data", "id", "share"}, OnConflict: onConflict,
		Fixed: []sqldb.Fixed{{Column: "fixed", Value: "it's"}, {Column: "none", Value: sqldb.ID{}}},
	}
}

// TestRowsOfEveryKindComeBack sends some thousands of rows, with and without a conflict to be met.
func TestRowsOfEveryKindComeBack(t *testing.T) {
	t.Parallel()
	for _, onConflict := range []string{"", "(at) DO NOTHING", "(at) DO UPDATE SET n = excluded.n"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				makeSent(t, db)
				rows := rowsToSend(6011)
				write := func() (n int64) {
					if err := db.Write(t.Context(), func(tx *sqldb.Tx) (err error) {
						n, err = tx.Bulk(t.Context(), insertSent(onConflict), len(rows), func(i int, v []any) {
							r := &rows[i]
							v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = int64(i), r.small, r.n, r.large, r.text, r.data, r.id, r.share
						})
						return err
					}); err != nil {
						t.Fatal(err)
					}
					return n
				}
				if n := write(); n != int64(len(rows)) {
					t.Fatalf("%d rows written", n)
				}
				compareSent(t, db, rows)
				if strings.HasSuffix(onConflict, "NOTHING") {
					if n := write(); n != 0 {
						t.Errorf("%d rows written again", n)
					}
				}
			})
		})
	}
}

func compareSent(t *testing.T, db *sqldb.DB, rows []sent) {
	t.Helper()
	i := 0
	err := sqldb.Each(t.Context(), db.Direct(), `SELECT small, n, large, text, data, data IS NULL, id, share, fixed, none IS NULL FROM sent ORDER BY at`, nil, func(r sqldb.Row) error {
		var got sent
		var noData, noID bool
		var fixed string
		if err := r.Scan(&got.small, &got.n, &got.large, &got.text, &got.data, &noData, &got.id, &got.share, &fixed, &noID); err != nil {
			return err
		}
		want := rows[i]
		if got.small != want.small || got.n != want.n || got.large != want.large || got.text != want.text || !slices.Equal(got.data, want.data) ||
			noData != (want.data == nil) || got.id != want.id || got.share != want.share || fixed != "it's" || !noID {
			t.Fatalf("row %d is not as it was sent", i)
		}
		i++
		return nil
	})
	if err != nil || i != len(rows) {
		t.Fatalf("%d rows of %d: %v", i, len(rows), err)
	}
}

// TestWhatPostgreSQLCannotKeepIsTold leaves the transaction's error to its caller, and the connection usable.
func TestWhatPostgreSQLCannotKeepIsTold(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	makeSent(t, db)
	for name, row := range map[string]func(v []any){
		"too large for an integer":       func(v []any) { v[2] = int64(1) << 31 },
		"too large for a small integer":  func(v []any) { v[1] = int64(1) << 15 },
		"a text for a number":            func(v []any) { v[3] = struct{}{} },
		"a number that is there already": func(v []any) { v[0] = int64(1) },
	} {
		for _, onConflict := range []string{"", "(at) DO NOTHING"} {
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.Bulk(t.Context(), insertSent(onConflict), 500, func(i int, v []any) {
					copy(v, []any{int64(i), int64(1), int64(1), int64(1), "", nil, sqldb.NewID(), 1.0})
					if i == 400 {
						row(v)
					}
				})
				return err
			})
			there := name == "a number that is there already"
			if there && onConflict != "" {
				continue
			}
			if err == nil || there != sqldb.IsUnique(err) {
				t.Errorf("%s, %q: %v", name, onConflict, err)
			}
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error { _, err := tx.Exec(t.Context(), "DELETE FROM sent"); return err }); err != nil {
				t.Fatalf("after %s: %v", name, err)
			}
		}
	}
}

// TestARowOfTooFewCellsIsRefusedByPostgreSQL is the same of SQLite's.
func TestARowOfTooFewCellsIsRefusedByPostgreSQL(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	makeSent(t, db)
	for name, fill := range map[string]func(c *sqldb.Cells){
		"too few":  func(c *sqldb.Cells) { c.Int(1) },
		"too many": func(c *sqldb.Cells) { c.Int(1); c.Text("a"); c.Text("b") },
	} {
		for _, onConflict := range []string{"", "(at) DO NOTHING"} {
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.BulkCells(t.Context(), sqldb.Insert{Table: "sent", Columns: []string{"at", "text"}, OnConflict: onConflict}, 1, func(_ int, c *sqldb.Cells) { fill(c) })
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "argument ") && !strings.Contains(err.Error(), "a row of ") {
				t.Errorf("%s, %q: %v", name, onConflict, err)
			}
		}
	}
}

// TestAHastyPostgreSQLDoesNotWaitForTheDisk asks what a transaction is told.
func TestAHastyPostgreSQLDoesNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	db := testkit.Postgres(t)
	commits := func() (as string) {
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT source FROM pg_settings WHERE name = 'synchronous_commit'`).Scan(&as)
		}); err != nil {
			t.Fatal(err)
		}
		return as
	}
	ordinary := commits()
	if err := db.Hasty(t.Context(), true); err != nil || commits() != "session" {
		t.Errorf("hasty: %v, set by %q", err, commits())
	}
	if err := db.Hasty(t.Context(), false); err != nil || commits() != ordinary {
		t.Errorf("done: %v, set by %q, before by %q", err, commits(), ordinary)
	}
}

func TestAnIndexIsBuiltAsItsEngineAsks(t *testing.T) {
	t.Parallel()
	plain := sqldb.Index{Name: "a", Statement: "CREATE INDEX a ON t (b)"}
	part := sqldb.Index{Name: "a", Statement: "CREATE INDEX a ON t (b) WHERE c > 0", Fill: 50}
	for _, c := range []struct {
		index sqldb.Index
		on    sqldb.Dialect
		want  string
	}{
		{plain, sqldb.SQLite, "CREATE INDEX IF NOT EXISTS a ON t (b)"},
		{plain, sqldb.Postgres, "CREATE INDEX IF NOT EXISTS a ON t (b)"},
		{part, sqldb.SQLite, "CREATE INDEX IF NOT EXISTS a ON t (b) WHERE c > 0"},
		{part, sqldb.Postgres, "CREATE INDEX IF NOT EXISTS a ON t (b) WITH (fillfactor = 50) WHERE c > 0"},
	} {
		if got := c.index.On(c.on); got != c.want {
			t.Errorf("on %s: %q, want %q", c.on, got, c.want)
		}
	}
}
