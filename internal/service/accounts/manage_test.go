package accounts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/testkit"
)

func operator(at area.Code) accounts.Grant { return accounts.Grant{Role: access.Operator, Area: at} }

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	w, admin, head := founded(t, testkit.SQLite(t))
	today := period.On(2024, 10, 15)
	for name, c := range map[string]struct {
		who  access.Actor
		in   accounts.Creation
		code string
	}{
		"a login of one letter":         {admin, accounts.Creation{Login: "x", Name: "Nama", Grant: operator(testkit.Village)}, "account.login"},
		"a login with blanks":           {admin, accounts.Creation{Login: "op satu", Name: "Nama", Grant: operator(testkit.Village)}, "account.login"},
		"no name":                       {admin, accounts.Creation{Login: "op.1", Name: " ", Grant: operator(testkit.Village)}, "account.name"},
		"a login that is taken":         {admin, accounts.Creation{Login: "Admin.Ambon", Name: "Nama", Grant: operator(testkit.Village)}, "account.login_taken"},
		"no such role":                  {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: accounts.Grant{Role: "raja", Area: testkit.Village}}, "account.role"},
		"a village head of a city":      {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: accounts.Grant{Role: access.VillageHead, Area: testkit.Ambon}}, "account.role_area"},
		"a verifier of a village":       {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: accounts.Grant{Role: access.Verifier, Area: testkit.Village}}, "account.role_area"},
		"the minister in a district":    {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: accounts.Grant{Role: access.Ministry, Area: area.Nation}}, "installation.not_our_level"},
		"an area that is none":          {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: operator(1209012001)}, "area.unknown"},
		"an end before the beginning":   {admin, accounts.Creation{Login: "op.1", Name: "Nama", Grant: accounts.Grant{Role: access.Operator, Area: testkit.Village, From: today.AddDays(9), To: today.AddDays(9)}}, "account.dates"},
		"by who only approves":          {head, accounts.Creation{Login: "op.1", Name: "Nama", Grant: operator(testkit.Village)}, "access.denied"},
		"by the admin of another place": {testkit.Person(9, access.Admin, testkit.Neighbour), accounts.Creation{Login: "op.1", Name: "Nama", Grant: operator(testkit.Village)}, "access.denied"},
		"by nobody":                     {access.Actor{}, accounts.Creation{Login: "op.1", Name: "Nama", Grant: operator(testkit.Village)}, "access.nobody"},
	} {
		_, err := w.Create(t.Context(), c.who, c.in)
		t.Run(name, func(t *testing.T) { refuses(t, err, c.code) })
	}
}

func TestARoleNeedsTwoPersons(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		made, err := w.Create(t.Context(), admin, accounts.Creation{Login: "op.1", Name: "Operator Satu", Grant: operator(testkit.Village)})
		if err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.create", made.ID, 1)

		refuses(t, w.Approve(t.Context(), admin, made.Request), "access.denied")
		both := admin // an administrator who also approves
		both.Grants = append(slices.Clone(admin.Grants), head.Grants...)
		refuses(t, w.Approve(t.Context(), both, made.Request), "access.same_person")
		refuses(t, w.Refuse(t.Context(), both, made.Request), "access.same_person")
		self := head
		self.ID = made.ID // the person it is for
		refuses(t, w.Approve(t.Context(), self, made.Request), "access.same_person")
		refuses(t, w.Approve(t.Context(), testkit.Person(8, access.AgencyHead, testkit.Neighbour), made.Request), "access.denied")
		refuses(t, w.Approve(t.Context(), head, sqldb.NewID()), "account.no_request")
		if who := w.load(t, made.ID); len(who.Grants) != 0 {
			t.Errorf("a refused approval left %+v", who.Grants)
		}

		waiting, err := w.Awaiting(t.Context(), head, sqldb.ID{}, 10)
		if err != nil || len(waiting) != 1 || waiting[0].Login != "op.1" || waiting[0].Grant.Area != testkit.Village || waiting[0].RequestedBy != sqldb.ID(admin.ID) {
			t.Errorf("waiting: %+v, %v", waiting, err)
		}
		if more, err := w.Awaiting(t.Context(), head, waiting[0].ID, 10); err != nil || len(more) != 0 {
			t.Errorf("after the last: %+v, %v", more, err)
		}
		_, err = w.Awaiting(t.Context(), admin, sqldb.ID{}, 10)
		refuses(t, err, "access.denied")

		if err := w.Approve(t.Context(), head, made.Request); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.grant_approved", made.ID, 1)
		if who := w.load(t, made.ID); len(who.Grants) != 1 || who.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Village) != nil ||
			who.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Neighbour) == nil {
			t.Errorf("grants: %+v", who.Grants)
		}
		refuses(t, w.Approve(t.Context(), head, made.Request), "account.request_decided")
		_, err = w.Ask(t.Context(), admin, made.ID, operator(testkit.Village))
		refuses(t, err, "account.grant_exists")
		_, err = w.Ask(t.Context(), admin, sqldb.NewID(), operator(testkit.Village))
		refuses(t, err, "account.unknown")
	})
}

