package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/testkit/browser"
)

// familyIn gives a family of a village with at least two members, and where its page is.
func (b *town) familyIn(t *testing.T, at area.Code) (registry.Card, string) {
	t.Helper()
	who := b.actor(t, access.Verifier)
	list, err := b.Registry.List(t.Context(), who, registry.Filter{Area: at, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Persons < 2 || f.Unmatched > 0 {
			continue
		}
		card, err := b.Registry.Open(t.Context(), who, f.Tenant, f.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		return card, fmt.Sprintf("/keluarga/%d-%s", f.Tenant, f.ID)
	}
	t.Fatal("no family of two in the village")
	return registry.Card{}, ""
}

// TestARemovalIsFiledFromTheFamilysPage asks for what its reason needs: the person, the evidence.
func TestARemovalIsFiledFromTheFamilysPage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, path := b.familyIn(t, b.people[access.Operator].Area)
	operator := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 1280, Height: 900})
	operator.Go(b.url + path)
	operator.Follow(`main a[href*="jenis=REMOVAL"]`)
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count(".error-summary a") != 2 || len(b.states(t)) != 0 {
		t.Fatalf("an empty removal: %d %s", operator.Status, operator.Text("main"))
	}
	operator.NoOverflow()
	operator.Choose("#reason", "dead")
	operator.Click("input[name=person][value=semua]")
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#person-error") != 1 {
		t.Fatalf("a death of a whole family: %d %s", operator.Status, operator.Text("main"))
	}
	member := card.Members[len(card.Members)-1]
	operator.Click(fmt.Sprintf("input[name=person][value=%q]", member.ID.String()))
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#paper-error") != 1 || len(b.states(t)) != 0 {
		t.Fatalf("a death without evidence: %d %s", operator.Status, operator.Text("main"))
	}
	picture(operator, "kind-errors")
	operator.Fill("#paper", "Akta kematian")
	operator.Fill("#number", "8171-KM-01")
	operator.Follow("main form button")
	if operator.Status != http.StatusOK || !strings.HasSuffix(operator.URL(), "/bukti") {
		t.Fatalf("not filed: %d %s", operator.Status, operator.Text("main"))
	}
	if n := b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'REMOVAL' AND reason = 'dead' AND person_id = $1`, member.ID); n != 1 {
		t.Errorf("%d removals of the person are kept", n)
	}
	if n := b.audited(t, "proposal.file"); n != 1 {
		t.Errorf("%d acts in the log", n)
	}
	operator.Go(strings.TrimSuffix(operator.URL(), "/bukti"))
	if text := operator.Text("main"); !strings.Contains(text, "Akta kematian") || !strings.Contains(text, "Meninggal") {
		t.Errorf("reason or evidence is not shown: %s", text)
	}
	picture(operator, "kind-removal")
	operator.Go(b.url + path)
	if text := operator.Text("section[aria-labelledby=usulan]"); !strings.Contains(text, "-00001") {
		t.Errorf("the family's page does not show the proposal: %s", text)
	}
	operator.FitForUse()
	if b.number(t, `SELECT count(*) FROM audit_entry WHERE act = 'proposal.of_family' AND subject = $1`, card.Family.ID) == 0 {
		t.Error("who looked at the proposals of a family is not recorded")
	}
}

// TestTheFormOfAReactivationOffersWhoComesBack: who was recorded twice or as dead comes back alone, so the form offers no whole family
// where nobody else is gone; who was recorded as dead comes back for one reason, with its document.
func TestTheFormOfAReactivationOffersWhoComesBack(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, _ := b.familyIn(t, b.people[access.Operator].Area)
	member := card.Members[len(card.Members)-1]
	leaves := func(state registry.State, reason string) {
		if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE person SET state = $1, ended_reason = $2 WHERE kabkota = $3 AND id = $4`, int64(state), reason, int64(member.Tenant), member.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	operator := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 390, Height: 844})
	form := b.url + fmt.Sprintf("/usulan/ajukan?keluarga=%d-%s&jenis=REACTIVATION", card.Family.Tenant, card.Family.ID)
	one := fmt.Sprintf("input[name=person][value=%q]", member.ID.String())
	for _, c := range []struct {
		state  registry.State
		reason string
		all    int
	}{{registry.Ended, "better_off", 1}, {registry.Ended, "double", 0}, {registry.Died, "dead", 0}} {
		leaves(c.state, c.reason)
		operator.Go(form)
		if operator.Count("input[name=person][value=semua]") != c.all || operator.Count(one) != 1 || operator.Count("input[name=person]") != 1+c.all {
			t.Errorf("gone for %s: %s", c.reason, operator.Text("main form"))
		}
	}
	operator.FitForUse()
	if text := operator.Text("main form"); !strings.Contains(text, "Meninggal") {
		t.Errorf("that she is recorded as dead is not told: %s", text)
	}
	operator.Click(one)
	operator.Choose("#reason", "data_repaired")
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity && operator.Status != http.StatusConflict || operator.Count("#reason-error") != 1 {
		t.Fatalf("for another reason: %d %s", operator.Status, operator.Text("main"))
	}
	operator.Choose("#reason", "still_alive")
	operator.Follow("main form button")
	if operator.Count("#paper-error") != 1 || len(b.states(t)) != 0 {
		t.Fatalf("without a document: %d %s", operator.Status, operator.Text("main"))
	}
	picture(operator, "kind-still-alive")
	operator.Fill("#paper", "KTP dan surat kepala desa")
	operator.Follow("main form button")
	if !strings.HasSuffix(operator.URL(), "/bukti") || b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'REACTIVATION' AND reason = 'still_alive' AND person_id = $1`, member.ID) != 1 {
		t.Errorf("not filed: %d %s", operator.Status, operator.Text("main"))
	}
}

// TestOtherKindsAreFiled files an enrolment and a reactivation from the queue's search.
func TestOtherKindsAreFiled(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, _ := b.familyIn(t, b.people[access.Operator].Area)
	operator := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{NoScript: true})
	operator.Go(b.url + "/usulan")
	operator.Follow(`main a[href="/usulan/ajukan"]`)
	operator.Fill("#q", card.Family.HeadName)
	operator.Follow("search form button")
	operator.Follow(fmt.Sprintf(`main a[href$=%q]`, card.Family.ID.String()))
	operator.Follow(`main a[href*="jenis=ENROLMENT"]`)
	operator.Choose("#programme", "pkh")
	operator.Click("input[name=person][value=semua]")
	operator.Follow("main form button")
	if n := b.number(t, `SELECT count(*) FROM proposal WHERE kind = 'ENROLMENT' AND programme = 'pkh'`); n != 1 {
		t.Fatalf("%d enrolments: %d %s", n, operator.Status, operator.Text("main"))
	}
	operator.Go(b.url + fmt.Sprintf("/usulan/ajukan?keluarga=%d-%s&jenis=REACTIVATION", card.Family.Tenant, card.Family.ID))
	operator.Choose("#reason", "data_repaired")
	operator.Click("input[name=person][value=semua]")
	operator.Follow("main form button")
	if operator.Status != http.StatusConflict || operator.Count("#person-error") != 1 || b.number(t, `SELECT count(*) FROM proposal`) != 1 {
		t.Errorf("nobody of the family was removed: %d %s", operator.Status, operator.Text("main"))
	}
}

// TestKindsAreForTheVillage refuses who may not file, and families of another village.
func TestKindsAreForTheVillage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	here, _ := b.familyIn(t, b.people[access.Operator].Area)
	there := registry.Card{}
	for place := range b.Places.Tree().Villages(ambon) {
		if n := b.number(t, `SELECT count(*) FROM family WHERE area_code = $1 AND persons > 1 AND unmatched = 0`, int64(place.Code)); n > 0 && place.Code != here.Family.Area {
			there, _ = b.familyIn(t, place.Code)
			break
		}
	}
	form := func(c registry.Card) string {
		return fmt.Sprintf("/usulan/ajukan?keluarga=%d-%s&jenis=REMOVAL", c.Family.Tenant, c.Family.ID)
	}
	chromium := browser.Start(t)
	for role, path := range map[access.Role]string{access.Verifier: form(here), access.VillageHead: form(here), access.Auditor: form(here), access.Operator: form(there)} {
		page := b.signIn(t, chromium, role, browser.Reader{})
		if page.Go(b.url + path); page.Status != http.StatusForbidden {
			t.Errorf("%s gets %s with %d", role, path, page.Status)
		}
		status := browser.Eval[int](page, fmt.Sprintf(`(() => { const x = new XMLHttpRequest(); x.open("POST", "/usulan/ajukan", false);
			x.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
			x.send("request=%s&family=%d-%s&kind=REMOVAL&reason=double&person=semua"); return x.status })()`, there.Family.ID, there.Family.Tenant, there.Family.ID))
		if status != http.StatusForbidden {
			t.Errorf("%s files with %d", role, status)
		}
	}
	if n := b.number(t, `SELECT count(*) FROM proposal`); n != 0 || b.audited(t, "proposal.file") != 0 {
		t.Errorf("%d proposals were filed", n)
	}
}

// TestOnlyPossibleStepsAreOffered offers in the list what the service takes for every row of it.
func TestOnlyPossibleStepsAreOffered(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{})
	nik, kk := newcomer(t, b, 51)
	b.register(t, nik, kk, "SITI CONTOH")
	operator.Go(b.url + "/usulan/baru")
	fillFamily(operator, nik, kk, "Siti Contoh")
	operator.Follow(`button[value="check"]`)
	operator.Follow(`form[action="/usulan/kirim"] button`)
	operator.Go(b.url + "/usulan?tab=incoming")
	if operator.Count(`button[value="return"]`) != 0 || operator.Count(`button[value="list"]`) != 1 {
		t.Errorf("what is offered for a matched proposal of the village: %s", operator.Text("main"))
	}
	operator.Click(`input[name="baris"]`)
	operator.Follow(`button[value="list"]`)
	operator.Follow("main form button")
	operator.Go(b.url + "/usulan?tab=list")
	for _, step := range []string{"return", "deliberate", "refuse"} {
		if operator.Count(`button[value="`+step+`"]`) != 1 {
			t.Errorf("%s is not offered on the initial list", step)
		}
	}
	if got := b.states(t); got[0] != string(proposal.InitialList) {
		t.Fatal(got)
	}
	// Two officers decide at once: who comes second goes on without what changed.
	second := b.signIn(t, chromium, access.VillageHead, browser.Reader{})
	second.Go(b.url + "/usulan?tab=list")
	second.Click(`input[name="baris"]`)
	second.Follow(`button[value="return"]`)
	operator.Click(`input[name="baris"]`)
	operator.Follow(`button[value="deliberate"]`)
	operator.Fill("#paper", "Berita acara")
	operator.Follow("main form button")
	second.Choose("#reason", "incomplete")
	second.Follow("main form button")
	if second.Status != http.StatusConflict || second.Count(`button[value="tanpa"]`) != 1 || !strings.Contains(second.Text("main"), b.actor(t, access.Operator).Name) {
		t.Fatalf("who was faster: %d %s", second.Status, second.Text("main"))
	}
	second.Follow(`button[value="tanpa"]`)
	if got := b.states(t); got[0] != string(proposal.Deliberated) || b.audited(t, "proposal.return") != 0 {
		t.Errorf("after the second: %v", got)
	}
}

// TestKindPagesAreFitForUse opens the forms in each window and colour.
func TestKindPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, path := b.familyIn(t, b.people[access.Operator].Area)
	key := fmt.Sprintf("%d-%s", card.Family.Tenant, card.Family.ID)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Operator, view.r)
		for i, to := range []string{path, "/usulan/ajukan", "/usulan/ajukan?keluarga=" + key, "/usulan/ajukan?keluarga=" + key + "&jenis=ENROLMENT", "/usulan/ajukan?keluarga=" + key + "&jenis=REACTIVATION"} {
			page.Go(b.url + to)
			if page.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", to, page.Status, page.Text("main"))
			}
			page.FitForUse()
			picture(page, fmt.Sprintf("kind-%s-%02d", view.name, i))
		}
	}
}

// TestTheQuestionnaireGoesWithTheProposal answers parts of the form, keeps them when the main form is
// saved again, and finds them in what was filed.
func TestTheQuestionnaireGoesWithTheProposal(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	nik, kk := newcomer(t, b, 55)
	b.register(t, nik, kk, "SITI CONTOH")
	operator := b.signIn(t, browser.Start(t), access.Operator, browser.Reader{Width: 1280, Height: 900})
	operator.Go(b.url + "/usulan/baru")
	noDrafts(operator)
	fillFamily(operator, nik, kk, "Siti Contoh")
	operator.Follow(`button[value="check"]`)
	check := operator.URL()
	operator.FitForUse()
	operator.Follow(`main a[href*="bagian=rumah"]`)
	operator.FitForUse()
	picture(operator, "answers-house")
	noDrafts(operator)
	operator.Choose("#dwelling_tenure", "1")
	operator.Fill("#floor_area", "9999999")
	operator.Follow("main form button")
	if operator.Status != http.StatusUnprocessableEntity || operator.Count("#floor_area-error") != 1 || b.audited(t, "proposal.draft") != 1 {
		t.Fatalf("a floor as large as a town: %d %s", operator.Status, operator.Text("main"))
	}
	noDrafts(operator)
	operator.Fill("#floor_area", "36")
	operator.Choose("#floor_material", "8")
	operator.Follow("main form button")
	if operator.URL() != check || !strings.Contains(operator.Text("main"), "3 jawaban") || b.audited(t, "proposal.draft") != 2 {
		t.Fatalf("the part is not kept: %s %s", operator.URL(), operator.Text("main"))
	}
	operator.Follow(`main a[href*="bagian=anggota-1"]`)
	operator.Go(operator.URL())
	operator.FitForUse()
	operator.Choose("#difficulty_seeing", "1")
	operator.Follow("main form button")
	operator.Follow(`main a[href^="/usulan/baru?konsep="]`)
	operator.Fill("#rt", "009")
	operator.Follow(`button[value="check"]`)
	if text := operator.Text("main"); !strings.Contains(text, "3 jawaban") || !strings.Contains(text, "1 jawaban") {
		t.Fatalf("the main form lost the answers: %s", text)
	}
	operator.Follow(`form[action="/usulan/kirim"] button`)
	row := strings.TrimPrefix(strings.TrimSuffix(operator.URL(), "/bukti"), b.url+"/usulan/")
	tenant, id, _ := strings.Cut(row, "-")
	key, err := sqldb.ParseID(id)
	if err != nil || tenant == "" {
		t.Fatal(operator.URL(), err)
	}
	v, err := b.Proposals.Open(t.Context(), b.actor(t, access.Operator), b.Places.TenantOf(ambon), key, "")
	if err != nil {
		t.Fatal(err)
	}
	if area := v.Document.Answers["floor_area"]; area.Text() != "36" || v.Document.Members[0].Answers["difficulty_seeing"].Text() != "1" || v.Document.Questionnaire == "" {
		t.Errorf("filed with %d answers of %q", len(v.Document.Answers), v.Document.Questionnaire)
	}
	operator.Go(b.url + "/usulan/" + row)
	operator.FitForUse()
	if !strings.Contains(browser.Eval[string](operator, `document.querySelector("main").textContent`), "Milik sendiri") {
		t.Error("the proposal does not show the answers")
	}
	if signs := operator.Text("section[aria-labelledby=tanda]"); !strings.Contains(signs, "1 tanda ada, 0 tidak ada, 8 belum ditanyakan") || !strings.Contains(signs, "Musyawarah desa yang memutuskan") {
		t.Errorf("the signs of poverty: %s", signs)
	}
	picture(operator, "answers-shown")
	operator.Go(b.url + "/usulan/baru/isian?konsep=" + row + "&bagian=dapur")
	if operator.Status != http.StatusNotFound {
		t.Errorf("a part that is none: %d", operator.Status)
	}
}
