package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit/browser"
)

// filedAs files a new family of one that matches, and walks it to a state in its officers' names.
func (b *town) filedAs(t *testing.T, serial int, until proposal.State) proposals.Row {
	t.Helper()
	nik, kk := newcomer(t, b, serial)
	b.register(t, nik, kk, "RINA CONTOH")
	row := b.filePlain(t, nik, kk)
	steps := map[proposal.State]struct {
		role access.Role
		do   func(proposals.Decision) ([]proposals.Row, error)
	}{
		proposal.Matched: {access.Operator, func(d proposals.Decision) ([]proposals.Row, error) {
			return b.Proposals.List(t.Context(), b.actor(t, access.Operator), d)
		}},
		proposal.InitialList: {access.VillageHead, func(d proposals.Decision) ([]proposals.Row, error) {
			return b.Proposals.Deliberate(t.Context(), b.actor(t, access.VillageHead), d)
		}},
		proposal.Deliberated: {access.Verifier, func(d proposals.Decision) ([]proposals.Row, error) {
			return b.Proposals.Verify(t.Context(), b.actor(t, access.Verifier), d)
		}},
		proposal.DistrictVerified: {access.AgencyHead, func(d proposals.Decision) ([]proposals.Row, error) {
			return b.Proposals.Approve(t.Context(), b.actor(t, access.AgencyHead), d)
		}},
	}
	for row.State != until {
		step, ok := steps[row.State]
		if !ok {
			t.Fatalf("no step leads from %s to %s", row.State, until)
		}
		d := proposals.One(row)
		d.Paper = proposals.Paper{Name: "Berita acara"}
		after, err := step.do(d)
		if err != nil {
			t.Fatal(err)
		}
		row = after[0]
	}
	return row
}

// TestSigningPagesAreFitForUse opens the signer's and the ministry's pages empty, with work, after
// errors and after the signature, in each window and colour.
func TestSigningPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	look := func(role access.Role, path, name string) {
		t.Helper()
		for _, view := range readers() {
			page := b.signIn(t, chromium, role, view.r)
			page.Go(b.url + path)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, page.Status, page.Text("main"))
			}
			page.FitForUse()
			picture(page, name+"-"+view.name)
		}
	}
	look(access.Signer, "/pengesahan", "sign-empty")
	look(access.Ministry, "/penetapan", "determine-empty")
	b.filedAs(t, 61, proposal.AgencyApproved)
	b.filedAs(t, 62, proposal.AgencyApproved)
	look(access.Signer, "/pengesahan", "sign")

	signer := b.signIn(t, chromium, access.Signer, browser.Reader{})
	signer.Go(b.url + "/pengesahan")
	signer.Follow("main form button")
	if signer.Status != http.StatusUnprocessableEntity || signer.Count(".error-summary a") == 0 {
		t.Fatalf("a letter without a number: %d", signer.Status)
	}
	signer.Accessible()
	signer.NoOverflow()
	signer.Fill("#number", "460/1182/2026")
	signer.Fill("#signed_by", "Wali Kota Ambon")
	b.filedAs(t, 63, proposal.AgencyApproved) // while she reads the list
	signer.Follow("main form button")
	if signer.Status != http.StatusConflict || b.audited(t, "proposal.ratify") != 0 {
		t.Fatalf("a list that grew is signed unseen: %d %s", signer.Status, signer.Text("main"))
	}
	signer.Accessible()
	signer.Follow("main form button")
	if b.number(t, `SELECT count(*) FROM proposal WHERE state = 'ENDORSED'`) != 3 || b.audited(t, "proposal.ratify") != 1 {
		t.Fatalf("after the signature: %v %s", b.states(t), signer.Text("main"))
	}
	signed := strings.TrimPrefix(signer.URL(), b.url)
	look(access.Signer, signed, "signed")
	look(access.Ministry, "/penetapan", "determine")

	ministry := b.signIn(t, chromium, access.Ministry, browser.Reader{})
	ministry.Go(b.url + "/penetapan")
	ministry.Follow("main form button")
	if ministry.Status != http.StatusUnprocessableEntity || ministry.Count(".error-summary a") == 0 || b.number(t, `SELECT count(*) FROM run WHERE kind = 'determine'`) != 0 {
		t.Fatalf("a decree without a number: %d %s", ministry.Status, ministry.Text("main"))
	}
	ministry.Accessible()
	ministry.NoOverflow()
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	for id, v := range map[string]string{"number": "79/HUK/2026", "on": fmt.Sprint(today.Day()), "on-month": fmt.Sprint(int(today.Month())), "on-year": fmt.Sprint(today.Year()), "signed_by": "Menteri Sosial"} {
		ministry.Fill("#"+id, v)
	}
	ministry.Follow("main form button")
	if !strings.Contains(ministry.URL(), "/pekerjaan/") || b.number(t, `SELECT count(*) FROM run WHERE kind = 'determine'`) != 1 {
		t.Fatalf("no run: %s", ministry.Text("main"))
	}
	for _, role := range []access.Role{access.Operator, access.Verifier, access.AgencyHead} {
		page := b.signIn(t, chromium, role, browser.Reader{})
		for _, path := range []string{"/pengesahan", "/penetapan"} {
			if page.Go(b.url + path); page.Status != http.StatusForbidden {
				t.Errorf("%s gets %s with %d", role, path, page.Status)
			}
		}
	}
}

