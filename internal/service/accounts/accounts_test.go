package accounts_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
	"tepat/internal/testkit"
)

// world is Kota Ambon, in a district or training installation.
type world struct {
	*accounts.Service
	db    *sqldb.DB
	clock *testkit.Clock
	keys  *seal.Keyring
	home  installation.Installation
}

// ambon knows the places the tests use; service/areas does so outside of tests.
type ambon struct{}

func (ambon) TenantOf(at area.Code) area.Tenant {
	if testkit.Ambon.Contains(at) {
		return testkit.AmbonTenant
	}
	return 0
}

func (a ambon) TenantsIn(at area.Code) []area.Tenant {
	if t := a.TenantOf(at); t != 0 {
		return []area.Tenant{t}
	}
	return nil
}
func (a ambon) RecordTenant(at area.Code) area.Tenant { return a.TenantOf(at) }
func (ambon) Former(at area.Code) []area.Code {
	if at == testkit.Ambon {
		return []area.Code{8171055001}
	}
	return nil
}
func (ambon) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, area.WIT.Location())
}
func (ambon) Known(at area.Code) bool { return at == area.Nation || testkit.Ambon.Contains(at) }

// cheap passwords keep the tests fast; the form of the digests is the same.
func cheap() accounts.Options {
	return accounts.Options{Cost: accounts.Cost{Memory: 64, Passes: 1, Lanes: 1}}
}

