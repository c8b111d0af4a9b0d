package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// womanOf gives a woman of the registry in or outside a village, whose birth date and mother's name are whole.
func (b *town) womanOf(t *testing.T, village area.Code, inside bool) registry.Person {
	t.Helper()
	sign := "<>"
	if inside {
		sign = "="
	}
	ids, err := sqldb.Collect(t.Context(), b.DB.Direct(), `SELECT id FROM person WHERE kabkota = $1 AND state = 1 AND sex = 2 AND area_code `+sign+` $2 ORDER BY id LIMIT 200`,
		[]any{int64(b.Places.TenantOf(village)), int64(village)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		p, err := b.Registry.PersonIn(t.Context(), b.DB.Direct(), b.Places.TenantOf(village), id)
		if err != nil {
			t.Fatal(err)
		}
		// One name of many words is like nobody else's.
		if p.BirthDate.Day() > 1 && len(strings.Fields(p.Name)) > 1 && len(strings.Fields(p.MotherName)) > 1 && p.Sex == person.Female {
			return p
		}
	}
	t.Fatal("the town has no such woman")
	return registry.Person{}
}

// TestWhoIsAlikeIsToldBeforeTheFormIsSent types women of the registry under other numbers, as happens when a number was
// copied wrongly: the operator is told where they stand, and in what they agree only in her own village.
func TestWhoIsAlikeIsToldBeforeTheFormIsSent(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 390, Height: 844, NoScript: true})
	village := b.people[access.Operator].Area
	for serial, inside := range map[int]bool{7: true, 8: false} {
		woman := b.womanOf(t, village, inside)
		nik, kk := newcomer(t, b, serial)
		page.Go(b.url + "/usulan/baru")
		fillFamily(page, nik, kk, woman.Name)
		page.Fill("#members-0-birth_date", fmt.Sprint(woman.BirthDate.Day()))
		page.Fill("#members-0-birth_date-month", fmt.Sprint(int(woman.BirthDate.Month())))
		page.Fill("#members-0-birth_date-year", fmt.Sprint(woman.BirthDate.Year()))
		page.Fill("#members-0-mother", woman.MotherName)
		page.Follow(`button[value="check"]`)
		page.NoOverflow()
		picture(page, fmt.Sprintf("alike-%t", inside))
		text := page.Text("main")
		if want := "Orang yang mirip mungkin sudah terdaftar di " + b.Places.Tree().Title(woman.Area); !strings.Contains(text, want) {
			t.Errorf("of a woman in the village (%t) the operator does not read %q: %s", inside, want, text)
		}
		if !strings.Contains(text, "Anggota 1: "+woman.Name) {
			t.Errorf("the notice does not name whom it is about: %s", text)
		}
		if got := strings.Contains(text, "Yang cocok:"); got != inside {
			t.Errorf("of a woman in the village (%t) what agrees is told: %t", inside, got)
		}
		if strings.Contains(page.URL(), woman.Name) || strings.Contains(text, woman.NIK.Plain()) {
			t.Error("the page tells her number")
		}
	}
}

// TestAPossibleTwinIsToldToBeCompared types a woman of the village whose number is as near to hers as a twin's, and whose name is
// spelled in another way: the operator is told that she may be the same person, and may go on.
func TestAPossibleTwinIsToldToBeCompared(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	woman := b.womanOf(t, b.people[access.Operator].Area, true)
	plain := woman.NIK.Plain()
	last := byte('1')
	if plain[15] == last {
		last = '4'
	}
	nik := plain[:15] + string(last)
	_, kk := newcomer(t, b, 9)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Operator, view.r)
		page.Go(b.url + "/usulan/baru")
		fillFamily(page, nik, kk, woman.Name[:len(woman.Name)-1])
		page.Fill("#members-0-birth_date", fmt.Sprint(woman.BirthDate.Day()))
		page.Fill("#members-0-birth_date-month", fmt.Sprint(int(woman.BirthDate.Month())))
		page.Fill("#members-0-birth_date-year", fmt.Sprint(woman.BirthDate.Year()))
		page.Fill("#members-0-mother", woman.MotherName)
		page.Follow(`button[value="check"]`)
		page.NoOverflow()
		page.Accessible()
		if text := page.Text("main"); !strings.Contains(text, "seperti pada saudara kembar") || !strings.Contains(text, "Usulan tetap dapat dikirim") || strings.Contains(text, plain) {
			t.Errorf("%s: of a possible twin the operator reads: %s", view.name, text)
		}
	}
}

