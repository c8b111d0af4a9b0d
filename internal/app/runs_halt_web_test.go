package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestAHaltedRunIsTakenOver: a run whose maker's account is no more is work of whoever may make such runs, who lets it go on.
func TestAHaltedRunIsTakenOver(t *testing.T) {
	t.Parallel()
	b, chromium := newTown(t), browser.Start(t)
	ctx, who := t.Context(), b.actor(t, access.Verifier)
	r, err := b.Runs.Create(ctx, who, runs.NewRun{Kind: "match", Tenant: b.Places.TenantOf(ambon), Area: ambon, Settings: map[string]any{}})
	if err == nil {
		r, err = b.Runs.Look(ctx, who, r.Tenant, r.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.altered(t, `UPDATE run SET state = 'approved', created_by = $1 WHERE id = $2`, sqldb.NewID(), r.ID)
	if _, _, err := b.Runs.Step(ctx, r.Tenant, r.ID); !runs.IsHalted(err) {
		t.Fatalf("stepped: %v", err)
	}
	path := "/pekerjaan/" + itoa(r.Tenant) + "-" + r.ID.String()
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		if page.Go(b.url + "/"); !strings.Contains(page.Text("main"), "Lanjutkan atau hentikan "+r.Number) {
			t.Errorf("%s: the home page says %s", view.name, page.Text("main"))
		}
		page.FitForUse()
		page.Go(b.url + path)
		page.FitForUse()
		picture(page, "pekerjaan-tertahan-"+view.name)
		if text := page.Text("main"); !strings.Contains(text, "Pekerjaan ini tertahan") || page.Count(`button[value=take_over]`) != 1 || page.Count(`button[value=cancel]`) != 1 {
			t.Errorf("%s: %s", view.name, text)
		}
	}
	auditor := b.signIn(t, chromium, access.Auditor, browser.Reader{Width: 1280, Height: 900})
	if auditor.Go(b.url + path); auditor.Count(`button[value=take_over]`) != 0 || !strings.Contains(auditor.Text("main"), "tertahan") {
		t.Errorf("an auditor: %s", auditor.Text("main"))
	}
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + path)
	page.Follow(`button[value=take_over]`)
	done, err := b.Runs.Drive(ctx, r.Tenant, r.ID, nil)
	if err != nil || done.State != runs.Done || done.Actor() != sqldb.ID(who.ID) || b.audited(t, "run.halt") != 1 || b.audited(t, "run.take_over") != 1 {
		t.Errorf("taken over: %s for %s, %v", done.State, done.Actor(), err)
	}
}
