package ui_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"tepat/internal/kit/i18n"
	"tepat/web/messages"
	"tepat/web/ui"
)

// render gives a component as text, in Indonesian.
func render(t testing.TB, c templ.Component) string {
	t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Render(i18n.Into(context.Background(), catalogue.Printer(i18n.Indonesian)), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// find gives the attributes of every element of a name in a rendered text.
func find(t testing.TB, text, name string) []map[string]string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			attributes := map[string]string{}
			for _, a := range n.Attr {
				attributes[a.Key] = a.Val
			}
			out = append(out, attributes)
		}
	}
	return out
}

func TestTitleSaysErrorPageContextAndSite(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		page ui.Page
		want string
	}{
		{"plain", ui.Page{Title: "Usulan"}, "<title>Usulan – Tepat</title>"},
		{"with context", ui.Page{Title: "Usulan", Context: "Sirimau"}, "<title>Usulan – Sirimau – Tepat</title>"},
		{"with errors", ui.Page{Title: "Usulan", Failed: true}, "<title>Galat: Usulan – Tepat</title>"},
	}
	for _, c := range cases {
		c.page.Site.Name = "Tepat"
		if text := render(t, ui.Shell(c.page)); !strings.Contains(text, c.want) {
			t.Errorf("%s: no %s", c.name, c.want)
		}
	}
}

func TestShellLoadsOnlyTheScriptsAskedFor(t *testing.T) {
	t.Parallel()
	for scripts, want := range map[ui.Scripts]int{ui.NoScripts: 0, ui.FormScripts: 1, ui.ListScripts: 2} {
		if got := len(find(t, render(t, ui.Shell(ui.Page{Title: "x", Scripts: scripts})), "script")); got != want {
			t.Errorf("level %d loads %d scripts, want %d", scripts, got, want)
		}
	}
}

func TestTrainingIsMarkedOnPageAndPrint(t *testing.T) {
	t.Parallel()
	training := render(t, ui.Shell(ui.Page{Title: "x", Site: ui.Site{Training: true}}))
	if n := strings.Count(training, "LATIHAN – DATA CONTOH SINTETIS"); n != 2 {
		t.Errorf("a training page is marked %d times, want on the page and for print", n)
	}
	if strings.Contains(render(t, ui.Shell(ui.Page{Title: "x"})), "LATIHAN") {
		t.Error("a real installation is marked as training")
	}
}

func TestPagesWithoutDescriptionAreNotIndexed(t *testing.T) {
	t.Parallel()
	if !strings.Contains(render(t, ui.Shell(ui.Page{Title: "x"})), `content="noindex"`) {
		t.Error("an internal page may be indexed")
	}
	if strings.Contains(render(t, ui.Shell(ui.Page{Title: "x", Description: "y"})), "noindex") {
		t.Error("a public page is kept from search engines")
	}
}

func TestFieldsAreLabelledAndDescribed(t *testing.T) {
	t.Parallel()
	f := ui.Field{Name: "head.nik", Label: "NIK", Kind: ui.NIK, Hint: "16 angka.", Source: "Dukcapil", Error: "NIK harus 16 angka.", Optional: true}
	text := render(t, ui.TextField(f))
	input := find(t, text, "input")[0]
	want := map[string]string{"id": "head-nik", "name": "head.nik", "inputmode": "numeric", "aria-invalid": "true", "maxlength": "24",
		"aria-describedby": "head-nik-hint head-nik-source head-nik-error", "autocomplete": "off", "type": "text"}
	for name, value := range want {
		if input[name] != value {
			t.Errorf("%s is %q, want %q", name, input[name], value)
		}
	}
	for _, id := range strings.Fields(input["aria-describedby"]) {
		if !strings.Contains(text, `id="`+id+`"`) {
			t.Errorf("nothing has the id %s", id)
		}
	}
	if label := find(t, text, "label")[0]; label["for"] != "head-nik" || !strings.Contains(text, "NIK (opsional)") {
		t.Errorf("label %v in %s", label, text)
	}
}

func TestPasswordIsNeverSentBack(t *testing.T) {
	t.Parallel()
	if text := render(t, ui.TextField(ui.Field{Name: "password", Label: "Kata sandi", Kind: ui.Password, Value: "rahasia"})); strings.Contains(text, "rahasia") {
		t.Error("the page holds the password that was typed")
	}
}

