package app

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// entitled opens a stage of the food programme and works out its rows.
func (b *town) entitled(t *testing.T) (cycle payments.Cycle) {
	t.Helper()
	list := b.drafted(t)
	b.frozen(t, list.ID)
	cycle, err := b.Payments.OpenCycle(t.Context(), b.actor(t, access.PaymentOfficer), payments.Opening{Tenant: list.Tenant, Programme: "sembako", Period: "2024-10", List: list.ID})
	if err != nil {
		t.Fatal(err)
	}
	b.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "pay", Settings: payments.StageSettings{Cycle: cycle.ID}})
	return cycle
}

func stageAt(c payments.Cycle) string { return "/penyaluran/" + itoa(c.Tenant) + "-" + c.ID.String() }

// row gives the page of a payment that a condition picks.
func (b *town) row(t *testing.T, c payments.Cycle, where string, args ...any) (id sqldb.ID, path string) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM payment WHERE `+where+` ORDER BY id LIMIT 1`, args...).Scan(&id); err != nil {
		t.Fatalf("no payment where %s: %v", where, err)
	}
	return id, stageAt(c) + "/baris/" + itoa(c.Tenant) + "-" + id.String()
}

// the run of a kind that was made last.
func (b *town) latestRun(t *testing.T, kind string) runs.Run {
	t.Helper()
	r := runs.Run{Kind: kind, Tenant: b.Places.TenantOf(ambon)}
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM run WHERE kind = $1 AND state <> 'cancelled' ORDER BY id DESC LIMIT 1`, kind).Scan(&r.ID); err != nil {
		t.Fatalf("no run %s: %v", kind, err)
	}
	return r
}

// TestPaymentsAreCorrectedUntilASecondPersonApproves walks from one row's corrections to the order, without scripts.
func TestPaymentsAreCorrectedUntilASecondPersonApproves(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	c := b.entitled(t)
	chromium := browser.Start(t)
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	id, path := b.row(t, c, `state = 'LISTED' AND EXISTS (SELECT 1 FROM person m WHERE m.family_id = payment.family_id AND m.id <> payment.person_id AND m.state = 1 AND m.birth_date < '1990')`)

	officer.Go(b.url + stageAt(c))
	officer.Follow(`main a[href="` + stageAt(c) + `/baris"]`)
	if officer.Count("main tbody tr") == 0 {
		t.Fatalf("no rows: %s", officer.Text("main"))
	}
	officer.Go(b.url + path)
	officer.NothingInline()
	unfold(officer, "kecualikan")
	officer.Follow("section[aria-labelledby=kecualikan] button")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count(".error-summary a") != 1 {
		t.Fatalf("an exclusion without a reason: %d %s", officer.Status, officer.Text("main"))
	}
	officer.Click(`input[name=status][value=EXCLUDED_DEAD]`)
	officer.Follow("section[aria-labelledby=kecualikan] button")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count("#kecualikan_note-error") != 1 || officer.Count(`input[value=EXCLUDED_DEAD]:checked`) != 1 {
		t.Fatalf("an exclusion without a word: %d %s", officer.Status, officer.Text("main"))
	}
	stale := b.signIn(t, chromium, access.PaymentOfficer, plain())
	stale.Go(b.url + path)
	officer.Fill("#kecualikan_note", "Akta kematian 12/2024")
	officer.Follow("section[aria-labelledby=kecualikan] button")
	if n := b.number(t, `SELECT count(*) FROM payment WHERE id = $1 AND state = 'EXCLUDED_DEAD'`, id); n != 1 || b.audited(t, "payments.exclude") != 1 || !strings.Contains(officer.Text("section[aria-labelledby=riwayat]"), "Akta kematian") {
		t.Fatalf("excluded %d: %s", n, officer.Text("main"))
	}
	unfold(stale, "kecualikan")
	stale.Click(`input[name=status][value=EXCLUDED]`)
	stale.Fill("#kecualikan_note", "terlambat")
	stale.Follow("section[aria-labelledby=kecualikan] button")
	if stale.Status != http.StatusConflict {
		t.Errorf("a second correction of the old page: %d", stale.Status)
	}
	officer.Fill("#kembalikan_note", "Salah orang")
	officer.Follow("section[aria-labelledby=kembalikan] button")
	before := b.payee(t, id)
	unfold(officer, "pengurus")
	officer.Click("section[aria-labelledby=pengurus] input[name=payee]")
	officer.Fill("#pengurus_note", "Pengurus bekerja di luar pulau")
	officer.Follow("section[aria-labelledby=pengurus] button")
	if after := b.payee(t, id); after == before || b.audited(t, "payments.payee") != 1 || b.audited(t, "payments.reinstate") != 1 {
		t.Fatalf("the payee stays: %s", officer.Text("main"))
	}
	b.refusedCorrections(t, chromium, c, path)
	b.approvesTheOrder(t, chromium, c)
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.PaymentOfficer, view.r)
		_, failed := b.row(t, c, `state = 'SI'`)
		for name, at := range map[string]string{"baris": stageAt(c) + "/baris", "kosong": stageAt(c) + "/baris?status=RETURNED", "satu": path, "perintah-lagi": stageAt(c), "dikirim": failed} {
			reader.Go(b.url + at)
			reader.FitForUse()
			picture(reader, "koreksi-"+view.name+"-"+name)
		}
	}
}

