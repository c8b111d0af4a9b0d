package registry_test

import (
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// rivals loads three persons who claim one NIK, and gives their ids in the order in which they came.
func rivals(t *testing.T, h house) (ids [3]sqldb.ID) {
	t.Helper()
	first := row(t, 1, 1)
	for i, name := range []string{"SITI PERTAMA", "SITI KEDUA", "SITI KETIGA"} {
		r := row(t, i+1, 1)
		r.NIK, r.Name, r.BirthDate = first.NIK, name, period.On(1950+i, 1, 2)
		h.load(r)
		if err := h.db.Direct().QueryRow(t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND name = $1`, name).Scan(&ids[i]); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func (h house) end(id sqldb.ID, state registry.State) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := h.s.EndPersonIn(h.t.Context(), tx, testkit.AmbonTenant, id, state, "uji")
		return err
	})
}

// holder gives who holds the one NIK, whether another claims it, and what the public check shows.
func (h house) holder() (id sqldb.ID, contested int64, programmes string) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id, contested, programmes FROM nik_index WHERE nik_hash IS NOT NULL`).Scan(&id, &contested, &programmes); err != nil {
		h.t.Fatal(err)
	}
	return id, contested, programmes
}

func (h house) stateOf(id sqldb.ID) registry.Person {
	h.t.Helper()
	p, err := h.s.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func TestAFreedNIKGoesToTheNextClaimant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ids := rivals(t, h)
		h.write(func(tx *act.Tx) error {
			_, err := h.s.SetProgrammesIn(t.Context(), tx, testkit.AmbonTenant, registry.Listing{Programme: "pkh", Period: "2024-10", Persons: ids[:1]})
			return err
		})
		h.end(ids[0], registry.Died)
		if id, contested, shown := h.holder(); id != ids[1] || contested != 1 || shown != "" {
			t.Fatalf("after the first died: %s holds it, contested %d, shown %q", id, contested, shown)
		}
		if p := h.stateOf(ids[1]); p.NIKState != registry.Holder || p.Version != 2 {
			t.Errorf("the second is %v in version %d", p.NIKState, p.Version)
		}
		if n := h.count(`SELECT count(*) FROM person_history WHERE kabkota = 8171`); n != 2 {
			t.Errorf("%d rows of history, want those of who ended and who followed", n)
		}
		h.end(ids[1], registry.MovedOut)
		if id, contested, _ := h.holder(); id != ids[2] || contested != 1 {
			t.Errorf("after the second moved: %s holds it, contested %d: it was never proved hers", id, contested)
		}
		h.write(func(tx *act.Tx) error { // the civil registry agrees
			p := h.stateOf(ids[2])
			p.Match = civilmatch.Matched
			_, err := h.s.ChangePersonIn(t.Context(), tx, p)
			return err
		})
		if id, contested, _ := h.holder(); id != ids[2] || contested != 0 {
			t.Errorf("after the civil registry agreed: %s holds it, contested %d", id, contested)
		}
		h.end(ids[2], registry.Died)
		if n := h.count(`SELECT count(*) FROM nik_index`); n != 0 {
			t.Errorf("%d NIKs are held by nobody", n)
		}
	})
}

func TestANIKNobodyElseClaimsIsNoLongerContested(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ids := rivals(t, h)
		h.end(ids[1], registry.Died)
		if id, contested, _ := h.holder(); id != ids[0] || contested != 1 {
			t.Errorf("one rival is left: %s holds it, contested %d", id, contested)
		}
		h.end(ids[2], registry.Died)
		if id, contested, _ := h.holder(); id != ids[0] || contested != 0 {
			t.Errorf("no rival is left: %s holds it, contested %d", id, contested)
		}
	})
}

func TestWhoComesBackFindsTheNIKTaken(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ids := rivals(t, h)
		h.end(ids[0], registry.Ended)
		h.write(func(tx *act.Tx) error {
			_, err := h.s.RestorePersonIn(t.Context(), tx, testkit.AmbonTenant, ids[0])
			return err
		})
		if p := h.stateOf(ids[0]); p.NIKState != registry.Contested {
			t.Errorf("who came back is %v", p.NIKState)
		}
		if id, contested, _ := h.holder(); id != ids[1] || contested != 1 {
			t.Errorf("%s holds it, contested %d", id, contested)
		}
	})
}
