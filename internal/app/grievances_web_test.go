package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit/browser"
)

// caseState reads where the only case of a kind stands.
func (b *town) caseState(t *testing.T, kind grievances.Kind) (path, state string) {
	t.Helper()
	var tenant int64
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT kabkota, id, state FROM grievance WHERE kind = $1`, string(kind)).Scan(&tenant, &id, &state); err != nil {
		t.Fatalf("no %s: %v", kind, err)
	}
	return fmt.Sprintf("/pengaduan/%d-%s", tenant, id), state
}

// complain files a complaint in a village as the verifier does at her counter.
func (b *town) complain(t *testing.T, at area.Code, topic grievance.Kind) grievances.Receipt {
	t.Helper()
	r, err := b.Grievances.File(t.Context(), b.actor(t, access.Verifier), grievances.Filing{
		Request: sqldb.NewID(), Kind: grievances.Complaint, Topic: string(topic), Area: at, Anonymous: true, Document: grievances.Document{Words: "Kartu belum diterima sejak Juli."},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// otherVillage is a village of the district in which the operator does not work.
func (b *town) otherVillage() area.Code {
	for place := range b.Places.Tree().Villages(ambon) {
		if place.Code != b.people[access.Operator].Area {
			return place.Code
		}
	}
	return 0
}

// TestComplaintIsTakenInAndAnswered goes from the counter of the village to the answer, in a
// browser without JavaScript: the form with its errors, the slip, a question, the answer.
func TestComplaintIsTakenInAndAnswered(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{NoScript: true})
	operator.Go(b.url + "/pengaduan/baru")
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count(".error-summary a") != 2 {
		t.Fatalf("an empty form: %d %s", operator.Status, operator.Text("main"))
	}
	operator.Click("input[name=topic][value=DATA]")
	operator.Fill("#text", "Nama saya di daftar salah satu huruf.")
	operator.Click("input[name=unnamed]")
	operator.Fill("#name", "Tidak Boleh Disimpan")
	operator.Follow("main form button")
	slip := operator.Text("main")
	if operator.Status != http.StatusOK || !strings.Contains(operator.URL(), "/pengaduan/bukti?") {
		t.Fatalf("not filed: %d %s", operator.Status, slip)
	}
	path, state := b.caseState(t, grievances.Complaint)
	if state != string(grievance.Received) || b.audited(t, "grievance.file") != 1 {
		t.Fatalf("filed as %s, %d acts", state, b.audited(t, "grievance.file"))
	}
	var number string
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT number FROM grievance`).Scan(&number); err != nil || !strings.Contains(slip, number) {
		t.Fatalf("the slip does not say %s (%v): %s", number, err, slip)
	}

	operator.Go(b.url + path)
	if text := operator.Text("main"); strings.Contains(strings.ToUpper(text), "TIDAK BOLEH DISIMPAN") || !strings.Contains(text, "Tanpa nama") {
		t.Fatalf("the unnamed filer is named: %s", text)
	}
	stale := b.signIn(t, chromium, access.Operator, browser.Reader{NoScript: true})
	stale.Go(b.url + path)
	operator.Follow("section[aria-labelledby=langkah-assign] form button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Assigned) {
		t.Fatalf("assigned: %s %s", state, operator.Text("main"))
	}
	operator.Follow("section[aria-labelledby=langkah-answer] form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#answer_note-error") != 1 {
		t.Fatalf("an answer without words: %d %s", operator.Status, operator.Text("main"))
	}
	operator.Fill("#ask_note", "Huruf yang mana?")
	operator.Follow("section[aria-labelledby=langkah-ask] form button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.AwaitInfo) {
		t.Fatalf("asked: %s", state)
	}
	operator.Fill("#answer_note", "Sudah diperbaiki, terima kasih.")
	operator.Follow("section[aria-labelledby=langkah-answer] form button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Answered) || !strings.Contains(operator.Text("main"), "Sudah diperbaiki") {
		t.Fatalf("answered: %s %s", state, operator.Text("main"))
	}
	for _, action := range []string{"grievance.assign", "grievance.ask", "grievance.answer"} {
		if n := b.audited(t, action); n != 1 {
			t.Errorf("%s stands %d times in the log", action, n)
		}
	}
	stale.Follow("section[aria-labelledby=langkah-assign] form button")
	if stale.Status != http.StatusConflict || b.audited(t, "grievance.assign") != 1 {
		t.Errorf("a step on what was answered meanwhile: %d %s", stale.Status, stale.Text("main"))
	}
}

