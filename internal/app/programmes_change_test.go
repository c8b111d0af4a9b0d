package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/testkit/browser"
)

// enrolledPath gives a place in a state, and its page.
func (b *town) enrolledPath(t *testing.T, list sqldb.ID, where string, args ...any) (id sqldb.ID, path string) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM enrolment WHERE list_id = $1 AND `+where+` ORDER BY position LIMIT 1`, append([]any{list}, args...)...).Scan(&id); err != nil {
		t.Fatalf("no place where %s: %v", where, err)
	}
	return id, fmt.Sprintf("/program/sembako/penerima/%d-%s", b.Places.TenantOf(ambon), id)
}

func (b *town) stateOf(t *testing.T, id sqldb.ID) programmes.State {
	t.Helper()
	return programmes.State(b.number(t, `SELECT state FROM enrolment WHERE id = $1`, id))
}

// reads gives what a link of a page answers: status and type.
func reads(page *browser.Page, path string) string {
	return browser.Eval[string](page, `fetch('`+path+`').then(r => r.status + ' ' + r.headers.get('content-type'))`)
}

// TestOnePlaceIsSuspendedEndedAndGivenBack: the manager asks, the head decides, and each step can be taken back, without scripts.
func TestOnePlaceIsSuspendedEndedAndGivenBack(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	list := b.drafted(t)
	b.frozen(t, list.ID)
	chromium := browser.Start(t)
	id, path := b.enrolledPath(t, list.ID, `state = 1 AND EXISTS (SELECT 1 FROM person m WHERE m.family_id = enrolment.family_id AND m.id <> enrolment.person_id AND m.state = 1 AND m.birth_date < '1990')`)
	manager := b.signIn(t, chromium, access.ProgrammeManager, plain())
	manager.Go(b.url + path)
	unfold(manager, "minta-suspend")
	manager.Follow("section[aria-labelledby=minta-suspend] button")
	if manager.Status != http.StatusUnprocessableEntity || manager.Count(".error-summary a") != 2 || manager.Count("#suspend_note-error") != 1 {
		t.Fatalf("a request without a reason: %d %s", manager.Status, manager.Text("main"))
	}
	manager.NothingInline()
	b.asks(t, manager, path, "suspend", "better_off")
	if b.stateOf(t, id) != programmes.Enrolled || b.audited(t, "programme.change_ask") != 1 {
		t.Fatal("a request alone changed the place")
	}
	if manager.Count("section[aria-labelledby=putuskan]") != 0 || manager.Count("section[aria-labelledby=tarik]") != 1 {
		t.Error("who asked is offered the decision")
	}
	b.refusedChanges(t, chromium, path)
	head := b.signIn(t, chromium, access.AgencyHead, plain())
	head.Go(b.url + "/")
	head.Follow(`main a[href="/program/permintaan"]`)
	head.NothingInline()
	head.Follow("main tbody a")
	head.Follow("button[value=refuse]")
	if head.Status != http.StatusUnprocessableEntity || head.Count("#answer-error") != 1 {
		t.Errorf("refused without a word: %d", head.Status)
	}
	head.Follow("button[value=approve]")
	if b.stateOf(t, id) != programmes.Suspended || b.audited(t, "programme.change_decide") != 1 || b.number(t, `SELECT count(*) FROM letter WHERE kind = 'suspension'`) != 1 {
		t.Fatalf("not suspended: %s", head.Text("main"))
	}
	manager.Go(b.url + "/program/sembako?status=suspended")
	if manager.Count("main tbody tr") != 1 || !strings.Contains(manager.Text(".tabs"), "Ditangguhkan") || manager.Count(`main tbody a[href="`+path+`"]`) != 1 {
		t.Errorf("the suspended are not listed: %s", manager.Text("main"))
	}
	manager.Go(b.url + path)
	change := browser.Eval[string](manager, `fetch('`+path+`').then(r => r.text()).then(t => new DOMParser().parseFromString(t, 'text/html').querySelector('a[href*="/keputusan/"]').getAttribute('href'))`)
	if got := reads(manager, change); got != "200 application/pdf" {
		t.Errorf("the letter: %s", got)
	}
	for _, step := range []struct {
		kind, reason string
		want         programmes.State
	}{{"resume", "poor_again", programmes.Enrolled}, {"end", "declined", programmes.Ended}, {"restore", "poor_again", programmes.Enrolled}} {
		b.asks(t, manager, path, step.kind, step.reason)
		head.Go(b.url + path)
		head.Follow("button[value=approve]")
		if got := b.stateOf(t, id); got != step.want {
			t.Fatalf("%s leaves the place %s: %s", step.kind, got, head.Text("main"))
		}
	}
	before := b.number(t, `SELECT count(*) FROM enrolment WHERE id = $1 AND person_id IS NOT NULL`, id)
	manager.Go(b.url + path)
	unfold(manager, "minta-payee")
	manager.Click("section[aria-labelledby=minta-payee] input[name=payee]")
	manager.Fill("#payee_note", "Pengurus pindah kerja")
	manager.Follow("section[aria-labelledby=minta-payee] button")
	for _, view := range readers() {
		reader := b.signIn(t, chromium, access.AgencyHead, view.r)
		_, waiting := b.enrolledPath(t, list.ID, `state = 1 AND id <> $2`, id)
		for name, at := range map[string]string{"putuskan": path, "antrean": "/program/permintaan", "tempat": waiting, "semua": "/program"} {
			reader.Go(b.url + at)
			reader.FitForUse()
			picture(reader, "ubah-"+view.name+"-"+name)
		}
		asker := b.signIn(t, chromium, access.ProgrammeManager, view.r)
		asker.Go(b.url + waiting)
		asker.FitForUse()
		picture(asker, "ubah-"+view.name+"-minta")
	}
	manager.Go(b.url + path)
	manager.Follow("section[aria-labelledby=tarik] button")
	if n := b.number(t, `SELECT count(*) FROM enrolment_change WHERE state = 'withdrawn' AND kind = 'payee'`); n != 1 || before != 1 || b.audited(t, "programme.change_withdraw") != 1 {
		t.Errorf("%d requests withdrawn", n)
	}
}

// asks fills in the form of one kind of change.
func (b *town) asks(t *testing.T, manager *browser.Page, path, kind, reason string) {
	t.Helper()
	manager.Go(b.url + path)
	unfold(manager, "minta-"+kind)
	manager.Choose("#"+kind+"_reason", reason)
	manager.Fill("#"+kind+"_note", "Kunjungan petugas")
	manager.Follow("section[aria-labelledby=minta-" + kind + "] button")
	if n := b.number(t, `SELECT count(*) FROM enrolment_change WHERE state = 'open' AND kind = $1`, kind); n != 1 {
		t.Fatalf("no request to %s: %d %s", kind, manager.Status, manager.Text("main"))
	}
}

// refusedChanges: not without the permission, and not outside the area.
func (b *town) refusedChanges(t *testing.T, chromium *browser.Browser, path string) {
	t.Helper()
	officer := b.signIn(t, chromium, access.PaymentOfficer, plain())
	officer.Go(b.url + path)
	if officer.Count("main form") != 0 {
		t.Error("a payment officer is offered to change a place")
	}
	for step, body := range map[string]string{"minta": "version=1&kind=end", "putuskan": "do=approve", "tarik": "version=1"} {
		if answer := post(officer, path+"/"+step, body); !strings.HasPrefix(answer, "403") {
			t.Errorf("a payment officer posts %s: %.60s", step, answer)
		}
	}
	village := int64(b.people[access.Operator].Area)
	_, far := b.enrolledPath(t, b.latestRun(t, "enrol").ID, `state = 1 AND area_code <> $2`, village)
	operator := b.signIn(t, chromium, access.Operator, plain())
	if operator.Go(b.url + far); operator.Status != http.StatusForbidden {
		t.Errorf("an operator opens a place of another village: %d", operator.Status)
	}
}
