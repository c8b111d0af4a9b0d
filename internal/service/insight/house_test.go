package insight_test

import (
	"context"
	"fmt"
	"testing"

	"tepat/data/programmes"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/insight"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// Places of Kota Ambon and its province.
const (
	benteng   = area.Code(8171011008)
	wainitu   = area.Code(8171011007)
	batuMerah = area.Code(8171022003)
	sirimau   = area.Code(8171020000)
	maluku    = area.Code(8100000000)
)

// house is an installation with figures.
type house struct {
	t      testing.TB
	db     *sqldb.DB
	clock  *testkit.Clock
	acts   *act.Acts
	reg    *registry.Service
	runs   *runs.Service
	places *areas.Service
	*insight.Service

	head, operator, analyst access.Actor
}

func newHouse(t testing.TB, db *sqldb.DB, writes ...area.Code) house {
	t.Helper()
	if len(writes) == 0 {
		writes = []area.Code{testkit.Ambon}
	}
	_, err := areas.Seed(t.Context(), db, writes)
	must(t, err)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	places, err := areas.Open(t.Context(), acts, schema.Tables())
	must(t, err)
	catalogue, err := programme.Load(programmes.Files)
	must(t, err)
	h := house{
		t: t, db: db, clock: clock, acts: acts, reg: registry.New(acts, testkit.Keys(t)), places: places,
		head: testkit.Person(2, access.AgencyHead, testkit.Ambon), operator: testkit.Person(3, access.Operator, benteng), analyst: testkit.Person(4, access.Analyst, testkit.Ambon),
	}
	kind := runs.Kind{Name: "screen", Start: access.RunScreening, Approve: access.ApproveScreening, View: func(context.Context, *act.Tx, runs.Run) (runs.Preview, error) {
		return runs.Preview{}, nil
	}}
	h.runs = runs.New(acts, nil, nil, kind)
	h.Service = insight.New(insight.Parts{Acts: acts, Places: places, Runs: h.runs, Catalogue: catalogue})
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put inserts rows of a table that other services write.
func (h house) put(table string, columns []string, n int, row func(i int, v []any)) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Bulk(h.t.Context(), sqldb.Insert{Table: table, Columns: columns}, n, row)
		return err
	}))
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

// families puts n families of so many persons into a village.
func (h house) families(first, n, persons int, at area.Code) {
	h.t.Helper()
	var rows []registry.Incoming
	for k := first; k < first+n; k++ {
		kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1).AddDays(k/9000), k%9000+1)
		must(h.t, err)
		for i := range persons {
			r := registry.Incoming{
				Source: "UJI", SourceDate: "2024", RowID: fmt.Sprintf("%07d-%d", k, i), KK: kk, Name: fmt.Sprintf("ORANG UJI %d %d", k, i),
				Sex: person.Female, BirthDate: period.On(1980+i, 5, 1), BirthPlace: "AMBON", Relation: person.Child, Area: at, VillageID: int64(at),
			}
			if i == 0 {
				r.Relation = person.Head
			}
			h.reg.Ready(&r, fmt.Append(nil, r.RowID))
			rows = append(rows, r)
		}
	}
	must(h.t, h.write(testkit.Person(1, access.Verifier, testkit.Ambon), testkit.Ambon, func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
}

// write runs f as an act of somebody at a place.
func (h house) write(who access.Actor, at area.Code, f func(*act.Tx) error) error {
	h.t.Helper()
	return h.acts.Write(h.t.Context(), who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.ReadRegistry, testkit.AmbonTenant, at); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: at})
	})
}

// active lets the operator of a village do something.
func (h house) active(at area.Code) {
	h.t.Helper()
	must(h.t, h.write(testkit.Person(9, access.Operator, at), at, func(*act.Tx) error { return nil }))
}

// proposal is a proposal as far as figures look at it.
type proposed struct {
	area           area.Code
	state          string
	filedOn, dueOn string
}

func (h house) proposals(list ...proposed) {
	h.t.Helper()
	h.put("proposal", []string{
		"kabkota", "id", "version", "number", "kind", "channel", "state", "area_code", "village_id", "applicant", "document", "reason", "note",
		"due_on", "filed_at", "filed_by", "recorded_at", "act_id", "filed_on", "request_id",
	}, len(list), func(i int, v []any) {
		p := list[i]
		id := sqldb.NewID()
		copy(v, []any{int64(8171), id, int64(1), id.String(), "NEW_FAMILY", "VILLAGE", p.state, int64(p.area), int64(p.area), "UJI", []byte{1}, "", "",
			p.dueOn, int64(0), id, int64(0), id, p.filedOn, id})
	})
}

// placed is a place on a list, of a family and a person that need not exist.
type placed struct {
	area           area.Code
	family, person sqldb.ID
	state, amount  int64
}

