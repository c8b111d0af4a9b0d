package programmes_test

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/testkit"
)

func TestEverybodySeesTheMembersOfHerArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 40)
		list := h.enrol(settings(programme.Sembako, 10)).ID
		operator := testkit.Person(4, access.Operator, testkit.Village)
		f := programmes.Filter{Tenant: testkit.AmbonTenant, List: list, State: programmes.Waiting, Limit: 4}
		seen, last := 0, programmes.Anchor{}
		for {
			page, err := h.s.Members(t.Context(), operator, f)
			h.must(err)
			for _, m := range page {
				if m.Area != testkit.Village || m.State != programmes.WouldWait || m.Position <= last.Position || m.Head == "" || m.Name == "" || strings.Contains(m.NIK.String(), "SITI") {
					t.Fatalf("member %+v behind %+v", m, last)
				}
				last = m.Anchor()
			}
			if seen += len(page); len(page) < f.Limit {
				break
			}
			f.After = last
		}
		want := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id = $1 AND state = 6 AND area_code = $2`, list, int64(testkit.Village))
		if int64(seen) != want || want == 0 {
			t.Errorf("the operator saw %d, want %d", seen, want)
		}
		f.After, f.Area = programmes.Anchor{}, testkit.Neighbour
		if page, err := h.s.Members(t.Context(), operator, f); err != nil || len(page) != 0 {
			t.Errorf("the operator saw %d of the neighbouring village, %v", len(page), err)
		}
		if _, err := h.s.Members(t.Context(), testkit.Person(5, access.Admin, testkit.Ambon), f); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an administrator saw persons: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.members' AND subject = $1 AND facts LIKE '%"ids"%'`, list); n < 4 {
			t.Errorf("%d audit entries of the pages", n)
		}
	})
}

func TestAListIsExportedMaskedUnlessThereIsARightAndAPurpose(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 20)
		list := h.enrol(settings(programme.Sembako, 7)).ID
		export := func(who access.Actor, e programmes.Export) (rows []programmes.ExportRow, err error) {
			e.Tenant, e.List, e.State = testkit.AmbonTenant, list, programmes.Enrolled
			err = h.s.Export(t.Context(), who, e, func(r programmes.ExportRow) error {
				rows = append(rows, r)
				return nil
			})
			return rows, err
		}
		masked, err := export(h.manager, programmes.Export{})
		if err != nil || len(masked) != 7 {
			t.Fatalf("%d rows, %v", len(masked), err)
		}
		for _, r := range masked {
			if !strings.Contains(r.NIK, "•") || !strings.Contains(r.KK, "•") || r.Amount != 400_000 || r.Period != period.NewMonth(2024, 10) || r.Address != "JL. CONTOH" {
				t.Errorf("row %+v", r)
			}
		}
		verifier := testkit.Person(6, access.Verifier, testkit.Ambon)
		full, err := export(verifier, programmes.Export{Reveal: true, Purpose: "pencocokan dengan bank"})
		if err != nil || len(full) != 7 || len(full[0].NIK) != 16 || strings.Trim(full[0].NIK+full[0].KK, "0123456789") != "" {
			t.Errorf("%d rows, %v", len(full), err)
		}
		some, err := export(verifier, programmes.Export{Area: testkit.Village})
		if err != nil || len(some) == 0 || len(some) == 7 {
			t.Errorf("%d rows of one village, %v", len(some), err)
		}
		for name, c := range map[string]struct {
			who  access.Actor
			e    programmes.Export
			code string
		}{
			"without a purpose":  {verifier, programmes.Export{Reveal: true, Purpose: " "}, "programme.purpose"},
			"who may not reveal": {h.manager, programmes.Export{Reveal: true, Purpose: "x"}, "access.denied"},
			"who may not export": {testkit.Person(4, access.Operator, testkit.Village), programmes.Export{}, "access.denied"},
		} {
			if _, err := export(c.who, c.e); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.export' AND purpose = 'pencocokan dengan bank' AND facts LIKE '%"revealed":true%' AND facts LIKE '%"rows":7%'`); n != 1 {
			t.Errorf("%d audit entries of the full export", n)
		}
	})
}