// TestAFormAfterAConflictAsksFirst presses the button of a form that met a newer version again
// and again: nothing happens until the change was read.
func TestAFormAfterAConflictAsksFirst(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.complain(t, b.people[access.Operator].Area, grievance.Data)
	path, _ := b.caseState(t, grievances.Complaint)
	chromium := browser.Start(t)
	one, two := b.signIn(t, chromium, access.Verifier, browser.Reader{}), b.signIn(t, chromium, access.Operator, browser.Reader{})
	one.Go(b.url + path)
	one.Follow("section[aria-labelledby=langkah-assign] form button")
	two.Go(b.url + path)
	one.Follow("section[aria-labelledby=langkah-assign] form button") // again, to herself: a newer version
	two.Fill("#answer_note", "Sudah diperiksa.")
	for range 2 {
		two.Follow("section[aria-labelledby=langkah-answer] form button")
		if _, state := b.caseState(t, grievances.Complaint); two.Status != http.StatusConflict || state != string(grievance.Assigned) {
			t.Fatalf("%d, state %s", two.Status, state)
		}
		if text := two.Text("main"); !strings.Contains(text, b.actor(t, access.Verifier).Name) || browser.Eval[string](two, `document.getElementById("answer_note").value`) != "Sudah diperiksa." {
			t.Fatalf("what changed, or what was typed, is not shown: %s", text)
		}
	}
	picture(two, "case-conflict")
	two.Click("input[name=baca]")
	two.Follow("section[aria-labelledby=langkah-answer] form button")
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Answered) {
		t.Fatalf("%d %s: %s", two.Status, state, two.Text("main"))
	}
}

