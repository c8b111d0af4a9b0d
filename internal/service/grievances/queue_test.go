package grievances_test

import (
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/testkit"
)

func TestEveryStateHasOneTab(t *testing.T) {
	t.Parallel()
	states := []string{string(proposal.ObjectionFiled)}
	for _, tr := range proposal.ObjectionTransitions() {
		states = append(states, string(tr.From), string(tr.To))
	}
	for _, tr := range grievance.Transitions() {
		states = append(states, string(tr.From), string(tr.To))
	}
	for _, state := range states {
		n := 0
		for _, tab := range grievances.Tabs() {
			for _, one := range tab.States() {
				if one == state {
					n++
				}
			}
		}
		if n != 1 {
			t.Errorf("%s stands in %d tabs", state, n)
		}
	}
	if len(grievances.Tab("nothing").States()) != 0 {
		t.Error("a word that is no tab has states")
	}
}

func TestTheQueueIsCutByTabAndDay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		card, levy := h.complaint(1, grievance.Card).Row, h.complaint(2, grievance.Levy).Row
		_, err := h.s.Assign(t.Context(), verifier, on(levy, ""))
		h.must(err)
		lines := func(f grievances.Filter) (numbers []string) {
			t.Helper()
			f.Limit = 10
			page, err := h.s.Queue(t.Context(), verifier, f)
			h.must(err)
			for _, l := range page.Lines {
				numbers = append(numbers, l.Number)
			}
			return numbers
		}
		for name, c := range map[string]struct {
			f    grievances.Filter
			want []string
		}{
			"new":                {grievances.Filter{Tab: grievances.TabNew}, []string{card.Number}},
			"in hand":            {grievances.Filter{Tab: grievances.TabHandled}, []string{levy.Number}},
			"done":               {grievances.Filter{Tab: grievances.TabDone}, nil},
			"due by its day":     {grievances.Filter{DueBy: card.Due}, []string{card.Number}},
			"not the day before": {grievances.Filter{DueBy: card.Due.AddDays(-1)}, nil},
			"hers":               {grievances.Filter{Officer: verifier.ID}, []string{levy.Number}},
		} {
			if got := lines(c.f); len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		h.clock.Move(days(4))
		counts, err := h.s.Waiting(t.Context(), verifier)
		h.must(err)
		if counts[grievances.TabNew] != (grievances.Count{All: 1, Overdue: 1}) || counts[grievances.TabHandled] != (grievances.Count{All: 1}) {
			t.Errorf("what waits: %+v", counts)
		}
		if counts, err = h.s.Waiting(t.Context(), operator); err != nil || counts[grievances.TabHandled].All != 0 || counts[grievances.TabNew].All != 1 {
			t.Errorf("what waits in the village: %+v, %v", counts, err)
		}
		_, err = h.s.Waiting(t.Context(), headman)
		want(t, "the village head", err, "access.denied")
	})
}

func TestACaseIsGivenToWhoMayHandleIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := h.complaint(1, grievance.Card).Row
		for name, officer := range map[string]access.Actor{"the village head": headman, "another village": neighbour, "nobody": testkit.Person(99, access.Operator, testkit.Village)} {
			d := on(r, "")
			d.Officer = officer.ID
			_, err := h.s.Assign(t.Context(), verifier, d)
			want(t, name, err, "grievance.officer")
		}
		d := on(r, "")
		d.Officer = colleague.ID
		r, err := h.s.Assign(t.Context(), verifier, d)
		h.must(err)
		if r.Officer != colleague.ID || h.count(`SELECT count(*) FROM audit_entry WHERE act = 'grievance.assign'`) != 1 {
			t.Errorf("given to %s", sqldb.ID(r.Officer))
		}
		h.whole()
	})
}

func TestAContactIsShownForAPurposeOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		phone, err := person.ParsePhone("081234567890")
		h.must(err)
		d := h.words(1, "Kartu belum datang.")
		d.Phone = phone
		r, err := h.s.File(t.Context(), verifier, grievances.Filing{Kind: grievances.Complaint, Topic: string(grievance.Card), Area: testkit.Village, Document: d})
		h.must(err)
		_, err = h.s.Reveal(t.Context(), operator, r.Tenant, r.ID, " ")
		want(t, "without a purpose", err, "grievance.purpose")
		for name, who := range map[string]access.Actor{"the village head": headman, "another village": neighbour, "the head of the agency": chief} {
			_, err = h.s.Reveal(t.Context(), who, r.Tenant, r.ID, "menelepon")
			want(t, name, err, "access.denied")
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'grievance.reveal'`); n != 0 {
			t.Errorf("%d entries of what was refused", n)
		}
		c, err := h.s.Reveal(t.Context(), operator, r.Tenant, r.ID, "menelepon")
		if err != nil || c.Phone != phone || h.count(`SELECT count(*) FROM audit_entry WHERE act = 'grievance.reveal' AND purpose = 'menelepon'`) != 1 {
			t.Errorf("%v", err)
		}
		none := h.complaint(2, grievance.Card)
		_, err = h.s.Reveal(t.Context(), operator, none.Tenant, none.ID, "menelepon")
		want(t, "who left no number", err, "grievance.no_contact")
	})
}
