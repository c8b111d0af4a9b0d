package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
	"tepat/internal/testkit/browser"
)

// TestAMonthOfFiguresIsClosed lets the head of the agency see what would be frozen and close it, once: the list says who
// did it and when, the month leads to its figures, and nobody else is offered the button.
func TestAMonthOfFiguresIsClosed(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.counted(t)
	chromium := browser.Start(t)
	look := func(role access.Role, path, name string) {
		t.Helper()
		for _, view := range readers() {
			page := b.signIn(t, chromium, role, view.r)
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, name+"-"+view.name)
		}
	}
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	closing := period.MonthOf(today)
	if today.Before(closing.Last()) { // a month can be closed on its last day
		closing = closing.Add(-1)
	}
	month := closing.Text()
	p := b.catalogue.Printer(i18n.Indonesian)
	look(access.AgencyHead, "/dasbor/bulan", "bulan-awal")
	look(access.Analyst, "/dasbor/bulan", "bulan-pembaca")

	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/dasbor")
	head.Follow(`main a[href="/dasbor/bulan"]`)
	families := b.number(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND state = 1`)
	if text := head.Text("section[aria-labelledby=angka]"); !strings.Contains(text, p.DateText(month)) || !strings.Contains(text, p.Number(families)) {
		t.Fatalf("the preview: %s", text)
	}
	again := b.signIn(t, chromium, access.AgencyHead, plain())
	again.Go(b.url + "/dasbor/bulan")
	head.Follow("main form[action='/dasbor/bulan'] button")
	if head.Status != http.StatusOK || b.audited(t, "insight.close") != 1 || b.number(t, `SELECT count(*) FROM rollup WHERE kabkota = 8171 AND period = $1`, month) == 0 {
		t.Fatalf("closed: %d %s", head.Status, head.Text("main"))
	}
	row := head.Text("section[aria-labelledby=ditutup] tbody tr")
	if !strings.Contains(row, p.DateText(month)) || !strings.Contains(row, b.actor(t, access.AgencyHead).Name) || head.Count("main form[action='/dasbor/bulan']") != 0 {
		t.Errorf("after closing: %s", head.Text("main"))
	}
	again.Follow("main form[action='/dasbor/bulan'] button")
	if again.Status != http.StatusConflict || b.audited(t, "insight.close") != 1 || again.Count(".error-summary") != 1 {
		t.Errorf("closed twice: %d %s", again.Status, again.Text("main"))
	}
	look(access.AgencyHead, "/dasbor/bulan", "bulan-ditutup")
	head.Follow("section[aria-labelledby=ditutup] tbody a")
	if head.Status != http.StatusOK || !strings.HasSuffix(head.URL(), "bulan="+month) {
		t.Errorf("the month's figures: %d %s", head.Status, head.URL())
	}
	analyst := b.signIn(t, chromium, access.Analyst, plain())
	if analyst.Go(b.url + "/dasbor/bulan"); analyst.Count("main form[action='/dasbor/bulan']") != 0 || analyst.Count("section[aria-labelledby=ditutup] tbody tr") != 1 {
		t.Errorf("an analyst: %s", analyst.Text("main"))
	}
	if answer := post(analyst, "/dasbor/bulan", "month="+month); !strings.HasPrefix(answer, "403") {
		t.Errorf("an analyst closes a month: %.60s", answer)
	}
	operator := b.signIn(t, chromium, access.Operator, plain())
	if operator.Go(b.url + "/dasbor"); operator.Count(`main a[href="/dasbor/bulan"]`) != 0 {
		t.Error("an operator is led to a page of the district")
	}
}