func TestRequestsAreRefusedAndWithdrawn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, _ := newcomer(t, w, admin, head, "op.1")
		ask := func() sqldb.ID {
			id, err := w.Ask(t.Context(), admin, who.ID, operator(testkit.Neighbour))
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		if err := w.Refuse(t.Context(), head, ask()); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.grant_refused", who.ID, 1)
		mine := ask()
		refuses(t, w.Withdraw(t.Context(), testkit.Person(9, access.Admin, testkit.Ambon), mine), "access.denied")
		if err := w.Withdraw(t.Context(), admin, mine); err != nil {
			t.Fatal(err)
		}
		refuses(t, w.Approve(t.Context(), head, mine), "account.request_decided")
		if now := w.load(t, who.ID); len(now.Grants) != 1 {
			t.Errorf("grants: %+v", now.Grants)
		}
	})
}

func TestARoleEnds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, _ := newcomer(t, w, admin, head, "op.1")
		today := period.On(2024, 10, 15)
		refuses(t, w.End(t.Context(), who, who.ID, access.Operator, testkit.Village, today), "access.denied")
		refuses(t, w.End(t.Context(), admin, who.ID, access.Verifier, testkit.Village, today), "account.no_grant")
		if err := w.End(t.Context(), admin, who.ID, access.Operator, testkit.Village, today.AddDays(2)); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.end_grant", who.ID, 1)
		for day, want := range []bool{true, true, false} {
			if got := w.load(t, who.ID).Can(access.FileProposal); got != want {
				t.Errorf("day %d: %v, want %v", day, got, want)
			}
			w.clock.Move(24 * time.Hour)
		}
		refuses(t, w.End(t.Context(), head, who.ID, access.Operator, testkit.Village, today), "account.no_grant")
		id, err := w.Ask(t.Context(), admin, who.ID, operator(testkit.Village)) // and begins again
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(t.Context(), head, id); err != nil {
			t.Fatal(err)
		}
		if err := w.End(t.Context(), head, who.ID, access.Operator, testkit.Village, period.On(2020, 1, 1)); err != nil {
			t.Fatal(err)
		}
		if w.load(t, who.ID).Can(access.FileProposal) {
			t.Error("a role that ended in the past holds today")
		}
	})
}