func TestPlacesAreExplainedToWhoMaySeeTheFamily(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.settle(family{k: 1, at: testkit.Village, decile: 2, members: []human{man(person.Head, 1980, here), man(person.Child, 2021, ""), man(person.Child, 2008, inSMA)}})
		list := h.enrol(settings(programme.PKH, 1))
		m := h.members(list.ID, programmes.Enrolled)[0]
		if own, err := h.s.OfFamily(t.Context(), h.manager, testkit.AmbonTenant, m.Family); err != nil || len(own) != 0 {
			t.Errorf("a draft is shown as a place of the family: %+v, %v", own, err)
		}
		h.freeze(list.ID, "SK 1")
		story, err := h.s.Explain(t.Context(), testkit.Person(4, access.Operator, testkit.Village), testkit.AmbonTenant, m.ID, "keluarga bertanya")
		h.must(err)
		if len(story.Members) != 3 || story.Decree.Number != "SK 1" || story.Priority.Components != 2 || story.Priority.Decile != 2 || len(story.Stages) != 4 {
			t.Errorf("story %+v", story)
		}
		whys := map[programme.Why]int{}
		for _, l := range story.Working.Lines {
			whys[l.Why]++
		}
		if whys[programme.WhyTaken] != 2 || whys[programme.WhyNone] != 1 || story.Year != 5_000_000 {
			t.Errorf("lines %+v", story.Working.Lines)
		}
		if _, err := h.s.Explain(t.Context(), testkit.Person(5, access.Operator, testkit.Neighbour), testkit.AmbonTenant, m.ID, ""); fail.CodeOf(err) != "access.denied" {
			t.Errorf("the neighbouring village: %v", err)
		}
		if _, err := h.s.OfFamily(t.Context(), testkit.Person(5, access.Operator, testkit.Neighbour), testkit.AmbonTenant, m.Family); fail.CodeOf(err) != "access.denied" {
			t.Errorf("the neighbouring village: %v", err)
		}
		own, err := h.s.OfPerson(t.Context(), h.manager, testkit.AmbonTenant, m.Person)
		if err != nil || len(own) != 1 || own[0].State != programmes.Enrolled {
			t.Errorf("of the payee: %+v, %v", own, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'programme.explain' AND subject = $1 AND purpose = 'keluarga bertanya'`, m.Family); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		if _, err := h.s.Explain(t.Context(), h.manager, testkit.AmbonTenant, sqldb.NewID(), ""); fail.CodeOf(err) != "programme.no_enrolment" {
			t.Errorf("an unknown place: %v", err)
		}
	})
}

func TestTheLetterOfAwardIsIssuedOnceAndForTheEnrolledOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 4)
		list := h.enrol(settings(programme.Sembako, 2))
		enrolled, waiting := h.members(list.ID, programmes.Enrolled)[0], h.members(list.ID, programmes.Waiting)[0]
		award := func(who access.Actor, m programmes.Member) (programmes.Award, error) {
			return h.s.Award(t.Context(), who, testkit.AmbonTenant, m.ID)
		}
		if _, err := award(h.manager, enrolled); fail.CodeOf(err) != "programme.not_enrolled" {
			t.Errorf("a letter of a draft: %v", err)
		}
		h.freeze(list.ID, "SK 1")
		first, err := award(h.manager, enrolled)
		h.must(err)
		if first.Amount != 400_000 || first.MonthsAStage != 2 || first.From != period.NewMonth(2024, 10) || first.Decree.Number != "SK 1" || first.Letter.Code == "" ||
			first.Person.ID != enrolled.Person || first.Family.ID != enrolled.Family || first.ObjectUntil != period.On(2024, 10, 29) || first.Programme.Name.EN == "" {
			t.Errorf("award %+v", first)
		}
		again, err := award(h.manager, enrolled)
		if err != nil || again.Letter.ID != first.Letter.ID || again.Letter.Number != first.Letter.Number || again.ObjectUntil != first.ObjectUntil {
			t.Errorf("asked again: %+v, %v", again.Letter, err)
		}
		if _, err := award(h.manager, waiting); fail.CodeOf(err) != "programme.not_enrolled" {
			t.Errorf("a letter for who waits: %v", err)
		}
		if _, err := award(h.head, enrolled); fail.CodeOf(err) != "access.denied" {
			t.Errorf("who may issue no letters: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'award' AND facts NOT LIKE '%SITI%'`); n != 1 {
			t.Errorf("%d letters in the register", n)
		}
	})
}

func TestTheRecapCountsEveryPlaceOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 20)
		h.freeze(h.enrol(settings(programme.Sembako, 6)).ID, "SK 1")
		draft := h.enrol(settings(programme.PBIJK, 3))
		recap, err := h.s.Recap(t.Context(), h.head, testkit.AmbonTenant, testkit.Ambon)
		h.must(err)
		type key struct {
			at    area.Code
			state programmes.State
		}
		got, amount := map[key]int64{}, money.Rupiah(0)
		for _, r := range recap {
			if r.Programme != programme.Sembako {
				t.Errorf("a draft is in the recap: %+v", r)
			}
			got[key{r.Area, r.State}] += r.Places
			if r.State == programmes.Enrolled {
				amount += r.Amount
			}
		}
		if got[key{testkit.Village, programmes.Enrolled}]+got[key{testkit.Neighbour, programmes.Enrolled}] != 6 ||
			got[key{testkit.Village, programmes.Waiting}]+got[key{testkit.Neighbour, programmes.Waiting}] != 14 || amount != 6*400_000 {
			t.Errorf("recap %+v, %d", got, amount)
		}
		of, err := h.s.RecapOf(t.Context(), h.head, testkit.AmbonTenant, testkit.Village, draft.ID)
		if err != nil || len(of) == 0 || of[0].Area != testkit.Village || of[0].State != programmes.Selected && of[0].State != programmes.WouldWait {
			t.Errorf("recap of the draft %+v, %v", of, err)
		}
		if _, err := h.s.Recap(t.Context(), testkit.Person(4, access.Operator, testkit.Village), testkit.AmbonTenant, testkit.Ambon); fail.CodeOf(err) != "access.denied" {
			t.Errorf("a village saw the district: %v", err)
		}
		all, err := h.s.Lists(t.Context(), testkit.Person(4, access.Operator, testkit.Village), programmes.ListFilter{Tenant: testkit.AmbonTenant})
		if err != nil || len(all) != 2 || all[0].Programme != programme.PBIJK || all[0].State != programmes.Draft {
			t.Errorf("lists %+v, %v", all, err)
		}
		if _, err := h.s.Lists(t.Context(), access.Actor{ID: [16]byte{7}}, programmes.ListFilter{Tenant: testkit.AmbonTenant}); fail.CodeOf(err) != "access.denied" {
			t.Errorf("who has no role saw the lists: %v", err)
		}
		if names := h.s.Set(period.On(2024, 10, 1)).Programmes(); len(names) < 5 {
			t.Errorf("%d programmes in force", len(names))
		}
	})
}
