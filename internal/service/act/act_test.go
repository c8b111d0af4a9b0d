package act_test

import (
	"errors"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/testkit"
)

func entries(t *testing.T, db *sqldb.DB) (n int64, purpose string) {
	t.Helper()
	err := db.Direct().QueryRow(t.Context(), `SELECT count(*), coalesce(max(purpose), '') FROM audit_entry WHERE kabkota = 8171`).Scan(&n, &purpose)
	if err != nil {
		t.Fatal(err)
	}
	return n, purpose
}

func entry() audit.Entry {
	return audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: sqldb.NewID(), Facts: map[string]any{"n": 1}}
}

func TestAnActNeedsLeaveAndATrace(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		acts := act.New(db, testkit.NewClock().Now, nil)
		who := testkit.Person(1, access.Operator, testkit.Village)
		allow := func(tx *act.Tx) error { return tx.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Village) }

		if err := acts.Write(t.Context(), who, "test", func(tx *act.Tx) error { return tx.Record(t.Context(), entry()) }); err == nil {
			t.Error("an act without leave committed")
		}
		if err := acts.Write(t.Context(), who, "test", allow); err == nil {
			t.Error("an act without a trace committed")
		}
		if n, _ := entries(t, db); n != 0 {
			t.Fatalf("entries = %d after refused acts", n)
		}
		err := acts.Write(t.Context(), who, "test", func(tx *act.Tx) error {
			if err := allow(tx); err != nil {
				return err
			}
			return tx.Record(t.Context(), entry())
		})
		if n, _ := entries(t, db); err != nil || n != 1 {
			t.Errorf("err = %v, entries = %d; want nil, 1", err, n)
		}
		err = acts.Write(t.Context(), who, "test", func(tx *act.Tx) error {
			return tx.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Neighbour)
		})
		if !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("outside the area: %v", err)
		}
	})
}

func TestAViewIsRecordedWithItsPurpose(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		acts := act.New(db, testkit.NewClock().Now, nil)
		who := testkit.Person(1, access.Operator, testkit.Village)
		err := acts.View(t.Context(), who, "look", "KTP shown", func(tx *act.Tx) error {
			if _, err := tx.AllowList(access.ReadRegistry); err != nil {
				return err
			}
			return tx.Record(t.Context(), entry())
		})
		if n, purpose := entries(t, db); err != nil || n != 1 || purpose != "KTP shown" {
			t.Errorf("err = %v, entries = %d, purpose %q", err, n, purpose)
		}
	})
}

func TestChangesAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		acts := act.New(db, testkit.NewClock().Now, nil)
		who := testkit.Person(1, access.Operator, testkit.Village)
		for range 5 {
			if err := acts.Write(t.Context(), who, "test", func(tx *act.Tx) error {
				if err := tx.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Village); err != nil {
					return err
				}
				return tx.Record(t.Context(), entry())
			}); err != nil {
				t.Fatal(err)
			}
		}
		var n, last int64
		if err := db.Direct().QueryRow(t.Context(), `SELECT count(*), max(seq) FROM change WHERE kabkota = 8171`).Scan(&n, &last); err != nil {
			t.Fatal(err)
		}
		if n != 5 || last != 5 {
			t.Errorf("changes = %d, last = %d; want 5, 5", n, last)
		}
	})
}

func TestWhereSeesOnlyTheScope(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		for name, c := range map[string]struct {
			scope access.Scope
			want  int64
		}{
			"nothing":  {access.Scope{}, 0},
			"district": {testkit.Person(1, access.Verifier, testkit.Ambon).ScopeOf(access.ReadRegistry), 1},
			"village":  {testkit.Person(1, access.Operator, testkit.Village).ScopeOf(access.ReadRegistry), 0},
			"nation":   {access.Actor{Grants: []access.Grant{{Role: access.Ministry, Area: area.Nation}}}.ScopeOf(access.ReadRegistry), 1},
		} {
			a := sqldb.NewArgs(db.Direct())
			var n int64
			query := "SELECT count(*) FROM tenant WHERE " + act.Where(c.scope, "kabkota", "area_code", a)
			if err := db.Direct().QueryRow(t.Context(), query, a.Values...).Scan(&n); err != nil || n != c.want {
				t.Errorf("%s: n = %d, err = %v; want %d", name, n, err, c.want)
			}
		}
	})
}

func TestTheSealedLogProvesItselfAndShowsTampering(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		clock := testkit.NewClock()
		acts := act.New(db, clock.Now, nil)
		sealer := audit.NewSealer(db, testkit.Keys(t))
		who := testkit.Person(1, access.Operator, testkit.Village)
		write := func() {
			if err := acts.Write(t.Context(), who, "test", func(tx *act.Tx) error {
				if err := tx.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Village); err != nil {
					return err
				}
				return tx.Record(t.Context(), entry())
			}); err != nil {
				t.Fatal(err)
			}
		}
		for range 7 {
			write()
		}
		if n, err := sealer.SealDue(t.Context(), clock.Now()); err != nil || n != 0 {
			t.Fatalf("sealed %d entries younger than ten minutes, %v", n, err)
		}
		clock.Move(11 * time.Minute)
		write()
		if n, err := sealer.SealDue(t.Context(), clock.Now()); err != nil || n != 7 {
			t.Fatalf("sealed %d, %v; want 7", n, err)
		}
		if p, err := sealer.Verify(t.Context(), clock.Now()); err != nil || p.Entries != 7 {
			t.Fatalf("proof = %+v, %v", p, err)
		}
		clock.Move(21 * time.Minute)
		if _, err := sealer.Verify(t.Context(), clock.Now()); !errors.Is(err, fail.Conflict("audit.broken")) {
			t.Errorf("an entry without a leaf went unnoticed: %v", err)
		}
		if n, err := sealer.SealDue(t.Context(), clock.Now()); err != nil || n != 1 {
			t.Fatalf("sealed %d, %v; want 1", n, err)
		}
		write()
		if n, err := sealer.SealAll(t.Context(), clock.Now()); err != nil || n != 1 {
			t.Fatalf("at the end %d were sealed, %v; want 1", n, err)
		}
		clock.Move(21 * time.Minute)
		if p, err := sealer.Verify(t.Context(), clock.Now()); err != nil || p.Entries != 9 {
			t.Fatalf("after a stop the proof = %+v, %v", p, err)
		}
		for _, tamper := range []string{
			`UPDATE audit_entry SET act = 'other' WHERE kabkota = 8171 AND id = (SELECT entry_id FROM audit_leaf WHERE kabkota = 8171 AND seq = 1 AND position = 3)`,
			`DELETE FROM audit_seal WHERE kabkota = 8171 AND seq = 1`,
		} {
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				n, err := tx.Exec(t.Context(), tamper)
				if n != 1 {
					t.Errorf("tampered with %d rows", n)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := sealer.Verify(t.Context(), clock.Now()); !errors.Is(err, fail.Conflict("audit.broken")) {
				t.Errorf("tampering went unnoticed: %v", err)
			}
		}
	})
}
