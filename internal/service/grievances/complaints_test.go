package grievances_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

func TestAComplaintIsAskedAnsweredAndReopened(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.complaint(1, grievance.Card).Row
		if r.Due.Text() != "2024-10-18" || r.AnswerBy.Text() != "2024-10-29" {
			t.Errorf("assign by %s, answer by %s", r.Due, r.AnswerBy)
		}
		page, err := h.s.Queue(t.Context(), operator, grievances.Filter{Open: true, Limit: 10})
		if err != nil || len(page.Lines) != 1 {
			t.Fatalf("the village's queue %+v, %v", page.Lines, err)
		}
		r, err = h.s.Assign(t.Context(), operator, on(r, ""))
		h.must(err)
		_, err = h.s.Ask(t.Context(), operator, on(r, ""))
		want(t, "a question without words", err, "grievance.words")
		r, err = h.s.Ask(t.Context(), operator, on(r, "Nomor kartunya?"))
		h.must(err)
		if r.Officer != sqldb.ID(operator.ID) || !r.Due.IsZero() {
			t.Errorf("officer %s, due %s while she is asked", r.Officer, r.Due)
		}
		line, err := h.s.Track(t.Context(), r.Number, last4(t, 1))
		h.must(err)
		if last := line.Steps[len(line.Steps)-1]; last.Note != "Nomor kartunya?" || last.Place != "Kelurahan Nusaniwe" {
			t.Errorf("she reads %+v", last)
		}
		h.must(h.s.Inform(t.Context(), r.Number, last4(t, 1), "1234"))
		want(t, "told by a stranger", h.s.Inform(t.Context(), r.Number, "0000", "x"), "track.unknown")
		r = h.open(operator, r.ID).Row
		r, err = h.s.Answer(t.Context(), operator, on(r, "Kartu diganti besok."))
		h.must(err)
		if r.Outcome != "ANSWERED" || !r.Due.IsZero() {
			t.Errorf("%s, due %s", r.Outcome, r.Due)
		}
		h.must(h.s.Reopen(t.Context(), r.Number, last4(t, 1), "Belum diganti."))
		r = h.open(verifier, r.ID).Row
		if r.State != "ESCALATED" || !r.Above || r.Outcome != "" {
			t.Errorf("reopened: %s, above %v", r.State, r.Above)
		}
		_, err = h.s.Answer(t.Context(), operator, on(r, "Sudah."))
		want(t, "the village answers what went up", err, "access.denied")
		r, err = h.s.Answer(t.Context(), verifier, on(r, "Kartu sudah diganti."))
		h.must(err)
		h.must(h.s.Close(t.Context(), r.Number, last4(t, 1)))
		if r = h.open(verifier, r.ID).Row; r.State != "CLOSED" {
			t.Errorf("closed: %s", r.State)
		}
		_, err = h.s.Answer(t.Context(), verifier, on(r, "Lagi."))
		want(t, "after it was closed", err, "grievance.transition")
		h.whole()
	})
}

func TestAnAnonymousComplaintKeepsNothingOfWhoSentIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		in := grievances.SelfFiling{Filing: grievances.Filing{
			Request: sqldb.NewID(), Kind: grievances.Complaint, Topic: string(grievance.Levy), Area: testkit.Village, Document: h.words(1, "Diminta Rp100.000."), Anonymous: true,
		}}
		receipt, err := h.s.FileSelf(t.Context(), in)
		h.must(err)
		if len(receipt.Code) != 4 {
			t.Fatalf("code %q", receipt.Code)
		}
		again, err := h.s.FileSelf(t.Context(), in)
		if err != nil || !again.Repeated || again.Code != receipt.Code {
			t.Errorf("sent twice: %+v, %v", again, err)
		}
		line, err := h.s.Track(t.Context(), strings.ToLower(receipt.Number), receipt.Code)
		if err != nil || line.State != "RECEIVED" {
			t.Errorf("tracked %+v, %v", line, err)
		}
		page, err := h.s.Queue(t.Context(), verifier, grievances.Filter{Limit: 10})
		h.must(err)
		v := h.open(verifier, page.Lines[0].ID)
		if v.Document.Words == "" || !v.Document.NIK.IsZero() || v.Document.Name != "" || !v.Filer.IsZero() {
			t.Error("something of the sender was kept")
		}
		// A levy may concern the village's own office: it is the district's to see.
		if page, err = h.s.Queue(t.Context(), operator, grievances.Filter{Limit: 10}); err != nil || len(page.Lines) != 0 {
			t.Errorf("the village sees %+v, %v", page.Lines, err)
		}
		r, err := h.s.Assign(t.Context(), verifier, on(v.Row, ""))
		h.must(err)
		_, err = h.s.Answer(t.Context(), verifier, on(r, "Petugas ditegur, uang dikembalikan."))
		h.must(err)
		h.must(h.s.Close(t.Context(), receipt.Number, receipt.Code))
		h.whole()
	})
}

func TestTimeEscalatesAndNeverRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		card := h.complaint(1, grievance.Card).Row
		p := h.refused(2)
		o, err := h.s.File(t.Context(), verifier, grievances.Filing{
			Kind: grievances.Objection, Topic: string(proposal.AgainstRefusal), Area: testkit.Village, Proposal: p.Number, Document: h.words(2, "Keberatan."),
		})
		h.must(err)
		objection, err := h.s.Assign(t.Context(), verifier, on(o.Row, ""))
		h.must(err)
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 0 {
			t.Errorf("on the first day %d, %v", n, err)
		}
		h.clock.Move(days(4)) // the 19th: the complaint was to be assigned by the 18th
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 1 {
			t.Errorf("after the complaint's day %d, %v", n, err)
		}
		if got := h.open(verifier, card.ID); got.State != "ESCALATED" || !got.Above || got.Events[1].Role != proposals.System {
			t.Errorf("the complaint: %s by %s", got.State, got.Events[1].Role)
		}
		if page, err := h.s.Queue(t.Context(), operator, grievances.Filter{Limit: 10}); err != nil || len(page.Lines) != 0 {
			t.Errorf("the village still has it: %+v, %v", page.Lines, err)
		}
		h.clock.Move(days(12))
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 1 {
			t.Errorf("after the objection's day %d, %v", n, err)
		}
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 0 {
			t.Errorf("once more %d, %v", n, err)
		}
		late := h.open(chief, objection.ID)
		if late.State != "ESCALATED" || late.Due.Text() != "2024-11-14" {
			t.Errorf("the objection: %s due %s", late.State, late.Due)
		}
		_, err = h.s.Dismiss(t.Context(), verifier, on(late.Row, "Tidak terbukti."))
		want(t, "the officer who was late", err, "access.denied")
		h.clock.Move(days(400))
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 0 {
			t.Errorf("a year later %d, %v", n, err)
		}
		if got := h.open(chief, objection.ID); got.State != "ESCALATED" || got.Outcome != "" || got.Overdue == 0 {
			t.Errorf("silence decided it: %s %q", got.State, got.Outcome)
		}
		page, err := h.s.Queue(t.Context(), chief, grievances.Filter{Limit: 10})
		if err != nil || len(page.Lines) != 2 || page.Counts[grievances.Objection]["ESCALATED"].Overdue != 1 {
			t.Errorf("the chief's queue %+v, %v", page, err)
		}
		if _, err = h.s.Dismiss(t.Context(), chief, on(late.Row, "Sudah dikunjungi, tidak terbukti.")); err != nil {
			t.Errorf("the head of the agency decides: %v", err)
		}
		if open, overdue, err := h.s.Figures(t.Context(), chief, testkit.Ambon); err != nil || open != 1 || overdue != 1 {
			t.Errorf("figures %d open, %d late, %v", open, overdue, err)
		}
		h.whole()
	})
}

func TestAnsweredComplaintsCloseWhenNobodyMayReopenThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r, err := h.s.Assign(t.Context(), operator, on(h.complaint(1, grievance.Data).Row, ""))
		h.must(err)
		r, err = h.s.Answer(t.Context(), operator, on(r, "Sudah diperbaiki."))
		h.must(err)
		h.clock.Move(days(14))
		if n, err := h.s.CloseDue(t.Context(), h.clock.Now()); err != nil || n != 0 {
			t.Errorf("on the last day %d, %v", n, err)
		}
		h.clock.Move(days(1))
		want(t, "reopened too late", h.s.Reopen(t.Context(), r.Number, last4(t, 1), "Belum."), "grievance.reopen_over")
		if n, err := h.s.CloseDue(t.Context(), h.clock.Now()); err != nil || n != 1 {
			t.Errorf("the day after %d, %v", n, err)
		}
		if got := h.open(operator, r.ID); got.State != "CLOSED" {
			t.Errorf("it is %s", got.State)
		}
		h.whole()
	})
}

