package screening_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
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

// payees and repeats play the later offices.
type payees map[sqldb.ID]bool

func (p payees) PayeesIn(context.Context, sqldb.Querier, area.Tenant, []sqldb.ID) (out []sqldb.ID, err error) {
	for id := range p {
		out = append(out, id)
	}
	return out, nil
}

type repeats []sqldb.ID

func (r repeats) ConfirmedIn(context.Context, sqldb.Querier, area.Tenant) ([]sqldb.ID, error) {
	return r, nil
}

// hit plants one of everything: a dead member, a dead payee, a civil servant, and a
// pensioner for whom somebody has to look.
func hit(h *house) {
	h.families(3, 2, 4, 2, 1)
	h.evidence(
		h.says(nik(h.t, 1, 2), "dead", "2024-08-01", "2024-09"),
		h.says(nik(h.t, 2, 1), "dead", "2024-08-02", "2024-09"),
		h.says(nik(h.t, 3, 4), "asn", "ya", "2024-09"),
		h.says(nik(h.t, 4, 1), "pensioner", "ya", "2024-09"),
		h.says(nik(h.t, 4, 2), "asn", "tidak", "2024-09"),
		h.says(nik(h.t, 99, 1), "dead", "", "2024-09"),
	)
	h.s.Connect(payees{h.person(2, 1).ID: true}, nil)
}

func TestAScreeningFindsWhomCriteriaHit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		before := h.dump()
		r := h.screen()
		for figure, want := range map[string]int64{
			"findings": 6, "criterion.dead": 2, "criterion.payee_dead": 1, "criterion.civil_servant": 1, "criterion.civil_servant_family": 1, "criterion.pensioner": 1,
			"action.remove": 3, "action.verify": 3, "hits.person": 4, "hits.payee": 1, "hits.family": 1, "judged": 4, "undecided": 0, "standing": 0,
		} {
			if r.Tally[figure] != want {
				t.Errorf("%s = %d, want %d (%v)", figure, r.Tally[figure], want, r.Tally)
			}
		}
		seen := figures(t, r)
		for figure, want := range map[string]int64{
			"families_registered": 5, "persons_registered": 12, "findings": 6, "persons": 7, "persons.dead": 2, "persons.civil_servant": 1, "persons.civil_servant_family": 3,
			"persons.pensioner": 1, "notice_days": 30,
		} {
			if seen[figure] != want {
				t.Errorf("preview %s = %d, want %d (%v)", figure, seen[figure], want, seen)
			}
		}
		for criterion, want := range map[string]struct {
			state   screening.State
			hits    eligibility.Hits
			subject sqldb.ID
		}{
			"payee_dead":           {screening.Found, eligibility.HitsPayee, h.person(2, 1).ID},
			"civil_servant":        {screening.Noticed, eligibility.HitsPerson, h.person(3, 4).ID},
			"civil_servant_family": {screening.Found, eligibility.HitsFamily, h.person(3, 4).FamilyID},
			"pensioner":            {screening.Found, eligibility.HitsPerson, h.person(4, 1).ID},
		} {
			f := h.finding(criterion)
			if f.State != want.state || f.Hits != want.hits || f.Subject() != want.subject || len(f.Facts.Evidence) != 1 {
				t.Errorf("%s: %+v", criterion, f)
			}
		}
		standing, err := h.s.StandingIn(t.Context(), db.Direct(), testkit.AmbonTenant, testkit.Ambon)
		if err != nil || standing != (screening.Standing{Waiting: 3, Noticed: 3}) {
			t.Errorf("standing: %+v, %v", standing, err)
		}
		if removed, err := h.s.RemovedIn(t.Context(), db.Direct(), testkit.AmbonTenant, testkit.Ambon); err != nil || removed.Persons != 0 {
			t.Errorf("a screening alone removed %d, %v", removed.Persons, err)
		}
		f := h.finding("civil_servant")
		if f.DueOn != period.On(2024, 11, 14) {
			t.Errorf("notice until %s, want thirty days", f.DueOn)
		}
		l, err := h.letters.Show(t.Context(), h.clerk, testkit.AmbonTenant, f.Notice, "cetak")
		var said screening.LetterFacts
		if err != nil || l.Decode(&said) != nil || l.Kind != letters.Notice || l.Subject != f.Person {
			t.Fatalf("letter %+v, %v", l, err)
		}
		if said.Until != f.DueOn || said.Basis == "" || !said.Unverified || len(said.Evidence) != 1 || said.Evidence[0] != (screening.Ground{Kind: "asn", Source: "Instansi Uji", AsOf: "2024-09"}) {
			t.Errorf("the letter says %+v", said)
		}
		if !slices.Equal(h.dump(), before) {
			t.Error("a screening changed the registry")
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171`); n != 3 {
			t.Errorf("%d letters, want 3", n)
		}
		if n := h.count(`SELECT count(*) FROM run_item WHERE kabkota = 8171 AND run_id = $1`, r.ID); n != 5 {
			t.Errorf("%d items, want one a subject: 5", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'screen.chunk'`); n != r.Chunks {
			t.Errorf("%d audit entries for %d chunks", n, r.Chunks)
		}
	})
}

