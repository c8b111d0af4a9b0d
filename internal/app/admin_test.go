package app

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/registry"
	"tepat/internal/testkit/browser"
)

func plain() browser.Reader { return browser.Reader{Width: 1280, Height: 900, NoScript: true} }

// enter signs somebody in by name and password.
func (b *town) enter(t *testing.T, chromium *browser.Browser, login, password, code string) *browser.Page {
	t.Helper()
	page := chromium.Open(t, b.url+"/masuk", plain())
	page.Fill("#username", login)
	page.Fill("#password", password)
	if code != "" {
		page.Fill("#code", code)
	}
	page.Follow("main form button")
	return page
}

func (b *town) account(t *testing.T, login string) (id sqldb.ID) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM account WHERE login = $1`, login).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

var temporary = regexp.MustCompile(`[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}`)

// TestANewOfficerGetsToWork goes the whole way: the administrator makes an account, the head of
// the office grants its role, the officer changes the password and works; then it is ended.
func TestANewOfficerGetsToWork(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	admin := b.signIn(t, chromium, access.Admin, plain())
	admin.Go(b.url + "/pengguna")
	admin.Follow(`main a[href="/pengguna/baru"]`)
	admin.Follow("main form button")
	if admin.Status != http.StatusUnprocessableEntity || admin.Count(`.error-summary a[href="#role"]`) != 1 {
		t.Fatalf("an empty form: %d %s", admin.Status, admin.Text("main"))
	}
	admin.NothingInline()
	admin.Fill("#name", "Rahma Contoh")
	admin.Fill("#login", "rahma.contoh")
	admin.Choose("#role", string(access.Operator))
	village := b.people[access.Operator].Area
	admin.Choose("#area", village.Dotted())
	admin.Follow("main form button")
	password := temporary.FindString(admin.Text(".notice"))
	id := b.account(t, "rahma.contoh")
	if password == "" || !strings.HasSuffix(admin.URL(), "/pengguna/"+id.String()) {
		t.Fatalf("after making the account: %s %s", admin.URL(), admin.Text("main"))
	}
	admin.Go(admin.URL())
	if strings.Contains(admin.Text("main"), password) {
		t.Error("the temporary password is shown twice")
	}
	if n := b.tally(t, `SELECT count(*) FROM audit_entry WHERE act = 'account.create' AND subject = $1 AND actor_id = $2`, id, b.people[access.Admin].ID); n != 1 {
		t.Errorf("%d entries of the new account", n)
	}

	officer := b.enter(t, chromium, "rahma.contoh", password, "")
	for _, path := range []string{"/", "/keluarga", "/pengguna/" + id.String()} {
		officer.Go(b.url + path)
		if officer.URL() != b.url+"/profil" || officer.Count("#present") != 1 || officer.Count("nav a") > officer.Count("footer nav a") && officer.Count(`nav a[href="/keluarga"]`) != 0 {
			t.Errorf("with a temporary password %s leads to %s", path, officer.URL())
		}
	}
	officer.NothingInline()
	officer.Fill("#present", password)
	officer.Fill("#password", "perahu di teluk dalam")
	officer.Fill("#again", "perahu di teluk luar")
	officer.Follow(`form[action="/profil/sandi"] button`)
	if officer.Status != http.StatusUnprocessableEntity || officer.Count(`.error-summary a[href="#again"]`) != 1 {
		t.Errorf("two different passwords: %d %s", officer.Status, officer.Text("main"))
	}
	officer.Fill("#present", password)
	officer.Fill("#password", "perahu di teluk dalam")
	officer.Fill("#again", "perahu di teluk dalam")
	officer.Follow(`form[action="/profil/sandi"] button`)
	if officer.URL() != b.url+"/profil" || officer.Count(".notice") != 1 || officer.Count("#saya") != 1 {
		t.Fatalf("after changing the password: %s %s", officer.URL(), officer.Text("main"))
	}
	if officer.Go(b.url + "/keluarga"); officer.Status != http.StatusForbidden {
		t.Errorf("without a granted role the families answer %d", officer.Status)
	}

	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/")
	head.Follow(`main a[href="/pengguna/permintaan"]`)
	head.Follow("table a")
	head.NothingInline()
	request := head.URL()
	head.Follow(`button[value="approve"]`)
	if b.tally(t, `SELECT count(*) FROM audit_entry WHERE act = 'account.grant_approved' AND subject = $1 AND actor_id = $2`, id, b.people[access.AgencyHead].ID) != 1 {
		t.Errorf("the grant is not in the log: %s", head.Text("main"))
	}
	if head.Go(request); head.Status != http.StatusNotFound {
		t.Errorf("a decided request answers %d", head.Status)
	}
	if officer.Go(b.url + "/keluarga"); officer.Status != http.StatusOK || officer.Count("table a") == 0 {
		t.Errorf("with the role the families answer %d", officer.Status)
	}

	admin.Go(b.url + "/pengguna/" + id.String())
	admin.Follow(`button[value="suspend"]`)
	if officer.Go(b.url + "/profil"); officer.URL() == b.url+"/profil" && officer.Status == http.StatusOK {
		t.Error("a suspended officer still sees a page")
	}
	if again := b.enter(t, chromium, "rahma.contoh", "perahu di teluk dalam", ""); again.Status != http.StatusUnprocessableEntity {
		t.Errorf("a suspended officer signs in: %d", again.Status)
	}
	admin.Follow(`button[value="resume"]`)
	if admin.Status != http.StatusUnprocessableEntity {
		t.Errorf("who suspended lifts it: %d", admin.Status)
	}
	head.Go(b.url + "/pengguna/" + id.String())
	head.Follow(`button[value="resume"]`)
	if n := b.tally(t, `SELECT count(*) FROM account WHERE id = $1 AND state = 'active'`, id); n != 1 {
		t.Errorf("the suspension was not lifted: %s", head.Text("main"))
	}
	admin.Go(b.url + "/pengguna/" + id.String())
	admin.Follow(`button[value="reset"]`)
	if second := temporary.FindString(admin.Text(".notice")); second == "" || second == password {
		t.Errorf("a reset gives %q", second)
	}
	admin.Follow(`button[value="end"]`)
	if n := b.tally(t, `SELECT count(*) FROM account_grant WHERE account_id = $1 AND valid_to <> ''`, id); n != 1 {
		t.Errorf("%d roles ended: %s", n, admin.Text("main"))
	}
}

// TestTheSecondPersonDecides tries to grant what one asked for oneself, and to enter as a role that
// has nothing to do with users.
func TestTheSecondPersonDecides(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	who := b.actor(t, access.Admin)
	made, err := b.Accounts.Create(t.Context(), who, accounts.Creation{Login: "dua.orang", Name: "Dua Orang", Grant: accounts.Grant{Role: access.Verifier, Area: ambon}})
	if err != nil {
		t.Fatal(err)
	}
	admin := b.signIn(t, chromium, access.Admin, plain())
	admin.Go(b.url + "/pengguna/permintaan")
	if admin.Status != http.StatusForbidden {
		t.Errorf("an administrator at the requests: %d", admin.Status)
	}
	if got := post(admin, "/pengguna/permintaan/"+made.Request.String(), "do=approve"); !strings.HasPrefix(got, "403\n") {
		t.Errorf("an administrator grants: %.60s", got)
	}
	admin.Go(b.url + "/pengguna/" + made.ID.String())
	admin.Follow(`button[value="withdraw"]`)
	if n := b.tally(t, `SELECT count(*) FROM grant_request WHERE id = $1 AND state = 'withdrawn'`, made.Request); n != 1 {
		t.Errorf("the request was not withdrawn: %s", admin.Text("main"))
	}
	for _, role := range []access.Role{access.Operator, access.Verifier, access.Auditor, access.Signer} {
		page := b.signIn(t, chromium, role, plain())
		for _, path := range []string{"/pengguna", "/pengguna/baru", "/pengguna/" + made.ID.String(), "/pengguna/permintaan"} {
			if page.Go(b.url + path); page.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", role, path, page.Status)
			}
		}
		if got := post(page, "/pengguna/"+made.ID.String(), "do=suspend"); !strings.HasPrefix(got, "403\n") {
			t.Errorf("%s suspends: %.60s", role, got)
		}
	}
	if admin.Go(b.url + "/keluarga"); admin.Status != http.StatusForbidden {
		t.Errorf("an administrator at the families: %d", admin.Status)
	}
}

// codeFor computes what an authenticator app shows (RFC 6238).
func codeFor(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	at4 := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at4:])&0x7fffffff%1_000_000)
}

// TestTheSecondFactorIsAskedFor sets a second factor up, signs in with it, and ends every session.
func TestTheSecondFactorIsAskedFor(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	me := b.people[access.Verifier]
	page := b.enter(t, chromium, me.Login, me.Password.Reveal(), "")
	page.Go(b.url + "/profil")
	page.Follow(`button[value="begin"]`)
	key := page.Text(`section[aria-labelledby="ketik"] dd`)
	if page.URL() != b.url+"/profil/faktor" || page.Count(`svg[role="img"] path`) != 1 || len(strings.ReplaceAll(key, " ", "")) != 32 {
		t.Fatalf("the key: %s %q", page.URL(), key)
	}
	page.NothingInline()
	page.Fill("#code", "000000")
	page.Follow(`button[value="confirm"]`)
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#code"]`) != 1 || page.Text(`section[aria-labelledby="ketik"] dd`) != key {
		t.Errorf("a wrong code: %d %s", page.Status, page.Text("main"))
	}
	now := b.Acts.Now()
	page.Fill("#code", codeFor(t, key, now))
	page.Follow(`button[value="confirm"]`)
	if page.URL() != b.url+"/profil" || page.Count(`button[value="remove"]`) != 1 {
		t.Fatalf("after the code: %s %s", page.URL(), page.Text("main"))
	}
	page.Go(b.url + "/profil/faktor")
	if page.URL() != b.url+"/profil" {
		t.Error("the key is shown again")
	}
	half := b.enter(t, chromium, me.Login, me.Password.Reveal(), "")
	if half.Status != http.StatusUnprocessableEntity || half.Count(`.error-summary a[href="#code"]`) != 1 {
		t.Errorf("without a code: %d %s", half.Status, half.Text("main"))
	}
	second := b.enter(t, chromium, me.Login, me.Password.Reveal(), codeFor(t, key, now.Add(30*time.Second)))
	if second.URL() != b.url+"/" {
		t.Fatalf("with a code: %s %s", second.URL(), second.Text("main"))
	}
	second.Go(b.url + "/profil")
	if second.Count(`section[aria-labelledby="masuk"] tbody tr`) < 2 {
		t.Errorf("sign-ins: %s", second.Text("main"))
	}
	second.Follow(`form[action="/profil/keluar"] button`)
	if page.Go(b.url + "/profil"); !strings.HasPrefix(page.URL(), b.url+"/masuk") {
		t.Errorf("another machine is still signed in: %s", page.URL())
	}
	if n := b.tally(t, `SELECT count(*) FROM session WHERE account_id = $1`, me.ID); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestShortcutsCanBeTurnedOff turns the single keys off for a machine (WCAG 2.1.4).
func TestShortcutsCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, browser.Reader{Width: 1280, Height: 900})
	has := func() bool {
		page.Go(b.url + "/keluarga")
		return browser.Eval[bool](page, `document.body.hasAttribute('data-shortcuts')`)
	}
	if !has() {
		t.Error("shortcuts are off from the start")
	}
	for _, want := range []bool{false, true} {
		page.Go(b.url + "/profil")
		page.Follow(`form[action="/profil/pintasan"] button`)
		if page.URL() != b.url+"/profil" || page.Count(".notice") != 1 || has() != want {
			t.Errorf("shortcuts on: %t, want %t", !want, want)
		}
	}
}

// TestTheAuditorReadsTheLog looks at a family and finds that looking in the log.
func TestTheAuditorReadsTheLog(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	me := b.people[access.Operator]
	operator := b.enter(t, chromium, me.Login, me.Password.Reveal(), "")
	operator.Go(b.url + "/keluarga")
	operator.Follow("table a")
	family := operator.URL()
	if operator.Count("#dilihat") != 0 {
		t.Error("an operator sees who looked")
	}
	auditor := b.signIn(t, chromium, access.Auditor, plain())
	auditor.Go(b.url + "/audit?jenis=registry.")
	if auditor.Count("tbody tr") < 2 || !strings.Contains(auditor.Text("tbody"), "Membuka keluarga") || !strings.Contains(auditor.Text("tbody"), "Operator Latihan") || auditor.Count(".notice") != 1 {
		t.Fatalf("the log: %s", auditor.Text("main"))
	}
	auditor.NothingInline()
	auditor.Go(b.url + "/audit?jenis=registry.open")
	auditor.Follow("tbody a")
	if !strings.Contains(auditor.Text("main"), "Operator Latihan") {
		t.Errorf("the entry: %s", auditor.Text("main"))
	}
	auditor.Follow(`main a[href^="/keluarga/"]`)
	if auditor.URL() != family || auditor.Count(`section[aria-labelledby="dilihat"] tbody tr`) < 2 || !strings.Contains(auditor.Text(`section[aria-labelledby="dilihat"]`), "Operator Latihan") {
		t.Errorf("who looked at the family: %s", auditor.Text("main"))
	}
	for _, c := range []struct{ query, has, not string }{
		{"siapa=" + b.people[access.Operator].ID.String(), "Operator Latihan", "Verifikator Latihan"},
		{"jenis=account.", "Masuk", "Membuka keluarga"},
		{"waktu=1", "Operator Latihan", "\x00"},
		{"waktu=2020-01", "", "Operator Latihan"},
		{"wilayah=" + b.people[access.Operator].Area.Dotted(), "Membuka keluarga", "Impor keluarga"},
	} {
		auditor.Go(b.url + "/audit?" + c.query)
		text := auditor.Text("#list tbody") + auditor.Text(".empty")
		if auditor.Status != http.StatusOK || !strings.Contains(text, c.has) || strings.Contains(text, c.not) {
			t.Errorf("%s: %d %s", c.query, auditor.Status, text)
		}
	}
	auditor.Go(b.url + "/audit")
	first := auditor.Text("tbody tr")
	auditor.Follow(`.pager a[rel="next"]`)
	if auditor.Text("tbody tr") == first || auditor.Count("tbody tr") == 0 {
		t.Errorf("the second page: %s", auditor.Text("main"))
	}
	file := browser.Eval[string](auditor, `fetch('/audit/unduh?jenis=registry.').then(r => r.text())`)
	if lines := strings.Split(strings.TrimSpace(file), "\n"); len(lines) < 4 || !strings.HasPrefix(strings.TrimPrefix(lines[0], "\ufeff"), "at,act,actor") || !strings.Contains(file, "registry.open") || strings.Contains(file, "account.sign_in") {
		t.Errorf("the file: %.300s", file)
	}
	if n := b.tally(t, `SELECT count(*) FROM audit_entry WHERE act = 'audit.read' AND actor_id = $1`, b.people[access.Auditor].ID); n < 9 {
		t.Errorf("%d readings of the log are in the log", n)
	}
	for _, role := range []access.Role{access.Operator, access.Verifier, access.Admin, access.AgencyHead} {
		page := b.signIn(t, chromium, role, plain())
		for _, path := range []string{"/audit", "/audit/unduh"} {
			if page.Go(b.url + path); page.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", role, path, page.Status)
			}
		}
	}
}

