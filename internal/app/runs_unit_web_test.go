package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
	"tepat/web/messages"
)

// TestEveryKindOfRunSaysWhatItCounts: progress without a unit tells nobody anything.
func TestEveryKindOfRunSaysWhatItCounts(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	words, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, key := range words.Keys() {
		kind, ok := strings.CutPrefix(key, "run.kind.")
		if !ok {
			continue
		}
		kinds++
		if unit := b.Runs.Counts(kind); unit == "" || !words.Has("unit."+string(unit)) {
			t.Errorf("%s counts %q", kind, unit)
		}
	}
	if kinds < 20 {
		t.Errorf("only %d kinds", kinds)
	}
}

// TestProgressIsToldWithItsUnit opens runs on their way, in both languages: persons, and a file, whose bytes are nobody's figure.
func TestProgressIsToldWithItsUnit(t *testing.T) {
	t.Parallel()
	b, chromium := newTown(t), browser.Start(t)
	who := b.actor(t, access.Verifier)
	r, err := b.Runs.Create(t.Context(), who, runs.NewRun{Kind: "match", Tenant: b.Places.TenantOf(ambon), Area: ambon, Settings: map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	// Nobody works it: the page shows it as it is kept.
	on := func(kind string, done, total int, tally string) {
		b.altered(t, `UPDATE run SET state = 'approved', kind = $1, done = $2, total = $3, tally = $4 WHERE id = $5`, kind, done, total, tally, r.ID)
	}
	page := b.signIn(t, chromium, access.Verifier, plain())
	for _, c := range []struct {
		kind, tally, id, en string
		done, total         int
	}{
		{"match", "{}", "1.200 dari 5.000 orang", "1,200 of 5,000 persons", 1200, 5000},
		{"suggest", "{}", "1.200 orang", "1,200 persons", 1200, 0},
		{"import.families", `{"rows":2345}`, "25,0% dari berkas, 2.345 baris dibaca", "25.0% of the file, 2,345 rows read", 25_000, 100_000},
	} {
		on(c.kind, c.done, c.total, c.tally)
		for lang, want := range map[string]string{"id": c.id, "en": c.en} {
			page.Go(b.url + "/pekerjaan/" + itoa(r.Tenant) + "-" + r.ID.String() + "?lang=" + lang)
			if said := page.Text("#progress"); !strings.Contains(said, want) {
				t.Errorf("%s in %s: %q, want %q", c.kind, lang, said, want)
			}
		}
	}
}