func TestScreeningAgainFindsNothingNew(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		if r := h.screen(); r.Tally["findings"] != 0 || r.Tally["standing"] != 6 || figures(t, r)["persons"] != 0 {
			t.Errorf("second screening: %v, %v", r.Tally, figures(t, r))
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171`); n != 3 {
			t.Errorf("%d letters, want 3", n)
		}
	})
}

func TestADoubtfulNIKIsNeverNoticedByItself(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1)
		other := row(t, 2, 1, testkit.Village) // another name and birth date on the same NIK
		other.NIK, other.Name, other.BirthDate = nik(t, 1, 1), "ORANG LAIN", period.On(1960, 1, 1)
		h.register(other)
		h.evidence(h.says(nik(t, 1, 1), "dead", "", "2024-09"))
		r := h.screen()
		if r.Tally["criterion.dead"] != 2 || r.Tally["action.verify"] != 2 {
			t.Errorf("tally %v: both claimants wait for verification", r.Tally)
		}
		h.undo(r)
		h.must(h.write(func(tx *act.Tx) error { // the holder leaves: the other claims a NIK that was never proved hers
			var holder sqldb.ID
			err := tx.QueryRow(t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND nik_state = 1`).Scan(&holder)
			if err == nil {
				_, err = h.reg.EndPersonIn(t.Context(), tx, testkit.AmbonTenant, holder, registry.Ended, "uji")
			}
			return err
		}))
		if r := h.screen(); r.Tally["criterion.dead"] != 1 || r.Tally["action.verify"] != 1 {
			t.Errorf("tally %v: the claimant who is left waits for verification", r.Tally)
		}
	})
}

func TestConfirmedDuplicatesWaitToBeJoined(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(2, 1)
		h.s.Connect(nil, repeats{h.person(1, 2).ID})
		r := h.screen()
		if r.Tally["criterion.duplicate"] != 1 || r.Tally["findings"] != 1 || figures(t, r)["persons"] != 0 {
			t.Fatalf("tally %v, preview %v", r.Tally, figures(t, r))
		}
		f := h.finding("duplicate")
		if f.State != screening.Found || f.Person != h.person(1, 2).ID {
			t.Errorf("%+v", f)
		}
		if _, err := h.s.Decide(t.Context(), h.who, testkit.AmbonTenant, f.ID, screening.Decision{Version: f.Version, Uphold: true}); !errors.Is(err, fail.Conflict("finding.merge")) {
			t.Errorf("upheld: %v", err)
		}
	})
}

func TestStaleEvidenceIsADoubtNotAFinding(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1)
		h.evidence(h.says(nik(t, 1, 1), "pensioner", "ya", "2020"))
		r := h.screen()
		if r.Tally["findings"] != 0 || r.Tally["undecided"] != 1 {
			t.Fatalf("tally %v", r.Tally)
		}
		items, err := runs.Items(t.Context(), db.Direct(), r, sqldb.ID{}, 10)
		if err != nil || len(items) != 1 || items[0].Outcome != "undecided" || items[0].Code != "pensioner" {
			t.Errorf("items %+v, %v", items, err)
		}
	})
}

func TestEvidenceAfterTheRunWasMadeDoesNotCount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1)
		h.evidence(h.says(nik(t, 1, 1), "dead", "", "2024-09"))
		r := h.approved("screen", screening.ScreenSettings{AsOf: h.today()})
		h.clock.Move(time.Hour)
		h.evidence(h.says(nik(t, 2, 1), "dead", "", "2024-09"))
		r, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil)
		h.must(err)
		if r.Tally["findings"] != 1 {
			t.Errorf("tally %v: what was approved is what is applied", r.Tally)
		}
	})
}

func TestARunStaysInItsArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.register(row(t, 1, 1, testkit.Village), row(t, 2, 1, testkit.Neighbour))
		for k := 1; k <= 2; k++ {
			h.evidence(h.says(nik(t, k, 1), "dead", "", "2024-09"), h.says(nik(t, k, 1), "pensioner", "ya", "2024-09"))
		}
		near := func(kind string, settings any) runs.Tally {
			t.Helper()
			r, err := h.previewedIn(testkit.Neighbour, kind, settings)
			h.must(err)
			return figures(t, r)
		}
		if f := near("screen", screening.ScreenSettings{AsOf: h.today()}); f["findings"] != 2 || f["families_registered"] != 1 {
			t.Errorf("screening %v", f)
		}
		h.screen()
		if f := near("verify", screening.VerifySettings{Criteria: []string{"pensioner"}, Document: "BA-1"}); f["findings"] != 1 {
			t.Errorf("verification %v", f)
		}
		h.clock.Move(month)
		if f := near("remove", screening.RemoveSettings{AsOf: h.today()}); f["findings"] != 1 || f["persons"] != 1 {
			t.Errorf("removal %v", f)
		}
	})
}

