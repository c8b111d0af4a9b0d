package sqldb_test

import (
	"bytes"
	"fmt"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

// hashed is the key of row i of a table that is keyed by a hash.
func hashed(i int) sqldb.Hash { return sqldb.Hash{0: 1, 14: byte(i >> 8), 15: byte(i)} }

// TestUpdateChangesWhatItsKeysName changes as many rows as one statement takes, and more, of
// every type a table holds.
func TestUpdateChangesWhatItsKeysName(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		for _, rows := range []int{0, 1, 19, 20, 5203} {
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				if _, err := tx.Exec(t.Context(), "DELETE FROM civil_answer"); err != nil {
					return err
				}
				in := sqldb.Insert{Table: "civil_answer", Columns: []string{"nik_hash", "mode", "question", "outcome", "answer", "answered_at"}}
				_, err := tx.Bulk(t.Context(), in, rows, func(i int, v []any) {
					v[0], v[1], v[2], v[3], v[4], v[5] = hashed(i), int64(i%2), hashed(i), int64(1), []byte("old"), int64(i)
				})
				if err != nil {
					return err
				}
				up := sqldb.Update{Table: "civil_answer", Set: []string{"question", "answer"}, Add: []string{"answered_at"}, Key: []string{"nik_hash", "outcome"}, Where: "mode = 1"}
				changed, err := tx.Update(t.Context(), up, rows+10, func(i int, v []any) {
					v[0], v[1], v[2], v[3], v[4] = sqldb.Hash{}, fmt.Appendf(nil, "new %d", i), int64(1000), hashed(i), int64(1+i%4/3)
				})
				if want := wanted(rows); changed != want {
					t.Errorf("of %d rows changed %d, want %d", rows, changed, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			checkUpdated(t, db, rows)
		}
	})
}

// touched tells whether row i is changed: by its mode, and by the outcome its key names.
func touched(i int) bool { return i%2 == 1 && i%4 != 3 }

func wanted(rows int) (n int64) {
	for i := range rows {
		if touched(i) {
			n++
		}
	}
	return n
}

func checkUpdated(t *testing.T, db *sqldb.DB, rows int) {
	t.Helper()
	i := 0
	err := sqldb.Each(t.Context(), db.Direct(), "SELECT question, answer, answered_at FROM civil_answer ORDER BY nik_hash", nil, func(r sqldb.Row) error {
		var question sqldb.Hash
		var answer []byte
		var at int64
		err := r.Scan(&question, &answer, &at)
		want, wantAt, wantQuestion := []byte("old"), int64(i), hashed(i)
		if touched(i) {
			want, wantAt, wantQuestion = fmt.Appendf(nil, "new %d", i), int64(i)+1000, sqldb.Hash{}
		}
		if !bytes.Equal(answer, want) || at != wantAt || question != wantQuestion {
			t.Errorf("row %d of %d = %s, %d, %s", i, rows, answer, at, question)
		}
		i++
		return err
	})
	if err != nil || i != rows {
		t.Fatalf("%d rows, want %d: %v", i, rows, err)
	}
}

// TestUpdateOfAMissingColumnSaysSo holds for few rows and for many.
func TestUpdateOfAMissingColumnSaysSo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		for _, rows := range []int{1, 100} {
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.Update(t.Context(), sqldb.Update{Table: "counter", Set: []string{"nothing"}, Key: []string{"kabkota", "name"}}, rows,
					func(i int, v []any) { v[0], v[1], v[2] = int64(1), int64(8171), fmt.Sprint(i) })
				return err
			})
			if err == nil {
				t.Errorf("%d rows: a missing column was set", rows)
			}
		}
	})
}
