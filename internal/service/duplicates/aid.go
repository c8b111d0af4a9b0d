package duplicates

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Aid is what a person or her family receives and received.
type Aid struct {
	Programmes []string // enrolled, waiting or suspended now, each once
	Enrolled   bool     // at least one of them is paid
	Payments   int64    // in any state, of any cycle
}

// Any reports whether there is anything.
func (a Aid) Any() bool { return len(a.Programmes) > 0 || a.Payments > 0 }

// aidIn reads the aid of a person and her family. Programmes and payments keep those
// tables; here they are only read, because who may merge depends on them.
func aidIn(ctx context.Context, q sqldb.Querier, p registry.Person) (Aid, error) {
	var a Aid
	err := sqldb.Each(ctx, q, `
		SELECT programme, min(state) FROM enrolment
		WHERE kabkota = $1 AND (person_id = $2 OR family_id = $3) AND state IN (1, 2, 3)
		GROUP BY programme ORDER BY programme`, []any{int64(p.Tenant), p.ID, p.FamilyID}, func(r sqldb.Row) error {
		var programme string
		var state int64
		err := r.Scan(&programme, &state)
		a.Programmes, a.Enrolled = append(a.Programmes, programme), a.Enrolled || state == 1
		return err
	})
	if err != nil {
		return a, fmt.Errorf("read enrolments: %w", err)
	}
	err = q.QueryRow(ctx, `
		SELECT count(*) FROM payment WHERE kabkota = $1 AND (person_id = $2 OR family_id = $3)`, int64(p.Tenant), p.ID, p.FamilyID).Scan(&a.Payments)
	if err != nil {
		return a, fmt.Errorf("count payments: %w", err)
	}
	a.Programmes = slices.Compact(a.Programmes)
	return a, nil
}
