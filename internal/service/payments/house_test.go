package payments_test

import (
	"context"
	"fmt"
	"testing"

	paying "tepat/data/payments"
	"tepat/data/programmes"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
	"tepat/internal/service/payments"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// house is an installation that pays.
type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	reg   *registry.Service
	runs  *runs.Service
	bank  payments.Bank
	*payments.Service

	officer, head, operator access.Actor
}

// level says what kind of installation it is.
type level struct {
	training bool
	chunk    int
}

func newHouse(t testing.TB, db *sqldb.DB, l level) house {
	t.Helper()
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	places, err := areas.Open(t.Context(), acts, schema.Tables())
	must(t, err)
	keys := testkit.Keys(t)
	reg := registry.New(acts, keys)
	catalogue, err := programme.Load(programmes.Files)
	must(t, err)
	tables, err := payment.Load(programmes.Files)
	must(t, err)
	rules, err := payments.ParseRules(paying.Rules)
	must(t, err)
	bank, err := payments.ParseBank(paying.Simulation, tables)
	must(t, err)
	home := installation.Installation{ID: sqldb.NewID(), Name: "Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}, Training: l.training}
	h := house{
		t: t, db: db, clock: clock, acts: acts, reg: reg, bank: bank,
		officer: testkit.Person(1, access.PaymentOfficer, testkit.Ambon), head: testkit.Person(2, access.AgencyHead, testkit.Ambon),
		operator: testkit.Person(3, access.Operator, testkit.Village),
	}
	h.Service = payments.New(payments.Parts{
		Acts: acts, Keys: keys, Places: places, Registry: reg, Home: home, Catalogue: catalogue, Tables: tables, Rules: rules, Chunk: l.chunk,
	})
	people := map[sqldb.ID]access.Actor{h.officer.ID: h.officer, h.head.ID: h.head}
	h.runs = runs.New(acts, func(_ context.Context, id sqldb.ID) (access.Actor, error) { return people[id], nil }, nil, h.Kinds()...)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write runs f as an act with a permission that the tests of other packages cover.
func (h house) write(f func(*act.Tx) error) error {
	h.t.Helper()
	return h.acts.Write(h.t.Context(), h.officer, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunPayment, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
}

func (h house) exec(query string, args ...any) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

func (h house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	must(h.t, h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// somebody is a member of a test's family.
type somebody struct {
	relation person.Relation
	sex      person.Sex
	age      int
}

// couple is a man, his wife and a child.
func couple() []somebody {
	return []somebody{{person.Head, person.Male, 50}, {person.Wife, person.Female, 45}, {person.Child, person.Female, 12}}
}

// home is a family of a test.
type home struct {
	id      sqldb.ID
	area    area.Code
	persons []sqldb.ID
	niks    []person.NIK
}

// family puts families into the registry, from number first on.
func (h house) families(first, n int, at area.Code, members ...somebody) []home {
	h.t.Helper()
	if len(members) == 0 {
		members = couple()
	}
	var rows []registry.Incoming
	out := make([]home, n)
	for k := range n {
		kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1).AddDays((first+k)/9000), (first+k)%9000+1)
		must(h.t, err)
		for i, m := range members {
			birth := period.On(2024-m.age, 3, 1+(first+k)/9000%28)
			nik, err := person.ComposeNIK(area.Code(8171010000+(first+k)/90000*10000), birth.AddDays(i), m.sex, (first+k)%9000+1)
			must(h.t, err)
			r := registry.Incoming{
				Source: "UJI", SourceDate: "2024", RowID: fmt.Sprintf("%07d-%d", first+k, i), KK: kk, NIK: nik, Name: fmt.Sprintf("ORANG UJI %d %d", first+k, i),
				Sex: m.sex, BirthDate: birth, BirthPlace: "AMBON", Relation: m.relation, Area: at, VillageID: int64(at), Address: "JL UJI",
			}
			h.reg.Ready(&r, fmt.Append(nil, r.RowID))
			rows = append(rows, r)
			out[k].niks, out[k].area = append(out[k].niks, nik), at
		}
	}
	must(h.t, h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
	for k := range out {
		for i, nik := range out[k].niks {
			var id sqldb.ID
			must(h.t, h.db.Direct().QueryRow(h.t.Context(), `SELECT id, family_id FROM person WHERE kabkota = 8171 AND nik_hash = $1`, h.reg.NIKHash(nik)).Scan(&id, &out[k].id))
			_ = i
			out[k].persons = append(out[k].persons, id)
		}
	}
	return out
}

// place is a row of a list of recipients.
type place struct {
	family, person sqldb.ID
	area           area.Code
	amount         money.Rupiah
	state          int64 // 1 enrolled when zero
}

// list freezes a list of recipients, as programmes does.
func (h house) list(id programme.ID, places ...place) sqldb.ID {
	h.t.Helper()
	list := sqldb.NewID()
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO programme_list (kabkota, id, version, run_id, programme, period, as_of, quota, demand, enrolled, waiting, state, digest, recorded_at, act_id)
			VALUES (8171, $1, 1, $2, $3, '2024-10', '2024-10-01', 0, 0, 0, 0, 'frozen', '', 0, $2)`, list, sqldb.NewID(), string(id))
		if err != nil {
			return err
		}
		in := sqldb.Insert{Table: "enrolment", Columns: []string{
			"kabkota", "id", "version", "list_id", "programme", "family_id", "person_id", "area_code", "position", "state", "amount", "working",
			"valid_from", "valid_to", "ended_reason", "recorded_at", "act_id",
		}}
		act := sqldb.NewID()
		_, err = tx.Bulk(h.t.Context(), in, len(places), func(i int, v []any) {
			p := places[i]
			v[0], v[1], v[2], v[3], v[4], v[5], v[6] = int64(8171), sqldb.NewID(), int64(1), list, string(id), p.family, p.person
			v[7], v[8], v[9], v[10], v[11] = int64(p.area), int64(i+1), max(p.state, 1), int64(p.amount), "{}"
			v[12], v[13], v[14], v[15], v[16] = "2024-10-01", "", "", int64(0), act
		})
		return err
	}))
	return list
}

// listOf freezes a list of families, each with one amount.
func (h house) listOf(id programme.ID, amount money.Rupiah, families []home) sqldb.ID {
	h.t.Helper()
	places := make([]place, len(families))
	for i, f := range families {
		places[i] = place{family: f.id, area: f.area, amount: amount}
	}
	return h.list(id, places...)
}

// open opens a stage with a list that is in force from its first month; without one it keeps the centre's status.
func (h house) open(id programme.ID, stage string, list sqldb.ID) payments.Cycle {
	h.t.Helper()
	month := stage
	if q, err := period.ParseQuarter(stage); err == nil {
		month = q.Months()[0].Text()
	}
	h.of(month, list)
	c, err := h.OpenCycle(h.t.Context(), h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: id, Period: stage, List: list, Status: list.IsZero()})
	must(h.t, err)
	return c
}

// look makes a run and its preview.
func (h house) look(kind string, settings any) (runs.Run, error) {
	h.t.Helper()
	r, err := h.runs.Create(h.t.Context(), h.officer, runs.NewRun{Kind: kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: settings})
	must(h.t, err)
	return h.runs.Look(h.t.Context(), h.officer, testkit.AmbonTenant, r.ID)
}

// approved submits a run and has the second person approve it where she is needed.
func (h house) approved(r runs.Run) runs.Run {
	h.t.Helper()
	r, err := h.runs.Submit(h.t.Context(), h.officer, testkit.AmbonTenant, r.ID)
	must(h.t, err)
	if r.State == runs.Awaiting {
		r, err = h.runs.Approve(h.t.Context(), h.head, testkit.AmbonTenant, r.ID)
		must(h.t, err)
	}
	return r
}

// do works a run to its end.
func (h house) do(kind string, settings any) (runs.Run, error) {
	h.t.Helper()
	r, err := h.look(kind, settings)
	if err != nil {
		return r, err
	}
	return h.runs.Drive(h.t.Context(), testkit.AmbonTenant, h.approved(r).ID, nil)
}

func (h house) done(kind string, settings any) runs.Run {
	h.t.Helper()
	r, err := h.do(kind, settings)
	must(h.t, err)
	if r.State != runs.Done {
		h.t.Fatalf("run %s is %s", kind, r.State)
	}
	return r
}

func (h house) stage(c payments.Cycle) payments.Cycle {
	h.t.Helper()
	c, err := h.Show(h.t.Context(), h.officer, testkit.AmbonTenant, c.ID)
	must(h.t, err)
	return c
}

func stage(c payments.Cycle) payments.StageSettings { return payments.StageSettings{Cycle: c.ID} }

func order(c payments.Cycle, amount money.Rupiah) payments.OrderSettings {
	return payments.OrderSettings{StageSettings: stage(c), Number: "SP2D-001", On: period.On(2024, 10, 3), Amount: amount}
}

// paid opens, works out and instructs a stage of the local programme.
func (h house) instructed(c payments.Cycle) payments.Cycle {
	h.t.Helper()
	h.done("pay", stage(c))
	payable := h.count(`SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM payment WHERE kabkota = 8171 AND cycle_id = $1 AND excluded = ''`, c.ID)
	h.done("pay.instruct", order(c, money.Rupiah(payable)))
	return h.stage(c)
}

// rows reads the payments of a stage, by their families.
func (h house) rows(c payments.Cycle) map[sqldb.ID]payments.Payment {
	h.t.Helper()
	out := map[sqldb.ID]payments.Payment{}
	var after payments.Payment
	for {
		some, err := h.List(h.t.Context(), h.officer, payments.Filter{Tenant: testkit.AmbonTenant, Cycle: c.ID, After: after, Limit: 200})
		must(h.t, err)
		for _, p := range some {
			out[p.Family] = p
		}
		if len(some) < 200 {
			return out
		}
		after = some[len(some)-1]
	}
}

// results loads rows of the bank.
func (h house) results(c payments.Cycle, rows ...payments.ResultRow) (out payments.ResultReport, err error) {
	h.t.Helper()
	for i := range rows {
		h.Ready(&rows[i])
	}
	err = h.write(func(tx *act.Tx) (err error) {
		out, err = h.LoadResultsIn(h.t.Context(), tx, testkit.AmbonTenant, c.ID, rows)
		return err
	})
	return out, err
}

func (h house) loaded(c payments.Cycle, rows ...payments.ResultRow) payments.ResultReport {
	h.t.Helper()
	out, err := h.results(c, rows...)
	must(h.t, err)
	return out
}

// simulated gives the whole answer of the simulated bank.
func (h house) simulated(c payments.Cycle, seed uint64) (rows []payments.ResultRow) {
	h.t.Helper()
	_, err := h.Simulated(h.t.Context(), h.officer, h.bank, testkit.AmbonTenant, c.ID, seed, func(r payments.ResultRow) error {
		rows = append(rows, r)
		return nil
	})
	must(h.t, err)
	return rows
}
