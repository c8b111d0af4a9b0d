package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/runs"
)

// Spot is an area with one number of it, for a short list.
type Spot struct {
	Area  area.Code
	Title string
	N     int64
	Since time.Time // of a village asleep: when it was last active; zero for never
}

// Morning is what the head of an office looks at first: what is due, what is late, what stands still, and what
// waits for her own decision.
type Morning struct {
	Area  area.Code
	Title string
	Day   period.Date // the local date
	AsOf  time.Time   // of the counted figures; zero: never counted
	// DueToday is counted now: open proposals whose day is today.
	DueToday int64
	Open     int64
	Overdue  int64
	// Late are the villages (of a province or the nation: the areas right below) with the most overdue
	// proposals, 10 at most.
	Late     []Spot
	Villages int64
	Asleep   int64
	// Sleepers are the villages silent for longest, 10 at most; none above the district.
	Sleepers   []Spot
	Failed     int64 // payments nobody has dealt with
	Mismatches int64
	Persons    int64
	Duplicates int64
	// Approvals are the runs that wait for this very person, 200 at most; Decisions are the proposals that wait
	// for one with her rights.
	Approvals []runs.Run
	Decisions int64
}

const shortList = 10

// Morning gives the morning page of an actor in her own area.
func (s *Service) Morning(ctx context.Context, who access.Actor) (m Morning, err error) {
	home, _ := who.Home()
	tree := s.places.Tree()
	if err := s.allow(who, home); err != nil {
		return m, err
	}
	now := s.acts.Now()
	m = Morning{Area: home, Title: tree.Title(home), Day: s.places.LocalDate(home, now)}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if m.DueToday, err = dueOn(ctx, tx, who.ScopeOf(access.ReadInsight).Within(home), m.Day); err != nil {
			return fmt.Errorf("count due proposals: %w", err)
		}
		got, err := s.read(ctx, tx, tree, Live, []area.Code{home})
		if err != nil {
			return err
		}
		m.fill(got.at(home), who)
		m.AsOf = got.asOf
		return s.spots(ctx, tx, tree, &m)
	})
	if err != nil || s.runs == nil || !who.Can(access.ReadRuns) {
		return m, err
	}
	m.Approvals, err = s.waiting(ctx, who)
	return m, err
}

func (m *Morning) fill(n numbers, who access.Actor) {
	m.Open, m.Overdue, m.Villages, m.Asleep = n[metricOpen], n[metricOverdue], n[metricVillages], n[metricAsleep]
	m.Failed, m.Mismatches, m.Persons, m.Duplicates = n[metricRepairs], n.notMatching(), n[metricPersons], n[metricDuplicates]
	for _, state := range decides(who) {
		m.Decisions += n[prefixProposal+string(state)]
	}
}

// decides gives the states in which a proposal waits for a decision only she, of all offices, may take: to
// approve, ratify or determine it.
func decides(who access.Actor) (out []proposal.State) {
	for _, t := range proposal.Transitions() {
		own := slices.Contains([]access.Permission{access.ApproveProposal, access.RatifyProposal, access.Determine}, t.Permission)
		if own && who.Can(t.Permission) && !slices.Contains(out, t.From) {
			out = append(out, t.From)
		}
	}
	return out
}

// dueOn counts open proposals whose day is a day. It reads the table of proposals along its index by state and day.
func dueOn(ctx context.Context, q sqldb.Querier, scope access.Scope, day period.Date) (n int64, err error) {
	a := sqldb.NewArgs(q)
	query := `SELECT count(*) FROM proposal WHERE ` + act.Where(scope, "kabkota", "area_code", a) +
		` AND state IN ` + sqldb.In(a, openStates()) + ` AND due_on = ` + a.P(day.Text())
	err = q.QueryRow(ctx, query, a.Values...).Scan(&n)
	return n, err
}

// spots finds where it is late and where it is silent.
func (s *Service) spots(ctx context.Context, q sqldb.Querier, tree *areas.Tree, m *Morning) error {
	var below []area.Code
	if m.Area.Level() >= area.LevelDistrict {
		for p := range tree.Villages(m.Area) {
			below = append(below, p.Code)
		}
	} else {
		below = childrenOf(tree, m.Area)
	}
	got, err := s.read(ctx, q, tree, Live, below, metricOverdue, metricAsleep, metricActivity)
	if err != nil {
		return err
	}
	for _, code := range below {
		n := got.at(code)
		if n[metricOverdue] > 0 {
			m.Late = append(m.Late, Spot{Area: code, Title: tree.Title(code), N: n[metricOverdue]})
		}
		if code.Level() == area.LevelVillage && n[metricAsleep] > 0 {
			spot := Spot{Area: code, Title: tree.Title(code), N: 1}
			if last := n[metricActivity]; last > 0 {
				spot.Since = time.UnixMicro(last).UTC()
			}
			m.Sleepers = append(m.Sleepers, spot)
		}
	}
	slices.SortStableFunc(m.Late, func(a, b Spot) int { return cmp.Compare(b.N, a.N) })
	slices.SortStableFunc(m.Sleepers, func(a, b Spot) int { return a.Since.Compare(b.Since) })
	m.Late, m.Sleepers = m.Late[:min(shortList, len(m.Late))], m.Sleepers[:min(shortList, len(m.Sleepers))]
	return nil
}

// waiting gives the runs the actor may approve and did not make herself.
func (s *Service) waiting(ctx context.Context, who access.Actor) ([]runs.Run, error) {
	list, err := s.runs.List(ctx, who, runs.Filter{State: runs.Awaiting, Limit: 200})
	if err != nil {
		return nil, fmt.Errorf("list runs that wait: %w", err)
	}
	return slices.DeleteFunc(list, func(r runs.Run) bool {
		return !s.runs.MayApprove(r, who) || access.OtherPerson(r.CreatedBy, who) != nil
	}), nil
}
