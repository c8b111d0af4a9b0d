package looks

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
)

// mostFinds bounds what one rule finds on one day in one district: of more, the largest are kept.
const mostFinds = 200

// Watch looks through the log of today and yesterday in every district and gives how many finds are new or have grown. It
// is for a periodic job: looking twice finds the same. What an auditor noted stays.
func (s *Service) Watch(ctx context.Context, now time.Time) (found int64, err error) {
	for _, tenant := range s.Places.Tree().Written() {
		home, err := s.Places.Tree().DistrictOf(tenant)
		if err != nil {
			return found, err
		}
		today := s.Places.LocalDate(home, now)
		for _, day := range []period.Date{today.AddDays(-1), today} {
			n, err := s.watchDay(ctx, tenant, home, day, now)
			if err != nil {
				return found, fmt.Errorf("watch the log: %w", err)
			}
			found += n
		}
	}
	return found, nil
}

// span is one local day of a district in the log.
type span struct {
	tenant   area.Tenant
	home     area.Code
	day      period.Date
	zone     *time.Location
	from, to int64 // microseconds, half open
}

func (s *Service) watchDay(ctx context.Context, tenant area.Tenant, home area.Code, day period.Date, now time.Time) (int64, error) {
	zone := s.Places.Tree().Zone(home).Location()
	d := span{tenant, home, day, zone, day.Start(zone).UnixMicro(), day.AddDays(1).Start(zone).UnixMicro()}
	var finds []Unusual
	for _, rule := range s.Rules.Rules {
		if !rule.inForce(day) || rule.Kind == NoCase && now.UnixMicro() < d.to { // she may yet work on a case today
			continue
		}
		some, err := s.find(ctx, s.Acts.DB().Direct(), d, rule)
		if err != nil {
			return 0, fmt.Errorf("rule %s: %w", rule.ID, err)
		}
		finds = append(finds, some...)
	}
	kept, err := known(ctx, s.Acts.DB().Direct(), tenant, day)
	if err != nil {
		return 0, err
	}
	var fresh []Unusual
	for _, f := range finds {
		if was, ok := kept[f.Rule+" "+f.key]; !ok || was < f.N {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return int64(len(fresh)), s.keep(ctx, d, fresh, now)
}

// keep writes finds in one act of the system.
func (s *Service) keep(ctx context.Context, d span, fresh []Unusual, now time.Time) error {
	return proposals.Unattended(ctx, s.Acts, s.Home.ID, proposals.System, "audit.unusual_found", now, func(tx *act.Tx) (audit.Entry, error) {
		for _, f := range fresh {
			f.Tenant, f.ID, f.Day, f.Area = d.tenant, tx.NewID(), d.day, d.home
			if err := upsert(ctx, tx, f); err != nil {
				return audit.Entry{}, err
			}
		}
		return audit.Entry{Tenant: d.tenant, Area: d.home, Facts: map[string]any{"shown": len(fresh)}}, nil
	})
}

// find works one rule out for one day.
func (s *Service) find(ctx context.Context, q sqldb.Querier, d span, r Rule) ([]Unusual, error) {
	switch r.Kind {
	case PerHour:
		return s.perHour(ctx, q, d, r)
	case OutsideHours:
		return s.outsideHours(ctx, q, d, r)
	case OwnName:
		return ownName(ctx, q, d, r, s.Rules.Looks)
	case OwnKin:
		return ownKin(ctx, q, d, r, s.Rules.Looks)
	case Elsewhere:
		return elsewhere(ctx, q, d, r)
	case SameRecord:
		return sameRecord(ctx, q, d, r, s.Rules.Looks)
	default:
		return noCase(ctx, q, d, r, s.Rules)
	}
}

// perHour finds readers who opened many records in an hour, and far more than they do in their hours else.
func (s *Service) perHour(ctx context.Context, q sqldb.Querier, d span, r Rule) (out []Unusual, err error) {
	busy, err := byHour(ctx, q, d, r, s.Rules.Looks)
	if err != nil {
		return nil, err
	}
	for _, u := range busy {
		before := d
		before.from, before.to = d.day.AddDays(-r.Days).Start(d.zone).UnixMicro(), d.from
		habit, err := habitOf(ctx, q, before, u.Actor, s.Rules.Looks)
		if err != nil {
			return nil, err
		}
		if u.Bound = max(r.Least, r.Factor*habit); u.N >= u.Bound {
			out = append(out, u)
		}
	}
	return out, nil
}
