package suggestions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// Filter narrows and orders the repair queue.
type Filter struct {
	Area   area.Code
	Status civilmatch.Status // Pending: every status that does not match
	Cause  Cause             // empty: every cause; else only those whose suggestion names it first
	Causes []Cause           // the same for several
	ByArea bool              // by village, in place of the surest first
	After  Anchor
	Limit  int
}

// Anchor is the line a page of the queue goes on behind.
type Anchor struct {
	Person sqldb.ID
	Rank   int64 // zero: she had no suggestion, and the list goes on by area
	Area   area.Code
}

// Line is a line of the queue: a mismatch with what is probably wrong.
type Line struct {
	civil.Mismatch
	Rank        int64 // zero without a suggestion that is up to date
	Outcome     Outcome
	Probability float64
	Causes      []Cause // the first is the one she is filtered by, unless somebody claimed the NIK since; none without a suggestion

	civil         sqldb.Hash // of the NIK found
	ownNIK, taken bool       // it is the one she has; another has it
}

// Anchor gives where the list goes on behind the line.
func (l Line) Anchor() Anchor { return Anchor{Person: l.PersonID, Rank: l.Rank, Area: l.Area} }

// ParseCause reads a cause. Error: suggestions.cause.
func ParseCause(text string) (Cause, error) {
	if c := Cause(text); slices.Contains(Causes(), c) {
		return c, nil
	}
	return "", fail.Invalid("suggestions.cause").On("sebab")
}

// Queue lists persons who do not match, those surest to be mended first; whoever has no suggestion that is
// up to date comes behind them, by village. Where the actor's area spans districts it is ordered by village. It
// is recorded as every list. Who claims their NIKs is asked anew. Errors: civilmatch.status when the filter names a status that is no mismatch.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) (out []Line, err error) {
	if f.Status != civilmatch.Pending && f.Status.Group() != civilmatch.NotMatching {
		return nil, fail.Invalid("civilmatch.status").On("status")
	}
	f.Limit = min(max(f.Limit, 1), 200)
	err = s.Acts.View(ctx, who, "civil.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		if out, err = s.lines(ctx, tx, scope.Within(f.Area), f); err != nil {
			return fmt.Errorf("list mismatches: %w", err)
		}
		if err := s.claimedLines(ctx, tx, out); err != nil {
			return err
		}
		shown := make([]civil.Mismatch, len(out))
		for i := range out {
			shown[i] = out[i].Mismatch
		}
		if err := civil.MarkPaidIn(ctx, tx, shown); err != nil {
			return err
		}
		for i := range out {
			out[i].Paid = shown[i].Paid
		}
		return tx.Record(ctx, civil.Shown(who, shown))
	})
	return out, err
}

func (s *Service) lines(ctx context.Context, tx *act.Tx, scope access.Scope, f Filter) (out []Line, err error) {
	b, err := s.basisIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	tenant := s.tenantOf(scope, f.Area)
	ranked := !f.ByArea && tenant != 0
	if ranked && (f.After.Person.IsZero() || f.After.Rank > 0) {
		if out, err = s.ranked(ctx, tx, scope, tenant, b, f); err != nil {
			return nil, err
		}
	}
	if len(out) == f.Limit || ranked && len(f.causes()) > 0 {
		return out, nil
	}
	if f.After.Rank > 0 && !f.ByArea {
		f.After = Anchor{}
	}
	f.Limit -= len(out)
	rest, err := s.byArea(ctx, tx, scope, b, f, ranked)
	return append(out, rest...), err
}

// tenantOf gives the one district a list is of, zero where it spans several.
func (s *Service) tenantOf(scope access.Scope, at area.Code) area.Tenant {
	if tenants := scope.Tenants(); len(tenants) == 1 {
		return tenants[0]
	}
	return s.Places.TenantOf(at)
}

// narrow tells that a scope holds villages and subdistricts only.
func narrow(scope access.Scope) bool {
	return !scope.Nation() && !slices.ContainsFunc(scope.Ranges(), func(r access.Range) bool { return r.From.Level() < area.LevelSubdistrict })
}

// late tells a status whose persons stand far down the ranks, and are fewer than those before them: to gather and
// sort them costs less than to walk there.
func late(s civilmatch.Status) bool {
	switch s {
	case civilmatch.Pending, civilmatch.NameDiffers, civilmatch.BirthDateDiffers, civilmatch.SexDiffers, civilmatch.KKDiffers:
		return false
	}
	return true
}

const lineColumns = `p.kabkota, p.id, p.family_id, p.name, f.head_name, p.nik, p.nik_state, p.area_code, p.match_status, p.match_fields, p.nik_hash`

