package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// TestAnOfficeNotesItsHours has the administrator note the hours of an office and an official's NIK by keyboard and pointer; the
// auditor reads both where she is asked about a look. Who administers nothing gets in nowhere.
func TestAnOfficeNotesItsHours(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Admin, view.r)
		page.Go(b.url + "/pengguna")
		page.Follow(`main a[href="/jam-kerja"]`)
		page.FitForUse()
		picture(page, "jam-kerja-"+view.name)
		page.Go(b.url + "/pengguna/" + sqldb.ID(b.people[access.Operator].ID).String())
		page.FitForUse()
	}
	page := b.signIn(t, chromium, access.Admin, plain())
	page.Go(b.url + "/jam-kerja")
	page.Fill("#from_day-year", "2026")
	page.Follow("section[aria-labelledby=catat] form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(".error-summary") != 1 || browser.Eval[string](page, `document.getElementById("from_day-year").value`) != "2026" {
		t.Fatalf("without a date: %d %s", page.Status, page.Text("main"))
	}
	village := b.people[access.Operator].Area
	browser.Eval[bool](page, `(document.getElementById("area").value = "`+village.Dotted()+`", true)`)
	for field, text := range map[string]string{"#from": "6", "#to": "20", "#from_day": "1", "#from_day-month": "1", "#from_day-year": "2026", "#basis": "SK Kepala Dinas 12/2026"} {
		page.Fill(field, text)
	}
	page.Follow("section[aria-labelledby=catat] form button")
	if text := page.Text("section[aria-labelledby=jam]"); !strings.Contains(text, "SK Kepala Dinas 12/2026") || !strings.Contains(text, "6.00–20.00") || b.audited(t, "office.hours") != 1 {
		t.Fatalf("noted: %s", page.Text("main"))
	}
	if n := b.number(t, `SELECT count(*) FROM office_hours WHERE kabkota = 8171 AND area_code = $1 AND days = '12345' AND from_hour = 6 AND to_hour = 20 AND valid_to = ''`, int64(village)); n != 1 {
		t.Errorf("%d lines kept", n)
	}

	// The operator's NIK: she is of a family of her village.
	operator := sqldb.ID(b.people[access.Operator].ID)
	card, path := b.familyIn(t, village)
	page.Go(b.url + "/pengguna/" + operator.String())
	page.Fill("#nik", "123")
	page.Follow("section[aria-labelledby=nik-petugas] form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#nik-error") != 1 {
		t.Fatalf("no NIK: %d %s", page.Status, page.Text("main"))
	}
	var own string
	for _, m := range card.Members {
		if !m.NIK.IsZero() {
			own = m.NIK.Plain()
			break
		}
	}
	page.Fill("#nik", own)
	page.Follow("section[aria-labelledby=nik-petugas] form button")
	if text := page.Text("section[aria-labelledby=akun]"); !strings.Contains(text, "Diketahui") || strings.Contains(page.Text("main"), own) || b.audited(t, "account.nik") != 1 {
		t.Errorf("noted: %s", text)
	}
	reader := b.signIn(t, chromium, access.Operator, plain())
	reader.Go(b.url + path)
	if _, err := b.looks().Watch(t.Context(), b.Acts.Now()); err != nil {
		t.Fatal(err)
	}
	if n := b.number(t, `SELECT count(*) FROM unusual_look WHERE kabkota = 8171 AND rule = 'own_kin' AND actor_id = $1`, operator); n != 1 {
		t.Errorf("%d looks at her own kin were found", n)
	}
	// A look at night, as the auditor sees it.
	b.altered(t, `INSERT INTO unusual_look (kabkota, id, rule, day, subject_key, actor_id, subject, area_code, first_at, last_at, n, bound, seen_at, seen_n, note, recorded_at, act_id)
		SELECT kabkota, act_id, 'outside_hours', day, 'uji', actor_id, NULL, area_code, first_at, last_at, 6, 5, 0, 0, '', recorded_at, act_id FROM unusual_look WHERE rule = 'own_kin'`)
	auditor := b.signIn(t, chromium, access.Auditor, plain())
	for rule, words := range map[string]string{"own_kin": "NIK petugas", "outside_hours": "SK Kepala Dinas 12/2026"} {
		auditor.Go(b.url + "/audit/akses?aturan=" + rule)
		auditor.Follow("main tbody a")
		if !strings.Contains(auditor.Text("main"), words) {
			t.Errorf("%s: %s", rule, auditor.Text("main"))
		}
		picture(auditor, "akses-"+rule)
	}
	if auditor.Go(b.url + "/jam-kerja"); auditor.Status != http.StatusForbidden {
		t.Errorf("the auditor at the hours: %d", auditor.Status)
	}
	page.Go(b.url + "/pengguna/" + operator.String())
	page.Follow("section[aria-labelledby=nik-petugas] form button")
	if !strings.Contains(page.Text("section[aria-labelledby=akun]"), "Belum dicatat") {
		t.Errorf("not forgotten: %s", page.Text("main"))
	}
}