// TestTheSealIsShown seals the log and looks at the auditor's page.
func TestTheSealIsShown(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	auditor := b.signIn(t, browser.Start(t), access.Auditor, plain())
	auditor.Go(b.url + "/audit")
	if !strings.Contains(auditor.Text(".notice"), "Belum ada segel") {
		t.Errorf("unsealed: %s", auditor.Text(".notice"))
	}
	if _, err := b.Sealer.SealDue(t.Context(), b.Acts.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	auditor.Go(b.url + "/audit")
	if !strings.Contains(auditor.Text(".notice"), "tersegel dan utuh") {
		t.Errorf("sealed: %s", auditor.Text(".notice"))
	}
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE audit_entry SET purpose = 'lain' WHERE act = 'registry.open' OR act = 'run.create'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	auditor.Go(b.url + "/audit")
	if !strings.Contains(auditor.Text(".notice"), "tidak cocok") {
		t.Errorf("changed behind the seal: %s", auditor.Text(".notice"))
	}
}

// TestAdminPagesAreFitForUse opens the pages of users, profile and log in each window and colour.
func TestAdminPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	made, err := b.Accounts.Create(t.Context(), b.actor(t, access.Admin), accounts.Creation{Login: "baru.contoh", Name: "Petugas Baru", Grant: accounts.Grant{Role: access.Operator, Area: b.people[access.Operator].Area}})
	if err != nil {
		t.Fatal(err)
	}
	who := b.actor(t, access.Operator)
	list, err := b.Registry.List(t.Context(), who, registry.Filter{Limit: 1})
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	family := fmt.Sprintf("/keluarga/%d-%s", list[0].Tenant, list[0].ID)
	for _, view := range readers() {
		look := func(page *browser.Page, name, path string) {
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, view.name+"-"+name)
		}
		admin := b.signIn(t, chromium, access.Admin, view.r)
		look(admin, "users", "/pengguna")
		look(admin, "user-new", "/pengguna/baru")
		look(admin, "user", "/pengguna/"+made.ID.String())
		look(admin, "profile", "/profil")
		admin.Follow(`button[value="begin"]`)
		admin.Accessible()
		admin.NoOverflow()
		picture(admin, view.name+"-factor")
		admin.Go(b.url + "/pengguna/baru")
		admin.Follow("main form button")
		admin.Accessible()
		admin.NoOverflow()
		picture(admin, view.name+"-user-new-error")
		head := b.signIn(t, chromium, access.AgencyHead, view.r)
		look(head, "requests", "/pengguna/permintaan")
		look(head, "request", "/pengguna/permintaan/"+made.Request.String())
		look(head, "head-user", "/pengguna/"+made.ID.String())
		auditor := b.signIn(t, chromium, access.Auditor, view.r)
		look(auditor, "audit", "/audit")
		look(auditor, "audit-empty", "/audit?waktu=2020-01")
		look(auditor, "looked", family)
		auditor.Go(b.url + "/audit?jenis=run.")
		auditor.Follow("tbody a")
		auditor.FitForUse()
		picture(auditor, view.name+"-audit-entry")
	}
}

// TestTheKeyboardMakesAnAccount fills the form of a new account without a mouse.
func TestTheKeyboardMakesAnAccount(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Admin, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/pengguna/baru")
	browser.Eval[bool](page, `(document.querySelector('#name').focus(), true)`)
	page.Press("Tuti Contoh")
	page.Press(kb.Tab)
	page.Press("tuti.contoh")
	page.Press(kb.Tab)
	if page.Focused() != "role" {
		t.Fatalf("after the user name the focus is on %s", page.Focused())
	}
	page.Press("Verif")
	for page.Focused() != "to-year" {
		page.Press(kb.Tab)
	}
	page.Press(kb.Enter)
	page.Until(`location.pathname.startsWith('/pengguna/0')`)
	if b.tally(t, `SELECT count(*) FROM grant_request r JOIN account a ON a.id = r.account_id WHERE a.login = 'tuti.contoh' AND r.role = 'verifier'`) != 1 {
		t.Errorf("the account: %s", page.Text("main"))
	}
}
