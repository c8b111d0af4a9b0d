package app

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// suggested looks for everybody of the town who does not match.
func (b *town) suggested(t *testing.T) {
	t.Helper()
	b.run(t, runs.NewRun{Kind: "suggest", Settings: map[string]any{}})
}

// mismatch gives the page of the surest person of a cause.
func (b *town) mismatch(t *testing.T, where string, args ...any) string {
	t.Helper()
	var id sqldb.ID
	err := b.DB.Direct().QueryRow(t.Context(), `SELECT g.person_id FROM match_suggestion g WHERE `+where+` ORDER BY g.rank, g.person_id LIMIT 1`, args...).Scan(&id)
	if err != nil {
		t.Fatalf("nobody where %s: %v", where, err)
	}
	return fmt.Sprintf("/padan/%d-%s", b.Places.TenantOf(ambon), id)
}

// TestTheQueueSaysWhatIsWrong: each line names the probable cause in words, the surest first, and the filters
// stand in the address.
func TestTheQueueSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan")
	if words := page.Text("main tbody"); !strings.Contains(words, "Belum ada saran yang berlaku") {
		t.Errorf("before a search: %s", words)
	}
	b.suggested(t)
	for _, view := range readers() {
		t.Run(view.name, func(t *testing.T) {
			page := b.signIn(t, chromium, access.Verifier, view.r)
			for i, path := range []string{"/padan", "/padan?sebab=birth_swapped", "/padan?urut=desa", "/padan?sebab=nik_anomaly",
				b.mismatch(t, "g.cause = 'name_spelling'"), b.mismatch(t, "g.cause = 'nik_digit'"), b.mismatch(t, "g.outcome = 1"), b.mismatch(t, "g.cause = 'name_spelling'") + "?isi=saran"} {
				page.Go(b.url + path)
				page.FitForUse()
				worded(t, page)
				picture(page, fmt.Sprintf("%s-padan-%d", view.name, i))
			}
		})
	}
	page.Go(b.url + "/padan")
	first := page.Text("main tbody tr:first-child")
	if !strings.Contains(first, "hampir pasti") {
		t.Errorf("the first line is %s", first)
	}
	page.Choose("select[name=sebab]", "birth_swapped")
	page.Follow(".filter button")
	if !strings.Contains(page.URL(), "sebab=birth_swapped") || page.Count("main tbody tr") == 0 || strings.Contains(page.Text("main tbody"), "Nama") {
		t.Errorf("%s shows %s", page.URL(), page.Text("main tbody"))
	}
	page.Go(b.url + "/padan?status=nik_double&sebab=birth_swapped")
	if said := page.Text("main"); strings.Contains(said, "Semua padan") || !strings.Contains(said, "Tidak ada yang cocok dengan saringan ini") {
		t.Errorf("where the filter leaves nobody: %s", said)
	}
	page.Go(b.url + "/padan?sebab=cuaca")
	if page.Status != http.StatusUnprocessableEntity && page.Status != http.StatusBadRequest {
		t.Errorf("a cause nobody knows: %d", page.Status)
	}
}