func TestSentTwiceIsOneCaseAndVersionsDecide(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		f := grievances.Filing{Request: sqldb.NewID(), Kind: grievances.Complaint, Topic: string(grievance.Card), Area: testkit.Village, Document: h.words(1, "Kartu hilang.")}
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				if r, err := h.s.File(t.Context(), operator, f); err != nil || r.Number != "A-2024-00001" {
					t.Errorf("%s, %v", r.Number, err)
				}
			})
		}
		wait.Wait()
		if n := h.count(`SELECT count(*) FROM grievance WHERE kabkota = 8171`); n != 1 {
			t.Fatalf("%d cases", n)
		}
		other := f
		other.Document = h.words(2, "Kartu hilang.")
		_, err := h.s.File(t.Context(), operator, other)
		want(t, "the same request by somebody else", err, "grievance.request_taken")
		page, err := h.s.Queue(t.Context(), operator, grievances.Filter{Limit: 1})
		h.must(err)
		r := h.open(operator, page.Lines[0].ID).Row
		_, err = h.s.Assign(t.Context(), operator, on(r, ""))
		h.must(err)
		_, err = h.s.Assign(t.Context(), verifier, on(r, ""))
		want(t, "an older version", err, "grievance.changed")
		_, err = h.s.Assign(t.Context(), neighbour, on(r, ""))
		want(t, "another village", err, "access.denied")
		missing := on(r, "")
		missing.ID = sqldb.NewID()
		_, err = h.s.Assign(t.Context(), operator, missing)
		want(t, "a case that is none", err, "grievance.unknown")
	})
}

func TestWhatCitizensSendIsLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	request := sqldb.NewID()
	send := func(anonymous bool) error {
		request = sqldb.NewID()
		_, err := h.s.FileSelf(t.Context(), grievances.SelfFiling{Filing: grievances.Filing{
			Request: request, Kind: grievances.Complaint, Topic: string(grievance.Other), Area: testkit.Village, Document: h.words(1, "Antre lama."), Anonymous: anonymous,
		}})
		return err
	}
	for range 5 {
		h.must(send(false))
	}
	last := request
	want(t, "the sixth of a day", send(false), "grievance.self_limited")
	again, err := h.s.FileSelf(t.Context(), grievances.SelfFiling{Filing: grievances.Filing{
		Request: last, Kind: grievances.Complaint, Topic: string(grievance.Other), Area: testkit.Village, Document: h.words(1, "Antre lama."),
	}})
	if err != nil || !again.Repeated {
		t.Errorf("the fifth sent twice: %+v, %v", again, err)
	}
	if n := h.count(`SELECT count(*) FROM grievance WHERE kabkota = 8171`); n != 5 {
		t.Errorf("%d complaints", n)
	}
	for range 50 {
		h.must(send(true))
	}
	want(t, "a flood without a name", send(true), "grievance.self_limited")
	h.clock.Move(days(1))
	h.must(send(false))
	for range 5 {
		_, err := h.s.Track(t.Context(), "A-2024-00001", "9999")
		want(t, "a wrong guess", err, "track.unknown")
	}
	_, err = h.s.Track(t.Context(), "A-2024-00001", last4(t, 1))
	want(t, "after five wrong guesses", err, "track.limited")
}

func TestAFileOfRequestsGoesWhereItBelongs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		row := func(k int, kind proposals.RequestKind, subject string) proposals.RequestRow {
			return proposals.RequestRow{
				Line: int64(k + 1), RequestID: fmt.Sprint(k), Source: "UJI", Kind: kind, FiledOn: h.day().AddDays(-30), Subject: subject, NIK: nikOf(t, k), KK: kkOf(t, k),
				Name: "SITI UJI", Address: "Jl. Uji", Area: testkit.Village,
			}
		}
		rows := []proposals.RequestRow{
			row(1, proposals.ComplaintRequest, "paid_less"), row(2, proposals.SelfProposal, "pkh"), row(3, proposals.ObjectionRequest, "recipient_is_able"),
			row(4, proposals.ComplaintRequest, "card_lost"), row(5, "gift", "x"),
		}
		rows[3].FiledOn = h.day().AddDays(2)
		report, err := h.s.LoadRequests(t.Context(), verifier, testkit.Ambon, rows)
		h.must(err)
		var got []string
		for _, r := range report.Rows {
			got = append(got, r.Number+fail.CodeOf(r.Err))
		}
		if text := strings.Join(got, " "); text != "A-2024-00001 U-2024-00001 A-2024-00002 request.date request.kind" || report.Filed != 3 || report.Rejected != 2 {
			t.Errorf("%s: %+v", text, report)
		}
		if n := h.count(`SELECT count(*) FROM grievance WHERE kabkota = 8171 AND topic = 'LEVY' AND above = 1 AND filed_on = '2024-09-15' AND due_on = '2024-09-19'`); n != 1 {
			t.Errorf("%d levies of that day", n)
		}
		if n := h.count(`SELECT count(*) FROM grievance WHERE kabkota = 8171 AND topic = 'LISTED_FAMILY' AND kind = 'objection'`); n != 1 {
			t.Errorf("%d objections", n)
		}
		if report, err = h.s.LoadRequests(t.Context(), verifier, testkit.Ambon, rows); err != nil || report.Known != 3 || report.Filed != 0 {
			t.Errorf("again %+v, %v", report, err)
		}
		_, err = h.s.LoadRequests(t.Context(), chief, testkit.Ambon, rows)
		want(t, "who may not import", err, "access.denied")
		// All of it is long overdue: it goes up, and is not lost.
		if n, err := h.s.EscalateDue(t.Context(), h.clock.Now()); err != nil || n != 2 {
			t.Errorf("escalated %d, %v", n, err)
		}
		h.whole()
	})
}

