package app

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/runs"
)

// TestSuggestionsAreRenewed: after a match, and after the civil file changed, the background starts a run for whoever
// made the match; while all are up to date, or one is under way, it starts none.
func TestSuggestionsAreRenewed(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	renew := func() []runs.Run {
		t.Helper()
		started, err := b.Suggestions.Renew(t.Context(), b.Runs, b.Accounts.Load)
		if err != nil {
			t.Fatal(err)
		}
		return started
	}
	first := renew()
	if len(first) != 1 || first[0].State != runs.Approved || first[0].CreatedBy != b.actor(t, access.Verifier).ID {
		t.Fatalf("after the match: %+v", first)
	}
	if again := renew(); len(again) != 0 {
		t.Errorf("while one waits: %+v", again)
	}
	if done := b.finished(t, first[0]); done.Tally["persons"] == 0 {
		t.Fatalf("the run says %v", done.Tally)
	}
	if again := renew(); len(again) != 0 {
		t.Errorf("when all are up to date: %+v", again)
	}
	b.altered(t, `UPDATE civil_record SET recorded_at = recorded_at + 1000000 WHERE nik_hash = (SELECT nik_hash FROM civil_record ORDER BY recorded_at DESC, nik_hash LIMIT 1)`)
	second := renew()
	if len(second) != 1 {
		t.Fatalf("after the civil file changed: %+v", second)
	}
	if _, err := b.Runs.Cancel(t.Context(), b.actor(t, access.Verifier), second[0].Tenant, second[0].ID); err != nil {
		t.Fatal(err)
	}
	if again := renew(); len(again) != 0 {
		t.Errorf("after somebody stopped it: %+v", again)
	}
	b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
	if again := renew(); len(again) != 1 {
		t.Errorf("after another match: %+v", again)
	}
}
