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

// names gives the persons of the registry by name, with how they stand to their NIK.
func (h house) names() map[string]registry.NIKState {
	h.t.Helper()
	out := map[string]registry.NIKState{}
	err := sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT name, nik_state FROM person WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var name string
		var state int64
		err := r.Scan(&name, &state)
		out[name] = registry.NIKState(state)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// apart is a row with the NIK and birth date of another, and a name that is far from hers.
func apart(r registry.Incoming, rowID, source, year string) registry.Incoming {
	r.RowID, r.Name, r.Source, r.SourceDate = rowID, "BUDI SANTOSO", source, year
	return r
}

// TestARowWithoutANumberOfItsOwnIsKnownByItsNameToo: a list that numbers no rows knows them by their NIK; who has another name in a later
// chunk or year does not become the person of the first row, and is known again.
func TestARowWithoutANumberOfItsOwnIsKnownByItsNameToo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		unnumbered := func(name, year string) registry.Incoming {
			r := row(t, 1, 1)
			r.Name, r.SourceDate = name, year
			r.RowID = h.s.RowKey(&r)
			return r
		}
		h.load(unnumbered("SITI UJI", "2023"))
		for i, want := range []registry.Loaded{{Inserted: 1}, {Unchanged: 1}} {
			if out := h.load(unnumbered("BUDI SANTOSO", "2023")); out.Inserted != want.Inserted || out.Unchanged != want.Unchanged || out.Updated != 0 {
				t.Errorf("time %d: %+v", i, out)
			}
		}
		if got := h.names(); len(got) != 2 || got["SITI UJI"] != registry.Holder || got["BUDI SANTOSO"] != registry.Contested {
			t.Errorf("persons = %v", got)
		}
		if out := h.load(unnumbered("SITI UJIANA", "2024")); out.Updated != 1 || out.Inserted != 0 {
			t.Errorf("the first with her name written out = %+v", out)
		}
	})
}

// TestWhoComesWithTheNIKOfSomebodyWhoDiedIsInDoubt: she holds the NIK, which is marked until the civil registry agrees to her; in the
// list she came by she is among those to look at.
func TestWhoComesWithTheNIKOfSomebodyWhoDiedIsInDoubt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1), row(t, 1, 2))
		h.write(func(tx *act.Tx) error {
			_, err := h.s.EndPersonIn(t.Context(), tx, testkit.AmbonTenant, h.holderOf(row(t, 1, 2)).PersonID, registry.Died, "dead")
			return err
		})
		heir := apart(row(t, 1, 2), "z1", "UJI", "2024")
		heir.BirthDate = period.On(2001, 2, 3)
		out := h.load(heir, row(t, 3, 1))
		if out.Inserted != 2 || out.Contested != 1 || len(out.Touched) != 1 || out.Touched[0].Outcome != "contested" {
			t.Errorf("load = %+v", out)
		}
		hers := h.holderOf(heir)
		if !hers.Contested || hers.PersonID != out.Touched[0].Person || h.holderOf(row(t, 3, 1)).Contested {
			t.Errorf("her NIK: %+v", hers)
		}
		h.write(func(tx *act.Tx) error {
			p, err := h.s.PersonIn(t.Context(), tx, testkit.AmbonTenant, hers.PersonID)
			p.Match = civilmatch.Matched
			if err == nil {
				_, err = h.s.ChangePersonIn(t.Context(), tx, p)
			}
			return err
		})
		if h.holderOf(heir).Contested {
			t.Error("in doubt though the civil registry agrees")
		}
		if n := h.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND state = 7 AND name = 'SITI UJI BC'`); n != 1 {
			t.Errorf("%d who died is as she was", n)
		}
	})
}

// holderOf gives who holds the NIK of a row.
func (h house) holderOf(r registry.Incoming) registry.HolderOf {
	h.t.Helper()
	hash := h.s.NIKHash(r.NIK)
	holders, err := h.s.HoldersIn(h.t.Context(), h.db.Direct(), []sqldb.Hash{hash})
	if err != nil {
		h.t.Fatal(err)
	}
	return holders[hash]
}
