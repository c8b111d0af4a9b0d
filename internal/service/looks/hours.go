package looks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Hours are the working hours of one office, where a decision sets others than those of all.
type Hours struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Area      area.Code // the office: who has a role at this very area works there
	Days      string    // 1 Monday to 7 Sunday, in rising order: "123456"
	From, To  int       // local hours, half open
	ValidFrom period.Date
	ValidTo   period.Date // the last day; zero: until further notice
	Basis     string      // the decision with its number
	SetBy     sqldb.ID
	SetAt     time.Time
}

const longestBasis = 200

// On reports whether the office works on a day of the week by these hours.
func (h Hours) On(day period.Date) bool {
	return strings.ContainsRune(h.Days, '0'+rune((int(day.Weekday())+6)%7+1))
}

func (h Hours) check() error {
	previous := '0'
	for _, d := range h.Days {
		if d <= previous || d > '7' {
			return fail.Invalid("looks.hours_days").On("days")
		}
		previous = d
	}
	switch {
	case h.Days == "":
		return fail.Invalid("looks.hours_days").On("days")
	case h.From < 0 || h.To > 24 || h.From >= h.To:
		return fail.Invalid("looks.hours_span").On("to")
	case !h.ValidFrom.IsFull():
		return fail.Invalid("looks.hours_from").On("from_day")
	case !h.ValidTo.IsZero() && (!h.ValidTo.IsFull() || h.ValidTo.Before(h.ValidFrom)):
		return fail.Invalid("looks.hours_until").On("until_day")
	case h.Basis == "" || utf8.RuneCountInString(h.Basis) > longestBasis:
		return fail.Invalid("looks.hours_basis", "max", longestBasis).On("basis")
	}
	return nil
}

// SetHours sets the working hours of an office from a day on, by a decision. What was set before stays for the days before.
// Errors: looks.hours_days, looks.hours_span, looks.hours_from, looks.hours_until, looks.hours_basis (fact max), area.unknown,
// access.denied.
func (s *Service) SetHours(ctx context.Context, who access.Actor, h Hours) (Hours, error) {
	h.Basis = strings.TrimSpace(h.Basis)
	if err := h.check(); err != nil {
		return h, err
	}
	err := s.Acts.Write(ctx, who, "office.hours", func(tx *act.Tx) error {
		if _, err := s.Places.Tree().Must(h.Area); err != nil {
			return err
		}
		if err := tx.Allow(access.Administer, s.Places.TenantOf(h.Area), h.Area); err != nil {
			return err
		}
		h.Tenant, h.ID, h.SetBy, h.SetAt = s.Places.RecordTenant(h.Area), tx.NewID(), tx.Who.ID, tx.Now
		if err := insertHours(ctx, tx, h); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: h.Tenant, Area: h.Area, Subject: h.ID, Facts: map[string]any{"valid_from": h.ValidFrom.Text(), "until": h.ValidTo.Text(), "basis": h.Basis}})
	})
	return h, err
}

// Offices lists the working hours that were set, the newest first, 200 at most, to who administers the offices or audits them.
func (s *Service) Offices(ctx context.Context, who access.Actor) ([]Hours, error) {
	permission := access.Administer
	if !who.Can(permission) {
		permission = access.ReadAudit
	}
	if !who.Can(permission) {
		home, _ := who.Home()
		return nil, who.Allow(permission, s.Places.TenantOf(home), home)
	}
	db := s.Acts.DB().Direct()
	a := sqldb.NewArgs(db)
	query := `SELECT ` + hourColumns + ` FROM office_hours WHERE ` + act.Where(who.ScopeOf(permission), "kabkota", "area_code", a) +
		` ORDER BY valid_from DESC, id DESC LIMIT ` + a.P(int64(maxList))
	return collectHours(ctx, db, query, a)
}

// HoursOf gives the working hours that applied to whom a find is about, on its day and each office once, to who may read the
// find. Error: access.denied.
func (s *Service) HoursOf(ctx context.Context, who access.Actor, u Unusual) ([]Hours, error) {
	if err := who.Allow(access.ReadAudit, u.Tenant, u.Area); err != nil {
		return nil, err
	}
	return s.applied(ctx, s.Acts.DB().Direct(), u.Tenant, u.Actor, u.Day)
}

