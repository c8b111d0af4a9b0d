package app

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestAQuotaChangedByAHundredChangesTheListByAHundred sets two quotas through the pages and makes a list by each.
func TestAQuotaChangedByAHundredChangesTheListByAHundred(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	path := filepath.Join(filepath.Dir(b.DataDir), "files", "deciles.csv")
	set, err := b.Exchange.Describe(exchange.Deciles, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	b.worked(t, access.ProgrammeManager, runs.NewRun{Kind: "import.deciles", Settings: set, Inputs: set.SHA256, Total: set.Size})
	chromium := browser.Start(t)
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	manager.Go(b.url + "/program/sembako")
	manager.Follow(`main a[href="/program/sembako/kuota"]`)
	manager.Fill("#quota", "banyak")
	manager.Fill("#valid_from-year", "24")
	manager.Follow("section[aria-labelledby=atur] button")
	if manager.Status != http.StatusUnprocessableEntity || manager.Count(".error-summary a") != 3 || manager.Count(".field [id$=-error], .field-error") < 3 {
		t.Fatalf("an empty quota: %d %s", manager.Status, manager.Text("main"))
	}
	manager.NothingInline()
	picture(manager, "kuota-galat")
	first := b.listByQuota(t, manager, "60")
	second := b.listByQuota(t, manager, "160")
	if second-first != 100 || first != 60 {
		t.Errorf("%d places by a quota of 60, %d by 160", first, second)
	}
	if n := b.number(t, `SELECT count(*) FROM programme_quota WHERE programme = 'sembako'`); n != 2 || b.audited(t, "programme.quota") != 2 {
		t.Errorf("%d quotas kept", n)
	}
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.ProgrammeManager, view.r)
		reader.Go(b.url + "/program/sembako/kuota")
		reader.FitForUse()
		picture(reader, "kuota-"+view.name)
		reader.Go(b.url + "/program/pkh/kuota")
		reader.FitForUse()
		picture(reader, "kuota-kosong-"+view.name)
	}
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	if officer.Go(b.url + "/program/sembako/kuota"); officer.Count("main form") != 0 {
		t.Error("a payment officer is offered to set quotas")
	}
	if answer := post(officer, "/program/sembako/kuota", "quota=5"); !strings.HasPrefix(answer, "403") {
		t.Errorf("a payment officer sets a quota: %.60s", answer)
	}
}

// listByQuota sets a quota and makes a draft that takes it; it gives how many have a place.
func (b *town) listByQuota(t *testing.T, manager *browser.Page, places string) int64 {
	t.Helper()
	manager.Go(b.url + "/program/sembako/kuota")
	manager.Fill("#quota", places)
	for id, v := range map[string]string{"valid_from": "1", "valid_from-month": "10", "valid_from-year": "2024", "legal_basis": "Surat kuota contoh"} {
		manager.Fill("#"+id, v)
	}
	manager.Follow("section[aria-labelledby=atur] button")
	if manager.Count("section[aria-labelledby=kuota] tbody tr") != 1 || !strings.Contains(manager.Text("main"), "Kuota tersimpan") {
		t.Fatalf("no quota kept: %d %s", manager.Status, manager.Text("main"))
	}
	manager.Go(b.url + "/program/sembako/susun")
	for id, v := range map[string]string{"as_of": "1", "as_of-month": "10", "as_of-year": "2024"} {
		manager.Fill("#"+id, v)
	}
	manager.Follow("main form button")
	manager.Follow("button[value=submit]")
	run := b.latestRun(t, "enrol")
	b.finished(t, run)
	return b.number(t, `SELECT count(*) FROM enrolment WHERE list_id = $1 AND state = 5`, run.ID)
}

// TestTheFreezeFormShowsEverythingAtOnce, and a list in force is not taken back by its run.
func TestTheFreezeFormShowsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	chromium := browser.Start(t)
	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/program/sembako/tetapkan")
	head.Fill("#about", "Penerima")
	head.Follow("main form button")
	if head.Status != http.StatusUnprocessableEntity || head.Count(".error-summary a") != 3 {
		t.Fatalf("an empty decree shows %d problems: %s", head.Count(".error-summary a"), head.Text(".error-summary"))
	}
	for _, field := range []string{"number", "date", "signed_by"} {
		if head.Count(fmt.Sprintf(`.error-summary a[href="#%s"]`, field)) != 1 {
			t.Errorf("nothing leads to %s", field)
		}
	}
	b.frozen(t, list.ID)
	run := fmt.Sprintf("/pekerjaan/%d-%s", list.Tenant, list.ID)
	head.Go(b.url + run)
	head.Follow("button[value=undo]")
	if head.Status != http.StatusConflict || head.Count(".error-summary") != 1 {
		t.Errorf("a list in force is taken back: %d %s", head.Status, head.Text("main"))
	}
	head.NothingInline()
	picture(head, "batal-ditolak")
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM run WHERE id = $1 AND state = 'done'`, list.ID).Scan(&id); err != nil {
		t.Errorf("the run of a list in force changed: %v", err)
	}
}
