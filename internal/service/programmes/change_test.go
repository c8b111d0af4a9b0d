package programmes_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/programmes"
	"tepat/internal/testkit"
)

// elsewhere is a district of another province.
const elsewhere = area.Code(3201000000)

// place gives the place of family k on the list in force.
func (h *house) place(k int) (e programmes.Enrolment) {
	h.t.Helper()
	list, err := h.s.OfFamily(h.t.Context(), h.manager, testkit.AmbonTenant, h.familyOf(k))
	h.must(err)
	if len(list) == 0 {
		h.t.Fatalf("family %d has no place", k)
	}
	return list[0]
}

// asked asks for a change of family k's place.
func (h *house) asked(k int, kind programmes.ChangeKind, reason string) programmes.Change {
	h.t.Helper()
	e := h.place(k)
	c, err := h.s.AskChange(h.t.Context(), h.manager, e.Tenant, e.ID, programmes.Ask{Version: e.Version, Kind: kind, Reason: reason, Note: "kunjungan 3 Oktober"})
	h.must(err)
	return c
}

// decided asks for a change and has the head approve it.
func (h *house) decided(k int, kind programmes.ChangeKind, reason string) programmes.Change {
	h.t.Helper()
	c := h.asked(k, kind, reason)
	c, err := h.s.DecideChange(h.t.Context(), h.head, c.Tenant, c.ID, programmes.Verdict{Version: c.Version, Approve: true})
	h.must(err)
	return c
}

// visible counts the people of family k for whom the public check shows the food programme.
func (h *house) visible(k int) int64 {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM nik_index i JOIN person p ON p.id = i.person_id WHERE p.family_id = $1 AND i.programmes LIKE '%sembako%'`, h.familyOf(k))
}

func inForce(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	h := newHouse(t, db)
	h.couples(1, 4)
	h.freeze(h.enrol(settings(programme.Sembako, 4)).ID, "SK 1")
	return h
}

func TestAPlaceIsSuspendedAndResumedByTwoPersons(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		ctx := t.Context()
		if _, err := h.s.Award(ctx, testkit.Person(5, access.ProgrammeManager, testkit.Ambon), testkit.AmbonTenant, h.place(1).ID); err != nil {
			t.Fatal(err)
		}
		c := h.asked(1, programmes.Suspend, "better_off")
		if e := h.place(1); e.State != programmes.Enrolled || h.visible(1) != 2 {
			t.Errorf("asked and not decided: %s, %d visible", e.State, h.visible(1))
		}
		e := h.place(1)
		if _, err := h.s.AskChange(ctx, h.manager, e.Tenant, e.ID, programmes.Ask{Version: e.Version, Kind: programmes.End, Reason: "better_off", Note: "x"}); fail.CodeOf(err) != "programme.change_open" {
			t.Errorf("a second request: %v", err)
		}
		for name, one := range map[string]struct {
			who  access.Actor
			in   programmes.Verdict
			code string
		}{
			"by one who may only ask":  {h.manager, programmes.Verdict{Version: 1, Approve: true}, "access.denied"},
			"elsewhere":                {testkit.Person(9, access.AgencyHead, elsewhere), programmes.Verdict{Version: 1, Approve: true}, "access.denied"},
			"a refusal without a word": {h.head, programmes.Verdict{Version: 1}, "programme.change_note"},
			"of another version":       {h.head, programmes.Verdict{Version: 2, Approve: true}, "programme.change_decided"},
		} {
			if _, err := h.s.DecideChange(ctx, one.who, c.Tenant, c.ID, one.in); fail.CodeOf(err) != one.code {
				t.Errorf("%s: %v, want %s", name, err, one.code)
			}
		}
		if n, err := h.s.CountWaiting(ctx, h.head); err != nil || n != 1 {
			t.Errorf("%d wait, %v", n, err)
		}
		list, err := h.s.Waiting(ctx, h.head, 10)
		if err != nil || len(list) != 1 || list[0].Head == "" {
			t.Errorf("waiting: %+v, %v", list, err)
		}
		c, err = h.s.DecideChange(ctx, h.head, c.Tenant, c.ID, programmes.Verdict{Version: 1, Approve: true})
		h.must(err)
		if e := h.place(1); e.State != programmes.Suspended || h.visible(1) != 0 || h.visible(2) != 2 {
			t.Errorf("suspended: %s, %d visible", e.State, h.visible(1))
		}
		told, err := h.s.Tell(ctx, h.manager, c.Tenant, c.ID)
		if err != nil || told.Letter.Kind != letters.Suspension || told.Facts.ObjectUntil.IsZero() || told.Reason.Code != "better_off" || told.Family.ID != h.familyOf(1) {
			t.Errorf("the family is told %+v, %v", told, err)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kind = 'award' AND revoked_at > 0`); n != 1 {
			t.Errorf("%d awards taken back", n)
		}
		h.decided(1, programmes.Resume, h.s.ReasonsFor(programmes.Resume, told.Facts.From)[0].Code)
		if e := h.place(1); e.State != programmes.Enrolled || h.visible(1) != 2 {
			t.Errorf("resumed: %s, %d visible", e.State, h.visible(1))
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kind = 'suspension' AND revoked_at > 0`); n != 1 {
			t.Errorf("%d notices of suspension taken back", n)
		}
		for act, want := range map[string]int64{"programme.change_ask": 2, "programme.change_decide": 2, "programme.change_letter": 1, "programme.changes": 1} {
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1`, act); n != want && act != "programme.changes" {
				t.Errorf("%d entries of %s, want %d", n, act, want)
			}
		}
	})
}