// applied gives the working hours of the offices of a reader on a day, each office once: what stands beside those of all.
func (s *Service) applied(ctx context.Context, q sqldb.Querier, tenant area.Tenant, reader sqldb.ID, day period.Date) (out []Hours, err error) {
	a := sqldb.NewArgs(q)
	on := day.Text()
	query := `SELECT ` + hourColumns + ` FROM office_hours WHERE kabkota IN ` + sqldb.In(a, []int64{0, int64(tenant)}) +
		` AND area_code IN (SELECT g.area_code FROM account_grant g WHERE g.account_id = ` + a.P(reader) + ` AND g.valid_from <= ` + a.P(on) + ` AND (g.valid_to = '' OR g.valid_to >= ` + a.P(on) + `))
		AND valid_from <= ` + a.P(on) + ` AND (valid_to = '' OR valid_to >= ` + a.P(on) + `) ORDER BY valid_from DESC, id DESC LIMIT ` + a.P(int64(maxList))
	all, err := collectHours(ctx, q, query, a)
	for _, h := range all {
		if !slices.ContainsFunc(out, func(o Hours) bool { return o.Area == h.Area }) {
			out = append(out, h)
		}
	}
	return out, err
}

// National gives the hours of all offices on a day by a rule; both are zero on a day off.
func (s *Service) National(r Rule, day period.Date) (from, to int) {
	if !s.Calendar.IsWorking(day) {
		return 0, 0
	}
	return r.From, r.To
}

// outsideHours finds readers who open records at night or on days off, their own office's hours counted in.
func (s *Service) outsideHours(ctx context.Context, q sqldb.Querier, d span, r Rule) (out []Unusual, err error) {
	from, to := s.National(r, d.day)
	window := func(from, to int) (int64, int64) { return d.from + int64(from)*hour, d.from + int64(to)*hour }
	open, shut := window(from, to)
	found, err := outside(ctx, q, d, r, s.Rules.Looks, open, shut, sqldb.ID{})
	if err != nil {
		return nil, err
	}
	for _, u := range found {
		offices, err := s.applied(ctx, q, d.tenant, u.Actor, d.day)
		if err != nil {
			return nil, err
		}
		open, shut := open, shut
		for _, h := range offices {
			if !h.On(d.day) {
				continue
			}
			own, end := window(h.From, h.To)
			if open == shut {
				open, shut = own, end
			}
			open, shut = min(open, own), max(shut, end)
		}
		if len(offices) > 0 {
			one, err := outside(ctx, q, d, r, s.Rules.Looks, open, shut, u.Actor)
			if err != nil {
				return nil, err
			}
			out = append(out, one...)
			continue
		}
		out = append(out, u)
	}
	return out, nil
}

const hourColumns = `kabkota, id, area_code, days, from_hour, to_hour, valid_from, valid_to, legal_basis, set_by, recorded_at`

func collectHours(ctx context.Context, q sqldb.Querier, query string, a *sqldb.Args) ([]Hours, error) {
	list, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (h Hours, err error) {
		var tenant, code, from, to, at int64
		var since, until string
		if err = r.Scan(&tenant, &h.ID, &code, &h.Days, &from, &to, &since, &until, &h.Basis, &h.SetBy, &at); err != nil {
			return h, err
		}
		h.Tenant, h.Area, h.From, h.To, h.SetAt = area.Tenant(tenant), area.Code(code), int(from), int(to), time.UnixMicro(at).UTC()
		if h.ValidFrom, err = period.ParseDate(since); err == nil && until != "" {
			h.ValidTo, err = period.ParseDate(until)
		}
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("read office hours: %w", err)
	}
	return list, nil
}

func insertHours(ctx context.Context, tx *act.Tx, h Hours) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO office_hours (kabkota, id, area_code, days, from_hour, to_hour, valid_from, valid_to, legal_basis, set_by, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		int64(h.Tenant), h.ID, int64(h.Area), h.Days, int64(h.From), int64(h.To), h.ValidFrom.Text(), h.ValidTo.Text(), h.Basis, h.SetBy, tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep office hours: %w", err)
	}
	return nil
}