func (b *town) payee(t *testing.T, id sqldb.ID) (person sqldb.ID) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT person_id FROM payment WHERE id = $1`, id).Scan(&person); err != nil {
		t.Fatal(err)
	}
	return person
}

// refusedCorrections: not without the permission, and not outside the area.
func (b *town) refusedCorrections(t *testing.T, chromium *browser.Browser, c payments.Cycle, path string) {
	t.Helper()
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	manager.Go(b.url + path)
	if manager.Count("main form") != 0 {
		t.Error("a programme manager is offered corrections")
	}
	for _, step := range []string{"kecualikan", "kembalikan", "pengurus"} {
		if answer := post(manager, path+"/"+step, "version=1"); !strings.HasPrefix(answer, "403") {
			t.Errorf("a programme manager posts %s: %.60s", step, answer)
		}
	}
	village := int64(b.people[access.Operator].Area)
	_, far := b.row(t, c, `area_code <> $1`, village)
	operator := b.signIn(t, chromium, access.Operator, plain())
	if operator.Go(b.url + far); operator.Status != http.StatusForbidden {
		t.Errorf("an operator opens a payment of another village: %d", operator.Status)
	}
	if answer := post(operator, far+"/tangani", "version=1&what=visit&tangani_note=x"); !strings.HasPrefix(answer, "403") {
		t.Errorf("an operator deals with a payment of another village: %.60s", answer)
	}
}

// approvesTheOrder: not the one who made it; the head sees how many rows were corrected.
func (b *town) approvesTheOrder(t *testing.T, chromium *browser.Browser, c payments.Cycle) {
	t.Helper()
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	officer.Go(b.url + stageAt(c))
	officer.Fill("#number", "SP2D-CONTOH")
	for name, v := range map[string]string{"on": "3", "on-month": "10", "on-year": "2024"} {
		officer.Fill("#"+name, v)
	}
	officer.Follow("section[aria-labelledby=instruct] button")
	if text := officer.Text("section[aria-labelledby=pratinjau]"); !strings.Contains(text, "Koreksi: penerima uang diganti") {
		t.Fatalf("the preview hides the corrections: %s", text)
	}
	officer.Follow(`button[value=submit]`)
	run := b.latestRun(t, "pay.instruct")
	path := fmt.Sprintf("/pekerjaan/%d-%s", run.Tenant, run.ID)
	if officer.Go(b.url + path); officer.Count("button[value=approve]") != 0 {
		t.Error("who made the order is offered the approval")
	}
	if answer := post(officer, path, "do=approve"); !strings.HasPrefix(answer, "403") {
		t.Errorf("who made the order approves it: %.60s", answer)
	}
	if n := b.number(t, `SELECT count(*) FROM payment WHERE state = 'SI'`); n != 0 {
		t.Fatalf("%d rows went out unapproved", n)
	}
	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/")
	head.Follow(`main a[href="` + path + `"]`)
	head.NothingInline()
	picture(head, "koreksi-persetujuan")
	head.Follow("button[value=approve]")
	b.finished(t, run)
	if n := b.number(t, `SELECT count(*) FROM payment WHERE state = 'SI'`); n == 0 || b.audited(t, "run.approve") == 0 {
		t.Errorf("%d rows went out: %s", n, head.Text("main"))
	}
}

// TestABanksFileGoesThroughThePages: a good file, the same again, a damaged one; its findings are settled row by row
// and in bulk, unused money goes back, and the stage closes with a second person.
func TestABanksFileGoesThroughThePages(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	c := b.entitled(t)
	b.ordered(t, c)
	good := b.bankFile(t, c)
	chromium := browser.Start(t)
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	b.upload(t, officer, c, good)
	answered := b.number(t, `SELECT count(*) FROM payment WHERE state NOT IN ('SI', 'LISTED') AND excluded = ''`)
	if answered == 0 {
		t.Fatal("the bank's file changed nothing")
	}
	changed := b.number(t, `SELECT sum(version) FROM payment`)
	b.upload(t, officer, c, good)
	if n := b.number(t, `SELECT sum(version) FROM payment`); n != changed || b.number(t, `SELECT count(*) FROM pay_finding`) != 0 {
		t.Errorf("the same file again changed %d rows", n-changed)
	}
	b.upload(t, officer, c, damaged(t, good))
	if n := b.number(t, `SELECT count(*) FROM pay_finding WHERE state = 'open'`); n < 4 || b.number(t, `SELECT sum(version) FROM payment`) != changed {
		t.Fatalf("%d findings of the damaged file", n)
	}
	officer.Go(b.url + stageAt(c))
	officer.Follow("section[aria-labelledby=close] button")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count(".error-summary") != 1 {
		t.Errorf("a stage with findings closes: %d", officer.Status)
	}
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.PaymentOfficer, view.r)
		reader.Go(b.url + stageAt(c) + "/temuan")
		reader.FitForUse()
		picture(reader, "temuan-"+view.name)
		reader.Follow("form[data-bulk] button[value=chosen]")
		reader.Accessible()
		reader.NoOverflow()
		picture(reader, "temuan-"+view.name+"-galat")
	}
	b.settles(t, officer, c)
	b.refusedSettling(t, chromium, c)
	b.returnsAndCloses(t, officer, c)
}

// ordered sends a stage to the bank.
func (b *town) ordered(t *testing.T, c payments.Cycle) {
	t.Helper()
	report, err := b.Payments.Report(t.Context(), b.actor(t, access.PaymentOfficer), c.Tenant, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "pay.instruct", Settings: payments.OrderSettings{StageSettings: payments.StageSettings{Cycle: c.ID}, Number: "SP2D-CONTOH",
		On: b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-200), Amount: report.Payable.Amount}})
}

// bankFile writes what the simulated bank answers.
func (b *town) bankFile(t *testing.T, c payments.Cycle) string {
	t.Helper()
	var text bytes.Buffer
	if _, err := b.Payments.WriteSimulated(t.Context(), b.actor(t, access.PaymentOfficer), b.Bank, c.Tenant, c.ID, 7, &text); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "bank.csv", text.String())
}

// damaged changes rows of a bank's file: another amount, nobody's payment, an unknown code; one line is cut short.
func damaged(t *testing.T, good string) string {
	t.Helper()
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	head := strings.Split(strings.TrimSpace(lines[0]), ",")
	out := []string{lines[0]}
	for i, change := range []struct{ column, to string }{{"amount", "123"}, {"payment", sqldb.NewID().String()}, {"reject_code", "TIDAK-ADA"}, {"payment", sqldb.NewID().String()}, {"payment", sqldb.NewID().String()}} {
		cells := strings.Split(strings.TrimSpace(lines[i+1]), ",")
		for n, name := range head {
			if strings.HasPrefix(name, change.column) {
				cells[n] = change.to
			}
			if name == "nik" && change.column == "payment" {
				cells[n] = ""
			}
		}
		out = append(out, strings.Join(cells, ","))
	}
	out = append(out, `"baris yang putus`)
	return writeFile(t, filepath.Base("rusak.csv"), strings.Join(out, "\n")+"\n")
}

