package programmes

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// ListState is where a list stands. Its words are programmes.list.<state> of the catalogue.
type ListState string

// The states of a list, see the package.
const (
	Building   ListState = "building"
	Draft      ListState = "draft"
	Frozen     ListState = "frozen"
	Ending     ListState = "ending" // another one is in force; its rows are being ended
	Superseded ListState = "superseded"
	Undone     ListState = "undone"
)

// List is everybody a programme's rule admits in a district for a month, by priority.
type List struct {
	Tenant    area.Tenant
	ID        sqldb.ID // that of the run that made it
	Version   int64
	Programme programme.ID
	Period    period.Month
	AsOf      period.Date
	Quota     int64
	Demand    int64
	Enrolled  int64
	Waiting   int64
	State     ListState
	Decree    sqldb.ID // zero until it is frozen
	// Digest is SHA-256 over every place in order, hex.
	Digest     string
	RecordedAt time.Time
}

// State says how somebody stands on a list. The numbers are stored; its words are
// programmes.state.<name> of the catalogue.
type State int16

// The states of an enrolment. Only Enrolled receives.
const (
	Enrolled  State = 1
	Waiting   State = 2 // no place is free
	Suspended State = 3
	Ended     State = 4
	Selected  State = 5 // on a draft, with a place
	WouldWait State = 6 // on a draft, without one
)

var stateNames = [...]string{Enrolled: "enrolled", Waiting: "waiting", Suspended: "suspended", Ended: "ended", Selected: "selected", WouldWait: "would_wait"}

// String gives the stable word of the state.
func (s State) String() string {
	if s < Enrolled || s > WouldWait {
		return "unknown"
	}
	return stateNames[s]
}

// Enrolment is one place on a list.
type Enrolment struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Version   int64
	List      sqldb.ID
	Programme programme.ID
	Family    sqldb.ID
	// Person is whom a personal programme is for, else the payee; zero when the family has no adult.
	Person      sqldb.ID
	Area        area.Code
	Position    int64 // by priority, from 1
	State       State
	Amount      money.Rupiah // for a stage
	From, To    period.Date  // To is zero while it lasts
	EndedReason string       // programmes.ended.<reason> of the catalogue
	working     string
}

const listColumns = `kabkota, id, version, programme, period, as_of, quota, demand, enrolled, waiting, state, decree_id, digest, recorded_at`

func scanList(r sqldb.Row) (l List, err error) {
	var tenant, recorded int64
	var month, asOf string
	err = r.Scan(&tenant, &l.ID, &l.Version, &l.Programme, &month, &asOf, &l.Quota, &l.Demand, &l.Enrolled, &l.Waiting, &l.State, &l.Decree, &l.Digest, &recorded)
	if err != nil {
		return l, err
	}
	l.Tenant, l.RecordedAt = area.Tenant(tenant), time.UnixMicro(recorded).UTC()
	if l.Period, err = period.ParseMonth(month); err != nil {
		return l, err
	}
	l.AsOf, err = period.ParseDate(asOf)
	return l, err
}

// listByID reads a list. Error: programme.no_list.
func listByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (List, error) {
	l, err := scanList(q.QueryRow(ctx, `SELECT `+listColumns+` FROM programme_list WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(l, err, "read list", fail.NotFound("programme.no_list"))
}

// listsIn reads the lists of a programme in one of the states, the newest first; "" means every programme.
func listsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID, states ...ListState) ([]List, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + listColumns + ` FROM programme_list WHERE kabkota = ` + a.P(int64(tenant))
	if id != "" {
		query += ` AND programme = ` + a.P(string(id))
	}
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	query += ` AND state IN ` + sqldb.In(a, words) + ` ORDER BY recorded_at DESC, id DESC LIMIT ` + a.P(int64(maxList))
	list, err := sqldb.Collect(ctx, q, query, a.Values, scanList)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	return list, nil
}

// putList writes the row of a list that is being built; a run that is worked out anew writes it again.
func putList(ctx context.Context, tx *act.Tx, d *draft) error {
	x := d.plan
	_, err := tx.Exec(ctx, `
		INSERT INTO programme_list (kabkota, id, version, run_id, programme, period, as_of, quota, demand, enrolled, waiting, state, decree_id, digest,
			recorded_at, act_id)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, 'building', NULL, $11, $12, $13)
		ON CONFLICT (kabkota, id) DO UPDATE SET version = programme_list.version + 1, quota = excluded.quota, demand = excluded.demand,
			enrolled = excluded.enrolled, waiting = excluded.waiting, digest = excluded.digest, recorded_at = excluded.recorded_at, act_id = excluded.act_id
		WHERE programme_list.state = 'building'`,
		int64(x.run.Tenant), x.run.ID, x.run.ID, string(x.p.ID), x.set.Period.Text(), x.set.AsOf.Text(), x.quota, int64(len(d.order)),
		int64(d.enrolled), int64(len(d.order)-d.enrolled), d.digest, tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep list: %w", err)
	}
	return nil
}

// moveList puts a list into another state. Error: programme.list_state when it is not in one of those.
func moveList(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID, to ListState, from ...ListState) error {
	a := sqldb.NewArgs(tx)
	words := make([]string, len(from))
	for i, s := range from {
		words[i] = string(s)
	}
	n, err := tx.Exec(ctx, `UPDATE programme_list SET version = version + 1, state = `+a.P(string(to))+`, recorded_at = `+a.P(tx.Micros())+`, act_id = `+a.P(tx.Act)+`
		WHERE kabkota = `+a.P(int64(tenant))+` AND id = `+a.P(id)+` AND state IN `+sqldb.In(a, words), a.Values...)
	if err != nil {
		return fmt.Errorf("move list: %w", err)
	}
	if n == 0 {
		l, err := listByID(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		return wrongState(l)
	}
	return nil
}

func wrongState(l List) error {
	return fail.Conflict("programme.list_state", "programme", string(l.Programme), "period", l.Period.Text(), "state", string(l.State))
}
