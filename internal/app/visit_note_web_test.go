package app

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// TestAVisitToARegisteredFamilyIsNoted: from the family's page the operator notes a visit; what is missing is told beside its field;
// details to mend lead on to the members' pages and a move to the proposal; the family's page tells the visits, to every reader of it.
func TestAVisitToARegisteredFamilyIsNoted(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	card, at := b.familyIn(t, b.people[access.Operator].Area)
	if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error { // one who does not match, beside those who do
		_, err := tx.Exec(t.Context(), `UPDATE person SET match_status = 2 WHERE kabkota = $1 AND id = $2`, int64(card.Family.Tenant), card.Members[1].ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	page := b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + at)
	page.Follow(`main a[href="` + at + `/kunjungan"]`)
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#visit_on-error") != 1 || b.number(t, `SELECT count(*) FROM family_visit WHERE kabkota > 0`) != 0 {
		t.Fatalf("a visit without a day: %d %s", page.Status, page.Text("main"))
	}
	day := b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-2)
	note := func(outcome, met, words string) {
		t.Helper()
		page.Go(b.url + at + "/kunjungan")
		page.Fill("#visit_on", strconv.Itoa(day.Day()))
		page.Fill("#visit_on-month", strconv.Itoa(int(day.Month())))
		page.Fill("#visit_on-year", strconv.Itoa(day.Year()))
		browser.Eval[bool](page, `document.querySelector('input[name=outcome][value=`+outcome+`]').click() || true`)
		page.Fill("#met", met)
		page.Fill("#note", words)
		page.Follow("main form button")
	}
	note("to_mend", "", "")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#met-error") != 1 || page.Count("input[name=outcome][value=to_mend]:checked") != 1 {
		t.Fatalf("nobody met: %d %s", page.Status, page.Text("main"))
	}
	note("to_mend", "Ina Contoh, tetangga", "Nama anak kedua berbeda")
	if !strings.Contains(page.URL(), "hasil=to_mend") || strings.Contains(page.URL(), "Ina") {
		t.Errorf("it leads to %s", page.URL())
	}
	for i, m := range card.Members {
		if ways := page.Count(`main a[href="/padan/` + itoa(m.Tenant) + "-" + m.ID.String() + `"]`); (ways == 1) != (i == 1) {
			t.Errorf("%d ways to mend member %d: %s", ways, i, page.Text("main"))
		}
	}
	if !strings.Contains(page.Text("main"), "Anggota yang sudah padan tidak diubah di sini") {
		t.Errorf("what becomes of who matches is not said: %s", page.Text("main"))
	}
	note("moved", "Pak RT", "Ke Passo, kata ketua RT")
	if page.Count(`main a[href^="/usulan/ajukan?"][href*="jenis=`+string(proposal.Removal)+`"]`) != 1 {
		t.Errorf("no proposal for who moved: %s", page.Text("main"))
	}
	for role, sees := range map[access.Role]int{access.Operator: 1, access.Verifier: 1, access.AgencyHead: 0} {
		reader := b.signIn(t, chromium, role, plain())
		reader.Go(b.url + at)
		text := reader.Text("section[aria-labelledby=kunjungan]")
		if !strings.Contains(text, "Sudah pindah") || !strings.Contains(text, "Ada data yang perlu diperbaiki") || !strings.Contains(text, "Ke Passo, kata ketua RT") || !strings.Contains(text, "Ina Contoh, tetangga") {
			t.Errorf("%s reads of the visits: %s", role, text)
		}
		if n := reader.Count(`main a[href="` + at + `/kunjungan"]`); n != sees {
			t.Errorf("%s has %d ways to note a visit", role, n)
		}
	}
	if b.audited(t, "visit.note") != 2 {
		t.Errorf("%d visits in the log", b.audited(t, "visit.note"))
	}
	for _, view := range readers() {
		looked := b.signIn(t, chromium, access.Operator, view.r)
		for name, path := range map[string]string{"catat": at + "/kunjungan", "dicatat": at + "/kunjungan?hasil=to_mend", "keluarga": at} {
			looked.Go(b.url + path)
			looked.FitForUse()
			picture(looked, "kunjungan-"+name+"-"+view.name)
		}
	}
}
