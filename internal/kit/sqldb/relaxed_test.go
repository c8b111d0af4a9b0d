package sqldb

import "testing"

func TestAHastyDatabaseIsRelaxedUntilItIsDone(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	kept := func() (synchronous, pages int64) {
		t.Helper()
		for pragma, into := range map[string]*int64{"synchronous": &synchronous, "wal_autocheckpoint": &pages} {
			if err := db.writer.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(into); err != nil {
				t.Fatal(err)
			}
		}
		return synchronous, pages
	}
	const full, normal = 2, 1
	for _, step := range []struct {
		name        string
		do          func() error
		synchronous int64
		pages       int64
	}{
		{"as it is opened", func() error { return nil }, full, 4000},
		{"a load begins", func() error { return db.Relaxed(t.Context(), true) }, normal, 16000},
		{"a load ends", func() error { return db.Relaxed(t.Context(), false) }, full, 4000},
		{"it is hasty", func() error { return db.Hasty(t.Context(), true) }, normal, 16000},
		{"a load ends meanwhile", func() error { return db.Relaxed(t.Context(), false) }, normal, 16000},
		{"it is done", func() error { return db.Hasty(t.Context(), false) }, full, 4000},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if synchronous, pages := kept(); synchronous != step.synchronous || pages != step.pages {
			t.Errorf("%s: synchronous %d and %d pages, want %d and %d", step.name, synchronous, pages, step.synchronous, step.pages)
		}
	}
}
