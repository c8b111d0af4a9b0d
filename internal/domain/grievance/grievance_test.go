package grievance_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tepat/data/workflow"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
)

var (
	today   = period.On(2026, 11, 2) // a Monday
	officer = [16]byte{3}
	citizen = [16]byte{7}
)

func rules(t testing.TB) grievance.Rules {
	t.Helper()
	deadlines, err := proposal.LoadDeadlines(workflow.Files)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := period.NewCalendar(nil, time.Saturday, time.Sunday)
	if err != nil {
		t.Fatal(err)
	}
	return grievance.Rules{Deadlines: deadlines, Calendar: calendar}
}

func filed(t testing.TB, kind grievance.Kind) (grievance.Rules, grievance.Grievance) {
	t.Helper()
	r := rules(t)
	g, err := r.File([16]byte{1}, "A-2026-00017", kind, 8171011001, citizen, grievance.Step{By: citizen, On: today, Note: "Dipotong Rp50.000."})
	if err != nil {
		t.Fatal(err)
	}
	return r, g
}

func step(by [16]byte, days int) grievance.Step {
	return grievance.Step{By: by, On: today.AddDays(days), Note: "Sudah diperiksa."}
}

func TestDeadlineByKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[grievance.Kind]period.Date{
		grievance.Levy: period.On(2026, 11, 9), grievance.Card: period.On(2026, 11, 16), grievance.Service: period.On(2026, 11, 16),
		grievance.Data: period.On(2026, 11, 20), grievance.Other: period.On(2026, 11, 20),
	} {
		if _, g := filed(t, kind); g.AnswerBy != want || g.Due != period.On(2026, 11, 5) {
			t.Errorf("%s: answer by %s, assign by %s; want %s", kind, g.AnswerBy, g.Due, want)
		}
	}
}

func TestAComplaintIsAnswered(t *testing.T) {
	t.Parallel()
	r, g := filed(t, grievance.Levy)
	steps := []struct {
		action grievance.Action
		s      grievance.Step
		want   grievance.State
		due    period.Date
	}{
		{grievance.ActAssign, step(officer, 1), grievance.Assigned, g.AnswerBy},
		{grievance.ActAsk, step(officer, 2), grievance.AwaitInfo, period.Date{}},
		{grievance.ActInform, step(citizen, 30), grievance.Assigned, g.AnswerBy},
		{grievance.ActAnswer, step(officer, 31), grievance.Answered, period.Date{}},
		{grievance.ActReopen, step(citizen, 32), grievance.Escalated, period.On(2026, 12, 18)},
		{grievance.ActAnswer, step([16]byte{4}, 33), grievance.Answered, period.Date{}},
		{grievance.ActClose, step([16]byte{}, 60), grievance.Closed, period.Date{}},
	}
	for i, s := range steps {
		next, err := r.Act(g, s.action, s.s)
		if err != nil || next.State != s.want || next.Due != s.due {
			t.Fatalf("step %d: %s due %s, %v; want %s due %s", i, next.State, next.Due, err, s.want, s.due)
		}
		g = next
	}
	if g.Officer != officer || len(g.Events) != 8 {
		t.Errorf("%+v", g)
	}
}

func TestWhoClosesAnAnswer(t *testing.T) {
	t.Parallel()
	r, g := filed(t, grievance.Levy)
	g, _ = r.Act(g, grievance.ActAssign, step(officer, 0))
	g, err := r.Act(g, grievance.ActAnswer, step(officer, 0))
	if err != nil || r.ReopenUntil(g) != period.On(2026, 11, 16) {
		t.Fatalf("%s, %v", r.ReopenUntil(g), err)
	}
	if _, err := r.Act(g, grievance.ActClose, step([16]byte{}, 14)); fail.CodeOf(err) != "grievance.may_reopen" {
		t.Errorf("the system closes before the time to reopen is over: %v", err)
	}
	if _, err := r.Act(g, grievance.ActClose, step([16]byte{}, 15)); err != nil {
		t.Errorf("the day after: %v", err)
	}
	if _, err := r.Act(g, grievance.ActClose, step(citizen, 1)); err != nil {
		t.Errorf("she is content: %v", err)
	}
	g.Anonymous, g.Filer = true, [16]byte{}
	if _, err := r.Act(g, grievance.ActClose, step([16]byte{}, 1)); fail.CodeOf(err) != "grievance.may_reopen" {
		t.Errorf("an anonymous one is not closed at once: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	r, g := filed(t, grievance.Levy)
	mute := step(officer, 1)
	mute.Note = ""
	assigned, err := r.Act(g, grievance.ActAssign, step(officer, 1))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		g      grievance.Grievance
		action grievance.Action
		s      grievance.Step
		code   string
	}{
		{"an answer without words", assigned, grievance.ActAnswer, mute, "grievance.words"},
		{"an answer of nobody", assigned, grievance.ActAnswer, step([16]byte{}, 1), "grievance.actor"},
		{"an answer before anybody has it", g, grievance.ActAnswer, step(officer, 1), "grievance.transition"},
		{"a step back in time", assigned, grievance.ActAnswer, step(officer, -1), "grievance.date"},
		{"escalating what is in time", assigned, grievance.ActEscalate, step([16]byte{}, 2), "grievance.not_late"},
		{"closing what is not answered", assigned, grievance.ActClose, step([16]byte{}, 2), "grievance.transition"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := r.Act(tt.g, tt.action, tt.s); fail.CodeOf(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
	for name, file := range map[string]struct {
		kind grievance.Kind
		s    grievance.Step
		code string
	}{
		"a kind nobody knows": {"WEATHER", step(citizen, 0), "grievance.kind"},
		"no words":            {grievance.Levy, grievance.Step{On: today}, "grievance.words"},
		"no date":             {grievance.Levy, grievance.Step{Note: "x"}, "grievance.date"},
	} {
		if _, err := r.File([16]byte{1}, "A-2026-1", file.kind, 0, citizen, file.s); fail.CodeOf(err) != file.code {
			t.Errorf("%s: %v, want %s", name, err, file.code)
		}
	}
}

func TestAnonymousLeavesNoTrace(t *testing.T) {
	t.Parallel()
	g, err := rules(t).File([16]byte{1}, "A-2026-00018", grievance.Levy, 8171011001, [16]byte{}, grievance.Step{By: officer, On: today, Note: "x"})
	if err != nil || !g.Anonymous || g.Events[0].By != [16]byte{} || g.Events[0].Note != "" {
		t.Errorf("%+v, %v", g, err)
	}
}

// Time alone never closes a complaint: it only takes it up a level.
func TestSilenceClosesNothing(t *testing.T) {
	t.Parallel()
	r, start := filed(t, grievance.Service)
	rapid.Check(t, func(t *rapid.T) {
		g, days := start, 0
		if rapid.Bool().Draw(t, "assigned") {
			g, _ = r.Act(g, grievance.ActAssign, step(officer, 0))
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			days += rapid.IntRange(0, 100).Draw(t, "days")
			for _, action := range []grievance.Action{grievance.ActEscalate, grievance.ActClose} {
				if next, err := r.Act(g, action, grievance.Step{On: today.AddDays(days)}); err == nil {
					g = next
				}
			}
			if !g.State.Open() {
				t.Fatalf("closed by silence: %s", g.State)
			}
		}
		if days > 60 && g.State != grievance.Escalated {
			t.Fatalf("after %d days still %s", days, g.State)
		}
	})
}
