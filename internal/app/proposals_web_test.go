package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/testkit/browser"
)

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

// register puts a person into the civil registry of the town.
func (b *town) register(t *testing.T, nik, kk, name string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "civil.csv")
	text := "nik,no_kk,name,sex,birth_place,birth_date,mother_name,area_code\n" +
		strings.Join([]string{nik, kk, name, "P", "AMBON", "1980-05-17", "MARIA CONTOH", b.people[access.Operator].Area.Dotted()}, ",") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := b.importFile(t, exchange.Civil, file); r.Tally["rejected"] > 0 {
		t.Fatalf("the civil row was rejected: %v", r.Tally)
	}
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
	b.register(t, nik, kk, "RINA CONTOH")

	operator := b.signIn(t, chromium, access.Operator, plain)
	operator.Go(b.url + "/usulan/baru")
	operator.Follow(`button[value="check"]`)
	if operator.Status != http.StatusUnprocessableEntity || operator.Count(".error-summary a") < 4 {
		t.Fatalf("an empty form came back with status %d and %q", operator.Status, operator.Text("main"))
	}
	operator.NoOverflow()
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
	operator.NoOverflow()
	picture(operator, "form-check")
	if text := operator.Text("main"); strings.Contains(text, nik) {
		t.Error("the check page shows the whole NIK")
	}
	operator.Follow(`form[action="/usulan/kirim"] button`)
	operator.NoOverflow()
	picture(operator, "form-receipt")
	one := strings.TrimSuffix(operator.URL(), "/bukti")

	next := func(page *browser.Page, want proposal.State, fill func()) {
		t.Helper()
		page.Go(one)
		page.NoOverflow()
		fill()
		page.Follow("main form[action*='/langkah/'] button")
		if got := b.states(t); len(got) != 1 || got[0] != string(want) {
			t.Fatalf("the states are %v, want %s: %s", got, want, page.Text("main"))
		}
	}
	if got := b.states(t); len(got) != 1 {
		t.Fatalf("filed %v", got)
	}
	operator.Go(one)
	picture(operator, "record-operator")
	next(operator, proposal.InitialList, func() {})
	head := b.signIn(t, chromium, access.VillageHead, plain)
	next(head, proposal.Deliberated, func() { head.Fill("#paper", "Berita acara muskel 20 November 2026") })
	verifier := b.signIn(t, chromium, access.Verifier, plain)
	next(verifier, proposal.DistrictVerified, func() {})
	chief := b.signIn(t, chromium, access.AgencyHead, plain)
	next(chief, proposal.AgencyApproved, func() {})

	signer := b.signIn(t, chromium, access.Signer, plain)
	signer.Go(b.url + "/pengesahan")
	signer.NoOverflow()
	signer.Follow("main form button")
	if signer.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a letter without a number was answered with %d", signer.Status)
	}
	signer.Fill("#number", "460/1182/2026")
	signer.Fill("#signed_by", "Wali Kota Ambon")
	signer.Follow("main form button")
	signer.NoOverflow()
	picture(signer, "ratified")
	if got := b.states(t); got[0] != string(proposal.Endorsed) {
		t.Fatalf("after the signature: %v", got)
	}
	ministry := b.signIn(t, chromium, access.Ministry, plain)
	ministry.Go(b.url + "/penetapan")
	ministry.NoOverflow()
	picture(ministry, "determine")
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	ministry.Fill("#number", "79/HUK/2026")
	ministry.Fill("#on", fmt.Sprint(today.Day()))
	ministry.Fill("#on-month", fmt.Sprint(int(today.Month())))
	ministry.Fill("#on-year", fmt.Sprint(today.Year()))
	ministry.Fill("#signed_by", "Menteri Sosial")
	ministry.Follow("main form button")
	ministry.NoOverflow()
	picture(ministry, "determine-run")
	if !strings.Contains(ministry.URL(), "/pekerjaan/") {
		t.Fatalf("no run was made: %s", ministry.Text("main"))
	}
	var acts int64
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT count(DISTINCT act) FROM audit_entry WHERE act IN
		('proposal.draft', 'proposal.file', 'proposal.list', 'proposal.deliberate', 'proposal.verify', 'proposal.approve', 'proposal.ratify')`).Scan(&acts); err != nil {
		t.Fatal(err)
	}
	if acts != 7 {
		t.Errorf("the audit log has %d of the 7 acts", acts)
	}
}

// TestProposalPagesAreFitForUse opens the pages of proposals in each window and colour.
func TestProposalPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	nik, kk := newcomer(t, b, 2)
	b.register(t, nik, kk, "SITI CONTOH")
	other, otherKK := newcomer(t, b, 3)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{})
	for _, one := range [][3]string{{nik, kk, "Siti Contoh"}, {other, otherKK, "Sari Contoh"}} {
		operator.Go(b.url + "/usulan/baru")
		operator.FitForUse()
		fillFamily(operator, one[0], one[1], one[2])
		operator.Follow(`button[value="check"]`)
		operator.FitForUse()
		operator.Follow(`form[action="/usulan/kirim"] button`)
		operator.FitForUse()
	}
	matched, failed := b.proposalIn(t, proposal.Matched), b.proposalIn(t, proposal.MatchFailed)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Operator, view.r)
		for i, path := range []string{"/", "/usulan", "/usulan?tab=mend", "/usulan?tab=semua&tenggat=pekan", "/usulan/baru", matched, failed, failed + "/perbaiki", matched + "/langkah/withdraw", matched + "/bukti"} {
			page.Go(b.url + path)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: status %d: %s", path, page.Status, page.Text("main"))
			}
			page.FitForUse()
			picture(page, fmt.Sprintf("%s-%02d", view.name, i))
		}
	}
}

// proposalIn gives the path of a proposal in a state.
func (b *town) proposalIn(t *testing.T, state proposal.State) string {
	t.Helper()
	var tenant int64
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT kabkota, id FROM proposal WHERE state = $1`, string(state)).Scan(&tenant, &id); err != nil {
		t.Fatalf("no proposal in %s: %v (%v)", state, err, b.states(t))
	}
	return fmt.Sprintf("/usulan/%d-%s", tenant, id)
}

