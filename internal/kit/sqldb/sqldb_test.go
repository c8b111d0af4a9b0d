package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

func counter(n int64) []any { return []any{8171, fmt.Sprintf("c%d", n), n} }

const insertCounter = "INSERT INTO counter (kabkota, name, n) VALUES ($1, $2, $3)"

func count(t *testing.T, db *sqldb.DB) int64 {
	t.Helper()
	var n int64
	if err := db.Direct().QueryRow(t.Context(), "SELECT count(*) FROM counter WHERE kabkota = 8171").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteCommitsOrLeavesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		broken := errors.New("broken")
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(t.Context(), insertCounter, counter(1)...); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || count(t, db) != 0 {
			t.Fatalf("err = %v, rows = %d; want broken, 0", err, count(t, db))
		}
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), insertCounter, counter(1)...)
			return err
		}); err != nil || count(t, db) != 1 {
			t.Fatalf("err = %v, rows = %d; want nil, 1", err, count(t, db))
		}
	})
}

func TestAPanicInAWriteEndsThatWriteOnly(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	if err := db.Write(t.Context(), func(*sqldb.Tx) error { panic("oops") }); err == nil {
		t.Error("the panic was swallowed")
	}
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), insertCounter, counter(1)...)
		return err
	}); err != nil {
		t.Errorf("the next write failed: %v", err)
	}
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		const writers, each = 16, 25
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
						_, err := tx.Exec(t.Context(), insertCounter, counter(int64(w*each+i))...)
						return err
					})
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
				}
			})
		}
		group.Wait()
		if got := count(t, db); got != writers*each {
			t.Errorf("rows = %d, want %d", got, writers*each)
		}
	})
}

func TestUniqueViolationsAreTranslated(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		insert := func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), insertCounter, counter(1)...)
			return err
		}
		if err := db.Write(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), insert); !sqldb.IsUnique(err) || sqldb.IsRetryable(err) {
			t.Errorf("err = %v, want a unique violation", err)
		}
	})
}

func TestReadsCannotWriteAndSeeOneSnapshot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), insertCounter, counter(1)...)
			return err
		})
		if err == nil {
			t.Error("a read wrote")
		}
		err = db.Read(t.Context(), func(tx *sqldb.Tx) error {
			before := countIn(t, tx)
			if err := db.Write(t.Context(), func(w *sqldb.Tx) error {
				_, err := w.Exec(t.Context(), insertCounter, counter(2)...)
				return err
			}); err != nil {
				return err
			}
			if after := countIn(t, tx); after != before {
				t.Errorf("the snapshot moved from %d to %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func countIn(t *testing.T, tx *sqldb.Tx) int64 {
	t.Helper()
	var n int64
	if err := tx.QueryRow(t.Context(), "SELECT count(*) FROM counter WHERE kabkota = 8171").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBulkInsertsEveryCount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		total := int64(0)
		for _, n := range []int{0, 1, 39, 40, 41, 1203} {
			for _, conflict := range []string{"", "(kabkota, name) DO NOTHING"} {
				in := sqldb.Insert{Table: "counter", Columns: []string{"kabkota", "name", "n"}, OnConflict: conflict}
				err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
					changed, err := tx.Bulk(t.Context(), in, n, func(i int, v []any) {
						v[0], v[1], v[2] = 8171, fmt.Sprintf("%d-%d-%s", n, i, conflict), int64(i)
					})
					if changed != int64(n) {
						t.Errorf("Bulk(%d, %q) changed %d", n, conflict, changed)
					}
					return err
				})
				if err != nil {
					t.Fatalf("Bulk(%d, %q): %v", n, conflict, err)
				}
				total += int64(n)
			}
		}
		if got := count(t, db); got != total {
			t.Errorf("rows = %d, want %d", got, total)
		}
	})
}

func TestExecEachCountsWhatChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			fill := func(i int, v []any) { copy(v, counter(int64(i))) }
			if _, err := tx.ExecEach(t.Context(), insertCounter, 3, 1500, fill); err != nil {
				return err
			}
			changed, err := tx.ExecEach(t.Context(), "UPDATE counter SET n = $1 WHERE kabkota = 8171 AND name = $2", 2, 2000,
				func(i int, v []any) { v[0], v[1] = int64(-1), fmt.Sprintf("c%d", i) })
			if changed != 1500 {
				t.Errorf("changed = %d, want 1500", changed)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestIDsComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		id, act := sqldb.NewID(), sqldb.NewID()
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO change (kabkota, seq, act_id, act, subject, at) VALUES ($1, $2, $3, $4, $5, $6)",
				8171, 1, act, "test", sqldb.ID{}, 0)
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), "UPDATE change SET act_id = $1 WHERE kabkota = 8171 AND act_id = $2", id, act)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got, empty sqldb.ID
		if err := db.Direct().QueryRow(t.Context(), "SELECT act_id, subject FROM change WHERE kabkota = 8171").Scan(&got, &empty); err != nil {
			t.Fatal(err)
		}
		if got != id || !empty.IsZero() {
			t.Errorf("read %v and %v, want %v and empty", got, empty, id)
		}
	})
}

func TestMigratingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		version, err := db.SchemaVersion(t.Context())
		if err != nil || version < 5 {
			t.Fatalf("version = %d, %v", version, err)
		}
	})
}

func TestOneProcessOwnsASQLiteFile(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	_, err := sqldb.Open(context.Background(), db.Path(), sqldb.Options{})
	if !errors.Is(err, fail.Conflict("db.owned")) {
		t.Errorf("err = %v, want db.owned", err)
	}
	reader, err := sqldb.Open(context.Background(), db.Path(), sqldb.Options{NoLock: true})
	if err != nil {
		t.Fatalf("a reader may not look: %v", err)
	}
	reader.Close()
}

func TestArgsNumberPlaceholdersInOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		a := sqldb.NewArgs(db.Direct())
		query := "SELECT " + a.P(int64(7)) + " + 0 WHERE 2 IN " + sqldb.In(a, []int64{1, 2}) + " AND 3 NOT IN " + sqldb.In(a, []int64(nil))
		var n int64
		err := db.Direct().QueryRow(t.Context(), query, a.Values...).Scan(&n)
		if found, _ := sqldb.Found(err); found {
			t.Errorf("NOT IN (NULL) is never true, got %d", n)
		}
	})
}

func TestWhoeverAsksHearsOfACommitAndOnlyOfACommit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		heard := 0
		write := func(after error) error {
			return db.Write(t.Context(), func(tx *sqldb.Tx) error {
				if _, err := tx.Exec(t.Context(), insertCounter, counter(int64(heard))...); err != nil {
					return err
				}
				tx.Committed(func() { heard++ })
				return after
			})
		}
		if err := write(errors.New("given up")); err == nil || heard != 0 {
			t.Errorf("after a failure: %v, heard %d times", err, heard)
		}
		if err := write(nil); err != nil || heard != 1 {
			t.Errorf("after a commit: %v, heard %d times", err, heard)
		}
	})
}
