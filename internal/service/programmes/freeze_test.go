package programmes_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
	"tepat/internal/service/lookups"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// check asks the public check about member n of family k of couples.
func (h *house) check(k, n int) map[string]string {
	h.t.Helper()
	checker, err := lookups.NewChecker(h.t.Context(), h.db, h.reg, h.clock.Now, lookups.DefaultLimits())
	h.must(err)
	last6, err := lookups.ParseLast6(kkOf(h.t, k).Last6())
	h.must(err)
	a, err := checker.Check(h.t.Context(), nikOf(h.t, k, n, []human{man(person.Head, 1980, ""), woman(person.Wife, 1982, "")}[n]), last6)
	h.must(err)
	if !a.Found {
		h.t.Fatalf("person %d of family %d is not found", n, k)
	}
	out := map[string]string{}
	for _, b := range a.Benefits {
		out[b.Programme] = b.Period
	}
	return out
}

func TestAFrozenListIsInForceAndThePublicCheckShowsIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		programmes.SetChunk(h.s, 8)
		h.couples(1, 20)
		sembako := h.enrol(settings(programme.Sembako, 6))
		if got := h.check(1, 0); len(got) != 0 {
			t.Errorf("a draft shows %v", got)
		}
		r := h.freeze(sembako.ID, "SK 1/HUK/2024")
		pbi := h.enrol(settings(programme.PBIJK, 3))
		h.freeze(pbi.ID, "SK 1/HUK/2024")
		if r.Tally["enrolled"] != 6 || r.Tally["waiting"] != 14 || r.Tally["shown"] != 12 {
			t.Errorf("tally %v", r.Tally)
		}
		families, persons := h.ids(sembako.ID, programmes.Enrolled, false), h.ids(pbi.ID, programmes.Enrolled, true)
		for k := 1; k <= 20; k++ {
			for n := range 2 {
				want := map[string]string{}
				if families[h.familyOf(k)] { // everybody on the family card
					want["sembako"] = "2024-10"
				}
				if persons[h.personOf(k, n)] {
					want["pbi_jk"] = "2024-10"
				}
				if got := h.check(k, n); len(got) != len(want) || got["sembako"] != want["sembako"] || got["pbi_jk"] != want["pbi_jk"] {
					t.Errorf("family %d, person %d: the check shows %v, want %v", k, n, got, want)
				}
			}
		}
		l, err := h.s.InForce(t.Context(), h.manager, testkit.AmbonTenant, programme.Sembako)
		if err != nil || l.ID != sembako.ID || l.Decree.Number != "SK 1/HUK/2024" || l.Enrolled != 6 || l.Waiting != 14 || len(l.Digest) != 64 {
			t.Errorf("in force: %+v, %v", l, err)
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM decree WHERE kabkota = 8171 AND kind = 'programme' AND length(digest) = 64`:                 1,
			`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'freeze.chunk' AND role = 'agency_head'`:         17,
			`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'enrol.chunk' AND role = 'programme_manager'`:    8,
			`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state = 1 AND valid_from = '2024-10-01' AND version = 2`: 9,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
	})
}

func TestTheListThatFollowsEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		programmes.SetChunk(h.s, 8)
		h.couples(1, 20)
		first := h.enrol(settings(programme.Sembako, 6))
		h.freeze(first.ID, "SK 1")
		before := h.ids(first.ID, programmes.Enrolled, false)
		november := settings(programme.Sembako, 4)
		november.Period = period.NewMonth(2024, 11)
		second := h.enrol(november)
		r := h.freeze(second.ID, "SK 2")
		now := h.ids(second.ID, programmes.Enrolled, false)
		stay := int64(0)
		for id := range now {
			if before[id] {
				stay++
			}
		}
		if len(now) != 4 || r.Tally["enrolments_ended"] != 6-stay || r.Tally["continued"] != stay || r.Tally["no_longer_waiting"] != 14 {
			t.Errorf("of 6 before %d stay; tally %v", stay, r.Tally)
		}
		for k := 1; k <= 20; k++ {
			want := map[bool]string{true: "2024-11"}[now[h.familyOf(k)]]
			if got := h.check(k, 1)["sembako"]; got != want {
				t.Errorf("family %d: the check shows %q, want %q", k, got, want)
			}
			list, err := h.s.OfFamily(t.Context(), h.manager, testkit.AmbonTenant, h.familyOf(k))
			h.must(err)
			if len(list) != 2 || list[0].List != second.ID || list[1].State != programmes.Ended || list[1].To != period.On(2024, 10, 31) {
				t.Fatalf("family %d: %+v", k, list)
			}
			reason := programmes.EndedListOver
			switch id := h.familyOf(k); {
			case before[id] && now[id]:
				reason = programmes.EndedContinues
			case before[id]:
				reason = programmes.EndedNotSelected
			}
			if list[1].EndedReason != reason {
				t.Errorf("family %d ended because %s, want %s", k, list[1].EndedReason, reason)
			}
		}
		if n := h.count(`SELECT count(*) FROM programme_list WHERE kabkota = 8171 AND state = 'superseded' AND decree_id IS NOT NULL`); n != 1 {
			t.Errorf("%d lists are superseded", n)
		}
		third := h.enrol(settings(programme.Sembako, 6))
		if _, err := h.s.Freeze(t.Context(), h.work, h.head, h.freezing(third.ID, "SK 3")); fail.CodeOf(err) != "programme.period_past" {
			t.Errorf("October was frozen after November: %v", err)
		}
	})
}

func TestAFreezeThatWasKilledEndsAsOneThatWasNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		programmes.SetChunk(h.s, 8)
		h.couples(1, 20)
		h.freeze(h.enrol(settings(programme.Sembako, 6)).ID, "SK 1")
		ctx := t.Context()
		for stop := 1; stop < 10; stop++ {
			next := settings(programme.Sembako, int64(stop))
			next.Period = period.NewMonth(2024, 10).Add(stop)
			list := h.enrol(next)
			r, err := h.work.Create(ctx, h.head, func() runs.NewRun { n := h.freezing(list.ID, "SK X"+next.Period.Text()); n.Kind = "freeze"; return n }())
			h.must(err)
			_, err = h.work.Look(ctx, h.head, r.Tenant, r.ID)
			h.must(err)
			_, err = h.work.Submit(ctx, h.head, r.Tenant, r.ID)
			h.must(err)
			h.steps(r, stop)
			h.reborn()
			programmes.SetChunk(h.s, 8)
			h.drive(r)
			for query, want := range map[string]int64{
				`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state = 1`:                                               int64(stop),
				`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state = 2`:                                               int64(20 - stop),
				`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state IN (5, 6)`:                                         0,
				`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state = 4`:                                               int64(20 * stop),
				`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL AND programmes = 'sembako ` + next.Period.Text() + `'`: int64(2 * stop),
				`SELECT count(*) FROM nik_index WHERE nik_hash IS NOT NULL AND programmes <> ''`:                                  int64(2 * stop),
				`SELECT count(*) FROM programme_list WHERE kabkota = 8171 AND state = 'frozen'`:                                   1,
				`SELECT count(*) FROM decree WHERE kabkota = 8171`:                                                                int64(stop + 1),
			} {
				if got := h.count(query); got != want {
					t.Errorf("stopped after %d chunks: %s = %d, want %d", stop, query, got, want)
				}
			}
		}
	})
}

func TestWhatAFreezeRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 10)
		list := h.enrol(settings(programme.Sembako, 6)).ID
		look := func(who access.Actor, change func(*runs.NewRun)) error {
			n := h.freezing(list, "SK 1")
			if change != nil {
				change(&n)
			}
			_, err := h.s.Freeze(t.Context(), h.work, who, n)
			return err
		}
		both := access.Actor{ID: h.manager.ID, Grants: append(h.manager.Grants, h.head.Grants...)}
		with := func(d programmes.Decree) func(*runs.NewRun) {
			return func(n *runs.NewRun) { n.Settings = programmes.Freezing{List: list, Decree: d} }
		}
		for name, c := range map[string]struct {
			who    access.Actor
			change func(*runs.NewRun)
			code   string
		}{
			"whoever made it":        {both, nil, "access.same_person"},
			"who has no right":       {h.manager, nil, "access.denied"},
			"the head of a district": {testkit.Person(8, access.AgencyHead, testkit.Nusaniwe), nil, "access.denied"},
			"no number":              {h.head, with(programmes.Decree{On: period.On(2024, 10, 1), SignedBy: "X"}), "decree.number"},
			"a decree of tomorrow":   {h.head, with(programmes.Decree{Number: "1", On: period.On(2024, 10, 16), SignedBy: "X"}), "decree.date"},
			"nobody signed":          {h.head, with(programmes.Decree{Number: "1", On: period.On(2024, 10, 1)}), "decree.signed_by"},
			"no such list":           {h.head, func(n *runs.NewRun) { n.Settings = programmes.Freezing{List: sqldb.NewID(), Decree: decree("1")} }, "programme.no_list"},
		} {
			if err := look(c.who, c.change); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		h.parts.Home = installation.Installation{Level: installation.District}
		h.reborn()
		if err := look(h.head, nil); fail.CodeOf(err) != "installation.not_our_level" {
			t.Errorf("a district determined a national programme: %v", err)
		}
		h.parts.Home.Training = true
		h.reborn()
		h.exec(`UPDATE enrolment SET amount = amount + 1 WHERE kabkota = 8171 AND position = 10`)
		if err := look(h.head, nil); fail.CodeOf(err) != "programme.digest" {
			t.Errorf("a list with a changed row was frozen: %v", err)
		}
		h.exec(`UPDATE enrolment SET amount = amount - 1 WHERE kabkota = 8171 AND position = 10`)
		h.exec(`INSERT INTO enrolment (kabkota, id, version, list_id, programme, family_id, person_id, area_code, position, state, amount, working, valid_from, valid_to,
			ended_reason, recorded_at, act_id) SELECT kabkota, $1, version, list_id, programme, family_id, person_id, area_code, position, state, amount, working, valid_from,
			valid_to, ended_reason, recorded_at, act_id FROM enrolment WHERE kabkota = 8171 AND position = 10`, sqldb.ID{0xff, 15: 1})
		if err := look(h.head, nil); fail.CodeOf(err) != "programme.digest" {
			t.Errorf("a list with a row more was frozen: %v", err)
		}
		h.exec(`DELETE FROM enrolment WHERE kabkota = 8171 AND id = $1`, sqldb.ID{0xff, 15: 1})
		h.must(look(h.head, nil))
		if err := look(h.head, nil); fail.CodeOf(err) != "programme.list_state" {
			t.Errorf("it was frozen twice: %v", err)
		}
		pbi := h.enrol(settings(programme.PBIJK, 6))
		other := decree("SK 1")
		other.On = period.On(2024, 10, 2)
		_, err := h.s.Freeze(t.Context(), h.work, h.head, runs.NewRun{Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: programmes.Freezing{List: pbi.ID, Decree: other}})
		if fail.CodeOf(err) != "decree.number_taken" {
			t.Errorf("the number of another decree: %v", err)
		}
	})
}
