package sqldb_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/testkit"
)

func fillForCopy(t *testing.T, db *sqldb.DB) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		in := sqldb.Insert{Table: "nik_index", Columns: []string{"nik_hash", "kabkota", "person_id", "family_id", "contested", "check_tags", "listed", "programmes"}}
		if _, err := tx.Bulk(t.Context(), in, 7000, func(i int, v []any) {
			v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = sqldb.NewID(), int64(8171), sqldb.NewID(), sqldb.NewID(), int64(i%2), []byte{byte(i), 0, 255}[:i%4], int64(1), fmt.Sprintf("pkh %d é\n", i) // no bytes at all, too: they are not NULL
		}); err != nil {
			return err
		}
		decile := sqldb.Insert{Table: "decile", Columns: []string{"kabkota", "family_id", "vintage", "source", "decile", "score", "recorded_at", "act_id", "explanation"}}
		_, err := tx.Bulk(t.Context(), decile, 50, func(i int, v []any) {
			var score any
			if i%3 > 0 {
				score = 1.0 / float64(i)
			}
			copy(v, []any{int64(8171), sqldb.NewID(), "2025-Q1", int64(1), int64(i%10 + 1), score, int64(i), sqldb.NewID(), "{}"})
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestACopyThroughBothEnginesIsTheSame(t *testing.T) {
	t.Parallel()
	first, middle, last := testkit.SQLite(t), testkit.Postgres(t), testkit.SQLite(t)
	fillForCopy(t, first)
	there, err := sqldb.Copy(t.Context(), first, middle, schema.Tables(), nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := sqldb.Copy(t.Context(), middle, last, schema.Tables(), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for i := range there {
		if there[i] != back[i] {
			t.Errorf("%+v became %+v", there[i], back[i])
		}
		rows += there[i].Rows
	}
	if rows != 7050 {
		t.Errorf("rows = %d", rows)
	}
	if _, err := sqldb.Copy(t.Context(), first, last, schema.Tables(), nil); !errors.Is(err, fail.Conflict("db.not_empty")) {
		t.Errorf("copy onto rows: %v", err)
	}
}

func TestABackupIsWholeAndNeverOverwrites(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		fillForCopy(t, db)
		path := filepath.Join(t.TempDir(), "backup.tepat")
		copied, err := db.BackupTo(t.Context(), path, schema.Files(), schema.Tables(), nil)
		if err != nil {
			t.Fatal(err)
		}
		restored := testkit.SQLite(t)
		source, err := sqldb.Open(t.Context(), path, sqldb.Options{NoLock: true})
		if err != nil {
			t.Fatal(err)
		}
		defer source.Close()
		again, err := sqldb.Copy(t.Context(), source, restored, schema.Tables(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range copied {
			if copied[i] != again[i] {
				t.Errorf("%+v was restored as %+v", copied[i], again[i])
			}
		}
		if _, err := db.BackupTo(t.Context(), path, schema.Files(), schema.Tables(), nil); err == nil {
			t.Error("a backup was overwritten")
		}
	})
}

func TestTheManifestNamesEveryTable(t *testing.T) {
	t.Parallel()
	db := testkit.SQLite(t)
	named := map[string]bool{"goose_db_version": true, "sqlite_sequence": true}
	for _, table := range schema.Tables() {
		if named[table.Name] {
			t.Errorf("table %s is named twice", table.Name)
		}
		named[table.Name] = true
	}
	err := sqldb.Each(t.Context(), db.Direct(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'`, nil, func(r sqldb.Row) error {
		var name string
		err := r.Scan(&name)
		if !named[name] {
			t.Errorf("table %s is not in the manifest", name)
		}
		delete(named, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(named, "goose_db_version")
	delete(named, "sqlite_sequence")
	for name := range named {
		t.Errorf("the manifest names %s, which does not exist", name)
	}
}
