package rekey_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/rekey"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// house is an installation of which only the sealed columns matter.
type house struct {
	db   *sqldb.DB
	keys *seal.Keyring
	*rekey.Service
	runs  *runs.Service
	admin access.Actor
}

const rowsEach = 7

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{db: db, keys: testkit.Keys(t), admin: testkit.Person(1, access.Admin, testkit.Ambon)}
	h.again(t)
	for _, table := range schema.Tables() {
		h.fill(t, table)
	}
	return h
}

// again builds the services as a process does that starts anew.
func (h *house) again(t *testing.T) {
	t.Helper()
	acts := act.New(h.db, testkit.NewClock().Now, nil)
	var err error
	if h.Service, err = rekey.New(rekey.Parts{Acts: acts, Keys: h.keys, Tables: schema.Tables()}); err != nil {
		t.Fatal(err)
	}
	h.Service.SetChunk(3)
	h.runs = runs.New(acts, func(context.Context, sqldb.ID) (access.Actor, error) { return h.admin, nil }, nil, h.Kind())
}

func columnsOf(table string) map[string]seal.Purpose {
	out := map[string]seal.Purpose{}
	for _, c := range rekey.Columns() {
		if c.Table == table {
			out[c.Name] = c.Purpose
		}
	}
	return out
}

// plain is what column c of row n says.
func plain(table, column string, n int) []byte { return fmt.Appendf(nil, "%s.%s %d", table, column, n) }

// fill writes rows of a table with sealed columns: whatever its other columns want, and in every
// third row NULL where a sealed column may be.
func (h *house) fill(t *testing.T, table sqldb.Table) {
	t.Helper()
	sealed := columnsOf(table.Name)
	if len(sealed) == 0 {
		return
	}
	for n := range rowsEach {
		var names, marks []string
		var values []any
		for _, c := range h.describe(t, table.Name) {
			purpose, isSealed := sealed[c.name]
			if c.optional && !isSealed && !slices.Contains(table.Key, c.name) || c.optional && n%3 == 2 {
				continue
			}
			names, marks = append(names, c.name), append(marks, fmt.Sprintf("$%d", len(marks)+1))
			if isSealed {
				values = append(values, h.keys.Seal(nil, purpose, plain(table.Name, c.name, n)))
			} else {
				values = append(values, c.value(n))
			}
		}
		err := h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO "+table.Name+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
			return err
		})
		if err != nil {
			t.Fatalf("fill %s: %v", table.Name, err)
		}
	}
}

type described struct {
	name, kind string
	optional   bool
}

