package proposals_test

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestFromDraftToDetermined(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		d := h.form(1)
		h.recorded(d)
		draft, err := h.s.SaveDraft(t.Context(), operator, proposals.Draft{Kind: proposal.NewFamily, Area: testkit.Village, Form: map[string]string{"nik": "817101"}})
		h.must(err)
		draft.Form["nik"] = nikOf(t, 1, 1).Plain()
		draft, err = h.s.SaveDraft(t.Context(), operator, draft)
		h.must(err)
		if list, err := h.s.Drafts(t.Context(), operator, 10); err != nil || len(list) != 1 || list[0].Version != 2 {
			t.Fatalf("drafts = %v, %v", list, err)
		}
		r, err := h.s.File(t.Context(), operator, proposals.Filing{Request: sqldb.NewID(), Draft: draft.ID, Kind: proposal.NewFamily, Area: testkit.Village, Document: d})
		h.must(err)
		if r.Number != "U-2024-00001" || r.State != proposal.Matched || r.Match != civilmatch.Matched || r.Version != 2 {
			t.Fatalf("filed %s in %s, matched %s, version %d", r.Number, r.State, r.Match, r.Version)
		}
		// Filed on Tuesday 15 October 2024: the cut-off is the 22nd, the answer due 30 days later.
		if r.Due.Text() != "2024-10-22" || r.AnswerBy.Text() != "2024-11-14" {
			t.Errorf("due %s, answer by %s", r.Due, r.AnswerBy)
		}
		if n := h.count(`SELECT count(*) FROM proposal_draft WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d drafts left after sending", n)
		}
		endorsed := h.upTo(r.Row, proposal.Endorsed)
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d families before the determination", n)
		}
		run, err := h.determine(minister, proposals.DetermineSettings{Decree: proposals.Decree{Number: "80/HUK/2024", About: "Penetapan"}})
		h.must(err)
		if run.Tally["established"] != 1 || run.Tally["covered"] != 1 {
			t.Fatalf("tally %v, failure %q", run.Tally, run.Failure)
		}
		v := h.open(endorsed)
		if v.State != proposal.Established || v.Decree == nil || v.Decree.Number != "80/HUK/2024" || len(v.Decree.Digest) != 64 || v.Decree.ID != run.ID {
			t.Fatalf("%s under %+v", v.State, v.Decree)
		}
		h.determinedFamily(v)
		h.whole()
		for action, n := range map[string]int64{
			"proposal.draft": 2, "proposal.file": 1, "proposal.list": 1, "proposal.deliberate": 1, "proposal.verify": 1, "proposal.approve": 1, "proposal.ratify": 1, "determine.chunk": 1,
		} {
			if got := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1`, action); got != n {
				t.Errorf("%d audit entries of %s, want %d", got, action, n)
			}
		}
	})
}

// determinedFamily checks what a determination did to the registry.
func (h *house) determinedFamily(v proposals.View) {
	h.t.Helper()
	card, err := h.reg.Open(h.t.Context(), verifier, v.Tenant, v.Registered, "uji")
	h.must(err)
	if card.Family.State != registry.Active || card.Family.Area != testkit.Village || card.Family.Persons != 2 || card.Family.Unmatched != 0 {
		h.t.Errorf("family %+v", card.Family)
	}
	if card.Family.Source != "USULAN-"+v.Number || card.Family.KK != v.Document.KK {
		h.t.Errorf("source %q", card.Family.Source)
	}
	for _, m := range card.Members {
		if m.NIKState != registry.Holder || m.Match != civilmatch.Matched {
			h.t.Errorf("%s: NIK state %d, %s", m.ID, m.NIKState, m.Match)
		}
	}
	if len(card.Members) != 2 || len(card.Answers) != 1 || !strings.Contains(card.Answers[0].Document, "dwelling_tenure") {
		h.t.Errorf("%d members, answers %+v", len(card.Members), card.Answers)
	}
	if drift, err := h.reg.Drift(h.t.Context(), h.db.Direct()); err != nil || drift != 0 {
		h.t.Errorf("NIK index drifts by %d, %v", drift, err)
	}
}

func TestWhoMayTakeWhichStep(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.filed(1)
		for _, c := range []struct {
			name string
			who  access.Actor
			step stepOf
			d    proposals.Decision
			code string
		}{
			{"the operator of another village", neighbour, h.s.List, proposals.One(r), "access.denied"},
			{"somebody who may not read people", admin, h.s.List, proposals.One(r), "access.denied"},
			{"nobody", access.Actor{}, h.s.List, proposals.One(r), "access.nobody"},
			{"a verifier does not list", verifier, h.s.List, proposals.One(r), "access.denied"},
			{"the meeting comes after the list", headman, h.s.Deliberate, on(r, paper("BA"), ""), "proposal.transition"},
			{"no proposal chosen", operator, h.s.List, proposals.Decision{Tenant: r.Tenant}, "proposal.none"},
			{"a proposal that is none", operator, h.s.List, proposals.Decision{Tenant: r.Tenant, Rows: []proposals.Seen{{ID: sqldb.NewID(), Version: 1}}}, "proposal.unknown"},
			{"the same one twice", operator, h.s.List, proposals.Decision{Tenant: r.Tenant, Rows: []proposals.Seen{{ID: r.ID, Version: 2}, {ID: r.ID, Version: 2}}}, "proposal.twice"},
		} {
			_, err := c.step(t.Context(), c.who, c.d)
			want(t, c.name, err, c.code)
		}
		r = h.take(operator, h.s.List, proposals.One(r))
		_, err := h.s.Deliberate(t.Context(), headman, proposals.One(r))
		want(t, "a meeting without minutes", err, "proposal.document_needed")
		r = h.take(operator, h.s.Deliberate, on(r, paper("BA"), ""))
		both := verifier
		both.ID = operator.ID
		_, err = h.s.Verify(t.Context(), both, proposals.One(r))
		want(t, "who led the meeting verifies", err, "proposal.same_person")
		if got := h.open(r); got.Version != r.Version || got.State != proposal.Deliberated {
			t.Errorf("refused steps left it %s at %d", got.State, got.Version)
		}
		h.whole()
	})
}