func TestErrorSummaryReachesTheFirstControl(t *testing.T) {
	t.Parallel()
	options := []ui.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}
	f := ui.Field{Name: "floor", Label: "Lantai", Error: "Pilih."}
	controls := map[string]templ.Component{
		"text": ui.TextField(f), "area": ui.TextArea(f, 3), "select": ui.SelectField(f, options), "radio": ui.RadioField(f, options),
		"checkbox": ui.CheckboxField(f, options), "date": ui.DateField(f, ui.DateParts{}), "file": ui.FileField(f, ""),
	}
	link := find(t, render(t, ui.ErrorSummary([]ui.FieldError{{Field: "floor", Message: "Pilih."}})), "a")[0]["href"]
	for kind, c := range controls {
		text := render(t, c)
		found := false
		for _, element := range []string{"input", "textarea", "select"} {
			for _, attributes := range find(t, text, element) {
				found = found || "#"+attributes["id"] == link
			}
		}
		if !found {
			t.Errorf("%s: nothing to focus under %s", kind, link)
		}
	}
}

func TestWordsOfPeopleAreEscaped(t *testing.T) {
	t.Parallel()
	evil := `<script>alert(1)</script>" onmouseover="x`
	table := ui.Table{Caption: evil, SelectBy: "id", Columns: []ui.Column{{Label: evil}},
		Rows: []ui.Row{{ID: evil, Label: evil, Cells: []ui.Cell{{Text: evil, Href: "javascript:alert(1)", Sub: evil, Chip: &ui.Chip{Label: evil}}}}}}
	text := render(t, ui.DataTable(table)) + render(t, ui.TextField(ui.Field{Name: "q", Label: evil, Value: evil, Hint: evil, Error: evil})) +
		render(t, ui.Timeline([]ui.Event{{Title: evil, When: evil, By: evil, Text: evil}})) + render(t, ui.SummaryList([]ui.SummaryItem{{Label: evil, Value: evil, Source: evil}}))
	if len(find(t, text, "script")) > 0 {
		t.Error("a name became a script")
	}
	for _, element := range []string{"input", "a", "td", "tr", "table"} {
		for _, attributes := range find(t, text, element) {
			if _, handler := attributes["onmouseover"]; handler || strings.HasPrefix(attributes["href"], "javascript:") {
				t.Errorf("%s carries %v", element, attributes)
			}
		}
	}
}

func TestTableShowsEmptyState(t *testing.T) {
	t.Parallel()
	text := render(t, ui.DataTable(ui.Table{Caption: "Usulan", Columns: []ui.Column{{Label: "x"}}, Empty: &ui.Empty{Title: "Tidak ada usulan."}}))
	if len(find(t, text, "table")) != 0 || !strings.Contains(text, "Tidak ada usulan.") {
		t.Errorf("empty list: %s", text)
	}
}

func TestTableIsReachableByKeyboard(t *testing.T) {
	t.Parallel()
	columns := []ui.Column{{Label: "Desil"}}
	plain := render(t, ui.DataTable(ui.Table{Caption: "c", Columns: columns, Rows: []ui.Row{{Cells: []ui.Cell{{Text: "1"}}}}}))
	if !strings.Contains(plain, `tabindex="0"`) {
		t.Error("a table without links cannot be scrolled by keyboard")
	}
	linked := render(t, ui.DataTable(ui.Table{Caption: "c", Columns: columns, Rows: []ui.Row{{Cells: []ui.Cell{{Text: "1", Href: "/x"}}}}}))
	if strings.Contains(linked, "tabindex") {
		t.Error("a table with links is one stop too many")
	}
}

func TestStackedBarKeepsSmallParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 300_000_000), 1, 6).Draw(rt, "values")
		bar := ui.Bar{Title: "x"}
		shown := 0
		for _, v := range values {
			bar.Parts = append(bar.Parts, ui.Part{Label: "p", Value: v, Text: "t"})
			if v > 0 {
				shown++
			}
		}
		segments := 0
		end := 0
		for _, rect := range find(t, render(t, ui.StackedBar(bar)), "rect") {
			if rect["height"] != "24" {
				continue // the legend's squares
			}
			x, _ := strconv.Atoi(rect["x"])
			width, err := strconv.Atoi(rect["width"])
			if err != nil || width < 1 || x < end {
				rt.Fatalf("segment at %d, %d wide, after %d: %v", x, width, end, values)
			}
			end = x + width
			segments++
		}
		if segments != shown || end > 1000 {
			rt.Fatalf("%d segments to %d for %v", segments, end, values)
		}
	})
}

func TestProgressNeedsNoScript(t *testing.T) {
	t.Parallel()
	text := render(t, ui.Shell(ui.Page{Title: "x", Refresh: 5}))
	if !strings.Contains(text, `<noscript><meta http-equiv="refresh" content="5"></noscript>`) {
		t.Error("the page does not refresh without scripts")
	}
	if strings.Contains(render(t, ui.Shell(ui.Page{Title: "x"})), "refresh") {
		t.Error("an ordinary page refreshes itself")
	}
}

func TestDueTurnsFromDateToUrgency(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	for days, want := range map[int]string{-2: "chip-bad", 0: "chip-wait", 3: "chip-wait", 4: "4 hari lagi"} {
		if text := render(t, ui.Due(today.AddDate(0, 0, days), today)); !strings.Contains(text, want) {
			t.Errorf("%d days: %s, want %s", days, text, want)
		}
	}
}

func TestHtmxAttributesAreWrittenOnTheElement(t *testing.T) {
	t.Parallel()
	link := find(t, render(t, ui.PagerBar(ui.Pager{Next: "/usulan?setelah=7", Target: "list"})), "a")[0]
	for name, want := range map[string]string{"href": "/usulan?setelah=7", "hx-get": "/usulan?setelah=7", "hx-select": "#list", "hx-target": "#list", "hx-push-url": "true"} {
		if link[name] != want {
			t.Errorf("%s is %q, want %q", name, link[name], want)
		}
	}
	if plain := find(t, render(t, ui.PagerBar(ui.Pager{Next: "/x"})), "a")[0]; plain["hx-get"] != "" {
		t.Error("a pager without a target uses htmx")
	}
}

func TestSideBySideRadiosAreNamedByTheirField(t *testing.T) {
	t.Parallel()
	row := func(name string) ui.CompareRow {
		return ui.CompareRow{Label: name, Name: name, Left: ui.CompareSide{Text: "a", Choice: "ours"}, Right: ui.CompareSide{Text: "b", Choice: "civil"}}
	}
	inputs := find(t, render(t, ui.SideBySide(ui.Compare{Caption: "c", Rows: []ui.CompareRow{row("name"), row("birth")}})), "input")
	seen := map[string]bool{}
	for _, i := range inputs {
		if seen[i["id"]] {
			t.Errorf("id %s stands twice", i["id"])
		}
		seen[i["id"]] = true
	}
	if len(inputs) != 4 || !seen["name"] || !seen["birth"] {
		t.Errorf("inputs %v", inputs)
	}
}

// BenchmarkQueue renders a list of 50 rows inside its page.
func BenchmarkQueue(b *testing.B) {
	catalogue, err := messages.Load()
	if err != nil {
		b.Fatal(err)
	}
	ctx := i18n.Into(context.Background(), catalogue.Printer(i18n.Indonesian))
	t := ui.Table{Caption: "Usulan", SelectBy: "id", Columns: []ui.Column{{Label: "Pemohon", Title: true}, {Label: "Desa"}, {Label: "Status", Status: true}}}
	for i := range 50 {
		t.Rows = append(t.Rows, ui.Row{ID: strconv.Itoa(i), Label: "Siti", Cells: []ui.Cell{{Text: "Siti Aminah", Href: "/x", Sub: "U-2026"}, {Text: "Batu Merah"}, {Chip: &ui.Chip{Label: "Draf"}}}})
	}
	page := templ.ComponentFunc(ui.Shell(ui.Page{Title: "Usulan"}).Render)
	var out strings.Builder
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := page.Render(templ.WithChildren(ctx, ui.DataTable(t)), &out); err != nil {
			b.Fatal(err)
		}
	}
}
