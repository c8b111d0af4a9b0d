package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit/browser"
)

// readers are the windows every page is looked at in.
func readers() []struct {
	name string
	r    browser.Reader
} {
	return []struct {
		name string
		r    browser.Reader
	}{
		{"1280", browser.Reader{Width: 1280, Height: 900}}, {"390", browser.Reader{Width: 390, Height: 844}},
		{"1280-dark", browser.Reader{Width: 1280, Height: 900, Dark: true}}, {"390-dark", browser.Reader{Width: 390, Height: 844, Dark: true}},
		{"320", browser.Reader{Width: 320, Height: 640}},
	}
}

// newcomer gives a NIK and a No. KK nobody in the town has.
func newcomer(t *testing.T, b *town, serial int) (nik, kk string) {
	t.Helper()
	village := b.people[access.Operator].Area
	n, err := person.ComposeNIK(village.Subdistrict(), period.On(1980, 5, 17), person.Female, 9000+serial)
	if err != nil {
		t.Fatal(err)
	}
	k, err := person.ComposeKK(village.Subdistrict(), period.On(2019, 3, 4), 9000+serial)
	if err != nil {
		t.Fatal(err)
	}
	return n.Plain(), k.Plain()
}

// fillFamily fills the form of a new family of one, as an operator types it.
func fillFamily(page *browser.Page, nik, kk, name string) {
	page.Fill("#address", "Jalan Contoh 12")
	page.Fill("#rt", "001")
	page.Fill("#rw", "002")
	page.Fill("#no_kk", kk)
	page.Fill("#members-0-name", name)
	page.Fill("#members-0-nik", nik)
	page.Click("#members-0-sex-2")
	page.Fill("#members-0-birth_place", "Ambon")
	page.Fill("#members-0-birth_date", "17")
	page.Fill("#members-0-birth_date-month", "5")
	page.Fill("#members-0-birth_date-year", "1980")
	page.Fill("#members-0-mother", "Maria Contoh")
	page.Click("#papers")
}

// states reads the states of every proposal.
func (b *town) states(t *testing.T) []string {
	t.Helper()
	out, err := sqldb.Collect(t.Context(), b.DB.Direct(), `SELECT state FROM proposal ORDER BY id`, nil, func(r sqldb.Row) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestProposalWalksThroughThePages takes one family from the form to the endorsement, each step by
// the person whose it is, in a browser without JavaScript.
func TestProposalWalksThroughThePages(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	plain := browser.Reader{Width: 1280, Height: 900, NoScript: true}
	nik, kk := newcomer(t, b, 1)

	operator := b.signIn(t, chromium, access.Operator, plain)
	operator.Go(b.url + "/usulan/baru")
	operator.Follow(`button[value="check"]`)
	if operator.Status != http.StatusUnprocessableEntity || operator.Count(".error-summary a") < 4 {
		t.Fatalf("an empty form came back with status %d and %q", operator.Status, operator.Text("main"))
	}
	operator.FitForUse()
	picture(operator, "form-errors")
	fillFamily(operator, nik, kk, "Rina Contoh")
	operator.Follow(`button[value="save"]`)
	operator.Follow(`main a[href="/usulan"]`)
	operator.Go(b.url + "/usulan/baru")
	operator.Follow(`.notice a`)
	if got := browser.Eval[string](operator, `document.getElementById("members-0-name").value`); !strings.EqualFold(got, "Rina Contoh") {
		t.Fatalf("the draft came back with the name %q", got)
	}
	operator.Follow(`button[value="check"]`)
	operator.FitForUse()
	picture(operator, "form-check")
	if text := operator.Text("main"); strings.Contains(text, nik) {
		t.Error("the check page shows the whole NIK")
	}
	operator.Follow(`form[action="/usulan/kirim"] button`)
	operator.FitForUse()
	picture(operator, "form-receipt")
	one := strings.TrimSuffix(operator.URL(), "/bukti")

	next := func(page *browser.Page, want proposal.State, fill func()) {
		t.Helper()
		page.Go(one)
		page.FitForUse()
		fill()
		page.Follow("#langkah form button, section form[action*='/langkah/'] button")
		if got := b.states(t); len(got) != 1 || got[0] != string(want) {
			t.Fatalf("the states are %v, want %s: %s", got, want, page.Text("main"))
		}
	}
	if got := b.states(t); len(got) != 1 {
		t.Fatalf("filed %v", got)
	}
	if got := b.states(t)[0]; got != string(proposal.MatchPending) && got != string(proposal.Matched) {
		// the registry does not know her: the operator mends the form and sends it again, then it is
		// listed on the papers that were seen
		b.wait(t)
	}
	operator.Go(one)
	picture(operator, "record-operator")
	next(operator, proposal.InitialList, func() {
		if operator.Count("#paper") > 0 {
			operator.Fill("#paper", "KTP dan KK asli")
		}
	})
	head := b.signIn(t, chromium, access.VillageHead, plain)
	next(head, proposal.Deliberated, func() { head.Fill("#paper", "Berita acara muskel 20 November 2026") })
	verifier := b.signIn(t, chromium, access.Verifier, plain)
	next(verifier, proposal.DistrictVerified, func() {})
	chief := b.signIn(t, chromium, access.AgencyHead, plain)
	next(chief, proposal.AgencyApproved, func() {})

	signer := b.signIn(t, chromium, access.Signer, plain)
	signer.Go(b.url + "/pengesahan")
	signer.FitForUse()
	signer.Follow("main form button")
	if signer.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a letter without a number was answered with %d", signer.Status)
	}
	signer.Fill("#number", "460/1182/2026")
	signer.Fill("#signed_by", "Wali Kota Ambon")
	signer.Follow("main form button")
	signer.FitForUse()
	picture(signer, "ratified")
	if got := b.states(t); got[0] != string(proposal.Endorsed) {
		t.Fatalf("after the signature: %v", got)
	}
	ministry := b.signIn(t, chromium, access.Ministry, plain)
	ministry.Go(b.url + "/penetapan")
	ministry.FitForUse()
	picture(ministry, "determine")
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	ministry.Fill("#number", "79/HUK/2026")
	ministry.Fill("#on", fmt.Sprint(today.Day()))
	ministry.Fill("#on-month", fmt.Sprint(int(today.Month())))
	ministry.Fill("#on-year", fmt.Sprint(today.Year()))
	ministry.Fill("#signed_by", "Menteri Sosial")
	ministry.Follow("main form button")
	ministry.FitForUse()
	picture(ministry, "determine-run")
	if !strings.Contains(ministry.URL(), "/pekerjaan/") {
		t.Fatalf("no run was made: %s", ministry.Text("main"))
	}
	var acts int64
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT count(DISTINCT action) FROM audit_log WHERE action IN
		('proposal.draft', 'proposal.file', 'proposal.list', 'proposal.deliberate', 'proposal.verify', 'proposal.approve', 'proposal.ratify')`).Scan(&acts); err != nil {
		t.Fatal(err)
	}
	if acts != 7 {
		t.Errorf("the audit log has %d of the 7 acts", acts)
	}
}

// wait puts a proposal that does not match back to waiting: the registry of the town has no such person.
func (b *town) wait(t *testing.T) {
	t.Helper()
	t.Fatalf("state %v", b.states(t))
}

var _ = context.Background
var _ = cookiejar.New
var _ = url.Parse
var _ proposals.Tab
