package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
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
	page := b.signIn(t, browser.Start(t), access.Verifier, plain())
	for path, says := range map[string]bool{"/padan": false, "/padan?sebab=name_spelling": true, "/dasbor/mutu": true} {
		page.Go(b.url + path)
		if got := strings.Contains(page.Text("main"), "Sebab menurut saran "+b.catalogue.Printer(i18n.Indonesian).Date(b.Acts.Now())); got != says {
			t.Errorf("%s says from when its causes are: %v, want %v", path, got, says)
		}
	}
	b.claimed(t)
	claim := renew()
	if len(claim) != 1 {
		t.Fatalf("after somebody who matches claimed a NIK that was found: %+v", claim)
	}
	b.finished(t, claim[0])
	if again := renew(); len(again) != 0 {
		t.Errorf("when the claim is known: %+v", again)
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

// claimed has somebody who matches hold the NIK that was found for another, beside her own.
func (b *town) claimed(t *testing.T) {
	t.Helper()
	b.altered(t, `INSERT INTO nik_index (nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes)
		SELECT g.civil_hash, o.kabkota, o.id, o.family_id, 0, i.check_tags, 1, '' FROM match_suggestion g
		JOIN person o ON o.kabkota = g.kabkota AND o.match_status = 15 AND o.state = 1 JOIN nik_index i ON i.person_id = o.id
		WHERE g.kabkota > 0 AND g.outcome = 3 AND g.taken = 0 AND NOT EXISTS (SELECT 1 FROM nik_index n WHERE n.nik_hash = g.civil_hash)
		ORDER BY g.rank, g.person_id, o.id LIMIT 1`)
}