func (h *house) describe(t *testing.T, table string) []described {
	t.Helper()
	query := `SELECT column_name, upper(data_type), CASE WHEN is_nullable = 'YES' OR column_default IS NOT NULL THEN 1 ELSE 0 END
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	if h.db.Dialect() == sqldb.SQLite {
		query = `SELECT name, upper(type), CASE WHEN "notnull" = 0 OR dflt_value IS NOT NULL THEN 1 ELSE 0 END FROM pragma_table_info($1)`
	}
	list, err := sqldb.Collect(t.Context(), h.db.Direct(), query, []any{table}, func(r sqldb.Row) (d described, err error) {
		var optional int64
		err = r.Scan(&d.name, &d.kind, &optional)
		d.optional = optional == 1
		return d, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// value is something the column takes, the same in every table for the same row: references hold.
func (d described) value(n int) any {
	switch {
	case d.name == "kabkota":
		return int64(testkit.AmbonTenant)
	case strings.HasSuffix(d.kind, "INT") || d.kind == "INTEGER":
		return int64(n + 1)
	case strings.HasPrefix(d.kind, "DOUBLE"):
		return 0.5
	case d.kind == "UUID":
		return sqldb.ID{15: byte(n + 1)}
	case d.kind == "BYTEA":
		return bytes.Repeat([]byte{byte(n + 1)}, 16)
	default:
		return fmt.Sprintf("2024-10-%02d", n+1)
	}
}

// check opens every sealed value and gives how many there are, by whether the newest key sealed them.
func (h *house) check(t *testing.T) (fresh, stale int) {
	t.Helper()
	for _, table := range schema.Tables() {
		sealed := columnsOf(table.Name)
		names := slices.Sorted(maps.Keys(sealed))
		if len(names) == 0 {
			continue
		}
		rows, err := sqldb.RowsAfter(t.Context(), h.db.Direct(), table, names, nil, 100)
		if err != nil || len(rows) != rowsEach {
			t.Fatalf("%s: %d rows, %v", table.Name, len(rows), err)
		}
		for n, row := range rows {
			for c, value := range row.Values {
				if value == nil {
					continue
				}
				got, err := h.keys.Open(sealed[names[c]], value)
				if err != nil || !bytes.Equal(got, plain(table.Name, names[c], n)) {
					t.Errorf("%s.%s of row %d: %q, %v", table.Name, names[c], n, got, err)
				}
				if h.keys.Stale(value) {
					stale++
				} else {
					fresh++
				}
			}
		}
	}
	return fresh, stale
}

// begin rotates and takes a run so far that it can be worked.
func (h *house) begin(t *testing.T) runs.Run {
	t.Helper()
	if _, err := h.Rotate(t.Context(), h.admin, testkit.AmbonTenant, testkit.Ambon); err != nil {
		t.Fatal(err)
	}
	r, err := h.runs.Create(t.Context(), h.admin, runs.NewRun{Kind: rekey.Kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: h.Current()})
	for _, step := range []func(context.Context, access.Actor, runs.Run) (runs.Run, error){
		func(ctx context.Context, who access.Actor, r runs.Run) (runs.Run, error) {
			return h.runs.Look(ctx, who, r.Tenant, r.ID)
		},
		func(ctx context.Context, who access.Actor, r runs.Run) (runs.Run, error) {
			return h.runs.Submit(ctx, who, r.Tenant, r.ID)
		},
	} {
		if err == nil {
			r, err = step(t.Context(), h.admin, r)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryValueIsSealedAgain stops and resumes a run in another process, and counts.
func TestEveryValueIsSealedAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		all, stale := h.check(t)
		if all == 0 || stale != 0 {
			t.Fatalf("%d values, %d stale before", all, stale)
		}
		r := h.begin(t)
		if _, stale := h.check(t); stale != all {
			t.Errorf("after the rotation %d of %d are stale", stale, all)
		}
		for range 9 {
			if _, _, err := h.runs.Step(t.Context(), r.Tenant, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if fresh, stale := h.check(t); fresh == 0 || stale == 0 {
			t.Errorf("in the middle: %d and %d", fresh, stale)
		}
		h.again(t) // killed
		r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		if err != nil || r.State != runs.Done {
			t.Fatalf("%s, %v", r.State, err)
		}
		if fresh, stale := h.check(t); fresh != all || stale != 0 {
			t.Errorf("at the end: %d sealed anew, %d stale, of %d", fresh, stale, all)
		}
		if r.Tally["resealed"] != int64(all) || r.Tally["unreadable"] != 0 || r.Finished != r.Total {
			t.Errorf("figures %v, %d rows of %d", r.Tally, r.Finished, r.Total)
		}
		h.twice(t)
	})
}

// twice runs again under the same key: nothing is left to do.
func (h *house) twice(t *testing.T) {
	t.Helper()
	r, err := h.runs.Create(t.Context(), h.admin, runs.NewRun{Kind: rekey.Kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: h.Current()})
	if err == nil {
		_, err = h.runs.Look(t.Context(), h.admin, r.Tenant, r.ID)
	}
	if err == nil {
		_, err = h.runs.Submit(t.Context(), h.admin, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
	}
	if err != nil || r.State != runs.Done || len(r.Tally) != 0 {
		t.Errorf("again: %v, %s, %v", r.Tally, r.State, err)
	}
}

// TestWhatIsWrittenMeanwhileStays changes a row between the moment it was read and the moment it
// would be written, and damages another.
func TestWhatIsWrittenMeanwhileStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.begin(t)
		chunk, err := h.Kind().Prepare(t.Context(), r, `{"table":"family"}`)
		if err != nil {
			t.Fatal(err)
		}
		newer, damaged := h.keys.Seal(nil, seal.KK, []byte("newer")), []byte("not sealed at all")
		h.set(t, 0, newer)
		h.set(t, 1, damaged)
		acts := act.New(db, testkit.NewClock().Now, nil)
		var tally runs.Tally
		err = acts.Write(t.Context(), h.admin, "test", func(tx *act.Tx) (err error) {
			if err := tx.Allow(access.Administer, r.Tenant, r.Area); err != nil {
				return err
			}
			if tally, err = chunk.Apply(t.Context(), tx); err != nil {
				return err
			}
			return tx.Record(t.Context(), audit.Entry{Tenant: r.Tenant, Area: r.Area})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.kk(t, 0); !bytes.Equal(got, newer) || tally["rewritten_meanwhile"] != 2 {
			t.Errorf("the newer value is %q; %v", got, tally)
		}
		if r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.Tally["unreadable"] != 1 {
			t.Errorf("with a damaged value: %v, %v", r.Tally, err)
		}
		if got := h.kk(t, 1); !bytes.Equal(got, damaged) {
			t.Errorf("the damaged value is %q", got)
		}
	})
}

func (h *house) set(t *testing.T, n int, value []byte) {
	t.Helper()
	err := h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE family SET no_kk = $1 WHERE kabkota = $2 AND id = $3`, value, int64(testkit.AmbonTenant), sqldb.ID{15: byte(n + 1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) kk(t *testing.T, n int) (value []byte) {
	t.Helper()
	err := h.db.Direct().QueryRow(t.Context(), `SELECT no_kk FROM family WHERE kabkota = $1 AND id = $2`, int64(testkit.AmbonTenant), sqldb.ID{15: byte(n + 1)}).Scan(&value)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOnlyWhoKeepsTheInstallationRotates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	before := h.keys.Current()
	for _, role := range []access.Role{access.Verifier, access.AgencyHead, access.Auditor} {
		if _, err := h.Rotate(t.Context(), testkit.Person(2, role, testkit.Ambon), testkit.AmbonTenant, testkit.Ambon); fail.CodeOf(err) != "access.denied" {
			t.Errorf("%s: %v", role, err)
		}
	}
	if h.keys.Current() != before {
		t.Error("the key changed")
	}
	r := h.begin(t)
	var n int
	if err := h.db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE act = 'key.rotate' AND kabkota = $1`, int64(testkit.AmbonTenant)).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d entries of the rotation, %v", n, err)
	}
	if _, err := h.keys.Rotate(testkit.NewClock().Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); fail.CodeOf(err) != "rekey.key" {
		t.Errorf("a run of an older key: %v", err)
	}
}

// TestTheListNamesEverySealedColumn reads the migrations, which say of a column that it is sealed.
func TestTheListNamesEverySealedColumn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../schema/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	create, alter := regexp.MustCompile(`^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)`), regexp.MustCompile(`^\s*ALTER TABLE (\w+) ADD COLUMN (\w+)`)
	column := regexp.MustCompile(`^\s*(?:ALTER TABLE \w+ ADD COLUMN )?(\w+) BYTEA.*-- sealed`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for line := range strings.Lines(string(text)) {
			if m := create.FindStringSubmatch(line); m != nil {
				table = m[1]
			} else if m := alter.FindStringSubmatch(line); m != nil {
				table = m[1]
			}
			if m := column.FindStringSubmatch(line); m != nil {
				found++
				if _, ok := columnsOf(table)[m[1]]; !ok {
					t.Errorf("%s: %s.%s is sealed; name it in rekey.Columns", filepath.Base(file), table, m[1])
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("the migrations name %d sealed columns", found)
	}
}

// TestPurposesAreThoseOfTheOwners finds each purpose that is not of kit/seal in the package that
// keeps the table.
func TestPurposesAreThoseOfTheOwners(t *testing.T) {
	t.Parallel()
	shared := []seal.Purpose{seal.NIK, seal.KK, seal.Phone, seal.Mother, seal.Account, seal.History}
	owners := map[string]string{
		"account": "accounts", "civil_answer": "civil", "match_suggestion": "suggestions", "link_pair": "duplicates", "merge": "duplicates", "pair_word": "duplicates", "finding_event": "screening", "proposal": "proposals",
		"proposal_document": "proposals", "proposal_event": "proposals", "proposal_draft": "proposals", "paper_part": "papers", "family_visit": "visits", "visit_withdrawal": "visits", "grievance": "grievances", "grievance_event": "grievances",
	}
	for _, c := range rekey.Columns() {
		if slices.Contains(shared, c.Purpose) {
			continue
		}
		files, err := filepath.Glob("../" + owners[c.Table] + "/*.go")
		if err != nil || owners[c.Table] == "" || len(files) == 0 {
			t.Fatalf("%s has no owner here: %v", c.Table, err)
		}
		named := slices.ContainsFunc(files, func(f string) bool {
			text, err := os.ReadFile(f)
			return err == nil && strings.Contains(string(text), `seal.Purpose("`+string(c.Purpose)+`")`)
		})
		if !named {
			t.Errorf("service/%s has no purpose %q for %s.%s", owners[c.Table], c.Purpose, c.Table, c.Name)
		}
	}
}