// doubled gives the page of a woman of the operator's village whose number is unusable, and a woman in or outside the
// village who has the same mother and was born in the same place: a repair can make one of the two.
func (b *town) doubled(t *testing.T, village area.Code, inside bool) (path string, id sqldb.ID, other registry.Person) {
	t.Helper()
	other = b.womanOf(t, village, inside)
	tenant := b.Places.TenantOf(village)
	err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM person WHERE kabkota = $1 AND state = 1 AND sex = 2 AND area_code = $2 AND id <> $3 ORDER BY id DESC LIMIT 1`,
		int64(tenant), int64(village), other.ID).Scan(&id)
	if err == nil {
		err = b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE person SET nik = NULL, nik_hash = NULL, nik_state = 0, match_status = 2, birth_date = '1990',
				mother_name = (SELECT o.mother_name FROM person o WHERE o.kabkota = $1 AND o.id = $3), birth_place = (SELECT o.birth_place FROM person o WHERE o.kabkota = $1 AND o.id = $3)
				WHERE kabkota = $1 AND id = $2`, int64(tenant), id, other.ID)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/padan/%d-%s", tenant, id), id, other
}

// TestARepairTellsWhoIsAlikeBeforeItIsKept: the operator who types the name and the birth date of somebody registered reads so
// before the repair is kept, sees who it is only in her own village, and goes on with a tick that is logged.
func TestARepairTellsWhoIsAlikeBeforeItIsKept(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	village := b.people[access.Operator].Area
	for i, inside := range []bool{true, false} {
		path, id, other := b.doubled(t, village, inside)
		for _, view := range readers() {
			page := b.signIn(t, chromium, access.Operator, view.r)
			page.Go(b.url + path)
			page.Fill("#name", other.Name)
			page.Fill("#birth_date", fmt.Sprint(other.BirthDate.Day()))
			page.Fill("#birth_date-month", fmt.Sprint(int(other.BirthDate.Month())))
			page.Fill("#birth_date-year", fmt.Sprint(other.BirthDate.Year()))
			page.Click("input[name=document][value=kk]")
			page.Follow("section[aria-labelledby=perbaiki] button")
			picture(page, fmt.Sprintf("repair-alike-%s-%t", view.name, inside))
			text := page.Text("main")
			want := "Orang yang mirip sudah terdaftar di " + b.Places.Tree().Title(other.Area) + " sejak "
			if !strings.Contains(text, want) || !strings.Contains(text, "Perbaikan belum disimpan") {
				t.Fatalf("%t, %s: she does not read %q: %s", inside, view.name, want, text)
			}
			if sees := strings.Contains(text, "Yang cocok:") && page.Count("main .notice a[href^='/keluarga/']") > 0; sees != inside || strings.Contains(text, other.NIK.Plain()) {
				t.Errorf("%t, %s: of whom she reads: %s", inside, view.name, text)
			}
			if now, err := b.Registry.PersonIn(t.Context(), b.DB.Direct(), b.Places.TenantOf(village), id); err != nil || now.BirthDate == other.BirthDate {
				t.Errorf("%t, %s: it was kept unseen (%v)", inside, view.name, err)
			}
			page.NoOverflow()
			if view.name != readers()[0].name {
				continue
			}
			page.Accessible()
		}
		page := b.signIn(t, chromium, access.Operator, plain())
		page.Go(b.url + path)
		page.Fill("#name", other.Name)
		page.Fill("#birth_date", fmt.Sprint(other.BirthDate.Day()))
		page.Fill("#birth_date-month", fmt.Sprint(int(other.BirthDate.Month())))
		page.Fill("#birth_date-year", fmt.Sprint(other.BirthDate.Year()))
		page.Click("input[name=document][value=kk]")
		page.Follow("section[aria-labelledby=perbaiki] button")
		page.Click("input[name=alike]")
		page.Press("\t\r")
		page.Until("document.readyState === 'complete' && !document.querySelector('input[name=alike]')")
		if now, err := b.Registry.PersonIn(t.Context(), b.DB.Direct(), b.Places.TenantOf(village), id); err != nil || now.Name != other.Name || now.BirthDate != other.BirthDate {
			t.Errorf("%t: after the tick she is %v, %v", inside, now.Name == other.Name, err)
		}
		n := 0
		err := b.DB.Direct().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE kabkota > 0 AND act = 'civil.mend' AND facts LIKE '%"alike_seen":1%'`).Scan(&n)
		if err != nil || n != i+1 {
			t.Errorf("%t: %d ticks in the log, %v", inside, n, err)
		}
	}
}

// TestAnImportTellsWhoIsRegisteredAlreadyBeforeItRuns: the dry run of a file names the lines whose persons are possibly
// registered already, with who they are in the operator's own village only, and writes nothing; reading it is logged.
func TestAnImportTellsWhoIsRegisteredAlreadyBeforeItRuns(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	village := b.people[access.Operator].Area
	text := "row_id,source,year,no_kk,nik,name,sex,birth_date,birth_place,mother_name,relation,address,rt,rw,village,area_code\n"
	women := []registry.Person{b.womanOf(t, village, true), b.womanOf(t, village, false)}
	for i, w := range women {
		_, kk := newcomer(t, b, 40+i)
		text += fmt.Sprintf("%d,RT,2026,%s,,%s,P,%s,%s,%s,kepala_keluarga,JL. BARU,001,002,,%s\n", i+1, kk, w.Name, w.BirthDate.Text(), w.BirthPlace, w.MotherName, village.Dotted())
	}
	set, err := b.Exchange.Describe(exchange.Families, writeFile(t, "warga.csv", text), "")
	if err != nil {
		t.Fatal(err)
	}
	set.Whole, set.Alike = true, filepath.Join(b.uploadDir(), sqldb.NewID().String()+".alike")
	if err := os.MkdirAll(b.uploadDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	who := b.actor(t, access.Operator)
	r, err := b.Runs.Create(t.Context(), who, runs.NewRun{Kind: exchange.KindOf(exchange.Families), Tenant: b.Places.TenantOf(village), Area: village, Settings: set, Inputs: set.SHA256, Total: set.Size})
	if err == nil {
		r, err = b.Runs.Look(t.Context(), who, r.Tenant, r.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := b.tally(t, `SELECT count(*) FROM person WHERE kabkota > 0`)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Operator, view.r)
		page.Go(fmt.Sprintf("%s/pekerjaan/%d-%s", b.url, r.Tenant, r.ID))
		page.FitForUse()
		picture(page, "import-alike-"+view.name)
		said, table := page.Text("main"), page.Text("section[aria-labelledby=mirip]")
		if !strings.Contains(said, "2 orang baru mungkin sudah terdaftar") {
			t.Fatalf("%s: %s", view.name, said)
		}
		for _, want := range []string{women[0].Name, b.Places.Tree().Title(women[1].Area), "Di luar wilayah Anda"} {
			if !strings.Contains(table, want) {
				t.Errorf("%s: %q is not in the rows: %s", view.name, want, table)
			}
		}
		if strings.Contains(said, women[1].Name) || strings.Contains(said, women[0].NIK.Plain()) {
			t.Errorf("%s: it tells of a person outside the area: %s", view.name, said)
		}
		if page.Count(`main a[href$="/mirip"]`) != 1 {
			t.Fatalf("%s: no way to all rows", view.name)
		}
		if view.r.NoScript {
			continue
		}
		file := browser.Eval[string](page, `fetch(document.querySelector('main a[href$="/mirip"]').href).then(r => r.headers.get('content-type') === 'text/csv; charset=utf-8' && r.headers.get('cache-control') === 'no-store' && r.headers.get('content-disposition').startsWith('attachment') ? r.text() : '')`)
		if !strings.Contains(file, "2,yes,"+women[0].Name+","+women[0].NIK.String()+",") || !strings.Contains(file, "3,no,,,"+b.Places.Tree().Title(women[1].Area)+",") || strings.Count(file, "\n") != 3 {
			t.Errorf("%s: the file of all rows is %q", view.name, file)
		}
	}
	if n := b.audited(t, "import.alike"); n == 0 {
		t.Error("no download stands in the log")
	}
	if n := b.audited(t, "identity.show"); n != int64(len(readers())) {
		t.Errorf("%d readings in the log", n)
	}
	if n := b.tally(t, `SELECT count(*) FROM person WHERE kabkota > 0`); n != before {
		t.Errorf("the dry run wrote %d persons", n-before)
	}
}

// TestAReactivationTellsWhoWasRegisteredMeanwhile: the operator who proposes to bring somebody back reads that somebody alike is
// registered, sees who it is only in her own village, and goes on with a tick that is logged.
func TestAReactivationTellsWhoWasRegisteredMeanwhile(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	village := b.people[access.Operator].Area
	for i, inside := range []bool{true, false} {
		_, id, other := b.doubled(t, village, inside)
		tenant := b.Places.TenantOf(village)
		err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE person SET name = $1, birth_date = $2, state = $3 WHERE kabkota = $4 AND id = $5`, other.Name, other.BirthDate.Text(), int64(registry.Ended), int64(tenant), id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		gone, err := b.Registry.PersonIn(t.Context(), b.DB.Direct(), tenant, id)
		if err != nil {
			t.Fatal(err)
		}
		var page *browser.Page
		for _, view := range readers() {
			page = b.signIn(t, chromium, access.Operator, view.r)
			page.Go(fmt.Sprintf("%s/usulan/ajukan?keluarga=%d-%s&jenis=REACTIVATION", b.url, tenant, gone.FamilyID))
			page.Choose("#reason", "data_repaired")
			page.Click(fmt.Sprintf("input[name=person][value=%q]", id.String()))
			page.Fill("#words", "Kembali dari rantau")
			page.Follow("main form button")
			picture(page, fmt.Sprintf("return-alike-%s-%t", view.name, inside))
			text := page.Text("main")
			want := "Orang yang mirip sudah terdaftar di " + b.Places.Tree().Title(other.Area) + " sejak "
			if page.Status != http.StatusConflict || !strings.Contains(text, want) || !strings.Contains(text, "Usulan belum dikirim") {
				t.Fatalf("%t, %s: she does not read %q: %d %s", inside, view.name, want, page.Status, text)
			}
			if sees := strings.Contains(text, "Yang cocok:") && page.Count("main .notice a[href^='/keluarga/']") > 0; sees != inside || strings.Contains(text, other.NIK.Plain()) {
				t.Errorf("%t, %s: of whom she reads: %s", inside, view.name, text)
			}
			if browser.Eval[string](page, `document.getElementById("words").value`) != "Kembali dari rantau" || b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'REACTIVATION'`) != int64(i) {
				t.Errorf("%t, %s: what she typed is lost, or was filed unseen", inside, view.name)
			}
			page.NoOverflow()
			if i == 0 {
				page.Accessible()
			}
		}
		page.Click("input[name=alike]")
		page.Follow("main form button")
		if !strings.HasSuffix(page.URL(), "/bukti") || b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'REACTIVATION' AND person_id = $1`, id) != 1 {
			t.Errorf("%t: after the tick: %d %s", inside, page.Status, page.Text("main"))
		}
		if n := b.number(t, `SELECT count(*) FROM audit_entry WHERE act = 'proposal.file' AND facts LIKE '%"alike_seen"%'`); n != int64(i+1) {
			t.Errorf("%t: %d ticks in the log", inside, n)
		}
	}
}
