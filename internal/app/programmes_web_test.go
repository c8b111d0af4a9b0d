package app

import (
	"net/http"
	"path/filepath"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// worked makes a run as somebody, lets the head of the office approve it where that is needed, and works it.
func (b *town) worked(t *testing.T, role access.Role, n runs.NewRun) runs.Run {
	t.Helper()
	n.Tenant, n.Area = b.Places.TenantOf(ambon), ambon
	who := b.actor(t, role)
	r, err := b.Runs.Create(t.Context(), who, n)
	if err == nil {
		r, err = b.Runs.Look(t.Context(), who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = b.Runs.Submit(t.Context(), who, r.Tenant, r.ID)
	}
	if err != nil {
		t.Fatalf("%s: %v", n.Kind, err)
	}
	return b.finished(t, r)
}

// finished approves and works a run that somebody submitted.
func (b *town) finished(t *testing.T, r runs.Run) (out runs.Run) {
	t.Helper()
	out, err := b.Runs.Show(t.Context(), b.actor(t, access.AgencyHead), r.Tenant, r.ID)
	if err == nil && out.State == runs.Awaiting {
		out, err = b.Runs.Approve(t.Context(), b.actor(t, access.AgencyHead), r.Tenant, r.ID)
	}
	if err == nil {
		out, err = b.Runs.Drive(t.Context(), r.Tenant, r.ID, nil)
	}
	if err != nil {
		t.Fatalf("%s: %v", r.Kind, err)
	}
	return out
}

// drafted imports deciles and makes a draft list of the food programme with a few places.
func (b *town) drafted(t *testing.T) runs.Run {
	t.Helper()
	path := filepath.Join(filepath.Dir(b.DataDir), "files", "deciles.csv")
	set, err := b.Exchange.Describe(exchange.Deciles, path, path+".rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	b.worked(t, access.ProgrammeManager, runs.NewRun{Kind: "import.deciles", Settings: set, Inputs: set.SHA256, Total: set.Size})
	places := int64(60)
	return b.worked(t, access.ProgrammeManager, runs.NewRun{Kind: "enrol", Settings: programmes.Settings{Programme: programme.Sembako, AsOf: period.On(2024, 10, 1), Quota: &places}})
}

// frozen puts a draft in force.
func (b *town) frozen(t *testing.T, list sqldb.ID) {
	t.Helper()
	b.worked(t, access.AgencyHead, runs.NewRun{Kind: "freeze", Settings: programmes.Freezing{List: list,
		Decree: programmes.Decree{Number: "400/CONTOH/2024", On: period.On(2024, 10, 2), SignedBy: "Wali Kota Ambon", About: "Penerima Program Sembako"}}})
}

// number counts rows of a query.
func (b *town) number(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// audited counts the audit entries of an act.
func (b *town) audited(t *testing.T, action string) int64 {
	t.Helper()
	return b.number(t, `SELECT count(*) FROM audit_entry WHERE act = $1`, action)
}

func TestAListIsFrozenAndExplained(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	chromium := browser.Start(t)

	head := b.signIn(t, chromium, access.AgencyHead, browser.Reader{Width: 1280, Height: 900})
	head.Go(b.url + "/program/sembako/tetapkan")
	head.Follow("main form button")
	if head.Status != http.StatusUnprocessableEntity || head.Count(".error-summary a") == 0 {
		t.Errorf("an empty decree: status %d", head.Status)
	}
	head.Accessible()
	head.NoOverflow()
	picture(head, "program-tetapkan-galat")
	head.Fill("#number", "400/CONTOH/2024")
	for id, v := range map[string]string{"date": "2", "date-month": "10", "date-year": "2024", "signed_by": "Wali Kota Ambon", "about": "Penerima"} {
		head.Fill("#"+id, v)
	}
	head.Follow("main form button")
	if got := head.Text("h1"); head.Count("section[aria-labelledby=tindakan]") != 1 {
		t.Fatalf("no run to submit: %s %s", head.URL(), got)
	}
	head.Follow("section[aria-labelledby=tindakan] button")
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM run WHERE kind = 'freeze' AND state <> 'cancelled'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	b.finished(t, runs.Run{Kind: "freeze", Tenant: list.Tenant, ID: id})
	if n := b.number(t, `SELECT count(*) FROM programme_list WHERE state = 'frozen'`); n != 1 {
		t.Errorf("%d lists frozen", n)
	}

	for _, view := range readers() {
		page := b.signIn(t, chromium, access.ProgrammeManager, view.r)
		for name, path := range map[string]string{"semua": "/program", "daftar": "/program/sembako", "menunggu": "/program/sembako?status=waiting", "rekap": "/program/sembako/rekap", "susun": "/program/sembako/susun", "kosong": "/program/pkh"} {
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, "program-"+view.name+"-"+name)
		}
		page.Go(b.url + "/program/sembako")
		page.Follow("table td a")
		page.FitForUse()
		picture(page, "program-"+view.name+"-tempat")
		page.Follow(`a[href^="/keluarga/"]`)
		page.FitForUse()
		if page.Count("section[aria-labelledby=program] table tbody tr") == 0 {
			t.Error("the family's page lacks its programme")
		}
		picture(page, "program-"+view.name+"-keluarga")
	}
	if b.audited(t, "programme.explain") == 0 || b.audited(t, "programme.members") == 0 {
		t.Error("reading a list left no trace")
	}
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{Width: 1280, Height: 900})
	operator.Go(b.url + "/program/sembako/susun")
	if operator.Status != http.StatusForbidden {
		t.Errorf("an operator makes lists: %d", operator.Status)
	}
}
