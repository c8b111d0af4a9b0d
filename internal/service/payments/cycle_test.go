package payments_test

import (
	"errors"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/internal/testkit"
)

func TestWhoMayOpenWhichStage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{})
		local, sembako := h.list("local_aid"), h.list("sembako")
		draft := h.list("local_aid")
		h.exec(`UPDATE programme_list SET state = 'draft' WHERE kabkota = 8171 AND id = $1`, draft)
		of := func(id programme.ID, stage string, list sqldb.ID) payments.Opening {
			return payments.Opening{Tenant: testkit.AmbonTenant, Programme: id, Period: stage, List: list}
		}
		for _, c := range []struct {
			name string
			who  access.Actor
			in   payments.Opening
			code string
			own  bool
		}{
			{"the district pays its own programme", h.officer, of("local_aid", "2024-10", local), "", true},
			{"a stage is opened once", h.officer, of("local_aid", "2024-10", local), "payments.period_taken", false},
			{"the next stage of the same list", h.officer, of("local_aid", "2024-11", local), "", true},
			{"a district does not pay what the centre pays", h.officer, of("sembako", "2024-10", sembako), "installation.not_our_level", false},
			{"it keeps the centre's status", h.officer, of("sembako", "2024-10", sqldb.ID{}), "", false},
			{"the list of its own programme is found by the date", h.officer, of("local_aid", "2024-12", sqldb.ID{}), "", true},
			{"there was no list then", h.officer, of("local_aid", "2024-09", sqldb.ID{}), "payments.no_list", false},
			{"nor does a list pay a stage before it", h.officer, of("local_aid", "2024-08", local), "payments.no_list", false},
			{"its own programme is paid, not watched", h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: "local_aid", Period: "2025-01", Status: true}, "payments.needs_list", false},
			{"a list that is not frozen", h.officer, of("local_aid", "2024-12", draft), "payments.list_not_frozen", false},
			{"a list of another programme", h.officer, of("local_aid", "2024-12", sembako), "payments.list_other", false},
			{"a list that is none", h.officer, of("local_aid", "2024-12", sqldb.NewID()), "payments.list_unknown", false},
			{"a stage that is none", h.officer, of("local_aid", "2024-10-01", local), "payments.period", false},
			{"a programme before its time", h.officer, of("pip", "1999-01", sqldb.ID{}), "programme.not_in_force", false},
			{"who approves does not open", h.head, of("local_aid", "2024-12", local), "access.denied", false},
			{"a village does not open", h.operator, of("local_aid", "2024-12", local), "access.denied", false},
			{"another village's officer does not open", testkit.Person(9, access.PaymentOfficer, testkit.Village), of("local_aid", "2024-12", local), "access.denied", false},
		} {
			made, err := h.OpenCycle(t.Context(), c.who, c.in)
			if fail.CodeOf(err) != c.code || err == nil && (made.OwnMoney != c.own || made.State != payments.Open) {
				t.Errorf("%s: %+v, %v; want %q", c.name, made, err, c.code)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'payments.open'`); n != 4 {
			t.Errorf("%d entries for 4 stages", n)
		}
		list, err := h.Cycles(t.Context(), h.head, testkit.AmbonTenant, payments.CycleFilter{Limit: 2})
		if err != nil || len(list) != 2 || list[0].Period != "2024-12" {
			t.Fatalf("stages = %+v, %v", list, err)
		}
		if rest, err := h.Cycles(t.Context(), h.head, testkit.AmbonTenant, payments.CycleFilter{Limit: 9, Before: list[1]}); err != nil || len(rest) != 2 || rest[0].ID == list[1].ID {
			t.Errorf("the rest = %+v, %v", rest, err)
		}
		if _, err := h.Cycles(t.Context(), h.operator, testkit.AmbonTenant, payments.CycleFilter{}); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("a village sees the district's stages: %v", err)
		}
	})
}

func TestATrainingInstallationPaysEverything(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, level{training: true})
		if c := h.open("sembako", "2024-09", h.list("sembako")); !c.OwnMoney {
			t.Error("a training installation did not pay a central programme")
		}
		c, err := h.OpenCycle(t.Context(), h.officer, payments.Opening{Tenant: testkit.AmbonTenant, Programme: "pkh", Period: "2024-Q4", Status: true})
		if err != nil || c.OwnMoney {
			t.Errorf("in training the status of the centre cannot be kept: %+v, %v", c, err)
		}
	})
}