func TestSuspending(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, password := newcomer(t, w, admin, head, "op.1")
		refuses(t, w.Suspend(t.Context(), who, admin.ID), "access.denied")
		refuses(t, w.Suspend(t.Context(), admin, admin.ID), "account.own")
		refuses(t, w.Suspend(t.Context(), admin, sqldb.NewID()), "account.unknown")
		refuses(t, w.Suspend(t.Context(), testkit.Person(9, access.Admin, testkit.Neighbour), who.ID), "access.denied")
		refuses(t, w.Resume(t.Context(), head, who.ID), "account.not_suspended")
		if err := w.Suspend(t.Context(), admin, who.ID); err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.suspend", who.ID, 1)
		_, err := w.Load(t.Context(), who.ID)
		refuses(t, err, "account.suspended")
		_, err = w.SignIn(t.Context(), try("op.1", password))
		refuses(t, err, "account.suspended")
		_, err = w.SignIn(t.Context(), try("op.1", "salah"))
		refuses(t, err, "account.sign_in_refused") // who does not know the password learns nothing
		refuses(t, w.Suspend(t.Context(), head, who.ID), "account.suspended")
		refuses(t, w.Resume(t.Context(), admin, who.ID), "access.same_person")
		if err := w.Resume(t.Context(), head, who.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(t.Context(), try("op.1", password)); err != nil {
			t.Errorf("after the suspension: %v", err)
		}
	})
}

func TestAnAccountOfAWiderPlaceIsNotOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t), true)
	made, err := w.Demo(t.Context(), testkit.Village)
	if err != nil {
		t.Fatal(err)
	}
	by := map[access.Role]sqldb.ID{}
	for _, m := range made {
		by[m.Role] = m.ID
	}
	admin := w.load(t, by[access.Admin])
	refuses(t, w.Suspend(t.Context(), admin, by[access.Ministry]), "access.denied")
	_, err = w.ResetPassword(t.Context(), admin, by[access.Ministry])
	refuses(t, err, "access.denied")
	if err := w.Suspend(t.Context(), admin, by[access.Operator]); err != nil {
		t.Errorf("the operator of the village: %v", err)
	}
}

