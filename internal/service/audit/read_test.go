package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/testkit"
)

// log is a database with a clock and a sealer.
type log struct {
	t     *testing.T
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	seal  *audit.Sealer
}

func newLog(t *testing.T, db *sqldb.DB) *log {
	t.Helper()
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	return &log{t, db, clock, act.New(db, clock.Now, nil), audit.NewSealer(db, testkit.Keys(t))}
}

// add writes an entry, a minute after the one before.
func (l *log) add(name string, who access.Actor, e audit.Entry) (id sqldb.ID) {
	l.t.Helper()
	l.clock.Move(time.Minute)
	err := l.db.Write(l.t.Context(), func(tx *sqldb.Tx) (err error) {
		role := access.Role("")
		if len(who.Grants) > 0 {
			role = who.Grants[0].Role
		}
		id, err = audit.Append(l.t.Context(), tx, audit.Act{ID: sqldb.NewID(), Name: name, At: l.clock.Now(), Who: who, Role: role, Purpose: "status"}, e)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func auditor(at area.Code) access.Actor { return testkit.Person(9, access.Auditor, at) }

// names gives the acts of lines, in their order.
func names(lines []audit.Line) (out []string) {
	for _, l := range lines {
		out = append(out, l.Act)
	}
	return out
}

func same(got []string, want ...string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}

func TestTheLogIsReadNewestFirstWithinTheArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		rina, family := testkit.Person(1, access.Verifier, testkit.Ambon), sqldb.NewID()
		l.add("registry.open", rina, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: family})
		start := l.clock.Now()
		l.add("registry.list", rina, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
		l.add("civil.open", testkit.Person(2, access.Operator, testkit.Neighbour), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Neighbour})
		l.add("account.sign_in", testkit.Person(3, access.Admin, testkit.Ambon.Province()), audit.Entry{Area: testkit.Ambon.Province()})
		l.add("registry_x.open", rina, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
		for _, c := range []struct {
			name string
			who  access.Actor
			f    audit.Filter
			want []string
		}{
			{"the city", auditor(testkit.Ambon), audit.Filter{}, []string{"registry_x.open", "civil.open", "registry.list", "registry.open"}},
			{"a village", auditor(testkit.Village), audit.Filter{}, []string{"registry.open"}},
			{"a village of the city's", auditor(testkit.Ambon), audit.Filter{Area: testkit.Neighbour}, []string{"civil.open"}},
			{"the province sees what lies with the installation", auditor(testkit.Ambon.Province()), audit.Filter{}, []string{"registry_x.open", "account.sign_in", "civil.open", "registry.list", "registry.open"}},
			{"one act", auditor(testkit.Ambon), audit.Filter{Act: "registry.open"}, []string{"registry.open"}},
			{"acts of one kind", auditor(testkit.Ambon), audit.Filter{Act: "registry."}, []string{"registry.list", "registry.open"}},
			{"one person", auditor(testkit.Ambon), audit.Filter{Actor: rina.ID}, []string{"registry_x.open", "registry.list", "registry.open"}},
			{"one family", auditor(testkit.Ambon), audit.Filter{Subjects: []sqldb.ID{sqldb.NewID(), family}}, []string{"registry.open"}},
			{"since an instant", auditor(testkit.Ambon), audit.Filter{From: start}, []string{"registry_x.open", "civil.open", "registry.list", "registry.open"}},
			{"since a later one", auditor(testkit.Ambon), audit.Filter{From: start.Add(time.Second)}, []string{"registry_x.open", "civil.open", "registry.list"}},
			{"until an instant", auditor(testkit.Ambon), audit.Filter{To: start.Add(time.Second)}, []string{"registry.open"}},
			{"another district", auditor(1209000000), audit.Filter{}, nil},
		} {
			scope := c.who.ScopeOf(access.ReadAudit)
			got, err := audit.Lines(t.Context(), db.Direct(), scope, c.f, 20)
			if err != nil || !same(names(got), c.want...) {
				t.Errorf("%s: %v, %v", c.name, names(got), err)
			}
		}
		nation := access.Actor{ID: [16]byte{7}, Grants: []access.Grant{{Role: access.Auditor, Area: area.Nation}}}
		if got, err := audit.Lines(t.Context(), db.Direct(), nation.ScopeOf(access.ReadAudit), audit.Filter{}, 20); err != nil || len(got) != 5 {
			t.Errorf("the nation: %v, %v", names(got), err)
		}
		if got, err := audit.Lines(t.Context(), db.Direct(), access.Scope{}, audit.Filter{}, 20); err != nil || len(got) != 0 {
			t.Errorf("nobody: %v, %v", names(got), err)
		}
	})
}

func TestTheLogIsReadInPages(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		who := testkit.Person(1, access.Verifier, testkit.Ambon)
		for range 7 {
			l.add("registry.list", who, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
			l.add("account.sign_in", who, audit.Entry{Area: testkit.Ambon})
		}
		scope := auditor(testkit.Ambon).ScopeOf(access.ReadAudit)
		seen := map[sqldb.ID]bool{}
		var after sqldb.ID
		for pages := 0; ; pages++ {
			got, err := audit.Lines(t.Context(), db.Direct(), scope, audit.Filter{After: after}, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				if pages != 5 {
					t.Errorf("%d pages", pages)
				}
				break
			}
			for _, line := range got {
				if seen[line.ID] {
					t.Errorf("entry %s stands on two pages", line.ID)
				}
				seen[line.ID] = true
			}
			after = got[len(got)-1].ID
		}
		if len(seen) != 14 {
			t.Errorf("%d entries on the pages", len(seen))
		}
	})
}

