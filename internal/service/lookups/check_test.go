package lookups_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/lookups"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

type desk struct {
	t       *testing.T
	db      *sqldb.DB
	acts    *act.Acts
	clock   *testkit.Clock
	reg     *registry.Service
	checker *lookups.Checker
}

func newDesk(t *testing.T, db *sqldb.DB) desk {
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	reg := registry.New(acts, testkit.Keys(t))
	checker, err := lookups.NewChecker(t.Context(), db, reg, clock.Now, lookups.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, db, acts, clock, reg, checker}
}

func (d desk) write(f func(tx *act.Tx) error) {
	d.t.Helper()
	who := testkit.Person(1, access.Verifier, testkit.Ambon)
	err := d.acts.Write(d.t.Context(), who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(d.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant})
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func numbersOf(t *testing.T, n int) (person.NIK, person.KK) {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 4), n)
	if err != nil {
		t.Fatal(err)
	}
	nik, err := person.ComposeNIK(testkit.Nusaniwe, period.On(1985, 5, 6), person.Female, n)
	if err != nil {
		t.Fatal(err)
	}
	return nik, kk
}

func (d desk) add(n int, name string) (person.NIK, person.KK) {
	nik, kk := numbersOf(d.t, n)
	in := registry.Incoming{Source: "UJI", RowID: fmt.Sprint(n, name), SourceDate: "2024", KK: kk, NIK: nik, Name: name, Sex: person.Female,
		BirthDate: period.On(1985, 5, len(name)), Relation: person.Head, Area: testkit.Village}
	d.reg.Ready(&in, []byte(in.RowID))
	d.write(func(tx *act.Tx) error {
		_, err := d.reg.LoadIn(d.t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{in})
		return err
	})
	return nik, kk
}

func (d desk) check(nik person.NIK, last6 string) lookups.Answer {
	d.t.Helper()
	a, err := d.checker.Check(d.t.Context(), nik, lookups.Last6(last6))
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

func TestTheCheckTellsLittle(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		nik, kk := d.add(1, "SITI UJI")
		if a := d.check(nik, kk.Last6()); !a.Found || len(a.Benefits) != 0 {
			t.Errorf("listed = %+v", a)
		}
		neutral := lookups.Answer{}
		if a := d.check(nik, "999999"); a.Found || len(a.Benefits) != 0 {
			t.Errorf("wrong No. KK = %+v, want %+v", a, neutral)
		}
		unknown, otherKK := numbersOf(t, 77)
		if a := d.check(unknown, otherKK.Last6()); a.Found {
			t.Errorf("unknown NIK = %+v", a)
		}
		contested, contestedKK := d.add(2, "ANI UJI")
		d.add(2, "ORANG LAIN SEKALI")
		if a := d.check(contested, contestedKK.Last6()); a.Found {
			t.Errorf("contested NIK = %+v", a)
		}
	})
}

func TestAnOldFamilyCardStillAnswers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		nik, old := d.add(1, "SITI UJI")
		_, renewed := numbersOf(t, 4321)
		d.write(func(tx *act.Tx) error {
			holders, err := d.reg.HoldersIn(t.Context(), tx, []sqldb.Hash{d.reg.NIKHash(nik)})
			if err != nil {
				return err
			}
			f, err := d.reg.FamilyIn(t.Context(), tx, testkit.AmbonTenant, holders[d.reg.NIKHash(nik)].FamilyID)
			if err != nil {
				return err
			}
			f.KK = renewed
			_, err = d.reg.ChangeFamilyIn(t.Context(), tx, f)
			return err
		})
		for name, kk := range map[string]person.KK{"old": old, "new": renewed} {
			if a := d.check(nik, kk.Last6()); !a.Found {
				t.Errorf("the %s No. KK is not accepted", name)
			}
		}
	})
}

