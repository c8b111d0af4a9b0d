package looks_test

import (
	"context"
	"testing"
	"time"

	"tepat/data/holidays"
	"tepat/data/watch"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
	"tepat/internal/service/looks"
	"tepat/internal/testkit"
)

var (
	auditor  = testkit.Person(1, access.Auditor, testkit.Ambon)
	operator = testkit.Person(2, access.Operator, testkit.Village)
	other    = access.Actor{ID: [16]byte{9}, Grants: []access.Grant{{Role: access.Auditor, Area: 1209000000, Tenants: []area.Tenant{1209}}}}
)

// rules are those of the data with thresholds a test reaches; they hold from 2024, the year of the tests' clock.
const rules = `
looks: [registry.open, lookup.desk]
no_work: [registry.list]
rules:
  - {id: many_records, kind: per_hour, least: 4, factor: 2, days: 28, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: outside_hours, kind: outside_hours, least: 2, from: 6, to: 19, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: own_name, kind: own_name, least: 1, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: own_kin, kind: own_kin, least: 1, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: elsewhere, kind: elsewhere, least: 2, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: same_record, kind: same_record, least: 3, days: 7, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: no_case, kind: no_case, least: 3, valid_from: "2024-01-01", legal_basis: "Uji"}
  - {id: over, kind: no_case, least: 1, valid_from: "2023-01-01", valid_to: "2024-10-13", legal_basis: "Uji"}
`

type house struct {
	t    *testing.T
	db   *sqldb.DB
	acts *act.Acts
	now  time.Time
	*looks.Service
}

func newHouse(t *testing.T, db *sqldb.DB) house {
	t.Helper()
	if _, err := areas.Seed(t.Context(), db, []area.Code{testkit.Ambon}); err != nil {
		t.Fatal(err)
	}
	clock := testkit.NewClock()
	clock.Move(12 * time.Hour) // 23.00 in Ambon, Tuesday 15 October 2024
	acts := act.New(db, clock.Now, nil)
	places, err := areas.Open(t.Context(), acts, schema.Tables())
	must(t, err)
	days, err := proposal.LoadHolidays(holidays.Files)
	must(t, err)
	calendar, err := period.NewCalendar(days, time.Saturday, time.Sunday)
	must(t, err)
	r, err := looks.ParseRules([]byte(rules))
	must(t, err)
	return house{t, db, acts, clock.Now(), looks.New(looks.Parts{Acts: acts, Places: places, Home: installation.Installation{ID: sqldb.NewID()}, Rules: r, Calendar: calendar})}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// did puts an entry into the log: what somebody did at a local hour of a day of October 2024 with a record.
func (h house) did(reader byte, name string, subject sqldb.ID, day, hour, minute int) {
	h.t.Helper()
	at := time.Date(2024, 10, day, hour, minute, 0, 0, time.FixedZone("WIT", 9*3600))
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		a := audit.Act{ID: sqldb.NewID(), Name: name, At: at, Who: access.Actor{ID: [16]byte{7, 15: reader}}, Role: access.Operator}
		_, err := audit.Append(h.t.Context(), tx, a, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: subject})
		return err
	}))
}

// found gives the finds of a rule that nobody has looked into.
func (h house) found(rule string) []looks.Unusual {
	h.t.Helper()
	list, err := h.List(h.t.Context(), auditor, looks.Filter{Rule: rule, Limit: 50})
	must(h.t, err)
	return list
}

func (h house) watch(want int64) {
	h.t.Helper()
	if n, err := h.Watch(h.t.Context(), h.now); err != nil || n != want {
		h.t.Fatalf("found %d, %v; want %d: %+v", n, err, want, h.found(""))
	}
}

