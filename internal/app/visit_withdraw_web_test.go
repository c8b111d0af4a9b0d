package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
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

// TestACitizenReadsTheVisitsToHerFamily on her own page: the day and what was found, no name and no words of the officer's, and nothing of a
// visit that was withdrawn.
func TestACitizenReadsTheVisitsToHerFamily(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	site, chromium := b.openToCitizens(t), browser.Start(t)
	nik, code, _ := b.coded(t, chromium, readers()[0].r)
	s, operator := visits.New(b.Acts, b.Keys, b.Registry, b.Places), b.actor(t, access.Operator)
	page := chromium.Open(t, site+"/saya/masuk", browser.Reader{Width: 390, Height: 844})
	page.Fill("#nik", nik)
	page.Fill("#access_code", strings.ToLower(code))
	page.Follow("main form button")
	if text := page.Text("section[aria-labelledby=kunjungan]"); !strings.Contains(text, "Belum ada kunjungan") {
		t.Errorf("before any visit: %s", text)
	}
	tenant, family := b.Places.TenantOf(ambon), b.familyBearing(t, nik)
	for i, outcome := range []visits.Outcome{visits.Moved, visits.ToMend} {
		v := visits.Visit{ID: sqldb.NewID(), On: b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-2 - i), By: "Petugas Contoh", Met: "Tetangga Contoh", Outcome: outcome, Note: "Kata ketua RT"}
		if err := s.Note(t.Context(), operator, tenant, family, v); err != nil {
			t.Fatal(err)
		}
		if outcome != visits.Moved {
			continue
		}
		if err := s.Withdraw(t.Context(), operator, tenant, family, v.ID, "Salah keluarga"); err != nil {
			t.Fatal(err)
		}
	}
	page.Go(site + "/saya")
	text := page.Text("section[aria-labelledby=kunjungan]")
	if !strings.Contains(text, "Ada data yang perlu diperbaiki") || strings.Contains(text, "pindah") || strings.Contains(text, "Contoh") || strings.Contains(text, "ketua RT") || strings.Contains(text, "Salah") {
		t.Errorf("she reads of the visits: %s", text)
	}
	page.FitForUse()
	picture(page, "kunjungan-warga-390")
}

// familyBearing gives the family of who bears a NIK.
func (b *town) familyBearing(t *testing.T, nik string) (family sqldb.ID) {
	t.Helper()
	n, err := person.ParseNIK(nik)
	if err != nil {
		t.Fatal(err)
	}
	hash := b.Registry.NIKHash(n)
	held, err := b.Registry.HoldersIn(t.Context(), b.DB.Direct(), []sqldb.Hash{hash})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT family_id FROM person WHERE kabkota = $1 AND id = $2`, int64(b.Places.TenantOf(ambon)), held[hash].PersonID).Scan(&family); err != nil {
		t.Fatal(err)
	}
	return family
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
