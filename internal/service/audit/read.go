package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Filter narrows the log. The zero Filter is all of it.
type Filter struct {
	// Act is an act's name, such as "registry.open"; with a dot at its end, such as
	// "registry.", every act that begins so.
	Act   string
	Actor sqldb.ID
	// Subjects are whom or what an entry is about; none means any.
	Subjects []sqldb.ID
	Area     area.Code // the nation: all the actor may see
	From, To time.Time // the first instant, and the first that no longer counts; zero is open
	// After continues a list: entries older than this one.
	After sqldb.ID
}

const maxLines = 200

// Lines reads entries of a scope, the newest first; at most 200. An entry about an area above
// the district lies with the installation itself, tenant zero, so that tenant is read too:
// the area decides who sees it. Only act.Acts calls it, since reading the log is an act.
func Lines(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter, limit int) ([]Line, error) {
	if scope = scope.Within(f.Area); scope.Empty() {
		return nil, nil
	}
	limit = min(max(limit, 1), maxLines)
	all, err := tenantsOf(ctx, q, scope)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	var out []Line
	for _, tenant := range all { // each by its key: a sort over tenants would read them whole
		some, err := linesOf(ctx, q, tenant, scope, f, limit)
		if err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b Line) int { return slices.Compare(b.ID[:], a.ID[:]) })
	return out[:min(limit, len(out))], nil
}

// One reads one entry. Error: audit.no_entry, also for what lies outside the scope.
func One(ctx context.Context, q sqldb.Querier, scope access.Scope, tenant area.Tenant, id sqldb.ID) (Line, error) {
	list, err := oneLine(ctx, q, tenant, id)
	if err != nil {
		return Line{}, fmt.Errorf("read audit log: %w", err)
	}
	if len(list) == 0 || !reaches(scope, list[0]) {
		return Line{}, fail.NotFound("audit.no_entry")
	}
	return list[0], nil
}

// reaches reports whether an entry lies in a scope.
func reaches(scope access.Scope, l Line) bool {
	held := l.Tenant == 0 || len(scope.Tenants()) == 0 || slices.Contains(scope.Tenants(), l.Tenant)
	return held && scope.Contains(l.Area)
}

// SignIns reads the newest sign-ins of an account, refused ones among them: what a person
// sees of herself.
func SignIns(ctx context.Context, q sqldb.Querier, held []area.Tenant, account sqldb.ID, limit int) ([]Line, error) {
	var out []Line
	for _, tenant := range withZero(held) {
		some, err := signInsOf(ctx, q, tenant, account, min(max(limit, 1), maxLines))
		if err != nil {
			return nil, fmt.Errorf("read sign-ins: %w", err)
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b Line) int { return slices.Compare(b.ID[:], a.ID[:]) })
	return out[:min(limit, len(out))], nil
}

func tenantsOf(ctx context.Context, q sqldb.Querier, scope access.Scope) ([]area.Tenant, error) {
	if len(scope.Tenants()) == 0 {
		return tenants(ctx, q)
	}
	return withZero(scope.Tenants()), nil
}