func TestResetting(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, password := newcomer(t, w, admin, head, "op.1")
		_, err := w.ResetPassword(t.Context(), head, who.ID)
		refuses(t, err, "access.denied")
		fresh, err := w.ResetPassword(t.Context(), admin, who.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.expect(t, "account.reset_password", who.ID, 1)
		_, err = w.SignIn(t.Context(), try("op.1", password))
		refuses(t, err, "account.sign_in_refused")
		if in, err := w.SignIn(t.Context(), try("op.1", fresh.Reveal())); err != nil || !in.MustChange {
			t.Errorf("with the new one: %+v, %v", in, err)
		}

		// The administrator alone must not become the one who approves.
		fresh, err = w.ResetPassword(t.Context(), admin, head.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.SignIn(t.Context(), try("kadis.ambon", fresh.Reveal()))
		refuses(t, err, "account.suspended")
		refuses(t, w.Resume(t.Context(), admin, head.ID), "access.same_person")
		if err := w.Resume(t.Context(), testkit.Person(7, access.Admin, testkit.Ambon), head.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(t.Context(), try("kadis.ambon", fresh.Reveal())); err != nil {
			t.Errorf("after a second person: %v", err)
		}
	})
}

func TestDroppingALostFactor(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		who, password := newcomer(t, w, admin, head, "op.1")
		refuses(t, w.DropFactor(t.Context(), head, who.ID), "account.no_factor")
		key, err := w.BeginFactor(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.ConfirmFactor(t.Context(), who, codeOf(t, key, w.clock.Now())); err != nil {
			t.Fatal(err)
		}
		refuses(t, w.DropFactor(t.Context(), admin, who.ID), "access.denied") // who resets passwords may not
		if err := w.DropFactor(t.Context(), head, who.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(t.Context(), try("op.1", password)); err != nil {
			t.Errorf("without the phone: %v", err)
		}
	})
}

func TestListsShowOnlyOnesOwnPlace(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		var made []accounts.Created
		for n := range 5 {
			one, err := w.Create(t.Context(), admin, accounts.Creation{Login: fmt.Sprintf("op.%d", n), Name: fmt.Sprintf("Siti Operator %d", n), Grant: operator(testkit.Village)})
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, one)
		}
		if err := w.Approve(t.Context(), head, made[0].Request); err != nil {
			t.Fatal(err)
		}
		var logins []string
		for f := (accounts.Filter{Limit: 3}); ; {
			page, err := w.List(t.Context(), admin, f)
			if err != nil || len(page.Accounts) > 3 {
				t.Fatalf("%d accounts, %v", len(page.Accounts), err)
			}
			for _, a := range page.Accounts {
				logins = append(logins, a.Login)
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if want := []string{"admin.ambon", "kadis.ambon", "op.0", "op.1", "op.2", "op.3", "op.4"}; !slices.Equal(logins, want) {
			t.Errorf("admin sees %v, want %v", logins, want)
		}
		for name, c := range map[string]struct {
			who  access.Actor
			f    accounts.Filter
			want int
		}{
			"who approves sees them too":       {head, accounts.Filter{}, 7},
			"an auditor sees who has access":   {testkit.Person(6, access.Auditor, testkit.Ambon), accounts.Filter{}, 7},
			"the administrator of the village": {testkit.Person(5, access.Admin, testkit.Village), accounts.Filter{}, 5},
			"of a neighbouring village":        {testkit.Person(5, access.Admin, testkit.Neighbour), accounts.Filter{}, 0},
			"narrowed to the village":          {admin, accounts.Filter{Within: testkit.Village}, 5},
			"by the beginning of a login":      {admin, accounts.Filter{Search: "KADIS"}, 1},
			"by a word of the name":            {admin, accounts.Filter{Search: "operator 3"}, 1},
			"by signs that match anything":     {admin, accounts.Filter{Search: "%"}, 0},
			"suspended ones":                   {admin, accounts.Filter{State: accounts.Suspended}, 0},
			"narrowed to another place":        {admin, accounts.Filter{Within: 1209000000}, 0},
		} {
			page, err := w.List(t.Context(), c.who, c.f)
			if err != nil || len(page.Accounts) != c.want {
				t.Errorf("%s: %d accounts, %v; want %d", name, len(page.Accounts), err, c.want)
			}
		}
		_, err := w.List(t.Context(), testkit.Person(4, access.Operator, testkit.Village), accounts.Filter{})
		refuses(t, err, "access.denied")

		one, err := w.One(t.Context(), admin, made[0].ID)
		if err != nil || len(one.Grants) != 1 || len(one.Requests) != 0 || !one.Temporary || one.Factor || !one.Locked.IsZero() {
			t.Errorf("one: %+v, %v", one, err)
		}
		if one, err = w.One(t.Context(), admin, made[1].ID); err != nil || len(one.Grants) != 0 || len(one.Requests) != 1 {
			t.Errorf("one that waits: %+v, %v", one, err)
		}
		_, err = w.One(t.Context(), testkit.Person(5, access.Admin, testkit.Neighbour), made[0].ID)
		refuses(t, err, "account.unknown")
		if own, err := w.Own(t.Context(), w.load(t, made[0].ID)); err != nil || own.Login != "op.0" || len(own.Grants) != 1 {
			t.Errorf("own: %+v, %v", own, err)
		}
		names, err := w.Names(t.Context(), []sqldb.ID{made[2].ID, made[2].ID, sqldb.NewID(), admin.ID})
		if err != nil || len(names) != 2 || names[made[2].ID] != "Siti Operator 2" || names[admin.ID] != "Admin Satu" {
			t.Errorf("names: %v, %v", names, err)
		}
	})
}

func TestALockShowsWhileItLasts(t *testing.T) {
	t.Parallel()
	w, admin, head := founded(t, testkit.SQLite(t))
	who, _ := newcomer(t, w, admin, head, "op.1")
	locked := func() bool {
		one, err := w.One(t.Context(), admin, who.ID)
		if err != nil {
			t.Fatal(err)
		}
		return !one.Locked.IsZero()
	}
	for n := range 5 {
		if locked() {
			t.Errorf("locked after %d failures", n)
		}
		_, err := w.SignIn(t.Context(), try("op.1", "salah"))
		refuses(t, err, "account.sign_in_refused")
	}
	if !locked() {
		t.Error("not locked after five failures")
	}
	w.clock.Move(31 * time.Second)
	if locked() {
		t.Error("locked for ever")
	}
}

var _ httpkit.SessionStore = (*accounts.Sessions)(nil)