// TestAProposalIsFiledByKeyboard goes from the first field to the receipt with the keyboard alone.
func TestAProposalIsFiledByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	nik, kk := newcomer(t, b, 71)
	b.register(t, nik, kk, "RINA CONTOH")
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/usulan/baru")
	browser.Eval[bool](page, `document.getElementById("address").focus() === undefined`)
	keys := func(text string, tabs int) { page.Press(text + strings.Repeat("\t", tabs)) }
	keys("Jalan Contoh 12", 1)
	keys("001", 1)
	keys("002", 2) // past the phone
	keys(kk, 1)
	keys("", 1) // the relation is the head already
	keys("Rina Contoh", 1)
	keys(nik, 1)
	keys(" ", 1) // the first choice
	if got := page.Focused(); got != "members-0-birth_place" {
		t.Fatalf("after the sex the focus is at %s", got)
	}
	browser.Eval[bool](page, `document.getElementById("members-0-sex-2").click() === undefined`)
	browser.Eval[bool](page, `document.getElementById("members-0-birth_place").focus() === undefined`)
	keys("Ambon", 1)
	keys("17", 1)
	keys("5", 1)
	keys("1980", 1)
	if got := page.Focused(); got != "members-0-mother" {
		t.Fatalf("after the birth date the focus is at %s", got)
	}
	page.Press("Maria Contoh\r")
	page.Until(`location.pathname === "/usulan/periksa"`)
	browser.Eval[bool](page, `document.querySelector('form[action="/usulan/kirim"] button').focus() === undefined`)
	page.Press("\r")
	page.Until(`location.pathname.endsWith("/bukti")`)
	if got := b.states(t); len(got) != 1 || got[0] != string(proposal.Matched) || b.audited(t, "proposal.file") != 1 {
		t.Errorf("filed: %v", got)
	}
}

// printed are the pages people take to meetings and sign.
func (b *town) printed(t *testing.T) map[access.Role][]string {
	t.Helper()
	listed := b.filedAs(t, 81, proposal.InitialList)
	b.filedAs(t, 82, proposal.InitialList)
	b.filedAs(t, 83, proposal.AgencyApproved)
	one := fmt.Sprintf("/usulan/%d-%s", listed.Tenant, listed.ID)
	return map[access.Role][]string{
		access.VillageHead: {"/usulan?tab=list", one},
		access.Operator:    {one + "/bukti", "/padan"},
		access.Signer:      {"/pengesahan"},
	}
}

const stillThere = `[...document.querySelectorAll("input, select, textarea, button, nav, .filter, .tabs, search")].filter(e => e.type !== "hidden" && e.getBoundingClientRect().height > 0 && getComputedStyle(e).visibility !== "hidden")
	.map(e => e.tagName.toLowerCase() + "." + e.className).slice(0, 6)`

// TestProposalsPrint looks at the pages as they print: nothing to press or to fill in, the whole
// list, and a foot that says which record, when and by whom.
func TestProposalsPrint(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for role, paths := range b.printed(t) {
		page := b.enterOnPaper(t, chromium, role)
		for i, path := range paths {
			page.Go(b.url + path)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: %d", path, page.Status)
			}
			page.NoOverflow()
			if left := browser.Eval[[]string](page, stillThere); len(left) > 0 {
				t.Errorf("%s prints %s", path, strings.Join(left, ", "))
			}
			foot := page.Text(".print-footer")
			if !strings.Contains(foot, b.actor(t, role).Name) || !strings.Contains(foot, strings.SplitN(path, "?", 2)[0]) {
				t.Errorf("%s has the foot %q", path, foot)
			}
			if head := browser.Eval[string](page, `(document.querySelector("main table thead") ? getComputedStyle(document.querySelector("main table thead")).display : "table-header-group")`); head != "table-header-group" {
				t.Errorf("%s: the head of the table does not repeat: %s", path, head)
			}
			picture(page, fmt.Sprintf("print-%s-%d", role, i))
		}
	}
}

// enterOnPaper signs somebody in where pages are drawn as they print, without their buttons.
func (b *town) enterOnPaper(t *testing.T, chromium *browser.Browser, role access.Role) *browser.Page {
	t.Helper()
	page := chromium.Open(t, b.url+"/masuk", browser.Reader{Width: 794, Height: 1123, Print: true})
	browser.Eval[bool](page, fmt.Sprintf(`(() => { document.getElementById("username").value = %q; document.getElementById("password").value = %q;
		document.querySelector("main form").submit(); return true })()`, b.people[role].Login, b.people[role].Password.Reveal()))
	page.Until(`location.pathname === "/" && document.readyState === "complete"`)
	return page
}

