package app

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// acrossVillages queues a pair of which the operator sees one person only, and gives its path.
func (b *town) acrossVillages(t *testing.T) string {
	t.Helper()
	code := func(c area.Code) string { return strconv.FormatInt(int64(c), 10) }
	from, to := b.actor(t, access.Operator).Grants[0].Area.Range()
	here := b.text(t, `SELECT id FROM person WHERE kabkota > 0 AND state = 1 AND relation = 1 AND area_code >= `+code(from)+` AND area_code < `+code(to)+` ORDER BY id LIMIT 1`)
	there := b.text(t, `SELECT id FROM person WHERE kabkota > 0 AND state = 1 AND relation = 1 AND match_status <> 15 AND NOT (area_code >= `+code(from)+` AND area_code < `+code(to)+`) ORDER BY id LIMIT 1`)
	left, err := sqldb.ParseID(here)
	if err != nil {
		t.Fatal(err)
	}
	right, err := sqldb.ParseID(there)
	if err != nil {
		t.Fatal(err)
	}
	id := sqldb.NewID()
	err = b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO link_pair (kabkota, id, version, left_id, right_id, right_kabkota, area_code, right_area, kind, weight, probability, reasons, state, decided_by, decided_at, recorded_at, act_id)
			SELECT a.kabkota, $1, 1, a.id, b.id, b.kabkota, a.area_code, b.area_code, 'fuzzy', 5, 0.9, '{"model":"uji","parts":[]}', 'open', NULL, 0, 0, $1
			FROM person a, person b WHERE a.kabkota > 0 AND b.kabkota = a.kabkota AND a.id = $2 AND b.id = $3`, id, left, right)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return "/ganda/" + itoa(b.Places.TenantOf(ambon)) + "-" + id.String()
}

func (b *town) pairsIn(t *testing.T, state string) int64 {
	t.Helper()
	return b.number(t, `SELECT count(*) FROM link_pair WHERE kabkota > 0 AND state = $1`, state)
}

// TestTwoOfficesTellAPairApartOnItsPage: the village says so, whoever sees the other person answers, and both read what was said.
func TestTwoOfficesTellAPairApartOnItsPage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	path := b.acrossVillages(t)
	chromium := browser.Start(t)
	wide := browser.Reader{Width: 1280, Height: 900}
	village, district := b.signIn(t, chromium, access.Operator, wide), b.signIn(t, chromium, access.Verifier, wide)

	village.Go(b.url + path)
	if village.Count("section[aria-labelledby=beda] button") != 1 || village.Count("section[aria-labelledby=kata]") != 0 {
		t.Fatalf("the village cannot say anything: %s", village.Text("main"))
	}
	village.Click("#reason")
	village.Fill("#note", "KTP sudah dilihat di rumah")
	village.Follow("section[aria-labelledby=beda] button")
	if b.pairsIn(t, "awaiting") != 1 || b.audited(t, "duplicate.distinct") == 0 || village.Count("section[aria-labelledby=kata] li") != 1 {
		t.Fatalf("nothing was said: %s", village.Text("main"))
	}
	village.FitForUse()
	picture(village, "ganda-kata-desa")

	district.Go(b.url + "/")
	if !strings.Contains(district.Text("main"), "Jawab 1 pasangan") {
		t.Errorf("the district is not told that somebody waits: %s", district.Text("main"))
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + path)
		page.FitForUse()
		picture(page, "ganda-kata-"+view.name)
	}
	district.Go(b.url + path)
	district.Follow("section[aria-labelledby=keberatan] button")
	if district.Status != http.StatusUnprocessableEntity || district.Count(".error-summary a") != 1 {
		t.Errorf("disagreed without a word: %d", district.Status)
	}
	district.Fill("#answer", "Ia pindah dari kelurahan itu")
	district.Follow("section[aria-labelledby=keberatan] button")
	if b.pairsIn(t, "open") != 1 || b.audited(t, "duplicate.disagree") == 0 {
		t.Fatalf("not disagreed: %s", district.Text("main"))
	}
	village.Go(b.url + path)
	if text := village.Text("main"); !strings.Contains(text, "KTP sudah dilihat di rumah") || !strings.Contains(text, "Ia pindah dari kelurahan itu") {
		t.Errorf("the village does not read both words: %s", text)
	}
	village.FitForUse()
	picture(village, "ganda-kata-beda-pendapat")

	// Said again, taken back; said once more, agreed.
	for _, last := range []bool{false, true} {
		village.Go(b.url + path)
		village.Click("#reason")
		village.Follow("section[aria-labelledby=beda] button")
		if !last {
			village.Follow("section[aria-labelledby=putusan] button")
			if b.pairsIn(t, "open") != 1 || b.audited(t, "duplicate.withdraw") == 0 {
				t.Fatalf("not taken back: %s", village.Text("main"))
			}
		}
	}
	district.Go(b.url + path)
	district.Follow("section[aria-labelledby=putusan] button")
	if b.pairsIn(t, "distinct") != 1 || b.audited(t, "duplicate.agree") == 0 {
		t.Fatalf("not agreed: %s", district.Text("main"))
	}
	manager := b.signIn(t, chromium, access.ProgrammeManager, wide)
	manager.Go(b.url + path)
	if manager.Status != http.StatusForbidden {
		t.Errorf("a programme manager reads it: %d", manager.Status)
	}
}
