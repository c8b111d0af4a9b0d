package suggestions_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tepat/data/repair"
	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// batch makes a batch run that was looked at and submitted.
func (h *house) batch() runs.Run {
	h.t.Helper()
	h.clock.Move(time.Second)
	settings, err := h.bench.Batch(testkit.Ambon)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.newRun("mend", settings)
}

// approved lets the head of the office approve a run, and works it.
func (h *house) approved(r runs.Run) runs.Run {
	h.t.Helper()
	if _, err := h.runs.Approve(h.t.Context(), h.second, r.Tenant, r.ID); err != nil {
		h.t.Fatal(err)
	}
	return h.drive(r)
}

// enrolled puts a person's family on a list, as it is paid by.
func (h *house) enrolled(p registry.Person) {
	h.t.Helper()
	h.enrol(p, 1)
}

func (h *house) enrol(p registry.Person, state int) {
	h.t.Helper()
	err := h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO enrolment (kabkota, id, version, list_id, programme, family_id, person_id, area_code, position, state, amount, working,
				valid_from, valid_to, ended_reason, recorded_at, act_id)
			VALUES ($1, $2, 1, $2, 'sembako', $3, $4, $5, 1, $6, 0, '{}', '2024-01-01', '', '', 0, $2)`,
			int64(p.Tenant), sqldb.NewID(), p.FamilyID, p.ID, int64(p.Area), int64(state))
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// Of the eight who do not match, three have one slip in name, birth date or sex, and one a title before her name: only
// those are mended, after the second person's yes, and then match by the field rules.
func TestABatchMendsTheSureOnes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		before := map[string]registry.Person{}
		for k := range slips() {
			before[fmt.Sprint(k)] = h.find(fmt.Sprint(k))
		}
		r := h.batch()
		if r.State != runs.Awaiting {
			t.Fatalf("the batch is %s", r.State)
		}
		if _, err := h.runs.Approve(t.Context(), h.who, r.Tenant, r.ID); fail.CodeOf(err) != "access.denied" && fail.CodeOf(err) != "access.same_person" {
			t.Errorf("its maker approves it: %v", err)
		}
		r = h.approved(r)
		if r.Tally["mended"] != 4 {
			t.Fatalf("the batch says %v", r.Tally)
		}
		mended := []string{"0", "1", "2", "6"}
		for id, old := range before {
			p := h.find(id)
			if !slices.Contains(mended, id) {
				if p.Version != old.Version || p.Match != old.Match {
					t.Errorf("person %s was touched: %s", id, slips()[int(id[0]-'0')].name)
				}
				continue
			}
			if p.Match != civilmatch.Matched || p.NIK != old.NIK || p.Version != old.Version+1 {
				t.Errorf("person %s is %s, version %d; her NIK is the same: %v", id, p.Match, p.Version, p.NIK == old.NIK)
			}
			if was, err := h.reg.PersonAsOf(t.Context(), db.Direct(), p.Tenant, p.ID, old.RecordedAt); err != nil || was.Name != old.Name || was.BirthDate != old.BirthDate {
				t.Errorf("the history of person %s: %v", id, err)
			}
		}
		if p := h.find("6"); p.Name != row(t, 6).Name {
			t.Errorf("the title is still there: %s", p.Name)
		}
		if n := h.count(`SELECT count(*) FROM run_item WHERE run_id = $1 AND outcome = 'mended'`, r.ID); n != 4 {
			t.Errorf("%d items, want 4", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'mend.chunk'`); n == 0 {
			t.Error("no chunk is in the log")
		}
	})
}

func TestABatchCanBeUndoneUnlessSomebodyWasChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		name := h.find("0").Name
		r := h.approved(h.batch())
		changed := h.find("1")
		other := period.On(1953, 2, 5)
		if _, err := h.civil.Mend(t.Context(), operator(testkit.Village), civil.Mending{Tenant: changed.Tenant, PersonID: changed.ID, Version: changed.Version, BirthDate: &other, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		h.clock.Move(time.Minute)
		if _, err := h.runs.Undo(t.Context(), h.who, r.Tenant, r.ID); fail.CodeOf(err) != "access.denied" {
			t.Errorf("its maker undoes it: %v", err)
		}
		if _, err := h.runs.Undo(t.Context(), h.second, r.Tenant, r.ID); err != nil {
			t.Fatal(err)
		}
		if r, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.State != runs.Undone {
			t.Fatalf("%s: %v", r.State, err)
		}
		if p := h.find("0"); p.Name != name || p.Match != civilmatch.NameDiffers {
			t.Errorf("she is %s, %s", p.Name, p.Match)
		}
		if p := h.find("1"); p.BirthDate != other {
			t.Errorf("what somebody typed since is gone: %s", p.BirthDate)
		}
		if p := h.find("2"); p.Sex != person.Male || p.Match != civilmatch.SexDiffers {
			t.Errorf("she is %s, %s", p.Sex, p.Match)
		}
	})
}