// Anybody does anything to any case: whatever succeeds is one event and one entry in the log, whatever
// is refused changes nothing and has a code.
func TestNoWanderingBreaksACase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		listed := h.registered(100, testkit.Village)
		r := rand.New(rand.NewPCG(3, 1))
		people := []access.Actor{operator, neighbour, headman, verifier, colleague, chief}
		var ids []sqldb.ID
		for k := 1; k <= 8; k++ {
			f := grievances.Filing{Kind: grievances.Complaint, Topic: string(grievance.Kinds()[k%5]), Area: []area.Code{testkit.Village, testkit.Neighbour}[k%2], Document: h.words(k, "Aduan.")}
			if k > 4 {
				f = grievances.Filing{Kind: grievances.Objection, Topic: string(proposal.AgainstListing), Area: testkit.Village, Document: h.words(k, "Sanggah."), FilerArea: testkit.Village}
			}
			filed, err := h.s.File(t.Context(), verifier, f)
			h.must(err)
			ids = append(ids, filed.ID)
		}
		done := 0
		for range 300 {
			id := ids[r.IntN(len(ids))]
			who := people[r.IntN(len(people))]
			now := h.row(id)
			d := on(now, []string{"", "Kata."}[r.IntN(2)])
			d.Version += int64(r.IntN(5) / 4)
			d.Family = listed.ID
			if r.IntN(2) == 0 {
				d.Paper = proposals.Paper{Name: "Laporan"}
			}
			steps := []func() (grievances.Row, error){
				func() (grievances.Row, error) { return h.s.Assign(t.Context(), who, d) }, func() (grievances.Row, error) { return h.s.Ask(t.Context(), who, d) },
				func() (grievances.Row, error) { return h.s.Answer(t.Context(), who, d) }, func() (grievances.Row, error) { return h.s.Check(t.Context(), who, d) },
				func() (grievances.Row, error) { return h.s.Uphold(t.Context(), who, d) }, func() (grievances.Row, error) { return h.s.Dismiss(t.Context(), who, d) },
				func() (grievances.Row, error) { return h.s.Identify(t.Context(), who, d) },
			}
			before := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171`)
			got, err := steps[r.IntN(len(steps))]()
			entries := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171`) - before
			after := h.row(id)
			switch {
			case err == nil:
				done++
				if after.Version != now.Version+1 || got.Version != after.Version || entries != 1 {
					t.Fatalf("%s to %s: version %d to %d, %d entries", now.State, after.State, now.Version, after.Version, entries)
				}
				if who.ID == neighbour.ID && now.Area == testkit.Village || who.ID == headman.ID {
					t.Fatalf("%s acted on a case that is not hers", who.Login)
				}
			case fail.CodeOf(err) == "":
				t.Fatalf("an error nobody can act on: %v", err)
			case after.Version != now.Version || after.State != now.State || entries != 0:
				t.Fatalf("a refused step (%v) left %s at %d, %d entries", err, after.State, after.Version, entries)
			}
		}
		if done < 15 {
			t.Errorf("only %d steps succeeded", done)
		}
		h.whole()
	})
}

func (h *house) row(id sqldb.ID) grievances.Row {
	h.t.Helper()
	page, err := h.s.Queue(h.t.Context(), verifier, grievances.Filter{Limit: 100})
	h.must(err)
	for _, l := range page.Lines {
		if l.ID == id {
			return grievances.Row{Tenant: l.Tenant, ID: l.ID, Version: l.Version, State: l.State, Area: l.Area}
		}
	}
	h.t.Fatalf("no case %s in the queue", id)
	return grievances.Row{}
}
