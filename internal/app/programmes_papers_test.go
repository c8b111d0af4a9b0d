package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/testkit/browser"
)

// fetched gives status, type and how many pages of PDF a link brings.
func fetched(page *browser.Page, path string) string {
	return browser.Eval[string](page, `fetch('`+path+`').then(r => r.text().then(t => r.status + ' ' + r.headers.get('content-type') + ' ' + (t.match(/\/Type \/Page\n/g) || []).length))`)
}

// TestTheAnnexAndTheLettersOfAVillageArePrinted from a list in force, and not for everybody.
func TestTheAnnexAndTheLettersOfAVillageArePrinted(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	chromium := browser.Start(t)
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	manager.Go(b.url + "/program/sembako")
	manager.Follow(`main a[href^="/program/sembako/berkas"]`)
	manager.NothingInline()
	if got := fetched(manager, browser.Eval[string](manager, `document.querySelector('a[href*="bentuk=pdf"]').getAttribute('href')`)); !strings.HasPrefix(got, "200 application/pdf") {
		t.Errorf("the annex of a draft: %s", got)
	}
	b.frozen(t, list.ID)
	village := area.Code(b.number(t, `SELECT area_code FROM enrolment WHERE list_id = $1 AND state = 1 ORDER BY position LIMIT 1`, list.ID))
	recipients := b.number(t, `SELECT count(*) FROM enrolment WHERE list_id = $1 AND state = 1 AND area_code = $2`, list.ID, int64(village))
	base := "daftar=" + itoa(list.Tenant) + "-" + list.ID.String() + "&wilayah="
	for _, form := range []string{"pdf 200 application/pdf", "xlsx 200 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		kind, want, _ := strings.Cut(form, " ")
		if got := fetched(manager, "/program/sembako/lampiran?"+base+"&bentuk="+kind); !strings.HasPrefix(got, want) {
			t.Errorf("the annex as %s: %s", kind, got)
		}
	}
	if b.audited(t, "programme.export") != 3 {
		t.Errorf("%d downloads recorded", b.audited(t, "programme.export"))
	}
	if n := b.number(t, `SELECT count(*) FROM letter WHERE kind = 'annex'`); n != 1 || b.audited(t, "programme.annex") != 1 {
		t.Errorf("%d annexes in the register", n)
	}
	manager.Go(b.url + "/program/sembako/berkas?" + base + village.Dotted())
	letters := browser.Eval[string](manager, `document.querySelector('a[href*="/surat?"]').getAttribute('href')`)
	for range 2 {
		if got := fetched(manager, letters); !strings.HasPrefix(got, "200 application/pdf") {
			t.Fatalf("the letters of a village: %s", got)
		}
	}
	if n := b.number(t, `SELECT count(*) FROM letter WHERE kind = 'award'`); n != recipients || b.audited(t, "programme.awards") != 2 {
		t.Errorf("%d letters for %d recipients", n, recipients)
	}
	b.refusedPapers(t, chromium, base, village)
	family := b.number(t, `SELECT count(*) FROM letter WHERE kind = 'award' AND subject_id = (SELECT family_id FROM enrolment WHERE list_id = $1 AND state = 1 ORDER BY position LIMIT 1)`, list.ID)
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.ProgrammeManager, view.r)
		for name, at := range map[string]string{"berkas": "/program/sembako/berkas?" + base + village.Dotted(), "berkas-semua": "/program/sembako/berkas?" + base} {
			reader.Go(b.url + at)
			reader.FitForUse()
			picture(reader, "kertas-"+view.name+"-"+name)
		}
		_, path := b.enrolledPath(t, list.ID, `state = 1`)
		reader.Go(b.url + path)
		reader.Follow(`main a[href^="/keluarga/"]`)
		reader.FitForUse()
		if n := reader.Count("section[aria-labelledby=surat] tbody tr a"); int64(n) != family {
			t.Errorf("the family's page shows %d letters, want %d", n, family)
		}
		picture(reader, "kertas-"+view.name+"-keluarga")
	}
}

// refusedPapers: full numbers for a purpose alone and by who may see them; letters of one's own village alone.
func (b *town) refusedPapers(t *testing.T, chromium *browser.Browser, base string, village area.Code) {
	t.Helper()
	verifier := b.signIn(t, chromium, access.Verifier, plain())
	verifier.Go(b.url + "/program/sembako/berkas?" + base)
	verifier.Follow("section[aria-labelledby=tersegel] button")
	if verifier.Status != http.StatusUnprocessableEntity || verifier.Count("#purpose-error") != 1 {
		t.Errorf("full numbers without a purpose: %d %s", verifier.Status, verifier.Text("main"))
	}
	if got := post(verifier, "/program/sembako/lampiran", strings.TrimSuffix(base, "&wilayah=")+"&bentuk=xlsx&purpose=arsip"); !strings.HasPrefix(got, "200\napplication/vnd") {
		t.Errorf("the sealed copy: %.80s", got)
	}
	if n := b.number(t, `SELECT count(*) FROM audit_entry WHERE act = 'programme.export' AND purpose = 'arsip'`); n != 1 {
		t.Errorf("%d sealed copies recorded", n)
	}
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	if got := post(manager, "/program/sembako/lampiran", strings.TrimSuffix(base, "&wilayah=")+"&bentuk=pdf&purpose=arsip"); !strings.HasPrefix(got, "403") {
		t.Errorf("full numbers for a programme manager: %.80s", got)
	}
	operator := b.signIn(t, chromium, access.Operator, plain())
	if got := fetched(operator, "/program/sembako/lampiran?"+base+"&bentuk=pdf"); !strings.HasPrefix(got, "403") {
		t.Errorf("an operator takes the annex: %s", got)
	}
	own := b.people[access.Operator].Area
	other := area.Code(b.number(t, `SELECT area_code FROM enrolment WHERE state = 1 AND area_code <> $1 ORDER BY position LIMIT 1`, int64(own)))
	if got := fetched(operator, "/program/sembako/surat?"+base+other.Dotted()+"&sesudah=0"); !strings.HasPrefix(got, "403") {
		t.Errorf("an operator prints letters of another village: %s", got)
	}
	if village.Level() != area.LevelVillage {
		t.Errorf("recipients are kept by village, not %s", village)
	}
}
