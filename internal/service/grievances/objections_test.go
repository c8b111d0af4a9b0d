package grievances_test

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestAnUpheldObjectionTakesTheProposalUpAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		p := h.refused(1)
		in := grievances.SelfFiling{Filing: grievances.Filing{
			Request: sqldb.NewID(), Kind: grievances.Objection, Topic: string(proposal.AgainstRefusal), Proposal: p.Number, Document: h.words(1, "Rumah itu bukan milik kami."),
		}, Digits: "0000"}
		_, err := h.s.FileSelf(t.Context(), in)
		want(t, "with digits that are not hers", err, "track.unknown")
		in.Digits = last4(t, 1)
		receipt, err := h.s.FileSelf(t.Context(), in)
		h.must(err)
		if receipt.Number != "A-2024-00001" || receipt.AnswerBy.Text() != "2024-10-29" || receipt.Code != "" {
			t.Errorf("receipt %+v", receipt)
		}
		if again, err := h.s.FileSelf(t.Context(), in); err != nil || !again.Repeated || again.Number != receipt.Number {
			t.Errorf("sent twice: %+v, %v", again, err)
		}
		page, err := h.s.Queue(t.Context(), verifier, grievances.Filter{Open: true, Limit: 10})
		h.must(err)
		if len(page.Lines) != 1 || page.Counts[grievances.Objection]["FILED"].All != 1 {
			t.Fatalf("queue %+v", page)
		}
		r := h.open(verifier, page.Lines[0].ID).Row
		r, err = h.s.Assign(t.Context(), verifier, on(r, ""))
		h.must(err)
		if r.Officer != sqldb.ID(verifier.ID) {
			t.Errorf("assigned to %s", r.Officer)
		}
		_, err = h.s.Uphold(t.Context(), verifier, on(r, ""))
		want(t, "without words", err, "objection.words")
		r, err = h.s.Uphold(t.Context(), verifier, on(r, "Rumah milik orang lain."))
		h.must(err)
		fresh, err := h.proposals.Open(t.Context(), verifier, p.Tenant, p.ID, "")
		h.must(err)
		last := fresh.History[len(fresh.History)-1]
		if r.Outcome != "UPHELD" || fresh.State != proposal.InitialList || last.Reason != "objection_upheld" || last.Document != r.ID {
			t.Errorf("%s: proposal %s by %+v", r.Outcome, fresh.State, last)
		}
		line, err := h.s.Track(t.Context(), receipt.Number, last4(t, 1))
		h.must(err)
		end := line.Steps[len(line.Steps)-1]
		if line.State != "UPHELD" || end.Note != "Rumah milik orang lain." || end.Place != "Kota Ambon" {
			t.Errorf("she sees %+v", line)
		}
		h.whole()
	})
}

func (h *house) open(who access.Actor, id sqldb.ID) grievances.View {
	h.t.Helper()
	v, err := h.s.Open(h.t.Context(), who, testkit.AmbonTenant, id, "uji")
	h.must(err)
	return v
}

