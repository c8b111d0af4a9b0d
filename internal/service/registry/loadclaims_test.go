package registry_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// houseWith is a house on SQLite with keys that several share, so that they hash alike.
func houseWith(t *testing.T, keys *seal.Keyring) house {
	h := newHouse(t, testkit.SQLite(t))
	h.s = registry.New(h.acts, keys)
	return h
}

// index gives what nik_index says, by the name of the holder.
func (h house) index() map[string]string {
	h.t.Helper()
	out := map[string]string{}
	err := sqldb.Each(h.t.Context(), h.db.Direct(), `
		SELECT p.name, n.kabkota, n.contested, n.check_tags, n.listed, n.programmes, f.head_name
		FROM nik_index n
		JOIN person p ON p.kabkota = n.kabkota AND p.id = n.person_id AND p.nik_hash = n.nik_hash
		JOIN family f ON f.kabkota = n.kabkota AND f.id = n.family_id
		WHERE n.kabkota = 8171`, nil, func(r sqldb.Row) error {
		var name, programmes, head string
		var tenant, contested, listed int64
		var tags []byte
		if err := r.Scan(&name, &tenant, &contested, &tags, &listed, &programmes, &head); err != nil {
			return err
		}
		out[name] = fmt.Sprintf("%d %d %x %d %q %s", tenant, contested, tags, listed, programmes, head)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	out["families"] = fmt.Sprint(h.count(`SELECT count(*) FROM family WHERE kabkota = 8171`), " of ", h.count(`SELECT sum(persons) FROM family WHERE kabkota = 8171`))
	return out
}

func (h house) beginLoad() {
	h.t.Helper()
	err := h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), "DROP INDEX "+registry.KKIndex)
		h.s.BeginLoadIn(tx, sqldb.Index{Name: registry.KKIndex, Statement: "CREATE INDEX family_kk ON family (kabkota, kk_hash)"})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) endLoad() {
	h.t.Helper()
	err := h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		if err := h.s.EndLoadIn(h.t.Context(), tx); err != nil {
			return err
		}
		_, err := tx.Exec(h.t.Context(), "CREATE INDEX IF NOT EXISTS family_kk ON family (kabkota, kk_hash)")
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// chunks are a first file: in its later chunks somebody shares the NIK of a person of an
// earlier one, the same person comes in a second row, one has no KK and one mends her NIK.
func chunks(t *testing.T) [][]registry.Incoming {
	t.Helper()
	var out [][]registry.Incoming
	for k := 1; k <= 6; k++ {
		out = append(out, []registry.Incoming{row(t, k, 1), row(t, k, 2), row(t, k, 3)})
	}
	thief, again, alone, bad, mended := row(t, 7, 1), row(t, 2, 2), row(t, 7, 2), row(t, 7, 3), row(t, 3, 1)
	thief.NIK, thief.Name, thief.BirthDate = row(t, 1, 2).NIK, "MARIA LAIN", row(t, 7, 3).BirthDate
	again.RowID = "again"
	alone.KK = person.KK{}
	bad.NIK, bad.RawNIK = person.NIK{}, "123"
	mended.NIK = row(t, 8, 1).NIK
	last := row(t, 1, 3) // claimed twice, in one chunk with the one before
	last.RowID, last.Name, last.BirthDate = "last", "YOHANA LAIN", row(t, 7, 3).BirthDate
	return append(out, []registry.Incoming{thief, again, alone, bad}, []registry.Incoming{mended, last, row(t, 8, 2)})
}

func TestClaimsKeptBackEndAsIfWrittenAtOnce(t *testing.T) {
	t.Parallel()
	keys := testkit.Keys(t)
	plain := houseWith(t, keys)
	for _, c := range chunks(t) {
		plain.load(c...)
	}
	want := plain.index()
	if len(want) < 20 {
		t.Fatalf("index = %v", want)
	}
	for _, most := range []int{1, 5, 1000} {
		h := houseWith(t, keys)
		h.beginLoad()
		h.s.KeepBackAtMost(most, most)
		for _, c := range chunks(t) {
			h.load(c...)
		}
		h.endLoad()
		if got := h.index(); !maps.Equal(got, want) {
			t.Errorf("at most %d kept back:\n%v\nwant\n%v", most, got, want)
		}
		h.load(row(t, 9, 1))
		if n := h.count(`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL`); n != int64(len(want)) { // one more, and the line of the families
			t.Errorf("after the load %d claims, want %d", n, len(want))
		}
	}
}

func TestAKilledLoadsClaimsAreMadeAgain(t *testing.T) {
	t.Parallel()
	keys := testkit.Keys(t)
	plain := houseWith(t, keys)
	for _, c := range chunks(t)[:7] {
		plain.load(c...)
	}
	want := plain.index()
	for _, most := range []int{8, 1000} {
		h := houseWith(t, keys)
		h.beginLoad()
		h.s.KeepBackAtMost(most, most)
		for _, c := range chunks(t)[:7] {
			h.load(c...)
		}
		h.s = registry.New(h.acts, keys) // another process, which remembers nothing
		for range 2 {
			if err := h.s.RebuildClaims(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := h.index(); !maps.Equal(got, want) {
				t.Errorf("at most %d kept back:\n%v\nwant\n%v", most, got, want)
			}
		}
		if out := h.load(chunks(t)[0]...); out.Unchanged != 3 {
			t.Errorf("the first chunk again = %+v", out)
		}
	}
}

func TestAChunkThatWasGivenUpClaimsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.beginLoad()
	rows := []registry.Incoming{row(t, 1, 1), row(t, 1, 2)}
	for i := range rows {
		h.s.Ready(&rows[i], []byte(rows[i].RowID))
	}
	gone := errors.New("given up")
	if err := h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := h.s.LoadIn(t.Context(), &act.Tx{Tx: tx, Now: testkit.NewClock().Now(), Act: sqldb.NewID()}, testkit.AmbonTenant, rows); err != nil {
			return err
		}
		return gone
	}); !errors.Is(err, gone) {
		t.Fatal(err)
	}
	if out := h.load(row(t, 1, 1)); out.Inserted != 1 || out.SamePerson != 0 {
		t.Errorf("load = %+v", out)
	}
	h.endLoad()
	if got := h.index(); len(got) != 2 || got["families"] != "1 of 1" {
		t.Errorf("index = %v", got)
	}
}
