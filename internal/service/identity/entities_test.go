package identity_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// copyOf loads a member once more, as a row of her own without her NIK.
func (h *house) copyOf(k, n int, rowID string) registry.Person {
	h.t.Helper()
	row := h.member(k, n)
	row.RowID, row.NIK, row.KK, row.Relation = rowID, person.NIK{}, h.member(300+len(rowID)*7+n, 0).KK, person.Head
	h.reg.Ready(&row, []byte(rowID))
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{row})
		return err
	})
	return h.named(rowID)
}

func (h *house) named(rowID string) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = 8171 AND source = 'UJI' AND row_id = $1`, rowID).Scan(&id))
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	h.must(err)
	return p
}

// rows gives the groups as the table keeps them: each record with the one its group is named after.
func (h *house) rows() map[sqldb.ID]sqldb.ID {
	h.t.Helper()
	out := map[sqldb.ID]sqldb.ID{}
	h.must(sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT person_id, entity_id FROM entity_member WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
		var p, e sqldb.ID
		err := r.Scan(&p, &e)
		out[p] = e
		return err
	}))
	return out
}

// events gives what became of a record, in its order.
func (h *house) events(of sqldb.ID) string {
	h.t.Helper()
	list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), `SELECT kind, size FROM entity_event WHERE kabkota = 8171 AND person_id = $1 ORDER BY at, id`, []any{of}, func(r sqldb.Row) (string, error) {
		var kind string
		var size int
		err := r.Scan(&kind, &size)
		return fmt.Sprintf("%s %d", kind, size), err
	})
	h.must(err)
	return strings.Join(list, ", ")
}

func (h *house) follow() {
	h.t.Helper()
	h.clock.Move(1e9)
	h.must(h.s.Follow(h.t.Context()))
}

func (h *house) change(id sqldb.ID, f func(p *registry.Person)) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		p, err := h.reg.PersonIn(h.t.Context(), tx, testkit.AmbonTenant, id)
		if err == nil {
			f(&p)
			_, err = h.reg.ChangePersonIn(h.t.Context(), tx, p)
		}
		return err
	})
}

// TestGroupsAreKeptWithTheirEvents: who is held to be one person stands in the table, by whatever way the group came about;
// joining, leaving and going are logged once each, also when the index is built anew, and the audit log tells of it.
func TestGroupsAreKeptWithTheirEvents(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 60)
		early := h.copyOf(3, 1, "early")
		h.follow() // the first index
		one := h.find(3, 1)
		if got := h.rows(); !reflect.DeepEqual(got, map[sqldb.ID]sqldb.ID{one.ID: one.ID, early.ID: one.ID}) || h.events(one.ID) != "joined 2" || h.events(early.ID) != "joined 2" {
			t.Fatalf("as it was built: %v, %s, %s", got, h.events(one.ID), h.events(early.ID))
		}
		late := h.copyOf(3, 1, "a later copy")
		h.follow()
		if got := h.rows(); len(got) != 3 || got[late.ID] != one.ID || h.events(late.ID) != "joined 3" || h.events(one.ID) != "joined 2" {
			t.Fatalf("after another record came: %v, %s", got, h.events(late.ID))
		}
		was := h.rows()
		anew := func(when string) {
			t.Helper()
			n := h.count(`SELECT count(*) FROM entity_event`)
			h.must(os.Remove(h.path))
			h.restart()
			h.follow()
			if got := h.rows(); !reflect.DeepEqual(got, was) || h.count(`SELECT count(*) FROM entity_event`) != n {
				t.Errorf("%s, after the index was built anew: %v, was %v", when, got, was)
			}
		}
		anew("three records")
		h.write(func(tx *act.Tx) error {
			_, err := h.reg.EndPersonIn(t.Context(), tx, testkit.AmbonTenant, one.ID, registry.Ended, "removed")
			return err
		})
		h.follow()
		if got := h.rows(); !reflect.DeepEqual(got, map[sqldb.ID]sqldb.ID{early.ID: one.ID, late.ID: one.ID}) || h.events(one.ID) != "joined 2, left 0" || h.events(early.ID) != "joined 2" {
			t.Errorf("after the first went: %v, %s, %s", got, h.events(one.ID), h.events(early.ID))
		}
		was = h.rows()
		anew("the first is gone")
		h.change(late.ID, func(p *registry.Person) {
			p.Name, p.MotherName, p.BirthDate = "ZAKARIAS RUMAHLATU", "ELISABETH SAPULETTE", h.date("1999-02-03")
		})
		h.follow()
		if got := h.rows(); !reflect.DeepEqual(got, map[sqldb.ID]sqldb.ID{early.ID: one.ID}) || h.events(late.ID) != "joined 3, left 1" || h.events(early.ID) != "joined 2, left 1" {
			t.Errorf("after one became another: %v, %s, %s", got, h.events(late.ID), h.events(early.ID))
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'identity.follow' AND role = 'system'`); n != 4 {
			t.Errorf("%d entries in the log", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'identity.follow' AND facts = '{"joined":2}'`); n != 1 {
			t.Errorf("%d entries tell of the first group", n)
		}
	})
}

// TestWhoIsKnownToBeTwoStandsInNoGroup: a group holds nobody whom a reviewer found to be another person, whether the index
// was built after it or has followed.
func TestWhoIsKnownToBeTwoStandsInNoGroup(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 60)
		one, twin := h.find(3, 1), h.copyOf(3, 1, "early")
		h.write(func(tx *act.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO link_pair (kabkota, id, version, left_id, right_id, right_kabkota, area_code, right_area, kind, weight, probability, reasons,
				state, decision, decided_at, recorded_at, act_id) VALUES (8171, $1, 1, $2, $3, 8171, 0, 0, 'fuzzy', 0, 0, '{}', 'distinct', 'twins', 0, 0, $1)`, sqldb.NewID(), one.ID, twin.ID)
			return err
		})
		h.follow()
		if got := h.rows(); len(got) != 0 {
			t.Errorf("as it was built: %v", got)
		}
		third := h.copyOf(3, 1, "a third record")
		h.follow()
		if got := h.rows(); len(got) != 2 || got[third.ID].IsZero() || !got[one.ID].IsZero() && !got[twin.ID].IsZero() {
			t.Errorf("after a third came: %v", got)
		}
	})
}