// upload sends a bank's file through the page of its stage, and works the run.
func (b *town) upload(t *testing.T, officer *browser.Page, c payments.Cycle, file string) {
	t.Helper()
	officer.Go(b.url + stageAt(c))
	officer.Follow("section[aria-labelledby=results] button")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Fatalf("no file chosen: %d %s", officer.Status, officer.Text("main"))
	}
	officer.Attach("#file", file)
	officer.Follow("section[aria-labelledby=results] button")
	if !strings.Contains(officer.URL(), "/pekerjaan/") {
		t.Fatalf("after sending: %s %s", officer.URL(), officer.Text("main"))
	}
	run := officer.URL()
	officer.Follow("button[value=submit]")
	b.finished(t, b.latestRun(t, "import.results"))
	officer.Go(run)
	officer.NothingInline()
	picture(officer, "berkas-"+filepath.Base(file))
}

// settles one finding, then the rest by their kinds.
func (b *town) settles(t *testing.T, officer *browser.Page, c payments.Cycle) {
	t.Helper()
	open := `SELECT count(*) FROM pay_finding WHERE state = 'open'`
	before := b.number(t, open)
	officer.Go(b.url + stageAt(c) + "/temuan?jenis=unlisted")
	officer.Click("main tbody input[name=baris]")
	officer.Follow("form[data-bulk] button[value=chosen]")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count("#note-error") != 1 || officer.Count("main tbody input[name=baris]:checked") != 1 {
		t.Fatalf("settled without a word: %d %s", officer.Status, officer.Text("main"))
	}
	officer.Fill("#note", "Bank menarik kembali uangnya")
	officer.Follow("form[data-bulk] button[value=chosen]")
	if n := b.number(t, open); n != before-1 || b.audited(t, "payments.settle") != 1 {
		t.Fatalf("%d of %d are open: %s", n, before, officer.Text("main"))
	}
	officer.Fill("#note", "Berkas milik tahap lain")
	officer.Follow("form[data-bulk] button[value=kind]")
	if n := b.number(t, open+` AND kind = 'unlisted'`); n != 0 {
		t.Fatalf("%d unlisted rows are open", n)
	}
	for _, kind := range []string{"amount", "code", "contradiction", "twice"} {
		officer.Go(b.url + stageAt(c) + "/temuan?jenis=" + kind)
		if officer.Count("main tbody tr") == 0 {
			continue
		}
		officer.Fill("#note", "Bank mengirim koreksi")
		officer.Follow("form[data-bulk] button[value=kind]")
	}
	if n := b.number(t, open); n != 0 {
		t.Errorf("%d findings are open", n)
	}
	officer.Go(b.url + stageAt(c) + "/temuan?status=settled")
	if officer.Count("main tbody tr") != int(before) || officer.Count("form[data-bulk]") != 0 {
		t.Errorf("the settled: %s", officer.Text("main"))
	}
	officer.NothingInline()
}

