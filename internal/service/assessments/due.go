package assessments

import (
	"context"
	"errors"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/runs"
)

const (
	// duePage is how many families one act ranks: people wait for the writer meanwhile.
	duePage = 20
	// dueMost is how many one call ranks; the next call goes on. A mass of new interviews is a matter for a scoring, which
	// moves the tenths themselves.
	dueMost = 1000
)

// Settled is what ranking the families with new answers did.
type Settled struct {
	Looked  int // families whose answers had changed
	Changed int // of them with another score
}

var errNoneDue = errors.New("no family is due")

// RankChanged ranks the families of an area anew whose answers changed since they were estimated, as RankAnew ranks one, at
// most a thousand a call. An official decile that came in meanwhile stays, as does a family without anybody to compare with:
// before the first scoring of a district it does nothing. A call that was cut goes on where it was.
func (s *Service) RankChanged(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, on period.Date) (out Settled, err error) {
	if err := who.Allow(access.RunAssessment, tenant, at); err != nil {
		return out, err
	}
	waiting, err := s.reg.RanksDueIn(ctx, s.acts.DB().Direct(), tenant, at, sqldb.ID{15: 1}, 1)
	if err != nil || len(waiting) == 0 {
		return out, err
	}
	bands, err := bandsIn(ctx, s.acts.DB().Direct(), tenant, sqldb.ID{})
	if err != nil || len(bands) == 0 {
		return out, err
	}
	for out.Looked < s.dueMost {
		var page Settled
		err := s.acts.Write(ctx, who, "assess.rank", func(tx *act.Tx) (err error) {
			page, err = s.rankDueIn(ctx, tx, tenant, at, bands, on)
			return err
		})
		if errors.Is(err, errNoneDue) {
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("rank families with new answers: %w", err)
		}
		out.Looked, out.Changed = out.Looked+page.Looked, out.Changed+page.Changed
	}
	return out, nil
}

// rankDueIn ranks the next few; each has an entry of its own in the log, since it is her rank.
func (s *Service) rankDueIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, at area.Code, bands []band, on period.Date) (out Settled, err error) {
	if err := tx.Allow(access.RunAssessment, tenant, at); err != nil {
		return out, err
	}
	list, err := s.reg.RanksDueIn(ctx, tx, tenant, at, sqldb.ID{15: 1}, s.duePage)
	if err != nil {
		return out, err
	}
	if len(list) == 0 {
		return out, errNoneDue
	}
	for _, due := range list {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, due.Family)
		if err != nil {
			return out, err
		}
		one, err := s.rankAnewIn(ctx, tx, tenant, f, bands, on)
		switch fail.CodeOf(err) {
		case "assessment.official", "registry.no_family": // nothing is to be ranked any more: the mark goes
			err = tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: f.ID, Facts: map[string]any{"from": f.Decile, "to": f.Decile, "changed": false}})
		}
		if err != nil {
			return out, err
		}
		if out.Looked++; one.Changed {
			out.Changed++
		}
	}
	return out, s.reg.RanksSettledIn(ctx, tx, tenant, list)
}

// RankAllChanged does so in every district where an installation scores, for whoever made its newest scoring, with her rights
// of today. While a scoring is under way it waits: that sees the new answers itself. What fails in one district keeps no
// other waiting. It is for a periodic job.
func (s *Service) RankAllChanged(ctx context.Context, rs *runs.Service, actors runs.Actors) (out Settled, err error) {
	for _, tenant := range s.places.Tree().Written() {
		some, failed := s.rankDistrict(ctx, rs, actors, tenant)
		out.Looked, out.Changed = out.Looked+some.Looked, out.Changed+some.Changed
		err = errors.Join(err, failed)
	}
	return out, err
}

func (s *Service) rankDistrict(ctx context.Context, rs *runs.Service, actors runs.Actors, tenant area.Tenant) (out Settled, err error) {
	last, found, err := rs.Newest(ctx, tenant, "score")
	if err != nil || !found || last.State == runs.Approved || last.State == runs.Running || last.State == runs.Undoing {
		return out, err
	}
	who, err := actors(ctx, last.CreatedBy)
	switch fail.KindOf(err) {
	case fail.KindForbidden, fail.KindUnauthorized: // her account is suspended, or is no more: as without the right
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("load who made the scoring: %w", err)
	}
	if who.Allow(access.RunAssessment, tenant, last.Area) != nil {
		return out, nil // her families wait for the next scoring, and are told as waiting
	}
	return s.RankChanged(ctx, who, tenant, last.Area, s.places.LocalDate(last.Area, s.acts.Now()))
}