// TestOldFormsAskBeforeTheyOverlook sends a step, a mended form and a draft that met a newer
// version: each time nothing is overlooked until the change was read.
func TestOldFormsAskBeforeTheyOverlook(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	row := b.filedAs(t, 91, proposal.Matched)
	one := fmt.Sprintf("/usulan/%d-%s", row.Tenant, row.ID)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{})
	operator.Go(b.url + one + "/langkah/withdraw")
	if _, err := b.Proposals.List(t.Context(), b.actor(t, access.Operator), proposals.One(row)); err != nil {
		t.Fatal(err)
	}
	operator.Choose("#reason", "filed_by_mistake")
	for range 2 {
		operator.Follow("main form button")
		if operator.Status != http.StatusConflict || b.states(t)[0] != string(proposal.InitialList) || operator.Count("input[name=baca]") != 1 {
			t.Fatalf("a step on an old version: %d %v", operator.Status, b.states(t))
		}
	}
	operator.Accessible()
	operator.Click("input[name=baca]")
	operator.Follow("main form button")
	if b.states(t)[0] != string(proposal.Withdrawn) || b.audited(t, "proposal.withdraw") != 1 {
		t.Fatalf("after reading: %d %v", operator.Status, b.states(t))
	}

	nik, kk := newcomer(t, b, 92) // nobody the civil registry knows: comes back to be mended
	b.filePlain(t, nik, kk)
	failed := b.proposalIn(t, proposal.MatchFailed)
	mine, theirs := b.signIn(t, chromium, access.Operator, browser.Reader{}), b.signIn(t, chromium, access.Operator, browser.Reader{})
	mine.Go(b.url + failed + "/perbaiki")
	theirs.Go(b.url + failed + "/perbaiki")
	theirs.Fill("#address", "Jalan Mereka 2")
	theirs.Follow(`button[value="repair"]`)
	mine.Fill("#address", "Jalan Saya 1")
	mine.Follow(`button[value="repair"]`)
	if mine.Status != http.StatusConflict || !strings.Contains(mine.Text("main"), "Jalan Mereka 2") || b.audited(t, "proposal.repair") != 1 {
		t.Fatalf("a form mended twice: %d %s", mine.Status, mine.Text("main"))
	}
	picture(mine, "conflict-mend")
	mine.Click("input[name=baca]")
	mine.Follow(`button[value="repair"]`)
	if mine.Status != http.StatusOK || !strings.Contains(mine.Text("main"), "Jalan Saya 1") || b.audited(t, "proposal.repair") != 2 {
		t.Fatalf("after reading: %d %s", mine.Status, mine.Text("main"))
	}

	mine.Go(b.url + "/usulan/baru")
	noDrafts(mine)
	mine.Fill("#address", "Jalan Draf 1")
	mine.Follow(`button[value="save"]`)
	noDrafts(mine)
	theirs.Go(mine.URL())
	noDrafts(theirs)
	theirs.Fill("#address", "Jalan Draf 2")
	theirs.Follow(`button[value="save"]`)
	mine.Fill("#address", "Jalan Draf 3")
	mine.Follow(`button[value="save"]`)
	if mine.Status != http.StatusConflict || !strings.Contains(mine.Text("main"), "Jalan Draf 2") || b.audited(t, "proposal.draft") != 2 {
		t.Fatalf("a draft saved elsewhere: %d %s", mine.Status, mine.Text("main"))
	}
	mine.Click("input[name=baca]")
	mine.Follow(`button[value="save"]`)
	if got := browser.Eval[string](mine, `document.getElementById("address").value`); got != "Jalan Draf 3" || b.audited(t, "proposal.draft") != 3 {
		t.Errorf("after reading: %q", got)
	}
}

// filePlain files a new family of one as the operator does.
func (b *town) filePlain(t *testing.T, nik, kk string) proposals.Row {
	t.Helper()
	n, err := person.ParseNIK(nik)
	if err != nil {
		t.Fatal(err)
	}
	card, err := person.ParseKK(kk)
	if err != nil {
		t.Fatal(err)
	}
	doc := proposals.Document{KK: card, Address: "Jalan Contoh 12", RT: "001", RW: "002", Papers: []string{"ktp", "kk"}, Members: []proposals.Member{{NIK: n, Name: "RINA CONTOH", Sex: person.Female, BirthPlace: "AMBON", BirthDate: period.On(1980, 5, 17), MotherName: "MARIA CONTOH", Relation: person.Head}}}
	r, err := b.Proposals.File(t.Context(), b.actor(t, access.Operator), proposals.Filing{Kind: proposal.NewFamily, Area: b.people[access.Operator].Area, Document: doc})
	if err != nil {
		t.Fatal(err)
	}
	return r.Row
}