// TestObjectionToAListedFamily is named, visited and upheld: the family is proposed for removal.
func TestObjectionToAListedFamily(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{NoScript: true})
	nik, _ := newcomer(t, b, 21)
	fill := func() {
		operator.Go(b.url + "/pengaduan/baru?jenis=objection")
		operator.Click("input[name=topic][value=LISTED_FAMILY]")
		operator.Fill("#target", "Rumah tingkat di RT 001")
		operator.Fill("#text", "Keluarga itu punya dua mobil.")
		operator.Fill("#name", "Sari Contoh")
		operator.Fill("#nik", nik)
	}
	fill()
	operator.Click("input[name=lives][value=lain]")
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#lives-error") != 1 || b.number(t, `SELECT count(*) FROM grievance`) != 0 {
		t.Fatalf("somebody of another village objects: %d %s", operator.Status, operator.Text("main"))
	}
	operator.Click("input[name=lives][value=sini]")
	operator.Follow("main form button")
	path, state := b.caseState(t, grievances.Objection)
	if state != string(proposal.ObjectionFiled) {
		t.Fatalf("filed as %s", state)
	}
	if operator.Go(b.url + path); operator.Status != http.StatusForbidden {
		t.Errorf("the village handles an objection: %d", operator.Status)
	}

	verifier := b.signIn(t, chromium, access.Verifier, browser.Reader{NoScript: true})
	verifier.Go(b.url + path)
	verifier.Follow("section[aria-labelledby=langkah-assign] form button")
	verifier.Go(b.url + path + "/keluarga")
	picture(verifier, "identify")
	verifier.Click("input[name=family]")
	verifier.Follow("section[aria-labelledby=pilih] form button")
	verifier.Follow("section[aria-labelledby=langkah-check] form button")
	if verifier.Status != http.StatusUnprocessableEntity || verifier.Count("#check_paper-error") != 1 {
		t.Fatalf("a visit without a report: %d %s", verifier.Status, verifier.Text("main"))
	}
	verifier.Fill("#check_paper", "Laporan kunjungan 12")
	verifier.Follow("section[aria-labelledby=langkah-check] form button")
	verifier.Fill("#decide_note", "Kunjungan membenarkan laporan.")
	verifier.Follow(`section[aria-labelledby=langkah-decide] form button[formaction$="/uphold"]`)
	if _, state := b.caseState(t, grievances.Objection); state != string(proposal.ObjectionUpheld) {
		t.Fatalf("upheld: %d %s %s", verifier.Status, state, verifier.Text("main"))
	}
	if n := b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'REMOVAL'`); n != 1 {
		t.Errorf("%d removals are proposed", n)
	}
	for _, action := range []string{"grievance.file", "grievance.assign", "grievance.identify", "grievance.check", "grievance.uphold"} {
		if n := b.audited(t, action); n != 1 {
			t.Errorf("%s stands %d times in the log", action, n)
		}
	}
}

// TestTheFilersNumberIsShownForAPurpose shows a phone number once, to who says what for.
func TestTheFilersNumberIsShownForAPurpose(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	operator := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 1280, Height: 900})
	operator.Go(b.url + "/pengaduan/baru")
	operator.Click("input[name=topic][value=CARD]")
	operator.Fill("#text", "Kartu belum datang.")
	operator.Fill("#name", "Sari Contoh")
	operator.Fill("#phone", "081234567890")
	operator.Follow("main form button")
	path, _ := b.caseState(t, grievances.Complaint)
	operator.Go(b.url + path)
	operator.FitForUse()
	if strings.Contains(operator.Text("main"), "081234567890") {
		t.Fatal("the number stands on the page")
	}
	operator.Follow("section[aria-labelledby=kontak] button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#purpose-error") != 1 || b.audited(t, "grievance.reveal") != 0 {
		t.Fatalf("without a purpose: %d %s", operator.Status, operator.Text("main"))
	}
	operator.Accessible()
	operator.Fill("#purpose", "Menanyakan tanggal kejadian")
	operator.Follow("section[aria-labelledby=kontak] button")
	if !strings.Contains(operator.Text("main"), "81234567890") || b.number(t, `SELECT count(*) FROM audit_entry WHERE act = 'grievance.reveal' AND purpose = 'Menanyakan tanggal kejadian'`) != 1 {
		t.Fatalf("%d %s", operator.Status, operator.Text("main"))
	}
	operator.Accessible()
	picture(operator, "case-phone")
	operator.Go(b.url + path)
	if strings.Contains(operator.Text("main"), "81234567890") {
		t.Error("the number stays on the page")
	}
}

// TestALateObjectionIsTheHeadsToDecide escalates an objection nobody looked at: the head of the agency
// finds it on her first page and decides it; the work line counts it.
func TestALateObjectionIsTheHeadsToDecide(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	row := b.filedAs(t, 25, proposal.Deliberated)
	d := proposals.One(row)
	d.Reason, d.Paper = "able", proposals.Paper{Name: "Laporan kunjungan"}
	if _, err := b.Proposals.Refuse(t.Context(), b.actor(t, access.Verifier), d); err != nil {
		t.Fatal(err)
	}
	nik, _ := newcomer(t, b, 25)
	owner, err := person.ParseNIK(nik)
	if err != nil {
		t.Fatal(err)
	}
	long := b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-40)
	_, err = b.Grievances.File(t.Context(), b.actor(t, access.Verifier), grievances.Filing{Request: sqldb.NewID(), Kind: grievances.Objection, Topic: string(proposal.AgainstRefusal), Area: row.Area,
		Proposal: row.Number, FiledOn: long, Document: grievances.Document{Words: "Keberatan.", Contact: grievances.Contact{NIK: owner, Name: "RINA CONTOH"}}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := b.Grievances.EscalateDue(t.Context(), b.Acts.Now()); err != nil || n != 1 {
		t.Fatalf("escalated %d: %v", n, err)
	}
	path, _ := b.caseState(t, grievances.Objection)
	chromium := browser.Start(t)
	head := b.signIn(t, chromium, access.AgencyHead, browser.Reader{Width: 1280, Height: 900})
	head.FitForUse()
	picture(head, "head-home")
	head.Follow(`main a[href="/pengaduan?tab=escalated"]`)
	head.FitForUse()
	head.Follow(`main a[href^="/pengaduan/"]`)
	head.FitForUse()
	picture(head, "head-case")
	if head.URL() != b.url+path || head.Count("section[aria-labelledby=langkah-assign]") != 0 {
		t.Fatalf("the head is at %s: %s", head.URL(), head.Text("main"))
	}
	head.Fill("#decide_note", "Kunjungan menunjukkan rumah kedua.")
	head.Follow(`section[aria-labelledby=langkah-decide] form button[formaction$="/dismiss"]`)
	if _, state := b.caseState(t, grievances.Objection); state != string(proposal.ObjectionDismissed) || b.audited(t, "grievance.dismiss") != 1 || b.states(t)[0] != string(proposal.Refused) {
		t.Fatalf("decided: %s, %v %s", state, b.states(t), head.Text("main"))
	}
	head.Go(b.url + "/")
	if head.Count(`main a[href="/pengaduan?tab=escalated"]`) != 0 {
		t.Error("what is decided is still work")
	}
}

// TestGrievancesAreForWhoHandlesThem refuses everybody else, also outside the area, and changes nothing.
func TestGrievancesAreForWhoHandlesThem(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	there := b.complain(t, b.otherVillage(), grievance.Data)
	path := fmt.Sprintf("/pengaduan/%d-%s", there.Tenant, there.ID)
	chromium := browser.Start(t)
	for _, role := range []access.Role{access.VillageHead, access.Analyst, access.Signer, access.Auditor, access.Admin} {
		page := b.signIn(t, chromium, role, browser.Reader{NoScript: true})
		for _, to := range []string{"/pengaduan", "/pengaduan/baru", path} {
			if page.Go(b.url + to); page.Status != http.StatusForbidden {
				t.Errorf("%s gets %s with %d", role, to, page.Status)
			}
		}
		if page.Go(b.url + "/"); page.Count(`nav a[href="/pengaduan"]`) != 0 {
			t.Errorf("%s is led to the complaints", role)
		}
	}
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{})
	if operator.Go(b.url + path); operator.Status != http.StatusForbidden {
		t.Errorf("a case of another village: %d", operator.Status)
	}
	operator.Go(b.url + "/pengaduan")
	if operator.Count("main table") != 0 || operator.Count(`a[href^="/pengaduan/"][href*="-"]`) != 0 {
		t.Errorf("the list shows another village: %s", operator.Text("main"))
	}
	status := browser.Eval[int](operator, fmt.Sprintf(`(() => { const x = new XMLHttpRequest(); x.open("POST", %q, false);
		x.setRequestHeader("Content-Type", "application/x-www-form-urlencoded"); x.send("version=1"); return x.status })()`, path+"/langkah/assign"))
	if status != http.StatusForbidden || b.audited(t, "grievance.assign") != 0 || b.number(t, `SELECT count(*) FROM grievance WHERE state <> 'RECEIVED'`) != 0 {
		t.Errorf("a step with a case of another village: %d", status)
	}
}

// TestGrievancePagesAreFitForUse opens the pages in each window and colour, and reaches the form by keyboard.
func TestGrievancePagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	for _, topic := range []grievance.Kind{grievance.Data, grievance.Levy, grievance.Card} {
		b.complain(t, b.people[access.Operator].Area, topic)
	}
	var tenant int64
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT kabkota, id FROM grievance WHERE topic = 'DATA'`).Scan(&tenant, &id); err != nil {
		t.Fatal(err)
	}
	one := fmt.Sprintf("/pengaduan/%d-%s", tenant, id)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		if view.name == "1280" {
			page.Go(b.url + one)
			page.Follow("section[aria-labelledby=langkah-assign] form button")
		}
		for i, path := range []string{"/", "/pengaduan", "/pengaduan?tab=semua&jenis=complaint&tenggat=pekan", "/pengaduan?tab=done", "/pengaduan/baru", "/pengaduan/baru?jenis=objection", one} {
			page.Go(b.url + path)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: status %d: %s", path, page.Status, page.Text("main"))
			}
			page.FitForUse()
			picture(page, fmt.Sprintf("grv-%s-%02d", view.name, i))
		}
	}
	page := b.signIn(t, chromium, access.Operator, browser.Reader{})
	page.Go(b.url + "/pengaduan/baru")
	browser.Eval[bool](page, `document.querySelector("input[name=topic]").focus() === undefined`)
	page.Press(" \t\t") // past the village, which is read only
	page.Press("Antrean terlalu lama\t\t")
	if got := browser.Eval[string](page, `document.getElementById("text").value`); got != "Antrean terlalu lama" || browser.Eval[string](page, `document.activeElement.name`) != "unnamed" {
		t.Errorf("typed %q, now at %q", got, browser.Eval[string](page, `document.activeElement.name`))
	}
}
