package papers_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/papers"
	"tepat/internal/testkit"
)

func TestACitizenGivesFilesToHerCase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		district := testkit.Person(9, access.Verifier, testkit.Ambon)
		id := h.complained()
		checked := func(content []byte) papers.Checked {
			t.Helper()
			one, err := papers.CheckSelf(content)
			h.must(err)
			return one
		}
		add := func(id sqldb.ID, files ...papers.Checked) error {
			return h.AddSelf(t.Context(), testkit.AmbonTenant, id, id, files)
		}
		if _, err := papers.CheckSelf([]byte("bukan gambar")); fail.CodeOf(err) != "papers.format" {
			t.Errorf("a text: %v", err)
		}
		if err := add(sqldb.NewID(), checked(scanned)); fail.CodeOf(err) != "papers.unknown" {
			t.Errorf("a case that is not there: %v", err)
		}
		h.must(add(id, checked(photo(t, 1)), checked(scanned)))
		h.must(add(id, checked(scanned))) // the button pressed twice
		list, err := h.List(t.Context(), district, papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfGrievance, Case: id, Area: testkit.Village})
		if err != nil || len(list) != 2 || list[0].What != papers.Other || !list[0].Filed {
			t.Fatalf("%+v, %v", list, err)
		}
		if _, content, err := h.Open(t.Context(), district, list[1].Tenant, list[1].ID, ""); err != nil || string(content) != string(scanned) {
			t.Errorf("opened %q, %v", content, err)
		}
		if list, err := h.ListSelf(t.Context(), area.Tenant(8171), id, id); err != nil || len(list) != 2 {
			t.Errorf("listed %+v, %v", list, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'paper.add' AND role = 'citizen' AND subject = $1`, id); n != 3 {
			t.Errorf("%d files stand in the log", n)
		}
		for i := range papers.Most - 2 {
			h.must(add(id, checked(photo(t, uint64(10+i)))))
		}
		if err := add(id, checked(photo(t, 99))); fail.CodeOf(err) != "papers.too_many" {
			t.Errorf("one more than a case may hold: %v", err)
		}
		h.exec(`UPDATE grievance SET state = 'CLOSED' WHERE id = $1`, id)
		if err := add(id, checked(photo(t, 98))); fail.CodeOf(err) != "papers.closed" {
			t.Errorf("a case that is over: %v", err)
		}
	})
}

// objectedTo makes a finding to which an objection is open, as screening keeps it.
func (h house) objectedTo() (id, person sqldb.ID) {
	h.t.Helper()
	id, person = sqldb.NewID(), sqldb.NewID()
	h.exec(`INSERT INTO finding (kabkota, id, version, run_id, person_id, family_id, area_code, criterion, hits, action, reason, facts, state, recorded_at, act_id, due_on, effective_on, decided_by)
		VALUES (8171, $1, 1, $1, $2, $1, $3, 'dead', 1, 'remove', 'dead', '{}', 'appealed', $4, $1, '', '', $1)`,
		id, person, int64(testkit.Village), h.clock.Now().UnixMicro())
	return id, person
}

// TestAFileIsTakenBackUntilSomebodyLooked: of complaints and of objections to findings alike, by who sent it and nobody else; its
// content goes, that it was there stays.
func TestAFileIsTakenBackUntilSomebodyLooked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, ctx := newHouse(t, db), t.Context()
		finding, person := h.objectedTo()
		// looked is what the log keeps of an officer who opens the case.
		looked := func(name string, subject, of sqldb.ID) {
			t.Helper()
			h.must(h.acts.View(ctx, verifier, name, "", func(tx *act.Tx) error {
				if err := tx.Allow(access.ReadRegistry, testkit.AmbonTenant, testkit.Village); err != nil {
					return err
				}
				return tx.Record(ctx, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: subject, Facts: map[string]any{"finding": of.String()}})
			}))
		}
		for name, c := range map[string]struct {
			kind papers.CaseKind
			id   sqldb.ID
		}{
			"a complaint": {papers.OfGrievance, sqldb.ID{}},
			"a finding":   {papers.OfFinding, finding},
		} {
			t.Run(name, func(t *testing.T) {
				h := h
				h.t = t
				if c.id.IsZero() {
					c.id = h.complained()
				}
				add := func(content []byte) {
					t.Helper()
					one, err := papers.CheckSelf(content)
					h.must(err)
					h.must(h.AddSelf(ctx, testkit.AmbonTenant, c.id, c.id, []papers.Checked{one}))
				}
				listed := func() []papers.SelfPaper {
					t.Helper()
					list, err := h.ListSelf(ctx, testkit.AmbonTenant, c.id, c.id)
					h.must(err)
					return list
				}
				refused := func(what string, err error, code string) {
					t.Helper()
					if fail.CodeOf(err) != code {
						t.Errorf("%s: %v, want %s", what, err, code)
					}
				}
				add(photo(t, 1))
				add(scanned)
				office, err := h.Add(ctx, verifier, papers.To{Tenant: testkit.AmbonTenant, Kind: c.kind, Case: c.id, Area: testkit.Village}, papers.KTP, photo(t, 2))
				h.must(err)
				list := listed()
				if len(list) != 3 || !list[0].Back || !list[1].Back || list[2].Back {
					t.Fatalf("%+v", list)
				}
				take := func(id sqldb.ID) error { return h.TakeBack(ctx, testkit.AmbonTenant, c.id, c.id, id) }
				refused("what the office gave", take(office.ID), "papers.unknown")
				refused("of another case", h.TakeBack(ctx, testkit.AmbonTenant, h.complained(), c.id, list[0].ID), "papers.unknown")
				h.must(take(list[0].ID))
				refused("twice", take(list[0].ID), "papers.unknown")
				if n := h.count(`SELECT count(*) FROM paper WHERE id = $1 AND removed_why = 'taken_back'`, list[0].ID); n != 1 {
					t.Errorf("%d rows say that it was there", n)
				}
				if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'paper.take_back' AND role = 'citizen' AND subject = $1`, c.id); n != 1 {
					t.Errorf("%d entries in the log", n)
				}
				if _, _, err := h.Open(ctx, verifier, testkit.AmbonTenant, list[0].ID, ""); fail.CodeOf(err) != "papers.unknown" {
					t.Errorf("opened after it was taken back: %v", err)
				}
				h.clock.Move(time.Second)
				if c.kind == papers.OfFinding {
					looked("finding.open", person, sqldb.NewID()) // another finding about her
					if !listed()[0].Back {
						t.Error("a look at another finding counts")
					}
					looked("finding.open", person, c.id)
				} else {
					looked("grievance.open", c.id, sqldb.ID{})
				}
				refused("after somebody looked", take(list[1].ID), "papers.seen")
				h.clock.Move(time.Second)
				add(photo(t, 3)) // came after the look
				list = listed()
				if len(list) != 3 || list[0].Back || list[1].Back || !list[2].Back {
					t.Errorf("%+v", list)
				}
				h.clock.Move(time.Second)
				_, _, err = h.Open(ctx, verifier, testkit.AmbonTenant, list[2].ID, "")
				h.must(err)
				refused("the file itself was opened", take(list[2].ID), "papers.seen")
				add(photo(t, 4))
				h.exec(`UPDATE finding SET state = 'removed' WHERE id = $1`, c.id)
				h.exec(`UPDATE grievance SET state = 'CLOSED' WHERE id = $1`, c.id)
				if list = listed(); list[3].Back {
					t.Error("a case that is over gives files back")
				}
				refused("a case that is over", take(list[3].ID), "papers.closed")
			})
		}
	})
}

