package app

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit/browser"
)

// screened gives a town in which one head of a family was found a civil servant.
func screened(t *testing.T) *town {
	t.Helper()
	b := newTown(t)
	who := b.actor(t, access.Operator)
	list, err := b.Registry.List(t.Context(), who, registry.Filter{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	text := "nik,kind,value,as_of,source\n"
	for _, f := range list {
		card, err := b.Registry.Open(t.Context(), who, f.Tenant, f.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range card.Members {
			if !m.NIK.IsZero() {
				text += m.NIK.Plain() + ",asn,,2026-10-01,BKN\n"
				break
			}
		}
	}
	file := filepath.Join(t.TempDir(), "evidence.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.importFile(t, exchange.Evidence, file)
	b.screen(t)
	return b
}

// screen runs a screening of today, approved by the second person it needs.
func (b *town) screen(t *testing.T) {
	t.Helper()
	verifier, chief := b.actor(t, access.Verifier), b.actor(t, access.AgencyHead)
	run, err := b.Runs.Create(t.Context(), verifier, runs.NewRun{Kind: "screen", Tenant: b.Places.TenantOf(ambon), Area: ambon,
		Settings: screening.ScreenSettings{AsOf: b.Places.LocalDate(ambon, b.Acts.Now())}})
	if err == nil {
		run, err = b.Runs.Look(t.Context(), verifier, run.Tenant, run.ID)
	}
	if err == nil {
		run, err = b.Runs.Submit(t.Context(), verifier, run.Tenant, run.ID)
	}
	if err == nil {
		run, err = b.Runs.Approve(t.Context(), chief, run.Tenant, run.ID)
	}
	if err == nil {
		_, err = b.Runs.Drive(t.Context(), run.Tenant, run.ID, nil)
	}
	if err != nil {
		t.Fatalf("screen: %v", err)
	}
}

// findingIn gives the path of a finding in a state, in the operator's village.
func (b *town) findingIn(t *testing.T, state screening.State) string {
	t.Helper()
	var tenant int64
	var id sqldb.ID
	err := b.DB.Direct().QueryRow(t.Context(), `SELECT kabkota, id FROM finding WHERE state = $1 AND area_code = $2 ORDER BY id LIMIT 1`,
		string(state), int64(b.people[access.Operator].Area)).Scan(&tenant, &id)
	if err != nil {
		t.Fatalf("no finding in %s: %v", state, err)
	}
	return fmt.Sprintf("/temuan/%d-%s", tenant, id)
}

// letterAbout reads the letter to the family that the finding's page leads to: it has the code with which the
// family objects at home, and its printing is kept in the audit log.
func (b *town) letterAbout(t *testing.T, page *browser.Page, finding string) {
	t.Helper()
	if page.Go(b.url + finding); page.Count(`a[href="`+finding+`/surat"]`) != 1 {
		t.Fatalf("the finding leads to no letter: %s", page.Text("main"))
	}
	if got := fetched(page, finding+"/surat"); !strings.HasPrefix(got, "200 application/pdf") {
		t.Fatalf("the letter is %s", got)
	}
	var code string
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT code FROM letter WHERE kind = 'notice' AND number = (SELECT max(number) FROM letter WHERE kind = 'notice')`).Scan(&code); err != nil {
		t.Fatal(err)
	}
	text := pdfWords(t, page, finding+"/surat")
	for _, want := range []string{"Belum ada yang diputuskan", code, strings.TrimPrefix(b.url, "http://") + "/publik/surat"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q: %s", want, text)
		}
	}
	if b.audited(t, "finding.letter") != 2 {
		t.Error("the letter's printing is not in the audit log")
	}
}

// pdfWords gives the words of a PDF that a page leads to. pdftotext is one of the programs `make test` installs.
func pdfWords(t *testing.T, page *browser.Page, path string) string {
	t.Helper()
	content, err := base64.StdEncoding.DecodeString(browser.Eval[string](page, `fetch('`+path+`').then(r => r.arrayBuffer()).then(b => btoa(Array.from(new Uint8Array(b), c => String.fromCharCode(c)).join('')))`))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (package poppler-utils): %v", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// TestFindingPages decides findings and takes in an objection through the pages, without JavaScript.
func TestFindingPages(t *testing.T) {
	t.Parallel()
	b := screened(t)
	chromium := browser.Start(t)
	plain := browser.Reader{NoScript: true}
	states := map[screening.State]int64{}
	for _, s := range screening.States() {
		var n int64
		if err := b.DB.Direct().QueryRow(t.Context(), `SELECT count(*) FROM finding WHERE state = $1`, string(s)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		states[s] = n
	}
	if states[screening.Found] == 0 {
		t.Fatalf("screening found %v", states)
	}
	one := b.findingIn(t, screening.Found)
	verifier := b.signIn(t, chromium, access.Verifier, plain)
	verifier.Go(b.url + one)
	stale := b.signIn(t, chromium, access.AgencyHead, plain)
	stale.Go(b.url + one)
	verifier.Follow(`button[value="dismiss"]`)
	if verifier.Status != http.StatusUnprocessableEntity || verifier.Count("#reason-error") != 1 {
		t.Fatalf("a dismissal without a reason: %d %s", verifier.Status, verifier.Text("main"))
	}
	verifier.Fill("#note", "Sudah diperiksa di BKPSDM")
	verifier.Follow(`button[value="uphold"]`)
	if got := b.findingIn(t, screening.Noticed); got != one {
		t.Fatalf("upheld: %s, want %s: %s", got, one, verifier.Text("main"))
	}
	b.letterAbout(t, verifier, one)
	stale.Follow(`button[value="uphold"]`)
	if stale.Status != http.StatusConflict || !strings.Contains(stale.Text(".error-summary"), b.actor(t, access.Verifier).Name) {
		t.Fatalf("who was faster is not named: %d %s", stale.Status, stale.Text("main"))
	}
	operator := b.signIn(t, chromium, access.Operator, plain)
	operator.Go(b.url + one)
	if operator.Count(`button[value="uphold"]`) != 0 {
		t.Error("the operator is offered the decision")
	}
	operator.Choose("#appeal_reason", "evidence_wrong")
	operator.Fill("#appeal_note", "Sudah pensiun sejak lama")
	operator.Follow(`form[action$="/sanggah"] button`)
	if got := b.findingIn(t, screening.Appealed); got != one {
		t.Fatalf("appealed: %s: %s", got, operator.Text("main"))
	}
	verifier.Go(b.url + one)
	verifier.Follow(`button[value="uphold"]`)
	if text := verifier.Text("main"); b.findingIn(t, screening.Appealed) != one || verifier.Count(".error-summary") != 1 {
		t.Fatalf("who decided before decided the appeal: %s", text)
	}
	var acts int64
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE act IN ('finding.decide', 'finding.appeal')`).Scan(&acts); err != nil || acts != 2 {
		t.Errorf("the audit log has %d decisions: %v", acts, err)
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		for i, path := range []string{"/", "/temuan", "/temuan?status=appealed", "/temuan?status=undone", one, b.findingIn(t, screening.Found)} {
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, fmt.Sprintf("f-%s-%02d", view.name, i))
		}
	}
	analyst := b.signIn(t, chromium, access.Analyst, plain)
	if analyst.Go(b.url + one); analyst.Status != http.StatusForbidden {
		t.Errorf("an analyst sees a finding: %d", analyst.Status)
	}
}

// TestTheFirstPageCountsFindingsAndReadsNone: who opens her first page has looked at nobody, and the log says nothing else.
func TestTheFirstPageCountsFindingsAndReadsNone(t *testing.T) {
	t.Parallel()
	b := screened(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, readers()[0].r)
	page.Go(b.url + "/")
	want := fmt.Sprintf("Periksa %d temuan", b.tally(t, `SELECT count(*) FROM finding WHERE kabkota > 0 AND state = $1`, string(screening.Found)))
	if text := page.Text("main"); !strings.Contains(text, want) || !strings.Contains(text, "Belum ada yang dikeluarkan") {
		t.Errorf("the first page does not say %q: %s", want, text)
	}
	if n := b.tally(t, `SELECT count(*) FROM audit_entry WHERE act = 'finding.list'`); n != 0 {
		t.Errorf("the first page left %d entries of lists of findings", n)
	}
}
