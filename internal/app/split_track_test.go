package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/service/areas"
	"tepat/internal/service/screening"
	"tepat/internal/testkit/browser"
)

// The city a subdistrict of Kota Ambon goes to.
const (
	splitCity   = area.Code(8173000000)
	splitTenant = area.Tenant(8173)
)

// split takes the subdistrict of a village out of Kota Ambon into a new city, whose officers are those of Ambon for the time being.
func (b *town) split(t *testing.T, village area.Code) {
	t.Helper()
	from := village.Subdistrict()
	c, err := b.Places.Propose(t.Context(), b.actor(t, access.Admin), areas.Decree{
		About: ambon, Basis: "UU 1/2026 (contoh)", From: b.Places.LocalDate(ambon, b.Acts.Now()),
		New: []areas.NewPlace{{Code: splitCity, Name: "Kota Baru"}}, Moves: []areas.Move{{From: from, To: splitCity + 10000}},
		Caretakers: period.On(2099, 1, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	head := b.actor(t, access.AgencyHead)
	if err := b.Places.Approve(t.Context(), head, c.ID, b.Accounts); err != nil {
		t.Fatal(err)
	}
	if err := b.Places.Apply(t.Context(), head, c.ID, nil); err != nil {
		t.Fatal(err)
	}
}

// TestAnObjectionOutlivesASplit: a family that objected to a finding follows its objection by the same number and code after its
// village went to another district; the office there has it in its list, with letter and files, decides it, and the log tells.
func TestAnObjectionOutlivesASplit(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	finding, l, card := b.noticed(t)
	site, chromium := b.openToCitizens(t), browser.Start(t)
	page := chromium.Open(t, site+"/sanggah/surat", plain())
	page.Fill("#surat", l.Code)
	page.Fill("#kk6", card.KK.Last6())
	page.Fill("#text", "Saya sudah pensiun.")
	page.Follow(`main form[action="/sanggah/surat"] button`)
	text := page.Text("main")
	number, code := regexp.MustCompile(`A-2026-[0-9]{5}`).FindString(text), regexp.MustCompile(`Kode lacak\s+([0-9]{4})`).FindStringSubmatch(text)
	if page.Status != http.StatusOK || number == "" || len(code) != 2 {
		t.Fatalf("sent: %d %s", page.Status, text)
	}
	b.split(t, finding.Area)
	if n := b.number(t, `SELECT count(*) FROM finding WHERE kabkota = 8173 AND state = 'appealed'`); n != 1 {
		t.Fatalf("%d findings are in the new city", n)
	}
	b.tracks(t, page, site, number, code[1], "Diterima")

	officer := b.signIn(t, chromium, access.Verifier, plain())
	officer.Go(b.url + "/temuan?kantor=" + splitCity.Dotted())
	officer.Go(b.url + "/temuan?status=appealed")
	path := "/temuan/" + itoa(splitTenant) + "-" + finding.ID.String()
	if officer.Count(`main a[href="`+path+`"]`) == 0 {
		t.Errorf("the list of the new city at %s: %s", officer.URL(), officer.Text("main"))
	}
	officer.Go(b.url + path)
	if text := officer.Text("main"); !strings.Contains(text, "Saya sudah pensiun.") || !strings.Contains(text, number) || !strings.Contains(text, "Kode lacak untuk keluarga: "+code[1]) {
		t.Errorf("the office sees: %s", text)
	}
	told, err := b.Screening.Tell(t.Context(), b.actor(t, access.Verifier), splitTenant, finding.ID)
	if err != nil || told.Letter.Number != l.Number {
		t.Errorf("the letter of the finding: %s, %v", told.Letter.Number, err)
	}
	if _, err := b.Screening.Decide(t.Context(), b.actor(t, access.AgencyHead), splitTenant, finding.ID, screening.Decision{Version: 3, Reason: "evidence_wrong", Note: "Surat pensiun dilihat"}); err != nil {
		t.Fatal(err)
	}
	b.tracks(t, page, site, number, code[1], "Sanggahan diterima")
	if text := page.Text("main"); !strings.Contains(text, "Kota Baru") {
		t.Errorf("who answered it is not told: %s", text)
	}
	check, err := b.Letters.ByCode(t.Context(), l.Code)
	if err != nil || check.Valid {
		t.Errorf("the notice still holds: %+v, %v", check, err)
	}
	if n := b.number(t, `SELECT count(*) FROM audit_entry WHERE kabkota = 8173 AND act = 'finding.decide'`); n != 1 {
		t.Errorf("%d entries of the new city tell of the decision", n)
	}
	seen, err := b.Screening.Open(t.Context(), b.actor(t, access.Verifier), splitTenant, finding.ID, "uji")
	if err != nil || len(seen.Events) < 3 {
		t.Errorf("the history: %+v, %v", seen.Events, err)
	}
}

// TestALetterIsObjectedToAfterASplit: the letter came before its village went to another district, the objection comes after.
func TestALetterIsObjectedToAfterASplit(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	finding, l, card := b.noticed(t)
	b.split(t, finding.Area)
	out, err := b.Screening.AppealByLetter(t.Context(), screening.SelfAppeal{Code: l.Code, Last6: card.KK.Last6(), Words: "Saya sudah pensiun."})
	if err != nil || out.Tenant != splitTenant {
		t.Fatalf("objected: %+v, %v", out, err)
	}
	site, chromium := b.openToCitizens(t), browser.Start(t)
	b.tracks(t, chromium.Open(t, site+"/lacak", plain()), site, out.Number, out.Code, "Diterima")
}