func TestNobodyPaidIsMendedInABatch(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		paid, waits := h.find("0"), h.find("2")
		h.enrolled(paid)
		h.enrol(waits, 2)
		r := h.batch()
		var late registry.Person
		if r.State == runs.Awaiting { // between preview and application another family is enrolled
			late = h.find("1")
			h.enrolled(late)
		}
		r = h.approved(r)
		if r.Tally["mended"] != 2 || r.Tally["mend_paid"] != 2 {
			t.Errorf("the batch says %v", r.Tally)
		}
		for _, old := range []registry.Person{paid, late} {
			if p, err := h.reg.PersonIn(t.Context(), db.Direct(), old.Tenant, old.ID); err != nil || p.Version != old.Version {
				t.Errorf("somebody who is paid was changed: %v", err)
			}
		}
	})
}

func TestABatchLeavesOutWhoChangedMeanwhile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		r := h.batch()
		p := h.find("0")
		other := "MARIA LATU"
		if _, err := h.civil.Mend(t.Context(), operator(testkit.Village), civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &other, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		r = h.approved(r)
		if now := h.find("0"); now.Name != other || r.Tally["mended"] != 3 {
			t.Errorf("she is %s; the batch says %v", now.Name, r.Tally)
		}
		// A civil file that changes makes every suggestion old.
		h.clock.Move(time.Second)
		h.loadCivil(civilRow(row(t, 9)))
		again := h.approved(h.batch())
		if again.Tally["mended"] != 0 {
			t.Errorf("a batch by old suggestions says %v", again.Tally)
		}
	})
}

func TestWhatABatchMayDoIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.fill()
	h.suggest()
	good, err := h.bench.Batch(testkit.Ambon)
	if err != nil {
		t.Fatal(err)
	}
	for name, loosen := range map[string]func(*suggestions.BatchSettings){
		"a lower probability":     func(b *suggestions.BatchSettings) { b.Probability = 0.6 },
		"a smaller gap":           func(b *suggestions.BatchSettings) { b.GapBits = 0 },
		"more slips in a person":  func(b *suggestions.BatchSettings) { b.MostCauses = 3 },
		"a cause that is no slip": func(b *suggestions.BatchSettings) { b.Causes = append(slices.Clone(b.Causes), suggestions.NIKDigit) },
		"a day without a rule":    func(b *suggestions.BatchSettings) { b.On = period.On(1990, 1, 1) },
	} {
		settings := good
		loosen(&settings)
		r, err := h.runs.Create(t.Context(), h.who, runs.NewRun{Kind: "mend", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); fail.CodeOf(err) != "suggestions.too_loose" && fail.CodeOf(err) != "suggestions.no_rule" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.runs.Create(t.Context(), testkit.Person(4, access.ProgrammeManager, testkit.Ambon), runs.NewRun{Kind: "mend", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: good}); fail.CodeOf(err) != "access.denied" {
		t.Errorf("a programme manager makes a batch: %v", err)
	}
	for _, mode := range []civilmatch.Mode{civilmatch.YesNo, civilmatch.FoundOnly} {
		h.use(civil.NewFile(h.keys, mode))
		if _, err := h.bench.Batch(testkit.Ambon); fail.CodeOf(err) != "civil.no_values" {
			t.Errorf("mode %d: %v", mode, err)
		}
		r, err := h.runs.Create(t.Context(), h.who, runs.NewRun{Kind: "mend", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: good})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.runs.Look(t.Context(), h.who, r.Tenant, r.ID); fail.CodeOf(err) != "civil.no_values" {
			t.Errorf("mode %d looks at a batch: %v", mode, err)
		}
	}
}

func TestRulesOfRepairAreChecked(t *testing.T) {
	t.Parallel()
	rules, err := suggestions.ParseRules(repair.Rules)
	if err != nil {
		t.Fatal(err)
	}
	if one, err := rules.SureOn(period.On(2026, 11, 22)); err != nil || one.Probability < 0.99 || !one.Unverified {
		t.Errorf("%+v: %v", one, err)
	}
	if _, err := rules.SureOn(period.On(2001, 1, 1)); fail.CodeOf(err) != "suggestions.no_rule" {
		t.Errorf("a day before all rules: %v", err)
	}
	for name, text := range map[string]string{
		"a NIK":               "sure: [{valid_from: \"2020-01-01\", probability: 0.99, gap_bits: 5, most_causes: 1, causes: [nik_digit]}]",
		"no probability":      "sure: [{valid_from: \"2020-01-01\", gap_bits: 5, most_causes: 1, causes: [sex]}]",
		"no day":              "sure: [{probability: 0.99, gap_bits: 5, most_causes: 1, causes: [sex]}]",
		"two at a time":       "sure: [{valid_from: \"2020-01-01\", probability: 0.99, gap_bits: 5, most_causes: 1, causes: [sex]}, {valid_from: \"2021-01-01\", probability: 0.99, gap_bits: 5, most_causes: 1, causes: [sex]}]",
		"a field nobody uses": "sure: [{valid_from: \"2020-01-01\", probability: 0.99, gap_bits: 5, most_causes: 1, causes: [sex], colour: red}]",
	} {
		if _, err := suggestions.ParseRules([]byte(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