func TestTheVersionSeenDecides(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.upTo(h.filed(1), proposal.Deliberated)
		h.take(verifier, h.s.Verify, proposals.One(r))
		late := testkit.Person(33, access.Verifier, testkit.Ambon)
		_, err := h.s.Refuse(t.Context(), late, on(r, paper("Surat"), "able"))
		want(t, "an older version", err, "proposal.changed")
		// Of two who decide at the same moment one is told.
		r = h.upTo(h.filed(2), proposal.Deliberated)
		results := make(chan error, 2)
		for _, who := range []access.Actor{verifier, late} {
			go func() {
				_, err := h.s.Verify(t.Context(), who, proposals.One(r))
				results <- err
			}()
		}
		first, second := <-results, <-results
		if first != nil {
			first, second = second, first
		}
		want(t, "the faster", first, "")
		want(t, "the slower", second, "proposal.changed")
		h.whole()
	})
}

func TestARefusalHasAReasonALetterAndAWayBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.upTo(h.filed(1), proposal.Deliberated)
		for name, c := range map[string]struct {
			d    proposals.Decision
			code string
		}{
			"no reason":                  {proposals.One(r), "proposal.reason_needed"},
			"a reason that is none":      {on(r, paper("S"), "too_poor"), "reason.unknown"},
			"a reason for other uses":    {on(r, paper("S"), "photo_missing"), "reason.use"},
			"a reason without its proof": {on(r, proposals.Paper{}, "able"), "reason.evidence"},
		} {
			_, err := h.s.Refuse(t.Context(), verifier, c.d)
			want(t, name, err, c.code)
		}
		d := on(r, paper("Laporan kunjungan"), "able")
		d.Note = "Keluarga memiliki dua rumah."
		r = h.take(verifier, h.s.Refuse, d)
		v := h.open(r)
		if v.State != proposal.Refused || v.ObjectUntil.Text() != "2024-10-29" || v.History[len(v.History)-1].Note != d.Note || v.History[len(v.History)-1].Paper != "Laporan kunjungan" {
			t.Errorf("%s until %s: %+v", v.State, v.ObjectUntil, v.History[len(v.History)-1])
		}
		list, err := h.letters.ListOf(t.Context(), verifier, r.Tenant, r.ID)
		h.must(err)
		if len(list) != 1 || string(list[0].Kind) != proposals.RefusalLetter {
			t.Fatalf("letters %+v", list)
		}
		var facts proposals.RefusalFacts
		h.must(list[0].Decode(&facts))
		if facts.Reason != "able" || facts.Number != r.Number || facts.ObjectUntil.Text() != "2024-10-29" {
			t.Errorf("the letter says %+v", facts)
		}
		if n := h.count(`SELECT count(*) FROM proposal_event WHERE kabkota = 8171 AND note <> ''`); n != 0 {
			t.Errorf("%d events keep words in the clear", n)
		}
		h.whole()
	})
}

func TestAReturnedProposalIsMendedAndSentAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.upTo(h.filed(1), proposal.Deliberated)
		back := on(r, proposals.Paper{}, "photo_missing")
		back.Note = "Foto rumah depan belum ada."
		r = h.take(verifier, h.s.Return, back)
		if r.State != proposal.Returned || r.Due.Text() != "2024-10-29" {
			t.Fatalf("%s due %s", r.State, r.Due)
		}
		mended := h.form(1)
		mended.Papers = append(mended.Papers, "Foto ruang dalam")
		other := mended
		other.Members = append([]proposals.Member(nil), mended.Members...)
		other.Members[0].Name = "SITI LAIN"
		_, err := h.s.Resubmit(t.Context(), operator, proposals.Mending{Tenant: r.Tenant, Seen: proposals.Seen{ID: r.ID, Version: r.Version}, Document: &other})
		want(t, "another name without a new comparison", err, "proposal.identity_changed")
		r, err = h.s.Resubmit(t.Context(), operator, proposals.Mending{Tenant: r.Tenant, Seen: proposals.Seen{ID: r.ID, Version: r.Version}, Document: &mended})
		h.must(err)
		v := h.open(r)
		if v.State != proposal.InitialList || len(v.Document.Papers) != 4 {
			t.Errorf("%s with %v", v.State, v.Document.Papers)
		}
		if n := h.count(`SELECT count(*) FROM proposal_document WHERE kabkota = 8171`); n != 1 {
			t.Errorf("%d replaced documents kept, want 1", n)
		}
		h.whole()
	})
}
