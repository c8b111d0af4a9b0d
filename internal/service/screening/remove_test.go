package screening_test

import (
	"errors"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

const month = 40 * 24 * time.Hour // longer than the notice

// same compares two dumps line by line.
func same(t *testing.T, before, after []string) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%d rows, were %d", len(after), len(before))
	}
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			t.Errorf("was  %s\n\tis   %s", before[i], after[i])
		}
	}
}

func (h *house) removedNow() screening.RemovedFigures {
	h.t.Helper()
	out, err := h.s.RemovedIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, testkit.Ambon)
	h.must(err)
	return out
}

func TestNobodyIsRemovedBeforeTheNoticeIsOver(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		before := h.dump()
		h.screen()
		h.clock.Move(30 * 24 * time.Hour) // 14 November, the last day of the notice
		if r := h.run("remove", screening.RemoveSettings{AsOf: h.today()}); r.Tally["findings"] != 0 {
			t.Errorf("on the last day of the notice: %v", r.Tally)
		}
		same(t, before, h.dump())
		h.clock.Move(24 * time.Hour)
		if r := h.run("remove", screening.RemoveSettings{AsOf: h.today()}); r.Tally["findings"] != 3 || r.Tally["persons"] != 3 {
			t.Errorf("the day after: %v", r.Tally)
		}
	})
}

func TestARemovalDoesWhatItsCriterionSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		h.run("verify", screening.VerifySettings{Criteria: []string{"payee_dead", "civil_servant_family", "pensioner"}, Document: "BA-12/2024"})
		h.clock.Move(month)
		r := h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		for figure, want := range map[string]int64{
			"findings": 6, "persons": 7, "persons.dead": 2, "persons.civil_servant": 1, "persons.civil_servant_family": 3, "persons.pensioner": 1,
			"ended": 2, "heads_ended": 1, "families_excluded": 1, "payees_wanted": 1, "skipped": 0,
		} {
			if r.Tally[figure] != want {
				t.Errorf("%s = %d, want %d (%v)", figure, r.Tally[figure], want, r.Tally)
			}
		}
		dead := h.person(1, 2)
		if dead.State != registry.Died || dead.EndedReason != "dead" || dead.NIKState != registry.Contested {
			t.Errorf("the dead: %+v", dead)
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM family WHERE kabkota = 8171 AND state = 1`:                           5,
			`SELECT sum(persons) FROM family WHERE kabkota = 8171`:                                     10,
			`SELECT count(*) FROM person WHERE kabkota = 8171 AND state = 1`:                           10,
			`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL`:                                10,
			`SELECT count(*) FROM finding WHERE kabkota = 8171 AND state = 'removed' AND ended = 1`:    2,
			`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'removal' AND revoked_at = 0`: 5,
			`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'payee' AND revoked_at = 0`:   1,
			`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'notice' AND revoked_at = 0`:  5,
			`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'remove.chunk'`:           r.Chunks,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
		now := h.removedNow()
		if now.Persons != 7 || now.NewPayee != 1 || now.ByCriterion["civil_servant_family"] != 4 || now.ByCriterion["civil_servant"] != 1 {
			t.Errorf("counted from the findings: %+v", now)
		}
		f := h.finding("civil_servant")
		if f.EffectiveOn != h.today() || f.RemovalRun != r.ID {
			t.Errorf("%+v", f)
		}
		l, err := h.letters.Show(t.Context(), h.who, testkit.AmbonTenant, f.Letter, "cetak")
		var said screening.LetterFacts
		if err != nil || l.Decode(&said) != nil || l.Kind != letters.Removal || said.Effective != h.today() || said.Until.DaysSince(h.today()) < 14 {
			t.Errorf("letter %+v says %+v, %v", l, said, err)
		}
		if touched, err := runs.OfSubject(t.Context(), db.Direct(), testkit.AmbonTenant, dead.ID, 10); err != nil || len(touched) != 2 {
			t.Errorf("runs that touched the dead: %v, %v", touched, err)
		}
	})
}

func TestWhoIsExcludedIsTold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		h.run("verify", screening.VerifySettings{Criteria: []string{"payee_dead", "civil_servant_family", "pensioner"}, Document: "BA-12/2024"})
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		all, err := h.s.AllExclusionsIn(t.Context(), db.Direct(), testkit.AmbonTenant)
		h.must(err)
		if len(all) != 4 {
			t.Fatalf("exclusions %v", all)
		}
		servant, pensioner, payee := h.person(3, 4), h.person(4, 1), h.person(2, 1)
		if e := all[servant.FamilyID]; !e.Family || e.Criterion != "civil_servant_family" || e.Persons[servant.ID] != "civil_servant" {
			t.Errorf("family of the civil servant: %+v", e)
		}
		if e := all[pensioner.FamilyID]; e.Family || len(e.Persons) != 1 || e.Persons[pensioner.ID] != "pensioner" {
			t.Errorf("pensioner: %+v", e)
		}
		if e := all[payee.FamilyID]; e.Family || !e.NewPayee {
			t.Errorf("family of the dead payee: %+v", e)
		}
		h.must(h.write(func(tx *act.Tx) error {
			n, err := h.s.PayeeNamedIn(t.Context(), tx, testkit.AmbonTenant, payee.FamilyID)
			if n != 1 {
				t.Errorf("naming a payee settled %d findings", n)
			}
			return err
		}))
		if f := h.finding("payee_dead"); f.State != screening.Dismissed || f.InForce() {
			t.Errorf("after a new payee was named: %+v", f)
		}
		if now := h.removedNow(); now.NewPayee != 0 || now.Persons != 7 {
			t.Errorf("after a new payee was named: %+v", now)
		}
		some, err := h.s.ExclusionsIn(t.Context(), db.Direct(), testkit.AmbonTenant, []sqldb.ID{pensioner.FamilyID, h.person(5, 1).FamilyID})
		if err != nil || len(some) != 1 || some[pensioner.FamilyID].Persons[pensioner.ID] == "" {
			t.Errorf("some: %v, %v", some, err)
		}
	})
}

func TestUndoOfARemovalIsExact(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.evidence(h.says(nik(t, 1, 2), "moved", "81.71.02", "2024-09")) // the dead moved too, somebody says
		h.screen()
		h.run("verify", screening.VerifySettings{Criteria: []string{"moved", "pensioner", "civil_servant_family"}, Document: "BA-13/2024"})
		h.listed("pkh", "2024-10", 1, 2, 3, 4)
		before := h.dump()
		findings := func() map[sqldb.ID]screening.Finding {
			out := map[sqldb.ID]screening.Finding{}
			for _, state := range screening.States() {
				list, err := h.s.Queue(t.Context(), h.who, screening.Filter{State: state, Limit: 200})
				h.must(err)
				for _, q := range list {
					q.Finding.Version, q.Finding.Facts = 0, screening.Facts{}
					out[q.ID] = q.Finding
				}
			}
			return out
		}
		was := findings()
		h.clock.Move(month)
		r := h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		if r.Tally["ended"] != 2 || r.Tally["ended_before"] != 1 {
			t.Fatalf("removal %v", r.Tally)
		}
		if h.undo(r).State != runs.Undone {
			t.Fatal("not undone")
		}
		same(t, before, h.dump())
		for id, f := range findings() {
			if screening.CompareFindings(was[id], f) != 0 {
				t.Errorf("was  %+v\n\tis   %+v", was[id], f)
			}
		}
		if now := h.removedNow(); now.Persons != 0 {
			t.Errorf("still removed: %+v", now)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'removal' AND revoked_at = 0`); n != 0 {
			t.Errorf("%d letters of removal still hold", n)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'notice' AND revoked_at > 0`); n != 0 {
			t.Errorf("%d notices were taken back with the removal", n)
		}
		if again := h.run("remove", screening.RemoveSettings{AsOf: h.today()}); again.Tally["persons"] != r.Tally["persons"] {
			t.Errorf("removed again: %v, first %v", again.Tally, r.Tally)
		}
	})
}

// listed lets the public check show a programme for everybody in families.
func (h *house) listed(programme, month string, families ...int) {
	h.t.Helper()
	l := registry.Listing{Programme: programme, Period: month}
	for _, k := range families {
		l.Families = append(l.Families, h.person(k, 1).FamilyID)
	}
	h.must(h.write(func(tx *act.Tx) error {
		n, err := h.reg.SetProgrammesIn(h.t.Context(), tx, testkit.AmbonTenant, l)
		if err == nil && n == 0 {
			h.t.Error("nobody is shown a programme")
		}
		return err
	}))
}

func TestAKilledRemovalGoesOnAndAKilledUndoToo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1, 1, 1, 1, 1, 1, 1)
		for k := 1; k <= 8; k++ {
			h.evidence(h.says(nik(t, k, 1), "dead", "", "2024-09"))
		}
		before := h.dump()
		h.screen()
		h.clock.Move(month)
		step := func(r runs.Run) (runs.Run, int) {
			for n := 1; ; n++ {
				next, more, err := h.runs.Step(t.Context(), testkit.AmbonTenant, r.ID)
				h.must(err)
				h.open()
				if !more {
					return next, n
				}
			}
		}
		r, n := step(h.approved("remove", screening.RemoveSettings{AsOf: h.today()}))
		if n < 3 || r.State != runs.Done || r.Tally["ended"] != 8 || r.Tally["persons"] != 8 {
			t.Fatalf("%d steps, %s, %v", n, r.State, r.Tally)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'removal'`); n != 8 {
			t.Errorf("%d letters of removal", n)
		}
		_, err := h.runs.Undo(t.Context(), h.head, testkit.AmbonTenant, r.ID)
		h.must(err)
		if r, n = step(r); n < 3 || r.State != runs.Undone {
			t.Errorf("undo: %d steps, %s", n, r.State)
		}
		same(t, before, h.dump())
	})
}