func TestReadingTheLogIsAnAct(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		id := l.add("registry.open", testkit.Person(1, access.Verifier, testkit.Ambon), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Facts: map[string]any{"n": 1}})
		got, err := l.acts.ReadLog(t.Context(), auditor(testkit.Ambon), audit.Filter{Act: "registry."}, 20)
		if err != nil || len(got) != 1 {
			t.Fatalf("read %v, %v", names(got), err)
		}
		if line := got[0]; line.ID != id || line.Facts != `{"n":1}` || line.Purpose != "status" || line.Role != access.Verifier || !line.At.Equal(l.clock.Now()) || line.Area != testkit.Village {
			t.Errorf("line = %+v", line)
		}
		one, err := l.acts.OpenLog(t.Context(), auditor(testkit.Ambon), testkit.AmbonTenant, id)
		if err != nil || one != got[0] {
			t.Errorf("opened %+v, %v", one, err)
		}
		for name, who := range map[string]access.Actor{"another village": auditor(testkit.Neighbour), "another district": {ID: [16]byte{5}, Grants: []access.Grant{{Role: access.Auditor, Area: 1209000000, Tenants: []area.Tenant{1209}}}}} {
			if _, err := l.acts.OpenLog(t.Context(), who, testkit.AmbonTenant, id); !errors.Is(err, fail.NotFound("audit.no_entry")) {
				t.Errorf("%s opened it: %v", name, err)
			}
		}
		for _, role := range []access.Role{access.Admin, access.Verifier, access.AgencyHead, access.Operator} {
			if _, err := l.acts.ReadLog(t.Context(), testkit.Person(4, role, testkit.Ambon), audit.Filter{}, 20); !errors.Is(err, fail.Forbidden("access.denied")) {
				t.Errorf("%s reads the log: %v", role, err)
			}
		}
		trail, err := l.acts.ReadLog(t.Context(), auditor(testkit.Ambon), audit.Filter{Act: "audit."}, 20)
		if err != nil || !same(names(trail), "audit.open", "audit.read") {
			t.Errorf("the log tells of its readers %v, %v", names(trail), err)
		}
	})
}

func TestSignInsAreOnesOwn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		mine, other := testkit.Person(1, access.Operator, testkit.Village), testkit.Person(2, access.Operator, testkit.Village)
		for _, c := range []struct {
			name string
			who  access.Actor
			at   area.Tenant
		}{{"account.sign_in", mine, testkit.AmbonTenant}, {"account.sign_in", other, testkit.AmbonTenant}, {"account.sign_in_refused", mine, 0}, {"account.change_password", mine, testkit.AmbonTenant}} {
			l.add(c.name, c.who, audit.Entry{Tenant: c.at, Area: testkit.Village, Subject: c.who.ID})
		}
		got, err := audit.SignIns(t.Context(), db.Direct(), []area.Tenant{testkit.AmbonTenant}, mine.ID, 10)
		if err != nil || !same(names(got), "account.sign_in_refused", "account.sign_in") {
			t.Errorf("sign-ins %v, %v", names(got), err)
		}
	})
}

// TestTheNewestSealIsProved seals a log, changes it behind the seal's back, and looks.
func TestTheNewestSealIsProved(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		who := testkit.Person(1, access.Verifier, testkit.Ambon)
		state := func() audit.SealState {
			t.Helper()
			list, err := l.seal.States(t.Context(), auditor(testkit.Ambon).ScopeOf(access.ReadAudit), l.clock.Now(), 10)
			if err != nil || len(list) != 2 || list[1].Tenant != testkit.AmbonTenant {
				t.Fatalf("states %+v, %v", list, err)
			}
			return list[1]
		}
		if s := state(); s.Last.Seq != 0 || s.Verified || s.Late != 0 {
			t.Errorf("an empty log: %+v", s)
		}
		first := l.add("registry.open", who, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village})
		l.clock.Move(30 * time.Minute)
		if s := state(); s.Late != 1 {
			t.Errorf("half an hour unsealed: %+v", s)
		}
		for range 2 {
			l.add("registry.list", who, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
			l.clock.Move(15 * time.Minute)
			if _, err := l.seal.SealDue(t.Context(), l.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if s := state(); s.Last.Seq != 2 || !s.Verified || s.Late != 0 || s.Last.Leaves != 1 {
			t.Errorf("sealed twice: %+v", s)
		}
		l.change(`UPDATE audit_entry SET purpose = 'nothing' WHERE id = $1`, first)
		if s := state(); !s.Verified {
			t.Errorf("the newest seal is about other entries: %+v", s)
		}
		if _, err := l.seal.Verify(t.Context(), l.clock.Now()); !errors.Is(err, fail.Conflict("audit.broken")) {
			t.Errorf("the whole proof: %v", err)
		}
		l.change(`UPDATE audit_entry SET facts = '{"shown":0}' WHERE id <> $1`, first)
		if s := state(); s.Verified || s.Last.Seq != 2 {
			t.Errorf("an entry of the newest seal was changed: %+v", s)
		}
	})
}

// change does what nobody may: it writes into the log.
func (l *log) change(query string, args ...any) {
	l.t.Helper()
	err := l.db.Write(context.WithoutCancel(l.t.Context()), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(l.t.Context(), query, args...)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
}
