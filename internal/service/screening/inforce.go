package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Exclusion is who of a family may not receive while findings are in force.
type Exclusion struct {
	// Family tells that nobody of the family may receive; Criterion is why.
	Family    bool
	Criterion string
	// Persons are the members who may not, each with the criterion that says so.
	Persons map[sqldb.ID]string
	// NewPayee tells that the family has been asked for another payee and receives when it
	// has named one.
	NewPayee bool
}

// ExclusionsIn gives, by family, who may not receive. Families of whom nobody is excluded
// are not in the result.
func (s *Service) ExclusionsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) (map[sqldb.ID]Exclusion, error) {
	out := map[sqldb.ID]Exclusion{}
	err := eachChunk(families, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := inForceQuery + ` AND kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error { return exclude(out, r) })
	})
	if err != nil {
		return nil, fmt.Errorf("read exclusions: %w", err)
	}
	return out, nil
}

// AllExclusionsIn is ExclusionsIn for every family of a tenant, for who goes through all of them.
func (s *Service) AllExclusionsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (map[sqldb.ID]Exclusion, error) {
	out := map[sqldb.ID]Exclusion{}
	err := sqldb.Each(ctx, q, inForceQuery+` AND kabkota = $1`, []any{int64(tenant)}, func(r sqldb.Row) error { return exclude(out, r) })
	if err != nil {
		return nil, fmt.Errorf("read exclusions: %w", err)
	}
	return out, nil
}

const inForceQuery = `SELECT family_id, person_id, criterion, hits FROM finding WHERE effective_on <> ''`

func exclude(out map[sqldb.ID]Exclusion, r sqldb.Row) error {
	var family, person sqldb.ID
	var criterion string
	var hits int64
	if err := r.Scan(&family, &person, &criterion, &hits); err != nil {
		return err
	}
	e := out[family]
	switch hitCodes[hits] {
	case eligibility.HitsFamily:
		if !e.Family || criterion < e.Criterion { // one of several, whatever the order of the rows
			e.Family, e.Criterion = true, criterion
		}
	case eligibility.HitsPayee:
		e.NewPayee = true
	default:
		if e.Persons == nil {
			e.Persons = map[sqldb.ID]string{}
		}
		if held, known := e.Persons[person]; !known || criterion < held {
			e.Persons[person] = criterion
		}
	}
	out[family] = e
	return nil
}

// PayeeNamedIn takes the request for another payee back when a family has named one, in an
// act that has its permission, and gives how many findings that settled.
func (s *Service) PayeeNamedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, family sqldb.ID) (int64, error) {
	list, err := findingsOf(ctx, tx, tenant, []sqldb.ID{family})
	if err != nil {
		return 0, err
	}
	list = slices.DeleteFunc(list, func(f Finding) bool { return f.Hits != eligibility.HitsPayee || !f.State.Open() })
	from := make([]State, len(list))
	for i := range list {
		from[i], list[i].DecidedBy = list[i].State, tx.Who.ID
	}
	if len(list) == 0 {
		return 0, nil
	}
	if _, err := s.takeBackIn(ctx, tx, list, Dismissed); err != nil {
		return 0, err
	}
	for i, f := range list {
		if err := s.told(ctx, tx, f, Event{Action: actionSettle, From: from[i], To: f.State}); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}

// RemovedFigures counts who is off the list.
type RemovedFigures struct {
	// Persons are different persons, see the package.
	Persons int64
	// ByCriterion counts the different persons each criterion has off the list; who is hit by
	// two counts at both.
	ByCriterion map[string]int64
	// NewPayee counts the families that were asked for another payee.
	NewPayee int64
}

// RemovedIn counts from the findings in force, in an area of a tenant.
func (s *Service) RemovedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (out RemovedFigures, err error) {
	from, to := at.Range()
	args := []any{int64(tenant), int64(from), int64(to)}
	if err := q.QueryRow(ctx, `SELECT count(DISTINCT x.id) FROM (`+offTheList+`) x`, args...).Scan(&out.Persons); err != nil {
		return out, fmt.Errorf("count removed persons: %w", err)
	}
	out.ByCriterion = map[string]int64{}
	err = sqldb.Each(ctx, q, `SELECT x.criterion, count(DISTINCT x.id) FROM (`+offTheList+`) x GROUP BY x.criterion`, args, func(r sqldb.Row) error {
		var criterion string
		var n int64
		err := r.Scan(&criterion, &n)
		out.ByCriterion[criterion] = n
		return err
	})
	if err != nil {
		return out, fmt.Errorf("count removed persons by criterion: %w", err)
	}
	err = q.QueryRow(ctx, `
		SELECT count(DISTINCT family_id) FROM finding
		WHERE kabkota = $1 AND area_code >= $2 AND area_code < $3 AND effective_on <> '' AND hits = 2`, args...).Scan(&out.NewPayee)
	if err != nil {
		return out, fmt.Errorf("count families without payee: %w", err)
	}
	return out, nil
}

// offTheList gives person and criterion: those hit themselves, and the active members of
// families hit.
const offTheList = `
	SELECT person_id AS id, criterion FROM finding
	WHERE kabkota = $1 AND area_code >= $2 AND area_code < $3 AND effective_on <> '' AND hits = 1
	UNION ALL
	SELECT p.id, f.criterion FROM finding f
	JOIN person p ON p.kabkota = f.kabkota AND p.family_id = f.family_id AND p.state = 1
	WHERE f.kabkota = $1 AND f.area_code >= $2 AND f.area_code < $3 AND f.effective_on <> '' AND f.hits = 3`

// Standing counts the findings that are not in force.
type Standing struct {
	Waiting  int64 // for verification or a decision
	Noticed  int64 // the family was told, and its time to object runs
	Appealed int64
}

// StandingIn counts the findings of an area of a tenant that have removed nobody yet.
func (s *Service) StandingIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (out Standing, err error) {
	from, to := at.Range()
	err = sqldb.Each(ctx, q, `
		SELECT state, count(*) FROM finding
		WHERE kabkota = $1 AND area_code >= $2 AND area_code < $3 AND state IN ('found', 'noticed', 'appealed') GROUP BY state`,
		[]any{int64(tenant), int64(from), int64(to)}, func(r sqldb.Row) error {
			var state State
			var n int64
			err := r.Scan(&state, &n)
			switch state {
			case Found:
				out.Waiting = n
			case Noticed:
				out.Noticed = n
			case Appealed:
				out.Appealed = n
			}
			return err
		})
	if err != nil {
		return out, fmt.Errorf("count standing findings: %w", err)
	}
	return out, nil
}
