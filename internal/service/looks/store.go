package looks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// This file reads the tables audit_entry, person and account of other services, for reading only: rules go through a
// day's log whole, and the log's own service gives it page by page to people.

const hour = int64(time.Hour / time.Microsecond)

// attended leaves out the entries of nobody's account, which no rule is about.
const attended = ` AND e.role NOT IN ('', 'citizen', 'system')`

// counted runs a query of one rule: reader, record, key, area, first, last, count; the largest first.
func counted(ctx context.Context, q sqldb.Querier, r Rule, query string, a *sqldb.Args) ([]Unusual, error) {
	return sqldb.Collect(ctx, q, query+` ORDER BY 6 DESC, 3 LIMIT `+a.P(int64(mostFinds)), a.Values, func(row sqldb.Row) (u Unusual, err error) {
		var part, first, last int64
		err = row.Scan(&u.Actor, &u.Subject, &part, &first, &last, &u.N)
		u.Rule, u.Bound, u.FirstAt, u.LastAt = r.ID, r.Least, time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
		u.key = u.Actor.String() + " " + u.Subject.String() + " " + strconv.FormatInt(part, 10)
		return u, err
	})
}

func within(d span, a *sqldb.Args) string {
	return ` FROM audit_entry e WHERE e.kabkota = ` + a.P(int64(d.tenant)) + ` AND e.at >= ` + a.P(d.from) + ` AND e.at < ` + a.P(d.to) + attended
}

// byHour counts the records each reader opened in each hour.
func byHour(ctx context.Context, q sqldb.Querier, d span, r Rule, looks []string) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT e.actor_id, CAST(NULL AS UUID), (e.at - ` + a.P(d.from) + `) / ` + a.P(hour) + `, min(e.at), max(e.at), count(DISTINCT e.subject)` + within(d, a) +
		` AND e.act IN ` + sqldb.In(a, looks) + ` GROUP BY 1, 3 HAVING count(DISTINCT e.subject) >= ` + a.P(r.Least)
	return counted(ctx, q, r, query, a)
}

// habitOf gives how many records a reader opens on average in an hour in which she opens any; zero without such an hour.
func habitOf(ctx context.Context, q sqldb.Querier, d span, reader sqldb.ID, looks []string) (int64, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT count(*), CAST(coalesce(sum(n), 0) AS BIGINT) FROM (
		SELECT count(DISTINCT e.subject) AS n` + within(d, a) + ` AND e.actor_id = ` + a.P(reader) + ` AND e.act IN ` + sqldb.In(a, looks) +
		` GROUP BY e.at / ` + a.P(hour) + `) hours`
	var hours, records int64
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&hours, &records); err != nil || hours == 0 {
		return 0, err
	}
	return (records + hours - 1) / hours, nil
}

// outside counts the records each reader opened before and after the office hours of a day.
func outside(ctx context.Context, q sqldb.Querier, d span, r Rule, looks []string, open, shut int64, reader sqldb.ID) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT e.actor_id, CAST(NULL AS UUID), CAST(0 AS BIGINT), min(e.at), max(e.at), count(DISTINCT e.subject)` + within(d, a) +
		` AND e.act IN ` + sqldb.In(a, looks) + ` AND (e.at < ` + a.P(open) + ` OR e.at >= ` + a.P(shut) + `)`
	if !reader.IsZero() {
		query += ` AND e.actor_id = ` + a.P(reader)
	}
	query += ` GROUP BY 1 HAVING count(DISTINCT e.subject) >= ` + a.P(r.Least)
	return counted(ctx, q, r, query, a)
}

// ownName finds looks at families of which somebody has the reader's name.
func ownName(ctx context.Context, q sqldb.Querier, d span, r Rule, looks []string) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	one := func(column string) string {
		return `SELECT e.actor_id AS reader, e.subject AS record, min(e.at) AS first, max(e.at) AS last, count(*) AS n FROM audit_entry e
			JOIN person p ON p.kabkota = e.kabkota AND p.` + column + ` = e.subject
			JOIN account c ON c.id = e.actor_id AND upper(c.name) = upper(p.name)
			WHERE e.kabkota = ` + a.P(int64(d.tenant)) + ` AND e.at >= ` + a.P(d.from) + ` AND e.at < ` + a.P(d.to) + attended +
			` AND e.act IN ` + sqldb.In(a, looks) + ` GROUP BY e.actor_id, e.subject`
	}
	query := `SELECT reader, record, CAST(0 AS BIGINT), first, last, n FROM (` + one("family_id") + ` UNION ALL ` + one("id") + `) hits WHERE n >= ` + a.P(r.Least)
	return counted(ctx, q, r, query, a)
}

// elsewhere counts the people each reader looked up at the desk who live outside her area. The entry of such a look names
// the reader's own area, since nothing of the person was shown.
func elsewhere(ctx context.Context, q sqldb.Querier, d span, r Rule) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT e.actor_id, CAST(NULL AS UUID), CAST(0 AS BIGINT), min(e.at), max(e.at), count(DISTINCT e.subject) FROM audit_entry e
		JOIN person p ON p.kabkota = e.kabkota AND p.id = e.subject
		WHERE e.kabkota = ` + a.P(int64(d.tenant)) + ` AND e.at >= ` + a.P(d.from) + ` AND e.at < ` + a.P(d.to) + attended +
		` AND e.act = 'lookup.desk' AND e.area_code % 10000 <> 0 AND p.area_code <> e.area_code
		GROUP BY 1 HAVING count(DISTINCT e.subject) >= ` + a.P(r.Least)
	return counted(ctx, q, r, query, a)
}

