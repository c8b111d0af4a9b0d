package visits_test

import (
	"strings"
	"sync"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// TestAVisitIsWithdrawn by who entered it or by the district's office, once, for a reason: it stays in the list with who, when and why,
// which lie sealed, and another withdrawal, or its form sent again, is told.
func TestAVisitIsWithdrawn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		operator, verifier := testkit.Person(1, access.Operator, testkit.Village), testkit.Person(2, access.Verifier, testkit.Ambon)
		operator.Name, verifier.Name = "Operator Contoh", "Verifikator Contoh"
		own, other, left := h.made(3), h.made(2), h.made(1)
		for _, v := range []visits.Visit{own, other, left} {
			h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, v))
		}
		h.must(h.s.Withdraw(ctx, operator, testkit.AmbonTenant, h.family, own.ID, " Keluarga lain "))
		h.must(h.s.Withdraw(ctx, verifier, testkit.AmbonTenant, h.family, other.ID, "Hari keliru"))
		list, err := h.s.Of(ctx, testkit.Person(3, access.AgencyHead, testkit.Ambon), testkit.AmbonTenant, h.family, sqldb.ID{})
		h.must(err)
		if len(list) != 3 || list[0].Withdrawn != (visits.Withdrawal{}) || list[1].Withdrawn != (visits.Withdrawal{By: "Verifikator Contoh", Reason: "Hari keliru", At: h.clock.Now().UTC()}) ||
			list[2].Withdrawn != (visits.Withdrawal{By: "Operator Contoh", Reason: "Keluarga lain", At: h.clock.Now().UTC()}) || list[2].Note != own.Note {
			t.Errorf("kept is %+v", list)
		}
		if err := h.s.Withdraw(ctx, verifier, testkit.AmbonTenant, h.family, own.ID, "Lagi"); fail.CodeOf(err) != "visits.withdrawn" {
			t.Errorf("withdrawn twice: %v", err)
		}
		if err := h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, own); fail.CodeOf(err) != "visits.withdrawn" {
			t.Errorf("sent again after it was withdrawn: %v", err)
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.withdraw' AND facts LIKE '%"outcome":"to_mend"%' AND facts NOT LIKE '%eliru%'`); n != 2 {
			t.Errorf("%d withdrawals in the log", n)
		}
		var document []byte
		h.must(db.Direct().QueryRow(ctx, `SELECT document FROM visit_withdrawal WHERE kabkota = 8171 AND visit_id = $1`, own.ID).Scan(&document))
		if strings.Contains(string(document), "Keluarga") || strings.Contains(string(document), "Contoh") {
			t.Error("why a visit was withdrawn lies open")
		}
	})
}

// TestAWithdrawalIsRefused to whoever neither entered the visit nor is of the district's office, without a reason, and of no visit to the family.
func TestAWithdrawalIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		operator, made := testkit.Person(1, access.Operator, testkit.Village), h.made(1)
		h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, made))
		moved := testkit.Person(1, access.Operator, testkit.Neighbour) // she who entered it, at another village since
		for name, c := range map[string]struct {
			who    access.Actor
			visit  sqldb.ID
			reason string
			code   string
		}{
			"the village's other operator": {testkit.Person(2, access.Operator, testkit.Village), made.ID, "Keliru", "access.denied"},
			"a reader":                     {testkit.Person(3, access.AgencyHead, testkit.Ambon), made.ID, "Keliru", "access.denied"},
			"who entered it and left":      {moved, made.ID, "Keliru", "access.denied"},
			"no reason":                    {operator, made.ID, "  ", "visits.reason"},
			"too long":                     {operator, made.ID, strings.Repeat("é", 1001), "visits.too_long"},
			"no visit":                     {operator, sqldb.NewID(), "Keliru", "visits.unknown"},
		} {
			if err := h.s.Withdraw(ctx, c.who, testkit.AmbonTenant, h.family, c.visit, c.reason); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if err := h.s.Withdraw(ctx, operator, testkit.AmbonTenant, sqldb.NewID(), made.ID, "Keliru"); fail.CodeOf(err) != "registry.no_family" {
			t.Errorf("no family: %v", err)
		}
		if n := h.number(`SELECT count(*) FROM visit_withdrawal WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d visits were withdrawn", n)
		}
	})
}

// TestTwoWithdrawAtOnce: one is kept, the other is told.
func TestTwoWithdrawAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx, made := t.Context(), h.made(1)
		h.must(h.s.Note(ctx, testkit.Person(1, access.Operator, testkit.Village), testkit.AmbonTenant, h.family, made))
		var group sync.WaitGroup
		said := make([]error, 4)
		for i := range said {
			group.Go(func() {
				said[i] = h.s.Withdraw(ctx, testkit.Person(byte(2+i), access.Verifier, testkit.Ambon), testkit.AmbonTenant, h.family, made.ID, "Keliru")
			})
		}
		group.Wait()
		won := 0
		for _, err := range said {
			if err == nil {
				won++
			} else if fail.CodeOf(err) != "visits.withdrawn" {
				t.Errorf("told: %v", err)
			}
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.withdraw'`); won != 1 || n != 1 {
			t.Errorf("%d won, %d in the log", won, n)
		}
	})
}
