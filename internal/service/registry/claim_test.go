package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
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

// claims gives every row of nik_index as text, in order.
func (h house) claims() (out []string) {
	h.t.Helper()
	out, err := sqldb.Collect(h.t.Context(), h.db.Direct(), `
		SELECT nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes FROM nik_index WHERE nik_hash IS NOT NULL ORDER BY nik_hash`, nil,
		func(r sqldb.Row) (string, error) {
			var hash sqldb.Hash
			var person, family sqldb.ID
			var tenant, contested, listed int64
			var tags []byte
			var programmes string
			err := r.Scan(&hash, &tenant, &person, &family, &contested, &tags, &listed, &programmes)
			return fmt.Sprintf("%x of %d: %s in %s, contested %d, cards %x, listed %d, shows %q", hash, tenant, person, family, contested, tags, listed, programmes), err
		})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h house) restore(id sqldb.ID) registry.Person {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := h.s.RestorePersonIn(h.t.Context(), tx, testkit.AmbonTenant, id)
		return err
	})
	return h.stateOf(id)
}

func (h house) listed(programme, month string, ids ...sqldb.ID) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := h.s.SetProgrammesIn(h.t.Context(), tx, testkit.AmbonTenant, registry.Listing{Programme: programme, Period: month, Persons: ids})
		return err
	})
}

func (h house) newCard(id sqldb.ID, n int) {
	h.t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2020, 3, 4), n)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(func(tx *act.Tx) error {
		f, err := h.s.FamilyIn(h.t.Context(), tx, testkit.AmbonTenant, h.stateOf(id).FamilyID)
		if err != nil {
			return err
		}
		f.KK = kk
		_, err = h.s.ChangeFamilyIn(h.t.Context(), tx, f)
		return err
	})
}

// TestWhoComesBackHasHerClaimBack: programmes, every card and the mark are as they were, whoever else
// inherited the NIK meanwhile.
func TestWhoComesBackHasHerClaimBack(t *testing.T) {
	t.Parallel()
	ended := func(h house, ids [3]sqldb.ID) { h.end(ids[0], registry.Ended) }
	for name, c := range map[string]struct {
		rivals bool
		undo   func(h house, ids [3]sqldb.ID)
		shows  string
	}{
		"alone":                        {false, func(h house, ids [3]sqldb.ID) { h.restore(ids[0]) }, "pkh 2024-10"},
		"whom a rival inherited":       {true, func(h house, ids [3]sqldb.ID) { h.restore(ids[0]) }, "pkh 2024-10"},
		"whose rival was listed since": {true, func(h house, ids [3]sqldb.ID) { h.listed("bst", "2024-11", ids[1]); h.restore(ids[0]) }, "pkh 2024-10"},
		"two ended, the last one first": {true, func(h house, ids [3]sqldb.ID) {
			h.end(ids[1], registry.Died)
			h.restore(ids[1])
			h.restore(ids[0])
		}, "pkh 2024-10"},
		"a newer list froze meanwhile":      {false, func(h house, ids [3]sqldb.ID) { h.listed("pkh", "2024-11", ids[0]); h.restore(ids[0]) }, "pkh 2024-11"},
		"she left the list meanwhile":       {true, func(h house, ids [3]sqldb.ID) { h.listed("pkh", "", ids[0]); h.restore(ids[0]) }, ""},
		"ended and restored a second time":  {true, func(h house, ids [3]sqldb.ID) { h.restore(ids[0]); ended(h, ids); h.restore(ids[0]) }, "pkh 2024-10"},
		"another programme came meanwhile":  {false, func(h house, ids [3]sqldb.ID) { h.listed("bst", "2024-11", ids[0]); h.restore(ids[0]) }, "bst 2024-11;pkh 2024-10"},
		"a programme of the family changed": {false, func(h house, ids [3]sqldb.ID) { h.familyListed(ids[0], "sembako", "2024-11"); h.restore(ids[0]) }, "pkh 2024-10;sembako 2024-11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				ids := rivals(t, h)
				if !c.rivals {
					h.end(ids[1], registry.Died)
					h.end(ids[2], registry.Died)
				}
				h.newCard(ids[0], 77)
				h.newCard(ids[0], 78)
				h.listed("pkh", "2024-10", ids[0])
				before := h.claims()
				ended(h, ids)
				c.undo(h, ids)
				if p := h.stateOf(ids[0]); p.NIKState != registry.Holder {
					t.Errorf("who came back is %v", p.NIKState)
				}
				want := strings.ReplaceAll(before[0], `"pkh 2024-10"`, fmt.Sprintf("%q", c.shows))
				if got := h.claims(); len(got) != 1 || got[0] != want {
					t.Errorf("claims are\n%s\nwant\n%s", strings.Join(got, "\n"), want)
				}
				if n, err := h.s.Drift(t.Context(), db.Direct()); n != 0 || err != nil {
					t.Errorf("%d NIKs and their holders do not agree, %v", n, err)
				}
				if n := h.count(`SELECT count(*) FROM nik_freed k JOIN nik_index i ON i.nik_hash = k.nik_hash AND i.person_id = k.person_id WHERE k.kabkota = 8171`); n != 0 {
					t.Errorf("%d claims are kept for those who hold them", n)
				}
			})
		})
	}
}

