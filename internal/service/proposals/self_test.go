package proposals_test

import (
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

func auditEntry(at area.Code) audit.Entry {
	return audit.Entry{Tenant: testkit.AmbonTenant, Area: at}
}

func (h *house) self(k int) proposals.SelfFiling {
	return proposals.SelfFiling{Request: sqldb.NewID(), Area: testkit.Village, Applicant: nikOf(h.t, k, 1), Document: h.form(k)}
}

func last4(h *house, k, n int) string { return nikOf(h.t, k, n).Plain()[12:] }

func TestACitizenFilesAndTracksWithoutAnAccount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.recorded(h.form(1))
		in := h.self(1)
		receipt, err := h.s.FileSelf(t.Context(), in)
		h.must(err)
		if receipt.Number != "U-2024-00001" || receipt.AnswerBy.Text() != "2024-11-14" || receipt.Repeated {
			t.Errorf("receipt %+v", receipt)
		}
		if again, err := h.s.FileSelf(t.Context(), in); err != nil || again.Number != receipt.Number || !again.Repeated {
			t.Errorf("sent twice: %+v, %v", again, err)
		}
		line, err := h.s.Track(t.Context(), "u-2024-1", last4(h, 1, 1))
		h.must(err)
		if line.State != proposal.Submitted || line.Holder != proposal.HeldByVillage || line.Place != "Kelurahan Nusaniwe" || len(line.Steps) != 3 {
			t.Fatalf("timeline %+v", line)
		}
		var id sqldb.ID
		h.must(h.db.Direct().QueryRow(t.Context(), `SELECT id FROM proposal WHERE kabkota = 8171 AND number = $1`, receipt.Number).Scan(&id))
		v, err := h.s.Open(t.Context(), verifier, testkit.AmbonTenant, id, "")
		h.must(err)
		if v.Origin != proposal.FromCitizen || v.History[0].Role != proposals.Citizen {
			t.Errorf("%s by %s", v.Origin, v.History[0].Role)
		}
		refused := on(h.upTo(v.Row, proposal.Deliberated), paper("Laporan"), "able")
		refused.Note = "Tercatat memiliki dua kios."
		h.take(verifier, h.s.Refuse, refused)
		line, err = h.s.Track(t.Context(), receipt.Number, last4(h, 1, 1))
		h.must(err)
		end := line.Steps[len(line.Steps)-1]
		if line.State != proposal.Refused || end.Reason != "able" || end.Note != refused.Note || end.Office != proposal.HeldByDistrict || end.Place != "Kota Ambon" || line.ObjectUntil.Text() != "2024-10-29" {
			t.Errorf("refused: %+v", line)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'proposal.file_self' AND role = 'citizen'`); n != 2 {
			t.Errorf("%d entries of the citizen", n)
		}
		h.whole()
	})
}

func TestTrackingTellsStrangersNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	r := h.filed(1)
	right := last4(h, 1, 1)
	wrong := "0000"
	_, one := h.s.Track(t.Context(), r.Number, wrong)
	_, other := h.s.Track(t.Context(), "U-2024-00077", right)
	if one == nil || other == nil || one.Error() != other.Error() || fail.CodeOf(one) != "track.unknown" {
		t.Errorf("%v and %v differ", one, other)
	}
	for name, c := range map[string]struct{ number, digits, code string }{
		"no number":         {"hello", right, "number.format"},
		"a letter's number": {"S-2024-00001", right, "number.format"},
		"three digits":      {r.Number, "123", "track.digits"},
		"words":             {r.Number, "abcd", "track.digits"},
	} {
		_, err := h.s.Track(t.Context(), c.number, c.digits)
		want(t, name, err, c.code)
	}
	var err error
	for range 4 {
		_, err = h.s.Track(t.Context(), r.Number, wrong)
		want(t, "a wrong guess", err, "track.unknown")
	}
	_, err = h.s.Track(t.Context(), r.Number, wrong)
	want(t, "the sixth guess", err, "track.limited")
	_, err = h.s.Track(t.Context(), r.Number, right)
	want(t, "after five wrong guesses even the right digits", err, "track.limited")
	h.clock.Move(days(1))
	if _, err = h.s.Track(t.Context(), r.Number, right); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

func TestWhatACitizenSendsIsLimitedAndTellsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		stranger := h.self(1)
		stranger.Applicant = nikOf(t, 9, 1)
		_, err := h.s.FileSelf(t.Context(), stranger)
		want(t, "for another family", err, "proposal.applicant")
		far := h.self(1)
		far.Area = 8172011001
		_, err = h.s.FileSelf(t.Context(), far)
		want(t, "in another district", err, "proposal.not_ours")
		f := h.registered(2, testkit.Village, 2)
		unknown, known := h.self(1), h.self(2)
		unknown.Programme, known.Programme = "pkh", "pkh"
		known.Applicant = nikOf(t, 2, 2) // not the head: she tracks by her own digits
		a, err := h.s.FileSelf(t.Context(), unknown)
		h.must(err)
		b, err := h.s.FileSelf(t.Context(), known)
		h.must(err)
		if a.AnswerBy != b.AnswerBy || a.FiledOn != b.FiledOn {
			t.Error("the receipts tell who is registered")
		}
		for number, kind := range map[string]proposal.Kind{a.Number: proposal.NewFamily, b.Number: proposal.Enrolment} {
			if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND number = $1 AND kind = $2 AND programme = 'pkh'`, number, string(kind)); n != 1 {
				t.Errorf("%s is not %s", number, kind)
			}
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND family_id = $1`, f.ID); n != 1 {
			t.Errorf("%d proposals of the registered family", n)
		}
		if _, err := h.s.Track(t.Context(), b.Number, last4(h, 2, 2)); err != nil {
			t.Errorf("by her own digits: %v", err)
		}
		last := h.self(1)
		for range 4 {
			last = h.self(1)
			if _, err = h.s.FileSelf(t.Context(), last); err != nil {
				t.Fatal(err)
			}
		}
		before := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`)
		_, err = h.s.FileSelf(t.Context(), h.self(1))
		want(t, "the sixth in a day", err, "proposal.self_limited")
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171`); n != before {
			t.Error("it was filed all the same")
		}
		if again, err := h.s.FileSelf(t.Context(), last); err != nil || !again.Repeated {
			t.Errorf("the fifth sent twice: %+v, %v", again, err)
		}
	})
}

func TestTriesAreCountedByDayAndForgotten(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 10, 15, 22, 30, 0, 0, time.UTC)
	tries := proposals.NewTries(2, 8, time.UTC)
	key := sqldb.Hash{1}
	for i, left := range []int{2, 1, 0, 0} {
		if got := tries.Left(key, now); got != left {
			t.Errorf("after %d tries %d left, want %d", i, got, left)
		}
		tries.Add(key, now)
	}
	if got := tries.HoursLeft(now); got != 2 {
		t.Errorf("%d hours left", got)
	}
	for i := range 4 { // one generation of others: it is still remembered
		tries.Add(sqldb.Hash{2, byte(i)}, now)
	}
	if got := tries.Left(key, now); got != 0 {
		t.Errorf("%d left after a generation", got)
	}
	if got := tries.Left(key, now.Add(2*time.Hour)); got != 2 {
		t.Errorf("%d left the next day", got)
	}
}

// TestADayOfTriesIsADayOfTheCitizen: who used hers up in the evening has new ones in the morning, not at seven, eight or nine
// o'clock, when the day of Greenwich begins.
func TestADayOfTriesIsADayOfTheCitizen(t *testing.T) {
	t.Parallel()
	for zone, midnight := range map[*time.Location]time.Time{
		nil:                  time.Date(2024, 10, 15, 17, 0, 0, 0, time.UTC), // the capital's
		area.WIB.Location():  time.Date(2024, 10, 15, 17, 0, 0, 0, time.UTC),
		area.WITA.Location(): time.Date(2024, 10, 15, 16, 0, 0, 0, time.UTC),
		area.WIT.Location():  time.Date(2024, 10, 15, 15, 0, 0, 0, time.UTC),
	} {
		tries, key := proposals.NewTries(1, 8, zone), sqldb.Hash{1}
		last := midnight.Add(-time.Microsecond)
		if tries.Add(key, last.Add(-23*time.Hour)); tries.Left(key, last) != 0 || tries.HoursLeft(last) != 1 {
			t.Errorf("%v: %d left and %d hours before midnight", zone, tries.Left(key, last), tries.HoursLeft(last))
		}
		if tries.Left(key, midnight) != 1 || tries.HoursLeft(midnight) != 24 {
			t.Errorf("%v: %d left and %d hours at midnight", zone, tries.Left(key, midnight), tries.HoursLeft(midnight))
		}
		greenwich := time.Date(2024, 10, 16, 0, 0, 0, 0, time.UTC)
		if tries.Add(key, greenwich.Add(-time.Minute)); tries.Left(key, greenwich) != 0 {
			t.Errorf("%v: the day of Greenwich counts", zone)
		}
	}
}

func TestRequestsOfAFileAreFiledOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.recorded(h.form(1))
		f := h.registered(2, testkit.Village, 1)
		row := func(k int, kind proposals.RequestKind, subject string) proposals.RequestRow {
			d := h.form(k)
			m := d.Members[0]
			return proposals.RequestRow{
				Line: int64(k), RequestID: "r" + m.NIK.Plain()[12:], Source: "UJI", Kind: kind, FiledOn: h.day().AddDays(-40), Subject: subject, NIK: m.NIK, KK: d.KK,
				Name: m.Name, Sex: m.Sex, BirthDate: m.BirthDate, MotherName: m.MotherName, Address: "Jl. Uji", RT: "1", RW: "2", Area: testkit.Village,
			}
		}
		early := row(5, proposals.SelfProposal, "pkh")
		early.FiledOn = h.day().AddDays(1)
		far := row(6, proposals.SelfProposal, "pkh")
		far.Area = 8172011001
		lastYear := row(7, proposals.Report, "unlisted_poor")
		lastYear.FiledOn = h.day().AddDays(-400)
		rows := []proposals.RequestRow{
			row(1, proposals.SelfProposal, "pkh"), row(2, proposals.SelfProposal, "sembako"), row(3, proposals.Report, "unlisted_poor"),
			row(4, proposals.ComplaintRequest, "card_lost"), early, far, lastYear,
		}
		var report proposals.RequestReport
		load := func() {
			h.must(h.write(verifier, access.RunImport, func(tx *act.Tx) (err error) {
				report, err = h.s.LoadRequestsIn(t.Context(), tx, testkit.AmbonTenant, rows)
				return err
			}))
		}
		load()
		var codes []string
		for _, r := range report.Rows {
			codes = append(codes, r.Number+fail.CodeOf(r.Err))
		}
		if got := strings.Join(codes, ","); got != "U-2024-00001,U-2024-00002,U-2024-00003,request.kind,request.date,proposal.not_ours,U-2023-00001" || report.Filed != 4 || report.Rejected != 3 {
			t.Errorf("%+v: %s", report, got)
		}
		for number, w := range map[string]string{
			"U-2024-00001": "SUBMITTED NEW_FAMILY pkh 2024-09-05", "U-2024-00002": "MATCH_FAILED ENROLMENT sembako 2024-09-05",
			"U-2024-00003": "MATCH_FAILED NEW_FAMILY  2024-09-05", "U-2023-00001": "MATCH_FAILED NEW_FAMILY  2023-09-11",
		} {
			var state, kind, programme, filed string
			h.must(h.db.Direct().QueryRow(t.Context(), `SELECT state, kind, programme, filed_on FROM proposal WHERE kabkota = 8171 AND number = $1`, number).Scan(&state, &kind, &programme, &filed))
			if got := strings.Join([]string{state, kind, programme, filed}, " "); got != w {
				t.Errorf("%s: %q, want %q", number, got, w)
			}
		}
		if n := h.count(`SELECT count(*) FROM proposal WHERE kabkota = 8171 AND family_id = $1`, f.ID); n != 1 {
			t.Errorf("%d proposals of the registered family", n)
		}
		if line, err := h.s.Track(t.Context(), "U-2024-00001", last4(h, 1, 1)); err != nil || line.AnswerBy.Text() != "2024-10-07" {
			t.Errorf("tracked: %s, %v", line.AnswerBy, err)
		}
		load()
		if report.Known != 4 || report.Filed != 0 {
			t.Errorf("again: %+v", report)
		}
		h.whole()
	})
}
