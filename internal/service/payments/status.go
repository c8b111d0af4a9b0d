package payments

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// StatusRow is what the level above says of one recipient of a stage it pays, as a file of SIKS-NG shows it.
type StatusRow struct {
	Line    int64
	NIK     person.NIK
	Amount  money.Rupiah
	Status  payment.Status // read by payment.Tables.Parse
	Account Account

	hash sqldb.Hash
}

// ReadyStatus hashes the NIK of a row, outside any transaction.
func (s *Service) ReadyStatus(r *StatusRow) { r.hash = s.reg.NIKHash(r.NIK) }

// LoadStatusesIn keeps ready rows of a stage that the level above pays: a row is new, or brings a known one to
// another status. Files show what is the case, not every step to it, so any status that can be reached is taken;
// a row that ended stays ended. Errors of rows: payments.status_nobody when nobody active holds the NIK,
// payments.result_twice, payments.result_amount, payment.transition. It asks for the right to run payments and records nothing: its caller does.
func (s *Service) LoadStatusesIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, cycle sqldb.ID, rows []StatusRow) (ResultReport, error) {
	out := ResultReport{Rows: int64(len(rows)), ByState: map[payment.Status]int64{}}
	district, err := s.district(tenant)
	if err != nil {
		return out, err
	}
	if err := tx.Allow(access.RunPayment, tenant, district); err != nil {
		return out, err
	}
	c, err := cycleIn(ctx, tx, tenant, cycle)
	if err != nil {
		return out, err
	}
	if c.OwnMoney || c.State != Open {
		return out, wrongStage(c)
	}
	l := statusLoad{s: s, cycle: c, out: &out, seen: map[sqldb.ID]bool{}}
	if err := l.sort(ctx, tx, rows); err != nil {
		return out, err
	}
	return out, l.keep(ctx, tx)
}

// statusLoad is a list of statuses under way.
type statusLoad struct {
	s       *Service
	cycle   Cycle
	out     *ResultReport
	seen    map[sqldb.ID]bool // persons of this list
	fresh   []row
	changed []row
	events  []event
	from    []payment.Status
	grown   money.Rupiah // of the stage, beside new rows
}

// recipient is the holder of a NIK with her row of the stage, if there is one.
type recipient struct {
	person, family sqldb.ID
	area           area.Code
	held           *row
}

func (l *statusLoad) sort(ctx context.Context, tx *act.Tx, rows []StatusRow) error {
	hashes := make([]sqldb.Hash, 0, len(rows))
	for i := range rows {
		if !rows[i].hash.IsZero() {
			hashes = append(hashes, rows[i].hash)
		}
	}
	known, err := recipientsByNIK(ctx, tx, l.cycle, hashes)
	if err != nil {
		return fmt.Errorf("find recipients: %w", err)
	}
	for i := range rows {
		r := &rows[i]
		who, found := known[r.hash]
		switch {
		case !found:
			l.reject(r, sqldb.ID{}, fail.NotFound("payments.status_nobody").On("nik"))
		case l.seen[who.person]:
			l.reject(r, sqldb.ID{}, fail.Conflict("payments.result_twice"))
		case who.held == nil:
			l.seen[who.person] = true
			l.add(r, who)
		default:
			l.seen[who.person] = true
			if err := l.move(r, *who.held); err != nil {
				l.reject(r, who.held.id, err)
			}
		}
	}
	return nil
}

func (l *statusLoad) reject(r *StatusRow, id sqldb.ID, err error) {
	l.out.Rejected = append(l.out.Rejected, Rejected{Line: r.Line, Payment: id, Err: err})
}

// put brings a row to what the file says.
func (l *statusLoad) put(p *row, r *StatusRow) {
	l.s.settle(p, r.Status)
	p.excluded = ""
	if r.Amount > 0 {
		p.amount = r.Amount
	}
	if slices.Contains(payment.Exclusions(), r.Status) {
		p.excluded = r.Status
	}
	if !r.Account.IsZero() {
		p.account = l.s.sealAccount(r.Account)
	}
}

func (l *statusLoad) add(r *StatusRow, who recipient) {
	p := row{tenant: l.cycle.Tenant, id: sqldb.NewID(), cycle: l.cycle.ID, family: who.family, person: who.person, area: who.area}
	l.put(&p, r)
	l.fresh = append(l.fresh, p)
	l.count(&p)
}

func (l *statusLoad) count(p *row) {
	l.out.Applied++
	l.out.Amount += p.amount
	l.out.ByState[p.state]++
}

