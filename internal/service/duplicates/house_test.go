package duplicates_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tepat/data/linkage"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// Another district of the same province.
const (
	Tual        = area.Code(8172000000)
	TualVillage = area.Code(8172011001)
	TualTenant  = area.Tenant(8172)
)

// house is a small registry with what reviews its duplicates.
type house struct {
	t     *testing.T
	db    *sqldb.DB
	clock *testkit.Clock
	keys  *seal.Keyring
	acts  *act.Acts
	reg   *registry.Service
	civil *civil.Service
	dup   *duplicates.Service
	runs  *runs.Service
	who   access.Actor // a verifier of the district
}

func model(t testing.TB) *engine.Model {
	t.Helper()
	m, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenant (kabkota, area_code, zone, seq, sealed_seq) VALUES ($1, $2, 'WIT', 0, 0)`, int64(TualTenant), int64(Tual))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t), who: testkit.Person(1, access.Verifier, testkit.Ambon)}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, h.keys)
	h.civil = civil.New(h.acts, h.keys, h.reg, civil.NewFile(h.keys, civilmatch.FullValues))
	h.restart()
	return h
}

// restart makes the service anew, as another process does: nothing computed is held.
func (h *house) restart() {
	h.dup = duplicates.New(h.acts, h.keys, h.reg, h.civil, model(h.t)).WithChunk(2)
	h.runs = runs.New(h.acts, func(context.Context, sqldb.ID) (access.Actor, error) { return h.who, nil }, nil, h.dup.DedupeKind(), h.civil.MatchKind())
}

func (h *house) write(f func(*act.Tx) error) {
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

func (h *house) load(tenant area.Tenant, rows ...registry.Incoming) {
	h.t.Helper()
	for i := range rows {
		h.reg.Ready(&rows[i], fmt.Appendf(nil, "%+v", rows[i]))
	}
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, tenant, rows)
		return err
	})
}

func (h *house) loadCivil(rows ...civil.CivilRow) {
	h.t.Helper()
	for i := range rows {
		h.civil.Ready(&rows[i])
	}
	h.write(func(tx *act.Tx) error {
		_, err := h.civil.LoadIn(h.t.Context(), tx, rows)
		return err
	})
}

// newRun makes a run that may be worked.
func (h *house) newRun(kind string) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.runs.Create(ctx, h.who, runs.NewRun{Kind: kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	if err == nil {
		r, err = h.runs.Look(ctx, h.who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = h.runs.Submit(ctx, h.who, r.Tenant, r.ID)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) run(kind string) runs.Run {
	h.t.Helper()
	r := h.newRun(kind)
	r, err := h.runs.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	if err != nil || r.State != runs.Done {
		h.t.Fatalf("%s run is %s: %v", kind, r.State, err)
	}
	return r
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// find gives the person of a row of the district.
func (h *house) find(rowID string) registry.Person { return h.findOf(testkit.AmbonTenant, rowID) }

func (h *house) findOf(tenant area.Tenant, rowID string) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = $1 AND source = 'UJI' AND row_id = $2`, int64(tenant), rowID).Scan(&id)
	if err != nil {
		h.t.Fatalf("row %s: %v", rowID, err)
	}
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), tenant, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// pair queues the persons of two rows, as a run that finds them does, and gives the pair.
func (h *house) pair(left, right registry.Person) duplicates.Ref {
	h.t.Helper()
	ref := duplicates.Ref{Tenant: left.Tenant, ID: sqldb.NewID()}
	h.write(func(tx *act.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO link_pair (kabkota, id, version, left_id, right_id, right_kabkota, area_code, right_area, kind, weight, probability, reasons,
				state, decided_by, decided_at, recorded_at, act_id)
			VALUES ($1, $2, 1, $3, $4, $5, $6, $7, 'fuzzy', 5, 0.9, '{"model":"uji","parts":[]}', 'open', NULL, 0, 0, $2)`,
			int64(left.Tenant), ref.ID, left.ID, right.ID, int64(right.Tenant), int64(left.Area), int64(right.Area))
		return err
	})
	return ref
}

func (h *house) enrol(p registry.Person, programme string, state int64) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO enrolment (kabkota, id, version, list_id, programme, family_id, person_id, area_code, position, state, amount, working,
				valid_from, valid_to, ended_reason, recorded_at, act_id)
			VALUES ($1, $2, 1, $2, $3, $4, $5, $6, 1, $7, 0, '{}', '2024-01-01', '', '', 0, $2)`,
			int64(p.Tenant), sqldb.NewID(), programme, p.FamilyID, p.ID, int64(p.Area), state)
		return err
	})
}

