package proposals_test

import (
	"encoding/json"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

func TestALetterCoversTheListTheSignerSaw(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.upTo(h.filed(1), proposal.AgencyApproved)
		waits, err := h.s.AwaitRatification(t.Context(), signer, testkit.Ambon)
		h.must(err)
		if waits.Proposals != 1 || len(waits.Sample) != 1 || waits.ByKind[proposal.NewFamily] != 1 || waits.ByVillage[0] != (proposals.VillageCount{Area: testkit.Village, Count: 1}) {
			t.Errorf("waiting: %+v", waits)
		}
		h.upTo(h.filed(2), proposal.AgencyApproved)
		in := proposals.Ratifying{Area: testkit.Ambon, Number: "470/1", SignedBy: "Wali Kota Ambon", Digest: waits.Digest}
		_, err = h.s.Ratify(t.Context(), signer, in)
		want(t, "another list by now", err, "proposal.list_changed")
		for name, c := range map[string]struct {
			change func(*proposals.Ratifying)
			code   string
		}{
			"no number": {func(r *proposals.Ratifying) { r.Number = " " }, "decree.number"},
			"no signer": {func(r *proposals.Ratifying) { r.SignedBy = "" }, "decree.signed_by"},
		} {
			bad := in
			c.change(&bad)
			_, err = h.s.Ratify(t.Context(), signer, bad)
			want(t, name, err, c.code)
		}
		_, err = h.s.AwaitRatification(t.Context(), chief, testkit.Ambon)
		want(t, "not the signer's list to see", err, "access.denied")
		both := signer
		both.ID = chief.ID
		if waits, err = h.s.AwaitRatification(t.Context(), both, testkit.Ambon); err != nil {
			t.Fatal(err)
		}
		in.Digest = waits.Digest
		_, err = h.s.Ratify(t.Context(), both, in)
		want(t, "who approved also signs", err, "proposal.same_person")
		out := h.ratify("470/1")
		if out.Proposals != 2 || out.Decree.Digest != waits.Digest {
			t.Errorf("ratified %+v, want digest %s", out, waits.Digest)
		}
		d, covers, err := h.s.Decree(t.Context(), verifier, testkit.AmbonTenant, out.Decree.ID)
		if err != nil || covers != 2 || d.Number != "470/1" || d.On != h.day() {
			t.Errorf("decree %+v covers %d, %v", d, covers, err)
		}
		_, err = h.s.Ratify(t.Context(), signer, in)
		want(t, "nothing left to sign", err, "proposal.none")
		h.upTo(h.filed(3), proposal.AgencyApproved)
		waits, err = h.s.AwaitRatification(t.Context(), signer, testkit.Ambon)
		h.must(err)
		in.Digest = waits.Digest
		_, err = h.s.Ratify(t.Context(), signer, in)
		want(t, "a number that is taken", err, "decree.number_taken")
		h.whole()
	})
}