func TestLooksOutOfTheOrdinaryAreFoundOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.watch(0)
		for i := range 5 { // five records in an hour, and a case worked on
			h.did(1, "registry.open", sqldb.NewID(), 15, 10, i)
		}
		h.did(1, "proposal.file", sqldb.NewID(), 15, 11, 0)
		for i := range 5 { // the same of one who opens that many every day
			h.did(2, "registry.open", sqldb.NewID(), 14, 9, i)
			h.did(2, "registry.open", sqldb.NewID(), 15, 10, i)
		}
		h.did(2, "proposal.file", sqldb.NewID(), 14, 11, 0)
		h.did(2, "proposal.file", sqldb.NewID(), 15, 11, 0)
		h.watch(2) // reader 1 today, and reader 2 yesterday, who had no habit then
		many := h.found("many_records")
		if len(many) != 2 || many[0].Actor != (sqldb.ID{7, 15: 1}) || many[0].N != 5 || many[0].Bound != 4 || many[0].Day != period.On(2024, 10, 15) || many[1].Day != period.On(2024, 10, 14) {
			t.Fatalf("%+v", many)
		}
		h.watch(0)
		h.did(1, "registry.open", sqldb.NewID(), 15, 10, 30)
		h.watch(1)
		if many = h.found("many_records"); len(many) != 2 || many[0].N != 6 {
			t.Errorf("after one more: %+v", many)
		}
		var entries int64
		must(t, db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'audit.unusual_found'`).Scan(&entries))
		if entries != 3 {
			t.Errorf("%d acts of the job stand in the log", entries)
		}
	})
}

func TestEachRuleFindsWhatItSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		record := sqldb.NewID()
		h.did(1, "registry.open", sqldb.NewID(), 15, 5, 59) // at night, twice
		h.did(1, "registry.open", sqldb.NewID(), 15, 19, 0)
		h.did(1, "proposal.file", sqldb.NewID(), 15, 19, 1)
		h.did(2, "registry.open", sqldb.NewID(), 15, 6, 0) // within hours
		h.did(2, "registry.open", sqldb.NewID(), 15, 18, 59)
		h.did(2, "proposal.file", sqldb.NewID(), 15, 18, 59)
		for i, day := range []int{10, 12, 14} { // three readers in a week; the 12th is a Saturday
			h.did(byte(10+i), "registry.open", record, day, 9, 0)
		}
		for i := range 3 { // looks, lists, and nothing else
			h.did(3, "registry.open", sqldb.NewID(), 15, 13+i, 0)
			h.did(3, "registry.list", sqldb.ID{}, 15, 13+i, 1)
		}
		h.now = h.now.Add(time.Hour) // the 15th is over
		h.watch(2)
		h.now = h.now.Add(-2 * time.Hour)
		h.watch(1) // same_record on the day of its last look alone, the 14th
		for rule, want := range map[string]sqldb.ID{"outside_hours": {7, 15: 1}, "no_case": {7, 15: 3}} {
			if got := h.found(rule); len(got) != 1 || got[0].Actor != want {
				t.Errorf("%s: %+v", rule, got)
			}
		}
		if got := h.found("same_record"); len(got) != 1 || got[0].Subject != record || !got[0].Actor.IsZero() || got[0].N != 3 {
			t.Errorf("same_record: %+v", got)
		}
		if got := h.found("over"); len(got) != 0 {
			t.Errorf("a rule that is over found %+v", got)
		}
	})
}

func TestNamesAndPlacesAreAskedFromTheRecords(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		family, own, far, farther := sqldb.NewID(), sqldb.NewID(), sqldb.NewID(), sqldb.NewID()
		h.person(own, family, "SITI UJI", testkit.Village)
		h.person(far, sqldb.NewID(), "ANI UJI", testkit.Neighbour)
		h.person(farther, sqldb.NewID(), "ANA UJI", testkit.Neighbour)
		must(t, db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO account (id, login, name, password, totp_step, demo, state, failures, locked_until, last_login, created_at, version)
				VALUES ($1, 'siti', 'Siti Uji', '', 0, 0, 'active', 0, 0, 0, 0, 1)`, sqldb.ID{7, 15: 1})
			return err
		}))
		h.did(1, "registry.open", family, 15, 9, 0)
		h.did(1, "lookup.desk", far, 15, 9, 1)
		h.did(1, "lookup.desk", farther, 15, 9, 2)
		h.did(1, "lookup.desk", own, 15, 9, 3)
		h.did(1, "proposal.file", sqldb.NewID(), 15, 9, 4)
		if _, err := h.Watch(t.Context(), h.now); err != nil {
			t.Fatal(err)
		}
		names := h.found("own_name")
		if len(names) != 2 || names[0].Subject != own || names[1].Subject != family {
			t.Errorf("own name: %+v", names)
		}
		if got := h.found("elsewhere"); len(got) != 1 || got[0].N != 2 {
			t.Errorf("elsewhere: %+v", got)
		}
	})
}

