package proposal_test

import (
	"testing"
	"time"

	"tepat/data/holidays"
	reasondata "tepat/data/reasons"
	"tepat/data/workflow"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
)

// The people and papers of the examples.
var (
	operator = [16]byte{1}
	head     = [16]byte{2}
	verifier = [16]byte{3}
	chief    = [16]byte{4}
	signer   = [16]byte{5}
	minister = [16]byte{6}
	citizen  = [16]byte{7}
	paper    = [16]byte{99}
	village  = area.Code(8171011001)
)

func rules(t testing.TB) proposal.Rules {
	t.Helper()
	reasons, err := proposal.LoadReasons(reasondata.Files)
	if err != nil {
		t.Fatal(err)
	}
	deadlines, err := proposal.LoadDeadlines(workflow.Files)
	if err != nil {
		t.Fatal(err)
	}
	days, err := proposal.LoadHolidays(holidays.Files)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := period.NewCalendar(days, time.Saturday, time.Sunday)
	if err != nil {
		t.Fatal(err)
	}
	return proposal.Rules{Reasons: reasons, Deadlines: deadlines, Calendar: calendar}
}

func route(t testing.TB, on period.Date) proposal.Route {
	t.Helper()
	routes, err := proposal.LoadRoutes(workflow.Files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := routes.At(on)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var today = period.On(2026, 11, 2)

func step(by [16]byte) proposal.Step { return proposal.Step{By: by, On: today} }

func with(by [16]byte, document [16]byte, reason, number string) proposal.Step {
	return proposal.Step{By: by, On: today, Document: document, Reason: reason, DocumentNumber: number}
}

// walker takes steps and remembers the first error, so that a journey reads as its sentence.
type walker struct {
	t testing.TB
	r proposal.Rules
	p proposal.Proposal
}

func start(t testing.TB, f proposal.Filing) *walker {
	if f.Area == 0 {
		f.Area = village
	}
	if f.Route == (proposal.Route{}) {
		f.Route = route(t, today)
	}
	f.Family = [16]byte{50}
	return &walker{t, rules(t), proposal.New([16]byte{42}, f)}
}

func (w *walker) do(action proposal.Action, s proposal.Step) *walker {
	w.t.Helper()
	next, err := w.r.Act(w.p, action, s)
	if err != nil {
		w.t.Fatalf("%s from %s: %v", action, w.p.State, err)
	}
	w.p = next
	return w
}

func (w *walker) refuses(action proposal.Action, s proposal.Step, code string) {
	w.t.Helper()
	if _, err := w.r.Act(w.p, action, s); fail.CodeOf(err) != code {
		w.t.Errorf("%s from %s: %v, want %s", action, w.p.State, err, code)
	}
}

func (w *walker) in(state proposal.State) *walker {
	w.t.Helper()
	if w.p.State != state {
		w.t.Errorf("in %s, want %s", w.p.State, state)
	}
	return w
}

var system = step([16]byte{})

// listed is a village's proposal on its initial list.
func listed(t testing.TB, f proposal.Filing) *walker {
	f.Origin, f.Filer = proposal.FromVillage, operator
	if f.Kind == "" {
		f.Kind = proposal.NewFamily
	}
	return start(t, f).do(proposal.ActFile, step(operator)).do(proposal.ActMatched, system).do(proposal.ActList, step(operator))
}

func deliberated(t testing.TB, f proposal.Filing) *walker {
	return listed(t, f).do(proposal.ActDeliberate, with(head, paper, "", "BA-1"))
}

func endorsed(t testing.TB, f proposal.Filing) *walker {
	return deliberated(t, f).do(proposal.ActVerify, step(verifier)).do(proposal.ActApprove, step(chief)).
		do(proposal.ActRatify, with(signer, paper, "", "460/17"))
}

func TestFromVillageToMinister(t *testing.T) {
	t.Parallel()
	w := endorsed(t, proposal.Filing{}).in(proposal.Endorsed).do(proposal.ActDetermine, with(minister, paper, "", "80/HUK/2026")).in(proposal.Established)
	if len(w.p.Events) != 8 || w.p.FiledOn != today || w.p.Holder() != proposal.HeldByNobody || w.p.State.Open() {
		t.Errorf("%+v", w.p)
	}
	for i, e := range w.p.Events[1:] {
		if e.From != w.p.Events[i].To {
			t.Errorf("event %d leaves %s, the one before ended in %s", i+1, e.From, w.p.Events[i].To)
		}
	}
}

func TestActsHaveNames(t *testing.T) {
	t.Parallel()
	r := rules(t)
	p := proposal.New([16]byte{1}, proposal.Filing{Kind: proposal.NewFamily, Origin: proposal.FromCitizen, Area: village, Family: [16]byte{50}, Filer: citizen,
		Route: proposal.Route{FieldVisit: proposal.Required, Subdistrict: proposal.Required, Forward: proposal.Required}})
	steps := []func() (proposal.Proposal, error){
		func() (proposal.Proposal, error) { return r.File(p, "U-2026-04180", step(citizen)) },
		func() (proposal.Proposal, error) {
			return r.Match(p, proposal.Step{On: today, Reason: "identity_differs"})
		},
		func() (proposal.Proposal, error) { return r.Repair(p, step(citizen)) },
		func() (proposal.Proposal, error) { return r.Match(p, system) },
		func() (proposal.Proposal, error) { return r.List(p, step(operator)) },
		func() (proposal.Proposal, error) { return r.Return(p, with(head, paper, "photo_missing", "")) },
		func() (proposal.Proposal, error) { return r.Resubmit(p, step(citizen)) },
		func() (proposal.Proposal, error) { return r.Attest(p, with(head, paper, "", "")) },
		func() (proposal.Proposal, error) { return r.Visit(p, with(operator, paper, "", "")) },
		func() (proposal.Proposal, error) { return r.See(p, step(verifier)) },
		func() (proposal.Proposal, error) { return r.Verify(p, step(verifier)) },
		func() (proposal.Proposal, error) { return r.Approve(p, step(chief)) },
		func() (proposal.Proposal, error) { return r.Ratify(p, with(signer, paper, "", "460/17")) },
		func() (proposal.Proposal, error) { return r.Forward(p, with(signer, paper, "", "")) },
		func() (proposal.Proposal, error) { return r.Answer(p, with(verifier, paper, "", "80/HUK/2026")) },
		func() (proposal.Proposal, error) { return r.Deactivate(p, with(chief, paper, "dead", "")) },
		func() (proposal.Proposal, error) { return r.Reactivate(p, with(chief, paper, "evidence_wrong", "")) },
	}
	want := []proposal.State{proposal.MatchPending, proposal.MatchFailed, proposal.MatchPending, proposal.Submitted, proposal.InitialList, proposal.Returned,
		proposal.InitialList, proposal.Attested, proposal.FieldVerified, proposal.SubdistrictSeen, proposal.DistrictVerified, proposal.AgencyApproved,
		proposal.Endorsed, proposal.Forwarded, proposal.Established, proposal.Inactive, proposal.Established}
	for i, take := range steps {
		next, err := take()
		if err != nil || next.State != want[i] {
			t.Fatalf("step %d: %s, %v; want %s", i, next.State, err, want[i])
		}
		p = next
	}
	if p.Number != "U-2026-04180" {
		t.Errorf("number %q", p.Number)
	}
}

// One case for each sentence of the rules that refuses a step.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	required := proposal.Route{FieldVisit: proposal.Required, Subdistrict: proposal.Required, Forward: proposal.Required}
	off := proposal.Route{FieldVisit: proposal.Off, Subdistrict: proposal.Off, Forward: proposal.Off}
	draft := func(f proposal.Filing) *walker {
		f.Filer = operator
		return start(t, f)
	}
	tests := []struct {
		name   string
		from   *walker
		action proposal.Action
		s      proposal.Step
		code   string
	}{
		{"a proposal belongs to a village, not to a district", draft(proposal.Filing{Kind: proposal.NewFamily, Area: 8171000000}), proposal.ActFile, step(operator), "proposal.village"},
		{"a removal needs a reason", draft(proposal.Filing{Kind: proposal.Removal}), proposal.ActFile, step(operator), "proposal.reason_needed"},
		{"removing the able needs evidence", draft(proposal.Filing{Kind: proposal.Removal, Reason: "able"}), proposal.ActFile, step(operator), "reason.evidence"},
		{"a reason of another use", draft(proposal.Filing{Kind: proposal.Removal, Reason: "photo_missing"}), proposal.ActFile, step(operator), "reason.use"},
		{"a reason nobody knows", draft(proposal.Filing{Kind: proposal.Removal, Reason: "ugly"}), proposal.ActFile, step(operator), "reason.unknown"},
		{"enrolment names its programme", draft(proposal.Filing{Kind: proposal.Enrolment}), proposal.ActFile, step(operator), "proposal.programme_needed"},
		{"a kind nobody knows", draft(proposal.Filing{Kind: "GIFT"}), proposal.ActFile, step(operator), "proposal.kind"},
		{"the system files nothing", draft(proposal.Filing{Kind: proposal.NewFamily}), proposal.ActFile, system, "proposal.actor"},
		{"a person does not match", draft(proposal.Filing{Kind: proposal.NewFamily}).do(proposal.ActFile, step(operator)), proposal.ActMatched, step(operator), "proposal.actor"},
		{"a failed match says why", draft(proposal.Filing{Kind: proposal.NewFamily}).do(proposal.ActFile, step(operator)), proposal.ActMatchFailed, system, "proposal.reason_needed"},
		{"unmatched onto the list only with KTP or KK seen", draft(proposal.Filing{Kind: proposal.NewFamily}).do(proposal.ActFile, step(operator)), proposal.ActList, step(operator), "proposal.document_needed"},
		{"a new family that does not match stays off the list", draft(proposal.Filing{Kind: proposal.NewFamily}).do(proposal.ActFile, step(operator)).
			do(proposal.ActMatchFailed, with([16]byte{}, [16]byte{}, "identity_differs", "")), proposal.ActList, step(operator), "proposal.kind"},
		{"a meeting without minutes", listed(t, proposal.Filing{}), proposal.ActDeliberate, step(head), "proposal.document_needed"},
		{"an SPTJM without paper", listed(t, proposal.Filing{}), proposal.ActAttest, step(head), "proposal.document_needed"},
		{"the meeting refuses only on its minutes", listed(t, proposal.Filing{}), proposal.ActRefuse, with(head, [16]byte{}, "able", ""), "proposal.document_needed"},
		{"Dinsos does not verify what no meeting saw", listed(t, proposal.Filing{}), proposal.ActVerify, step(verifier), "proposal.transition"},
		{"a refusal needs a reason", deliberated(t, proposal.Filing{}), proposal.ActRefuse, step(verifier), "proposal.reason_needed"},
		{"a return needs a reason", deliberated(t, proposal.Filing{}), proposal.ActReturn, step(verifier), "proposal.reason_needed"},
		{"a required visit can not be skipped", deliberated(t, proposal.Filing{Route: required}), proposal.ActVerify, step(verifier), "proposal.step_required"},
		{"nor the camat", deliberated(t, proposal.Filing{Route: required}).do(proposal.ActVisit, with(operator, paper, "", "")), proposal.ActVerify, step(verifier), "proposal.step_required"},
		{"no camat where the route has none", deliberated(t, proposal.Filing{Route: off}), proposal.ActSeen, step(verifier), "proposal.step_off"},
		{"who led the meeting does not verify", deliberated(t, proposal.Filing{}), proposal.ActVerify, step(head), "proposal.same_person"},
		{"who verified does not approve", deliberated(t, proposal.Filing{}).do(proposal.ActVerify, step(verifier)), proposal.ActApprove, step(verifier), "proposal.same_person"},
		{"who verified does not sign either", deliberated(t, proposal.Filing{}).do(proposal.ActVerify, step(verifier)).do(proposal.ActApprove, step(chief)),
			proposal.ActRatify, with(verifier, paper, "", "460/17"), "proposal.same_person"},
		{"an endorsement has a letter", deliberated(t, proposal.Filing{}).do(proposal.ActVerify, step(verifier)).do(proposal.ActApprove, step(chief)),
			proposal.ActRatify, with(signer, [16]byte{}, "", "460/17"), "proposal.document_needed"},
		{"and a number", deliberated(t, proposal.Filing{}).do(proposal.ActVerify, step(verifier)).do(proposal.ActApprove, step(chief)),
			proposal.ActRatify, with(signer, paper, "", ""), "proposal.number_needed"},
		{"what is signed can not be withdrawn", endorsed(t, proposal.Filing{}), proposal.ActWithdraw, with(operator, paper, "filed_by_mistake", ""), "proposal.transition"},
		{"a determination has a decree number", endorsed(t, proposal.Filing{}), proposal.ActDetermine, with(minister, paper, "", ""), "proposal.number_needed"},
		{"the governor does not see what the route spares him", endorsed(t, proposal.Filing{Route: off}), proposal.ActForward, with(signer, paper, "", ""), "proposal.step_off"},
		{"a refusal of the ministry's file says why", endorsed(t, proposal.Filing{}), proposal.ActRefuseByFile, step(verifier), "proposal.reason_needed"},
		{"a step back in time", deliberated(t, proposal.Filing{}), proposal.ActVerify, proposal.Step{By: verifier, On: today.AddDays(-1)}, "proposal.date"},
		{"a step without a date", deliberated(t, proposal.Filing{}), proposal.ActVerify, proposal.Step{By: verifier}, "proposal.date"},
		{"withdrawing needs a reason", listed(t, proposal.Filing{}), proposal.ActWithdraw, step(operator), "proposal.reason_needed"},
		{"what a removal established can not be put to sleep", endorsed(t, proposal.Filing{Kind: proposal.Removal, Reason: "double"}).
			do(proposal.ActDetermine, with(minister, paper, "", "80")), proposal.ActDeactivate, with(chief, paper, "dead", ""), "proposal.kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := tt.from.p.State
			tt.from.refuses(tt.action, tt.s, tt.code)
			if tt.from.p.State != before {
				t.Error("a refused step moved the proposal")
			}
		})
	}
}