func (b *town) refusedSettling(t *testing.T, chromium *browser.Browser, c payments.Cycle) {
	t.Helper()
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	if manager.Go(b.url + stageAt(c) + "/temuan"); manager.Status != http.StatusForbidden {
		t.Errorf("a programme manager reads the bank's rows: %d", manager.Status)
	}
	if answer := post(manager, stageAt(c)+"/temuan", "do=kind&jenis=amount&note=x"); !strings.HasPrefix(answer, "403") {
		t.Errorf("a programme manager settles: %.60s", answer)
	}
	head := b.signIn(t, chromium, access.AgencyHead, plain())
	if head.Go(b.url + stageAt(c) + "/temuan?status=settled"); head.Status != http.StatusOK || head.Count("form[data-bulk]") != 0 {
		t.Errorf("the approver does not see what was settled: %d", head.Status)
	}
	if answer := post(head, stageAt(c)+"/kembali", "on.day=1&on.month=1&on.year=2025"); !strings.HasPrefix(answer, "403") {
		t.Errorf("the approver starts a return: %.60s", answer)
	}
}

// returnsAndCloses books unused money as returned, and ends the stage.
func (b *town) returnsAndCloses(t *testing.T, officer *browser.Page, c payments.Cycle) {
	t.Helper()
	unused := b.number(t, `SELECT count(*) FROM payment WHERE state = 'CREDITED'`)
	if unused == 0 {
		t.Fatal("the simulated bank left nothing unused")
	}
	officer.Go(b.url + stageAt(c))
	officer.Follow("section[aria-labelledby=return] button")
	if officer.Status != http.StatusUnprocessableEntity || officer.Count(`.error-summary a[href="#on"]`) != 1 {
		t.Fatalf("a return without a day: %d %s", officer.Status, officer.Text("main"))
	}
	today := b.Places.LocalDate(area.Code(ambon), b.Acts.Now())
	for name, v := range map[string]int{"on": today.Day(), "on-month": int(today.Month()), "on-year": today.Year()} {
		officer.Fill("#"+name, fmt.Sprint(v))
	}
	officer.Follow("section[aria-labelledby=return] button")
	picture(officer, "kembali-pratinjau")
	officer.Follow("button[value=submit]")
	b.finished(t, b.latestRun(t, "pay.return"))
	if n := b.number(t, `SELECT count(*) FROM payment WHERE state = 'RETURNED' AND code = 'UNCLAIMED'`); n != unused {
		t.Errorf("%d of %d went back", n, unused)
	}
	officer.Go(b.url + stageAt(c))
	officer.Follow("section[aria-labelledby=close] button")
	if text := officer.Text("section[aria-labelledby=pratinjau]"); !strings.Contains(text, "Temuan yang diselesaikan petugas") {
		t.Errorf("the approver is not told what was settled: %s", text)
	}
	picture(officer, "tutup-pratinjau")
	officer.Follow("button[value=submit]")
	b.finished(t, b.latestRun(t, "pay.close"))
	if n := b.number(t, `SELECT count(*) FROM pay_cycle WHERE state = 'closed'`); n != 1 || b.number(t, `SELECT count(*) FROM payment WHERE final = ''`) != 0 {
		t.Errorf("%d stages closed", n)
	}
}

