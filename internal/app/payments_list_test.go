package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

func TestAStageIsOpenedAfterTheNextListIsInForce(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	october := b.drafted(t)
	b.frozen(t, october.ID)
	paid := b.number(t, `SELECT count(*) FROM enrolment WHERE list_id = $1 AND state = 1`, october.ID)
	places := int64(7)
	november := b.worked(t, access.ProgrammeManager, runs.NewRun{Kind: "enrol", Settings: programmes.Settings{Programme: programme.Sembako, AsOf: period.On(2024, 11, 1), Quota: &places}})
	b.worked(t, access.AgencyHead, runs.NewRun{Kind: "freeze", Settings: programmes.Freezing{List: november.ID,
		Decree: programmes.Decree{Number: "401/CONTOH/2024", On: period.On(2024, 11, 2), SignedBy: "Wali Kota Ambon", About: "Penerima Program Sembako"}}})

	chromium := browser.Start(t)
	for i, view := range readers() {
		page := b.signIn(t, chromium, access.PaymentOfficer, view.r)
		if i == 0 {
			page.Go(b.url + "/penyaluran/baru")
			page.Choose("#period", "2024-09")
			page.Follow("main form button")
		} else {
			page.Go(b.url + "/penyaluran")
			page.Follow("table a[href^='/penyaluran/8171-']")
		}
		if got := page.Text("section[aria-labelledby=ringkasan]"); !strings.Contains(got, "Oktober 2024 (Sudah diganti)") || !strings.Contains(got, "tetap dibayar dari daftar pada masanya") {
			t.Fatalf("%s does not tell which list is paid: %s", page.URL(), page.Text("main"))
		}
		page.FitForUse()
		picture(page, "penyaluran-daftar-"+view.name)
		page.Follow("main a[href*='?daftar=']")
		if !strings.Contains(page.URL(), october.ID.String()) {
			t.Errorf("the link leads to %s", page.URL())
		}
	}
	if b.audited(t, "payments.open") != 1 {
		t.Error("the log does not tell of the stage")
	}
	cycle := b.number(t, `SELECT count(*) FROM pay_cycle WHERE list_id = $1 AND period = '2024-09'`, october.ID)
	owed := b.number(t, `SELECT count(*) FROM enrolment WHERE list_id = $1 AND state = 4 AND ended_reason IN ('continues', 'not_selected')`, october.ID)
	if cycle != 1 || owed != paid || paid == places {
		t.Errorf("%d stages; %d of %d places are still owed", cycle, owed, paid)
	}
}