func TestTheMinistryEstablishesOrRefusesEach(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		good, bad := h.upTo(h.filed(1), proposal.AgencyApproved), h.upTo(h.filed(2), proposal.AgencyApproved)
		h.ratify("470/1")
		for name, c := range map[string]struct {
			set  proposals.DetermineSettings
			who  access.Actor
			code string
		}{
			"a refusal of what is not there": {proposals.DetermineSettings{Decree: proposals.Decree{Number: "1"}, Refuse: []proposals.Refusing{{Number: "U-2024-99999", Reason: "able"}}}, minister, "proposal.refusal_unknown"},
			"for a reason that is none":      {proposals.DetermineSettings{Decree: proposals.Decree{Number: "1"}, Refuse: []proposals.Refusing{{Number: bad.Number, Reason: "x"}}}, minister, "reason.unknown"},
			"without a number":               {proposals.DetermineSettings{}, minister, "decree.number"},
			"by the district's signer":       {proposals.DetermineSettings{Decree: proposals.Decree{Number: "1"}}, signer, "access.denied"},
			"a decree of tomorrow":           {proposals.DetermineSettings{Decree: proposals.Decree{Number: "1", SignedBy: "Menteri", On: h.day().AddDays(1)}}, minister, "decree.date"},
		} {
			_, err := h.determine(c.who, c.set)
			want(t, name, err, c.code)
		}
		run, err := h.determine(minister, proposals.DetermineSettings{
			Decree: proposals.Decree{Number: "80/HUK/2024"}, Refuse: []proposals.Refusing{{Number: bad.Number, Reason: "already_listed", Note: "Sudah tercatat di kota lain."}},
		})
		h.must(err)
		if run.Tally["established"] != 1 || run.Tally["refused"] != 1 {
			t.Fatalf("tally %v, %s", run.Tally, run.Failure)
		}
		if v := h.open(good); v.State != proposal.Established || v.Registered.IsZero() {
			t.Errorf("the good one: %s", v.State)
		}
		v := h.open(bad)
		if last := v.History[len(v.History)-1]; v.State != proposal.Refused || last.Reason != "already_listed" || last.DocumentNumber != "80/HUK/2024" || last.Note == "" || !v.Registered.IsZero() {
			t.Errorf("the refused one: %s, %+v", v.State, last)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'refusal'`); n != 1 {
			t.Errorf("%d letters", n)
		}
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171`); n != 1 {
			t.Errorf("%d families", n)
		}
		_, err = h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "81/HUK/2024"}})
		want(t, "nothing left", err, "proposal.none")
		h.whole()
	})
}

// TestThePreviewOfADecreeTellsWhatItCannotDetermine: from 2019 to 2021 proposals went by the governor before the minister.
func TestThePreviewOfADecreeTellsWhatItCannotDetermine(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		free, bound := h.upTo(h.filed(1), proposal.Endorsed), h.upTo(h.filed(2), proposal.Endorsed)
		h.must(h.write(minister, access.Determine, func(tx *act.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE proposal SET route = 'optional,optional,required' WHERE kabkota = 8171 AND id = $1`, bound.ID)
			return err
		}))
		set := proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/HUK/2024", SignedBy: "Menteri Sosial", On: h.day()}}
		service := h.runs()
		r, err := service.Create(t.Context(), minister, runs.NewRun{Kind: "determine", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: set})
		h.must(err)
		r, err = service.Look(t.Context(), minister, testkit.AmbonTenant, r.ID)
		h.must(err)
		var seen runs.Preview
		h.must(json.Unmarshal(r.Preview, &seen))
		if f := seen.Figures; f["establish"] != 1 || f["stay"] != 1 || f["refuse"] != 0 {
			t.Errorf("the preview says %v", f)
		}
		for _, one := range seen.Samples {
			if want := map[sqldb.ID]string{free.ID: "establish", bound.ID: "stay"}[one.Subject]; one.Outcome != want {
				t.Errorf("%s is to %s, want %s", one.Label, one.Outcome, want)
			}
		}
		run, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "81/HUK/2024"}})
		h.must(err)
		if run.Tally["established"] != 1 || run.Tally["rejected"] != 1 || h.open(bound).State != proposal.Endorsed {
			t.Errorf("the decree did %v", run.Tally)
		}
		h.whole()
	})
}

// A family that is known already is not doubled by a proposal.
func TestADeterminationKeepsTheRulesOfIdentity(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.upTo(h.filed(1), proposal.Endorsed)
		known := h.registered(1, testkit.Neighbour, 2)
		other := h.upTo(h.filed(2), proposal.Endorsed)
		run, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/HUK/2024"}})
		h.must(err)
		if run.Tally["established"] != 2 {
			t.Fatalf("tally %v, %s", run.Tally, run.Failure)
		}
		if v := h.open(r); v.Registered != known.ID {
			t.Errorf("the known family %s became %s", known.ID, v.Registered)
		}
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171`); n != 2 {
			t.Errorf("%d families, want 2", n)
		}
		if v := h.open(other); v.Registered.IsZero() {
			t.Error("the new one has no family")
		}
		if drift, err := h.reg.Drift(t.Context(), h.db.Direct()); err != nil || drift != 0 {
			t.Errorf("drift %d, %v", drift, err)
		}
	})
}

