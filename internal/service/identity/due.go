package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Whoever was written or changed is asked about once the index knows her: a few at once, many in pieces. The many stand in
// alike_due until their piece is done, so that a process that ends, however, leaves nobody out; the few are found again by
// the feed of changes, for the head of the file says up to which change everybody was asked about or stands there.

// standing is a place in the feeds of changes: the last change seen, and an id well before the first act behind it.
type standing struct {
	Marks marks    `json:"marks"`
	Floor sqldb.ID `json:"floor"`
}

const (
	// notedActs is how many acts are looked up at a time: an import writes up to 20,000 persons in one.
	notedActs = 10
	// notedAtOnce is how many persons one transaction notes.
	notedAtOnce = 2000
)

// changedBetween gives whom the changes from one standing to another wrote, up to a number and one more in all.
func changedBetween(ctx context.Context, q sqldb.Querier, from standing, to marks, most int) (map[area.Tenant][]sqldb.ID, error) {
	out, n := map[area.Tenant][]sqldb.ID{}, 0
	for _, tenant := range slices.Sorted(maps.Keys(to)) {
		if to[tenant].Seq <= from.Marks[tenant].Seq {
			continue
		}
		acts, err := momentsIn(ctx, q, tenant, from.Marks[tenant].Seq, to[tenant].Seq)
		if err != nil {
			return nil, err
		}
		if out[tenant], err = changedIn(ctx, q, tenant, acts, from.Floor, most-n); err != nil {
			return nil, err
		}
		if n += len(out[tenant]); n > most {
			break
		}
	}
	return out, nil
}

// note keeps whom the changes from one standing to another wrote, until they are asked about.
func (s *Service) note(ctx context.Context, from standing, to marks) error {
	q := s.acts.DB().Direct()
	for _, tenant := range slices.Sorted(maps.Keys(to)) {
		if to[tenant].Seq <= from.Marks[tenant].Seq {
			continue
		}
		acts, err := momentsIn(ctx, q, tenant, from.Marks[tenant].Seq, to[tenant].Seq)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(acts, notedActs) {
			ids, err := changedIn(ctx, q, tenant, some, from.Floor, mostCounted)
			if err != nil {
				return err
			}
			for few := range slices.Chunk(ids, notedAtOnce) {
				if err := s.keepDue(ctx, tenant, few); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Service) keepDue(ctx context.Context, tenant area.Tenant, ids []sqldb.ID) error {
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecEach(ctx, `INSERT INTO alike_due (kabkota, person_id) VALUES ($1, $2) ON CONFLICT (kabkota, person_id) DO NOTHING`, 2, len(ids), func(i int, v []any) {
			v[0], v[1] = int64(tenant), ids[i]
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("note who is to be asked about: %w", err)
	}
	return nil
}

// changes asks about whom the index has come to know of since the last time, and of whom a pair weighs more since, or notes them where
// they are many.
func (s *Service) changes(ctx context.Context, l *live) error {
	from, to := l.unasked()
	risen := l.risen()
	if from.Marks.behind(to.Marks) == 0 && len(risen) == 0 {
		return nil
	}
	var changed map[area.Tenant][]sqldb.ID
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		changed, err = changedBetween(ctx, tx, from, to.Marks, s.bounds.told)
		return err
	})
	if err != nil {
		l.riseAgain(risen)
		return err
	}
	list, among := slices.Clone(risen), map[Who]bool{}
	for _, w := range risen {
		among[w] = true
	}
	for _, tenant := range slices.Sorted(maps.Keys(changed)) {
		for _, id := range changed[tenant] {
			if w := (Who{Tenant: tenant, ID: id}); !among[w] {
				list = append(list, w)
			}
		}
	}
	if len(list) > s.bounds.told {
		err = cmp.Or(s.noteWho(ctx, risen), s.note(ctx, from, to.Marks))
	} else {
		err = s.tell(ctx, l, list)
	}
	if err != nil {
		l.riseAgain(risen)
		return err
	}
	l.askedUpTo(to)
	return nil
}

// noteWho keeps people until they are asked about.
func (s *Service) noteWho(ctx context.Context, list []Who) error {
	ids := map[area.Tenant][]sqldb.ID{}
	for _, w := range list {
		ids[w.Tenant] = append(ids[w.Tenant], w.ID)
	}
	for _, tenant := range slices.Sorted(maps.Keys(ids)) {
		for few := range slices.Chunk(ids[tenant], notedAtOnce) {
			if err := s.keepDue(ctx, tenant, few); err != nil {
				return err
			}
		}
	}
	return nil
}

// drain asks about those who were noted, some pieces at a time: what remains is for the next time, at once, so that the
// index goes on following the database between.
func (s *Service) drain(ctx context.Context, l *live) error {
	if s.told == nil {
		return nil
	}
	for range s.bounds.pieces {
		list, err := dueIn(ctx, s.acts.DB().Direct(), s.bounds.piece)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := errors.Join(ctx.Err(), s.tell(ctx, l, list)); err != nil {
			return err
		}
		if err := s.settle(ctx, list); err != nil {
			return err
		}
	}
	s.hurry()
	return nil
}

// dueIn reads the first of those who were noted.
func dueIn(ctx context.Context, q sqldb.Querier, most int) ([]Who, error) {
	// -- national: all districts (kabkota)
	list, err := sqldb.Collect(ctx, q, `SELECT kabkota, person_id FROM alike_due WHERE kabkota IN (SELECT kabkota FROM tenant) ORDER BY kabkota, person_id LIMIT $1`, []any{int64(most)}, func(r sqldb.Row) (w Who, err error) {
		var tenant int64
		err = r.Scan(&tenant, &w.ID)
		w.Tenant = area.Tenant(tenant)
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("read who is to be asked about: %w", err)
	}
	return list, nil
}

// settle takes away those who were asked about.
func (s *Service) settle(ctx context.Context, list []Who) error {
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecEach(ctx, `DELETE FROM alike_due WHERE kabkota = $1 AND person_id = $2`, 2, len(list), func(i int, v []any) {
			v[0], v[1] = int64(list[i].Tenant), list[i].ID
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("take away who was asked about: %w", err)
	}
	return nil
}

// dueCount counts those who were noted.
func dueCount(ctx context.Context, q sqldb.Querier) (n int, err error) {
	// -- national: all districts (kabkota)
	if err = q.QueryRow(ctx, `SELECT count(*) FROM alike_due WHERE kabkota IN (SELECT kabkota FROM tenant)`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count who is to be asked about: %w", err)
	}
	return n, nil
}

// Unasked counts those who were written by the thousand at once and wait for a look at who else they may be.
func (s *Service) Unasked(ctx context.Context) (int, error) {
	return dueCount(ctx, s.acts.DB().Direct())
}

// unasked gives up to which change everybody was asked about, and up to which the index knows them.
func (l *live) unasked() (from, to standing) {
	l.catching.Lock()
	defer l.catching.Unlock()
	return l.asked, standing{maps.Clone(l.marks), l.floor}
}

func (l *live) askedUpTo(to standing) {
	l.catching.Lock()
	defer l.catching.Unlock()
	l.asked = to
}
