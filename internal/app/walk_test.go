package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/edge/web"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
)

// TestWalk goes through every route of the officials' site as everybody: each role inside the area
// of the records, in another village, in another district, and nobody at all. The table of doors
// says who gets in; every answer keeps the rules all pages have.
func TestWalk(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	list := doors()
	w.everyRouteHasADoor(t, list)
	for _, d := range list {
		w.nobodyEnters(t, d)
	}
	for _, late := range []bool{false, true} {
		for _, d := range list {
			if d.last == late {
				w.through(t, d)
			}
		}
	}
	w.logHasWords(t)
	w.logSpeaks(t)
}

// logHasWords holds that the audit log says in words what the walk left in it: acts, and their facts.
func (w *walk) logHasWords(t *testing.T) {
	t.Helper()
	lines, err := sqldb.Collect(t.Context(), w.DB.Direct(), `SELECT DISTINCT act, facts FROM audit_entry`, nil, func(r sqldb.Row) (line [2]string, err error) {
		err = r.Scan(&line[0], &line[1])
		return line, err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, told := w.catalogue.Printer(i18n.Indonesian), map[string]bool{}
	say := func(what, name string, keys ...string) {
		if !told[what+name] && !slices.ContainsFunc(keys, p.Has) {
			t.Errorf("the %s %q of the audit log has no words: add %s", what, name, keys[0])
		}
		told[what+name] = true
	}
	for _, line := range lines {
		group, rest, _ := strings.Cut(line[0], ".")
		kind, _, _ := strings.Cut(line[0], ".chunk")
		say("act", line[0], "auditweb.act."+line[0], group+".action."+rest, group+"s.action."+rest, "run.kind."+strings.TrimSuffix(kind, ".undo"))
		var facts map[string]any
		if err := json.Unmarshal([]byte(line[1]), &facts); err != nil {
			t.Fatalf("%s: %v", line[0], err)
		}
		for name := range facts {
			say("fact", name, "auditweb.fact."+name, "run.figure."+name, "civilmatch.status."+name, name)
		}
	}
}

// everyRouteHasADoor holds the site map against the table, both ways.
func (w *walk) everyRouteHasADoor(t *testing.T, list []door) {
	t.Helper()
	routes := map[string]bool{}
	for _, r := range web.New(w.desk(nil), nil, nil, w.frame("")).Routes() {
		routes[r.Pattern] = false
	}
	for _, d := range list {
		if _, ok := routes[d.route]; !ok {
			t.Errorf("%s has a line in doors(), but is no route", d.route)
			continue
		}
		routes[d.route] = true
	}
	for route, has := range routes {
		if !has {
			t.Errorf("%s has no line in doors(): say who may open it, and to which record", route)
		}
	}
}

// through sends everybody through one door: first who must stay out, in whatever state the record
// is, then who gets in.
func (w *walk) through(t *testing.T, d door) {
	t.Helper()
	led, inside := false, 0
	var told []string
	for _, who := range w.people {
		if w.verdict(d, who) == http.StatusOK {
			inside++
		}
	}
	for _, who := range w.people {
		if want := w.verdict(d, who); want != http.StatusOK {
			before := w.acts(t)
			got := w.knock(t, d, who.http)
			w.refused(t, d, who, got, want)
			if now := w.acts(t); now != before && !d.traced {
				t.Errorf("%s, refused at %s, left %d acts behind", who.name, d.name(), now-before)
			}
		}
	}
	for _, who := range w.people {
		if w.verdict(d, who) != http.StatusOK {
			continue
		}
		got := w.knock(t, d, who.http)
		switch {
		case got.status < 400:
			led = true
			w.keepsNames(t, d, who, got)
		case d.form == nil, got.status != http.StatusConflict && got.status != http.StatusUnprocessableEntity:
			t.Errorf("%s at %s: %d, want to get in: %s", who.name, d.name(), got.status, got.words())
		default: // somebody before her changed the record, or the form says what is wrong
			told = append(told, fmt.Sprintf("%s: %d %s", who.name, got.status, got.words()))
		}
	}
	if inside == 0 {
		t.Errorf("%s opens to nobody", d.name())
	} else if !led && d.form != nil {
		t.Errorf("%s led nobody on:\n%s", d.name(), strings.Join(told, "\n"))
	}
}

// verdict is what the table says of somebody: 200 to get in, else the status she is refused with.
func (w *walk) verdict(d door, who walker) int {
	may := len(d.open) == 0
	for _, p := range d.open {
		may = may || who.role.Has(p)
	}
	outside := d.outside
	if outside == 0 {
		outside = http.StatusForbidden
	}
	if d.elsewhere != 0 && !who.area.Contains(ambon) && !ambon.Contains(who.area) {
		outside = d.elsewhere
	}
	switch {
	case !may && who.role.Has(access.ReadRegistry) && d.shut != 0:
		return d.shut
	case !may:
		return http.StatusForbidden
	case d.home && who.area.Level() == area.LevelVillage:
		return http.StatusOK
	case d.reach == village && !who.area.Contains(w.village), d.reach == district && !who.area.Contains(ambon):
		return outside
	case d.reach == keeper && !ambon.Contains(who.area):
		return outside
	case d.reach == office && who.area.Level() > area.LevelDistrict:
		return outside
	case d.reach == private && who.name != d.owner:
		return outside
	}
	if d.also != "" && !who.role.Has(d.also) {
		return http.StatusForbidden
	}
	return http.StatusOK
}

func (d door) method() string {
	method, _, _ := strings.Cut(d.route, " ")
	return method
}

func (d door) name() string {
	if d.path == "" {
		return d.route
	}
	return d.route + " (" + d.path + ")"
}

// address gives the path of the door's record.
func (w *walk) address(t *testing.T, d door) string {
	t.Helper()
	if d.path == "" {
		_, path, _ := strings.Cut(d.route, " ")
		return strings.TrimSuffix(path, "{$}")
	}
	if strings.HasPrefix(d.path, "/") {
		return d.path
	}
	end := strings.IndexAny(d.path, "/?")
	if end < 0 {
		end = len(d.path)
	}
	record, ok := w.at[d.path[:end]]
	if !ok {
		t.Fatalf("%s: no record %s", d.route, d.path[:end])
	}
	return record + d.path[end:]
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

var (
	tag   = regexp.MustCompile(`<[^>]*>`)
	main  = regexp.MustCompile(`(?s)<main.*</main>`)
	blank = regexp.MustCompile(`\s+`)
	sites = regexp.MustCompile(`(?:href|action|src|formaction|hx-get|hx-post)="([^"]*)"`)
	long  = regexp.MustCompile(`[0-9]{16}`)
)

// words are the words of a page, for a message.
func (a answer) words() string {
	text := blank.ReplaceAllString(tag.ReplaceAllString(main.FindString(a.body), " "), " ")
	return text[:min(len(text), 300)]
}

// knock asks for the door as somebody, and holds the answer against the rules of every page.
func (w *walk) knock(t *testing.T, d door, c *http.Client, header ...string) answer {
	t.Helper()
	var body io.Reader
	kind := ""
	if d.form != nil {
		w.knocking = c
		body, kind = d.send(t, w)
	}
	ask, err := http.NewRequestWithContext(t.Context(), d.method(), w.url+w.address(t, d), body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		ask.Header.Set("Content-Type", kind)
		ask.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		ask.Header.Set(header[i], header[i+1])
	}
	got, err := c.Do(ask)
	if err != nil {
		t.Fatalf("%s: %v", d.name(), err)
	}
	defer closed(t, got.Body)
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatalf("%s: %v", d.name(), err)
	}
	out := answer{status: got.StatusCode, header: got.Header, body: string(text)}
	w.everyAnswer(t, d, out)
	return out
}

// send gives the body of a form, with its file where it has one.
func (d door) send(t *testing.T, w *walk) (io.Reader, string) {
	t.Helper()
	form, content := d.form(w), d.content
	if d.made != nil {
		content = d.made(w)
	}
	if d.file == "" {
		return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			if err := parts.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	file, err := parts.CreateFormFile("file", d.file)
	if err == nil {
		_, err = io.WriteString(file, content)
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &body, parts.FormDataContentType()
}

// everyAnswer are the rules without exception: no fault of ours, the headers, and no person's
// name or number in an address or, unmasked, on a page.
func (w *walk) everyAnswer(t *testing.T, d door, got answer) {
	t.Helper()
	if got.status >= 500 {
		t.Errorf("%s: %d %s", d.name(), got.status, got.words())
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": httpkit.ContentSecurityPolicy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %s is %q", d.name(), name, got.header.Get(name))
		}
	}
	addresses := []string{got.header.Get("Location"), got.header.Get("Content-Disposition")}
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		for _, found := range sites.FindAllStringSubmatch(got.body, -1) {
			addresses = append(addresses, html.UnescapeString(found[1]))
		}
		for _, number := range long.FindAllString(tag.ReplaceAllString(got.body, " "), -1) {
			if w.numbers[number] {
				t.Errorf("%s shows a number in full", d.name())
			}
		}
	}
	for _, one := range addresses {
		plain, err := url.QueryUnescape(one)
		if err != nil {
			plain = one
		}
		if w.numbers[long.FindString(plain)] || w.namesSomebody(plain) {
			t.Errorf("%s: the address %q tells of a person", d.name(), one)
		}
	}
}

func (w *walk) namesSomebody(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(w.names, func(name string) bool { return strings.Contains(text, name) })
}

// keepsNames holds that who may not read the registry is shown nobody in it.
func (w *walk) keepsNames(t *testing.T, d door, who walker, got answer) {
	t.Helper()
	if who.role.Has(access.ReadRegistry) {
		return
	}
	text := strings.ToLower(html.UnescapeString(got.body))
	for _, name := range w.names {
		if strings.Contains(text, name) {
			t.Errorf("%s at %s is shown the name of a person in the registry", who.name, d.name())
			return
		}
	}
}

// refused holds that somebody is turned away with the words and a way back, and not with a file.
func (w *walk) refused(t *testing.T, d door, who walker, got answer, want int) {
	t.Helper()
	if got.status != want {
		t.Errorf("%s at %s: %d, want %d: %s %s", who.name, d.name(), got.status, want, got.header.Get("Location"), got.words())
		return
	}
	if strings.Contains(got.body, `class="error-summary`) {
		return // the form itself says so
	}
	words := map[int]string{http.StatusForbidden: "Anda tidak berwenang membuka ini", http.StatusNotFound: "Halaman tidak ditemukan", http.StatusUnprocessableEntity: "Isian perlu diperbaiki"}[want]
	if want == http.StatusForbidden && !strings.Contains(got.body, "Halaman ini untuk peran berikut") && !strings.Contains(got.body, "dari situs lain") {
		t.Errorf("%s at %s is not told whose page it is: %s", who.name, d.name(), got.words())
	}
	if !strings.Contains(got.body, "<h1>"+words+"</h1>") || !strings.Contains(got.body, `class="button secondary" href="/"`) || got.header.Get("Content-Disposition") != "" {
		t.Errorf("%s at %s is refused without words or a way back: %s %s", who.name, d.name(), got.header.Get("Content-Disposition"), got.words())
	}
}

// nobodyEnters holds that without a session a page leads to the sign-in, a form is refused, and a
// form sent from elsewhere in somebody's name is refused before anything is read.
func (w *walk) nobodyEnters(t *testing.T, d door) {
	t.Helper()
	before := w.acts(t)
	got := w.knock(t, d, w.nobody)
	if !strings.HasPrefix(got.header.Get("Location"), "/masuk") || got.status != http.StatusSeeOther {
		t.Errorf("nobody at %s: %d %s", d.name(), got.status, got.header.Get("Location"))
	}
	if d.method() == http.MethodPost {
		for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			for _, who := range w.people[:len(access.Roles())] {
				got := w.knock(t, d, who.http, header[0], header[1])
				w.refused(t, d, who, got, http.StatusForbidden)
			}
		}
		got := w.knock(t, d, w.people[0].http, "Sec-Fetch-Site", "", "Origin", "https://elsewhere.example")
		w.refused(t, d, w.people[0], got, http.StatusForbidden)
	}
	if now := w.acts(t); now != before && !d.traced {
		t.Errorf("%s: refused forms left %d acts behind", d.name(), now-before)
	}
}

// acts counts what was done: entries of the log, runs, and rows that were written by an act.
func (w *walk) acts(t *testing.T) int64 {
	t.Helper()
	return w.number(t, `SELECT (SELECT count(*) FROM audit_entry) + (SELECT count(*) FROM run) + (SELECT count(*) FROM change)`)
}
