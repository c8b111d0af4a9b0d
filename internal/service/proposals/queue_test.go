package proposals_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit"
)

func TestTheQueueIsScopedFilteredAndPaged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		var rows []proposals.Row
		for k := 1; k <= 7; k++ {
			if k == 4 {
				h.clock.Move(days(10)) // after this month's cut-off
			}
			rows = append(rows, h.filed(k))
		}
		d := h.form(8)
		other, err := h.s.File(t.Context(), neighbour, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Neighbour, Document: d})
		h.must(err)
		h.upTo(rows[0], proposal.Deliberated)
		page := func(who access.Actor, f proposals.Filter) proposals.Page {
			p, err := h.s.Queue(t.Context(), who, f)
			h.must(err)
			return p
		}
		all := page(verifier, proposals.Filter{Limit: 100})
		if len(all.Lines) != 8 || all.Counts[proposals.TabIncoming] != (proposals.Count{All: 6, Overdue: 2}) || all.Counts[proposals.TabVerify] != (proposals.Count{All: 1, Overdue: 0}) ||
			all.Counts[proposals.TabMend].All != 1 {
			t.Errorf("%d lines, counts %+v", len(all.Lines), all.Counts)
		}
		if mine := page(operator, proposals.Filter{Limit: 100}); len(mine.Lines) != 7 {
			t.Errorf("the operator sees %d", len(mine.Lines))
		}
		for name, c := range map[string]struct {
			f    proposals.Filter
			want int
		}{
			"a tab":                {proposals.Filter{Tab: proposals.TabVerify}, 1},
			"a state":              {proposals.Filter{State: proposal.Matched}, 6},
			"a state of no tab":    {proposals.Filter{Tab: "nonsense"}, 0},
			"an area":              {proposals.Filter{Area: testkit.Neighbour}, 1},
			"an area outside":      {proposals.Filter{Area: 8172000000}, 0},
			"due by the cut-off":   {proposals.Filter{DueBy: rows[0].Due}, 2},
			"a kind":               {proposals.Filter{Kind: proposal.Removal}, 0},
			"an origin":            {proposals.Filter{Origin: proposal.FromVillage}, 8},
			"a number":             {proposals.Filter{Text: "u-2024-3"}, 1},
			"a NIK":                {proposals.Filter{Text: nikOf(t, 3, 2).Plain()}, 1},
			"a family card":        {proposals.Filter{Text: kkOf(t, 5).Plain()}, 1},
			"the beginning":        {proposals.Filter{Text: "siti uji 7"}, 1},
			"a name that is none":  {proposals.Filter{Text: "budi"}, 0},
			"a NIK nobody has":     {proposals.Filter{Text: nikOf(t, 99, 1).Plain()}, 0},
			"the other's proposal": {proposals.Filter{Text: other.Number}, 1},
		} {
			c.f.Limit = 100
			if got := page(verifier, c.f); len(got.Lines) != c.want {
				t.Errorf("%s: %d lines, want %d", name, len(got.Lines), c.want)
			}
		}
		_, err = h.s.Queue(t.Context(), verifier, proposals.Filter{Text: "x"})
		want(t, "one letter", err, "proposal.search_short")
		_, err = h.s.Queue(t.Context(), admin, proposals.Filter{})
		want(t, "who may not read people", err, "access.denied")
		// Page by page it is the whole, in order of the due day, and nothing twice.
		var seen []proposals.Line
		f := proposals.Filter{Limit: 3}
		for {
			p := page(verifier, f)
			seen = append(seen, p.Lines...)
			if len(p.Lines) < f.Limit {
				break
			}
			last := p.Lines[len(p.Lines)-1]
			f.AfterDue, f.AfterID = last.Due, last.ID
		}
		if len(seen) != len(all.Lines) {
			t.Fatalf("%d by pages, %d at once", len(seen), len(all.Lines))
		}
		for i := range seen {
			if seen[i].ID != all.Lines[i].ID || i > 0 && seen[i].Due.Before(seen[i-1].Due) {
				t.Errorf("line %d: %s due %s", i, seen[i].Number, seen[i].Due)
			}
		}
		if late := all.Lines[0]; late.Overdue != 3 { // due on the 22nd, seen on the 25th
			t.Errorf("%s is %d days late", late.Number, late.Overdue)
		}
	})
}

func TestFiguresOfAnArea(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.filed(1)
		h.filed(2)
		_, err := h.s.File(t.Context(), neighbour, proposals.Filing{Kind: proposal.NewFamily, Area: testkit.Neighbour, Document: h.form(3)})
		h.must(err)
		h.clock.Move(days(10))
		f, err := h.s.Figures(t.Context(), verifier, testkit.Ambon)
		h.must(err)
		if f.Villages != 2 || len(f.Overdue) != 2 || f.Overdue[0] != (proposals.VillageCount{Area: testkit.Village, Count: 2}) || len(f.ByState) != 2 {
			t.Errorf("%+v", f)
		}
		if f, err = h.s.Figures(t.Context(), operator, area.Nation); err != nil || f.Villages != 1 || f.ByState[0].Count != (proposals.Count{All: 2, Overdue: 2}) {
			t.Errorf("the operator's: %+v, %v", f, err)
		}
		_, err = h.s.Figures(t.Context(), operator, 8172000000)
		want(t, "elsewhere", err, "access.denied")
	})
}

func TestThePageOffersWhatTheActorMayDo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.filed(1)
		offers := func(who access.Actor) map[proposal.Action]proposals.Option {
			v, err := h.s.Open(t.Context(), who, r.Tenant, r.ID, "")
			h.must(err)
			out := map[proposal.Action]proposals.Option{}
			for _, o := range v.Options {
				out[o.Action] = o
			}
			return out
		}
		check := func(name string, who access.Actor, actions ...proposal.Action) {
			t.Helper()
			got := offers(who)
			for _, a := range actions {
				if _, ok := got[a]; !ok {
					t.Errorf("%s is not offered %s", name, a)
				}
			}
			if len(got) != len(actions) {
				t.Errorf("%s is offered %v, want %v", name, got, actions)
			}
		}
		check("the operator", operator, proposal.ActList, proposal.ActWithdraw)
		check("the verifier", verifier)
		r = h.upTo(r, proposal.InitialList)
		check("the headman", headman, proposal.ActDeliberate, proposal.ActAttest, proposal.ActRefuse, proposal.ActReturn)
		if o := offers(headman)[proposal.ActRefuse]; !o.Paper || o.Reason != proposal.UseRefuse {
			t.Errorf("refusing asks for %+v", o)
		}
		r = h.upTo(r, proposal.Deliberated)
		check("the verifier", verifier, proposal.ActVerify, proposal.ActSeen, proposal.ActRefuse, proposal.ActReturn)
		_, err := h.s.Open(t.Context(), neighbour, r.Tenant, r.ID, "")
		want(t, "from another village", err, "access.denied")
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'proposal.open' AND subject = $1`, r.ID); n < 4 {
			t.Errorf("%d of the views are recorded", n)
		}
	})
}
