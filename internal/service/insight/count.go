package insight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// cell is one number of one area.
type cell struct {
	area   area.Code
	metric string
}

// census counts a district. Its queries read the tables of the other services, each with one pass and one
// statement that groups by village: figures are the business of this package, and asking the owners row by row
// would cost minutes.
type census struct {
	q      sqldb.Querier
	tenant area.Tenant
	today  period.Date
	now    int64 // microseconds
	groups *NameGroups
	out    map[cell]int64
}

// count counts a district as it stands in the querier's snapshot.
func (c *census) count(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"families", c.families}, {"persons", c.persons}, {"places", c.places}, {"recipients", c.recipients}, {"proposals", c.proposals},
		{"findings", c.findings}, {"duplicates", c.duplicates}, {"payments", c.payments}, {"repairs", c.repairs}, {"quality", c.quality},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("count %s: %w", step.what, err)
		}
	}
	return nil
}

func (c *census) add(at int64, metric string, n int64) {
	if n != 0 {
		c.out[cell{area.Code(at), metric}] += n
	}
}

func (c *census) families(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT area_code, decile, count(*), CAST(sum(persons) AS BIGINT) FROM family
		WHERE kabkota = $1 AND state = 1 AND persons > 0
		GROUP BY area_code, decile`, []any{int64(c.tenant)}, func(r sqldb.Row) error {
		var at, decile, families, persons int64
		if err := r.Scan(&at, &decile, &families, &persons); err != nil {
			return err
		}
		c.add(at, metricFamilies, families)
		c.add(at, prefixDecile+strconv.FormatInt(decile, 10), families)
		c.add(at, prefixPersons+strconv.FormatInt(decile, 10), persons)
		return nil
	})
}

func (c *census) persons(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT area_code, match_status, count(*) FROM person
		WHERE kabkota = $1 AND state = 1
		GROUP BY area_code, match_status`, []any{int64(c.tenant)}, func(r sqldb.Row) error {
		var at, status, persons int64
		if err := r.Scan(&at, &status, &persons); err != nil {
			return err
		}
		c.add(at, metricPersons, persons)
		c.add(at, prefixMatch+civilmatch.Status(status).Code(), persons)
		return nil
	})
}

// places counts the lists in force. While a new list replaces an old one both may hold rows in force; only the
// frozen one's count.
func (c *census) places(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT e.area_code, e.programme, e.state, count(*), CAST(sum(e.amount) AS BIGINT)
		FROM programme_list l
		JOIN enrolment e ON e.kabkota = l.kabkota AND e.list_id = l.id
		WHERE l.kabkota = $1 AND l.state = 'frozen' AND e.state IN (1, 2, 3)
		GROUP BY e.area_code, e.programme, e.state`, []any{int64(c.tenant)}, func(r sqldb.Row) error {
		var at, state, places, amount int64
		var id string
		if err := r.Scan(&at, &id, &state, &places, &amount); err != nil {
			return err
		}
		c.add(at, prefixPlace+id+"."+placeStates[state], places)
		c.add(at, prefixPlaceSum+id+"."+placeStates[state], amount)
		return nil
	})
}

// recipients counts persons in whose name something is given, and families somebody of whom is: each once,
// whatever they get.
func (c *census) recipients(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT area_code, count(DISTINCT person_id), count(DISTINCT family_id) FROM enrolment
		WHERE kabkota = $1 AND state = 1
		GROUP BY area_code`, []any{int64(c.tenant)}, func(r sqldb.Row) error {
		var at, persons, families int64
		if err := r.Scan(&at, &persons, &families); err != nil {
			return err
		}
		c.add(at, metricRecipients, persons)
		c.add(at, metricHelpedFamilies, families)
		return nil
	})
}

// proposals counts by state, and of the open ones how many are past their day and how long ago they were filed:
// days are local dates at the office, as the proposals keep them.
func (c *census) proposals(ctx context.Context) error {
	open := openStates()
	a := sqldb.NewArgs(c.q)
	day := func(n int) string { return a.P(c.today.AddDays(-n).Text()) }
	query := `SELECT area_code, state, count(*),
			CAST(sum(CASE WHEN due_on <> '' AND due_on < ` + day(0) + ` THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN filed_on >= ` + day(7) + ` THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN filed_on < ` + day(7) + ` AND filed_on >= ` + day(14) + ` THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN filed_on < ` + day(14) + ` AND filed_on >= ` + day(30) + ` THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN filed_on < ` + day(30) + ` THEN 1 ELSE 0 END) AS BIGINT)
		FROM proposal WHERE kabkota = ` + a.P(int64(c.tenant)) + ` GROUP BY area_code, state`
	return sqldb.Each(ctx, c.q, query, a.Values, func(r sqldb.Row) error {
		var at, n, overdue int64
		var state string
		var ages [4]int64
		if err := r.Scan(&at, &state, &n, &overdue, &ages[0], &ages[1], &ages[2], &ages[3]); err != nil {
			return err
		}
		c.add(at, prefixProposal+state, n)
		if !slices.Contains(open, state) {
			return nil
		}
		c.add(at, metricOpen, n)
		c.add(at, metricOverdue, overdue)
		for i, name := range Ages() {
			c.add(at, prefixAge+name, ages[i])
		}
		return nil
	})
}