func TestGuessingRunsOutOfTries(t *testing.T) {
	t.Parallel()
	d := newDesk(t, testkit.SQLite(t))
	nik, kk := d.add(1, "SITI UJI")
	for i := range 5 {
		d.check(nik, fmt.Sprintf("%06d", i))
	}
	_, err := d.checker.Check(t.Context(), nik, lookups.Last6(kk.Last6()))
	if !errors.Is(err, fail.Limited("check.limited")) {
		t.Errorf("a sixth try was answered: %v", err)
	}
	d.clock.Move(24 * time.Hour)
	if a := d.check(nik, kk.Last6()); !a.Found {
		t.Error("the budget does not come back the next day")
	}
	// Running through the serial numbers of one kecamatan and birth date.
	limited := false
	for n := 100; n < 200 && !limited; n++ {
		other, _ := numbersOf(t, n)
		_, err := d.checker.Check(t.Context(), other, "123456")
		limited = errors.Is(err, fail.Limited("check.limited"))
		if limited && n < 100+30 {
			t.Errorf("stopped after %d", n-100)
		}
	}
	if !limited {
		t.Error("a hundred serial numbers of one birthday were answered")
	}
}

func TestChecksAreCountedNotRecorded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		nik, kk := d.add(1, "SITI UJI")
		var before, after, n int64
		count := func(to *int64, query string) {
			if err := db.Direct().QueryRow(t.Context(), query).Scan(to); err != nil {
				t.Fatal(err)
			}
		}
		count(&before, `SELECT count(*) FROM audit_entry WHERE kabkota >= 0`)
		for range 3 {
			d.check(nik, kk.Last6())
		}
		if err := d.checker.KeepCounts(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		count(&after, `SELECT count(*) FROM audit_entry WHERE kabkota >= 0`)
		count(&n, `SELECT n FROM check_count WHERE outcome = 'found'`)
		if before != after || n != 3 {
			t.Errorf("audit entries %d to %d, counted %d", before, after, n)
		}
	})
}

func TestLast6(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{"123456": true, "12 34 56": true, "12345": false, "1234567": false, "12a456": false, "": false, "１２３４５６": false} {
		if _, err := lookups.ParseLast6(in); (err == nil) != ok {
			t.Errorf("ParseLast6(%q) = %v", in, err)
		}
	}
}

// TestWhoComesBackIsAnsweredAsBefore: a record ended by mistake answers neutrally, and after its return the
// same as ever, with the old card too.
func TestWhoComesBackIsAnsweredAsBefore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		nik, old := d.add(1, "SITI UJI")
		_, renewed := numbersOf(t, 4321)
		var id sqldb.ID
		d.write(func(tx *act.Tx) error {
			holders, err := d.reg.HoldersIn(t.Context(), tx, []sqldb.Hash{d.reg.NIKHash(nik)})
			if err != nil {
				return err
			}
			h := holders[d.reg.NIKHash(nik)]
			id = h.PersonID
			f, err := d.reg.FamilyIn(t.Context(), tx, testkit.AmbonTenant, h.FamilyID)
			if err != nil {
				return err
			}
			f.KK = renewed
			if _, err = d.reg.ChangeFamilyIn(t.Context(), tx, f); err != nil {
				return err
			}
			_, err = d.reg.SetProgrammesIn(t.Context(), tx, testkit.AmbonTenant, registry.Listing{Programme: "pkh", Period: "2024-10", Families: []sqldb.ID{f.ID}})
			return err
		})
		want := lookups.Answer{Found: true, Benefits: []lookups.Benefit{{Programme: "pkh", Period: "2024-10"}}}
		answers := func(when string, want lookups.Answer) {
			t.Helper()
			for name, kk := range map[string]person.KK{"old": old, "new": renewed} {
				if a := d.check(nik, kk.Last6()); !reflect.DeepEqual(a, want) {
					t.Errorf("%s, with the %s card: %+v, want %+v", when, name, a, want)
				}
			}
		}
		answers("before", want)
		d.write(func(tx *act.Tx) error {
			_, err := d.reg.EndPersonIn(t.Context(), tx, testkit.AmbonTenant, id, registry.Ended, "uji")
			return err
		})
		answers("ended", lookups.Answer{})
		d.write(func(tx *act.Tx) error {
			_, err := d.reg.RestorePersonIn(t.Context(), tx, testkit.AmbonTenant, id)
			return err
		})
		answers("restored", want)
	})
}
