package app

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

func itoa(n area.Tenant) string { return strconv.FormatInt(int64(n), 10) }

// repeat makes so many heads of families stand in the registry so many more times: other heads, each of a family of her own, take
// their particulars and lose their NIK.
func (b *town) repeat(t *testing.T, persons, times int) {
	t.Helper()
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		heads, err := sqldb.Collect(t.Context(), tx, `
			SELECT p.id FROM person p WHERE p.kabkota > 0 AND p.relation = 1 AND p.match_status = 15 AND p.nik_state = 1
				AND NOT EXISTS (SELECT 1 FROM person o WHERE o.kabkota = p.kabkota AND o.name = p.name AND o.birth_date = p.birth_date AND o.id <> p.id)
			ORDER BY p.id LIMIT $1`, []any{persons * (times + 1)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
		if err != nil || len(heads) < persons*(times+1) {
			return cmp.Or(err, errors.New("too few heads"))
		}
		for i, id := range heads[persons:] {
			for _, statement := range []string{
				`UPDATE person SET nik = NULL, nik_hash = NULL, nik_state = 0, match_status = 2,
					name = (SELECT name FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1), name_norm = (SELECT name_norm FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1),
					birth_date = (SELECT birth_date FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1), birth_place = (SELECT birth_place FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1),
					sex = (SELECT sex FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1), mother_name = (SELECT mother_name FROM person o WHERE o.kabkota = person.kabkota AND o.id = $1)
				WHERE kabkota > 0 AND id = $2`,
				`DELETE FROM nik_index WHERE $1 <> $2 AND person_id = $2`,
			} {
				if _, err := tx.Exec(t.Context(), statement, heads[i%persons], id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// three gives a pair of a person who stands in the registry three times.
func (b *town) three(t *testing.T) string {
	t.Helper()
	return itoa(b.Places.TenantOf(ambon)) + "-" + b.text(t, `SELECT l.id FROM link_pair l WHERE l.kabkota > 0 AND l.state = 'open'
		AND EXISTS (SELECT 1 FROM link_pair o WHERE o.kabkota = l.kabkota AND o.id <> l.id AND o.state = 'open' AND o.left_id IN (l.left_id, l.right_id)) ORDER BY l.id LIMIT 1`)
}

// text gives an id, "" when there is none.
func (b *town) text(t *testing.T, query string) string {
	t.Helper()
	var id sqldb.ID
	err := b.DB.Direct().QueryRow(t.Context(), query).Scan(&id)
	if found, err := sqldb.Found(err); err != nil || !found {
		return ""
	}
	return id.String()
}

func TestAPairIsComparedAndDecided(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 3, 1)
	b.repeat(t, 1, 2)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	if b.number(t, `SELECT count(*) FROM link_pair WHERE state = 'open'`) < 2 {
		t.Fatal("too few pairs to decide")
	}
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		for name, path := range map[string]string{"antrean": "/ganda", "kosong": "/ganda?status=merged"} {
			page.Go(b.url + path)
			page.FitForUse()
			picture(page, "ganda-"+view.name+"-"+name)
		}
		page.Go(b.url + "/ganda")
		page.Follow("table td a")
		page.FitForUse()
		picture(page, "ganda-"+view.name+"-pasangan")
		page.Follow("section[aria-labelledby=gabung] button")
		page.FitForUse()
		picture(page, "ganda-"+view.name+"-pastikan")
		page.Go(b.url + "/ganda/" + b.three(t))
		if page.Count("section[aria-labelledby=kelompok] tbody a") == 0 {
			t.Errorf("the other records of three are not named: %s", page.Text("main"))
		}
		page.FitForUse()
		picture(page, "ganda-"+view.name+"-tiga")
	}
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/ganda")
	page.Follow("table td a")
	page.Follow("section[aria-labelledby=beda] button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(".error-summary a") != 1 {
		t.Errorf("a decision without a reason: %d", page.Status)
	}
	page.Accessible()
	page.NoOverflow()
	page.Click("#reason")
	page.Follow("section[aria-labelledby=beda] button")
	if b.number(t, `SELECT count(*) FROM link_pair WHERE state = 'distinct'`) != 1 || b.audited(t, "duplicate.distinct") == 0 {
		t.Error("the pair is not held apart")
	}
	page.Go(b.url + "/ganda")
	page.Follow("table td a")
	page.Follow("section[aria-labelledby=gabung] button")
	if text := page.Text("main"); !strings.Contains(text, "Data kiri") || !strings.Contains(text, "Data kanan") || !strings.Contains(text, "Isian ") {
		t.Errorf("what a merge does is not told side by side and field by field: %s", text)
	}
	picture(page, "ganda-pastikan")
	page.Follow("section[aria-labelledby=gabung] button")
	if b.number(t, `SELECT count(*) FROM merge`) != 1 || b.audited(t, "duplicate.merge") == 0 {
		t.Errorf("nothing merged: %s", page.Text("main"))
	}
	page.FitForUse()
	picture(page, "ganda-digabung")
	kept := b.text(t, `SELECT p.family_id FROM merge m JOIN person p ON p.kabkota = m.kept_kabkota AND p.id = m.kept_id WHERE m.kabkota > 0 AND m.state = 'done'`)
	if kept != "" {
		back := page.URL()
		page.Go(b.url + "/keluarga/" + itoa(b.Places.TenantOf(ambon)) + "-" + kept)
		if page.Count("section[aria-labelledby=digabung] tbody tr") != 1 || b.audited(t, "duplicate.history") != 1 {
			t.Errorf("the family's page does not tell of the merge: %s", page.Text("main"))
		}
		page.FitForUse()
		picture(page, "ganda-riwayat")
		page.Go(back)
	}
	page.Follow("section[aria-labelledby=putusan] button")
	if b.audited(t, "duplicate.undo")+b.audited(t, "duplicate.refuse") == 0 {
		t.Error("the merge is not taken back")
	}
	manager := b.signIn(t, chromium, access.ProgrammeManager, browser.Reader{Width: 1280, Height: 900})
	manager.Go(b.url + "/ganda")
	if manager.Status != http.StatusForbidden {
		t.Errorf("a programme manager reviews pairs: %d", manager.Status)
	}
}