// TestAnIndexThatWasNotLoggedIsBuiltAgain: what was built for somebody who asked is not in the log, so who keeps it builds it
// once more.
func TestAnIndexThatWasNotLoggedIsBuiltAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.load(0, 40)
	h.copyOf(3, 1, "early")
	h.alike(h.s, h.asked(3, 1))
	if n := len(h.rows()); n != 0 {
		t.Fatalf("asking wrote %d rows", n)
	}
	h.restart()
	h.follow()
	if n := len(h.rows()); n != 2 {
		t.Errorf("%d rows after it was kept", n)
	}
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// TestWhatBecameOfGroupsIsToldWhereItMayBeSeen: the history of a family's records is told, and recorded, to who may read where
// they live; sizes are counted in an area, whoever else stands in the groups.
func TestWhatBecameOfGroupsIsToldWhereItMayBeSeen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(0, 60)
		h.follow()
		one := h.find(3, 1) // lives in the neighbour village
		h.copyOf(3, 1, "copy")
		h.copyOf(8, 1, "another copy")
		h.follow()
		h.copyOf(3, 1, "a third record of hers")
		h.follow()
		events, err := h.s.History(t.Context(), h.who, testkit.AmbonTenant, testkit.Neighbour, []sqldb.ID{one.ID, h.find(3, 0).ID})
		if err != nil || len(events) != 1 || events[0].Person != one.ID || events[0].Kind != identity.Joined || events[0].To != one.ID || events[0].Size != 2 || !events[0].From.IsZero() || events[0].At.IsZero() {
			t.Errorf("history %+v, %v", events, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'identity.history'`); n != 1 {
			t.Errorf("%d readings in the log", n)
		}
		for name, c := range map[string]struct {
			who access.Actor
			at  area.Code
		}{
			"of another village":             {testkit.Person(3, access.Operator, testkit.Village), testkit.Neighbour},
			"who names a village of her own": {testkit.Person(3, access.Operator, testkit.Village), testkit.Village},
		} {
			if events, err := h.s.History(t.Context(), c.who, testkit.AmbonTenant, c.at, []sqldb.ID{one.ID}); fail.CodeOf(err) != "access.denied" || len(events) != 0 {
				t.Errorf("%s: %+v, %v", name, events, err)
			}
		}
		for at, want := range map[area.Code][]identity.Sizes{testkit.Ambon: {{Records: 2, Groups: 1}, {Records: 3, Groups: 1}}, testkit.Neighbour: {{Records: 3, Groups: 1}}, testkit.Village: {{Records: 2, Groups: 1}}} {
			if got, err := h.s.GroupSizes(t.Context(), h.who, at); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %+v, %v, want %+v", at, got, err, want)
			}
		}
		if _, err := h.s.GroupSizes(t.Context(), access.Actor{}, testkit.Ambon); fail.CodeOf(err) == "" {
			t.Error("nobody is shown sizes")
		}
	})
}

// TestNobodyIsLikeAnybodyInAnEmptyRegistry: asking builds no index over nobody, and says that nobody is alike.
func TestNobodyIsLikeAnybodyInAnEmptyRegistry(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		if found := h.alike(h.s, h.asked(3, 1)); len(found) != 1 || len(found[0]) != 0 {
			t.Errorf("found %+v", found)
		}
		if _, err := os.Stat(h.path); err == nil {
			t.Error("an index lies there")
		}
		h.load(0, 10)
		if found := h.alike(h.s, h.asked(3, 1)); len(found[0]) == 0 {
			t.Error("nobody is found once people are in")
		}
	})
}
