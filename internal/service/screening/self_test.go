package screening_test

import (
	"fmt"
	"testing"
	"time"

	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// letter gives the letter of a finding, and the last digits of its family's card.
func (h *house) letter(f screening.Finding, id sqldb.ID) (code, last6 string) {
	h.t.Helper()
	l, err := h.letters.In(h.t.Context(), h.db.Direct(), f.Tenant, id)
	h.must(err)
	family, err := h.reg.FamilyIn(h.t.Context(), h.db.Direct(), f.Tenant, f.Family)
	h.must(err)
	return l.Code, family.KK.Last6()
}

// TestAFamilyObjectsWithItsLetter: the code of the letter and the card of the family are enough, once and in time; who has
// but one of them learns nothing.
func TestAFamilyObjectsWithItsLetter(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		hit(h)
		h.screen()
		h.run("verify", screening.VerifySettings{Criteria: []string{"pensioner"}, Document: "BA-13/2024"})
		f := h.finding("pensioner")
		code, last6 := h.letter(f, f.Notice)
		other := h.finding("civil_servant_family")
		send := func(code, last6, words string) error {
			_, err := h.s.AppealByLetter(t.Context(), screening.SelfAppeal{Code: code, Last6: last6, Words: words})
			return err
		}
		nobodys := code[:len(code)-1] + "0"
		if nobodys == code {
			nobodys = code[:len(code)-1] + "2"
		}
		for name, c := range map[string]struct{ code, last6, words, want string }{
			"no words":           {code, last6, "  ", "finding.self_words"},
			"no code at all":     {"", last6, "Keliru", "finding.self_unknown"},
			"not a code":         {"SURAT", last6, "Keliru", "finding.self_unknown"},
			"nobody's code":      {nobodys, last6, "Keliru", "finding.self_unknown"},
			"another's card":     {code, "000000", "Keliru", "finding.self_unknown"},
			"a letter and no No": {code, "", "Keliru", "finding.self_unknown"},
		} {
			if err := send(c.code, c.last6, c.words); fail.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if got := h.finding("pensioner"); got.State != screening.Noticed || got.Version != f.Version {
			t.Fatalf("after tries: %s", got.State)
		}
		if err := send(" "+code+" ", last6, "Saya sudah pensiun sejak lama."); err != nil {
			t.Fatal(err)
		}
		now := h.finding("pensioner")
		if now.State != screening.Appealed || h.finding("civil_servant_family").State != other.State {
			t.Errorf("the finding is %s", now.State)
		}
		c, err := h.s.Open(t.Context(), h.who, now.Tenant, now.ID, "")
		h.must(err)
		last := c.Events[len(c.Events)-1]
		if last.Action != "appeal" || last.Note != "Saya sudah pensiun sejak lama." || last.Reason != "evidence_wrong" || last.Actor != f.Notice {
			t.Errorf("event %+v", last)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'finding.appeal' AND role = 'citizen'`); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		if err := send(code, last6, "Sekali lagi"); fail.CodeOf(err) != "finding.self_open" {
			t.Errorf("sent again: %v", err)
		}
		if _, err := h.decide(h.head, now, false, "evidence_wrong"); err != nil {
			t.Fatal(err)
		}
		if err := send(code, last6, "Masih"); fail.CodeOf(err) != "finding.self_over" {
			t.Errorf("after it was decided: %v", err)
		}
	})
}

// TestAnObjectionByLetterComesInTime: a removal may be objected to while the window is open.
func TestAnObjectionByLetterComesInTime(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1)
		for k := 1; k <= 2; k++ {
			h.evidence(h.says(nik(t, k, 1), "dead", "", "2024-09"))
		}
		h.screen()
		h.clock.Move(month)
		h.run("remove", screening.RemoveSettings{AsOf: h.today()})
		list, err := h.s.Queue(t.Context(), h.who, screening.Filter{State: screening.Removed, Limit: 10})
		h.must(err)
		if len(list) != 2 {
			t.Fatalf("%d were removed", len(list))
		}
		code, last6 := h.letter(list[0].Finding, list[0].Letter)
		out, err := h.s.AppealByLetter(t.Context(), screening.SelfAppeal{Code: code, Last6: last6, Words: "Saya masih hidup."})
		if err != nil || out.Kind != letters.Removal || out.Letter == "" || out.FiledOn != h.today() {
			t.Errorf("in the window: %+v, %v", out, err)
		}
		h.clock.Move(200 * 24 * time.Hour)
		code, last6 = h.letter(list[1].Finding, list[1].Letter)
		if _, err := h.s.AppealByLetter(t.Context(), screening.SelfAppeal{Code: code, Last6: last6, Words: "Saya masih hidup."}); fail.CodeOf(err) != "finding.appeal_late" {
			t.Errorf("after the window: %v", err)
		}
	})
}

// TestTheDigitsOfALetterAreNotGuessed: after five wrong tries a day even the right ones are refused until tomorrow.
func TestTheDigitsOfALetterAreNotGuessed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1)
		h.evidence(h.says(nik(t, 1, 1), "dead", "", "2024-09"))
		h.screen()
		list, err := h.s.Queue(t.Context(), h.who, screening.Filter{State: screening.Noticed, Limit: 10})
		h.must(err)
		if len(list) != 1 || list[0].Hits != eligibility.HitsPerson {
			t.Fatalf("%d findings", len(list))
		}
		code, last6 := h.letter(list[0].Finding, list[0].Notice)
		send := func(last6 string) string {
			_, err := h.s.AppealByLetter(t.Context(), screening.SelfAppeal{Code: code, Last6: last6, Words: "Keliru"})
			return fail.CodeOf(err)
		}
		for n := range 5 {
			if got := send(fmt.Sprintf("%06d", n)); got != "finding.self_unknown" {
				t.Fatalf("try %d: %s", n, got)
			}
		}
		if got := send(last6); got != "finding.self_limited" {
			t.Errorf("the sixth try: %s", got)
		}
		h.clock.Move(24 * time.Hour)
		if got := send(last6); got != "" {
			t.Errorf("the next day: %s", got)
		}
	})
}