func (h house) familyListed(id sqldb.ID, programme, month string) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := h.s.SetProgrammesIn(h.t.Context(), tx, testkit.AmbonTenant,
			registry.Listing{Programme: programme, Period: month, Families: []sqldb.ID{h.stateOf(id).FamilyID}})
		return err
	})
}

// TestWhoComesBackFindsTheNIKTaken: who came to the NIK while nobody held it keeps it, and so does an heir to
// whom alone the civil registry agrees; what hung on it waits for who gave it up.
func TestWhoComesBackFindsTheNIKTaken(t *testing.T) {
	t.Parallel()
	newcomer := func(h house, _ [3]sqldb.ID) sqldb.ID {
		r := row(h.t, 7, 1)
		r.NIK, r.Name, r.BirthDate = row(h.t, 1, 1).NIK, "SITI BARU", period.On(1949, 1, 2)
		h.load(r)
		var id sqldb.ID
		if err := h.db.Direct().QueryRow(h.t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND name = 'SITI BARU'`).Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		return id
	}
	proved := func(h house, ids [3]sqldb.ID) sqldb.ID {
		h.write(func(tx *act.Tx) error {
			p := h.stateOf(ids[1])
			p.Match = civilmatch.Matched
			_, err := h.s.ChangePersonIn(h.t.Context(), tx, p)
			return err
		})
		return ids[1]
	}
	for name, c := range map[string]struct {
		rivals bool
		since  func(h house, ids [3]sqldb.ID) sqldb.ID
	}{"by a newcomer": {false, newcomer}, "by an heir who is proved": {true, proved}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				ids := rivals(t, h)
				h.end(ids[2], registry.Died)
				if !c.rivals {
					h.end(ids[1], registry.Died)
				}
				h.listed("pkh", "2024-10", ids[0])
				before := h.claims()
				h.end(ids[0], registry.Ended)
				holds := c.since(h, ids)
				if p := h.restore(ids[0]); p.NIKState != registry.Contested {
					t.Errorf("who came back is %v", p.NIKState)
				}
				if id, contested, shows := h.holder(); id != holds || contested != 1 || shows != "" {
					t.Errorf("%s holds it, contested %d, shows %q", id, contested, shows)
				}
				h.end(holds, registry.Died)
				h.write(func(tx *act.Tx) error { // she is the only one left, and the civil registry agrees
					p := h.stateOf(ids[0])
					p.Match = civilmatch.Matched
					_, err := h.s.ChangePersonIn(t.Context(), tx, p)
					return err
				})
				want := strings.Replace(before[0], "contested 1", "contested 0", 1)
				if got := h.claims(); len(got) != 1 || got[0] != want {
					t.Errorf("claims are\n%s\nwant\n%s", strings.Join(got, "\n"), want)
				}
			})
		})
	}
}

// TestAMendedNIKShowsTheSameProgrammes: programmes are a person's, whichever NIK she has.
func TestAMendedNIKShowsTheSameProgrammes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1))
		var id sqldb.ID
		if err := db.Direct().QueryRow(t.Context(), `SELECT id FROM person WHERE kabkota = 8171`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		h.listed("pkh", "2024-10", id)
		mend := func(r registry.Incoming) {
			h.write(func(tx *act.Tx) error {
				p := h.stateOf(id)
				p.NIK = r.NIK
				_, err := h.s.ChangePersonIn(t.Context(), tx, p)
				return err
			})
		}
		before := h.claims()
		mend(row(t, 2, 2))
		if got, contested, shows := h.holder(); got != id || contested != 0 || shows != "pkh 2024-10" {
			t.Errorf("mended: %s holds it, contested %d, shows %q", got, contested, shows)
		}
		mend(row(t, 1, 1))
		if got := h.claims(); len(got) != 1 || got[0] != before[0] {
			t.Errorf("mended back: %v, was %v", got, before)
		}
	})
}
