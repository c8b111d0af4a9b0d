package proposal_test

import (
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
)

func neighbour() proposal.ObjectionFiling {
	return proposal.ObjectionFiling{Kind: proposal.AgainstListing, Family: [16]byte{50}, Area: village, Filer: citizen, FilerArea: village, Reason: "listed_is_able"}
}

func file(t testing.TB, f proposal.ObjectionFiling) (proposal.Rules, proposal.Objection) {
	t.Helper()
	r := rules(t)
	o, err := r.Object([16]byte{9}, "S-2026-00042", f, proposal.Step{By: citizen, On: today, Document: paper})
	if err != nil {
		t.Fatal(err)
	}
	return r, o
}

func words(by [16]byte, on period.Date) proposal.Step {
	return proposal.Step{By: by, On: on, Note: "Rumah sudah diperiksa.", Document: paper}
}

func TestWhoMayObject(t *testing.T) {
	t.Parallel()
	own := proposal.ObjectionFiling{Kind: proposal.AgainstRefusal, Family: [16]byte{50}, FilerFamily: [16]byte{50}, Area: village, Filer: citizen, Reason: "own_refusal"}
	misuse := proposal.ObjectionFiling{Kind: proposal.AgainstMisuse, Family: [16]byte{50}, Area: village, Filer: citizen, NIKOwner: true, Reason: "nik_misused"}
	tests := []struct {
		name string
		f    proposal.ObjectionFiling
		s    proposal.Step
		code string
	}{
		{"a neighbour of the same village", neighbour(), step(citizen), ""},
		{"nobody of another village", func() (f proposal.ObjectionFiling) { f = neighbour(); f.FilerArea = area.Code(8171011002); return }(), step(citizen), "objection.neighbour"},
		{"the family against its own refusal", own, step(citizen), ""},
		{"no other family", func() (f proposal.ObjectionFiling) { f = own; f.FilerFamily = [16]byte{51}; return }(), step(citizen), "objection.own"},
		{"the owner of a misused NIK, with evidence", misuse, with(citizen, paper, "", ""), ""},
		{"not without evidence", misuse, step(citizen), "reason.evidence"},
		{"and nobody else", func() (f proposal.ObjectionFiling) { f = misuse; f.NIKOwner = false; return }(), with(citizen, paper, "", ""), "objection.owner"},
		{"without a reason", func() (f proposal.ObjectionFiling) { f = neighbour(); f.Reason = ""; return }(), step(citizen), "proposal.reason_needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := rules(t).Object([16]byte{9}, "S-2026-00042", tt.f, tt.s); fail.CodeOf(err) != tt.code {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}

func TestAnObjectionIsDecided(t *testing.T) {
	t.Parallel()
	r, o := file(t, neighbour())
	if o.Due != period.On(2026, 11, 16) {
		t.Errorf("due %s", o.Due)
	}
	o, err := r.Assign(o, verifier, step(verifier))
	if err != nil || o.Officer != verifier {
		t.Fatal(err)
	}
	if _, err := r.Uphold(o, words(verifier, today)); fail.CodeOf(err) != "objection.visit" {
		t.Errorf("a listed family is visited before a decision: %v", err)
	}
	if _, err := r.Check(o, step(verifier)); fail.CodeOf(err) != "proposal.document_needed" {
		t.Errorf("a visit leaves a report: %v", err)
	}
	if o, err = r.Check(o, words(verifier, today)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Dismiss(o, step(verifier)); fail.CodeOf(err) != "objection.words" {
		t.Errorf("an outcome is told in words: %v", err)
	}
	if o, err = r.Uphold(o, words(verifier, today)); err != nil || o.State != proposal.ObjectionUpheld || o.State.Open() {
		t.Fatalf("%s, %v", o.State, err)
	}
	if _, err := r.Dismiss(o, words(verifier, today)); fail.CodeOf(err) != "objection.transition" {
		t.Errorf("decided is decided: %v", err)
	}
	if _, err := r.Join(o, step(citizen)); fail.CodeOf(err) != "objection.transition" {
		t.Errorf("nobody joins what is decided: %v", err)
	}
}

func TestLateObjectionsGoUp(t *testing.T) {
	t.Parallel()
	r, o := file(t, neighbour())
	if _, err := r.Escalate(o, proposal.Step{On: o.Due}); fail.CodeOf(err) != "objection.not_late" {
		t.Errorf("the due day is in time: %v", err)
	}
	o, _ = r.Assign(o, verifier, step(verifier))
	late := o.Due.AddDays(1)
	if _, err := r.Escalate(o, proposal.Step{By: verifier, On: late}); fail.CodeOf(err) != "proposal.actor" {
		t.Errorf("a person does not escalate her own delay away: %v", err)
	}
	up, err := r.Escalate(o, proposal.Step{On: late})
	if err != nil || up.State != proposal.ObjectionEscalated || !up.Due.After(late) || !up.State.Open() {
		t.Fatalf("%+v, %v", up, err)
	}
	up, err = r.Check(up, words(chief, late))
	if err != nil || up.State != proposal.ObjectionEscalated {
		t.Fatalf("a visit of the level above: %s, %v", up.State, err)
	}
	if _, err := r.Uphold(up, words(verifier, late)); fail.CodeOf(err) != "proposal.same_person" {
		t.Errorf("who was late does not decide: %v", err)
	}
	if done, err := r.Dismiss(up, words(chief, late)); err != nil || done.State != proposal.ObjectionDismissed {
		t.Errorf("%v", err)
	}
}

// However time passes and whatever the system does, an objection ends only by a person's decision.
func TestAnObjectionNeverLapses(t *testing.T) {
	t.Parallel()
	r, filed := file(t, neighbour())
	rapid.Check(t, func(t *rapid.T) {
		o, on := filed, today
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			on = on.AddDays(rapid.IntRange(0, 400).Draw(t, "days"))
			if next, err := r.Escalate(o, proposal.Step{On: on}); err == nil {
				o = next
			}
			if !o.State.Open() {
				t.Fatalf("closed by time: %s", o.State)
			}
		}
	})
	for _, tr := range proposal.ObjectionTransitions() {
		if tr.Permission == proposal.BySystem && !tr.To.Open() {
			t.Errorf("the system decides from %s to %s", tr.From, tr.To)
		}
	}
}

func TestTheTargetNeverSeesWhoFiled(t *testing.T) {
	t.Parallel()
	r, o := file(t, neighbour())
	o, err := r.Join(o, proposal.Step{By: [16]byte{8}, On: today, Note: "Saya tetangganya."})
	if err != nil || o.Joined != 1 {
		t.Fatal(err)
	}
	o, _ = r.Assign(o, verifier, step(verifier))
	seen := o.ForTarget()
	if seen.Filer != [16]byte{} || seen.Joined != 0 || len(seen.Events) != 2 || seen.Events[0].By != [16]byte{} || seen.Events[0].Document != [16]byte{} {
		t.Errorf("%+v", seen)
	}
	if o.Filer != citizen || o.Events[0].By != citizen || len(o.Events) != 3 {
		t.Error("the objection itself was changed")
	}
}
