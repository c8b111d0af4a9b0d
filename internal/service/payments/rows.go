package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Repair is where a row stands in the repair queue. The words are stored.
type Repair string

// The standings in the queue.
const (
	NothingToRepair Repair = ""
	RepairOpen      Repair = "open"
	Repaired        Repair = "done"
)

// row is a payment as it is stored.
type row struct {
	tenant     area.Tenant
	id         sqldb.ID
	version    int64
	cycle      sqldb.ID
	enrolment  sqldb.ID
	family     sqldb.ID
	person     sqldb.ID
	area       area.Code
	amount     money.Rupiah
	account    []byte // sealed
	state      payment.Status
	final      payment.Status
	code       string
	creditedOn period.Date
	usedOn     period.Date
	returnedOn period.Date
	excluded   payment.Status
	channel    string
	repair     Repair
	changedAt  time.Time
	act        sqldb.ID
}

// rowColumns are the columns of a payment, of the table or alias p.
const rowColumns = `p.kabkota, p.id, p.version, p.cycle_id, p.enrolment_id, p.family_id, p.person_id, p.area_code, p.amount, p.account, p.state, p.final,
	p.code, p.credited_on, p.used_on, p.returned_on, p.excluded, p.channel, p.repair, p.recorded_at, p.act_id`

// fields gives where Scan puts the columns; done reads what has no type of its own.
func (p *row) fields() (targets []any, done func() error) {
	var tenant, code, amount, changed int64
	var state, final, excluded, repair, credited, used, returned string
	return []any{
			&tenant, &p.id, &p.version, &p.cycle, &p.enrolment, &p.family, &p.person, &code, &amount, &p.account, &state, &final,
			&p.code, &credited, &used, &returned, &excluded, &p.channel, &repair, &changed, &p.act,
		}, func() error {
			p.tenant, p.area, p.amount, p.changedAt = area.Tenant(tenant), area.Code(code), money.Rupiah(amount), time.UnixMicro(changed).UTC()
			p.state, p.final, p.excluded, p.repair = payment.Status(state), unstored(final), payment.Status(excluded), Repair(repair)
			for _, d := range []struct {
				into *period.Date
				text string
			}{{&p.creditedOn, credited}, {&p.usedOn, used}, {&p.returnedOn, returned}} {
				if err := readDate(d.into, d.text); err != nil {
					return err
				}
			}
			return nil
		}
}

func scanRow(r sqldb.Row) (row, error) {
	var p row
	targets, done := p.fields()
	if err := r.Scan(targets...); err != nil {
		return p, err
	}
	return p, done()
}

// settle brings a row to a status, with what follows from it: whether it is final, and whether it waits to
// be repaired. A failure that was repaired waits again when it changes.
func (s *Service) settle(p *row, to payment.Status) {
	p.state, p.final = to, ""
	if to.Final() {
		p.final = to
	}
	p.repair = NothingToRepair
	if s.tables.Meaning(to).Repair {
		p.repair = RepairOpen
	}
}

// stored is how the table spells a final state; unstored reads it.
func stored(final payment.Status) string { return strings.ToLower(string(final)) }

func unstored(final string) payment.Status { return payment.Status(strings.ToUpper(final)) }

func rowIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (row, error) {
	p, err := scanRow(q.QueryRow(ctx, `SELECT `+rowColumns+` FROM payment p WHERE p.kabkota = $1 AND p.id = $2`, int64(tenant), id))
	return sqldb.Sole(p, err, "read payment", fail.NotFound("payments.unknown"))
}

// rowsAfter reads the rows of a stage that stand in one of the states, village by village.
func rowsAfter(ctx context.Context, q sqldb.Querier, c Cycle, states []payment.Status, after spot, limit int) ([]row, error) {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	a := sqldb.NewArgs(q)
	query := `SELECT ` + rowColumns + ` FROM payment p WHERE p.kabkota = ` + a.P(int64(c.Tenant)) + ` AND p.cycle_id = ` + a.P(c.ID) + `
		AND (p.area_code, p.id) > (` + a.P(int64(after.area)) + `, ` + a.P(floor(after.id)) + `) AND p.state IN ` + sqldb.In(a, words) + `
		ORDER BY p.area_code, p.id LIMIT ` + a.P(int64(limit))
	return sqldb.Collect(ctx, q, query, a.Values, scanRow)
}