func newWorld(t *testing.T, db *sqldb.DB, training bool) world {
	t.Helper()
	testkit.Seed(t, db)
	clock, keys := testkit.NewClock(), testkit.Keys(t)
	home := installation.Installation{ID: sqldb.NewID(), Name: "Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}, Training: training}
	w := world{db: db, clock: clock, keys: keys, home: home}
	w.Service = w.with(cheap())
	return w
}

// with gives the same accounts with other options.
func (w world) with(o accounts.Options) *accounts.Service {
	return accounts.New(act.New(w.db, w.clock.Now, nil), w.keys, ambon{}, w.home, o)
}

// founded is a world with an administrator and the head of the agency.
func founded(t *testing.T, db *sqldb.DB) (w world, admin, head access.Actor) {
	t.Helper()
	w = newWorld(t, db, false)
	made, err := w.Found(t.Context(), []accounts.Creation{
		{Login: "admin.ambon", Name: "Admin Satu", Grant: accounts.Grant{Role: access.Admin, Area: testkit.Ambon}},
		{Login: "kadis.ambon", Name: "Kepala Satu", Grant: accounts.Grant{Role: access.AgencyHead, Area: testkit.Ambon}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, w.load(t, made[0].ID), w.load(t, made[1].ID)
}

func (w world) load(t *testing.T, id sqldb.ID) access.Actor {
	t.Helper()
	who, err := w.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// entries counts the audit entries of an act about a subject.
func (w world) entries(t *testing.T, name string, subject sqldb.ID) (n int) {
	t.Helper()
	err := w.db.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE act = $1 AND subject = $2`, name, subject).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w world) expect(t *testing.T, name string, subject sqldb.ID, want int) {
	t.Helper()
	if got := w.entries(t, name, subject); got != want {
		t.Errorf("%d audit entries of %s, want %d", got, name, want)
	}
}

func refuses(t *testing.T, err error, code string) {
	t.Helper()
	if fail.CodeOf(err) != code {
		t.Errorf("err = %v, want %s", err, code)
	}
}

var office = netip.MustParseAddr("203.0.113.7")

func try(login, password string) accounts.Attempt {
	return accounts.Attempt{Login: login, Password: password, Address: office}
}

func TestTheFoundersCanActAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		if err := admin.Allow(access.ManageUsers, testkit.AmbonTenant, testkit.Village); err != nil {
			t.Errorf("admin: %v", err)
		}
		if err := head.Allow(access.ApproveUsers, testkit.AmbonTenant, testkit.Village); err != nil {
			t.Errorf("head: %v", err)
		}
		w.expect(t, "account.found", admin.ID, 1)
		again := []accounts.Creation{
			{Login: "lain", Name: "Orang Lain", Grant: accounts.Grant{Role: access.Admin, Area: testkit.Ambon}},
			{Login: "lagi", Name: "Orang Lagi", Grant: accounts.Grant{Role: access.AgencyHead, Area: testkit.Ambon}},
		}
		_, err := w.Found(t.Context(), again)
		refuses(t, err, "account.founded")
		_, err = w.Found(t.Context(), again[:1])
		refuses(t, err, "account.two_founders")
	})
}

func TestLoadGivesTheRolesInForceToday(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		today := period.On(2024, 10, 15)
		made, err := w.Create(t.Context(), admin, accounts.Creation{Login: "Auditor.Satu ", Name: "Auditor  Satu",
			Grant: accounts.Grant{Role: access.Auditor, Area: testkit.Ambon, From: today.AddDays(1), To: today.AddDays(3)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(t.Context(), head, made.Request); err != nil {
			t.Fatal(err)
		}
		for day, want := range []int{0, 2, 2, 0} { // 2: the grant, and the one for an abolished code
			who := w.load(t, made.ID)
			if len(who.Grants) != want || who.Can(access.ReadAudit) != (want > 0) {
				t.Errorf("day %d: %+v, want %d grants", day, who.Grants, want)
			}
			if want > 0 && !slices.Equal(who.Grants[1].Tenants, []area.Tenant{testkit.AmbonTenant}) {
				t.Errorf("day %d: the abolished code reaches %v", day, who.Grants[1].Tenants)
			}
			w.clock.Move(24 * time.Hour)
		}
		if _, err := w.Load(t.Context(), sqldb.NewID()); !errors.Is(err, fail.Unauthorized("access.nobody")) {
			t.Errorf("nobody: %v", err)
		}
		if who, err := w.LoadByLogin(t.Context(), " ADMIN.ambon"); err != nil || who.ID != admin.ID {
			t.Errorf("by login: %v, %v", who, err)
		}
		_, err = w.LoadByLogin(t.Context(), "siapa")
		refuses(t, err, "account.unknown_login")
	})
}

func TestDemoAccountsOnlyInTraining(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, true)
		made, err := w.Demo(t.Context(), testkit.Village)
		if err != nil || len(made) != len(access.Roles()) {
			t.Fatalf("%d accounts, %v; want one per role", len(made), err)
		}
		for _, m := range made {
			in, err := w.SignIn(t.Context(), try(m.Login, m.Password.Reveal()))
			if err != nil || in.Account != m.ID || in.MustChange {
				t.Errorf("%s: %+v, %v", m.Login, in, err)
				continue
			}
			who := w.load(t, m.ID)
			if who.Grants[0].Role != m.Role || who.Grants[0].Area != m.Area {
				t.Errorf("%s holds %+v", m.Login, who.Grants)
			}
			w.expect(t, "account.demo", m.ID, 1)
		}
		again, err := w.Demo(t.Context(), testkit.Village)
		if err != nil || again[0].ID != made[0].ID {
			t.Fatalf("again: %v", err)
		}
		_, err = w.SignIn(t.Context(), try(made[0].Login, made[0].Password.Reveal()))
		refuses(t, err, "account.sign_in_refused")
		if _, err := w.SignIn(t.Context(), try(again[0].Login, again[0].Password.Reveal())); err != nil {
			t.Errorf("with the new password: %v", err)
		}
		_, err = w.Demo(t.Context(), testkit.Ambon)
		refuses(t, err, "area.unknown")
	})
	real := newWorld(t, testkit.SQLite(t), false)
	_, err := real.Demo(t.Context(), testkit.Village)
	refuses(t, err, "installation.not_our_level")
}

func TestAnEndedContextEndsTheSignIn(t *testing.T) {
	t.Parallel()
	w, _, _ := founded(t, testkit.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.SignIn(ctx, try("admin.ambon", "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