func (c *census) findings(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT area_code, state, count(*) FROM finding WHERE kabkota = $1 GROUP BY area_code, state`, []any{int64(c.tenant)}, c.byWord(prefixFinding))
}

func (c *census) byWord(prefix string) func(sqldb.Row) error {
	return func(r sqldb.Row) error {
		var at, n int64
		var word string
		if err := r.Scan(&at, &word, &n); err != nil {
			return err
		}
		c.add(at, prefix+word, n)
		return nil
	}
}

// waitingPairs are the pairs of double records that wait for somebody, as their queue lists them: both persons are there, and
// the civil registry does not know them as two.
const waitingPairs = ` FROM link_pair l
	JOIN person a ON a.kabkota = l.kabkota AND a.id = l.left_id AND a.state = 1
	JOIN person b ON b.kabkota = l.right_kabkota AND b.id = l.right_id AND b.state = 1
	WHERE l.kabkota = $1 AND l.state = 'open' AND NOT (a.match_status = $2 AND b.match_status = $2 AND a.nik_hash <> b.nik_hash)`

func (c *census) duplicates(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `SELECT l.area_code, count(*)`+waitingPairs+` GROUP BY l.area_code`, []any{int64(c.tenant), int64(civilmatch.Matched)}, c.plain(metricDuplicates))
}

func (c *census) repairs(ctx context.Context) error {
	return sqldb.Each(ctx, c.q, `
		SELECT area_code, count(*) FROM payment WHERE kabkota = $1 AND repair = 'open' GROUP BY area_code`, []any{int64(c.tenant)}, c.plain(metricRepairs))
}

func (c *census) plain(metric string) func(sqldb.Row) error {
	return func(r sqldb.Row) error {
		var at, n int64
		if err := r.Scan(&at, &n); err != nil {
			return err
		}
		c.add(at, metric, n)
		return nil
	}
}

// payments counts the latest stage of every programme.
func (c *census) payments(ctx context.Context) error {
	stages, err := latestStages(ctx, c.q, c.tenant)
	if err != nil {
		return err
	}
	for _, stage := range stages {
		err := sqldb.Each(ctx, c.q, `
			SELECT area_code, final, CASE WHEN final = '' AND state IN ('CREDITED', 'NOT_USED') THEN 1 ELSE 0 END, count(*), CAST(sum(amount) AS BIGINT)
			FROM payment WHERE kabkota = $1 AND cycle_id = $2
			GROUP BY area_code, final, 3`, []any{int64(c.tenant), stage.id}, func(r sqldb.Row) error {
			var at, credited, rows, amount int64
			var standing string
			if err := r.Scan(&at, &standing, &credited, &rows, &amount); err != nil {
				return err
			}
			switch {
			case credited == 1:
				standing = payCredited
			case standing == "":
				standing = payOpen
			}
			c.add(at, prefixPay+stage.programme+"."+standing, rows)
			c.add(at, prefixPaySum+stage.programme+"."+standing, amount)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stage is the latest stage of payment of a programme.
type stage struct {
	id        sqldb.ID
	programme string
	period    string
}

// latestStages gives the latest stage of every programme that was not taken back.
func latestStages(ctx context.Context, q sqldb.Querier, tenant area.Tenant) ([]stage, error) {
	latest := map[string]stage{}
	err := sqldb.Each(ctx, q, `
		SELECT id, programme, period FROM pay_cycle
		WHERE kabkota = $1 AND state <> 'cancelled' ORDER BY period, id`, []any{int64(tenant)}, func(r sqldb.Row) error {
		var s stage
		err := r.Scan(&s.id, &s.programme, &s.period)
		latest[s.programme] = s
		return err
	})
	out := make([]stage, 0, len(latest))
	for _, s := range latest {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b stage) int { return strings.Compare(a.programme, b.programme) })
	return out, err
}

// activity gives when operators of each village last did something, from the entries of the log made since. A
// log only grows, so that what was found before still holds.
func activity(ctx context.Context, q sqldb.Querier, tenant area.Tenant, since time.Time) (map[area.Code]int64, error) {
	out := map[area.Code]int64{}
	err := sqldb.Each(ctx, q, `
		SELECT area_code, max(at) FROM audit_entry
		WHERE kabkota = $1 AND id > $2 AND role = $3
		GROUP BY area_code`, []any{int64(tenant), firstID(since), string(access.Operator)}, func(r sqldb.Row) error {
		var code, at int64
		err := r.Scan(&code, &at)
		if area.Code(code).Level() == area.LevelVillage {
			out[area.Code(code)] = at
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read activity: %w", err)
	}
	return out, nil
}

// firstID gives an id below all made since an instant: ids begin with their time in milliseconds (UUID version 7).
func firstID(since time.Time) (id sqldb.ID) {
	id[15] = 1 // the zero ID is NULL
	if since.IsZero() {
		return id
	}
	for i, ms := 5, since.UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		id[i] = byte(ms)
	}
	return id
}
