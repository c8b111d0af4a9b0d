package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/grievance"
	"tepat/internal/service/grievances"
	"tepat/internal/testkit/browser"
)

var paperCode = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}`)

// coded gives a resident a code at the desk, as an operator does in a browser, and gives NIK, code and the page of the paper.
func (b *town) coded(t *testing.T, chromium *browser.Browser, r browser.Reader) (nik, code string, page *browser.Page) {
	t.Helper()
	who, _ := b.resident(t)
	page = b.signIn(t, chromium, access.Operator, r)
	page.Go(b.url + "/loket")
	page.Fill("#nik", who.Plain())
	page.Click("input[name=purpose]")
	page.Follow("main form button")
	page.FitForUse()
	page.Follow("section[aria-labelledby=kode] form button")
	code = paperCode.FindString(page.Text("section[aria-labelledby=kode]"))
	if page.Status != http.StatusOK || code == "" || strings.Contains(page.URL(), who.Plain()) {
		t.Fatalf("no code: %d %s", page.Status, page.Text("main"))
	}
	return who.Plain(), code, page
}

// TestACitizenSeesHerOwnRecord comes with a code on paper: she sees what is kept, who looked, takes a copy, asks for a
// correction, and leaves, in every window. No page of hers loads a script.
func TestACitizenSeesHerOwnRecord(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.frozen(t, b.drafted(t).ID)
	site := b.openToCitizens(t)
	chromium := browser.Start(t)
	var nik, code string
	var desk *browser.Page
	for _, view := range readers() {
		nik, code, desk = b.coded(t, chromium, view.r)
		desk.FitForUse()
		picture(desk, "kode-"+view.name)
		if got := fetched(desk, strings.TrimPrefix(desk.URL(), b.url)+"/pdf"); got != "200 application/pdf 1" {
			t.Errorf("the paper: %s", got)
		}

		page := chromium.Open(t, site+"/", view.r)
		page.Follow(`main a[href="/saya"]`) // nobody is in: it leads to the form
		page.FitForUse()
		picture(page, "masuk-"+view.name)
		if b.audited(t, "self.enter") == 0 {
			b.wrongCode(t, chromium.Open(t, site+"/saya/masuk", browser.Reader{Width: 390, Height: 844, NoScript: true}), nik)
		}
		page.Fill("#nik", nik)
		page.Fill("#access_code", strings.ToLower(code))
		page.Follow("main form button")
		if page.Status != http.StatusOK || !strings.Contains(page.Text("main"), "Anda terdaftar") || strings.Contains(page.Text("main"), nik) || strings.Contains(page.URL(), nik) {
			t.Fatalf("not in: %d %s", page.Status, page.Text("main"))
		}
		page.FitForUse()
		picture(page, "saya-"+view.name)
		if page.Count("script") > 0 || page.Count(`meta[name=robots][content=noindex]`) != 1 {
			t.Error("her page loads a script, or may be kept by a search engine")
		}
		page.Follow(`a[href="/saya/akses"]`)
		if !strings.Contains(page.Text("main"), "Menerbitkan kode akses warga") || !strings.Contains(page.Text("main"), "Anda sendiri") || !strings.Contains(page.Text("main"), "Mencetak surat") || strings.Contains(page.Text("main"), b.actor(t, access.Operator).Name) {
			t.Errorf("who looked: %s", page.Text("main"))
		}
		page.FitForUse()
		picture(page, "akses-"+view.name)
		page.Go(site + "/saya/perbaiki")
		page.FitForUse()
		picture(page, "perbaiki-"+view.name)
		page.Fill("#correction", "Nama anak kedua salah satu huruf.")
		page.Follow("main form button")
		if number := caseNumber.FindString(page.Text("main")); page.Status != http.StatusOK || number == "" {
			t.Fatalf("no receipt: %d %s", page.Status, page.Text("main"))
		}
		page.Go(site + "/saya")
		page.Follow("section[aria-labelledby=keluar] button")
		page.Go(site + "/saya")
		if !strings.Contains(page.URL(), "/saya/masuk") {
			t.Errorf("after leaving: %s", page.URL())
		}
	}
	if n := b.audited(t, "self.enter"); n == 0 || b.audited(t, "self.open") < n || b.audited(t, "self.looks") != n {
		t.Errorf("her looks stand in the log %d, %d and %d times", n, b.audited(t, "self.open"), b.audited(t, "self.looks"))
	}
	if _, state := b.caseState(t, grievances.Complaint); state != string(grievance.Received) {
		t.Errorf("the request is %s", state)
	}
	if got := fetched(b.signIn(t, chromium, access.Operator, readers()[0].r), strings.TrimPrefix(desk.URL(), b.url)+"/pdf"); !strings.HasPrefix(got, "404") {
		t.Errorf("the paper in another session: %s", got)
	}
	desk.Go(desk.URL())
	desk.Follow("section[aria-labelledby=tarik] button")
	if !strings.Contains(desk.Text("main"), "Ditarik petugas") || b.audited(t, "lookup.code_revoke") != 1 {
		t.Errorf("not taken back: %s", desk.Text("main"))
	}
}

// wrongCode types a code that is not hers: the form says so, and forgets the code.
func (b *town) wrongCode(t *testing.T, page *browser.Page, nik string) {
	t.Helper()
	page.Fill("#nik", nik)
	page.Fill("#access_code", "0000-0000")
	page.Follow("main form button")
	if page.Status != http.StatusForbidden || page.Count("#access_code-error") != 1 || browser.Eval[string](page, `document.getElementById("access_code").value`) != "" {
		t.Fatalf("a wrong code: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
}

// TestTheCookieComesAfterTheCode: the check and the form set none; the right code sets one that no script reads and that
// opens nothing on the officers' site.
func TestTheCookieComesAfterTheCode(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	site := b.openToCitizens(t)
	nik, code, desk := b.coded(t, browser.Start(t), readers()[0].r)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path string, form url.Values) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, site+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		got, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		return got, string(text)
	}
	wrong := url.Values{"nik": {nik}, "access_code": {"0000-0000"}}
	for _, path := range []string{"/", "/cek", "/saya", "/saya/masuk", "/lacak"} {
		if got, _ := ask("GET", path, nil); len(got.Cookies()) != 0 {
			t.Errorf("%s sets %v", path, got.Cookies())
		}
	}
	if got, _ := ask("POST", "/saya/masuk", wrong); len(got.Cookies()) != 0 || got.StatusCode != http.StatusForbidden {
		t.Errorf("a wrong code: %d, cookies %v", got.StatusCode, got.Cookies())
	}
	got, _ := ask("POST", "/saya/masuk", url.Values{"nik": {nik}, "access_code": {code}})
	cookies := got.Cookies()
	if got.StatusCode != http.StatusSeeOther || len(cookies) != 1 || cookies[0].Name != "tepat-warga" || !cookies[0].HttpOnly || cookies[0].MaxAge != 0 || !cookies[0].Expires.IsZero() {
		t.Fatalf("the right code: %d, cookies %v", got.StatusCode, cookies)
	}
	got, file := ask("GET", "/saya/unduh", nil)
	if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("X-Robots-Tag") != "noindex" || strings.Contains(file, nik) || !strings.Contains(file, `"anda": true`) {
		t.Errorf("the file: %d %v %s", got.StatusCode, got.Header, file)
	}
	// Her cookie under the name of the officers' one opens nothing there.
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.url+"/keluarga", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "tepat", Value: cookies[0].Value})
	there, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Body.Close()
	if there.StatusCode != http.StatusSeeOther || !strings.Contains(there.Header.Get("Location"), "/masuk") {
		t.Errorf("the officers' site answers her cookie with %d", there.StatusCode)
	}
	if got, _ := ask("GET", "/saya", nil); got.StatusCode != http.StatusOK {
		t.Errorf("her page: %d", got.StatusCode)
	}
	desk.Follow("section[aria-labelledby=tarik] button")
	if got, _ := ask("GET", "/saya", nil); got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Location"), "tutup=ya") {
		t.Errorf("after the code was taken back: %d", got.StatusCode)
	}
}