// TestTheQueueIsLeafedThrough: pages go on behind the last line, in either order, without a line twice.
func TestTheQueueIsLeafedThrough(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	all := int(b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`))
	page := b.signIn(t, chromium, access.Verifier, plain())
	for _, path := range []string{"/padan", "/padan?urut=desa"} {
		page.Go(b.url + path)
		shown := page.Count("main tbody tr")
		for page.Count(".pager a[rel=next]") > 0 && shown <= all {
			page.Follow(".pager a[rel=next]")
			shown += page.Count("main tbody tr")
		}
		if shown != all {
			t.Errorf("%s: %d lines on all pages, %d do not match", path, shown, all)
		}
	}
}

// TestASuggestionIsTakenOverFromTheKTP: the operator fills the form from the suggestion, by keyboard, names the document
// in hand, and the person matches; what was suggested is never shown to who may not see her.
func TestASuggestionIsTakenOverFromTheKTP(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	path := b.mismatch(t, "g.cause = 'name_spelling'")
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + path)
	for _, want := range []string{"Nama: ejaan berbeda", "orangnya hampir pasti ditemukan", "Orang yang mungkin dimaksud", "belum diuji pada data nyata"} {
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("%q is not said: %s", want, page.Text("main"))
		}
	}
	page.Follow("section[aria-labelledby=perbaiki] a[href*='isi=saran']")
	page.Until("document.activeElement.name === 'document'") // a page gives its autofocus with its first frame
	page.Press(" \t\r")
	page.Wait(".notice-good")
	page.Until("document.activeElement.id === 'hasil'") // two keys from the next person
	if page.Count("main .notice") != 1 {
		t.Errorf("more is said of who matches: %s", page.Text("main"))
	}
	if n := b.audited(t, "civil.mend"); n != 1 || !strings.Contains(page.Text(".notice-good"), "padan") {
		t.Fatalf("%d repairs in the log: %s", n, page.Text("main"))
	}
	page.Press("\t\r")
	page.Until("document.querySelector('section[aria-labelledby=perbaiki]') !== null")
	outsider := b.signIn(t, chromium, access.Admin, plain())
	outsider.Go(b.url + path)
	if outsider.Status != http.StatusForbidden {
		t.Errorf("an administrator opens the page: %d", outsider.Status)
	}
}

// TestARepairThatDoesNotHelpIsSuggestedForAtOnce: the operator who mends one thing of two reads right after it what is still
// wrong, and not that the suggestion is old.
func TestARepairThatDoesNotHelpIsSuggestedForAtOnce(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, plain())
	page.Go(b.url + b.mismatch(t, "g.cause = 'name_spelling'"))
	name := browser.Eval[string](page, "document.querySelector('#name').value")
	page.Fill("#name", name+"X")
	page.Click("input[name=document][value=ktp]")
	page.Follow("section[aria-labelledby=perbaiki] button")
	if said := page.Text("main"); page.Count("section[aria-labelledby=saran]") != 1 || strings.Contains(said, "Saran lama") || !strings.Contains(said, name+"X") {
		t.Errorf("after the repair: %s", said)
	}
	if n := b.audited(t, "civil.suggest"); n != 1 {
		t.Errorf("%d entries in the log", n)
	}
}

// TestWithoutValuesNothingOfTheCivilRecordIsShown: under an agreement that tells yes or no, or found or not, the page
// shows our record and its own hints, and no search changes that.
func TestWithoutValuesNothingOfTheCivilRecordIsShown(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"yes_no", "found"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			made := masters.town(t, ambonOffice())
			b := opened(t, made.dir, "civil:\n  registry: file\n  mode: "+mode+"\n")
			b.people = maps.Clone(made.people)
			b.run(t, runs.NewRun{Kind: "match", Settings: map[string]any{}})
			b.suggested(t)
			chromium := browser.Start(t)
			page := b.signIn(t, chromium, access.Verifier, plain())
			page.Go(b.url + "/padan")
			if said := page.Text("main"); !strings.Contains(said, "Orang yang dimaksud tidak dapat dicari di Dukcapil") || !strings.Contains(said, "tanpa nilai") {
				t.Errorf("the queue does not say where hints come from: %s", said)
			}
			if told, only := page.Text("main .notice"), mode == "found"; strings.Contains(told, "cocok atau tidak") == only || strings.Contains(told, "apakah sebuah NIK ada") != only {
				t.Errorf("the queue says of the agreement: %s", told)
			}
			page.Go(b.url + "/padan/massal")
			if said := page.Text("main"); strings.Contains(said, "di data kependudukan") || !strings.Contains(said, "data kita sendiri") {
				t.Errorf("of a new search the page says: %s", said)
			}
			page.Go(b.url + "/padan")
			words := page.Text("main tbody")
			for _, never := range []string{"ditemukan:", "hampir pasti", "satu digit", "lahir tertukar", "digit tertukar", "ejaan"} {
				if strings.Contains(words, never) {
					t.Errorf("the queue says %q", never)
				}
			}
			shown := 0
			for _, one := range b.civilNames(t) {
				page.Go(b.url + one.path)
				shown++
				for _, value := range one.values {
					if value != "" && strings.Contains(page.Text("main"), value) {
						t.Errorf("%s shows %q of the civil record", one.path, value)
					}
				}
				page.Go(b.url + one.path + "?isi=saran")
				if strings.Contains(page.Text("main"), one.values[0]) || page.Count("input[value='"+one.values[0]+"']") > 0 {
					t.Errorf("%s fills the form with %q", one.path, one.values[0])
				}
			}
			if n := b.number(t, `SELECT count(*) FROM match_suggestion WHERE civil_hash IS NOT NULL`); n != 0 || shown == 0 {
				t.Errorf("%d suggestions name a civil record; %d pages looked at", n, shown)
			}
		})
	}
}

// civilName is a person whose civil record is known to the test, and values of it that are not hers.
type civilName struct {
	path   string
	values []string
}

// civilNames gives some persons who differ from the holder of their NIK by name.
func (b *town) civilNames(t *testing.T) (out []civilName) {
	t.Helper()
	rows, err := b.DB.Direct().Query(t.Context(), `
		SELECT p.kabkota, p.id, c.name FROM person p JOIN civil_record c ON c.nik_hash = p.nik_hash
		WHERE p.state = 1 AND p.match_status <> 15 AND c.name_norm <> p.name_norm AND p.name_norm NOT LIKE '%' || c.name_norm || '%' ORDER BY p.id LIMIT 4`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var tenant int64
		var id sqldb.ID
		var name string
		if err := rows.Scan(&tenant, &id, &name); err != nil {
			t.Fatal(err)
		}
		out = append(out, civilName{fmt.Sprintf("/padan/%d-%s", tenant, id), []string{name}})
	}
	return out
}
