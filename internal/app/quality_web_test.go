package app

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/insight"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestTheQualityOfTheRecordsIsShown: the figures agree with the rows, each has its whole, a table and a file, and only
// areas of the reader are shown.
func TestTheQualityOfTheRecordsIsShown(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	b.counted(t)
	q, err := b.Insight.Quality(t.Context(), b.actor(t, access.Verifier), insight.View{Area: ambon})
	if err != nil {
		t.Fatal(err)
	}
	wrong := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`)
	compared := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status NOT IN (0, 1, 14)`)
	for _, table := range q.Tables {
		var n, of int64
		for _, l := range table.Lines {
			n, of = n+l.Values[0].N, of+l.Values[0].Of
		}
		switch table.Key {
		case "causes", "mismatch_ages", "sought":
			if n != wrong {
				t.Errorf("%s: %d persons, %d do not match", table.Key, n, wrong)
			}
		case "names":
			if n != wrong || of != compared || table.Lines[0].Values[1].N == 0 {
				t.Errorf("names: %d of %d, want %d of %d", n, of, wrong, compared)
			}
		case "clusters":
			if n == 0 {
				t.Error("no group of double records")
			}
		case "pairs":
			if queued := b.number(t, `SELECT count(*) FROM link_pair l JOIN person a ON a.kabkota = l.kabkota AND a.id = l.left_id AND a.state = 1
				JOIN person z ON z.kabkota = l.right_kabkota AND z.id = l.right_id AND z.state = 1
				WHERE l.state = 'open' AND NOT (a.match_status = 15 AND z.match_status = 15 AND a.nik_hash <> z.nik_hash)`); n != queued || n == 0 || table.Lines[0].Values[1].None {
				t.Errorf("%d pairs, the queue has %d: %+v", n, queued, table.Lines)
			}
		case "quality":
			if table.Total.Values[1].N != wrong {
				t.Errorf("by area: %v", table.Total)
			}
		}
		if table.AsOf.IsZero() {
			t.Errorf("%s has no date", table.Key)
		}
	}
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/dasbor/mutu")
		page.FitForUse()
		picture(page, view.name+"-mutu")
	}
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/dasbor")
	page.Follow("main a[href^='/dasbor/mutu']")
	for _, want := range []string{"Mutu data", "Satu kata", "Ditemukan, hampir pasti", "Perkiraan benar", "Nama: ejaan berbeda", "0–7 hari"} {
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("%q is not shown", want)
		}
	}
	for _, list := range []string{"/padan?wilayah=81.71&sebab=name_spelling", "/ganda?wilayah=81.71"} {
		page.Go(b.url + "/dasbor/mutu")
		if page.Count(`main a[href="`+list+`"]`) == 0 {
			t.Errorf("nothing leads to %s", list)
		}
		page.Go(b.url + list)
		if page.Status != http.StatusOK || page.Count("main tbody tr") == 0 {
			t.Errorf("%s: %d, %s", list, page.Status, page.Text("main"))
		}
	}
	page.Go(b.url + "/dasbor/mutu")
	page.Follow("main table a[href^='/dasbor/mutu?wilayah=']")
	if page.Status != http.StatusOK || !strings.Contains(page.Text("h1"), "Kec") && !strings.Contains(page.Text("h1"), "Mutu data") {
		t.Errorf("the way down leads to %s", page.Text("h1"))
	}
	page = b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + "/dasbor/mutu?wilayah=81.71")
	if page.Status != http.StatusForbidden {
		t.Errorf("an operator sees the whole district: %d", page.Status)
	}
	if answer := b.fetched(t, access.Verifier, "/dasbor/mutu/names/data.csv"); !strings.Contains(answer, "name.mononym") || strings.Contains(answer, "\n=") {
		t.Errorf("the file holds %s", answer)
	}
}

// fetched gives the body of a page somebody with a role is shown.
func (b *town) fetched(t *testing.T, role access.Role, path string) string {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.AddCookie(b.session(t, role))
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %v", path, answer.StatusCode, err)
	}
	return string(text)
}
