package sqldb

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestCellsComeBack(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	in := Insert{Table: "kinds", Columns: []string{"n", "whole", "name", "data", "id"}, Fixed: []Fixed{{"fixed", "it's"}}}
	rows := make([]kinds, 1111) // statements of a hundred, of ten and of one
	for i := range rows {
		whole, name := int64(i)<<40, fmt.Sprint("é\x00", strings.Repeat("baris ", i%50))
		rows[i] = kinds{whole: &whole, name: &name, data: bytes.Repeat([]byte{byte(i)}, i%7), id: NewID()}
		if i%3 == 0 {
			rows[i].data, rows[i].id = nil, ID{}
		}
	}
	if err := db.Write(t.Context(), func(tx *Tx) error {
		n, err := tx.BulkCells(t.Context(), in, len(rows), func(i int, c *Cells) {
			c.Int(int64(i))
			c.Int(*rows[i].whole)
			c.Text(*rows[i].name)
			c.Bytes(rows[i].data)
			c.ID(rows[i].id)
		})
		if n != int64(len(rows)) {
			t.Errorf("%d rows written", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		got, want := readKinds(t, db, i), rows[i]
		if *got.whole != *want.whole || *got.name != *want.name || !bytes.Equal(got.data, want.data) || got.gone != (want.data == nil) || got.id != want.id || *got.fixed != "it's" {
			t.Fatalf("row %d: %+v, want %+v", i, got, want)
		}
	}
}

func TestARowOfTooFewCellsIsRefused(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	for name, fill := range map[string]func(c *Cells){
		"too few":  func(c *Cells) { c.Int(1) },
		"too many": func(c *Cells) { c.Int(1); c.Text("a"); c.Text("b") },
	} {
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.BulkCells(t.Context(), Insert{Table: "kinds", Columns: []string{"n", "name"}}, 1, func(_ int, c *Cells) { fill(c) })
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "argument ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := db.Read(t.Context(), func(tx *Tx) error {
		_, err := tx.BulkCells(t.Context(), Insert{Table: "kinds", Columns: []string{"n"}}, 1, func(_ int, c *Cells) { c.Int(1) })
		return err
	}); err == nil {
		t.Error("a reading transaction wrote")
	}
}