// TestProposalIsDecidedOnceAndByWhoMay sends one form twice, decides chosen rows together, and tells
// who was faster; who may not decide is refused and nothing changes.
func TestProposalIsDecidedOnceAndByWhoMay(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	nik, kk := newcomer(t, b, 4)
	b.register(t, nik, kk, "NONA CONTOH")
	chromium := browser.Start(t)
	plain := browser.Reader{NoScript: true}
	operator := b.signIn(t, chromium, access.Operator, plain)
	operator.Go(b.url + "/usulan/baru")
	fillFamily(operator, nik, kk, "Nona Contoh")
	operator.Follow(`button[value="check"]`)
	check := operator.URL()
	again := b.signIn(t, chromium, access.Operator, plain)
	again.Go(check)
	operator.Follow(`form[action="/usulan/kirim"] button`)
	again.Follow(`form[action="/usulan/kirim"] button`)
	if got := b.states(t); len(got) != 1 || got[0] != string(proposal.Matched) {
		t.Fatalf("sent twice: %v", got)
	}
	one := b.proposalIn(t, proposal.Matched)
	again.Go(b.url + one)
	operator.Go(b.url + "/usulan?tab=incoming")
	operator.Click(`input[name="baris"]`)
	operator.Follow(`button[value="list"]`)
	operator.Follow(`main form button`)
	if got := b.states(t); got[0] != string(proposal.InitialList) {
		t.Fatalf("chosen rows: %v: %s", got, operator.Text("main"))
	}
	again.Follow("main form[action*='/langkah/'] button")
	if again.Status != http.StatusConflict || !strings.Contains(again.Text(".error-summary"), b.actor(t, access.Operator).Name) {
		t.Fatalf("who was faster is not named: %d %s", again.Status, again.Text("main"))
	}
	verifier := b.signIn(t, chromium, access.Verifier, plain)
	for _, path := range []string{"/usulan/baru", "/pengesahan", "/penetapan"} {
		if verifier.Go(b.url + path); verifier.Status != http.StatusForbidden {
			t.Errorf("the verifier gets %s with %d", path, verifier.Status)
		}
	}
	verifier.Go(b.url + one)
	if n := verifier.Count("main form[action*='/langkah/']"); n != 0 {
		t.Errorf("the verifier is offered %d steps of the village", n)
	}
	analyst := b.signIn(t, chromium, access.Analyst, plain)
	if analyst.Go(b.url + one); analyst.Status != http.StatusForbidden {
		t.Errorf("an analyst sees a proposal: %d", analyst.Status)
	}
	head := b.signIn(t, chromium, access.VillageHead, plain)
	head.Go(b.url + one + "/langkah/return")
	head.Follow("main form button")
	if head.Status != http.StatusUnprocessableEntity || head.Count("#reason-error") != 1 {
		t.Errorf("a return without a reason: %d %s", head.Status, head.Text("main"))
	}
	head.Choose("#reason", "incomplete")
	head.Fill("#note", "Bawa Kartu Keluarga yang baru")
	head.Follow("main form button")
	if got := b.states(t); got[0] != string(proposal.Returned) || !strings.Contains(head.Text("main"), "Bawa Kartu Keluarga yang baru") {
		t.Fatalf("returned: %v %s", got, head.Text("main"))
	}
	operator.Go(b.url + one + "/perbaiki")
	operator.Fill("#address", "Jalan Contoh 14")
	operator.Follow("main form button")
	if got := b.states(t); got[0] != string(proposal.Matched) {
		t.Fatalf("mended: %v %s", got, operator.Text("main"))
	}
}
