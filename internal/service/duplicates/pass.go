package duplicates

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// When one of three records is merged away, the question whether the third is the same person does not go with it: the
// pairs of the merged record pass to the kept one at once. They are worked out from two things alone, the pairs that were
// found and the merges in force, so that an undo, in whatever order, brings back what was there.

// mostPassed bounds how many records of one person, and pairs of theirs, are followed.
const mostPassed = 500

// passing is the records around a merge or its undo, and their pairs.
type passing struct {
	s    *Service
	tx   *act.Tx
	kept map[sqldb.ID]Ref // of each record merged into one of these: into which
	all  []Ref            // the records, the first ones of which the merge is
	rows []Pair
	seen map[sqldb.ID]Ref // whom other records are today
}

// passIn brings the pairs around records in step with the merges in force: it queues those that pass to a kept record, and
// takes away those that passed to it and do so no more, unless somebody has decided, or a search found them of itself.
func (s *Service) passIn(ctx context.Context, tx *act.Tx, around ...Ref) (passed int, err error) {
	p := passing{s: s, tx: tx, kept: map[sqldb.ID]Ref{}, all: around, seen: map[sqldb.ID]Ref{}}
	if err := p.gather(ctx); err != nil {
		return 0, fmt.Errorf("read records of one person: %w", err)
	}
	due := map[sides][2]Ref{}
	there := map[sides]bool{}
	for _, row := range p.rows {
		there[sidesOf(row.Left.ID, row.Right.ID)] = true
		if row.Kind == Passed || row.State != Open && row.State != Awaiting {
			continue
		}
		left, err := p.today(ctx, row.Left)
		if err != nil {
			return 0, err
		}
		right, err := p.today(ctx, row.Right)
		if err != nil {
			return 0, err
		}
		if left.ID != right.ID && (left != row.Left || right != row.Right) {
			due[sidesOf(left.ID, right.ID)] = [2]Ref{left, right}
		}
	}
	for _, row := range p.rows {
		who := sidesOf(row.Left.ID, row.Right.ID)
		if _, still := due[who]; still || row.Kind != Passed || row.State != Open || row.Weight >= s.model.LinkBits() {
			continue
		}
		if err := dropPair(ctx, tx, row); err != nil {
			return 0, err
		}
	}
	return p.queue(ctx, due, there)
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

// queue queues the pairs that are due, of records that are there, and gives how many are new.
func (p *passing) queue(ctx context.Context, due map[sides][2]Ref, there map[sides]bool) (n int, err error) {
	byTenant := map[area.Tenant][]finding{}
	for who, pair := range due {
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
			n++
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
