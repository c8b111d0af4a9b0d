package duplicates

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// When one of three records is merged away, the question whether the third is the same person does not go with it: the
// pairs of the merged record pass to the kept one at once, and so does the answer where somebody has found the third to be
// another person. They are worked out from two things alone, the pairs that were found or decided and the merges in force, so
// that an undo, in whatever order, brings back what was there.

// mostPassed bounds how many records of one person, and pairs of theirs, are followed.
const mostPassed = 500

// passedOn is the decision of a pair that nobody was asked about: one of the two took up a record which somebody has found to
// be another person than the other.
const passedOn = "passed"

// passing is the records around a merge or its undo, and their pairs.
type passing struct {
	s    *Service
	tx   *act.Tx
	kept map[sqldb.ID]Ref // of each record merged into one of these: into which
	all  []Ref            // the records, the first ones of which the merge is
	rows []Pair
	seen map[sqldb.ID]Ref // whom other records are today

	due   map[sides][2]Ref // pairs that have to be there
	apart map[sides]Pair   // those of them that are answered, with the answer
}

// moved says how many pairs were queued for a kept record, and how many answers passed to it.
type moved struct{ queued, apart int }

// passIn brings the pairs around records in step with the merges in force: it queues those that pass to a kept record, closes
// those that are answered, and takes back what passed and does so no more, unless somebody has decided, or a search found
// them of itself.
func (s *Service) passIn(ctx context.Context, tx *act.Tx, around ...Ref) (n moved, err error) {
	p, err := s.passingOf(ctx, tx, around)
	if err != nil {
		return n, err
	}
	if err := p.work(ctx); err != nil {
		return n, err
	}
	there := map[sides]bool{}
	for i := range p.rows {
		gone, err := p.takeBack(ctx, &p.rows[i])
		if err != nil {
			return n, err
		}
		there[sidesOf(p.rows[i].Left.ID, p.rows[i].Right.ID)] = !gone
	}
	if n.queued, err = p.queue(ctx, there); err != nil {
		return n, err
	}
	n.apart, err = p.answer(ctx)
	return n, err
}

func (s *Service) passingOf(ctx context.Context, tx *act.Tx, around []Ref) (*passing, error) {
	p := &passing{s: s, tx: tx, kept: map[sqldb.ID]Ref{}, all: around, seen: map[sqldb.ID]Ref{}, due: map[sides][2]Ref{}, apart: map[sides]Pair{}}
	if err := p.gather(ctx); err != nil {
		return nil, fmt.Errorf("read records of one person: %w", err)
	}
	return p, nil
}

// work works out which pairs have to be there, and which are answered.
func (p *passing) work(ctx context.Context) error {
	for _, row := range p.rows {
		answered := row.State == Distinct && row.Decision != passedOn
		asked := row.Kind != Passed && (row.State == Open || row.State == Awaiting || row.Decision == passedOn)
		if !asked && !answered {
			continue
		}
		left, right, err := p.bothToday(ctx, row)
		if err != nil {
			return err
		}
		if left.ID == right.ID || left == row.Left && right == row.Right {
			continue
		}
		who := sidesOf(left.ID, right.ID)
		p.due[who] = [2]Ref{left, right}
		if answered {
			p.apart[who] = row
		}
	}
	return nil
}

func (p *passing) bothToday(ctx context.Context, row Pair) (left, right Ref, err error) {
	if left, err = p.today(ctx, row.Left); err == nil {
		right, err = p.today(ctx, row.Right)
	}
	return left, right, err
}

// takeBack takes away a pair that was queued because of a merge only, and opens one that was answered because of a merge only,
// where that holds no more; gone tells that the pair is no more.
func (p *passing) takeBack(ctx context.Context, row *Pair) (gone bool, err error) {
	who := sidesOf(row.Left.ID, row.Right.ID)
	if _, holds := p.apart[who]; row.Decision == passedOn && !holds {
		row.State, row.Decision, row.DecidedBy, row.DecidedAt = Open, "", sqldb.ID{}, time.Time{}
		if err := p.s.changePair(ctx, p.tx, row); err != nil {
			return false, err
		}
	}
	if _, still := p.due[who]; still || row.Kind != Passed || row.State != Open || row.Weight >= p.s.model.LinkBits() {
		return false, nil
	}
	return true, dropPair(ctx, p.tx, *row)
}

