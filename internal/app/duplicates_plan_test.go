package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestTheSecondPersonSeesThePlanOfAMerge: where one of two records receives aid, who is asked for a second yes reads which
// record stays, where each value comes from and who asks; both read it again when it is done.
func TestTheSecondPersonSeesThePlanOfAMerge(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 1, 1)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	b.frozen(t, b.drafted(t).ID)
	b.altered(t, `UPDATE enrolment SET family_id = (SELECT p.family_id FROM person p, link_pair l WHERE p.kabkota > 0 AND l.kabkota = p.kabkota AND p.id = l.left_id AND l.state = 'open')
		WHERE id = (SELECT min(id) FROM enrolment WHERE state = 1)`)
	chromium := browser.Start(t)
	asks := b.signIn(t, chromium, access.Verifier, plain())
	asks.Go(b.url + "/ganda")
	asks.Follow("table td a")
	path := strings.TrimPrefix(asks.URL(), b.url)
	asks.Follow("section[aria-labelledby=gabung] button")
	if text := asks.Text("section[aria-labelledby=gabung]"); !strings.Contains(text, "Ya, ajukan ke orang kedua") || strings.Contains(text, "Ya, gabungkan") {
		t.Errorf("the button says it merges, where it asks a second person: %s", text)
	}
	asks.Follow("section[aria-labelledby=gabung] button")
	if b.pairsIn(t, "awaiting") != 1 {
		t.Fatalf("nobody is asked: %s", asks.Text("main"))
	}
	asks.Go(b.url + path)
	for _, view := range readers() {
		second := b.signIn(t, chromium, access.Operator, view.r)
		second.Go(b.url + path)
		second.FitForUse()
		picture(second, "ganda-rencana-"+view.name)
		text := second.Text("section[aria-labelledby=rencana]")
		for _, want := range []string{"Data yang dipertahankan", "Data yang berakhir", "NIK", "Dari Data ", "Diusulkan", b.nameOf(t, access.Verifier)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the plan does not say %q: %s", view.name, want, text)
			}
		}
	}
	second := b.signIn(t, chromium, access.Operator, plain())
	second.Go(b.url + path)
	second.Follow("section[aria-labelledby=putusan] button[value=setujui]")
	if text := second.Text("section[aria-labelledby=rencana]"); b.pairsIn(t, "merged") != 1 || !strings.Contains(text, "Digabung") {
		t.Errorf("the merge does not say what was done: %s", second.Text("main"))
	}
	asks.Go(b.url + path)
	asks.Follow("section[aria-labelledby=putusan] button[value=pulihkan]")
	if b.pairsIn(t, "merged") != 0 || asks.Count("section[aria-labelledby=rencana]") != 0 {
		t.Errorf("an undone merge still has a plan: %s", asks.Text("main"))
	}
}

// nameOf gives the name pages call an official by.
func (b *town) nameOf(t *testing.T, role access.Role) string {
	t.Helper()
	id := b.actor(t, role).ID
	names, err := b.Accounts.Names(t.Context(), []sqldb.ID{id})
	if err != nil || names[id] == "" {
		t.Fatalf("%s has no name: %v", role, err)
	}
	return names[id]
}
