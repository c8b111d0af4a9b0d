package proposals_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

func (h *house) answer(who access.Actor, rows ...proposals.AnswerRow) (out proposals.AnswerReport) {
	h.t.Helper()
	h.must(h.write(who, access.ImportAnswers, func(tx *act.Tx) (err error) {
		out, err = h.s.LoadAnswersIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
	return out
}

func TestAnAnswerFileIsTakenRowByRow(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouseOf(t, db, installation.District, false)
		var rows []proposals.Row
		for k := 1; k <= 5; k++ {
			rows = append(rows, h.upTo(h.filed(k), proposal.AgencyApproved))
		}
		h.ratify("470/1")
		waiting := h.upTo(h.filed(6), proposal.AgencyApproved)
		yes := func(number string) proposals.AnswerRow {
			return proposals.AnswerRow{Number: number, Decision: proposals.VerdictEstablished, Decree: "80/HUK/2024", Date: h.day()}
		}
		byNIK := yes("")
		byNIK.NIK = nikOf(t, 2, 2)
		refused := yes(rows[2].Number)
		refused.Decision, refused.Reason = proposals.VerdictRefused, "6"
		words := yes("")
		words.KK, words.Decision, words.Reason = kkOf(t, 4), proposals.VerdictRefused, "Kuota habis"
		noReason := yes(rows[4].Number)
		noReason.Decision = proposals.VerdictRefused
		noDecree := yes(rows[4].Number)
		noDecree.Decree = ""
		later := yes(rows[4].Number)
		later.Decree, later.Date = "99/HUK/2024", h.day().AddDays(1)
		odd := yes(rows[4].Number)
		odd.Decision = "maybe"
		file := []proposals.AnswerRow{
			yes(" u-2024-1 "), byNIK, refused, words, noReason, noDecree, later, odd, yes(waiting.Number), yes("U-2024-00099"), yes("X"), {Decision: proposals.VerdictEstablished},
		}
		report := h.answer(verifier, file...)
		codes := []string{"", "", "", "", "proposal.reason_needed", "decree.number", "decree.date", "answer_file.verdict", "answer_file.other_decision", "answer_file.unknown", "number.format", "answer_file.unknown"}
		for i, want := range codes {
			if got := fail.CodeOf(report.Rows[i].Err); got != want {
				t.Errorf("row %d: %v, want %q", i, report.Rows[i].Err, want)
			}
		}
		if report.Established != 2 || report.Refused != 2 || report.Rejected != 8 || report.Unchanged != 0 {
			t.Errorf("report %+v", report)
		}
		for i, state := range []proposal.State{proposal.Established, proposal.Established, proposal.Refused, proposal.Refused, proposal.Endorsed} {
			v := h.open(rows[i])
			if v.State != state {
				t.Errorf("proposal %d is %s, want %s", i, v.State, state)
			}
			if last := v.History[len(v.History)-1]; i == 2 && last.Reason != "able" || i == 3 && (last.Reason != "refused_by_ministry" || last.Note != "Kuota habis") {
				t.Errorf("proposal %d: %+v", i, last)
			}
		}
		if n := h.count(`SELECT count(*) FROM family WHERE kabkota = 8171 AND state = 1`); n != 2 {
			t.Errorf("%d families", n)
		}
		if n := h.count(`SELECT count(*) FROM decree WHERE kabkota = 8171 AND kind = 'determination' AND length(digest) = 64 AND signed_by = 'Menteri Sosial'`); n != 1 {
			t.Errorf("%d decrees", n)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171`); n != 2 {
			t.Errorf("%d letters", n)
		}
		again := h.answer(verifier, file...)
		if again.Unchanged != 4 || again.Established != 0 || again.Refused != 0 {
			t.Errorf("the same file again: %+v", again)
		}
		changed := yes(rows[0].Number)
		changed.Decision, changed.Reason = proposals.VerdictRefused, "able"
		if r := h.answer(verifier, changed); fail.CodeOf(r.Rows[0].Err) != "answer_file.other_decision" {
			t.Errorf("another decision: %v", r.Rows[0].Err)
		}
		last := yes(rows[4].Number)
		last.Decision, last.Reason = proposals.VerdictReturned, "Foto rumah belum ada atau tidak jelas"
		if r := h.answer(verifier, last); r.Returned != 1 || h.open(rows[4]).History[h.open(rows[4]).Version-1].Reason != "photo_missing" {
			t.Errorf("returned: %+v", r)
		}
		h.whole()
	})
}

func TestAnAnswerOutsideTheAreaIsRejected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	r := h.upTo(h.filed(1), proposal.Endorsed)
	local := testkit.Person(12, access.Verifier, testkit.Neighbour)
	var report proposals.AnswerReport
	err := h.acts.Write(t.Context(), local, "test", func(tx *act.Tx) (err error) {
		if err := tx.Allow(access.ImportAnswers, testkit.AmbonTenant, testkit.Neighbour); err != nil {
			return err
		}
		report, err = h.s.LoadAnswersIn(t.Context(), tx, testkit.AmbonTenant, []proposals.AnswerRow{
			{Number: r.Number, Decision: proposals.VerdictEstablished, Decree: "1", Date: h.day()},
		})
		if err == nil {
			err = tx.Record(t.Context(), auditEntry(testkit.Neighbour))
		}
		return err
	})
	h.must(err)
	if fail.CodeOf(report.Rows[0].Err) != "access.denied" || h.open(r).State != proposal.Endorsed {
		t.Errorf("%v, %s", report.Rows[0].Err, h.open(r).State)
	}
	if n := h.count(`SELECT count(*) FROM decree WHERE kabkota = 8171 AND kind = 'determination'`); n != 0 {
		t.Error("a decree without a proposal was kept")
	}
}

func TestVerdictsAreReadAsOfficersWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]proposals.Verdict{
		"Ditetapkan": proposals.VerdictEstablished, "TIDAK DITETAPKAN": proposals.VerdictRefused, "ditolak": proposals.VerdictRefused,
		" dikembalikan ": proposals.VerdictReturned, "established": proposals.VerdictEstablished,
	} {
		if got, err := proposals.ParseVerdict(text); err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	if _, err := proposals.ParseVerdict("mungkin"); fail.CodeOf(err) != "answer_file.verdict" {
		t.Errorf("%v", err)
	}
}
