package screening

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// freshOnes are the drafts that say something new.
type freshOnes struct {
	drafts []draft
	// held and dismissed count those that stand already, and those that people dismissed
	// on the very same ground.
	held, dismissed int64
	// standing are the findings that have persons off the list, by family.
	standing map[sqldb.ID][]Finding
}

// findingKey tells findings about one subject and criterion apart from others.
type findingKey struct {
	criterion string
	hits      eligibility.Hits
	subject   sqldb.ID
}

func keyOf(f Finding) findingKey { return findingKey{f.Criterion, f.Hits, f.Subject()} }

// fresh leaves out what is known: a finding that stands is not made twice, and one that
// people dismissed comes again only on other grounds, and never by itself: last month's
// wrong flag is usually in this month's list too.
func (s *Service) fresh(ctx context.Context, q sqldb.Querier, r runs.Run, v *verdicts) (freshOnes, error) {
	out := freshOnes{standing: map[sqldb.ID][]Finding{}}
	known, err := findingsOf(ctx, q, r.Tenant, draftFamilies(v.met))
	if err != nil {
		return out, err
	}
	open, dismissed := map[findingKey]bool{}, map[findingKey][]Finding{}
	for _, f := range known {
		switch {
		case f.State == Dismissed:
			dismissed[keyOf(f)] = append(dismissed[keyOf(f)], f)
		default:
			open[keyOf(f)] = true
		}
		if c, ok := s.Criterion(f.Criterion, f.Facts.Day); ok && f.InForce() && effectRemoves(c.Effect) {
			out.standing[f.Family] = append(out.standing[f.Family], f)
		}
	}
	for _, d := range v.met {
		key := keyOf(d.Finding)
		earlier := dismissed[key]
		switch {
		case open[key]:
			out.held++
			continue
		case slices.ContainsFunc(earlier, func(f Finding) bool { return sameGround(f.Facts, d.Facts) }):
			out.dismissed++
			continue
		case len(earlier) > 0:
			d.Action, d.Facts.Before = Verify, earlier[len(earlier)-1].ID
		}
		out.drafts = append(out.drafts, d)
	}
	return out, nil
}

func draftFamilies(list []draft) []sqldb.ID {
	var ids []sqldb.ID
	for _, d := range list {
		if n := len(ids); n == 0 || ids[n-1] != d.Family {
			ids = append(ids, d.Family)
		}
	}
	return ids
}

// sameGround tells whether two findings rest on the same statements with the same values.
func sameGround(a, b Facts) bool {
	ids := func(f Facts) []sqldb.ID {
		return slices.SortedFunc(slices.Values(f.Evidence), func(x, y sqldb.ID) int { return slices.Compare(x[:], y[:]) })
	}
	facts := func(f Facts) []Because {
		return slices.SortedFunc(slices.Values(f.Because), func(x, y Because) int { return cmp.Compare(x.Fact, y.Fact) })
	}
	return slices.Equal(ids(a), ids(b)) && slices.Equal(facts(a), facts(b))
}

// keepVerdicts writes what a chunk of a screening found, with the letters of notice.
func (s *Service) keepVerdicts(ctx context.Context, tx *act.Tx, r runs.Run, v *verdicts) (runs.Tally, error) {
	fresh, err := s.fresh(ctx, tx, r, v)
	if err != nil {
		return nil, err
	}
	list := make([]Finding, len(fresh.drafts))
	for i, d := range fresh.drafts {
		list[i] = d.Finding
		list[i].ID = tx.NewID()
	}
	if err := s.noticeIn(ctx, tx, list, func(f Finding) bool { return f.Action == Remove }); err != nil {
		return nil, err
	}
	if err := insertFindings(ctx, tx, list); err != nil {
		return nil, err
	}
	tally := runs.Tally{"judged": int64(len(v.groups))}
	countDrafts(tally, fresh, v)
	_, err = runs.ItemsIn(ctx, tx, r, screenItems(list, v.undecided))
	return tally, err
}

// itemFacts is what a run item says of its subject.
type itemFacts struct {
	Criteria  []string `json:"criteria,omitempty"`
	Undecided []doubt  `json:"undecided,omitempty"`
	Skipped   []string `json:"skipped,omitempty"`
	Findings  []string `json:"findings,omitempty"`
}

// doubt is a criterion that could not be decided, and for want of what.
type doubt struct {
	Criterion string   `json:"criterion"`
	Missing   []string `json:"missing,omitempty"`
	Stale     []string `json:"stale,omitempty"`
}

// items gathers run items: one a subject, however many criteria it meets.
type items struct {
	order []sqldb.ID
	list  map[sqldb.ID]*item
}

type item struct {
	outcome, code string
	facts         itemFacts
}

func newItems() *items { return &items{list: map[sqldb.ID]*item{}} }

// of gives the item of a subject; the first outcome and code stay.
func (i *items) of(subject sqldb.ID, outcome, code string) *item {
	one := i.list[subject]
	if one == nil {
		one = &item{outcome: outcome, code: code}
		i.order, i.list[subject] = append(i.order, subject), one
	}
	return one
}

func (i *items) rows() []runs.Item {
	out := make([]runs.Item, 0, len(i.order))
	for _, subject := range i.order {
		one := i.list[subject]
		facts, err := json.Marshal(one.facts)
		if err != nil {
			panic(fmt.Sprintf("screening: item facts: %v", err)) // lists of words
		}
		out = append(out, runs.Item{Subject: subject, Outcome: one.outcome, Code: one.code, Facts: string(facts)})
	}
	return out
}

func screenItems(list []Finding, undecided []draft) []runs.Item {
	all := newItems()
	for _, f := range list {
		one := all.of(f.Subject(), string(f.State), f.Criterion)
		one.facts.Criteria = append(one.facts.Criteria, f.Criterion)
		if f.State == Noticed {
			one.outcome = string(Noticed)
		}
	}
	for _, d := range undecided {
		one := all.of(d.Subject(), "undecided", d.Criterion)
		one.facts.Undecided = append(one.facts.Undecided, doubt{d.Criterion, d.missing, kindWords(d.stale)})
	}
	return all.rows()
}

func kindWords(list []evidence.Kind) []string {
	var out []string
	for _, k := range list {
		out = append(out, k.String())
	}
	return out
}
