package app

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/payments"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

func TestAStageIsOpenedPaidAndRead(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	b.frozen(t, list.ID)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.PaymentOfficer, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/penyaluran/baru")
	if got := page.Text("#period option:checked"); got != "November–Desember 2026 (sekarang)" || page.Count("#period option") != 15 {
		t.Errorf("of %d stages the form begins with %q", page.Count("#period option"), got)
	}
	browser.Eval[bool](page, `(document.querySelector("#period option:checked").value = "2026-12", true)`) // no stage of six a year begins in December
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#period"]`) != 1 {
		t.Errorf("a stage that is not on the schedule: %d", page.Status)
	}
	page.Accessible()
	page.NoOverflow()
	page.Choose("#period", "2024-09")
	page.Follow("main form button")
	if b.audited(t, "payments.open") != 1 {
		t.Fatalf("no stage opened: %s", page.Text("main"))
	}
	opened := page.URL()
	page.Go(opened + "?lang=en")
	if got := page.Text("h1"); got != "Payment of Food aid (Sembako, BPNT), September–October 2024" {
		t.Errorf("the stage is called %q in English", got)
	}
	page.Go(b.url + "/penyaluran/baru?lang=id")
	if page.Count("#period option") != 14 || page.Count(`#period option[value="2024-09"]`) != 0 {
		t.Error("a stage that is opened is offered again")
	}
	page.Go(opened) // the console still holds the refusal above
	page.FitForUse()
	picture(page, "penyaluran-baru-dibuka")
	page.Follow("section[aria-labelledby=pay] button")
	page.Follow("section[aria-labelledby=tindakan] button")
	var cycle, run sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM pay_cycle`).Scan(&cycle); err != nil {
		t.Fatal(err)
	}
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM run WHERE kind = 'pay'`).Scan(&run); err != nil {
		t.Fatal(err)
	}
	b.finished(t, runs.Run{Kind: "pay", Tenant: list.Tenant, ID: run})
	if b.number(t, `SELECT count(*) FROM payment`) == 0 {
		t.Fatal("nobody is owed anything")
	}
	path := "/penyaluran/" + itoa(list.Tenant) + "-" + cycle.String()
	page.Go(b.url + path)
	page.FitForUse()
	picture(page, "penyaluran-perintah")
	b.answered(t, cycle)
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.PaymentOfficer, view.r)
		for name, at := range map[string]string{"daftar": "/penyaluran", "tahap": path, "gagal": "/penyaluran/gagal", "buka": "/penyaluran/baru", "beranda": "/"} {
			reader.Go(b.url + at)
			reader.FitForUse()
			picture(reader, "penyaluran-"+view.name+"-"+name)
		}
	}
	village := b.signIn(t, chromium, access.VillageHead, browser.Reader{Width: 1280, Height: 900})
	village.Go(b.url + path)
	if village.Status != http.StatusForbidden {
		t.Errorf("a village head reads stages: %d", village.Status)
	}
}

// answered notes the order of a stage and imports the answers of the simulated bank.
func (b *town) answered(t *testing.T, cycle sqldb.ID) {
	t.Helper()
	officer, tenant := b.actor(t, access.PaymentOfficer), b.Places.TenantOf(ambon)
	report, err := b.Payments.Report(t.Context(), officer, tenant, cycle)
	if err != nil {
		t.Fatal(err)
	}
	stage := payments.StageSettings{Cycle: cycle}
	b.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "pay.instruct", Settings: payments.OrderSettings{StageSettings: stage, Number: "SP2D-CONTOH", On: b.Places.LocalDate(ambon, b.Acts.Now()), Amount: report.Payable.Amount}})
	path := filepath.Join(filepath.Dir(b.DataDir), "files", "bank.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Payments.WriteSimulated(t.Context(), officer, b.Bank, tenant, cycle, 7, file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	set, err := b.Exchange.Describe(exchange.Results, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	set.Cycle = cycle
	b.worked(t, access.PaymentOfficer, runs.NewRun{Kind: "import.results", Settings: set, Inputs: set.SHA256, Total: set.Size})
}