func TestOnlyATrainingInstallationSkipsTheNotice(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		now := screening.RemoveSettings{AsOf: h.today(), Effective: true}
		if _, err := h.previewed("remove", now); !errors.Is(err, fail.Forbidden("screening.training")) {
			t.Errorf("in earnest: %v", err)
		}
		h.parts.Training = true
		h.open()
		r := h.run("remove", now)
		if r.Tally["persons"] != 3 || figures(t, r)["persons"] != 3 {
			t.Errorf("in training: %v, preview %v", r.Tally, figures(t, r))
		}
		if _, err := h.previewed("remove", screening.RemoveSettings{AsOf: period.On(2024, 10, 16)}); !errors.Is(err, fail.Invalid("screening.day")) {
			t.Errorf("in force tomorrow: %v", err)
		}
	})
}

func TestVerificationByReport(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		pensioner := h.finding("pensioner")
		for code, set := range map[string]screening.VerifySettings{
			"screening.document": {Criteria: []string{"pensioner"}},
			"screening.criteria": {Document: "BA-1"},
		} {
			if _, err := h.previewed("verify", set); fail.CodeOf(err) != code {
				t.Errorf("%+v: %v, want %s", set, err, code)
			}
		}
		all := []string{"payee_dead", "civil_servant_family", "pensioner"}
		r := h.run("verify", screening.VerifySettings{Criteria: all, Document: "BA-1", Except: []sqldb.ID{pensioner.ID}})
		if r.Tally["findings"] != 2 || figures(t, r)["findings"] != 2 {
			t.Errorf("upheld %v", r.Tally)
		}
		if f := h.finding("pensioner"); f.State != screening.Found {
			t.Errorf("excepted, but %s", f.State)
		}
		if f := h.finding("civil_servant_family"); f.State != screening.Noticed || f.VerifyRun != r.ID || f.DecidedBy != sqldb.ID(h.who.ID) || f.DueOn.IsZero() {
			t.Errorf("%+v", f)
		}
		h.undo(r)
		if f := h.finding("civil_servant_family"); f.State != screening.Found || !f.DueOn.IsZero() || !f.VerifyRun.IsZero() || !f.Notice.IsZero() {
			t.Errorf("after the undo: %+v", f)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND revoked_at > 0`); n != 2 {
			t.Errorf("%d letters taken back, want 2", n)
		}
	})
}

func TestARemovalIsForTheSecondPerson(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		h.clock.Move(month)
		r, err := h.previewed("remove", screening.RemoveSettings{AsOf: h.today()})
		h.must(err)
		_, err = h.runs.Submit(t.Context(), h.who, testkit.AmbonTenant, r.ID)
		h.must(err)
		if _, err := h.runs.Approve(t.Context(), h.who, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("approved by the verifier: %v", err)
		}
		stranger := testkit.Person(9, access.AgencyHead, testkit.Nusaniwe)
		if _, err := h.runs.Approve(t.Context(), stranger, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("approved from a subdistrict: %v", err)
		}
		if now := h.removedNow(); now.Persons != 0 {
			t.Errorf("removed unapproved: %+v", now)
		}
	})
}

func TestWhatIsDecidedWhileAChunkIsPreparedIsLeftOut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1)
		h.evidence(h.says(nik(t, 1, 1), "dead", "", "2024-09"))
		h.screen()
		f := h.finding("dead")
		h.clock.Move(month)
		r := h.approved("remove", screening.RemoveSettings{AsOf: h.today()})
		chunk, err := h.s.RemoveKind().Prepare(t.Context(), r, "")
		h.must(err)
		_, err = h.appeal(h.clerk, f)
		h.must(err)
		h.must(h.write(func(tx *act.Tx) error {
			tally, err := chunk.Apply(t.Context(), tx)
			if tally["skipped"] != 1 || tally["findings"] != 0 {
				t.Errorf("tally %v", tally)
			}
			return err
		}))
		if p := h.person(1, 1); p.State != registry.Active {
			t.Errorf("removed after the appeal: %+v", p)
		}
	})
}