// sameRecord counts the readers of each record that was opened on the day, over the days of the window.
func sameRecord(ctx context.Context, q sqldb.Querier, d span, r Rule, looks []string) ([]Unusual, error) {
	a, today := sqldb.NewArgs(q), d.from
	d.from = d.day.AddDays(1 - r.Days).Start(d.zone).UnixMicro()
	query := `SELECT CAST(NULL AS UUID), e.subject, CAST(0 AS BIGINT), min(e.at), max(e.at), count(DISTINCT e.actor_id)` + within(d, a) +
		` AND e.subject IS NOT NULL AND e.act IN ` + sqldb.In(a, looks) + ` GROUP BY 2 HAVING count(DISTINCT e.actor_id) >= ` + a.P(r.Least) + ` AND max(e.at) >= ` + a.P(today)
	return counted(ctx, q, r, query, a)
}

// noCase counts the records opened by readers who did nothing else that day but look.
func noCase(ctx context.Context, q sqldb.Querier, d span, r Rule, rules Rules) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	all := append(append([]string{}, rules.Looks...), rules.NoWork...)
	query := `SELECT e.actor_id, CAST(NULL AS UUID), CAST(0 AS BIGINT), min(e.at), max(e.at), count(DISTINCT CASE WHEN e.act IN ` + sqldb.In(a, rules.Looks) + ` THEN e.subject END)` + within(d, a) +
		` GROUP BY 1 HAVING count(DISTINCT CASE WHEN e.act IN ` + sqldb.In(a, rules.Looks) + ` THEN e.subject END) >= ` + a.P(r.Least) +
		` AND sum(CASE WHEN e.act IN ` + sqldb.In(a, all) + ` THEN 0 ELSE 1 END) = 0`
	return counted(ctx, q, r, query, a)
}

// known gives what is kept of a day: the count of each find by rule and key.
func known(ctx context.Context, q sqldb.Querier, tenant area.Tenant, day period.Date) (map[string]int64, error) {
	out := map[string]int64{}
	err := sqldb.Each(ctx, q, `SELECT rule, subject_key, n FROM unusual_look WHERE kabkota = $1 AND day = $2`, []any{int64(tenant), day.Text()}, func(r sqldb.Row) error {
		var rule, key string
		var n int64
		err := r.Scan(&rule, &key, &n)
		out[rule+" "+key] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read unusual looks: %w", err)
	}
	return out, nil
}

func upsert(ctx context.Context, tx *act.Tx, u Unusual) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO unusual_look (kabkota, id, rule, day, subject_key, actor_id, subject, area_code, first_at, last_at, n, bound, seen_at, seen_n, note, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, '', $13, $14)
		ON CONFLICT (kabkota, day, rule, subject_key) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, n = excluded.n, bound = excluded.bound,
			recorded_at = excluded.recorded_at, act_id = excluded.act_id`,
		int64(u.Tenant), u.ID, u.Rule, u.Day.Text(), u.key, u.Actor, u.Subject, int64(u.Area), u.FirstAt.UnixMicro(), u.LastAt.UnixMicro(), u.N, u.Bound, tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep unusual look: %w", err)
	}
	return nil
}

func mark(ctx context.Context, tx *act.Tx, u Unusual) error {
	_, err := tx.Exec(ctx, `UPDATE unusual_look SET seen_at = $1, seen_by = $2, seen_n = $3, note = $4, recorded_at = $1, act_id = $5 WHERE kabkota = $6 AND id = $7`,
		u.SeenAt.UnixMicro(), u.SeenBy, u.SeenN, u.Note, tx.Act, int64(u.Tenant), u.ID)
	if err != nil {
		return fmt.Errorf("mark unusual look: %w", err)
	}
	return nil
}

const columns = `kabkota, id, rule, day, subject_key, actor_id, subject, area_code, first_at, last_at, n, bound, seen_at, seen_by, seen_n, note`

func scan(r sqldb.Row) (u Unusual, err error) {
	var tenant, code, first, last, seen int64
	var day string
	if err = r.Scan(&tenant, &u.ID, &u.Rule, &day, &u.key, &u.Actor, &u.Subject, &code, &first, &last, &u.N, &u.Bound, &seen, &u.SeenBy, &u.SeenN, &u.Note); err != nil {
		return u, err
	}
	u.Tenant, u.Area, u.FirstAt, u.LastAt = area.Tenant(tenant), area.Code(code), time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
	if seen > 0 {
		u.SeenAt = time.UnixMicro(seen).UTC()
	}
	u.Day, err = period.ParseDate(day)
	return u, err
}

// byID reads a find. Error: looks.unknown.
func byID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Unusual, error) {
	u, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM unusual_look WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	ok, err := sqldb.Found(err)
	if err != nil {
		return u, fmt.Errorf("read unusual look: %w", err)
	}
	if !ok {
		return u, fail.NotFound("looks.unknown")
	}
	return u, nil
}

func list(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter) ([]Unusual, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM unusual_look WHERE ` + act.Where(scope, "kabkota", "area_code", a)
	if f.Seen { // what has grown since is asked again
		query += ` AND seen_at > 0 AND n <= seen_n`
	} else {
		query += ` AND (seen_at = 0 OR n > seen_n)`
	}
	if f.Rule != "" {
		query += ` AND rule = ` + a.P(f.Rule)
	}
	if !f.AfterAt.IsZero() {
		query += ` AND (last_at, id) < (` + a.P(f.AfterAt.UnixMicro()) + `, ` + a.P(f.AfterID) + `)`
	}
	out, err := sqldb.Collect(ctx, q, query+` ORDER BY last_at DESC, id DESC LIMIT `+a.P(int64(min(max(f.Limit, 1), maxList))), a.Values, scan)
	if err != nil {
		return nil, fmt.Errorf("list unusual looks: %w", err)
	}
	return out, nil
}
