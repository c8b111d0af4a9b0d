package proposal_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
)

// A random walk of any people with any papers: it never leaves the table, never loses an event, and
// whatever it refuses, returns, withdraws or ends has a reason that was in force.
func TestNoWalkReachesAnIllegalState(t *testing.T) {
	t.Parallel()
	r := rules(t)
	allowed := map[[3]string]bool{}
	var actions []proposal.Action
	for _, tr := range proposal.Transitions() {
		allowed[[3]string{string(tr.From), string(tr.Action), string(tr.To)}] = true
		actions = append(actions, tr.Action)
	}
	modes := []proposal.Mode{proposal.Off, proposal.Optional, proposal.Required}
	reached := map[proposal.State]int{}
	codes := []string{"", "able", "dead", "photo_missing", "identity_differs", "evidence_wrong", "declined", "objection_upheld", "nonsense"}
	rapid.Check(t, func(t *rapid.T) {
		p := proposal.New([16]byte{1}, proposal.Filing{
			Kind:   rapid.SampledFrom([]proposal.Kind{proposal.NewFamily, proposal.Removal, proposal.Enrolment, proposal.Reactivation}).Draw(t, "kind"),
			Origin: rapid.SampledFrom([]proposal.Origin{proposal.FromVillage, proposal.FromCitizen, proposal.FromAgency}).Draw(t, "origin"),
			Area:   village, Family: [16]byte{50}, Filer: operator, Programme: "pbi_jk", Reason: rapid.SampledFrom([]string{"double", "evidence_wrong", "nonsense"}).Draw(t, "why"),
			Route: proposal.Route{FieldVisit: rapid.SampledFrom(modes).Draw(t, "visit"), Subdistrict: rapid.SampledFrom(modes).Draw(t, "camat"), Forward: rapid.SampledFrom(modes).Draw(t, "governor")},
		})
		on := today
		for range rapid.IntRange(20, 120).Draw(t, "steps") {
			on = on.AddDays(rapid.IntRange(0, 40).Draw(t, "days"))
			action := rapid.SampledFrom(actions).Draw(t, "action")
			s := proposal.Step{
				By: rapid.SampledFrom([][16]byte{{}, operator, head, verifier, chief, signer, minister}).Draw(t, "by"), On: on,
				Reason:         rapid.SampledFrom(codes).Draw(t, "reason"),
				Document:       rapid.SampledFrom([][16]byte{{}, paper}).Draw(t, "document"),
				DocumentNumber: rapid.SampledFrom([]string{"", "80/HUK/2026"}).Draw(t, "number"),
			}
			if next := proposal.Next(p.State); len(next) > 0 && rapid.IntRange(0, 5).Draw(t, "astray") > 0 {
				action, s = likely(r, rapid.SampledFrom(next).Draw(t, "way on"), s)
			}
			next, err := r.Act(p, action, s)
			if err != nil {
				if _, coded := fail.As(err); !coded {
					t.Fatalf("an error nobody can act on: %v", err)
				}
				continue
			}
			e := next.Events[len(next.Events)-1]
			if len(next.Events) != len(p.Events)+1 || e.From != p.State || e.To != next.State || !allowed[[3]string{string(e.From), string(e.Action), string(e.To)}] {
				t.Fatalf("from %s by %s: %+v", p.State, action, e)
			}
			p = next
			reached[p.State]++
		}
		for _, e := range p.Events {
			needs := slices.Contains([]proposal.State{proposal.Refused, proposal.Returned, proposal.Withdrawn, proposal.Inactive, proposal.MatchFailed}, e.To)
			if _, err := r.Reasons.Find(e.Reason, e.On); needs && err != nil {
				t.Fatalf("to %s without a reason: %+v", e.To, e)
			}
		}
	})
	if reached[proposal.DistrictVerified] == 0 || reached[proposal.Returned] == 0 || reached[proposal.Refused] == 0 || reached[proposal.MatchFailed] == 0 {
		t.Errorf("the walks went nowhere: %v", reached)
	}
}

// likely makes a step that a transition would take.
func likely(r proposal.Rules, tr proposal.Transition, s proposal.Step) (proposal.Action, proposal.Step) {
	if tr.Action == proposal.ActWithdraw { // walks should not all end here
		tr = proposal.Next(tr.From)[0]
	}
	s.Document, s.DocumentNumber = paper, "80/HUK/2026"
	if (s.By == [16]byte{}) != (tr.Permission == proposal.BySystem) {
		s.By = map[bool][16]byte{true: {}, false: minister}[tr.Permission == proposal.BySystem]
	}
	if tr.Reason != "" {
		s.Reason = r.Reasons.For(tr.Reason, s.On)[0].Code
	}
	return tr.Action, s
}

// Silence never refuses: only people refuse, and passing time changes nothing but how late it is.
func TestSilenceNeverRefuses(t *testing.T) {
	t.Parallel()
	ends := []proposal.State{proposal.Refused, proposal.Returned, proposal.Withdrawn, proposal.Inactive}
	for _, tr := range proposal.Transitions() {
		if tr.Permission == proposal.BySystem && slices.Contains(ends, tr.To) {
			t.Errorf("the system takes a proposal from %s to %s", tr.From, tr.To)
		}
	}
	w := deliberated(t, proposal.Filing{})
	rapid.Check(t, func(t *rapid.T) {
		later := today.AddDays(rapid.IntRange(0, 20_000).Draw(t, "days"))
		if late := w.p.Overdue(later); late != max(0, later.DaysSince(w.p.Due)) || w.p.State != proposal.Deliberated {
			t.Fatalf("%d days late, in %s", late, w.p.State)
		}
	})
}

func TestTheTableIsWhole(t *testing.T) {
	t.Parallel()
	reached := map[proposal.State]bool{proposal.Draft: true}
	seen := map[string]bool{}
	for _, tr := range proposal.Transitions() {
		reached[tr.To] = true
		key := string(tr.From) + string(tr.Action) + string(tr.To)
		if seen[key] {
			t.Errorf("%s from %s to %s is there twice", tr.Action, tr.From, tr.To)
		}
		seen[key] = true
		if slices.Contains([]proposal.State{proposal.Refused, proposal.Returned, proposal.Withdrawn, proposal.Inactive, proposal.MatchFailed}, tr.To) && tr.Reason == "" {
			t.Errorf("%s from %s to %s asks for no reason", tr.Action, tr.From, tr.To)
		}
		if tr.Permission != proposal.BySystem && !slices.ContainsFunc(access.Roles(), func(r access.Role) bool { return r.Has(tr.Permission) }) {
			t.Errorf("nobody has permission %s", tr.Permission)
		}
	}
	for _, s := range proposal.States() {
		if !reached[s] {
			t.Errorf("no step leads to %s", s)
		}
		if s.Open() != (len(proposal.Next(s)) > 0) && !slices.Contains([]proposal.State{proposal.Established, proposal.Inactive, proposal.Refused}, s) {
			t.Errorf("%s: open %v with %d steps out", s, s.Open(), len(proposal.Next(s)))
		}
		if o := s.Holder(); o != proposal.HeldByNobody && o != proposal.HeldByMinistry && o.Above() == proposal.HeldByNobody {
			t.Errorf("a late case of %s goes nowhere", o)
		}
	}
	if proposal.State("SOMEWHERE").Open() {
		t.Error("an unknown state is nobody's work")
	}
}
