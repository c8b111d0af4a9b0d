package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestABatchIsPreviewedApprovedAndUndone: the verifier sees what a batch would do, the head of the agency approves it, the
// surest are mended and match, and the head takes it back.
func TestABatchIsPreviewedApprovedAndUndone(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/padan/massal")
		page.FitForUse()
		picture(page, view.name+"-massal")
	}
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan")
	page.Follow("main a[href='/padan/massal']")
	page.Follow("section[aria-labelledby=massal] button")
	for _, want := range []string{"Akan diperbaiki", "Nama: ejaan berbeda", "•"} {
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("the preview does not say %q: %s", want, page.Text("main"))
		}
	}
	looked := b.signIn(t, chromium, access.Verifier, readers()[0].r)
	looked.Go(page.URL())
	looked.FitForUse()
	picture(looked, "massal-pratinjau")
	page.Follow("section[aria-labelledby=tindakan] button[value=submit]")
	run := b.shown(t, "mend")
	if run.State != runs.Awaiting {
		t.Fatalf("the batch is %s", run.State)
	}
	wrong := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`)
	if page.Count("button[value=approve]") != 0 {
		t.Error("its maker may approve it")
	}
	if text := page.Text("section[aria-labelledby=tindakan]"); !strings.Contains(text, "Menunggu persetujuan kepala dinas") {
		t.Errorf("its maker is not told whom it waits for: %s", text)
	}
	head := b.signIn(t, chromium, access.AgencyHead, readers()[0].r)
	head.Go(page.URL())
	head.FitForUse()
	picture(head, "massal-persetujuan")
	if text := head.Text("section[aria-labelledby=tindakan]"); !strings.Contains(text, "Setelah Anda setujui") || !strings.Contains(text, "orang diganti menurut data kependudukan") {
		t.Errorf("the head is not told what a yes does: %s", text)
	}
	if maker := b.nameOf(t, access.Verifier); !strings.Contains(head.Text("section[aria-labelledby=jejak]"), maker) {
		t.Errorf("the head does not read who made it: %s", head.Text("section[aria-labelledby=jejak]"))
	}
	done := b.finished(t, run)
	if n := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`); done.Tally["mended"] == 0 || n != wrong-done.Tally["mended"] {
		t.Errorf("%d do not match, %d before; the batch says %v", n, wrong, done.Tally)
	}
	if n := b.number(t, `SELECT count(*) FROM person_history h JOIN run_item i ON i.kabkota = h.kabkota AND i.subject_id = h.id WHERE i.run_id = $1 AND i.outcome = 'mended'`, run.ID); n != done.Tally["mended"] {
		t.Errorf("%d rows of history for %d repairs", n, done.Tally["mended"])
	}
	if b.audited(t, "mend.chunk") == 0 {
		t.Error("nothing of it is in the log")
	}
	if _, err := b.Runs.Undo(t.Context(), b.actor(t, access.AgencyHead), run.Tenant, run.ID); err != nil {
		t.Fatal(err)
	}
	if back := b.finished(t, run); back.State != runs.Undone {
		t.Fatalf("it is %s", back.State)
	}
	if n := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`); n != wrong {
		t.Errorf("%d do not match after the undo, %d before", n, wrong)
	}
}

// TestTheHeadRefusesABatch: the head says why, keeps what she typed where it does not do, and the verifier reads it; no record changed.
func TestTheHeadRefusesABatch(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan/massal")
	page.Follow("section[aria-labelledby=massal] button")
	page.Follow("section[aria-labelledby=tindakan] button[value=submit]")
	if page.Count("button[value=refuse]") != 0 {
		t.Error("its maker may refuse it")
	}
	wrong := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`)
	head := b.signIn(t, chromium, access.AgencyHead, readers()[0].r)
	head.Go(page.URL())
	head.Click("section[aria-labelledby=tolak] summary")
	head.FitForUse()
	picture(head, "tolak-1280")
	head.Fill("textarea[name=reason]", "NIK 8171011204800003 belum diperiksa")
	head.Follow("button[value=refuse]")
	if head.Status != http.StatusUnprocessableEntity || !strings.Contains(head.Text("main"), "Hapus nomor panjang") {
		t.Fatalf("%d: %s", head.Status, head.Text("main"))
	}
	head.Until("document.querySelector('textarea[name=reason]').value.includes('belum diperiksa')")
	head.WellFormed()
	head.NoOverflow()
	head.Accessible()
	head.Fill("textarea[name=reason]", "Dua kelurahan belum diperiksa.")
	head.Follow("button[value=refuse]")
	run := b.shown(t, "mend")
	if run.State != runs.Refused || b.audited(t, "run.refuse") != 1 {
		t.Fatalf("the batch is %s, %d in the log", run.State, b.audited(t, "run.refuse"))
	}
	for _, view := range readers() {
		p := b.signIn(t, chromium, access.Verifier, view.r)
		p.Go(page.URL())
		p.FitForUse()
		picture(p, view.name+"-ditolak")
		if text := p.Text("main"); !strings.Contains(text, "Dua kelurahan belum diperiksa.") || !strings.Contains(text, b.nameOf(t, access.AgencyHead)) || p.Count("section[aria-labelledby=tindakan] button") != 0 {
			t.Errorf("its maker reads %s", text)
		}
	}
	if n := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`); n != wrong {
		t.Errorf("%d do not match after the refusal, %d before", n, wrong)
	}
}

// shown gives the latest run of a kind as it is.
func (b *town) shown(t *testing.T, kind string) runs.Run {
	t.Helper()
	r := b.latestRun(t, kind)
	r, err := b.Runs.Show(t.Context(), b.actor(t, access.Verifier), r.Tenant, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSuggestionsAreLookedForAgain: whoever may match starts the search from the page; an operator does not find the button,
// and is refused.
func TestSuggestionsAreLookedForAgain(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan/massal")
	page.Click("section[aria-labelledby=saran] summary")
	page.Follow("section[aria-labelledby=saran] button")
	run := b.shown(t, "suggest")
	if !strings.HasSuffix(page.URL(), run.ID.String()) || run.State != runs.Approved {
		t.Fatalf("%s shows a run that is %s", page.URL(), run.State)
	}
	if done := b.finished(t, run); done.Tally["persons"] == 0 || b.number(t, `SELECT count(*) FROM match_suggestion`) != done.Tally["persons"] {
		t.Errorf("the run says %v", done.Tally)
	}
	page = b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + "/padan/massal")
	if page.Status != http.StatusOK || page.Count("#saran") != 0 {
		t.Errorf("an operator sees the search: %d", page.Status)
	}
	page = b.signIn(t, chromium, access.PaymentOfficer, plain())
	page.Go(b.url + "/padan/massal")
	if page.Status != http.StatusForbidden {
		t.Errorf("a payment officer sees the page of batches: %d", page.Status)
	}
}

// TestWhoIsEnrolledIsLeftToTheOperator holds that a batch leaves alone who is enrolled, from the page on.
func TestWhoIsEnrolledIsLeftToTheOperator(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	b.frozen(t, b.drafted(t).ID)
	path := b.mismatch(t, "g.cause IN ('name_spelling', 'name_short', 'birth_digit', 'birth_swapped')")
	id, err := sqldb.ParseID(strings.TrimPrefix(path, fmt.Sprintf("/padan/%d-", b.Places.TenantOf(ambon))))
	if err != nil {
		t.Fatal(err)
	}
	b.altered(t, `UPDATE enrolment SET family_id = (SELECT family_id FROM person WHERE id = $1) WHERE id = (SELECT min(id) FROM enrolment WHERE state = 1)`, id)
	settings, err := b.Suggestions.Batch(ambon)
	if err != nil {
		t.Fatal(err)
	}
	run := b.worked(t, access.Verifier, runs.NewRun{Kind: "mend", Settings: settings})
	if n := b.number(t, `SELECT count(*) FROM person_history WHERE id = $1`, id); n != 0 || run.Tally["mend_paid"] == 0 {
		t.Errorf("%d changes of somebody who is enrolled; the batch says %v", n, run.Tally)
	}
}
