package identity_test

import (
	"fmt"
	"os"
	"testing"

	"tepat/data/linkage"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// house is a small registry and the index over it.
type house struct {
	t     *testing.T
	db    *sqldb.DB
	clock *testkit.Clock
	keys  *seal.Keyring
	acts  *act.Acts
	reg   *registry.Service
	path  string
	who   access.Actor
	s     *identity.Service
}

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t), path: t.TempDir() + "/alike.index", who: testkit.Person(1, access.Verifier, testkit.Ambon)}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, h.keys)
	h.restart()
	return h
}

func model(t testing.TB) *engine.Model {
	t.Helper()
	m, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// restart is another process on the same files.
func (h *house) restart() { h.s = h.process(h.path) }

func (h *house) process(path string) *identity.Service {
	return identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model(h.t), Path: path})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) write(f func(*act.Tx) error) {
	h.t.Helper()
	h.clock.Move(1e9)
	h.must(h.acts.Write(h.t.Context(), h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	}))
}

var (
	first  = []string{"YOHANES", "MARIA", "ABDUL RAHMAN", "SITI AISYAH", "PETRUS", "FERDINAND", "NURHAYATI", "RAHMAWATI", "AGUSTINA", "DOMINGGUS"}
	second = []string{"LATUCONSINA", "PATTIASINA", "MANUPUTTY", "TUASIKAL", "SAHETAPY", "WATTIMENA", "LEATEMIA", "TOMASOA", "HEHANUSSA", "SOPLANIT"}
)

// member is a made up person: n of family k.
func (h *house) member(k, n int) registry.Incoming {
	born := fmt.Sprintf("%04d-%02d-%02d", 1950+(k*7+n*13)%55, 1+(k+n*5)%12, 1+(k*3+n*11)%28)
	nik, err := person.ParseNIK(fmt.Sprintf("817101%s%s%s%04d", born[8:10], born[5:7], born[2:4], 1+k*4+n))
	h.must(err)
	kk, err := person.ParseKK(fmt.Sprintf("8171010102%02d%04d", 10+k%80, 1+k))
	h.must(err)
	at := testkit.Village
	if k%2 == 1 {
		at = testkit.Neighbour
	}
	row := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("%d-%d", k, n), KK: kk, NIK: nik, Name: first[(k*3+n)%10] + " " + second[(k+k/10)%10], Sex: person.Male,
		BirthDate: h.date(born), BirthPlace: "AMBON", MotherName: first[(k+5)%10] + " " + second[(k*7+3)%10], Relation: person.Child, Area: at, VillageID: int64(at),
		Address: fmt.Sprintf("Jl. Pattimura %d", k),
	}
	if n == 0 {
		row.Relation = person.Head
	}
	return row
}

func (h *house) date(text string) period.Date {
	h.t.Helper()
	d, err := period.ParseDate(text)
	h.must(err)
	return d
}

// load puts families into the registry.
func (h *house) load(from, to int) {
	h.t.Helper()
	var rows []registry.Incoming
	for k := from; k < to; k++ {
		for n := range 3 {
			rows = append(rows, h.member(k, n))
		}
	}
	for i := range rows {
		h.reg.Ready(&rows[i], fmt.Appendf(nil, "%+v", rows[i].RowID))
	}
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	})
}

// find gives the person of a row.
func (h *house) find(k, n int) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = $1 AND source = 'UJI' AND row_id = $2`,
		int64(testkit.AmbonTenant), fmt.Sprintf("%d-%d", k, n)).Scan(&id))
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	h.must(err)
	return p
}

// asked is a member as a form would have her.
func (h *house) asked(k, n int) identity.Asked {
	m := h.member(k, n)
	return identity.Asked{
		NIK: m.NIK, KK: m.KK, Name: m.Name, BirthDate: m.BirthDate, BirthPlace: m.BirthPlace, Sex: m.Sex, MotherName: m.MotherName, Area: m.Area, Address: m.Address,
	}
}

func (h *house) alike(of *identity.Service, a ...identity.Asked) [][]identity.Alike {
	h.t.Helper()
	var out [][]identity.Alike
	h.must(h.db.Read(h.t.Context(), func(tx *sqldb.Tx) (err error) {
		var reach identity.Reach
		if out, reach, err = of.AlikeIn(h.t.Context(), tx, a); err == nil && reach != (identity.Reach{Ready: true}) {
			h.t.Errorf("the index reaches %+v", reach)
		}
		return err
	}))
	return out
}

func (h *house) bytes() []byte {
	h.t.Helper()
	b, err := os.ReadFile(h.path)
	h.must(err)
	return b
}

func idOf(p registry.Person) identity.Who {
	return identity.Who{Tenant: area.Tenant(p.Tenant), ID: p.ID}
}