// insertRows keeps new rows.
func insertRows(ctx context.Context, tx *act.Tx, rows []row) error {
	in := sqldb.Insert{Table: "payment", Columns: []string{
		"kabkota", "id", "version", "cycle_id", "enrolment_id", "family_id", "person_id", "area_code", "amount", "account", "state", "final",
		"code", "credited_on", "used_on", "returned_on", "excluded", "channel", "repair", "recorded_at", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		p := &rows[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(p.tenant), p.id, int64(1), p.cycle, p.enrolment, p.family
		v[6], v[7], v[8], v[9], v[10], v[11] = p.person, int64(p.area), int64(p.amount), bytesOrNil(p.account), string(p.state), stored(p.final)
		v[12], v[13], v[14], v[15] = p.code, p.creditedOn.Text(), p.usedOn.Text(), p.returnedOn.Text()
		v[16], v[17], v[18], v[19], v[20] = string(p.excluded), p.channel, string(p.repair), tx.Micros(), tx.Act
	})
	if err != nil {
		return fmt.Errorf("keep payments: %w", err)
	}
	return nil
}

func bytesOrNil(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// keepRows writes changed rows that are still as they were read, and gives how many.
func keepRows(ctx context.Context, tx *act.Tx, rows []row) (int64, error) {
	a := sqldb.NewArgs(tx)
	query := `UPDATE payment SET version = version + 1, person_id = ` + a.P(nil) + `, amount = ` + a.P(nil) + `, account = ` + a.P(nil) + `, state = ` + a.P(nil) + `, final = ` + a.P(nil) +
		`, code = ` + a.P(nil) + `, credited_on = ` + a.P(nil) + `, used_on = ` + a.P(nil) + `, returned_on = ` + a.P(nil) + `, excluded = ` + a.P(nil) +
		`, channel = ` + a.P(nil) + `, repair = ` + a.P(nil) + `, recorded_at = ` + a.P(nil) + `, act_id = ` + a.P(nil) +
		` WHERE kabkota = ` + a.P(nil) + ` AND id = ` + a.P(nil) + ` AND version = ` + a.P(nil)
	n, err := tx.ExecEach(ctx, query, len(a.Values), len(rows), func(i int, v []any) {
		p := &rows[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = p.person, int64(p.amount), bytesOrNil(p.account), string(p.state), stored(p.final), p.code
		v[6], v[7], v[8], v[9], v[10] = p.creditedOn.Text(), p.usedOn.Text(), p.returnedOn.Text(), string(p.excluded), p.channel
		v[11], v[12], v[13], v[14], v[15], v[16] = string(p.repair), tx.Micros(), tx.Act, int64(p.tenant), p.id, p.version
	})
	if err != nil {
		return n, fmt.Errorf("change payments: %w", err)
	}
	return n, nil
}

// event is one line of what happened to a row.
type event struct {
	row    *row // as it is after the event; its version is the one before
	action string
	from   payment.Status
	note   string
}

// insertEvents keeps what happened to rows.
func (s *Service) insertEvents(ctx context.Context, tx *act.Tx, events []event) error {
	in := sqldb.Insert{Table: "payment_event", Columns: []string{
		"kabkota", "payment_id", "seq", "at", "actor_id", "action", "from_state", "to_state", "code", "note", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(events), func(i int, v []any) {
		e := &events[i]
		v[0], v[1], v[2], v[3], v[4] = int64(e.row.tenant), e.row.id, e.row.version+1, tx.Micros(), sqldb.ID(tx.Who.ID)
		v[5], v[6], v[7], v[8], v[9], v[10] = e.action, string(e.from), string(e.row.state), e.row.code, bytesOrNil(s.sealed(e.note)), tx.Act
	})
	if err != nil {
		return fmt.Errorf("keep history of payments: %w", err)
	}
	return nil
}

// sealed seals a note or document about a payment; nothing gives nothing.
func (s *Service) sealed(text string) []byte {
	if text == "" {
		return nil
	}
	return s.keys.Seal(nil, seal.History, []byte(text))
}

func (s *Service) opened(sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.keys.Open(seal.History, sealed)
	return string(plain), err
}
