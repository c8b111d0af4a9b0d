package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
)

// pair is where a number of an area lies: in a tenant that may hold rows of it.
type pair struct {
	tenant area.Tenant
	area   area.Code
}

// figures are the numbers of areas, with the instant they were counted at.
type figures struct {
	of   map[area.Code]numbers
	asOf time.Time // the oldest of the districts in it; zero when one was never counted
}

// at gives the numbers of an area; nil when it has none.
func (f figures) at(code area.Code) numbers { return f.of[code] }

// perStatement is how many pairs one statement looks up.
const perStatement = 500

// read reads the numbers of areas in a period, all or those of some metrics. Areas above the district have no
// rows of their own: they are the sum of their districts.
func (s *Service) read(ctx context.Context, q sqldb.Querier, tree *areas.Tree, period string, codes []area.Code, metrics ...string) (figures, error) {
	out := figures{of: map[area.Code]numbers{}}
	var pairs []pair
	asked := map[area.Code][]area.Code{} // the areas asked for that an area with rows of its own counts in
	for _, code := range codes {
		for _, one := range districtsOf(tree, code) {
			if asked[one] = append(asked[one], code); len(asked[one]) > 1 {
				continue
			}
			for _, tenant := range tree.TenantsIn(one) {
				pairs = append(pairs, pair{tenant, one})
			}
		}
	}
	for some := range slices.Chunk(pairs, perStatement) {
		err := readSome(ctx, q, period, some, metrics, func(at area.Code, metric string, n int64) {
			for _, code := range asked[at] {
				if out.of[code] == nil {
					out.of[code] = numbers{}
				}
				out.of[code].put(metric, n)
			}
		})
		if err != nil {
			return out, fmt.Errorf("read figures: %w", err)
		}
	}
	return out, s.readInstant(ctx, q, tree, period, pairs, &out)
}

// districtsOf gives an area itself, or the districts of one above them.
func districtsOf(tree *areas.Tree, code area.Code) []area.Code {
	if code.Level() >= area.LevelDistrict {
		return []area.Code{code}
	}
	var out []area.Code
	for p := range tree.Children(code) {
		out = append(out, districtsOf(tree, p.Code)...)
	}
	return out
}

// readSome reads the numbers of some pairs, each by the table's key.
func readSome(ctx context.Context, q sqldb.Querier, period string, pairs []pair, metrics []string, f func(at area.Code, metric string, n int64)) error {
	if len(pairs) == 0 {
		return nil
	}
	a := sqldb.NewArgs(q)
	rows := make([]string, len(pairs))
	for i, p := range pairs {
		rows[i] = `(CAST(` + a.P(int64(p.tenant)) + ` AS INTEGER), CAST(` + a.P(int64(p.area)) + ` AS BIGINT))`
	}
	// Both engines name the columns of VALUES column1 and column2.
	query := `SELECT r.area_code, r.metric, r.n
		FROM (VALUES ` + strings.Join(rows, ", ") + `) w
		JOIN rollup r ON r.kabkota = w.column1 AND r.period = ` + a.P(period) + ` AND r.area_code = w.column2`
	if len(metrics) > 0 {
		query += ` AND r.metric IN ` + sqldb.In(a, metrics)
	}
	return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var code, n int64
		var metric string
		err := r.Scan(&code, &metric, &n)
		f(area.Code(code), metric, n)
		return err
	})
}

// readInstant finds when the districts were counted: the oldest of them tells how old the whole is. Districts
// that this installation does not write for have no figures here and do not count.
func (s *Service) readInstant(ctx context.Context, q sqldb.Querier, tree *areas.Tree, period string, pairs []pair, out *figures) error {
	var asked []pair
	for _, p := range pairs {
		district, err := tree.DistrictOf(p.tenant)
		if one := (pair{p.tenant, district}); err == nil && tree.Writes(p.tenant) && !slices.Contains(asked, one) {
			asked = append(asked, one)
		}
	}
	counted := 0
	for some := range slices.Chunk(asked, perStatement) {
		err := readSome(ctx, q, period, some, []string{metricRefreshed}, func(_ area.Code, _ string, n int64) {
			at := time.UnixMicro(n).UTC()
			if counted++; counted == 1 || at.Before(out.asOf) {
				out.asOf = at
			}
		})
		if err != nil {
			return fmt.Errorf("read instant of figures: %w", err)
		}
	}
	if counted < len(asked) {
		out.asOf = time.Time{}
	}
	return nil
}
