package app

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// sessionsEnd ends every session of the town, as half an hour without a request does.
func (b *town) sessionsEnd(t *testing.T) {
	t.Helper()
	if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM session`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// noDrafts keeps a page from saving by itself while a test types, so that what buttons save can be counted.
func noDrafts(page *browser.Page) { browser.Eval[int](page, "(window.setTimeout = () => 0)()") }

// heldCopies counts the forms a tab keeps.
const heldCopies = "Object.keys(sessionStorage).filter((k) => k.startsWith('held:')).length"

func complain(page *browser.Page, words string) {
	page.Click("input[name=topic][value=CARD]")
	page.Fill("#text", words)
	page.Fill("#name", "Sari Contoh")
}

func (b *town) complaints(t *testing.T) int64 {
	t.Helper()
	return b.number(t, `SELECT count(*) FROM grievance`)
}

// TestAFormThatComesTooLateGoesAlong sends a form after its session ended: it is offered again to who
// signs in, with and without scripts, and becomes one record.
func TestAFormThatComesTooLateGoesAlong(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for i, reader := range []browser.Reader{{Width: 1280, Height: 900}, {Width: 390, Height: 844, NoScript: true}} {
		page := b.signIn(t, chromium, access.Operator, reader)
		page.Go(b.url + "/pengaduan/baru")
		complain(page, "Kartu belum datang.")
		b.sessionsEnd(t)
		page.Follow("main form button")
		if text := page.Text("main"); page.Status != http.StatusForbidden || !strings.Contains(text, "tidak hilang") || b.complaints(t) != int64(i) {
			t.Fatalf("%d %s", page.Status, text)
		}
		if body := browser.Eval[string](page, "document.documentElement.outerHTML"); strings.Contains(body, "Kartu belum") || strings.Contains(body, "Sari Contoh") {
			t.Fatal("the sign-in page tells what was typed")
		}
		page.NoOverflow()
		if !reader.NoScript {
			page.Accessible()
		}
		picture(page, fmt.Sprintf("late-sign-in-%d", reader.Width))
		who := b.people[access.Operator]
		page.Fill("#username", who.Login)
		page.Fill("#password", "bukan kata sandinya")
		page.Follow(".sign-in form button")
		page.Fill("#username", who.Login)
		page.Fill("#password", who.Password.Reveal())
		page.Follow(".sign-in form button")
		if text := page.Text("main"); !strings.Contains(text, "masih utuh") || b.complaints(t) != int64(i) {
			t.Fatalf("%d %s", page.Status, text)
		}
		page.NoOverflow()
		if !reader.NoScript {
			page.Accessible()
		}
		picture(page, fmt.Sprintf("late-offer-%d", reader.Width))
		page.Follow("main form button")
		if b.complaints(t) != int64(i+1) || page.Status != http.StatusOK {
			t.Fatalf("%d complaints: %d %s", b.complaints(t), page.Status, page.Text("main"))
		}
	}
}

// TestAnothersLateFormIsNotOffered signs somebody else in where a session was left alone for too long, and then her whose it was.
func TestAnothersLateFormIsNotOffered(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(path string, cookie *http.Cookie, form url.Values) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", b.url+"/pengaduan/baru")
		if cookie != nil {
			r.AddCookie(cookie)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(body)
	}
	answer, page := post("/pengaduan/baru", b.leftAlone(t, access.Operator), url.Values{"text": {"Kartu belum datang."}})
	carried := regexp.MustCompile(`name="carried" value="([^"]+)"`).FindStringSubmatch(page)
	if answer.StatusCode != http.StatusForbidden || carried == nil {
		t.Fatalf("%d %s", answer.StatusCode, page)
	}
	signIn := func(role access.Role) (*http.Response, string) {
		who := b.people[role]
		return post("/masuk", nil, url.Values{"username": {who.Login}, "password": {who.Password.Reveal()}, "next": {"/pengaduan/baru"}, "carried": {carried[1]}})
	}
	if answer, page := signIn(access.Verifier); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/pengaduan/baru" {
		t.Errorf("another is offered the form: %d %s", answer.StatusCode, page)
	}
	if answer, page := signIn(access.Operator); answer.StatusCode != http.StatusOK || !strings.Contains(page, "Kartu belum datang.") {
		t.Errorf("she is not offered her form: %d %s", answer.StatusCode, page)
	}
	for path, late := range map[string]bool{"/keluar": false, "/profil/sandi": false, "/pengaduan/baru": true} {
		answer, page := post(path, b.leftAlone(t, access.Operator), url.Values{"present": {"x"}})
		if strings.Contains(page, `name="carried"`) != late || !late && answer.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d %s", path, answer.StatusCode, page)
		}
	}
}

