package sqldb

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestTheLogIsCarriedOverBesideALoad writes less than the writer carries over by itself, and looks for it in the file.
func TestTheLogIsCarriedOverBesideALoad(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	run := func(statement string, args ...any) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(t.Context(), statement, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(db.Path())
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	run(`CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT)`)
	const most = 1 << 20
	run(`INSERT INTO pages (text) VALUES (?)`, strings.Repeat("x", most))
	if size() > most {
		t.Fatal("the writer carried a short log over by itself")
	}
	if err := db.Relaxed(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := db.Relaxed(t.Context(), true); err != nil { // a load that says so twice has one carrier
		t.Fatal(err)
	}
	run(`INSERT INTO pages (text) VALUES (?)`, strings.Repeat("y", most))
	for limit := time.Now().Add(time.Minute); size() < 2*most; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("the file holds %d bytes", size())
		}
	}
	if err := db.Relaxed(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if db.writer.carrier.Load() != nil {
		t.Error("the carrier stays after the load")
	}
	run(`INSERT INTO pages (text) VALUES ('after')`)
	var rows, bytes int64
	if err := db.Direct().QueryRow(t.Context(), `SELECT count(*), sum(length(text)) FROM pages`).Scan(&rows, &bytes); err != nil || rows != 3 || bytes != 2*most+5 {
		t.Errorf("%d rows of %d bytes, %v", rows, bytes, err)
	}
}
