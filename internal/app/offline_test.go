package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestNothingTypedAtTheWorkbenchIsLostOffline sends each form of the workbench and of a pair into a dead line: the browser says that there
// is none, and once there is one again the page has what was typed, also when it was never sent.
func TestNothingTypedAtTheWorkbenchIsLostOffline(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 2, 1)
	b.suggested(t)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	across := b.acrossVillages(t)
	chromium := browser.Start(t)
	village := b.signIn(t, chromium, access.Operator, plain())
	village.Go(b.url + across)
	village.Click("#reason")
	village.Follow("section[aria-labelledby=beda] button")
	person := b.mismatch(t, "g.cause = 'name_spelling'")
	two := "/ganda/" + itoa(b.Places.TenantOf(ambon)) + "-" + b.text(t, `SELECT id FROM link_pair WHERE kabkota > 0 AND state = 'open' ORDER BY id LIMIT 1`)
	for _, c := range []struct {
		name, path, form string
		fill             func(*browser.Page)
		kept             string // what the page says of it
		want             string
	}{
		{"repair", person, "perbaiki", func(p *browser.Page) { p.Fill("#name", "SITI CONTOH"); p.Click("input[name=document]") },
			`[document.getElementById('name').value, document.querySelector('input[name=document]:checked')?.value].join('|')`, "SITI CONTOH|"},
		{"suggestion", person + "?isi=saran", "perbaiki", func(p *browser.Page) { p.Fill("#name", "SITI CONTOH") }, `document.getElementById('name').value`, "SITI CONTOH"},
		{"two persons", two, "beda", func(p *browser.Page) { p.Click("#reason"); p.Fill("#note", "KTP keduanya dilihat") },
			`[document.querySelector('input[name=reason]:checked')?.value.length > 0, document.getElementById('note').value].join('|')`, "true|KTP keduanya dilihat"},
		{"which record stays", two, "gabung", func(p *browser.Page) {
			browser.Eval[bool](p, `[...document.querySelectorAll('input[name=keep]')].every((o) => { if (!o.checked) o.click(); return true })`)
		}, `document.querySelector('input[name=keep]:checked').value`, ""},
		{"disagreement", across, "keberatan", func(p *browser.Page) { p.Fill("#answer", "Ia pindah dari sana") }, `document.getElementById('answer').value`, "Ia pindah dari sana"},
	} {
		for _, view := range readers() {
			t.Run(c.name+" "+view.name, func(t *testing.T) {
				page := b.signIn(t, chromium, access.Verifier, view.r)
				page.Go(b.url + c.path)
				c.fill(page)
				want := browser.Eval[string](page, c.kept)
				if !strings.HasPrefix(want, c.want) {
					t.Fatalf("filled in is %q", want)
				}
				page.Offline(true)
				page.Click("section[aria-labelledby=" + c.form + "] form .actions button")
				page.Until("location.protocol === 'chrome-error:'")
				page.Offline(false)
				page.Until("performance.now() > 1000") // nobody opens a page within half a second of another
				page.Go(b.url + c.path)
				if got := browser.Eval[string](page, c.kept); got != want {
					t.Errorf("came back with %q, typed was %q", got, want)
				}
				if said := page.Text("section[aria-labelledby=" + c.form + "] [data-draft-state]"); said == "" {
					t.Error("nothing says that it was given back")
				}
				page.FitForUse()
				picture(page, "offline-"+strings.ReplaceAll(c.name, " ", "-")+"-"+view.name)
			})
		}
	}
}

// TestAFilterSaysThatTheLineIsLost: the queue is filtered without a page coming; where no answer does, it says so, keeps the rows there
// are and what was chosen, and goes on once there is a line.
func TestAFilterSaysThatTheLineIsLost(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/padan")
		rows := page.Count("main tbody tr")
		page.Offline(true)
		page.Choose("select[name=sebab]", "birth_swapped")
		page.Click(".filter button")
		page.Until("document.querySelector('[data-connection]').textContent !== ''")
		if !browser.Eval[bool](page, `(r => r.bottom > 0 && r.top < innerHeight)(document.querySelector('[data-connection]').getBoundingClientRect())`) {
			t.Error("what is said of the line stands out of sight")
		}
		page.NoOverflow()
		page.Accessible()
		picture(page, "offline-queue-"+view.name)
		if page.Count("main tbody tr") != rows || browser.Eval[string](page, "document.querySelector('select[name=sebab]').value") != "birth_swapped" {
			t.Error("the rows or the choice went with the line")
		}
		page.Offline(false)
		page.Click(".filter button")
		page.Until("location.search.includes('birth_swapped') && document.querySelector('[data-connection]').textContent === ''")
	}
}