func TestWhoMayObjectAndWhen(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		refused := h.refused(1)
		listed := h.registered(2, testkit.Village)
		h.registered(3, testkit.Village)
		h.registered(4, testkit.Neighbour)
		base := func(topic proposal.ObjectionKind, k int) grievances.Filing {
			return grievances.Filing{Kind: grievances.Objection, Topic: string(topic), Area: testkit.Village, Document: h.words(k, "Saya keberatan.")}
		}
		with := func(f grievances.Filing, change func(*grievances.Filing)) grievances.Filing {
			change(&f)
			return f
		}
		for name, c := range map[string]struct {
			f    grievances.Filing
			code string
		}{
			"the refused family itself":         {with(base(proposal.AgainstRefusal, 1), func(f *grievances.Filing) { f.Proposal = refused.Number }), ""},
			"another family to the refusal":     {with(base(proposal.AgainstRefusal, 3), func(f *grievances.Filing) { f.Proposal = refused.Number }), "objection.own"},
			"to no proposal":                    {with(base(proposal.AgainstRefusal, 1), func(f *grievances.Filing) { f.Proposal = "U-2024-00099" }), "grievance.unknown_proposal"},
			"to a number that cannot be":        {with(base(proposal.AgainstRefusal, 1), func(f *grievances.Filing) { f.Proposal = "x" }), "number.format"},
			"a neighbour to a listing":          {with(base(proposal.AgainstListing, 3), func(f *grievances.Filing) { f.Family = listed.ID }), ""},
			"from another village":              {with(base(proposal.AgainstListing, 4), func(f *grievances.Filing) { f.Family = listed.ID }), "objection.neighbour"},
			"by a KTP of the village":           {with(base(proposal.AgainstListing, 9), func(f *grievances.Filing) { f.Family, f.FilerArea = listed.ID, testkit.Village }), ""},
			"to a family nobody knows":          {with(base(proposal.AgainstListing, 3), func(f *grievances.Filing) { f.Family = sqldb.NewID() }), "registry.no_family"},
			"whose NIK was used, with the KTP":  {with(base(proposal.AgainstMisuse, 3), func(f *grievances.Filing) { f.Evidence = proposals.Paper{Name: "KTP"} }), ""},
			"whose NIK was used, without proof": {base(proposal.AgainstMisuse, 3), "reason.evidence"},
			"misuse of no NIK":                  {with(base(proposal.AgainstMisuse, 0), func(f *grievances.Filing) { f.Evidence = proposals.Paper{Name: "KTP"} }), "objection.owner"},
			"without words":                     {with(base(proposal.AgainstListing, 3), func(f *grievances.Filing) { f.Document.Words = " " }), "grievance.words"},
			"to something else":                 {base("LIFE", 3), "grievance.kind"},
			"in a district kept elsewhere":      {with(base(proposal.AgainstListing, 3), func(f *grievances.Filing) { f.Area = 8172011001 }), "grievance.village"},
		} {
			_, err := h.s.File(t.Context(), verifier, c.f)
			want(t, name, err, c.code)
		}
		_, err := h.s.File(t.Context(), neighbour, with(base(proposal.AgainstListing, 3), func(f *grievances.Filing) { f.Family = listed.ID }))
		want(t, "taken in by another village", err, "access.denied")
		h.clock.Move(days(15))
		_, err = h.s.File(t.Context(), verifier, with(base(proposal.AgainstRefusal, 1), func(f *grievances.Filing) { f.Proposal = refused.Number }))
		want(t, "after the window", err, "grievance.window_over")
		h.whole()
	})
}

func TestTheTargetNeverLearnsWhoFiled(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		listed := h.registered(2, testkit.Village)
		h.registered(3, testkit.Village)
		h.registered(4, testkit.Village)
		f := grievances.Filing{Kind: grievances.Objection, Topic: string(proposal.AgainstListing), Area: testkit.Village, Family: listed.ID}
		file := func(k int) grievances.Receipt {
			f.Request, f.Document = sqldb.NewID(), h.words(k, fmt.Sprintf("Saya SITI UJI %d: mereka mampu.", k))
			r, err := h.s.File(t.Context(), verifier, f)
			h.must(err)
			return r
		}
		first, second := file(3), file(4)
		if second.Number != first.Number || !second.Joined || second.Row.Joined != 1 {
			t.Fatalf("the second is %s, joined %v", second.Number, second.Row.Joined)
		}
		if again := file(4); !again.Repeated || again.Row.Joined != 1 {
			t.Errorf("the same person counted twice: %+v", again.Row.Joined)
		}
		for _, k := range []int{3, 4} { // each tracks by her own digits
			if _, err := h.s.Track(t.Context(), first.Number, last4(t, k)); err != nil {
				t.Errorf("filer %d: %v", k, err)
			}
		}
		_, err := h.s.Open(t.Context(), operator, first.Tenant, first.ID, "")
		want(t, "the village's operator opens it", err, "access.denied")
		_, err = h.s.Open(t.Context(), headman, first.Tenant, first.ID, "")
		want(t, "the village's head opens it", err, "access.denied")
		if page, err := h.s.Queue(t.Context(), operator, grievances.Filter{Limit: 10}); err != nil || len(page.Lines) != 0 {
			t.Errorf("the village's queue: %+v, %v", page.Lines, err)
		}
		seen, err := h.s.AboutFamily(t.Context(), operator, first.Tenant, listed.ID)
		h.must(err)
		text := fmt.Sprintf("%+v", seen)
		if len(seen) != 1 || strings.Contains(text, "SITI") || strings.Contains(text, "mampu") || len(seen[0].Steps) != 1 {
			t.Errorf("about the family: %s", text)
		}
		v := h.open(verifier, first.ID)
		if v.Document.NIK != nikOf(t, 3) || len(v.Others) != 1 || v.Others[0].NIK != nikOf(t, 4) {
			t.Errorf("who handles it sees %d others", len(v.Others))
		}
		if text := fmt.Sprintf("%v %+v %#v", v.Document, v.Document, v.Document); strings.Contains(text, "SITI") {
			t.Errorf("printed: %s", text)
		}
		if line, err := h.s.Track(t.Context(), first.Number, last4(t, 3)); err != nil || len(line.Steps) != 1 {
			t.Errorf("the first filer sees %+v, %v", line.Steps, err)
		}
		h.whole()
	})
}

