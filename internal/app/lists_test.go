package app

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/grievance"
	"tepat/internal/testkit/browser"
)

// TestAListTellsHowManyAndIsFoundAgain: the foot of a list says how many rows there are in all, also where the list is
// narrowed; the page of a row leads back to the list as it was, with its filter and its place, and nothing of a person
// stands in the address.
func TestAListTellsHowManyAndIsFoundAgain(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	for query, where := range map[string]string{"": "", "?padan=tidak": " AND unmatched > 0", "?desil=tanpa": " AND decile = 0", "?wilayah=81.71.01": " AND area_code BETWEEN 8171010000 AND 8171019999"} {
		all := b.number(t, `SELECT count(*) FROM family WHERE state = 1`+where)
		page.Go(b.url + "/keluarga" + query)
		if got, want := page.Text(".pager p"), fmt.Sprintf("Menampilkan 20 dari %d baris", all); all > 20 && got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	page.Go(b.url + "/keluarga")
	page.Follow(`.pager-sizes a[href*="baris=50"]`)
	if got := page.Count("main tbody tr"); got != 50 || !strings.HasPrefix(page.Text(".pager p"), "Menampilkan 50 dari ") {
		t.Errorf("%d rows of 50: %s", got, page.Text(".pager p"))
	}
	browser.Eval[bool](page, `document.querySelector(".filter select[name=padan]").value = "tidak", true`)
	page.Follow(".filter button")
	if got := page.URL(); !strings.Contains(got, "baris=50") || !strings.Contains(got, "padan=tidak") {
		t.Errorf("the filter leads to %s: it should keep 50 rows", got)
	}
	page.Follow("main tbody a")
	parts := page.Count(".contents a")
	if broken := browser.Eval[int](page, `[...document.querySelectorAll(".contents a")].filter(a => !document.getElementById(a.hash.slice(1))).length`); parts < 5 || broken != 0 {
		t.Errorf("of %d parts of the page %d are not there", parts, broken)
	}
	page.Go(b.url + "/keluarga?padan=tidak")
	page.Follow(".pager a[rel=next]")
	second := page.URL()
	if got := page.Text(".pager p"); !strings.Contains(second, "sesudah=") || !strings.Contains(got, " dari ") {
		t.Fatalf("no second page: %s %q", second, got)
	}
	page.Follow("main tbody a")
	page.Follow(".back")
	if page.URL() != second {
		t.Errorf("back leads to %s, want %s", page.URL(), second)
	}
	page.Go(b.url + "/keluarga")
	page.Fill("#q", "Maria")
	page.Follow(".searchbox button")
	found := page.URL()
	if page.Count("main tbody a") > 0 {
		page.Follow("main tbody a")
		page.Follow(".back")
	}
	if page.URL() != found || strings.Contains(strings.ToLower(found), "maria") {
		t.Errorf("the search is found again at %s, was %s", page.URL(), found)
	}
	other := b.signIn(t, chromium, access.Verifier, plain())
	other.Go(b.url + "/keluarga/" + strings.TrimPrefix(b.someFamily(t), "/keluarga/"))
	other.Follow(".back")
	if other.URL() != b.url+"/keluarga" {
		t.Errorf("another session is led to %s", other.URL())
	}
}

// someFamily gives the page of a family.
func (b *town) someFamily(t *testing.T) string {
	t.Helper()
	w := &walk{town: b, t: t, at: map[string]string{}}
	w.record(t, "family", "/keluarga/", `SELECT id FROM family ORDER BY id LIMIT 1`)
	return w.at["family"]
}

// TestAnAnswerAndARepairLeadToTheNext: who has answered a complaint goes on to the next of hers, and who has dealt with a
// failed payment to the next that failed, back to the queue she came from.
func TestAnAnswerAndARepairLeadToTheNext(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	village := b.people[access.Operator].Area
	for range 2 {
		b.complain(t, village, grievance.Data)
	}
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/pengaduan?tab=new&jenis=complaint")
	page.Follow("main tbody a")
	first := page.Text("h1")
	page.Follow("section[aria-labelledby=langkah-assign] button")
	if page.Count(".notice-good a") != 0 {
		t.Errorf("who took a case is led away from it: %s", page.Text("main"))
	}
	page.Fill("#answer_note", "Nama sudah diperbaiki di kantor kami.")
	page.Follow("section[aria-labelledby=langkah-answer] button")
	page.Follow(".notice-good a[href^='/pengaduan/']")
	if page.Text("h1") == first || page.Count("section[aria-labelledby=langkah-assign]") != 1 {
		t.Errorf("no next case: %s", page.Text("main"))
	}
	page.Follow(".back")
	if page.URL() != b.url+"/pengaduan?tab=new&jenis=complaint" {
		t.Errorf("back leads to %s", page.URL())
	}

	c := b.entitled(t)
	b.ordered(t, c)
	b.answers(t, c)
	waiting := b.number(t, `SELECT count(*) FROM payment WHERE repair = 'open'`)
	if waiting < 2 {
		t.Fatalf("%d failed payments", waiting)
	}
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	officer.Go(b.url + "/penyaluran/gagal?wilayah=81.71")
	officer.Follow("main tbody a")
	one := officer.URL()
	officer.Click("input[name=what][value=visit]")
	officer.Fill("#tangani_note", "Sudah dikunjungi")
	officer.Follow("section[aria-labelledby=tangani] button")
	officer.Follow(".notice-good a[href*='/baris/']")
	if officer.URL() == one || officer.Count("section[aria-labelledby=tangani]") != 1 {
		t.Errorf("no next payment: %s", officer.Text("main"))
	}
	officer.Follow(".back")
	if officer.URL() != b.url+"/penyaluran/gagal?wilayah=81.71" {
		t.Errorf("back leads to %s", officer.URL())
	}
	officer.Go(b.url + stageAt(c) + "/baris")
	all := b.number(t, `SELECT count(*) FROM payment`)
	if got := officer.Text(".pager p"); got != fmt.Sprintf("Menampilkan 20 dari %d baris", all) {
		t.Errorf("%q of %d payments", got, all)
	}
}
