package registry_test

import (
	"fmt"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

type house struct {
	t    *testing.T
	db   *sqldb.DB
	acts *act.Acts
	s    *registry.Service
	who  access.Actor
}

func newHouse(t *testing.T, db *sqldb.DB) house {
	testkit.Seed(t, db)
	acts := act.New(db, testkit.NewClock().Now, nil)
	return house{t, db, acts, registry.New(acts, testkit.Keys(t)), testkit.Person(1, access.Verifier, testkit.Ambon)}
}

func (h house) write(f func(*act.Tx) error) {
	h.t.Helper()
	err := h.acts.Write(h.t.Context(), h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) load(rows ...registry.Incoming) (out registry.Loaded) {
	h.t.Helper()
	for i := range rows {
		raw := fmt.Sprintf("%+v", rows[i])
		h.s.Ready(&rows[i], []byte(raw))
	}
	h.write(func(tx *act.Tx) (err error) {
		out, err = h.s.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	})
	return out
}

func (h house) count(query string) (n int64) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), query).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// row makes person n of family k.
func row(t *testing.T, k, n int) registry.Incoming {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 4), k)
	if err != nil {
		t.Fatal(err)
	}
	birth := period.On(1980+n, 5, 6)
	nik, err := person.ComposeNIK(testkit.Nusaniwe, birth, person.Female, k*10+n)
	if err != nil {
		t.Fatal(err)
	}
	r := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("r%04d-%d", k, n), KK: kk, NIK: nik, Name: fmt.Sprintf("SITI UJI %c%c", 'A'+k, 'A'+n),
		Sex: person.Female, BirthDate: birth, BirthPlace: "AMBON", MotherName: "IBU UJI", Relation: person.Child, Area: testkit.Village, VillageID: 7,
		Questionnaire: "regsosek22k", PersonAnswers: `{"sex":2}`,
	}
	if n == 1 {
		r.Relation, r.FamilyAnswers = person.Head, `{"floor_area":30}`
	}
	return r
}

func TestLoadingTheSameRowsAgainChangesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := func() []registry.Incoming { return []registry.Incoming{row(t, 1, 1), row(t, 1, 2), row(t, 2, 1)} }
		if out := h.load(rows()...); out.Inserted != 3 || out.Families != 2 {
			t.Fatalf("first load = %+v", out)
		}
		if out := h.load(rows()...); out.Unchanged != 3 || out.Inserted+out.Updated+out.SamePerson != 0 {
			t.Errorf("second load = %+v", out)
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM person WHERE kabkota = 8171`:                                  3,
			`SELECT count(*) FROM family WHERE kabkota = 8171`:                                  2,
			`SELECT sum(persons) FROM family WHERE kabkota = 8171`:                              3,
			`SELECT count(*) FROM person_history WHERE kabkota = 8171`:                          0,
			`SELECT count(*) FROM answers WHERE kabkota = 8171`:                                 5,
			`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL`:                         3,
			`SELECT count(*) FROM family WHERE kabkota = 8171 AND head_name = 'SITI UJI BB'`:    1,
			`SELECT count(*) FROM source_record WHERE kabkota = 8171 AND family_id IS NOT NULL`: 3,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestANewerRowUpdatesWithHistoryAndAnOlderOneDoesNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1), row(t, 1, 2))
		newer := row(t, 1, 2)
		newer.Name, newer.SourceDate, newer.MotherName = "SITI UJI BARU", "2024", ""
		if out := h.load(newer); out.Updated != 1 {
			t.Fatalf("newer = %+v", out)
		}
		older := row(t, 1, 2)
		older.Name, older.SourceDate = "SITI UJI LAMA", "2019"
		if out := h.load(older); out.Older != 1 || out.Updated != 0 {
			t.Errorf("older = %+v", out)
		}
		holders, err := h.s.HoldersIn(t.Context(), db.Direct(), []sqldb.Hash{h.s.NIKHash(newer.NIK)})
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.s.PersonIn(t.Context(), db.Direct(), testkit.AmbonTenant, holders[h.s.NIKHash(newer.NIK)].PersonID)
		if err != nil || p.Name != "SITI UJI BARU" || p.Version != 2 || p.MotherName != "IBU UJI" || p.NIK != newer.NIK {
			t.Errorf("person = %q version %d, mother %q, %v", p.Name, p.Version, p.MotherName, err)
		}
		if n := h.count(`SELECT count(*) FROM person_history WHERE kabkota = 8171`); n != 1 {
			t.Errorf("history rows = %d", n)
		}
		if _, err := h.s.PersonAsOf(t.Context(), db.Direct(), testkit.AmbonTenant, p.ID, p.RecordedAt.Add(-1)); fail.CodeOf(err) != "registry.no_person" {
			t.Errorf("known before she was recorded: %v", err)
		}
	})
}

func TestOneNIKHasOneHolder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1))
		// Another row of the same person, known by her NIK and name.
		again := row(t, 1, 1)
		again.RowID, again.Source = "other-7", "LAIN"
		if out := h.load(again); out.SamePerson+out.Updated != 1 || out.Inserted != 0 {
			t.Errorf("same person in another source = %+v", out)
		}
		// Somebody else with the same NIK is stored, contested.
		thief := row(t, 3, 1)
		thief.NIK, thief.Name = row(t, 1, 1).NIK, "ORANG LAIN"
		thief.BirthDate = period.On(1955, 1, 2)
		if out := h.load(thief); out.Inserted != 1 || out.Contested != 1 {
			t.Errorf("contested = %+v", out)
		}
		// Two in one chunk.
		a, b := row(t, 4, 1), row(t, 5, 1)
		b.NIK, b.Name, b.BirthDate = a.NIK, "LAIN LAGI", period.On(1966, 7, 8)
		if out := h.load(a, b); out.Inserted != 2 || out.Contested != 1 {
			t.Errorf("contested in one chunk = %+v", out)
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM person WHERE kabkota = 8171 AND nik_state = 2`:          2,
			`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL`:                   2,
			`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL AND contested = 1`: 2,
			`SELECT count(*) FROM link_pair WHERE kabkota = 8171 AND kind = 'contested'`:  2,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestAFamilyGrowsAcrossChunks(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 2))
		h.load(row(t, 1, 1), row(t, 1, 3))
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171 AND persons = 3 AND head_name = 'SITI UJI BB'`); n != 1 {
			t.Errorf("families of three with the right head = %d", n)
		}
	})
}

func TestAnImpossibleNIKIsKeptForWhoMendsIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := row(t, 1, 1)
		r.NIK, r.RawNIK = person.NIK{}, "8,17101E+15"
		h.load(r)
		families, err := h.s.List(t.Context(), h.who, registry.Filter{Limit: 20})
		if err != nil || len(families) != 1 {
			t.Fatalf("families = %d, %v", len(families), err)
		}
		members, err := h.s.MembersIn(t.Context(), db.Direct(), testkit.AmbonTenant, families[0].ID)
		if err != nil || len(members) != 1 || members[0].RawNIK != r.RawNIK || members[0].NIKState != registry.BadNIK {
			t.Errorf("members = %+v, %v", members, err)
		}
	})
}

func TestTwoSourcesMayNumberTheirRowsAlike(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		a, b := row(t, 1, 1), row(t, 2, 1)
		a.RowID, b.RowID, b.Source = "1", "1", "LAIN"
		if out := h.load(a, b); out.Inserted != 2 {
			t.Errorf("load = %+v", out)
		}
		a, b = row(t, 1, 1), row(t, 2, 1)
		a.RowID, b.RowID, b.Source, b.Name, b.SourceDate = "1", "1", "LAIN", "SITI BERUBAH", "2024"
		if out := h.load(a, b); out.Updated != 1 || out.Inserted != 0 || out.Unchanged+out.SamePerson != 1 {
			t.Errorf("second load = %+v", out)
		}
	})
}
