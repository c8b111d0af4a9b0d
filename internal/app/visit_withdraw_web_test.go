package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/visits"
	"tepat/internal/testkit/browser"
)

// TestAVisitIsWithdrawnOnItsPage: from the family's visits who entered one takes it back, for a reason that is asked for; every reader sees
// it struck through, with who, when and why in words, and nobody is offered to take it back again.
func TestAVisitIsWithdrawnOnItsPage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	card, at := b.familyIn(t, b.people[access.Operator].Area)
	s, operator := visits.New(b.Acts, b.Keys, b.Registry, b.Places), b.actor(t, access.Operator)
	made := func(who access.Actor, days int, note string) string {
		t.Helper()
		v := visits.Visit{ID: sqldb.NewID(), On: b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-days), By: "Petugas Contoh", Met: "Ina Contoh", Outcome: visits.ToMend, Note: note}
		if err := s.Note(t.Context(), who, card.Family.Tenant, card.Family.ID, v); err != nil {
			t.Fatal(err)
		}
		return at + "/kunjungan/" + v.ID.String() + "/tarik"
	}
	wrong, theirs := made(operator, 2, "Nama anak berbeda"), made(b.actor(t, access.Verifier), 1, "Alamat berbeda")
	page := b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + at)
	if own, others := page.Count(`main a[href="`+wrong+`"]`), page.Count(`main a[href="`+theirs+`"]`); own != 1 || others != 0 || page.Count("#kunjungan ~ * del") != 0 {
		t.Fatalf("the operator has %d ways for her own visit, %d for the office's", own, others)
	}
	page.Follow(`main a[href="` + wrong + `"]`)
	page.Follow("main form button.danger")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#reason-error") != 1 || b.number(t, `SELECT count(*) FROM visit_withdrawal WHERE kabkota > 0`) != 0 {
		t.Fatalf("a withdrawal without a reason: %d %s", page.Status, page.Text("main"))
	}
	b.picturesOf(t, chromium, map[string]string{"tarik": wrong})
	page.Fill("#reason", "Dicatat untuk keluarga yang salah")
	page.Follow("main form button.danger")
	if strings.Contains(page.URL(), "salah") || b.audited(t, "visit.withdraw") != 1 {
		t.Errorf("it leads to %s, with %d acts", page.URL(), b.audited(t, "visit.withdraw"))
	}
	for _, role := range []access.Role{access.Operator, access.Verifier, access.AgencyHead} {
		reader := b.signIn(t, chromium, role, plain())
		reader.Go(b.url + at)
		text := reader.Text("section[aria-labelledby=kunjungan]")
		for _, said := range []string{"Ditarik", "oleh " + operator.Name + ": Dicatat untuk keluarga yang salah", "Nama anak berbeda", "Alamat berbeda"} {
			if !strings.Contains(text, said) {
				t.Errorf("%s does not read %q of the visits: %s", role, said, text)
			}
		}
		if n := reader.Count("section[aria-labelledby=kunjungan] del"); n != 5 {
			t.Errorf("%s sees %d struck values", role, n)
		}
		if reader.Count(`main a[href="`+wrong+`"]`) != 0 || (reader.Count(`main a[href="`+theirs+`"]`) == 1) != (role == access.Verifier) {
			t.Errorf("%s is offered to withdraw what she may not: %s", role, text)
		}
	}
	page.Go(b.url + wrong)
	if page.Status != http.StatusConflict {
		t.Errorf("the page of a withdrawn visit: %d %s", page.Status, page.Text("main"))
	}
	b.picturesOf(t, chromium, map[string]string{"ditarik": at})
}

// picturesOf looks at pages as every reader of the office would, and keeps pictures of them where they are wanted.
func (b *town) picturesOf(t *testing.T, chromium *browser.Browser, pages map[string]string) {
	t.Helper()
	for _, view := range readers() {
		looked := b.signIn(t, chromium, access.Operator, view.r)
		for name, path := range pages {
			looked.Go(b.url + path)
			looked.FitForUse()
			picture(looked, "kunjungan-"+name+"-"+view.name)
		}
	}
}
