package app

import (
	"net/http"
	"strconv"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

func itoa(n area.Tenant) string { return strconv.FormatInt(int64(n), 10) }

func TestAPairIsComparedAndDecided(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	if b.number(t, `SELECT count(*) FROM link_pair WHERE state = 'open'`) < 2 {
		t.Fatal("too few pairs to decide")
	}
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		for name, path := range map[string]string{"antrean": "/ganda", "kosong": "/ganda?status=merged"} {
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, "ganda-"+view.name+"-"+name)
		}
		page.Go(b.url + "/ganda")
		page.Follow("table td a")
		page.FitForUse()
		picture(page, "ganda-"+view.name+"-pasangan")
		page.Follow("section[aria-labelledby=gabung] button")
		page.FitForUse()
		picture(page, "ganda-"+view.name+"-pastikan")
	}
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/ganda")
	page.Follow("table td a")
	page.Follow("section[aria-labelledby=beda] button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(".error-summary a") != 1 {
		t.Errorf("a decision without a reason: %d", page.Status)
	}
	page.Accessible()
	page.NoOverflow()
	page.Click("#reason")
	page.Follow("section[aria-labelledby=beda] button")
	if b.number(t, `SELECT count(*) FROM link_pair WHERE state = 'distinct'`) != 1 || b.audited(t, "duplicate.distinct") == 0 {
		t.Error("the pair is not held apart")
	}
	page.Go(b.url + "/ganda")
	page.Follow("table td a")
	page.Follow("section[aria-labelledby=gabung] button")
	page.Follow("section[aria-labelledby=gabung] button")
	if b.number(t, `SELECT count(*) FROM merge`) != 1 || b.audited(t, "duplicate.merge") == 0 {
		t.Errorf("nothing merged: %s", page.Text("main"))
	}
	page.FitForUse()
	picture(page, "ganda-digabung")
	page.Follow("section[aria-labelledby=putusan] button")
	if b.audited(t, "duplicate.undo")+b.audited(t, "duplicate.refuse") == 0 {
		t.Error("the merge is not taken back")
	}
	manager := b.signIn(t, chromium, access.ProgrammeManager, browser.Reader{Width: 1280, Height: 900})
	manager.Go(b.url + "/ganda")
	if manager.Status != http.StatusForbidden {
		t.Errorf("a programme manager reviews pairs: %d", manager.Status)
	}
}
