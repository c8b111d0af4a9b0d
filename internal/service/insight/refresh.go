package insight

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Live is the period of the figures as they stand now; a closed month has its own name, such as "2024-10".
const Live = "live"

// late is how long an act may take from its beginning, which its id tells, to its commit.
const late = time.Hour

// Refreshed is what a Refresh did.
type Refreshed struct {
	Tenant  area.Tenant
	At      time.Time
	Rows    int // numbers of all areas
	Changed int // of them written
}

// Refresh counts a district anew and keeps what changed. It counts in one snapshot, so that the figures agree
// with each other, and outside the writer, so that nobody waits for it; only the changed numbers are written,
// at once. It is derived data, no act: it asks nobody's leave and leaves no trace, and may run at any time.
func (s *Service) Refresh(ctx context.Context, tenant area.Tenant) (out Refreshed, err error) {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	out = Refreshed{Tenant: tenant, At: s.acts.Now()}
	district, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return out, fmt.Errorf("find district: %w", err)
	}
	var before, now map[cell]int64
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if before, err = readAll(ctx, tx, tenant, Live); err != nil {
			return fmt.Errorf("read figures: %w", err)
		}
		now, err = s.countIn(ctx, tx, tenant, district, before, out.At)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("refresh figures: %w", err)
	}
	changed := different(before, now)
	out.Rows, out.Changed = len(now), len(changed)
	if err := keep(ctx, s.acts.DB(), tenant, out.At, changed, now); err != nil {
		return out, fmt.Errorf("keep figures: %w", err)
	}
	return out, nil
}

// RefreshAll refreshes every district the installation writes for.
func (s *Service) RefreshAll(ctx context.Context) ([]Refreshed, error) {
	var out []Refreshed
	for _, tenant := range s.places.Tree().Written() {
		done, err := s.Refresh(ctx, tenant)
		if err != nil {
			return out, err
		}
		out = append(out, done)
	}
	return out, nil
}

// countIn gives all numbers of a district: counted by village, then added up.
func (s *Service) countIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, district area.Code, before map[cell]int64, at time.Time) (map[cell]int64, error) {
	c := census{q: q, tenant: tenant, today: s.places.LocalDate(district, at), now: at.UnixMicro(), groups: &s.names, out: map[cell]int64{}}
	if err := c.count(ctx); err != nil {
		return nil, err
	}
	if err := s.countActivity(ctx, &c, district, before, at); err != nil {
		return nil, err
	}
	out := addUp(c.out)
	out[cell{district, metricRefreshed}] = at.UnixMicro()
	return out, nil
}

// countActivity adds when each village was last active and which are asleep. The log keeps the code of its day
// for ever, so that what was done under an abolished code counts for the village that bears another now.
func (s *Service) countActivity(ctx context.Context, c *census, district area.Code, before map[cell]int64, at time.Time) error {
	since := time.Time{}
	if last := before[cell{district, metricRefreshed}]; last > 0 {
		since = time.UnixMicro(last).Add(-late)
	}
	fresh, err := activity(ctx, c.q, c.tenant, since)
	if err != nil {
		return err
	}
	for k, v := range before {
		if k.metric == metricActivity && k.area.Level() == area.LevelVillage {
			fresh[k.area] = max(fresh[k.area], v)
		}
	}
	tree := s.places.Tree()
	for village := range tree.Villages(district) {
		last := fresh[village.Code]
		for _, old := range tree.Former(village.Code) {
			last = max(last, fresh[old])
		}
		c.add(int64(village.Code), metricActivity, last)
		c.add(int64(village.Code), metricVillages, 1)
		if last < at.Add(-s.asleep).UnixMicro() {
			c.add(int64(village.Code), metricAsleep, 1)
		}
	}
	return nil
}

// addUp adds the numbers of subdistricts and districts to those of villages.
func addUp(villages map[cell]int64) map[cell]int64 {
	out := maps.Clone(villages)
	for k, n := range villages {
		above := []area.Code{k.area.Subdistrict(), k.area.District()}
		for _, at := range slices.Compact(above) {
			if at == k.area {
				continue
			}
			if k.metric == metricActivity {
				out[cell{at, k.metric}] = max(out[cell{at, k.metric}], n)
			} else {
				out[cell{at, k.metric}] += n
			}
		}
	}
	return out
}

// different gives the cells whose numbers changed, came or went, in the order of the table's key.
func different(before, now map[cell]int64) (out []cell) {
	for k, n := range now {
		if was, ok := before[k]; !ok || was != n {
			out = append(out, k)
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b cell) int { return cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.metric, b.metric)) })
	return out
}

// keep writes changed numbers in one transaction. Of two processes that count one district the later one counts.
func keep(ctx context.Context, db *sqldb.DB, tenant area.Tenant, at time.Time, changed []cell, now map[cell]int64) error {
	var put, gone []cell
	for _, k := range changed {
		if _, ok := now[k]; ok {
			put = append(put, k)
		} else {
			gone = append(gone, k)
		}
	}
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		in := sqldb.Insert{
			Table: "rollup", Columns: []string{"kabkota", "period", "area_code", "metric", "n", "refreshed_at"},
			OnConflict: `(kabkota, period, area_code, metric) DO UPDATE SET n = excluded.n, refreshed_at = excluded.refreshed_at
				WHERE rollup.refreshed_at <= excluded.refreshed_at`,
		}
		_, err := tx.Bulk(ctx, in, len(put), func(i int, v []any) {
			v[0], v[1], v[2], v[3], v[4], v[5] = int64(tenant), Live, int64(put[i].area), put[i].metric, now[put[i]], at.UnixMicro()
		})
		if err != nil {
			return err
		}
		_, err = tx.ExecEach(ctx, `
			DELETE FROM rollup WHERE kabkota = $1 AND period = 'live' AND area_code = $2 AND metric = $3 AND refreshed_at <= $4`,
			4, len(gone), func(i int, v []any) {
				v[0], v[1], v[2], v[3] = int64(tenant), int64(gone[i].area), gone[i].metric, at.UnixMicro()
			})
		return err
	})
}

// readAll reads every number of a district in a period.
func readAll(ctx context.Context, q sqldb.Querier, tenant area.Tenant, period string) (map[cell]int64, error) {
	out := map[cell]int64{}
	err := sqldb.Each(ctx, q, `SELECT area_code, metric, n FROM rollup WHERE kabkota = $1 AND period = $2`, []any{int64(tenant), period}, func(r sqldb.Row) error {
		var code, n int64
		var metric string
		err := r.Scan(&code, &metric, &n)
		out[cell{area.Code(code), metric}] = n
		return err
	})
	return out, err
}
