package screening

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// plan is which families of a tenant a screening has to judge: nearly everybody has no
// evidence and costs nothing.
type plan struct {
	set        eligibility.Set
	families   []sqldb.ID // in order
	duplicates map[sqldb.ID]bool
	interviews bool // a criterion reads answers
	until      int64
}

// plans keeps the plans of runs under way, so that one is not made anew for every chunk.
// They are worked out again after a restart, to the same result: a screening writes
// nothing that it reads.
type plans struct {
	mu   *sync.Mutex
	open map[sqldb.ID]*plan
}

// maxPlans bounds the plans held: sixteen bytes a family to judge.
const maxPlans = 8

func newPlans() plans { return plans{mu: &sync.Mutex{}, open: map[sqldb.ID]*plan{}} }

func (p plans) held(run sqldb.ID) *plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open[run]
}

func (p plans) keep(run sqldb.ID, made *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == maxPlans { // left behind by runs that were cancelled or failed
		clear(p.open)
	}
	p.open[run] = made
}

func (p plans) drop(run sqldb.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, run)
}

// makePlan works out whom a run has to judge. Evidence that came after the run was made
// does not count: what is applied is what was previewed.
func (s *Service) makePlan(ctx context.Context, q sqldb.Querier, r runs.Run) (*plan, error) {
	set, err := s.setOf(r)
	if err != nil {
		return nil, err
	}
	p := &plan{set: set, duplicates: map[sqldb.ID]bool{}, until: r.CreatedAt.UnixMicro()}
	if s.duplicates != nil {
		list, err := s.duplicates.ConfirmedIn(ctx, q, r.Tenant)
		if err != nil {
			return nil, fmt.Errorf("read confirmed duplicates: %w", err)
		}
		for _, id := range list {
			p.duplicates[id] = true
		}
	}
	need := s.needs(set)
	p.interviews = need.interviews
	if p.families, err = s.familiesFor(ctx, q, r, need, p); err != nil {
		return nil, fmt.Errorf("find families to screen: %w", err)
	}
	slices.SortFunc(p.families, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	p.families = slices.Compact(p.families)
	return p, nil
}

// needs is what the criteria of a set ask for.
type needs struct {
	kinds      evidence.KindSet
	everybody  bool // a criterion without evidence reads facts that anybody may have
	contested  bool
	interviews bool
}

func (s *Service) needs(set eligibility.Set) (n needs) {
	for _, c := range set.Criteria() {
		n.kinds |= c.Evidence
		for _, name := range c.Rule.Reads() {
			f, _ := s.vocabulary.Fact(name)
			n.interviews = n.interviews || f.Origin == eligibility.FromQuestionnaire
			if c.Evidence != 0 {
				continue
			}
			switch name {
			case "confirmed_duplicate":
			case "nik_contested":
				n.contested = true
			default:
				n.everybody = true
			}
		}
	}
	return n
}

func (s *Service) familiesFor(ctx context.Context, q sqldb.Querier, r runs.Run, need needs, p *plan) ([]sqldb.ID, error) {
	from, to := r.Area.Range()
	if need.everybody {
		return collectIDs(ctx, q, `SELECT id FROM family WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3`, int64(r.Tenant), int64(from), int64(to))
	}
	out, err := toldFamilies(ctx, q, r.Tenant, from, to, need.kinds, p.until)
	if err != nil {
		return nil, err
	}
	if need.contested {
		list, err := collectIDs(ctx, q, `SELECT family_id FROM person WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3 AND nik_state = 2`, int64(r.Tenant), int64(from), int64(to))
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	ids := make([]sqldb.ID, 0, len(p.duplicates))
	for id := range p.duplicates {
		ids = append(ids, id)
	}
	err = eachChunk(ids, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT family_id FROM person WHERE kabkota = ` + a.P(int64(r.Tenant)) + ` AND id IN ` + sqldb.In(a, some) +
			` AND area_code >= ` + a.P(int64(from)) + ` AND area_code < ` + a.P(int64(to))
		list, err := collectIDs(ctx, q, query, a.Values...)
		out = append(out, list...)
		return err
	})
	return out, err
}

// toldFamilies gives the families of whose active members something was stated: of holders of a NIK, whom nik_index
// knows, and of those who claim it beside them. Evidence, NIKs and persons are read one after the other, since a spread
// database keeps NIKs apart from the others; CROSS JOIN keeps SQLite from walking through all persons: there is far less
// evidence than people.
func toldFamilies(ctx context.Context, q sqldb.Querier, tenant area.Tenant, from, to area.Code, kinds evidence.KindSet, until int64) ([]sqldb.ID, error) {
	words := make([]string, 0, 32)
	for _, k := range kinds.Kinds() {
		words = append(words, k.String())
	}
	a := sqldb.NewArgs(q)
	told := func() string {
		return `e.kabkota = ` + a.P(int64(tenant)) + ` AND e.recorded_at <= ` + a.P(until) + ` AND e.kind IN ` + sqldb.In(a, words)
	}
	here := func() string {
		return ` AND p.state = 1 AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to))
	}
	query := `
		SELECT DISTINCT p.family_id FROM evidence e CROSS JOIN person p
		WHERE ` + told() + ` AND p.kabkota = e.kabkota AND p.nik_hash = e.nik_hash AND (p.nik_state <> 1 OR p.state <> 1)` + here()
	out, err := collectIDs(ctx, q, query, a.Values...)
	if err != nil {
		return nil, err
	}
	a = sqldb.NewArgs(q)
	holders, err := toldHolders(ctx, q, tenant, `SELECT DISTINCT e.nik_hash FROM evidence e WHERE `+told()+` ORDER BY e.nik_hash`, a)
	if err != nil {
		return nil, err
	}
	ids := make([]sqldb.ID, 0, len(holders))
	for _, h := range holders {
		ids = append(ids, h.person)
	}
	slices.SortFunc(ids, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) }) // along the key
	err = eachChunk(ids, func(some []sqldb.ID) error {
		a = sqldb.NewArgs(q)
		query := `SELECT p.family_id FROM person p WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id IN ` + sqldb.In(a, some) + here()
		list, err := collectIDs(ctx, q, query, a.Values...)
		out = append(out, list...)
		return err
	})
	slices.SortFunc(out, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out), err
}

// toldHolder is who holds a NIK of which something is stated.
type toldHolder struct {
	hash   sqldb.Hash
	person sqldb.ID
}

// toldHolders gives who of a tenant holds the NIKs that a statement reads. It reads nik_index, which belongs to service/registry.
func toldHolders(ctx context.Context, q sqldb.Querier, tenant area.Tenant, query string, a *sqldb.Args) (out []toldHolder, err error) {
	hashes, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (hash sqldb.Hash, err error) {
		err = r.Scan(&hash)
		return hash, err
	})
	if err != nil {
		return nil, err
	}
	err = eachChunk(hashes, func(some []sqldb.Hash) error {
		a := sqldb.NewArgs(q)
		query := `SELECT nik_hash, person_id FROM nik_index WHERE nik_hash IN ` + sqldb.In(a, some) + ` AND kabkota = ` + a.P(int64(tenant))
		list, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (h toldHolder, err error) {
			err = r.Scan(&h.hash, &h.person)
			return h, err
		})
		out = append(out, list...)
		return err
	})
	return out, err
}

func collectIDs(ctx context.Context, q sqldb.Querier, query string, args ...any) ([]sqldb.ID, error) {
	return sqldb.Collect(ctx, q, query, args, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
}
