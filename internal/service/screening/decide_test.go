package screening_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

func (h *house) decide(who access.Actor, f screening.Finding, uphold bool, reason string) (screening.Finding, error) {
	h.t.Helper()
	return h.s.Decide(h.t.Context(), who, testkit.AmbonTenant, f.ID, screening.Decision{Version: f.Version, Uphold: uphold, Reason: reason, Note: "Sudah dilihat di rumah."})
}

func (h *house) appeal(who access.Actor, f screening.Finding) (screening.Finding, error) {
	h.t.Helper()
	return h.s.Appeal(h.t.Context(), who, testkit.AmbonTenant, f.ID, screening.Appeal{Version: f.Version, Reason: "evidence_wrong", Note: "Saya bukan ASN."})
}

func (h *house) audited(act string, subject sqldb.ID) int64 {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1 AND subject = $2`, act, subject)
}

func TestAnUpheldFindingIsNoticed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		f, err := h.decide(h.who, h.finding("pensioner"), true, "")
		if err != nil || f.State != screening.Noticed || f.Notice.IsZero() || f.DueOn != period.On(2024, 11, 14) || f.DecidedBy != sqldb.ID(h.who.ID) {
			t.Fatalf("%+v, %v", f, err)
		}
		if n := h.audited("finding.decide", f.Person); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		if _, err := h.decide(h.head, f, true, ""); !errors.Is(err, fail.Conflict("finding.state")) {
			t.Errorf("upheld twice: %v", err)
		}
	})
}

func TestADismissedFindingComesBackOnlyOnOtherGroundsAndNeverByItself(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1)
		h.evidence(h.says(nik(t, 1, 1), "asn", "ya", "2024-08"))
		h.screen()
		f := h.finding("civil_servant")
		f, err := h.decide(h.head, f, false, "evidence_wrong")
		if err != nil || f.State != screening.Dismissed || f.InForce() {
			t.Fatalf("%+v, %v", f, err)
		}
		if r := h.screen(); r.Tally["criterion.civil_servant"] != 0 || r.Tally["dismissed_before"] != 1 {
			t.Errorf("on the same ground: %v", r.Tally)
		}
		h.evidence(h.says(nik(t, 1, 1), "asn", "ya", "2024-09")) // next month's list has the same mistake
		r := h.screen()
		if r.Tally["criterion.civil_servant"] != 1 || r.Tally["action.remove"] != 0 {
			t.Fatalf("on another ground: %v", r.Tally)
		}
		list, err := h.s.Queue(t.Context(), h.who, screening.Filter{Criterion: "civil_servant", Limit: 10})
		h.must(err)
		c, err := h.s.Open(t.Context(), h.who, testkit.AmbonTenant, list[0].ID, "")
		if err != nil || c.Finding.Facts.Before != f.ID || c.Finding.Action != screening.Verify {
			t.Errorf("%+v, %v", c.Finding, err)
		}
	})
}

func TestADismissalNeedsAReasonForIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		f := h.finding("pensioner")
		for reason, want := range map[string]error{"": fail.Invalid("finding.reason"), "no_such": fail.Invalid("reason.unknown"), "filed_by_mistake": fail.Invalid("reason.use")} {
			if _, err := h.decide(h.who, f, false, reason); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", reason, err, want)
			}
		}
		stale := f
		stale.Version--
		if _, err := h.decide(h.who, stale, true, ""); !errors.Is(err, fail.Conflict("finding.changed")) {
			t.Errorf("on an older version: %v", err)
		}
		if h.finding("pensioner").Version != f.Version {
			t.Error("a refused decision changed the finding")
		}
	})
}

func TestReinstatementOfOneFindingIsExact(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		before := h.dump()
		r := h.screen()
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		dead := h.person(1, 2)
		list, err := h.s.Queue(t.Context(), h.who, screening.Filter{State: screening.Removed, Family: dead.FamilyID, Run: r.ID, Limit: 10})
		if err != nil || len(list) != 1 {
			t.Fatalf("removed of the family: %v, %v", list, err)
		}
		f, err := h.decide(h.head, list[0].Finding, false, "evidence_wrong")
		if err != nil || f.State != screening.Dismissed || f.InForce() || f.Ended {
			t.Fatalf("%+v, %v", f, err)
		}
		if p := h.person(1, 2); p.State != registry.Active || p.EndedReason != "" || p.NIKState != registry.Holder || p.Version != dead.Version+1 {
			t.Errorf("reinstated: %+v", p)
		}
		other := h.person(2, 1)
		if other.State != registry.Died {
			t.Errorf("the other dead person: %+v", other)
		}
		sent, err := h.letters.ListOf(t.Context(), h.who, testkit.AmbonTenant, dead.ID)
		h.must(err)
		holds := map[letters.Kind]bool{}
		for _, l := range sent {
			holds[l.Kind] = l.ValidOn(h.today())
		}
		if len(sent) != 3 || holds[letters.Notice] || holds[letters.Removal] || !holds[letters.Reinstatement] {
			t.Errorf("letters %v", holds)
		}
		others := func(lines []string) (out []string) {
			for _, line := range lines {
				if !strings.Contains(line, other.ID.String()) && !strings.Contains(line, other.FamilyID.String()) {
					out = append(out, line)
				}
			}
			return out
		}
		same(t, others(before), others(h.dump()))
	})
}

func TestAnotherFindingInForceKeepsThePersonOff(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(2)
		h.evidence(h.says(nik(t, 1, 2), "dead", "", "2024-09"), h.says(nik(t, 1, 2), "moved", "81.71.02", "2024-09"))
		before := h.dump()
		h.screen()
		h.run("verify", screening.VerifySettings{Criteria: []string{"moved"}, Document: "BA-1"})
		h.clock.Move(month)
		r := h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		if r.Tally["ended"] != 1 || r.Tally["ended_before"] != 1 || r.Tally["persons"] != 1 {
			t.Fatalf("removal %v", r.Tally)
		}
		first, second := h.finding("dead"), h.finding("moved")
		if second.Ended {
			first, second = second, first
		}
		_, err := h.decide(h.head, first, false, "evidence_wrong")
		h.must(err)
		p := h.person(1, 2)
		heir := h.finding(second.Criterion)
		if p.State == registry.Active || !heir.Ended {
			t.Errorf("%s is gone, but %+v; person %d", first.Criterion, heir, p.State)
		}
		if now := h.removedNow(); now.Persons != 1 {
			t.Errorf("removed %+v", now)
		}
		_, err = h.decide(h.head, heir, false, "evidence_wrong")
		h.must(err)
		same(t, before, h.dump())
	})
}

func TestAnAppealStopsTheNoticeUntilAnotherPersonDecides(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		f, err := h.decide(h.who, h.finding("pensioner"), true, "")
		h.must(err)
		f, err = h.appeal(h.clerk, f)
		if err != nil || f.State != screening.Appealed {
			t.Fatalf("%+v, %v", f, err)
		}
		if n := h.audited("finding.appeal", f.Person); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		if g := h.finding("pensioner"); g.State != screening.Appealed || g.InForce() {
			t.Errorf("removed while appealed: %+v", g)
		}
		if _, err := h.decide(h.who, f, true, ""); !errors.Is(err, fail.Forbidden("access.same_person")) {
			t.Errorf("who upheld it decided the appeal: %v", err)
		}
		f, err = h.decide(h.head, f, true, "")
		if err != nil || f.State != screening.Noticed {
			t.Fatalf("%+v, %v", f, err)
		}
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		if g := h.finding("pensioner"); g.State != screening.Removed || !g.InForce() {
			t.Errorf("after the appeal failed: %+v", g)
		}
	})
}

func TestARemovalMayBeAppealedWhileTheWindowIsOpen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		if _, err := h.appeal(h.clerk, h.finding("pensioner")); !errors.Is(err, fail.Conflict("finding.state")) {
			t.Errorf("nobody was told yet: %v", err)
		}
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		f := h.finding("civil_servant")
		appealed, err := h.appeal(h.clerk, f)
		if err != nil || appealed.State != screening.Appealed || !appealed.InForce() {
			t.Fatalf("%+v, %v", appealed, err)
		}
		back, err := h.decide(h.head, appealed, true, "")
		if err != nil || back.State != screening.Removed || !back.InForce() {
			t.Errorf("%+v, %v", back, err)
		}
		h.clock.Move(16 * 24 * time.Hour)
		if _, err := h.appeal(h.clerk, back); !errors.Is(err, fail.Conflict("finding.appeal_late")) {
			t.Errorf("after the window: %v", err)
		}
		back, err = h.decide(h.head, back, false, "evidence_wrong")
		if err != nil || back.State != screening.Dismissed || back.InForce() {
			t.Errorf("people may always take a removal back: %+v, %v", back, err)
		}
	})
}

func TestFindingsAreRefusedOutsideTheAreaAndTheOffice(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		f := h.finding("pensioner")
		denied := fail.Forbidden("access.denied")
		if _, err := h.decide(h.clerk, f, true, ""); !errors.Is(err, denied) {
			t.Errorf("decided in the village: %v", err)
		}
		neighbour := testkit.Person(8, access.Operator, testkit.Neighbour)
		if _, err := h.appeal(neighbour, h.finding("civil_servant")); !errors.Is(err, denied) {
			t.Errorf("appealed in the next village: %v", err)
		}
		if _, err := h.s.Open(t.Context(), neighbour, testkit.AmbonTenant, f.ID, ""); !errors.Is(err, denied) {
			t.Errorf("opened in the next village: %v", err)
		}
		if list, err := h.s.Queue(t.Context(), neighbour, screening.Filter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("listed in the next village: %v, %v", list, err)
		}
		if _, err := h.s.Queue(t.Context(), testkit.Person(7, access.Admin, testkit.Ambon), screening.Filter{Limit: 10}); !errors.Is(err, denied) {
			t.Errorf("listed by the administrator: %v", err)
		}
		if _, err := h.s.Open(t.Context(), h.who, testkit.AmbonTenant, sqldb.NewID(), ""); !errors.Is(err, fail.NotFound("finding.unknown")) {
			t.Errorf("a finding nobody made: %v", err)
		}
	})
}

func TestACaseShowsWhatItRestsOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(2)
		h.evidence(h.says(nik(t, 1, 1), "wage", "9000000", "2024-09"), h.says(nik(t, 1, 1), "pln_va", "900", "2024-07"), h.says(nik(t, 1, 2), "pln_va", "450", "2024-07"))
		h.screen()
		f := h.finding("wage_above_minimum")
		_, err := h.decide(h.who, f, true, "")
		h.must(err)
		c, err := h.s.Open(t.Context(), h.head, testkit.AmbonTenant, f.ID, "periksa")
		h.must(err)
		if c.Hidden || len(c.Evidence) != 1 || c.Evidence[0].Value != "9000000" || c.Evidence[0].Person != f.Person || len(c.Others) != 1 || c.Others[0].Kind != "pln_va" {
			t.Errorf("evidence %+v, others %+v", c.Evidence, c.Others)
		}
		if len(c.Finding.Facts.Because) != 2 || c.Criterion.WayBack.ID == "" || len(c.Members) != 2 || c.Family.ID != f.Family {
			t.Errorf("case %+v", c)
		}
		if len(c.Events) != 1 || c.Events[0].Action != "uphold" || c.Events[0].Note != "Sudah dilihat di rumah." || c.Events[0].Actor != sqldb.ID(h.who.ID) {
			t.Errorf("events %+v", c.Events)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'finding.open' AND subject = $1 AND purpose = 'periksa'`, f.Person); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		village, err := h.s.Open(t.Context(), h.clerk, testkit.AmbonTenant, f.ID, "sanggah")
		h.must(err)
		if !village.Hidden || village.Evidence[0].Value != "" || village.Evidence[0].Source == "" || village.Finding.Facts.Because[0].Value != "" {
			t.Errorf("the village sees %+v", village)
		}
	})
}

func TestTheQueueGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1, 1, 1, 1)
		for k := 1; k <= 5; k++ {
			h.evidence(h.says(nik(t, k, 1), "pensioner", "ya", "2024-09"))
		}
		h.screen()
		seen := map[sqldb.ID]bool{}
		var after screening.Finding
		for range 3 {
			page, err := h.s.Queue(t.Context(), h.clerk, screening.Filter{After: after, Limit: 2})
			h.must(err)
			for _, f := range page {
				if seen[f.ID] || f.PersonName == "" || f.HeadName == "" || f.Facts.Because != nil {
					t.Errorf("%+v", f)
				}
				seen[f.ID], after = true, f.Finding
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d of 5 seen", len(seen))
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'finding.list'`); n != 3 {
			t.Errorf("%d audit entries of three lists", n)
		}
	})
}

func TestWithoutANoticePeriodNobodyIsNoticed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.parts.Deadlines = proposal.Deadlines{}
		h.open()
		r := h.approved("screen", screening.ScreenSettings{AsOf: h.today()})
		if _, err := h.runs.Drive(t.Context(), testkit.AmbonTenant, r.ID, nil); !errors.Is(err, fail.NotFound("deadline.unknown")) {
			t.Errorf("driven: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d letters without a notice period", n)
		}
	})
}