func (l *statusLoad) move(r *StatusRow, before row) error {
	if r.Amount != before.amount && r.Amount > 0 && before.amount > 0 { // "EXCLUDE (Rp0)" says nothing of the amount
		return fail.Conflict("payments.result_amount", "listed", int64(before.amount), "bank", int64(r.Amount))
	}
	if before.state == r.Status {
		l.out.Unchanged++
		return nil
	}
	if _, err := payment.Jump(before.state, r.Status); err != nil {
		return err
	}
	now := before
	l.put(&now, r)
	l.changed, l.from = append(l.changed, now), append(l.from, before.state)
	l.grown += now.amount - before.amount
	l.count(&now)
	return nil
}

func (l *statusLoad) keep(ctx context.Context, tx *act.Tx) error {
	if err := insertRows(ctx, tx, l.fresh); err != nil {
		return err
	}
	n, err := keepRows(ctx, tx, l.changed)
	if err != nil {
		return err
	}
	if n != int64(len(l.changed)) {
		return fail.Conflict("payments.changed")
	}
	for i := range l.changed {
		l.events = append(l.events, event{row: &l.changed[i], action: "status", from: l.from[i]})
	}
	if err := l.s.insertEvents(ctx, tx, l.events); err != nil {
		return err
	}
	if len(l.fresh)+len(l.changed) == 0 {
		return nil
	}
	l.cycle.Amount += l.grown
	for i := range l.fresh {
		l.cycle.Rows, l.cycle.Amount = l.cycle.Rows+1, l.cycle.Amount+l.fresh[i].amount
	}
	return keepCycle(ctx, tx, &l.cycle)
}

// recipientsByNIK reads who holds NIKs, and her row of the stage. It only reads the table person; of two active
// persons with one NIK the holder counts.
func recipientsByNIK(ctx context.Context, q sqldb.Querier, c Cycle, hashes []sqldb.Hash) (map[sqldb.Hash]recipient, error) {
	out := make(map[sqldb.Hash]recipient, len(hashes))
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	for some := range slices.Chunk(slices.Compact(hashes), inSize) {
		persons, err := holdersOf(ctx, q, c, some, out)
		if err != nil {
			return nil, err
		}
		rows, err := rowsOf(ctx, q, c, persons)
		if err != nil {
			return nil, err
		}
		for _, hash := range some {
			who := out[hash]
			if p, ok := rows[who.person]; ok {
				who.held = &p
				out[hash] = who
			}
		}
	}
	return out, nil
}

// holdersOf reads who of a district holds NIKs: first the holders, then their records, which a spread database keeps apart.
func holdersOf(ctx context.Context, q sqldb.Querier, c Cycle, hashes []sqldb.Hash, out map[sqldb.Hash]recipient) (persons []sqldb.ID, err error) {
	held, err := personsByNIK(ctx, q, c, hashes)
	if err != nil {
		return nil, err
	}
	ids := make([]sqldb.ID, 0, len(held))
	for id := range held {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	a := sqldb.NewArgs(q)
	query := `SELECT p.id, p.family_id, p.area_code FROM person p WHERE p.kabkota = ` + a.P(int64(c.Tenant)) + ` AND p.id IN ` + sqldb.In(a, ids) + ` AND p.state = 1 AND p.nik_state = 1`
	err = sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var code int64
		var who recipient
		err := r.Scan(&who.person, &who.family, &code)
		who.area = area.Code(code)
		for _, hash := range held[who.person] {
			out[hash] = who
		}
		persons = append(persons, who.person)
		return err
	})
	return persons, err
}

// personsByNIK reads which persons of the district hold NIKs.
func personsByNIK(ctx context.Context, q sqldb.Querier, c Cycle, hashes []sqldb.Hash) (map[sqldb.ID][]sqldb.Hash, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT person_id, nik_hash FROM nik_index WHERE nik_hash IN ` + sqldb.In(a, hashes) + ` AND kabkota = ` + a.P(int64(c.Tenant))
	out := map[sqldb.ID][]sqldb.Hash{}
	return out, eachHash(ctx, q, query, a, out)
}

// eachHash collects persons with their NIKs.
func eachHash(ctx context.Context, q sqldb.Querier, query string, a *sqldb.Args, out map[sqldb.ID][]sqldb.Hash) error {
	return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var id sqldb.ID
		var hash sqldb.Hash
		err := r.Scan(&id, &hash)
		if !slices.Contains(out[id], hash) {
			out[id] = append(out[id], hash)
		}
		return err
	})
}

func rowsOf(ctx context.Context, q sqldb.Querier, c Cycle, persons []sqldb.ID) (map[sqldb.ID]row, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + rowColumns + ` FROM payment p WHERE p.kabkota = ` + a.P(int64(c.Tenant)) + ` AND p.person_id IN ` + sqldb.In(a, persons) +
		` AND ` + inStage("p.cycle_id", a.P(c.ID))
	rows, err := sqldb.Collect(ctx, q, query, a.Values, scanRow)
	out := make(map[sqldb.ID]row, len(rows))
	for _, p := range rows {
		out[p.person] = p
	}
	return out, err
}
