package areas_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

// Kota Ambon loses its subdistricts Baguala and Leitimur Selatan to a new city, as a decree could
// say one day; Nusaniwe stays, and one of its villages gets another code.
const (
	baguala    = area.Code(8171030000)
	leitimur   = area.Code(8171050000)
	newCity    = area.Code(8173000000)
	newTenant  = area.Tenant(8173)
	newBaguala = area.Code(8173010000)
	newLei     = area.Code(8173020000)
)

// town is an installation of Kota Ambon with accounts, people in two villages and open work.
type town struct {
	*areas.Service
	db       *sqldb.DB
	acts     *act.Acts
	clock    *testkit.Clock
	accounts *accounts.Service
	who      map[string]access.Actor
	goes     area.Code // a village that goes to the new city
	stays    area.Code // a village of Nusaniwe
}

func newTown(t *testing.T, db *sqldb.DB) *town {
	t.Helper()
	w := &town{db: db, clock: testkit.NewClock(), who: map[string]access.Actor{}, stays: village}
	home, err := installation.Create(t.Context(), db, installation.Creation{Name: "Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}, Training: true}, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.Service, w.acts = open(t, db, w.clock)
	for v := range w.Tree().Villages(baguala) {
		w.goes = v.Code
		break
	}
	w.accounts = accounts.New(w.acts, testkit.Keys(t), w.Service, home, accounts.Options{Cost: accounts.Cost{Memory: 64, Passes: 1, Lanes: 1}})
	made, err := w.accounts.Found(t.Context(), []accounts.Creation{
		person("admin", access.Admin, testkit.Ambon), person("kadis", access.AgencyHead, testkit.Ambon),
		person("verifikator", access.Verifier, testkit.Ambon), person("auditor", access.Auditor, testkit.Ambon),
		person("op.goes", access.Operator, w.goes), person("op.stays", access.Operator, w.stays),
		person("kementerian", access.Ministry, area.Nation),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made {
		w.who[m.Login] = w.load(t, m.ID)
	}
	for i, v := range []area.Code{w.goes, w.stays} {
		w.settle(t, v, byte(i+1))
	}
	return w
}

func person(login string, role access.Role, at area.Code) accounts.Creation {
	return accounts.Creation{Login: login, Name: "Petugas " + login, Grant: accounts.Grant{Role: role, Area: at}}
}

func (w *town) load(t *testing.T, id sqldb.ID) access.Actor {
	t.Helper()
	who, err := w.accounts.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// again loads everybody as they are after a change.
func (w *town) again(t *testing.T) {
	t.Helper()
	for login, who := range w.who {
		w.who[login] = w.load(t, who.ID)
	}
}

// settle puts a family of two into a village, with a row of its own in every table whose rows move
// and in the others that carry an area.
func (w *town) settle(t *testing.T, at area.Code, n byte) {
	t.Helper()
	id := func(k byte) sqldb.ID { return sqldb.ID{0: n, 15: k} }
	family, head, child := id(1), id(2), id(3)
	place := map[string]any{"kabkota": int64(8171), "area_code": int64(at), "village_id": int64(at), "number": fmt.Sprint(n), "row_id": fmt.Sprint(n), "code": fmt.Sprint(n),
		"person_id": head, "family_id": family, "subject_id": family, "finding_id": id(8)}
	w.put(t, "family", place, map[string]any{"id": family})
	w.put(t, "person", place, map[string]any{"id": head, "nik_hash": id(12), "nik_state": 1})
	w.put(t, "person", place, map[string]any{"id": child, "nik_hash": id(13), "nik_state": 2}) // claims what somebody else holds
	w.put(t, "nik_index", place, map[string]any{"nik_hash": id(12)})
	w.put(t, "nik_index", place, map[string]any{"nik_hash": id(13), "person_id": id(99), "family_id": id(98)})
	w.put(t, "answers", place, map[string]any{"subject_id": head, "form": "person"})
	own := map[string]map[string]any{
		"family_history": {"id": family}, "person_history": {"id": head}, "civil_record": {"nik_hash": id(12)},
		"finding": {"id": id(8)}, "civil_answer": {"nik_hash": id(12)}, "link_pair": {"left_id": id(98), "right_id": head, "right_kabkota": int64(8171), "area_code": int64(w.stays)},
	}
	for _, table := range schema.Tables() {
		hers := table.Moves || table.Kind == sqldb.NIK || slices.Contains([]string{"proposal", "link_pair", "letter", "payment", "grievance"}, table.Name)
		if made := table.Name == "family" || table.Name == "person" || table.Name == "nik_index"; hers && !made {
			w.put(t, table.Name, place, own[table.Name])
		}
	}
	// what an officer looked at, before any change
	op := w.who["verifikator"]
	err := w.acts.Write(t.Context(), op, "test.look", func(tx *act.Tx) error {
		if err := tx.Allow(access.ReadRegistry, 8171, at); err != nil {
			return err
		}
		return tx.Record(t.Context(), audit.Entry{Tenant: 8171, Area: at, Subject: family})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// column is a column of a table as the database describes it.
type column struct {
	name, kind string
	needed     int
}

func (w *town) columns(t *testing.T, table string) []column {
	t.Helper()
	query := `SELECT column_name, data_type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	if w.db.Dialect() == sqldb.SQLite {
		query = `SELECT name, lower(type), "notnull" FROM pragma_table_info($1)`
	}
	out, err := sqldb.Collect(t.Context(), w.db.Direct(), query, []any{table}, func(r sqldb.Row) (column, error) {
		var c column
		err := r.Scan(&c.name, &c.kind, &c.needed)
		return c, err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("columns of %s: %v", table, err)
	}
	return out
}

// put inserts a row: what own says, else what place says, else nothing or a value of the type.
func (w *town) put(t *testing.T, table string, place, own map[string]any) {
	t.Helper()
	var names, marks []string
	var values []any
	for _, c := range w.columns(t, table) {
		value, given := own[c.name]
		if !given {
			value, given = place[c.name]
		}
		if !given && c.needed == 1 {
			value = something(c.kind)
		}
		names, values = append(names, c.name), append(values, value)
		marks = append(marks, fmt.Sprintf("$%d", len(names)))
	}
	err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// something gives a value of a type.
func something(kind string) any {
	switch kind {
	case "uuid":
		return sqldb.NewID()
	case "text":
		return ""
	case "bytea":
		return []byte("x")
	case "double precision":
		return 0.5
	}
	return 0
}

// sees counts the rows of a table in the scope of a person's permission.
func (w *town) sees(t *testing.T, login, table string, p access.Permission) (n int) {
	t.Helper()
	args := sqldb.NewArgs(w.db.Direct())
	query := `SELECT count(*) FROM ` + table + ` WHERE ` + act.Where(w.who[login].ScopeOf(p), "kabkota", "area_code", args)
	if err := w.db.Direct().QueryRow(t.Context(), query, args.Values...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *town) counts(t *testing.T, query string, want int, args ...any) {
	t.Helper()
	var n int
	if err := w.db.Direct().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("%s: %d, want %d", query, n, want)
	}
}

// decree proposes, approves and applies.
func (w *town) decree(t *testing.T, d areas.Decree) {
	t.Helper()
	c, err := w.Propose(t.Context(), w.who["admin"], d)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Approve(t.Context(), w.who["kadis"], c.ID, w.accounts); err != nil {
		t.Fatal(err)
	}
	last := 0
	err = w.Apply(t.Context(), w.who["kadis"], c.ID, func(done, total int) {
		if last++; done != last || total != c.Steps {
			t.Errorf("progress %d of %d after step %d of %d", done, total, last, c.Steps)
		}
	})
	if err != nil || last != c.Steps {
		t.Fatalf("applied %d of %d: %v", last, c.Steps, err)
	}
	w.again(t)
}

// looks counts the test's audit entries the person may read.
func (w *town) looks(t *testing.T, login string) (n int) {
	t.Helper()
	args := sqldb.NewArgs(w.db.Direct())
	query := `SELECT count(*) FROM audit_entry WHERE act = 'test.look' AND ` + act.Where(w.who[login].ScopeOf(access.ReadAudit), "kabkota", "area_code", args)
	if err := w.db.Direct().QueryRow(t.Context(), query, args.Values...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
