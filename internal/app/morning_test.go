package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// counted has the figures of every district worked out anew.
func (b *town) counted(t *testing.T) {
	t.Helper()
	if _, err := b.Insight.RefreshAll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// altered changes rows behind the services' back, for states that take weeks to come about.
func (b *town) altered(t *testing.T, query string, args ...any) {
	t.Helper()
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheMorningPage opens the first page of the head of the agency: the figures agree with the
// tables, carry their date and denominator, and lead to the rows behind them.
func TestTheMorningPage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{NoScript: true})
	for serial, name := range map[int]string{31: "Ani Contoh", 32: "Budi Contoh", 33: "Cici Contoh"} {
		nik, kk := newcomer(t, b, serial)
		b.register(t, nik, kk, strings.ToUpper(name))
		operator.Go(b.url + "/usulan/baru")
		fillFamily(operator, nik, kk, name)
		operator.Follow(`button[value="check"]`)
		operator.Follow(`form[action="/usulan/kirim"] button`)
	}
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	b.altered(t, `UPDATE proposal SET due_on = $1 WHERE id = (SELECT min(id) FROM proposal)`, today.Text())
	b.altered(t, `UPDATE proposal SET due_on = $1 WHERE id = (SELECT max(id) FROM proposal)`, today.AddDays(-3).Text())
	b.counted(t)

	head := b.signIn(t, chromium, access.AgencyHead, browser.Reader{Width: 1280, Height: 900})
	if got := head.Text("h1"); got != "Pagi ini di Kota Ambon" {
		t.Fatalf("the head begins with %q", got)
	}
	p := b.catalogue.Printer(i18n.Indonesian)
	if lead := head.Text("main"); !strings.Contains(lead, p.DateText(today.Text())) || !strings.Contains(lead, "Keadaan per") {
		t.Errorf("no date of the figures: %s", lead)
	}
	persons := b.number(t, `SELECT count(*) FROM person WHERE state = 1`)
	wrong := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`)
	tiles := head.Text(".tiles")
	for _, want := range []string{
		"Usulan jatuh tempo hari ini 1 33,3% dari 3 usulan berjalan", "Usulan lewat batas waktu 1 33,3% dari 3 usulan berjalan",
		fmt.Sprintf("Orang tidak padan %s %s dari %s orang", p.Number(wrong), p.Share(wrong, persons), p.Number(persons)), "49 98,0% dari 50 desa/kelurahan",
	} {
		if !strings.Contains(strings.Join(strings.Fields(tiles), " "), want) {
			t.Errorf("no %q in %q", want, tiles)
		}
	}
	for _, link := range []string{`.tiles a[href*="tenggat=lewat"]`, `.tiles a[href*="/padan"]`, `section[aria-labelledby=terlambat] a`, `section[aria-labelledby=tidur] table a`, `section[aria-labelledby=lebih] a`} {
		head.Go(b.url + "/pagi")
		head.Follow(link)
		if head.Status != http.StatusOK {
			t.Errorf("%s leads to %d", link, head.Status)
		}
	}
	head.Go(b.url + "/pagi")
	head.Follow(`section[aria-labelledby=terlambat] a`)
	if head.Count("main tbody tr") != 1 {
		t.Errorf("the late village lists %d proposals", head.Count("main tbody tr"))
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.AgencyHead, view.r)
		page.FitForUse()
		picture(page, "pagi-"+view.name)
	}
	if verifier := b.signIn(t, chromium, access.Verifier, browser.Reader{}); verifier.Text("h1") == "Pagi ini di Kota Ambon" {
		t.Error("the verifier begins with the head's page")
	}
}

// TestTheMorningPageOfANewOffice tells what brings the first figures; nothing counted is not zero.
func TestTheMorningPageOfANewOffice(t *testing.T) {
	t.Parallel()
	b := newOffice(t, ambonOffice())
	for village := range b.Places.Tree().Villages(ambon) {
		b.staff(t, village.Code)
		break
	}
	page := b.signIn(t, browser.Start(t), access.AgencyHead, browser.Reader{Width: 390, Height: 844})
	for _, counted := range []bool{false, true} {
		if counted {
			b.counted(t)
		}
		page.Go(b.url + "/")
		if page.Count(".tiles") != 0 || !strings.Contains(page.Text("main"), "Belum ada angka") {
			t.Errorf("counted %t: %s", counted, page.Text("main"))
		}
		page.FitForUse()
	}
	picture(page, "pagi-kosong")
}