// ranked reads along the index of the ranks, which a page costs the same in at any size; of a village or
// subdistrict it sorts the few it has.
func (s *Service) ranked(ctx context.Context, tx *act.Tx, scope access.Scope, tenant area.Tenant, b basis, f Filter) ([]Line, error) {
	a := sqldb.NewArgs(tx)
	// CROSS JOIN keeps SQLite at the order of the tables as they stand here; PostgreSQL finds its own.
	from := `match_suggestion g CROSS JOIN person p CROSS JOIN family f`
	if narrow(scope) || late(f.Status) {
		from = `person p CROSS JOIN family f CROSS JOIN match_suggestion g`
	}
	query := `
		SELECT ` + lineColumns + `, g.rank, g.outcome, g.probability, g.document, g.civil_hash, g.taken
		FROM ` + from + `
		WHERE g.kabkota = ` + a.P(int64(tenant)) + ` AND p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id = g.person_id
		AND f.kabkota = p.kabkota AND f.id = p.family_id AND ` + fresh(a, b) + ` AND p.match_status IN ` + sqldb.In(a, f.statuses()) +
		` AND ` + act.Where(scope, "p.kabkota", "p.area_code", a) + ` AND p.state = 1`
	if causes := f.causes(); len(causes) > 0 {
		query += ` AND g.cause IN ` + sqldb.In(a, causes)
	}
	if f.After.Rank > 0 {
		query += ` AND (g.rank, g.person_id) > (` + a.P(f.After.Rank) + `, ` + a.P(f.After.Person) + `)`
	}
	query += ` ORDER BY g.rank, g.person_id LIMIT ` + a.P(int64(f.Limit))
	return sqldb.Collect(ctx, tx, query, a.Values, s.line)
}

func (f *Filter) statuses() []int64 {
	if f.Status != civilmatch.Pending {
		return []int64{int64(f.Status)}
	}
	return notMatching()
}

// byArea reads one status after the other along its index. Behind the ranked lines it leaves out those who stood there.
func (s *Service) byArea(ctx context.Context, tx *act.Tx, scope access.Scope, b basis, f Filter, behind bool) (out []Line, err error) {
	for _, status := range f.statuses() {
		a := sqldb.NewArgs(tx)
		query := `
			SELECT ` + lineColumns + `, coalesce(g.rank, 0), coalesce(g.outcome, 0), coalesce(g.probability, 0), g.document, g.civil_hash, coalesce(g.taken, 0)
			FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
			LEFT JOIN match_suggestion g ON g.kabkota = p.kabkota AND g.person_id = p.id AND ` + fresh(a, b) + `
			WHERE p.match_status = ` + a.P(status) + ` AND ` + act.Where(scope, "p.kabkota", "p.area_code", a) + ` AND p.state = 1`
		if behind {
			query += ` AND g.person_id IS NULL`
		}
		if causes := f.causes(); len(causes) > 0 {
			query += ` AND g.cause IN ` + sqldb.In(a, causes)
		}
		if !f.After.Person.IsZero() {
			query += ` AND (p.area_code, p.id) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.Person) + `)`
		}
		query += ` ORDER BY p.area_code, p.id LIMIT ` + a.P(int64(f.Limit))
		some, err := sqldb.Collect(ctx, tx, query, a.Values, s.line)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(x, y Line) int {
		return cmp.Or(cmp.Compare(x.Area, y.Area), strings.Compare(string(x.PersonID[:]), string(y.PersonID[:])))
	})
	return out[:min(f.Limit, len(out))], nil
}

func (s *Service) line(r sqldb.Row) (l Line, err error) {
	var tenant, at, status, fields, taken int64
	var held sqldb.Hash
	var state registry.NIKState
	var nik, sealed []byte
	err = r.Scan(&tenant, &l.PersonID, &l.FamilyID, &l.Name, &l.HeadName, &nik, &state, &at, &status, &fields, &held,
		&l.Rank, &l.Outcome, &l.Probability, &sealed, &l.civil, &taken)
	if err != nil {
		return l, err
	}
	l.Tenant, l.Area, l.Status, l.Differs = area.Tenant(tenant), area.Code(at), civilmatch.Status(status), civilmatch.Fields(fields)
	l.ownNIK, l.taken = held == l.civil && !l.civil.IsZero(), taken == 1
	if err := s.Civil.OpenNIK(&l.Mismatch, nik, state); err != nil || len(sealed) == 0 {
		return l, err
	}
	d, err := s.opened(sealed)
	l.Causes = d.Causes
	return l, err
}

// AnchorOf gives where the queue goes on behind a person, also when she was mended meanwhile.
func (s *Service) AnchorOf(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Anchor, error) {
	p, err := s.Registry.PersonAnchor(ctx, who, tenant, id)
	if err != nil {
		return Anchor{}, err
	}
	out := Anchor{Person: id, Area: p.Area}
	err = s.Acts.DB().Direct().QueryRow(ctx, `SELECT coalesce(max(rank), 0) FROM match_suggestion WHERE kabkota = $1 AND person_id = $2`, int64(tenant), id).Scan(&out.Rank)
	if err != nil {
		return out, fmt.Errorf("read rank: %w", err)
	}
	return out, nil
}