func (h *house) pay(p registry.Person) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO payment (kabkota, id, version, cycle_id, family_id, person_id, area_code, amount, state, final, code, credited_on, used_on, recorded_at, act_id)
			VALUES ($1, $2, 1, $2, $3, $4, $5, 1, 'credited', '', '', '', '', 0, $2)`,
			int64(p.Tenant), sqldb.NewID(), p.FamilyID, p.ID, int64(p.Area))
		return err
	})
}

// facts gives the facts of the newest audit entry of an act under a subject.
func (h *house) facts(name string, tenant area.Tenant, subject sqldb.ID) map[string]any {
	h.t.Helper()
	var text string
	err := h.db.Direct().QueryRow(h.t.Context(), `
		SELECT facts FROM audit_entry WHERE kabkota = $1 AND act = $2 AND subject = $3 ORDER BY id DESC LIMIT 1`, int64(tenant), name, subject).Scan(&text)
	if err != nil {
		h.t.Fatalf("audit entry of %s: %v", name, err)
	}
	facts := map[string]any{}
	if err := json.Unmarshal([]byte(text), &facts); err != nil {
		h.t.Fatal(err)
	}
	return facts
}

// check compares what must always hold with a fresh look: the counts of families, and that
// every NIK has one holder who says so.
func (h *house) check(when string) {
	h.t.Helper()
	if n := h.count(`
		SELECT count(*) FROM family f WHERE f.kabkota > 0 AND (
			f.persons <> (SELECT count(*) FROM person p WHERE p.kabkota = f.kabkota AND p.family_id = f.id AND p.state = 1)
			OR f.unmatched <> (SELECT count(*) FROM person p WHERE p.kabkota = f.kabkota AND p.family_id = f.id AND p.state = 1
				AND p.match_status NOT IN (0, 1, 14, 15)))`); n != 0 {
		h.t.Fatalf("%s: the counts of %d families are wrong", when, n)
	}
	if n := h.count(`
		SELECT count(*) FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE p.kabkota > 0 AND p.state = 1 AND f.state <> 1`); n != 0 {
		h.t.Fatalf("%s: %d active persons belong to families that ended", when, n)
	}
	if n, err := h.reg.Drift(h.t.Context(), h.db.Direct()); n != 0 || err != nil {
		h.t.Fatalf("%s: %d NIKs and their holders do not agree, %v", when, n, err)
	}
	if n := h.count(`
		SELECT count(*) FROM nik_index i WHERE i.nik_hash IS NOT NULL AND i.contested <> CASE WHEN EXISTS (
			SELECT 1 FROM person p WHERE p.nik_hash = i.nik_hash AND p.state = 1 AND p.id <> i.person_id) THEN 1 ELSE 0 END`); n != 0 {
		h.t.Fatalf("%s: %d NIKs are wrongly contested or not", when, n)
	}
}

func nikOf(t testing.TB, birth period.Date, serial int) person.NIK {
	t.Helper()
	nik, err := person.ComposeNIK(testkit.Nusaniwe, birth, person.Female, serial)
	if err != nil {
		t.Fatal(err)
	}
	return nik
}

var (
	givenNames = strings.Fields("ADELINA BERTHA CORNELIA DORKAS ESTER FATIMAH GITA HERLINA INDAH JUMIATI KARTINI LESTARI MARLINA OLIVIA PURWANTI RATNA " +
		"SUPARMI TUTI UMI VERONIKA WULANDARI YULIANA ZUBAIDAH BUNGA CITRA ENDANG HALIMAH AISYAH SAFITRI ANGGRAINI PERMATA MEGAWATI")
	clanNames = strings.Fields("PATTIASINA LATUHERU SAHETAPY TUASIKAL PELUPESSY MANUPUTTY LATUCONSINA WATTIMENA LEIWAKABESSY SIREGAR HUTAPEA " +
		"SIMANJUNTAK MANURUNG LUMENTUT MANDAGI TUMBELAKA RUMPHIUS KAKISINA NANLOHY TAHAPARY SOPLANIT HATTU LEKATOMPESSY MATULESSY UNEPUTTY PAPILAYA " +
		"SALAMPESSY OHORELLA RENYAAN KAIMUDIN WAKANNO BUGIS")
)

// row makes a person of her own: number n of the test.
func row(t testing.TB, n int) registry.Incoming {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 4), n)
	if err != nil {
		t.Fatal(err)
	}
	birth := period.On(1940+(n*7)%60, time.Month(1+(n*5)%12), 1+(n*11)%28)
	return registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprint(n), KK: kk, NIK: nikOf(t, birth, n), Name: givenNames[n%32] + " " + clanNames[n*5%32], Sex: person.Female,
		BirthDate: birth, BirthPlace: "AMBON", MotherName: givenNames[(n*3+13)%32] + " " + clanNames[(n*7+11)%32], Relation: person.Head,
		Area: testkit.Village, VillageID: 7,
	}
}

// again makes another row of the same person, in another family and without her NIK.
func again(t testing.TB, r registry.Incoming, n int) registry.Incoming {
	t.Helper()
	other := row(t, n)
	other.NIK, other.Name, other.Sex, other.BirthDate, other.MotherName, other.BirthPlace = person.NIK{}, r.Name, r.Sex, r.BirthDate, r.MotherName, r.BirthPlace
	return other
}

func civilRow(r registry.Incoming) civil.CivilRow {
	return civil.CivilRow{
		Tenant: testkit.AmbonTenant, NIK: r.NIK, KK: r.KK, Name: r.Name, Sex: r.Sex, BirthPlace: r.BirthPlace, BirthDate: r.BirthDate,
		MotherName: r.MotherName, Relation: r.Relation, Area: r.Area, AsOf: "2024-01-01",
	}
}

func operator(n byte, at area.Code) access.Actor { return testkit.Person(n, access.Operator, at) }

// tualOperator works in the other district.
func tualOperator() access.Actor {
	return access.Actor{ID: [16]byte{0x01, 15: 9}, Name: "Petugas Tual", Grants: []access.Grant{
		{Role: access.Operator, Area: TualVillage, Tenants: []area.Tenant{TualTenant}},
	}}
}