func TestLocalCriteriaAreChosen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(2)
		h.evidence(h.says(nik(t, 1, 1), "vehicle_4w", "1", "2024-09"))
		if r := h.screen(); r.Tally["findings"] != 0 {
			t.Errorf("not chosen: %v", r.Tally)
		}
		r := h.run("screen", screening.ScreenSettings{AsOf: h.today(), Local: []string{"local_vehicle"}})
		if r.Tally["criterion.local_vehicle"] != 1 || figures(t, r)["persons"] != 2 {
			t.Errorf("chosen: %v, %v", r.Tally, figures(t, r))
		}
		for code, set := range map[string]screening.ScreenSettings{
			"criterion.unknown": {AsOf: h.today(), Local: []string{"local_yacht"}},
			"screening.day":     {AsOf: h.today().AddDays(1)},
		} {
			if _, err := h.previewed("screen", set); fail.CodeOf(err) != code {
				t.Errorf("%+v: %v, want %s", set, err, code)
			}
		}
	})
}

func TestAScreeningNeedsItsPermissionAndASecondPerson(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		in := runs.NewRun{Kind: "screen", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: screening.ScreenSettings{AsOf: h.today()}}
		if _, err := h.runs.Create(t.Context(), h.clerk, in); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("the village made a screening: %v", err)
		}
		r, err := h.previewed("screen", in.Settings)
		h.must(err)
		_, err = h.runs.Submit(t.Context(), h.who, testkit.AmbonTenant, r.ID)
		h.must(err)
		both := h.who
		both.Grants = append(both.Grants, access.Grant{Role: access.AgencyHead, Area: testkit.Ambon, Tenants: []area.Tenant{testkit.AmbonTenant}})
		if _, err := h.runs.Approve(t.Context(), both, testkit.AmbonTenant, r.ID); !errors.Is(err, fail.Forbidden("access.same_person")) {
			t.Errorf("the maker approved: %v", err)
		}
		if _, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); !errors.Is(err, fail.Awaiting("run.awaiting")) {
			t.Errorf("driven unapproved: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM finding WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d findings of an unapproved run", n)
		}
	})
}

// TestAKilledScreeningGoesOnWithoutDoubles works one chunk, forgets everything, and goes on.
func TestAKilledScreeningGoesOnWithoutDoubles(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1, 1, 1, 1, 1, 1)
		for k := 1; k <= 7; k++ {
			h.evidence(h.says(nik(t, k, 1), "dead", "", "2024-09"))
		}
		r := h.approved("screen", screening.ScreenSettings{AsOf: h.today()})
		steps := 0
		for more := true; more; steps++ {
			var err error
			r, more, err = h.runs.Step(t.Context(), testkit.AmbonTenant, r.ID)
			h.must(err)
			h.open()
		}
		if steps != 4 || r.State != runs.Done || r.Tally["findings"] != 7 {
			t.Errorf("%d steps, %s, %v", steps, r.State, r.Tally)
		}
		for query, want := range map[string]int64{
			`SELECT count(DISTINCT person_id) FROM finding WHERE kabkota = 8171`: 7,
			`SELECT count(*) FROM finding WHERE kabkota = 8171`:                  7,
			`SELECT count(*) FROM letter WHERE kabkota = 8171`:                   7,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestUndoOfAScreeningTakesItsFindingsBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		before := h.dump()
		r := h.screen()
		f := h.finding("pensioner")
		_, err := h.s.Decide(t.Context(), h.who, testkit.AmbonTenant, f.ID, screening.Decision{Version: f.Version, Reason: "evidence_wrong"})
		h.must(err)
		h.clock.Move(40 * 24 * time.Hour)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		if h.undo(r).State != runs.Undone {
			t.Fatal("not undone")
		}
		after := h.dump()
		for i := range before {
			if before[i] != after[i] {
				t.Errorf("was  %s\n\tis   %s", before[i], after[i])
			}
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM finding WHERE kabkota = 8171 AND state = 'undone'`:    5,
			`SELECT count(*) FROM finding WHERE kabkota = 8171 AND state = 'dismissed'`: 1,
			`SELECT count(*) FROM finding WHERE kabkota = 8171 AND effective_on <> ''`:  0,
			`SELECT count(*) FROM letter WHERE kabkota = 8171 AND revoked_at = 0`:       0,
			`SELECT count(*) FROM letter WHERE kabkota = 8171`:                          6,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
		if again := h.screen(); again.Tally["findings"] != 5 || again.Tally["dismissed_before"] != 1 {
			t.Errorf("screening after the undo: %v", again.Tally)
		}
	})
}