func withZero(list []area.Tenant) []area.Tenant {
	out := append([]area.Tenant{0}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

const lineColumns = `id, kabkota, at, act, actor_id, role, subject, area_code, purpose, facts`

func scanLine(r sqldb.Row) (l Line, err error) {
	var tenant, at, areaCode int64
	var role string
	err = r.Scan(&l.ID, &tenant, &at, &l.Act, &l.Actor, &role, &l.Subject, &areaCode, &l.Purpose, &l.Facts)
	l.Tenant, l.At, l.Role, l.Area = area.Tenant(tenant), time.UnixMicro(at).UTC(), access.Role(role), area.Code(areaCode)
	return l, err
}

func linesOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, scope access.Scope, f Filter, limit int) ([]Line, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + lineColumns + ` FROM audit_entry WHERE kabkota = ` + a.P(int64(tenant)) + within(scope, a)
	if f.Act != "" && strings.HasSuffix(f.Act, ".") {
		query += ` AND ` + q.Dialect().NameSearch("act", a.P(sqldb.LikePrefix(f.Act)))
	} else if f.Act != "" {
		query += ` AND act = ` + a.P(f.Act)
	}
	if !f.Actor.IsZero() {
		query += ` AND actor_id = ` + a.P(f.Actor)
	}
	if len(f.Subjects) > 0 {
		query += ` AND subject IN ` + sqldb.In(a, f.Subjects)
	}
	if !f.From.IsZero() {
		query += ` AND at >= ` + a.P(f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		query += ` AND at < ` + a.P(f.To.UnixMicro())
	}
	if !f.After.IsZero() {
		query += ` AND id < ` + a.P(f.After)
	}
	query += ` ORDER BY id DESC LIMIT ` + a.P(int64(limit))
	return sqldb.Collect(ctx, q, query, a.Values, scanLine)
}

// within renders the areas of a scope as a condition; the tenant is the caller's.
func within(scope access.Scope, a *sqldb.Args) string {
	if scope.Nation() {
		return ""
	}
	var ranges []string
	for _, r := range scope.Ranges() {
		ranges = append(ranges, `area_code >= `+a.P(int64(r.From))+` AND area_code < `+a.P(int64(r.To)))
	}
	return ` AND (` + strings.Join(ranges, ` OR `) + `)`
}

func oneLine(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) ([]Line, error) {
	return sqldb.Collect(ctx, q, `SELECT `+lineColumns+` FROM audit_entry WHERE kabkota = $1 AND id = $2`, []any{int64(tenant), id}, scanLine)
}

func signInsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, account sqldb.ID, limit int) ([]Line, error) {
	return sqldb.Collect(ctx, q, `
		SELECT `+lineColumns+` FROM audit_entry
		WHERE kabkota = $1 AND subject = $2 AND act IN ('account.sign_in', 'account.sign_in_refused')
		ORDER BY id DESC LIMIT $3`, []any{int64(tenant), account, int64(limit)}, scanLine)
}

// About reads the newest entries about some subjects of a tenant, at most 200; after continues a list. It is for who shows
// a person what was done with her own record; the caller answers for that. Who read the log itself is left out.
func About(ctx context.Context, q sqldb.Querier, tenant area.Tenant, subjects []sqldb.ID, after sqldb.ID, limit int) ([]Line, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + lineColumns + ` FROM audit_entry WHERE kabkota = ` + a.P(int64(tenant)) + ` AND subject IN ` + sqldb.In(a, subjects) +
		` AND act NOT IN ('audit.read', 'audit.open')`
	if !after.IsZero() {
		query += ` AND id < ` + a.P(after)
	}
	list, err := sqldb.Collect(ctx, q, query+` ORDER BY id DESC LIMIT `+a.P(int64(min(max(limit, 1), maxLines))), a.Values, scanLine)
	if err != nil {
		return nil, fmt.Errorf("read entries about a person: %w", err)
	}
	return list, nil
}

// SealState is how far one tenant's log is sealed.
type SealState struct {
	Tenant area.Tenant
	// Last is the newest seal; its Seq is zero when there is none.
	Last Seal
	// Verified tells that the newest seal is signed by this installation's key, follows the
	// one before, and that every entry in it is as it was.
	Verified bool
	// Late counts entries older than twenty minutes that came after it and are in no seal.
	Late int64
}

// States proves the newest seal of each tenant in a scope. It is quick, since older seals are
// chained to it; Verify proves them all. At most limit tenants are looked at.
func (s *Sealer) States(ctx context.Context, scope access.Scope, now time.Time, limit int) (out []SealState, err error) {
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err := tenantsOf(ctx, tx, scope)
		if err != nil {
			return err
		}
		for _, tenant := range all[:min(limit, len(all))] {
			one, err := s.stateOf(ctx, tx, tenant, now)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read seals: %w", err)
	}
	return out, nil
}

func (s *Sealer) stateOf(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, now time.Time) (SealState, error) {
	out := SealState{Tenant: tenant}
	var err error
	if out.Last, err = lastSeal(ctx, tx, tenant); err != nil {
		return out, err
	}
	if out.Late, err = countLate(ctx, tx, tenant, out.Last.Seq, now.Add(-verifyAge)); err != nil || out.Last.Seq == 0 {
		return out, err
	}
	err = s.verifyLast(ctx, tx, tenant, out.Last)
	if out.Verified = err == nil; fail.CodeOf(err) == "audit.broken" {
		err = nil // that is the answer, not a failure
	}
	return out, err
}

// verifyLast proves a seal and that it follows the one before.
func (s *Sealer) verifyLast(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, last Seal) error {
	before, err := sealsAfter(ctx, tx, tenant, max(last.Seq-2, 0), 2)
	if err != nil {
		return err
	}
	previous := []byte{}
	if last.Seq > 1 {
		if len(before) != 2 {
			return broken(tenant, last.Seq, "chain")
		}
		previous = before[0].Root
	}
	if !slices.Equal(last.Previous, previous) {
		return broken(tenant, last.Seq, "chain")
	}
	return s.verifySeal(ctx, tx, tenant, last)
}

// countLate counts the entries behind the last one of a seal that should be in the next.
func countLate(ctx context.Context, q sqldb.Querier, tenant area.Tenant, seq int64, before time.Time) (n int64, err error) {
	last, err := sqldb.Collect(ctx, q, `
		SELECT entry_id FROM audit_leaf WHERE kabkota = $1 AND seq = $2 ORDER BY position DESC LIMIT 1`, []any{int64(tenant), seq},
		func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		return 0, err
	}
	floor := sqldb.ID{15: 1} // below every entry
	if len(last) > 0 {
		floor = last[0]
	}
	err = q.QueryRow(ctx, `SELECT count(*) FROM audit_entry WHERE kabkota = $1 AND id > $2 AND at < $3`, int64(tenant), floor, before.UnixMicro()).Scan(&n)
	return n, err
}

// Look is what Looked asks for.
type Look struct {
	Subject sqldb.ID
	Acts    []string
	Since   time.Time
	Facts   string // what the facts hold, as text; empty for anything
}

// Looked reports whether one of some acts was done about a subject since an instant. It tells nothing else of the log, and the
// caller answers for who may know.
func Looked(ctx context.Context, q sqldb.Querier, tenant area.Tenant, l Look) (bool, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT 1 FROM audit_entry WHERE kabkota = ` + a.P(int64(tenant)) + ` AND subject = ` + a.P(l.Subject) + ` AND at >= ` + a.P(l.Since.UnixMicro()) +
		` AND act IN ` + sqldb.In(a, l.Acts)
	if l.Facts != "" {
		query += ` AND facts LIKE ` + a.P("%"+l.Facts+"%")
	}
	var one int
	found, err := sqldb.Found(q.QueryRow(ctx, query+` LIMIT 1`, a.Values...).Scan(&one))
	if err != nil {
		return false, fmt.Errorf("read whether somebody looked: %w", err)
	}
	return found, nil
}

// ActorsOf tells who did an act about each of some subjects of a tenant; of several the latest. It tells nothing else of
// the log, and the caller answers for who may know.
func ActorsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, action string, subjects []sqldb.ID) (map[sqldb.ID]sqldb.ID, error) {
	out := make(map[sqldb.ID]sqldb.ID, len(subjects))
	if len(subjects) == 0 {
		return out, nil
	}
	a := sqldb.NewArgs(q)
	query := `SELECT subject, actor_id FROM audit_entry WHERE kabkota = ` + a.P(int64(tenant)) + ` AND act = ` + a.P(action) +
		` AND subject IN ` + sqldb.In(a, subjects) + ` ORDER BY id`
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var subject, actor sqldb.ID
		err := r.Scan(&subject, &actor)
		out[subject] = actor
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read who did an act: %w", err)
	}
	return out, nil
}