func TestRemovalsAndReactivations(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(1, testkit.Village, 3)
		members, err := h.reg.MembersIn(t.Context(), h.db.Direct(), f.Tenant, f.ID)
		h.must(err)
		filing := proposals.Filing{Kind: proposal.Removal, Tenant: f.Tenant, Family: f.ID, Reason: "dead", Evidence: paper("Akta kematian")}
		_, err = h.s.File(t.Context(), operator, filing)
		want(t, "a death of a whole family", err, "proposal.person_needed")
		filing.Reason, filing.Person = "able", members[1].ID
		_, err = h.s.File(t.Context(), operator, filing)
		want(t, "one person better off", err, "proposal.whole_family")
		filing.Person = sqldb.NewID()
		filing.Reason = "dead"
		_, err = h.s.File(t.Context(), operator, filing)
		want(t, "somebody else's death", err, "registry.no_person")
		filing.Person = members[1].ID
		filing.Evidence = proposals.Paper{}
		_, err = h.s.File(t.Context(), operator, filing)
		want(t, "a death without a certificate", err, "reason.evidence")
		filing.Evidence = paper("Akta kematian")

		r := h.establish(filing)
		p, err := h.reg.PersonIn(t.Context(), h.db.Direct(), f.Tenant, members[1].ID)
		if err != nil || p.State != registry.Died || p.EndedReason != "dead" {
			t.Errorf("the dead: state %d %q, %v", p.State, p.EndedReason, err)
		}
		if got := h.family(f); got.State != registry.Active || got.Persons != 2 || r.Registered != f.ID {
			t.Errorf("her family: state %d, %d persons", got.State, got.Persons)
		}
		h.establish(proposals.Filing{Kind: proposal.Removal, Tenant: f.Tenant, Family: f.ID, Reason: "better_off", Evidence: paper("Hasil kunjungan")})
		if got := h.family(f); got.State != registry.Ended || got.Persons != 0 {
			t.Errorf("after the family's removal: state %d, %d persons", got.State, got.Persons)
		}
		_, err = h.s.File(t.Context(), operator, proposals.Filing{Kind: proposal.Enrolment, Tenant: f.Tenant, Family: f.ID, Programme: "pkh"})
		want(t, "a programme for who is gone", err, "proposal.family_state")
		h.establish(proposals.Filing{Kind: proposal.Reactivation, Tenant: f.Tenant, Family: f.ID, Reason: "poor_again", Evidence: paper("Hasil kunjungan")})
		if got := h.family(f); got.State != registry.Active || got.Persons != 2 {
			t.Errorf("after her return: state %d, %d persons; the dead stay dead", got.State, got.Persons)
		}
		h.establish(proposals.Filing{Kind: proposal.Enrolment, Tenant: f.Tenant, Family: f.ID, Programme: "pkh"})
		if drift, err := h.reg.Drift(t.Context(), h.db.Direct()); err != nil || drift != 0 {
			t.Errorf("drift %d, %v", drift, err)
		}
		h.whole()
	})
}

func (h *house) family(f registry.Family) registry.Family {
	h.t.Helper()
	got, err := h.reg.FamilyIn(h.t.Context(), h.db.Direct(), f.Tenant, f.ID)
	h.must(err)
	return got
}

// establish files a proposal about a registered family and takes it all the way.
func (h *house) establish(f proposals.Filing) proposals.Row {
	h.t.Helper()
	return h.determined(h.endorsedOf(f))
}

// endorsedOf takes a filing up to the signature, with nobody asked about its people.
func (h *house) endorsedOf(f proposals.Filing) proposals.Row {
	h.t.Helper()
	h.matcher.silent = true
	r, err := h.s.File(h.t.Context(), operator, f)
	h.must(err)
	return h.upTo(h.take(operator, h.s.List, on(r.Row, paper("KTP dan KK dilihat"), "")), proposal.Endorsed)
}

// determined signs it.
func (h *house) determined(r proposals.Row) proposals.Row {
	h.t.Helper()
	run, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/" + r.Number}})
	h.must(err)
	if run.Tally["established"] != 1 {
		h.t.Fatalf("%s: tally %v, %s", r.Kind, run.Tally, run.Failure)
	}
	return h.open(r).Row
}