// TestWhoSeesTheFilesOfAnObjection: who takes objections in and who decides them, in its area; who only reads the registry not.
func TestWhoSeesTheFilesOfAnObjection(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h, ctx := newHouse(t, db), t.Context()
		finding, _ := h.objectedTo()
		one, err := papers.CheckSelf(scanned)
		h.must(err)
		h.must(h.AddSelf(ctx, testkit.AmbonTenant, finding, finding, []papers.Checked{one}))
		to := papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfFinding, Case: finding, Area: testkit.Village}
		for name, c := range map[string]struct {
			who  access.Actor
			code string
		}{
			"who decides":                   {verifier, ""},
			"who takes it in":               {operator, ""},
			"a village beside":              {neighbour, "access.denied"},
			"who only reads the registry":   {analyst, "access.denied"},
			"an auditor, who reads the log": {auditor, "access.denied"},
		} {
			list, err := h.List(ctx, c.who, to)
			if fail.CodeOf(err) != c.code || (err == nil) != (len(list) == 1) {
				t.Errorf("%s: %d files, %v", name, len(list), err)
			}
			if _, err := h.Add(ctx, c.who, to, papers.Other, photo(t, 7)); fail.CodeOf(err) != c.code {
				t.Errorf("%s adds: %v", name, err)
			} else if err == nil {
				h.exec(`DELETE FROM paper WHERE added_by <> case_id`)
			}
		}
		h.exec(`UPDATE finding SET state = 'dismissed' WHERE id = $1`, finding)
		if _, err := h.Add(ctx, verifier, to, papers.Other, photo(t, 8)); fail.CodeOf(err) != "papers.closed" {
			t.Errorf("after the decision: %v", err)
		}
		h.clock.Move(20 * 365 * 24 * time.Hour)
		if n, err := h.Sweep(ctx, h.clock.Now()); err != nil || n != 1 {
			t.Errorf("%d erased when their time was over, %v", n, err)
		}
	})
}