func (h house) person(id, family sqldb.ID, name string, at area.Code) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), `INSERT INTO person (kabkota, id, version, recorded_at, act_id, state, family_id, member_since, area_code, village_id, nik_state, name, name_norm, sex, birth_place, birth_date,
				relation, match_status, match_fields, matched_at, source, source_date, ended_reason)
			VALUES (8171, $1, 1, 0, $1, 1, $2, '', $3, $3, 0, $4, $4, 2, '', '1980-01-01', 1, 0, 0, 0, 'UJI', '2024', '')`, id, family, int64(at), name)
		return err
	}))
}

func TestAnAuditorLooksIntoAFind(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.WithoutCancel(t.Context())
		h := newHouse(t, db)
		for i := range 5 {
			h.did(1, "registry.open", sqldb.NewID(), 15, 10, i)
			h.did(2, "registry.open", sqldb.NewID(), 15, 11, i)
		}
		h.did(1, "proposal.file", sqldb.NewID(), 15, 11, 0)
		h.did(2, "proposal.file", sqldb.NewID(), 15, 12, 0)
		h.watch(2)
		one := h.found("")[0]
		want := func(what string, err error, code string) {
			t.Helper()
			if fail.CodeOf(err) != code {
				t.Errorf("%s: %v, want %s", what, err, code)
			}
		}
		_, err := h.List(ctx, operator, looks.Filter{Limit: 5})
		want("an operator reads the list", err, "access.denied")
		if list, err := h.List(ctx, other, looks.Filter{Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("an auditor of another district sees %+v, %v", list, err)
		}
		_, err = h.Open(ctx, other, one.Tenant, one.ID)
		want("she opens one", err, "access.denied")
		_, err = h.Mark(ctx, auditor, one.Tenant, one.ID, " ")
		want("without words", err, "looks.note")
		self := auditor
		self.ID = one.Actor
		_, err = h.Mark(ctx, self, one.Tenant, one.ID, "Saya sendiri")
		want("her own looks", err, "access.same_person")
		_, err = h.Mark(ctx, auditor, one.Tenant, sqldb.NewID(), "Apa ini")
		want("one that is not there", err, "looks.unknown")
		u, err := h.Mark(ctx, auditor, one.Tenant, one.ID, "Antrean panjang di kantor, benar.")
		if err != nil || u.SeenN != 5 || len(h.found("")) != 1 {
			t.Fatalf("%+v, %v", u, err)
		}
		seen, err := h.List(ctx, auditor, looks.Filter{Seen: true, Limit: 5})
		if err != nil || len(seen) != 1 || seen[0].Note == "" || seen[0].SeenBy != auditor.ID {
			t.Errorf("seen: %+v, %v", seen, err)
		}
		h.watch(0)
		rest := h.found("")[0]
		if list, err := h.List(ctx, auditor, looks.Filter{AfterAt: rest.LastAt, AfterID: rest.ID, Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("after the last: %+v, %v", list, err)
		}
		var entries int64
		must(t, db.Direct().QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'audit.unusual_seen'`).Scan(&entries))
		if entries != 1 {
			t.Errorf("%d notes stand in the log", entries)
		}
	})
}

func TestAFindThatGrewIsAskedAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.WithoutCancel(t.Context())
		h := newHouse(t, db)
		for i := range 5 {
			h.did(1, "registry.open", sqldb.NewID(), 15, 10, i)
		}
		h.did(1, "proposal.file", sqldb.NewID(), 15, 11, 0)
		h.watch(1)
		one := h.found("")[0]
		_, err := h.Mark(ctx, auditor, one.Tenant, one.ID, "Antrean panjang di kantor, benar.")
		must(t, err)
		if list := h.found(""); len(list) != 0 {
			t.Fatalf("looked into, and still asked: %+v", list)
		}
		for i := range 40 {
			h.did(1, "registry.open", sqldb.NewID(), 15, 10, 15+i)
		}
		h.watch(1)
		if list := h.found(""); len(list) != 1 || list[0].N != 45 || list[0].SeenN != 5 || list[0].Note == "" {
			t.Errorf("grown since: %+v", list)
		}
		if list, err := h.List(ctx, auditor, looks.Filter{Seen: true, Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("grown, and told as looked into: %+v, %v", list, err)
		}
		_, err = h.Mark(ctx, auditor, one.Tenant, one.ID, "Tetap benar.")
		must(t, err)
		if list, err := h.List(ctx, auditor, looks.Filter{Seen: true, Limit: 5}); err != nil || len(list) != 1 || len(h.found("")) != 0 {
			t.Errorf("looked into again: %+v, %v", list, err)
		}
	})
}

func TestADayWithoutACaseIsKnownWhenItIsOver(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		for i := range 3 { // looks in the morning, a case in the afternoon
			h.did(1, "registry.open", sqldb.NewID(), 15, 8+i, 0)
			h.did(2, "registry.open", sqldb.NewID(), 15, 8+i, 0)
		}
		evening := h.now
		h.now = evening.Add(-11 * time.Hour) // noon
		h.watch(0)
		h.did(1, "proposal.file", sqldb.NewID(), 15, 14, 0)
		h.now = evening
		h.watch(0)
		h.now = evening.Add(time.Hour) // midnight
		h.watch(1)
		if list := h.found("no_case"); len(list) != 1 || list[0].Actor != (sqldb.ID{7, 15: 2}) || list[0].Day != period.On(2024, 10, 15) {
			t.Errorf("%+v", list)
		}
	})
}

func TestTheRulesOfTheDataAreRules(t *testing.T) {
	t.Parallel()
	r, err := looks.ParseRules(watch.Rules)
	if err != nil || len(r.Rules) != 7 {
		t.Fatalf("%d rules, %v", len(r.Rules), err)
	}
	for name, text := range map[string]string{
		"no look":                          `rules: []`,
		"an unknown kind":                  `{looks: [a], rules: [{id: a, kind: b, least: 1, valid_from: "2026-01-01", legal_basis: c}]}`,
		"a habit of no day":                `{looks: [a], rules: [{id: a, kind: per_hour, least: 1, factor: 2, valid_from: "2026-01-01", legal_basis: c}]}`,
		"hours that end before they begin": `{looks: [a], rules: [{id: a, kind: outside_hours, least: 1, from: 9, to: 8, valid_from: "2026-01-01", legal_basis: c}]}`,
		"no legal basis":                   `{looks: [a], rules: [{id: a, kind: no_case, least: 1, valid_from: "2026-01-01"}]}`,
		"no date":                          `{looks: [a], rules: [{id: a, kind: no_case, least: 1, legal_basis: c}]}`,
		"an unknown field":                 `{looks: [a], rules: [{id: a, colour: red}]}`,
	} {
		if _, err := looks.ParseRules([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
