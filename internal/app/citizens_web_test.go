package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/httpkit"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/testkit/browser"
)

// openToCitizens serves the citizens' site of a town and gives its address.
func (b *town) openToCitizens(t *testing.T) string {
	t.Helper()
	handler, err := b.citizens(context.WithoutCancel(t.Context()), "", false, httpkit.Proxies{})
	if err != nil {
		t.Fatal(err)
	}
	return listening(t, handler)
}

// resident gives somebody of the operator's village whom the registry knows with her card.
func (b *town) resident(t *testing.T) (person.NIK, person.KK) {
	t.Helper()
	who := b.actor(t, access.Operator)
	list, err := b.Registry.List(t.Context(), who, registry.Filter{Area: b.people[access.Operator].Area, Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		card, err := b.Registry.Open(t.Context(), who, f.Tenant, f.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range card.Members {
			if !m.NIK.IsZero() && m.State == registry.Active && f.Unmatched == 0 {
				return m.NIK, f.KK
			}
		}
	}
	t.Fatal("nobody lives in the village")
	return person.NIK{}, person.KK{}
}

var caseNumber = regexp.MustCompile(`[AU]-20\d\d-\d{5}`)

// bare wants what every page of the citizens' site is: no script, no cookie, nothing inline.
func bare(t *testing.T, page *browser.Page) {
	t.Helper()
	page.NoOverflow()
	page.NothingInline()
	page.WellFormed()
	if page.Count("script") > 0 || browser.Eval[string](page, "document.cookie") != "" {
		t.Errorf("%s loads a script or keeps a cookie", page.URL())
	}
}

// TestACitizenReportsAndFollows sends a complaint without a name, is asked for more, is answered
// and is not content: all with the number and the code, in a browser without JavaScript.
func TestACitizenReportsAndFollows(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	chromium := browser.Start(t)
	page := chromium.Open(t, url+"/", browser.Reader{Width: 390, Height: 844, NoScript: true})
	page.Follow(`a[href="/lapor"]`)
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(".error-summary a") != 3 || b.number(t, `SELECT count(*) FROM grievance`) != 0 {
		t.Fatalf("an empty report: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	page.Click("input[name=topic][value=DATA]")
	page.Choose("#area", b.people[access.Operator].Area.Dotted())
	page.Fill("#text", "Nama saya salah satu huruf.")
	page.Click("input[name=unnamed]")
	page.Fill("#name", "Rahasia Sekali")
	page.Follow("main form button")
	bare(t, page)
	picture(page, "citizen-receipt")
	number := caseNumber.FindString(page.Text("main"))
	code := regexp.MustCompile(`(?s)Kode lacak\s+(\d{4})`).FindStringSubmatch(page.Text("main"))
	if page.Status != http.StatusOK || number == "" || code == nil {
		t.Fatalf("no receipt: %d %s", page.Status, page.Text("main"))
	}
	if b.number(t, `SELECT count(*) FROM grievance WHERE number = $1 AND state = 'RECEIVED'`, number) != 1 || b.audited(t, "grievance.file_self") != 1 {
		t.Fatalf("%s is not kept once", number)
	}
	path, _ := b.caseState(t, grievances.Complaint)

	follow := func(digits string) {
		page.Go(url + "/lacak")
		page.Fill("#number", strings.ToLower(number))
		page.Fill("#digits", digits)
		page.Follow("main form button")
	}
	wrong := fmt.Sprintf("%04d", (atoi(t, code[1])+1)%10000)
	follow(wrong)
	lost := page.Text("main")
	if page.Status != http.StatusNotFound {
		t.Fatalf("wrong digits: %d %s", page.Status, lost)
	}
	page.Go(url + "/lacak")
	page.Fill("#number", "A-2026-09999")
	page.Fill("#digits", wrong)
	page.Follow("main form button")
	if strings.ReplaceAll(page.Text(".error-summary"), "A-2026-09999", number) != func() string { follow(wrong); return page.Text(".error-summary") }() {
		t.Error("a number that is none is told from wrong digits")
	}

	operator := b.signIn(t, chromium, access.Operator, browser.Reader{NoScript: true})
	operator.Go(b.url + path)
	operator.Follow("section[aria-labelledby=langkah-assign] form button")
	operator.Fill("#ask_note", "Huruf yang mana?")
	operator.Follow("section[aria-labelledby=langkah-ask] form button")
	follow(code[1])
	if !strings.Contains(page.Text("main"), "Huruf yang mana?") || strings.Contains(page.Text("main"), b.actor(t, access.Operator).Name) {
		t.Fatalf("the question, or the officer's name: %s", page.Text("main"))
	}
	bare(t, page)
	picture(page, "citizen-asked")
	page.Follow("section[aria-labelledby=keterangan] button")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#words-error") != 1 {
		t.Fatalf("a reply without words: %d %s", page.Status, page.Text("main"))
	}
	page.Fill("#words", "Huruf terakhir.")
	page.Follow("section[aria-labelledby=keterangan] button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Assigned) || !strings.Contains(page.Text("main"), "Keterangan Anda diterima") {
		t.Fatalf("%s: %s", state, page.Text("main"))
	}
	operator.Go(b.url + path)
	operator.Fill("#answer_note", "Sudah diperbaiki.")
	operator.Follow("section[aria-labelledby=langkah-answer] form button")
	follow(code[1])
	picture(page, "citizen-answered")
	page.Fill("#words", "Belum, masih salah.")
	page.Follow("section[aria-labelledby=buka] button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Escalated) {
		t.Fatalf("reopened: %s %s", state, page.Text("main"))
	}
	for _, action := range []string{"grievance.inform", "grievance.reopen"} {
		if n := b.audited(t, action); n != 1 {
			t.Errorf("%s stands %d times in the log", action, n)
		}
	}
}

func atoi(t *testing.T, text string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestACitizenObjectsWithProof sends an objection: who cannot prove who she is learns nothing, and
// a form sent again is one objection.
func TestACitizenObjectsWithProof(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	nik, kk := b.resident(t)
	stranger, _ := newcomer(t, b, 31)
	page := browser.Start(t).Open(t, url+"/sanggah", browser.Reader{Width: 1280, Height: 900, NoScript: true})
	bare(t, page)
	page.Follow(`a[href="/sanggah?tentang=keluarga"]`)
	fill := func(nik, last6 string) {
		page.Choose("#area", b.people[access.Operator].Area.Dotted())
		page.Fill("#target", "Rumah tingkat di RT 001")
		page.Fill("#text", "Punya dua mobil.")
		page.Fill("#nik", nik)
		page.Fill("#last6", last6)
		page.Follow("main form button")
	}
	fill(stranger, kk.Last6())
	unknown := page.Text(".error-summary")
	if page.Status != http.StatusForbidden || b.number(t, `SELECT count(*) FROM grievance`) != 0 {
		t.Fatalf("a stranger objects: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	fill(nik.Plain(), "000000")
	if page.Status != http.StatusForbidden || page.Text(".error-summary") != unknown {
		t.Errorf("a NIK that is known is told from one that is not: %q, %q", page.Text(".error-summary"), unknown)
	}
	fill(nik.Plain(), kk.Last6())
	first := page.Text("main")
	if page.Status != http.StatusOK || !strings.Contains(first, "Sanggahan diterima") || strings.Contains(first, nik.Plain()) {
		t.Fatalf("%d %s", page.Status, first)
	}
	if _, state := b.caseState(t, grievances.Objection); state != string(proposal.ObjectionFiled) || b.audited(t, "grievance.file_self") != 1 {
		t.Fatalf("%s, %d acts", state, b.audited(t, "grievance.file_self"))
	}
	page.Go(url + "/sanggah?tentang=wajah")
	if page.Status != http.StatusNotFound {
		t.Errorf("an objection to nothing: %d", page.Status)
	}
}

// TestAFamilyProposesItself fills in the form, looks the answers over, sends them twice, and follows.
func TestAFamilyProposesItself(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	nik, kk := newcomer(t, b, 41)
	b.register(t, nik, kk, "RINA CONTOH")
	chromium := browser.Start(t)
	page := chromium.Open(t, url+"/usul", browser.Reader{Width: 390, Height: 844, NoScript: true})
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(".error-summary a") < 5 {
		t.Fatalf("an empty form: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	page.Choose("#area", b.people[access.Operator].Area.Dotted())
	page.Fill("#address", "Jalan Contoh 12")
	page.Fill("#no_kk", kk)
	page.Fill("#members-0-name", "Rina Contoh")
	page.Fill("#members-0-nik", nik)
	page.Click("#members-0-sex-2")
	page.Fill("#members-0-birth_date", "17")
	page.Fill("#members-0-birth_date-month", "5")
	page.Fill("#members-0-birth_date-year", "1980")
	page.Follow("main form button")
	if page.Status != http.StatusOK || strings.Contains(page.Text("main"), nik) || b.number(t, `SELECT count(*) FROM proposal`) != 0 {
		t.Fatalf("looking over: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	picture(page, "citizen-check")
	page.Follow(`button[value="change"]`)
	if got := browser.Eval[string](page, `document.getElementById("address").value`); got != "Jalan Contoh 12" {
		t.Fatalf("the answers are gone: %q", got)
	}
	page.Follow("main form button")
	page.Follow(`button[value="send"]`)
	bare(t, page)
	picture(page, "citizen-sent")
	number := caseNumber.FindString(page.Text("main"))
	if page.Status != http.StatusOK || number == "" || b.number(t, `SELECT count(*) FROM proposal WHERE number = $1 AND state = 'SUBMITTED'`, number) != 1 {
		t.Fatalf("sent: %d %v %s", page.Status, b.states(t), page.Text("main"))
	}
	if b.audited(t, "proposal.file_self") != 1 {
		t.Errorf("%d acts in the log", b.audited(t, "proposal.file_self"))
	}
	page.Go(url + "/lacak")
	page.Fill("#number", number)
	page.Fill("#digits", nik[12:])
	page.Follow("main form button")
	bare(t, page)
	picture(page, "citizen-tracked")
	if page.Status != http.StatusOK || !strings.Contains(page.Text("main"), "Usulan mandiri diterima") {
		t.Fatalf("tracked: %d %s", page.Status, page.Text("main"))
	}
}

// TestCitizensPagesAreFitAndLight opens every page in each window and colour, and weighs it.
func TestCitizensPagesAreFitAndLight(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	chromium := browser.Start(t)
	paths := []string{"/", "/lapor", "/sanggah", "/sanggah?tentang=penolakan", "/sanggah?tentang=keluarga", "/sanggah?tentang=nik", "/lacak", "/usul", "/lapor?lang=en", "/sanggah?tentang=nik&lang=en"}
	for _, view := range readers() {
		page := chromium.Open(t, url+"/", view.r)
		for i, path := range paths {
			page.Go(url + path)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: %d", path, page.Status)
			}
			page.FitForUse()
			bare(t, page)
			picture(page, fmt.Sprintf("citizen-%s-%02d", view.name, i))
		}
	}
	for _, path := range paths {
		chromium.Open(t, url+path, browser.Reader{Width: 390, Height: 844, NoScript: true}).Within(browser.PublicBudget())
	}
}

// TestSendingMuchIsSlowedDown asks a sum after several sendings, and a right answer goes on.
func TestSendingMuchIsSlowedDown(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	page := browser.Start(t).Open(t, url+"/lapor", browser.Reader{NoScript: true})
	send := func() {
		page.Go(url + "/lapor")
		page.Click("input[name=topic][value=OTHER]")
		page.Choose("#area", b.people[access.Operator].Area.Dotted())
		page.Fill("#text", "Antrean panjang.")
	}
	for range 5 {
		send()
		page.Follow("main form button")
	}
	send()
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || b.number(t, `SELECT count(*) FROM grievance`) != 5 {
		t.Fatalf("the sixth goes through: %d, %d", page.Status, b.number(t, `SELECT count(*) FROM grievance`))
	}
	sum := regexp.MustCompile(`Berapa (\d) ditambah (\d)`).FindStringSubmatch(page.Text("main"))
	if sum == nil {
		t.Fatalf("no sum is asked: %s", page.Text("main"))
	}
	page.Fill("#answer", fmt.Sprint(atoi(t, sum[1])+atoi(t, sum[2])))
	page.Follow("main form button")
	if page.Status != http.StatusOK || b.number(t, `SELECT count(*) FROM grievance`) != 6 {
		t.Fatalf("after the sum: %d %s", page.Status, page.Text("main"))
	}
}

// TestAFamilyObjectsToItsRefusal objects with the number and digits of the letter; upheld, the
// proposal is taken up again, and the family sees it.
func TestAFamilyObjectsToItsRefusal(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	url := b.openToCitizens(t)
	row := b.filedAs(t, 45, proposal.Deliberated)
	nik, _ := newcomer(t, b, 45)
	d := proposals.One(row)
	d.Reason, d.Note, d.Paper = "able", "Memiliki dua rumah.", proposals.Paper{Name: "Laporan kunjungan"}
	if _, err := b.Proposals.Refuse(t.Context(), b.actor(t, access.Verifier), d); err != nil {
		t.Fatal(err)
	}
	chromium := browser.Start(t)
	page := chromium.Open(t, url+"/lacak", browser.Reader{Width: 390, Height: 844, NoScript: true})
	page.Fill("#number", row.Number)
	page.Fill("#digits", nik[12:])
	page.Follow("main form button")
	if text := page.Text("main"); !strings.Contains(text, "Ditolak") || !strings.Contains(text, "Memiliki dua rumah.") || strings.Contains(text, b.actor(t, access.Verifier).Name) {
		t.Fatalf("the refusal and its reason: %s", text)
	}
	picture(page, "citizen-refused")
	page.Follow(`a[href*="tentang=penolakan"]`)
	send := func(digits string) {
		page.Fill("#proposal", row.Number)
		page.Fill("#digits", digits)
		page.Fill("#text", "Rumah kedua milik kakak saya.")
		page.Follow("main form button")
	}
	wrong := fmt.Sprintf("%04d", (atoi(t, nik[12:])+1)%10000)
	if send(wrong); page.Status != http.StatusNotFound || b.number(t, `SELECT count(*) FROM grievance`) != 0 {
		t.Fatalf("somebody else objects: %d %s", page.Status, page.Text("main"))
	}
	if send(nik[12:]); page.Status != http.StatusOK {
		t.Fatalf("the family objects: %d %s", page.Status, page.Text("main"))
	}
	number := caseNumber.FindString(page.Text("main"))
	path, state := b.caseState(t, grievances.Objection)
	if state != string(proposal.ObjectionFiled) || b.audited(t, "grievance.file_self") != 1 {
		t.Fatalf("%s as %s", number, state)
	}
	verifier := b.signIn(t, chromium, access.Verifier, browser.Reader{NoScript: true})
	verifier.Go(b.url + path)
	verifier.Follow("section[aria-labelledby=langkah-assign] form button")
	verifier.Fill("#decide_note", "Kepemilikan rumah kedua terbukti bukan atas nama keluarga ini.")
	verifier.Follow(`section[aria-labelledby=langkah-decide] form button[formaction$="/uphold"]`)
	if _, state := b.caseState(t, grievances.Objection); state != string(proposal.ObjectionUpheld) || b.states(t)[0] != string(proposal.InitialList) {
		t.Fatalf("upheld: %s, %v %s", state, b.states(t), verifier.Text("main"))
	}
	code := regexp.MustCompile(`(?s)Kode lacak\s+(\d{4})`).FindStringSubmatch(page.Text("main"))
	if code == nil {
		t.Fatalf("no code: %s", page.Text("main"))
	}
	page.Go(url + "/lacak")
	page.Fill("#number", number)
	page.Fill("#digits", code[1])
	page.Follow("main form button")
	if !strings.Contains(page.Text("main"), "bukan atas nama keluarga ini") {
		t.Errorf("the outcome is not told: %s", page.Text("main"))
	}
}

// TestEveryCitizensLinkLeadsSomewhere follows every link of every page, under a prefix and in
// both languages; nothing is kept, and no page sets a cookie.
func TestEveryCitizensLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	handler, err := b.citizens(context.WithoutCancel(t.Context()), "/publik", false, httpkit.Proxies{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	link := regexp.MustCompile(`(?:href|action)="(/[^"#]*)"`)
	seen, todo := map[string]bool{}, []string{"/publik/", "/publik/?lang=en"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || len(seen) > 200 {
			continue
		}
		seen[path] = true
		w := get(path)
		if to := w.Header().Get("Location"); w.Code == http.StatusSeeOther && strings.HasPrefix(path, "/publik/saya") && strings.HasPrefix(to, "/publik/saya/masuk") {
			todo = append(todo, to) // who is not in is led to where she gets in
			continue
		}
		if w.Code != http.StatusOK || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, cookie %q", path, w.Code, w.Header().Get("Set-Cookie"))
		}
		for _, name := range []string{"/lapor", "/sanggah", "/usul", "/lacak"} {
			if strings.HasPrefix(path, "/publik"+name) && w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %q", path, w.Header().Get("Cache-Control"))
			}
		}
		for _, found := range link.FindAllStringSubmatch(w.Body.String(), -1) {
			to := strings.ReplaceAll(found[1], "&amp;", "&")
			if !strings.HasPrefix(to, "/publik") && !strings.HasPrefix(to, "/aset") && !strings.HasPrefix(to, "/assets") {
				t.Errorf("%s leads out of the prefix: %s", path, to)
			}
			if strings.HasPrefix(to, "/publik") {
				todo = append(todo, to)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d pages were found", len(seen))
	}
}