func (h house) list(id programme.ID, state string, places ...placed) {
	h.t.Helper()
	list := sqldb.NewID()
	h.exec(`INSERT INTO programme_list (kabkota, id, version, run_id, programme, period, as_of, quota, demand, enrolled, waiting, state, digest, recorded_at, act_id)
		VALUES (8171, $1, 1, $1, $2, '2024-10', '2024-10-01', 0, 0, 0, 0, $3, '', 0, $1)`, list, string(id), state)
	h.put("enrolment", []string{
		"kabkota", "id", "version", "list_id", "programme", "family_id", "person_id", "area_code", "position", "state", "amount", "working",
		"valid_from", "valid_to", "ended_reason", "recorded_at", "act_id",
	}, len(places), func(i int, v []any) {
		p := places[i]
		copy(v, []any{int64(8171), sqldb.NewID(), int64(1), list, string(id), p.family, p.person, int64(p.area), int64(i + 1), p.state, p.amount, "{}",
			"2024-10-01", "", "", int64(0), list})
	})
}

// paid is a payment as far as figures look at it.
type paid struct {
	area                 area.Code
	state, final, repair string
	amount               int64
}

func (h house) stage(id programme.ID, of, state string, rows ...paid) {
	h.t.Helper()
	cycle := sqldb.NewID()
	h.exec(`INSERT INTO pay_cycle (kabkota, id, version, programme, period, own_money, state, rows_count, amount, recorded_at, act_id)
		VALUES (8171, $1, 1, $2, $3, 1, $4, 0, 0, 0, $1)`, cycle, string(id), of, state)
	h.put("payment", []string{
		"kabkota", "id", "version", "cycle_id", "family_id", "person_id", "area_code", "amount", "state", "final", "code", "credited_on", "used_on",
		"repair", "recorded_at", "act_id",
	}, len(rows), func(i int, v []any) {
		p := rows[i]
		copy(v, []any{int64(8171), sqldb.NewID(), int64(1), cycle, cycle, cycle, int64(p.area), p.amount, p.state, p.final, "", "", "", p.repair, int64(0), cycle})
	})
}

func (h house) findings(states map[string]int, at area.Code) {
	h.t.Helper()
	for state, n := range states {
		h.put("finding", []string{
			"kabkota", "id", "version", "run_id", "person_id", "family_id", "area_code", "criterion", "hits", "action", "reason", "facts", "state", "recorded_at", "act_id",
		}, n, func(_ int, v []any) {
			id := sqldb.NewID()
			copy(v, []any{int64(8171), id, int64(1), id, id, id, int64(at), "asn", int64(1), "remove", "", "{}", state, int64(0), id})
		})
	}
}

// pairs queues pairs of persons of whom no two pairs share one; every third is decided, and of one more a person is gone.
func (h house) pairs(n int, at area.Code) {
	h.t.Helper()
	ids, err := sqldb.Collect(h.t.Context(), h.db.Direct(), `SELECT id FROM person WHERE kabkota = 8171 AND state = 1 AND area_code = $1
		AND id NOT IN (SELECT left_id FROM link_pair WHERE kabkota = 8171) AND id NOT IN (SELECT right_id FROM link_pair WHERE kabkota = 8171) ORDER BY id`, []any{int64(at)}, func(r sqldb.Row) (id sqldb.ID, err error) {
		return id, r.Scan(&id)
	})
	must(h.t, err)
	if len(ids) < 2*n {
		h.t.Fatalf("%d persons for %d pairs", len(ids), n)
	}
	h.put("link_pair", []string{
		"kabkota", "id", "version", "left_id", "right_id", "right_kabkota", "area_code", "kind", "weight", "probability", "reasons", "state",
		"decided_at", "recorded_at", "act_id",
	}, n+1, func(i int, v []any) {
		id := sqldb.NewID()
		left, right := sqldb.NewID(), sqldb.NewID()
		if i < n {
			left, right = ids[2*i], ids[2*i+1]
		}
		state := "open"
		if i%3 == 2 {
			state = "distinct"
		}
		copy(v, []any{int64(8171), id, int64(1), left, right, int64(8171), int64(at), "fuzzy", 1.0, 0.9, "{}", state, int64(0), int64(0), id})
	})
}

func (h house) refresh() insight.Refreshed {
	h.t.Helper()
	done, err := h.Refresh(h.t.Context(), testkit.AmbonTenant)
	must(h.t, err)
	return done
}

func (h house) dashboard(at area.Code) insight.Dashboard {
	h.t.Helper()
	d, err := h.Dashboard(h.t.Context(), h.head, insight.View{Area: at})
	must(h.t, err)
	return d
}

// figure finds a figure of a dashboard.
func figure(t testing.TB, d insight.Dashboard, key string) insight.Value {
	t.Helper()
	for _, f := range d.Figures {
		if f.Key == key {
			return f.Value
		}
	}
	t.Fatalf("no figure %s", key)
	return insight.Value{}
}