func TestDetermineNeedsTheGovernorWhereTheRouteHasHim(t *testing.T) {
	t.Parallel()
	w := endorsed(t, proposal.Filing{Route: proposal.Route{FieldVisit: proposal.Off, Subdistrict: proposal.Off, Forward: proposal.Required}})
	w.refuses(proposal.ActDetermine, with(minister, paper, "", "80"), "proposal.step_required")
	if w.p.Holder() != proposal.HeldByProvince {
		t.Errorf("held by %s", w.p.Holder())
	}
	w.do(proposal.ActForward, with(signer, paper, "", "")).do(proposal.ActDetermine, with(minister, paper, "", "80")).in(proposal.Established)
}

func TestARemovalGoesOnUnmatched(t *testing.T) {
	t.Parallel()
	w := start(t, proposal.Filing{Kind: proposal.Removal, Reason: "dead", Origin: proposal.FromVillage, Filer: operator})
	w.do(proposal.ActFile, with(operator, paper, "", "")).do(proposal.ActMatchFailed, with([16]byte{}, [16]byte{}, "identity_differs", "")).
		do(proposal.ActList, step(operator)).in(proposal.InitialList)
}

func TestARegistryThatDoesNotAnswerRefusesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, proposal.Filing{Kind: proposal.NewFamily, Origin: proposal.FromVillage, Filer: operator}).do(proposal.ActFile, step(operator))
	w.do(proposal.ActList, with(operator, paper, "", "")).in(proposal.InitialList)
}

