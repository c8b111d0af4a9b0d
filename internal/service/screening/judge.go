package screening

import (
	"context"
	"slices"

	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// verdicts is what a screening found in some families.
type verdicts struct {
	groups    []group
	met       []draft
	undecided []draft
}

// draft is a finding that is not kept yet.
type draft struct {
	Finding
	effect  eligibility.Effect
	group   *group
	missing []string
	stale   []evidence.Kind
}

// judge holds some families of a plan against its criteria.
func (s *Service) judge(ctx context.Context, q sqldb.Querier, r runs.Run, p *plan, ids []sqldb.ID) (*verdicts, error) {
	groups, rows, err := s.readGroups(ctx, q, r.Tenant, ids, p.until)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(g group) bool { return !r.Area.Contains(g.Area) })
	if err := s.payAndRepeat(ctx, q, r.Tenant, groups, p.duplicates); err != nil {
		return nil, err
	}
	if p.interviews {
		if err := s.interviewed(ctx, q, r.Tenant, groups); err != nil {
			return nil, err
		}
	}
	out := &verdicts{groups: groups}
	at := make(map[[16]byte]*group, len(groups))
	for i := range groups {
		at[groups[i].ID] = &groups[i]
	}
	families := func(yield func(eligibility.Family) bool) {
		for i := range groups {
			if !yield(groups[i].Family) {
				return
			}
		}
	}
	_, err = p.set.Screen(s.workers, s.wages, families, func(f eligibility.Finding) error {
		d := newDraft(r, p.set, at[f.Family], f, rows)
		if f.Verdict == eligibility.Yes {
			out.met = append(out.met, d)
		} else {
			out.undecided = append(out.undecided, d)
		}
		return nil
	})
	return out, err
}

func newDraft(r runs.Run, set eligibility.Set, g *group, f eligibility.Finding, rows map[told]sqldb.ID) draft {
	d := draft{group: g, effect: f.Criterion.Effect, missing: f.Missing, stale: f.Stale}
	d.Finding = Finding{Tenant: r.Tenant, Run: r.ID, Person: f.Member, Family: f.Family, Area: g.Area, Criterion: f.Criterion.ID, Hits: f.Criterion.Hits,
		Action: Verify, Reason: f.Criterion.Reason.Code, State: Found}
	if f.Action == eligibility.ActionAuto && f.Criterion.Effect != eligibility.EffectMerge {
		d.Action = Remove
	}
	for _, m := range g.members {
		if m.id == d.Person {
			d.Area = m.area
		}
	}
	d.Facts = Facts{Day: set.Day(), Evidence: evidenceRows(g, f, rows)}
	for _, b := range f.Because {
		d.Facts.Because = append(d.Facts.Because, Because{b.Name, b.Value.Stored()})
	}
	return d
}

// evidenceRows names the rows of the statements a finding rests on: those about the
// member, or about any member when the family is hit.
func evidenceRows(g *group, f eligibility.Finding, rows map[told]sqldb.ID) (ids []sqldb.ID) {
	for _, said := range f.Evidence {
		for _, m := range g.members {
			if f.Member != ([16]byte{}) && m.id != f.Member {
				continue
			}
			if id, ok := rows[told{m.id, said}]; ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// effectRemoves tells whether an effect takes persons off the list.
func effectRemoves(e eligibility.Effect) bool {
	return e == eligibility.EffectEnd || e == eligibility.EffectTransfer || e == eligibility.EffectExclude
}

// counting counts the different persons whom findings take off the list, each at one
// criterion: her own before her family's.
type counting struct {
	off   map[sqldb.ID]bool // off the list already
	total int64
	by    map[string]int64
}

func newCounting() *counting { return &counting{off: map[sqldb.ID]bool{}, by: map[string]int64{}} }

// before notes persons who are off the list already.
func (c *counting) before(f Finding, members []sqldb.ID) {
	for _, id := range whom(f, members) {
		c.off[id] = true
	}
}

// add counts the findings of one family with its active members; who is none any more
// was off the list before.
func (c *counting) add(list []Finding, members []sqldb.ID) {
	for _, family := range []bool{false, true} {
		for _, f := range list {
			if (f.Hits == eligibility.HitsFamily) != family {
				continue
			}
			for _, id := range whom(f, members) {
				if !c.off[id] && slices.Contains(members, id) {
					c.off[id] = true
					c.total++
					c.by[f.Criterion]++
				}
			}
		}
	}
}

func whom(f Finding, members []sqldb.ID) []sqldb.ID {
	if f.Hits == eligibility.HitsFamily {
		return members
	}
	return []sqldb.ID{f.Person}
}

// into puts the figures into a tally.
func (c *counting) into(t runs.Tally) {
	t["persons"] += c.total
	for criterion, n := range c.by {
		t["persons."+criterion] += n
	}
}