// answer closes the pairs that are answered and gives how many.
func (p *passing) answer(ctx context.Context) (n int, err error) {
	for _, who := range slices.SortedFunc(maps.Keys(p.apart), compareSides) {
		row, found, err := p.pairOf(ctx, who)
		if err != nil {
			return n, fmt.Errorf("read answered pair: %w", err)
		}
		if !found || row.State != Open {
			continue // one of the two is gone, or somebody has decided
		}
		row.State, row.Decision, row.DecidedBy, row.DecidedAt = Distinct, passedOn, p.apart[who].DecidedBy, p.apart[who].DecidedAt
		if err := p.s.changePair(ctx, p.tx, &row); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// pairOf gives the pair of two records: one of those read, whichever of the two stands left, or one queued since.
func (p *passing) pairOf(ctx context.Context, who sides) (row Pair, found bool, err error) {
	for _, row := range p.rows {
		if sidesOf(row.Left.ID, row.Right.ID) == who {
			return row, true, nil
		}
	}
	keeper := p.due[who][0]
	if p.due[who][1].ID == who[0] {
		keeper = p.due[who][1]
	}
	row, err = p.s.scanPair(p.tx.QueryRow(ctx, `SELECT `+pairColumns+` FROM link_pair l WHERE l.kabkota = $1 AND l.left_id = $2 AND l.right_id = $3`, int64(keeper.Tenant), who[0], who[1]))
	found, err = sqldb.Found(err)
	return row, found, err
}

// openAnswers takes back the answers that passed to a pair: whoever opens it doubts them.
func (s *Service) openAnswers(ctx context.Context, tx *act.Tx, of Pair) error {
	p, err := s.passingOf(ctx, tx, []Ref{of.Left, of.Right})
	if err != nil {
		return err
	}
	for i := range p.rows {
		row := &p.rows[i]
		if row.State != Distinct || row.Decision == passedOn || row.ID == of.ID {
			continue
		}
		left, right, err := p.bothToday(ctx, *row)
		if err != nil {
			return err
		}
		if sidesOf(left.ID, right.ID) != sidesOf(of.Left.ID, of.Right.ID) {
			continue
		}
		row.State, row.Decision, row.Note, row.DecidedBy, row.DecidedAt = Open, "", "", sqldb.ID{}, time.Time{}
		if err := s.changePair(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// followIn has other pairs follow a decision about one, whoever its two records are today.
func (s *Service) followIn(ctx context.Context, tx *act.Tx, of Pair) (moved, error) {
	p := &passing{s: s, tx: tx, kept: map[sqldb.ID]Ref{}, seen: map[sqldb.ID]Ref{}}
	left, right, err := p.bothToday(ctx, of)
	if err != nil {
		return moved{}, err
	}
	return s.passIn(ctx, tx, left, right)
}

// gather reads the records merged into those around, and all pairs of any of them.
func (p *passing) gather(ctx context.Context) error {
	for ask := p.all; len(ask) > 0 && len(p.all) < mostPassed; {
		a := sqldb.NewArgs(p.tx)
		// -- national: the records may be of any district (kabkota)
		query := `SELECT merged_kabkota, merged_id, kept_kabkota, kept_id FROM merge
			WHERE kabkota IN (SELECT kabkota FROM tenant) AND state = 'done' AND kept_id IN ` + sqldb.In(a, idsOf(ask)) + ` ORDER BY id`
		more, err := sqldb.Collect(ctx, p.tx, query, a.Values, func(r sqldb.Row) (out [2]Ref, err error) {
			var merged, kept int64
			err = r.Scan(&merged, &out[0].ID, &kept, &out[1].ID)
			out[0].Tenant, out[1].Tenant = area.Tenant(merged), area.Tenant(kept)
			return out, err
		})
		if err != nil {
			return err
		}
		ask = nil
		for _, m := range more {
			if _, twice := p.kept[m[0].ID]; !twice {
				p.kept[m[0].ID] = m[1]
				ask = append(ask, m[0])
			}
		}
		p.all = append(p.all[:len(p.all):len(p.all)], ask...)
	}
	for _, side := range []string{"left_id", "right_id"} {
		a := sqldb.NewArgs(p.tx)
		// -- national: a pair is kept by the district of its left person, which may be any (kabkota)
		query := `SELECT ` + pairColumns + ` FROM link_pair l WHERE l.kabkota IN (SELECT kabkota FROM tenant) AND l.` + side + ` IN ` + sqldb.In(a, idsOf(p.all)) +
			` ORDER BY l.kabkota, l.id LIMIT ` + a.P(int64(mostPassed))
		some, err := sqldb.Collect(ctx, p.tx, query, a.Values, p.s.scanPair)
		if err != nil {
			return err
		}
		for _, one := range some {
			if !slices.ContainsFunc(p.rows, func(o Pair) bool { return o.ID == one.ID }) {
				p.rows = append(p.rows, one)
			}
		}
	}
	return nil
}

func idsOf(list []Ref) []sqldb.ID {
	out := make([]sqldb.ID, len(list))
	for i := range list {
		out[i] = list[i].ID
	}
	return out
}

// today gives the record a record is today: itself, or the one it was merged into in the end.
func (p *passing) today(ctx context.Context, of Ref) (Ref, error) {
	if now, known := p.seen[of.ID]; known {
		return now, nil
	}
	now := of
	for range mostPassed {
		next, merged := p.kept[now.ID]
		if !merged {
			var err error
			if next, merged, err = p.into(ctx, now); err != nil {
				return of, fmt.Errorf("follow merges: %w", err)
			}
		}
		if !merged {
			break
		}
		now = next
	}
	p.seen[of.ID] = now
	return now, nil
}

// into gives the record another was merged into, by the pair of the two.
func (p *passing) into(ctx context.Context, of Ref) (kept Ref, merged bool, err error) {
	for _, side := range []string{"left_id", "right_id"} {
		var tenant int64
		// -- national: the pair is kept by the district of its left person, which may be any (kabkota)
		err = p.tx.QueryRow(ctx, `SELECT m.kept_kabkota, m.kept_id FROM merge m WHERE m.kabkota IN (SELECT kabkota FROM tenant) AND m.state = 'done' AND m.merged_id = $1
			AND m.pair_id IN (SELECT l.id FROM link_pair l WHERE l.kabkota = m.kabkota AND l.`+side+` = $1)`, of.ID).Scan(&tenant, &kept.ID)
		if merged, err = sqldb.Found(err); merged || err != nil {
			kept.Tenant = area.Tenant(tenant)
			return kept, merged, err
		}
	}
	return kept, false, nil
}

// queue queues the pairs that are due, of records that are there, and gives how many of them are new questions.
func (p *passing) queue(ctx context.Context, there map[sides]bool) (n int, err error) {
	byTenant := map[area.Tenant][]finding{}
	for who, pair := range p.due {
		if there[who] {
			continue
		}
		left, right := pair[0], pair[1]
		if before(right.ID, left.ID) {
			left, right = right, left
		}
		a, here, err := p.active(ctx, left)
		if err != nil {
			return n, err
		}
		b, too, err := p.active(ctx, right)
		if err != nil {
			return n, err
		}
		if here && too {
			byTenant[left.Tenant] = append(byTenant[left.Tenant], finding{left: left.ID, right: right.ID, area: a.Area, rightArea: b.Area, rightTenant: right.Tenant, kind: Passed, reasons: "{}"})
			if _, answered := p.apart[who]; !answered {
				n++
			}
		}
	}
	for tenant, list := range byTenant {
		slices.SortFunc(list, compareFindings)
		if err := insertPairs(ctx, p.tx, tenant, list); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *passing) active(ctx context.Context, of Ref) (registry.Person, bool, error) {
	one, err := p.s.reg.PersonIn(ctx, p.tx, of.Tenant, of.ID)
	if fail.CodeOf(err) == "registry.no_person" {
		return one, false, nil
	}
	return one, err == nil && one.State == registry.Active, err
}

// dropPair takes away an open pair that nobody has decided and that was queued only because of a merge.
func dropPair(ctx context.Context, tx *act.Tx, p Pair) error {
	n, err := tx.Exec(ctx, `DELETE FROM link_pair WHERE kabkota = $1 AND id = $2 AND version = $3 AND state = 'open'`, int64(p.Tenant), p.ID, p.Version)
	if err != nil {
		return fmt.Errorf("drop passed pair: %w", err)
	}
	if n == 0 {
		return fail.Conflict("duplicates.changed")
	}
	return nil
}