func TestReturnedGoesBackToWhereItWas(t *testing.T) {
	t.Parallel()
	w := deliberated(t, proposal.Filing{}).do(proposal.ActReturn, with(verifier, paper, "photo_missing", "")).in(proposal.Returned)
	w.do(proposal.ActResubmit, step(operator)).in(proposal.InitialList)
	early := start(t, proposal.Filing{Kind: proposal.NewFamily, Origin: proposal.FromCitizen, Filer: citizen}).
		do(proposal.ActFile, step(citizen)).do(proposal.ActMatched, system).do(proposal.ActSubmit, system).do(proposal.ActReturn, with(head, paper, "incomplete", ""))
	early.do(proposal.ActResubmit, step(citizen)).in(proposal.MatchPending)
	// The same person may verify again in the new round.
	w.do(proposal.ActDeliberate, with(head, paper, "", "")).do(proposal.ActVerify, step(verifier)).in(proposal.DistrictVerified)
}

func TestARefusalCanBeObjectedToAndReopened(t *testing.T) {
	t.Parallel()
	w := deliberated(t, proposal.Filing{}).do(proposal.ActRefuse, with(verifier, paper, "able", "")).in(proposal.Refused)
	e, refused := w.p.Refusal()
	if !refused || e.Reason != "able" || w.r.ObjectUntil(w.p) != period.On(2026, 11, 16) {
		t.Errorf("refusal %+v, until %s", e, w.r.ObjectUntil(w.p))
	}
	w.do(proposal.ActReopen, with(chief, paper, "objection_upheld", "")).in(proposal.InitialList)
	if !w.r.ObjectUntil(w.p).IsZero() {
		t.Error("reopened, and still to be objected to")
	}
}