func TestAnEndedPlaceStaysEndedOnTheNextListUntilItIsGivenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		h.decided(2, programmes.End, "declined")
		e := h.place(2)
		if e.State != programmes.Ended || e.EndedReason != programmes.EndedByDecision || e.To.IsZero() || h.visible(2) != 0 {
			t.Fatalf("ended: %+v, %d visible", e, h.visible(2))
		}
		h.decided(3, programmes.Suspend, "better_off")
		l, err := h.s.InForce(t.Context(), h.manager, testkit.AmbonTenant, programme.Sembako)
		h.must(err)
		if apart, err := h.s.ApartFrom(t.Context(), h.manager, l.List); err != nil || apart != (programmes.Apart{Suspended: 1, Ended: 1}) {
			t.Errorf("set apart: %+v, %v", apart, err)
		}
		next := h.enrol(settings(programme.Sembako, 4))
		if n := h.figure(next, "programme.why."+programmes.WhyEnded); n != 1 || h.figure(next, "demand") != 3 {
			t.Errorf("%d ended by decision, %d eligible", n, h.figure(next, "demand"))
		}
		h.freeze(next.ID, "SK 2")
		if e := h.place(3); e.State != programmes.Suspended || h.visible(3) != 0 || h.visible(1) != 2 {
			t.Errorf("the new list took the suspension back: %s, %d visible", e.State, h.visible(3))
		}
		for k, reason := range map[int]string{1: programmes.EndedContinues, 2: programmes.EndedByDecision, 3: programmes.EndedSuspended} {
			if n := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id = $1 AND family_id = $2 AND state = 4 AND ended_reason = $3`, l.ID, h.familyOf(k), reason); n != 1 {
				t.Errorf("the row of family %d on the list before did not end as %s", k, reason)
			}
		}
		h.decided(3, programmes.Resume, "poor_again")
		if e := h.place(3); e.State != programmes.Enrolled || h.visible(3) != 2 {
			t.Errorf("resumed on the new list: %s", e.State)
		}
	})
}

func TestAnEndIsTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		h.decided(2, programmes.End, "declined")
		h.decided(2, programmes.Restore, "poor_again")
		if e := h.place(2); e.State != programmes.Enrolled || !e.To.IsZero() || e.EndedReason != "" || h.visible(2) != 2 {
			t.Errorf("given back: %+v", e)
		}
		next := h.enrol(settings(programme.Sembako, 4))
		if h.figure(next, "demand") != 4 {
			t.Errorf("%d eligible after it was given back", h.figure(next, "demand"))
		}
	})
}

func TestThePayeeIsChangedAndTheListStaysProvable(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		h.settle(family{k: 1, at: testkit.Village, decile: 1, members: []human{man(person.Head, 1980, ""), woman(person.Wife, 1982, ""), man(person.Child, 2015, "")}},
			family{k: 2, at: testkit.Village, decile: 2, members: []human{man(person.Head, 1980, "")}})
		h.freeze(h.enrol(settings(programme.Sembako, 2)).ID, "SK 1")
		e := h.place(1)
		ask := func(payee sqldb.ID) error {
			_, err := h.s.AskChange(ctx, h.manager, e.Tenant, e.ID, programmes.Ask{Version: e.Version, Kind: programmes.NewPayee, Note: "istri bekerja jauh", Payee: payee})
			return err
		}
		for name, payee := range map[string]sqldb.ID{"nobody": {}, "a child": h.personOf(1, 2), "of another family": h.personOf(2, 0), "the payee she is": e.Person} {
			if err := ask(payee); fail.CodeOf(err) != "programme.change_payee" {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(ask(h.personOf(1, 0)))
		story, err := h.s.Explain(ctx, h.manager, e.Tenant, e.ID, "")
		if err != nil || len(story.Changes) != 1 || story.Changes[0].State != programmes.ChangeOpen {
			t.Fatalf("%+v, %v", story.Changes, err)
		}
		c := story.Changes[0]
		_, err = h.s.DecideChange(ctx, h.head, c.Tenant, c.ID, programmes.Verdict{Version: c.Version, Approve: true})
		h.must(err)
		if got := h.place(1); got.Person != h.personOf(1, 0) || h.visible(1) != 3 {
			t.Errorf("the payee is %s, %d visible", got.Person, h.visible(1))
		}
		if ok, err := programmes.Proves(ctx, h.s, db.Direct(), story.List); err != nil || !ok {
			t.Errorf("the list in force no longer has its digest: %v", err)
		}
	})
}

func TestARequestIsWithdrawnByWhoAsked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		c := h.asked(1, programmes.End, "declined")
		if err := h.s.WithdrawChange(t.Context(), testkit.Person(7, access.ProgrammeManager, testkit.Ambon), c.Tenant, c.ID); fail.CodeOf(err) != "access.denied" {
			t.Errorf("withdrawn by another: %v", err)
		}
		h.must(h.s.WithdrawChange(t.Context(), h.manager, c.Tenant, c.ID))
		if _, err := h.s.DecideChange(t.Context(), h.head, c.Tenant, c.ID, programmes.Verdict{Version: 2, Approve: true}); fail.CodeOf(err) != "programme.change_decided" {
			t.Errorf("decided after it was withdrawn: %v", err)
		}
		h.asked(1, programmes.Suspend, "declined")
	})
}

func TestTheLettersOfAVillageAreIssuedOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		ctx := t.Context()
		v := programmes.Village{Tenant: testkit.AmbonTenant, List: h.place(1).List, Area: testkit.Village}
		parts, err := h.s.LetterParts(ctx, h.manager, v)
		if err != nil || len(parts) != 1 || parts[0] != (programmes.Part{From: 1, To: 2}) {
			t.Fatalf("%+v, %v", parts, err)
		}
		first, err := h.s.Awards(ctx, h.manager, v, 0)
		h.must(err)
		if _, err := h.s.Award(ctx, h.manager, v.Tenant, h.place(1).ID); err != nil {
			t.Fatal(err)
		}
		again, err := h.s.Awards(ctx, h.manager, v, 0)
		h.must(err)
		if len(first) != 2 || len(again) != 2 || first[0].Letter.Code != again[0].Letter.Code || first[1].Letter.Number != again[1].Letter.Number ||
			h.count(`SELECT count(*) FROM letter WHERE kind = 'award'`) != 2 {
			t.Errorf("%d letters, then %d, %d in the register", len(first), len(again), h.count(`SELECT count(*) FROM letter`))
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.awards'`); n != 2 {
			t.Errorf("%d entries", n)
		}
		for name, one := range map[string]struct {
			who   access.Actor
			v     programmes.Village
			after int64
			code  string
		}{
			"behind the last":     {h.manager, v, 4, "programme.no_letters"},
			"by another village":  {testkit.Person(3, access.Operator, testkit.Neighbour), v, 0, "access.denied"},
			"by one who pays":     {testkit.Person(4, access.PaymentOfficer, testkit.Ambon), v, 0, "access.denied"},
			"of a whole district": {h.manager, programmes.Village{Tenant: v.Tenant, List: v.List, Area: testkit.Ambon}, 0, "programme.letters_village"},
		} {
			if _, err := h.s.Awards(ctx, one.who, one.v, one.after); fail.CodeOf(err) != one.code {
				t.Errorf("%s: %v, want %s", name, err, one.code)
			}
		}
		draft := h.enrol(settings(programme.Sembako, 2))
		v.List = draft.ID
		if _, err := h.s.LetterParts(ctx, h.manager, v); fail.CodeOf(err) != "programme.change_list" {
			t.Errorf("letters of a draft: %v", err)
		}
	})
}

func TestAnAnnexIsInTheRegisterOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := inForce(t, db)
		ctx := t.Context()
		v := programmes.Village{Tenant: testkit.AmbonTenant, List: h.place(1).List, Area: testkit.Ambon}
		first, err := h.s.Annex(ctx, h.manager, v, false)
		h.must(err)
		again, err := h.s.Annex(ctx, h.manager, v, false)
		h.must(err)
		sealed, err := h.s.Annex(ctx, h.manager, v, true)
		h.must(err)
		v.Area = testkit.Village
		part, err := h.s.Annex(ctx, h.manager, v, false)
		h.must(err)
		if first.Code != again.Code || sealed.Code == first.Code || part.Code == first.Code || h.count(`SELECT count(*) FROM letter WHERE kind = 'annex'`) != 3 {
			t.Errorf("%s, %s, %s, %s", first.Code, again.Code, sealed.Code, part.Code)
		}
		if check, err := h.parts.Letters.ByCode(ctx, first.Code); err != nil || check.Kind != letters.Annex || !check.Valid {
			t.Errorf("who checks the paper is told %+v, %v", check, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.annex'`); n != 4 {
			t.Errorf("%d entries", n)
		}
		if _, err := h.s.Annex(ctx, testkit.Person(3, access.Operator, testkit.Village), v, false); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an operator prints the annex: %v", err)
		}
		v.List = h.enrol(settings(programme.Sembako, 2)).ID
		if _, err := h.s.Annex(ctx, h.manager, v, false); fail.CodeOf(err) != "programme.change_list" {
			t.Errorf("a draft is in the register: %v", err)
		}
	})
}