func TestAListedFamilyIsVisitedBeforeItIsProposedForRemoval(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		listed := h.registered(2, testkit.Village)
		far := h.registered(4, testkit.Neighbour)
		h.registered(3, testkit.Village)
		r0, err := h.s.File(t.Context(), verifier, grievances.Filing{
			Kind: grievances.Objection, Topic: string(proposal.AgainstListing), Area: testkit.Village,
			Document: grievances.Document{Contact: h.words(3, "").Contact, Words: "Mampu.", Target: "Rumah hijau di RT 2"},
		})
		h.must(err)
		r, err := h.s.Assign(t.Context(), verifier, on(r0.Row, ""))
		h.must(err)
		_, err = h.s.Uphold(t.Context(), verifier, on(r, "Benar mampu."))
		want(t, "before a visit", err, "objection.visit")
		_, err = h.s.Check(t.Context(), verifier, on(r, "Dikunjungi."))
		want(t, "a visit without its report", err, "proposal.document_needed")
		visit := on(r, "Rumah dua lantai.")
		visit.Paper = proposals.Paper{Name: "Laporan kunjungan"}
		r, err = h.s.Check(t.Context(), verifier, visit)
		h.must(err)
		_, err = h.s.Uphold(t.Context(), verifier, on(r, "Benar mampu."))
		want(t, "a family nobody named", err, "objection.family_needed")
		named := on(r, "")
		named.Family = far.ID
		_, err = h.s.Identify(t.Context(), verifier, named)
		want(t, "a family of another village", err, "objection.other_village")
		named.Family = listed.ID
		r, err = h.s.Identify(t.Context(), verifier, named)
		h.must(err)
		_, err = h.s.Uphold(t.Context(), verifier, on(r, "Benar mampu."))
		h.must(err)
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND kind = 'REMOVAL' AND channel = 'AGENCY' AND reason = 'better_off' AND family_id = $1`, listed.ID); n != 1 {
			t.Errorf("%d removals proposed", n)
		}
		if f, err := h.reg.FamilyIn(t.Context(), db.Direct(), listed.Tenant, listed.ID); err != nil || f.State != registry.Active {
			t.Errorf("the family is in state %d before anybody decided, %v", f.State, err)
		}
		h.whole()
	})
}

func TestAMisusedNIKIsFreed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := h.registered(5, testkit.Village)
		in := grievances.SelfFiling{Filing: grievances.Filing{
			Kind: grievances.Objection, Topic: string(proposal.AgainstMisuse), Area: testkit.Village, Document: h.words(5, "NIK saya dipakai."), Evidence: proposals.Paper{Name: "KTP"},
		}, Last6: "000000"}
		_, err := h.s.FileSelf(t.Context(), in)
		want(t, "numbers that do not belong together", err, "grievance.not_proven")
		unknown := in
		unknown.Document = h.words(77, "NIK saya dipakai.")
		_, err = h.s.FileSelf(t.Context(), unknown)
		want(t, "somebody unknown gets the same answer", err, "grievance.not_proven")
		in.Last6 = kkOf(t, 5).Last6()
		_, err = h.s.FileSelf(t.Context(), in)
		h.must(err)
		page, err := h.s.Queue(t.Context(), verifier, grievances.Filter{Limit: 1})
		h.must(err)
		r, err := h.s.Assign(t.Context(), verifier, on(h.open(verifier, page.Lines[0].ID).Row, ""))
		h.must(err)
		_, err = h.s.Uphold(t.Context(), verifier, on(r, "KTP asli ditunjukkan."))
		h.must(err)
		members, err := h.reg.MembersIn(t.Context(), db.Direct(), f.Tenant, f.ID)
		if err != nil || !members[0].NIK.IsZero() || members[0].NIKState != registry.NoNIK {
			t.Errorf("the record still carries it, %v", err)
		}
		if n := h.count(`SELECT count(*) FROM nik_index`); n != 0 {
			t.Errorf("%d NIKs held", n)
		}
		h.whole()
	})
}
