package duplicates

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// contestedMost is up to how many records of one NIK are always shown to a person, however little else agrees. A
// number on more of them is a placeholder.
const contestedMost = 5

// search finds the pairs of a run and says of each why: it reads, compares, and wipes what it read. A run that goes on is told what its
// list taught when it began; nil lets the list teach.
func (s *Service) search(ctx context.Context, q sqldb.Querier, r runs.Run, told []linkage.Lesson) (*computation, error) {
	pairs, err := s.knownPairs(ctx, q, r.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	people, err := s.readPopulation(ctx, q, r)
	if err != nil {
		return nil, err
	}
	defer people.wipe()
	c := &computation{run: r.ID, at: s.acts.Now(), tally: runs.Tally{"persons": int64(len(people.people))}}
	if len(people.people) == 0 {
		return c, nil
	}
	if err := s.readGuests(ctx, q, people, pairs); err != nil {
		return nil, err
	}
	e, err := linkage.Prepare(s.model, people, nil, linkage.Options{Workers: s.workers, Stop: ctx.Err, Known: people.known(pairs), Taught: told})
	if err != nil {
		return nil, fmt.Errorf("compare persons: %w", err)
	}
	defer e.Wipe()
	d, err := e.Dedupe()
	if err != nil {
		return nil, fmt.Errorf("compare persons: %w", err)
	}
	c.count(&d, s.model.LinkBits())
	c.lessons = d.Report.Taught
	f := finder{service: s, people: people, engine: e, room: e.Explainer(), pairs: pairs, found: map[sides]bool{}, into: c, groups: groupsOf(&d)}
	return c, f.all(&d)
}

// count tells what the search cost and how right the model expects it to be, in percent.
func (c *computation) count(d *linkage.Doubles, bar float64) {
	c.tally["compared"], c.tally["two_civil_persons"] = d.Report.Compared-d.Settled, d.Settled
	for _, k := range d.Report.Keys {
		c.tally["candidates"] += k.Pairs
		c.tally["unmet"] += k.Unmet
	}
	c.tally["groups"] = int64(len(d.Clusters))
	all, sure := 0.0, 0.0
	for _, x := range d.Edges {
		p := linkage.Probability(x.Weight)
		if all += p; linkage.Bits(x.Weight) >= bar {
			sure += p
		}
	}
	if all > 0 {
		c.tally["expected_right"], c.tally["expected_found"] = percent(all/float64(len(d.Edges))), percent(sure/all)
	}
}

func percent(share float64) int64 { return int64(math.Round(100 * share)) }

// known tells the engine what people and the civil registry have found.
func (p *population) known(pairs map[sides]known) linkage.Known {
	at := p.rows()
	k := linkage.Known{Entity: func(row int) uint64 { return p.people[row].Entity }}
	for who, pair := range pairs {
		a, hasA := at[who[0]]
		b, hasB := at[who[1]]
		if pair.state == Distinct && hasA && hasB {
			k.Apart = append(k.Apart, [2]int32{a, b})
		}
	}
	return k
}

// rows gives the row of each person.
func (p *population) rows() map[sqldb.ID]int32 {
	at := make(map[sqldb.ID]int32, len(p.people))
	for i := range p.people {
		at[p.people[i].ID] = int32(i)
	}
	return at
}

// groupsOf numbers the clusters; rows that stand in none are not in it.
func groupsOf(d *linkage.Doubles) map[int32]int {
	out := map[int32]int{}
	for n, c := range d.Clusters {
		for _, row := range c {
			out[row] = n
		}
	}
	return out
}

// finder makes findings of what the engine found.
type finder struct {
	service *Service
	people  *population
	engine  *linkage.Engine
	room    *linkage.Explainer
	pairs   map[sides]known
	groups  map[int32]int
	found   map[sides]bool
	into    *computation
}

// all takes the pairs the engine found, those that claim one NIK, and those there already that have no weight of this model.
func (f *finder) all(d *linkage.Doubles) error {
	for _, x := range d.Edges {
		if err := f.take(x.A, x.B); err != nil {
			return err
		}
	}
	for _, p := range f.people.contested() {
		if err := f.take(p[0], p[1]); err != nil {
			return err
		}
	}
	at := f.people.rows()
	for _, who := range slices.SortedFunc(maps.Keys(f.pairs), compareSides) {
		a, hasA := at[who[0]]
		b, hasB := at[who[1]]
		if !hasA || !hasB || f.pairs[who].state != Open {
			continue
		}
		if err := f.take(a, b); err != nil {
			return err
		}
	}
	slices.SortFunc(f.into.findings, compareFindings)
	return nil
}

// take makes a finding of a pair, once, unless it is there with its weight or decided.
func (f *finder) take(i, j int32) error {
	a, b := &f.people.people[i], &f.people.people[j]
	who := sidesOf(a.ID, b.ID)
	if f.found[who] {
		return nil
	}
	f.found[who] = true
	k, there := f.pairs[who]
	if !there && (a.guest && b.guest || (a.guest || b.guest) && a.Tenant == b.Tenant) {
		return nil // the run is not about them
	}
	if there && (k.weighed || k.state != Open) {
		f.into.tally["known"]++
		return nil
	}
	fall := f.engine.ExplainIn(f.room, int(i), int(j))
	w := weighingOf(f.service.model, fall)
	g, grouped := f.groups[i]
	h, too := f.groups[j]
	w.Refused = fall.Missing == 0 && !(grouped && too && g == h)
	text, err := w.text()
	if err != nil {
		return err
	}
	// The district of the left person keeps the pair.
	if a.guest || before(b.ID, a.ID) && !b.guest {
		a, b = b, a
	}
	f.into.findings = append(f.into.findings, finding{
		left: a.ID, right: b.ID, area: a.Area, rightArea: b.Area, rightTenant: b.Tenant, weight: fall.Bits, probability: fall.Probability,
		reasons: text, known: k.id, keeper: k.keeper, kind: w.kind(a.NIKState == registry.Contested || b.NIKState == registry.Contested),
	})
	return nil
}

// contested gives the pairs of few records that claim one NIK.
func (p *population) contested() (pairs [][2]int32) {
	var rows []int32
	for i := range p.people {
		if p.people[i].Claim != 0 {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p.people[a].Claim, p.people[b].Claim), cmp.Compare(a, b))
	})
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && p.people[rows[n]].Claim == p.people[rows[0]].Claim {
			n++
		}
		for i := range n {
			for j := range i {
				if n <= contestedMost {
					pairs = append(pairs, [2]int32{rows[j], rows[i]})
				}
			}
		}
		rows = rows[n:]
	}
	return pairs
}