// TestAnAwardIsPrintedOnce: the letter of a place is issued once and shown again, and not to everybody.
func TestAnAwardIsPrintedOnce(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	b.frozen(t, list.ID)
	chromium := browser.Start(t)
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM enrolment WHERE list_id = $1 AND state = $2 ORDER BY position LIMIT 1`, list.ID, int64(programmes.Enrolled)).Scan(&id); err != nil {
		t.Fatal(err)
	}
	path := "/program/sembako/penerima/" + itoa(list.Tenant) + "-" + id.String()
	manager.Go(b.url + path)
	read := func() string {
		return browser.Eval[string](manager, `fetch('`+path+`/surat').then(r => r.status + ' ' + r.headers.get('content-type') + ' ' + r.headers.get('content-disposition'))`)
	}
	first := read()
	if !strings.HasPrefix(first, "200 application/pdf") || read() != first || b.number(t, `SELECT count(*) FROM letter WHERE kind = 'award'`) != 1 {
		t.Errorf("the letter: %s", first)
	}
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	if officer.Go(b.url + path + "/surat"); officer.Status != http.StatusForbidden {
		t.Errorf("a payment officer issues letters: %d", officer.Status)
	}
}

// TestAFailedPaymentIsDealtWithByKeyboard: from the home page through the queue to the account that is right, without a mouse.
func TestAFailedPaymentIsDealtWithByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	c := b.entitled(t)
	b.ordered(t, c)
	b.answers(t, c)
	waiting := b.number(t, `SELECT count(*) FROM payment WHERE repair = 'open'`)
	if waiting == 0 {
		t.Fatal("the simulated bank refused nobody")
	}
	chromium := browser.Start(t)
	officer := b.signIn(t, chromium, access.PaymentOfficer, browser.Reader{Width: 1280, Height: 900})
	officer.Go(b.url + "/")
	if !strings.Contains(officer.Text("main"), fmt.Sprintf("Tangani %d pembayaran gagal", waiting)) {
		t.Errorf("the home page tells other work: %s", officer.Text("main"))
	}
	officer.Follow(`main a[href="/penyaluran/gagal"]`)
	officer.Follow("main tbody a")
	path := strings.TrimPrefix(officer.URL(), b.url)
	focus(t, officer, "#what")
	officer.Press(kb.Tab) // from the chosen kind to the account
	if at := officer.Focused(); at != "account" {
		t.Fatalf("behind the kinds the keyboard reaches %s", at)
	}
	officer.Press("1234 5678 90")
	officer.Press(kb.Tab)
	officer.Press("Buku tabungan baru")
	officer.Press(kb.Tab)
	officer.Press(kb.Enter)
	officer.Wait("section[aria-labelledby=riwayat]")
	if n := b.number(t, `SELECT count(*) FROM payment WHERE repair = 'done'`); n != 1 || b.audited(t, "payments.mend") != 1 || b.number(t, `SELECT count(*) FROM payment WHERE repair = 'open'`) != waiting-1 {
		t.Fatalf("%d dealt with: %s", n, officer.Text("main"))
	}
	if text := officer.Text("main"); !strings.Contains(text, ".... 7890") || strings.Contains(text, "1234567890") {
		t.Errorf("the account is shown in full or not at all: %s", text)
	}
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.PaymentOfficer, view.r)
		_, other := b.row(t, c, `repair = 'open'`)
		for name, at := range map[string]string{"satu": path, "gagal": other} {
			reader.Go(b.url + at)
			reader.FitForUse()
			picture(reader, "tangani-"+view.name+"-"+name)
		}
	}
}

// unfold opens a form that waits behind its title.
func unfold(page *browser.Page, id string) {
	if page.Count("details:not([open]) > summary #"+id) == 1 {
		page.Click("#" + id)
	}
}

// focus puts the keyboard on the first choice of a field and takes the second, new account.
func focus(t *testing.T, page *browser.Page, field string) {
	t.Helper()
	if !browser.Eval[bool](page, `(() => { const e = document.querySelector('`+field+`') || document.querySelector('[name="what"]'); e.focus(); return document.activeElement.name === 'what' })()`) {
		t.Fatalf("the keyboard does not reach %s", field)
	}
	page.Press(" ")
	page.Press(kb.ArrowDown) // the next kind, a new account
}

// answers imports what the simulated bank says of an ordered stage.
func (b *town) answers(t *testing.T, c payments.Cycle) {
	t.Helper()
	b.resulted(t, c, b.bankFile(t, c))
}