// leftAlone gives the cookie of a session nobody used for an hour.
func (b *town) leftAlone(t *testing.T, role access.Role) *http.Cookie {
	t.Helper()
	cookie := b.session(t, role)
	b.sessionsRest(t)
	return cookie
}

// sessionsRest makes every session of the town one that nobody used for an hour.
func (b *town) sessionsRest(t *testing.T) {
	t.Helper()
	type row struct {
		id   sqldb.ID
		data []byte
	}
	rows, err := sqldb.Collect(t.Context(), b.DB.Direct(), `SELECT token, data FROM session`, nil, func(r sqldb.Row) (s row, err error) {
		err = r.Scan(&s.id, &s.data)
		return s, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range rows {
		plain, err := b.Keys.Open("session", s.data)
		if err != nil {
			t.Fatal(err)
		}
		until, values, err := scs.GobCodec{}.Decode(plain)
		if err != nil {
			t.Fatal(err)
		}
		values["seen"] = values["seen"].(int64) - 3600
		if plain, err = (scs.GobCodec{}).Encode(until, values); err != nil {
			t.Fatal(err)
		}
		if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE session SET data = $1 WHERE token = $2`, b.Keys.Seal(nil, "session", plain), s.id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestACitizensWordsThatComeTooLateAreBackInTheirForm writes a correction on pages that have closed meanwhile: who comes in with
// the same code finds her words, another person does not.
func TestACitizensWordsThatComeTooLateAreBackInTheirForm(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	site := b.openToCitizens(t)
	chromium := browser.Start(t)
	nik, code, _ := b.coded(t, chromium, browser.Reader{Width: 1280, Height: 900})
	page := chromium.Open(t, site+"/saya/masuk", browser.Reader{Width: 390, Height: 844})
	enter := func() {
		page.Fill("#nik", nik)
		page.Fill("#access_code", code)
		page.Follow("main form button")
	}
	enter()
	page.Go(site + "/saya/perbaiki")
	page.Fill("#correction", "Nama anak kedua salah satu huruf.")
	b.sessionsRest(t)
	page.Follow("main form button")
	if text := page.Text("main"); page.Status != http.StatusForbidden || !strings.Contains(text, "tidak hilang") {
		t.Fatalf("%d %s", page.Status, text)
	}
	page.NoOverflow()
	page.Accessible()
	picture(page, "late-citizen")
	enter()
	if got := browser.Eval[string](page, "document.getElementById('correction').value"); got != "Nama anak kedua salah satu huruf." {
		t.Fatalf("came back with %q: %s", got, page.Text("main"))
	}
	page.Follow("main form button")
	if number := caseNumber.FindString(page.Text("main")); page.Status != http.StatusOK || number == "" || b.complaints(t) != 1 {
		t.Fatalf("no receipt: %d %s", page.Status, page.Text("main"))
	}
}

// TestAFormWithFilesThatComesTooLateStandsInItsPageAgain sends a form that takes files, which no page can carry, after its session
// ended: who signs in again finds what she typed.
func TestAFormWithFilesThatComesTooLateStandsInItsPageAgain(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	_, path := b.familyIn(t, b.people[access.Operator].Area)
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{})
	page.Go(b.url + path)
	page.Follow(`main a[href*="jenis=REMOVAL"]`)
	form := page.URL()
	page.Choose("#reason", "dead")
	page.Fill("#paper", "Akta kematian")
	b.sessionsEnd(t)
	page.Follow("main form button")
	if !strings.HasPrefix(page.URL(), b.url+"/masuk?lanjut=") {
		t.Fatalf("%s %s", page.URL(), page.Text("main"))
	}
	who := b.people[access.Operator]
	page.Fill("#username", who.Login)
	page.Fill("#password", who.Password.Reveal())
	page.Until("performance.now() > 1000")
	page.Follow(".sign-in form button")
	got := browser.Eval[[]string](page, "[location.href, document.getElementById('reason').value, document.getElementById('paper').value, document.querySelector('[data-draft-state]').textContent]")
	if got[0] != form || got[1] != "dead" || got[2] != "Akta kematian" || !strings.Contains(got[3], "dikembalikan") {
		t.Errorf("came back with %q", got)
	}
}

// TestATypedFamilyIsKeptWhileItIsTyped rests over the form of a new family: the draft is on the server, the page says so,
// and opening it again or sending it goes on from there.
func TestATypedFamilyIsKeptWhileItIsTyped(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{})
	page.Go(b.url + "/usulan/baru")
	page.Fill("#members-0-name", "Rina Contoh")
	page.Until("document.querySelector('[data-draft-state]').textContent.startsWith('Draf tersimpan') && location.search.startsWith('?konsep=')")
	page.Fill("#address", "Jalan Contoh 12")
	page.Until(heldCopies + " === 1")
	page.Until(heldCopies + " === 0")
	if n := b.number(t, `SELECT max(version) FROM proposal_draft`); n != 2 {
		t.Fatalf("version %d is kept", n)
	}
	page.Go(page.URL())
	if got := browser.Eval[string](page, "document.getElementById('members-0-name').value + document.getElementById('address').value"); got != "Rina ContohJalan Contoh 12" {
		t.Fatalf("came back with %q", got)
	}
	page.Fill("#rt", "001")
	page.Follow(`button[value="save"]`)
	if page.Status != http.StatusOK || b.number(t, `SELECT count(*) FROM proposal_draft`) != 1 {
		t.Fatalf("%d %s", page.Status, page.Text("main"))
	}
}

// TestALostConnectionLosesNothing sends a form into a dead line: what was typed stands in it again afterwards, it can be sent
// once, and nothing of it stays in the tab.
func TestALostConnectionLosesNothing(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{})
	page.Go(b.url + "/pengaduan/baru")
	complain(page, "Kartu belum datang.")
	request := browser.Eval[string](page, "document.querySelector('input[name=request]').value")
	page.Offline(true)
	page.Click("main form button")
	page.Until("location.protocol === 'chrome-error:'")
	page.Offline(false)
	page.Until("performance.now() > 1000") // nobody opens a page within half a second of another
	page.Go(b.url + "/pengaduan/baru")
	got := browser.Eval[[]string](page, "[document.getElementById('text').value, document.getElementById('name').value, document.querySelector('input[name=request]').value, document.querySelector('input[name=topic]:checked').value, document.querySelector('[data-draft-state]').textContent]")
	if strings.Join(got[:4], "|") != "Kartu belum datang.|Sari Contoh|"+request+"|CARD" {
		t.Fatalf("came back with %q", got)
	}
	page.Follow("main form button")
	if b.complaints(t) != 1 || page.Status != http.StatusOK {
		t.Fatalf("%d complaints: %d %s", b.complaints(t), page.Status, page.Text("main"))
	}
	if n := browser.Eval[int](page, heldCopies+" + localStorage.length"); n != 0 {
		t.Errorf("%d copies stay in the tab", n)
	}
}