func TestAReasonNobodyAskedForIsNotKept(t *testing.T) {
	t.Parallel()
	w := deliberated(t, proposal.Filing{}).do(proposal.ActVerify, with(verifier, paper, "ugly", ""))
	if e := w.p.Events[len(w.p.Events)-1]; e.Reason != "" {
		t.Errorf("kept %q", e.Reason)
	}
}

func TestDueDates(t *testing.T) {
	t.Parallel()
	w := start(t, proposal.Filing{Kind: proposal.NewFamily, Origin: proposal.FromVillage, Filer: operator}).do(proposal.ActFile, step(operator))
	if w.p.Due != period.On(2026, 11, 17) || w.p.AnswerBy != period.On(2026, 12, 2) {
		t.Errorf("due %s, answer by %s", w.p.Due, w.p.AnswerBy)
	}
	if got := w.p.Overdue(period.On(2026, 11, 17)); got != 0 {
		t.Errorf("on the due day %d days late", got)
	}
	if got := w.p.Overdue(period.On(2026, 11, 20)); got != 3 || w.p.State != proposal.MatchPending {
		t.Errorf("%d days late", got)
	}
	signed := endorsed(t, proposal.Filing{})
	if signed.p.Due != signed.p.AnswerBy {
		t.Errorf("after the signature the promise to the applicant counts: %s", signed.p.Due)
	}
	back := deliberated(t, proposal.Filing{}).do(proposal.ActReturn, with(verifier, paper, "photo_missing", ""))
	if back.p.Due != period.On(2026, 11, 16) || back.p.Holder() != proposal.HeldByFiler {
		t.Errorf("returned: due %s", back.p.Due)
	}
}
