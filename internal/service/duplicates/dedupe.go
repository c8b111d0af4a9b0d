package duplicates

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// DedupeKind is the run that compares everybody of a district with everybody and queues the
// pairs a person should look at. It computes once and writes in chunks; it never opens a
// pair again that somebody has decided.
func (s *Service) DedupeKind() runs.Kind {
	return runs.Kind{Name: identity.SearchKind, Counts: runs.Persons, Start: access.RunDedupe, View: s.previewDedupe, Prepare: s.prepareDedupe}
}

// previewMost is how many persons a preview looks at: more take longer than somebody waits for a page. The run itself
// tells the same figures when it has worked.
const previewMost = 150_000

// previewDedupe counts, and for a district of ordinary size does the whole search at once: what it costs and how right it
// expects to be is then known before anybody starts the run, which goes on with what was found.
func (s *Service) previewDedupe(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	from, to := r.Area.Range()
	var persons, open int64
	err := tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM person WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3),
			(SELECT count(*) FROM link_pair WHERE kabkota = $1 AND state = 'open' AND area_code >= $2 AND area_code < $3)`,
		int64(r.Tenant), int64(from), int64(to)).Scan(&persons, &open)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("count persons: %w", err)
	}
	out := runs.Preview{Total: persons, Model: s.model.Version(), Figures: runs.Tally{"persons": persons, "open": open}}
	// Whoever waits for the lock here holds a reader the other may need.
	if persons > previewMost || !s.mu.TryLock() {
		return out, nil
	}
	defer s.mu.Unlock()
	r.Total = persons
	s.held = nil
	c, err := s.search(ctx, tx, r, nil)
	if err != nil {
		return out, err
	}
	s.held = c
	for _, name := range []string{"candidates", "compared", "two_civil_persons", "unmet", "expected_right", "expected_found"} {
		out.Figures[name] = c.tally[name]
	}
	out.Figures["queue"] = int64(len(c.findings))
	return out, nil
}

// finding is a pair to queue, or one queued by an import that now gets its weight.
type finding struct {
	left, right         sqldb.ID
	area, rightArea     area.Code
	kind                Kind
	weight, probability float64
	reasons             string
	known               sqldb.ID    // the pair there already, which gets its weight
	keeper              area.Tenant // of it
	rightTenant         area.Tenant
}

func before(a, b sqldb.ID) bool { return bytes.Compare(a[:], b[:]) < 0 }

// cursor names the last pair written. It does not depend on what else was found, so that a
// run computed anew after a kill goes on behind it.
func (f *finding) cursor() string { return f.left.String() + "/" + f.right.String() }

// heldFor is how long a run goes on with what its preview found.
const heldFor = 10 * time.Minute

// computation is what a run found, in the order in which it is written.
type computation struct {
	run      sqldb.ID
	at       time.Time
	findings []finding
	tally    runs.Tally
	lessons  []linkage.Lesson // what the list taught
}

func (s *Service) prepareDedupe(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	c, err := s.computed(ctx, r, cursor == "")
	if err != nil {
		return runs.Chunk{}, err
	}
	from, err := c.behind(cursor)
	if err != nil {
		return runs.Chunk{}, err
	}
	to := min(from+s.chunk, len(c.findings))
	chunk := runs.Chunk{Next: cursor, Last: to == len(c.findings)}
	if to > from {
		chunk.Next = c.findings[to-1].cursor()
	}
	counted := runs.Tally{}
	if cursor == "" {
		chunk.Units = c.tally["persons"]
		counted = c.tally
	}
	some := c.findings[from:to]
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if cursor == "" {
			if err := keepLessons(ctx, tx, r, c.lessons); err != nil {
				return nil, err
			}
		}
		return s.keepFindings(ctx, tx, r, some, counted)
	}
	if chunk.Last {
		s.forget(r.ID)
	}
	return chunk, nil
}

// behind gives where the findings after a cursor begin.
func (c *computation) behind(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	left, right, _ := strings.Cut(cursor, "/")
	var last finding
	if err := last.left.UnmarshalText([]byte(left)); err != nil {
		return 0, err
	}
	if err := last.right.UnmarshalText([]byte(right)); err != nil {
		return 0, err
	}
	return sort.Search(len(c.findings), func(i int) bool { return compareFindings(c.findings[i], last) > 0 }), nil
}

func compareFindings(a, b finding) int {
	if c := bytes.Compare(a.left[:], b.left[:]); c != 0 {
		return c
	}
	return bytes.Compare(a.right[:], b.right[:])
}

// computed gives the run's findings, computing them when this process has not done so.
func (s *Service) computed(ctx context.Context, r runs.Run, fresh bool) (c *computation, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil && s.held.run == r.ID && !(fresh && s.acts.Now().Sub(s.held.at) > heldFor) {
		return s.held, nil
	}
	s.held = nil // the memory of an older run goes first
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		var told []linkage.Lesson
		if !fresh {
			if told, err = toldIn(ctx, tx, r.Tenant, r.ID); err != nil {
				return err
			}
		}
		c, err = s.search(ctx, tx, r, told)
		return err
	})
	if err == nil {
		s.held = c
	}
	return c, err
}

func (s *Service) forget(run sqldb.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil && s.held.run == run {
		s.held = nil
	}
}

// keepFindings queues new pairs and gives weights to those an import queued.
func (s *Service) keepFindings(ctx context.Context, tx *act.Tx, r runs.Run, some []finding, counted runs.Tally) (runs.Tally, error) {
	tally := runs.Tally{}
	tally.Add(counted)
	if len(counted) > 0 { // the first chunk
		if err := placePairs(ctx, tx, r.Tenant); err != nil {
			return nil, err
		}
	}
	there, err := pairsThere(ctx, tx, r.Tenant, some)
	if err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	var fresh, weigh []finding
	var items []runs.Item
	for _, f := range some {
		if !f.known.IsZero() {
			weigh = append(weigh, f)
			continue
		}
		if there[sidesOf(f.left, f.right)] { // an import was faster
			continue
		}
		fresh = append(fresh, f)
		tally[string(f.kind)]++
		tally["pairs"]++
		for _, id := range []sqldb.ID{f.left, f.right} {
			items = append(items, runs.Item{Subject: id, Outcome: string(f.kind), Facts: "{}"})
		}
	}
	if err := insertPairs(ctx, tx, r.Tenant, fresh); err != nil {
		return nil, err
	}
	n, err := weighPairs(ctx, tx, weigh)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		tally["weighed"] += n
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return tally, err
}

// pairsThere reads which of the findings' pairs exist by now, whichever way round.
func pairsThere(ctx context.Context, tx *act.Tx, tenant area.Tenant, some []finding) (map[sides]bool, error) {
	out := map[sides]bool{}
	ids := make([]sqldb.ID, 0, 2*len(some))
	for i := range some {
		ids = append(ids, some[i].left, some[i].right)
	}
	for few := range slices.Chunk(ids, 400) {
		a := sqldb.NewArgs(tx)
		query := `SELECT left_id, right_id FROM link_pair WHERE kabkota = ` + a.P(int64(tenant)) + ` AND left_id IN ` + sqldb.In(a, few)
		err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var left, right sqldb.ID
			err := r.Scan(&left, &right)
			out[sidesOf(left, right)] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertPairs(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []finding) error {
	in := sqldb.Insert{Table: "link_pair", Columns: []string{
		"kabkota", "id", "version", "left_id", "right_id", "right_kabkota", "area_code", "right_area", "kind", "weight", "probability", "reasons",
		"state", "decided_by", "decided_at", "recorded_at", "act_id",
	}, OnConflict: "(kabkota, left_id, right_id) DO NOTHING"}
	n, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		f := &list[i]
		copy(v, []any{
			int64(tenant), tx.NewID(), int64(1), f.left, f.right, int64(f.rightTenant), int64(f.area), int64(f.rightArea), string(f.kind), f.weight, f.probability,
			f.reasons, string(Open), nil, int64(0), tx.Micros(), tx.Act,
		})
	})
	if err == nil && n < int64(len(list)) {
		return fail.Unavailable("duplicates.race") // somebody queued one of them between our look and now
	}
	return err
}

// weighPairs gives open pairs their weight.
func weighPairs(ctx context.Context, tx *act.Tx, list []finding) (int64, error) {
	n, err := tx.ExecEach(ctx, `
		UPDATE link_pair SET weight = $1, probability = $2, reasons = $3
		WHERE kabkota = $4 AND id = $5 AND state = 'open'`, 5, len(list), func(i int, v []any) {
		f := &list[i]
		v[0], v[1], v[2], v[3], v[4] = f.weight, f.probability, f.reasons, int64(f.keeper), f.known
	})
	if err != nil {
		return n, fmt.Errorf("weigh pairs: %w", err)
	}
	return n, nil
}

// placePairs brings the areas of open pairs up to where both persons live now: those the district keeps, and those
// another keeps of which a person lives here, so that both see them.
func placePairs(ctx context.Context, tx *act.Tx, tenant area.Tenant) error {
	for _, side := range []string{"kabkota", "right_kabkota"} { // -- national: the second are kept by the other person's district (kabkota)
		pairs, err := sqldb.Collect(ctx, tx, `
			SELECT kabkota, id, right_kabkota, right_id, right_area FROM link_pair WHERE `+side+` = $1 AND state IN ('open', 'awaiting')`, []any{int64(tenant)}, scanPlaced)
		for some := range slices.Chunk(pairs, 500) {
			if err == nil {
				err = placeRight(ctx, tx, some)
			}
		}
		if err != nil {
			return fmt.Errorf("place pairs: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `UPDATE link_pair SET area_code = (SELECT p.area_code FROM person p WHERE p.kabkota = link_pair.kabkota AND p.id = link_pair.left_id)
		WHERE kabkota = $1 AND state IN ('open', 'awaiting')
		AND EXISTS (SELECT 1 FROM person p WHERE p.kabkota = link_pair.kabkota AND p.id = link_pair.left_id AND p.area_code <> link_pair.area_code)`, int64(tenant))
	if err != nil {
		return fmt.Errorf("place pairs: %w", err)
	}
	return nil
}

// placedPair is a pair with where its other person lived when it was last placed.
type placedPair struct {
	tenant, right int64
	id, person    sqldb.ID
	area          int64
}

func scanPlaced(r sqldb.Row) (p placedPair, err error) {
	err = r.Scan(&p.tenant, &p.id, &p.right, &p.person, &p.area)
	return p, err
}

// placeRight looks the other persons up in their own districts, since a database that is spread by district joins none with
// another, and writes the areas that have changed.
func placeRight(ctx context.Context, tx *act.Tx, pairs []placedPair) error {
	ids := map[int64][]sqldb.ID{}
	for _, p := range pairs {
		ids[p.right] = append(ids[p.right], p.person)
	}
	lives := map[sqldb.ID]int64{}
	for tenant, some := range ids {
		a := sqldb.NewArgs(tx)
		query := `SELECT id, area_code FROM person WHERE kabkota = ` + a.P(tenant) + ` AND id IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var at int64
			err := r.Scan(&id, &at)
			lives[id] = at
			return err
		})
		if err != nil {
			return err
		}
	}
	moved := slices.DeleteFunc(slices.Clone(pairs), func(p placedPair) bool { return lives[p.person] == 0 || lives[p.person] == p.area })
	_, err := tx.ExecEach(ctx, `UPDATE link_pair SET right_area = $1 WHERE kabkota = $2 AND id = $3`, 3, len(moved), func(i int, v []any) {
		v[0], v[1], v[2] = lives[moved[i].person], moved[i].tenant, moved[i].id
	})
	return err
}
