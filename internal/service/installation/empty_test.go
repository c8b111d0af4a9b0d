package installation_test

import (
	"testing"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

func TestOnlyATrainingInstallationIsEmptied(t *testing.T) {
	t.Parallel()
	for _, training := range []bool{true, false} {
		db := testkit.Postgres(t)
		testkit.Seed(t, db)
		in := installation.Creation{Name: "Uji", Level: installation.District, Areas: []area.Code{testkit.Ambon}, Training: training}
		if _, err := installation.Create(t.Context(), db, in, testkit.NewClock().Now()); err != nil {
			t.Fatal(err)
		}
		before := rows(t, db)
		err := installation.Empty(t.Context(), db, schema.Tables())
		after := rows(t, db)
		switch {
		case training && (err != nil || after != 0 || before == 0):
			t.Errorf("for training: %d rows of %d are left, %v", after, before, err)
		case !training && (fail.CodeOf(err) != "installation.not_training" || after != before):
			t.Errorf("an office's own: %d rows of %d are left, %v", after, before, err)
		}
		if !training {
			continue
		}
		if err := installation.Empty(t.Context(), db, schema.Tables()); fail.CodeOf(err) != "installation.missing" {
			t.Errorf("twice: %v", err)
		}
		testkit.Seed(t, db)
		if _, err := installation.Create(t.Context(), db, in, testkit.NewClock().Now()); err != nil {
			t.Errorf("another one cannot be made there: %v", err)
		}
	}
}

// rows counts what the tables of the manifest hold together.
func rows(t *testing.T, db *sqldb.DB) (all int64) {
	t.Helper()
	for _, table := range schema.Tables() {
		var n int64
		if err := db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM `+table.Name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all += n
	}
	return all
}
