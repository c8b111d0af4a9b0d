package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// page is some findings in the order of family and id, families whole.
type page struct {
	findings []Finding
	next     sqldb.ID // the last family of the page
	more     bool
}

// pages is how a run works through findings.
type pages struct {
	// read gives the page after a family.
	read func(tx *sqldb.Tx, after sqldb.ID) (page, error)
	// keep says which findings of it the run is about.
	keep func(Finding) bool
	// apply writes those, as they are at the time of writing.
	apply func(ctx context.Context, tx *act.Tx, list []Finding) (runs.Tally, error)
}

// paged makes a chunk of the page at a cursor. What is written is read again in the act:
// somebody may have decided or appealed a finding since the page was read.
func (s *Service) paged(ctx context.Context, cursor string, work pages) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, err
	}
	var p page
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		p, err = work.read(tx, after)
		return err
	})
	if err != nil {
		return runs.Chunk{}, err
	}
	meant := slices.DeleteFunc(p.findings, func(f Finding) bool { return !work.keep(f) })
	chunk := runs.Chunk{Next: p.next.String(), Last: !p.more, Units: int64(len(meant))}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		list, err := current(ctx, tx, meant)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(f Finding) bool { return !work.keep(f) })
		tally := runs.Tally{}
		if len(list) > 0 {
			if tally, err = work.apply(ctx, tx, list); err != nil {
				return nil, err
			}
		}
		if skipped := int64(len(meant) - len(list)); skipped > 0 {
			tally["skipped"] += skipped
		}
		return tally, nil
	}
	return chunk, nil
}

// current reads findings as they are now, in the order given.
func current(ctx context.Context, q sqldb.Querier, list []Finding) ([]Finding, error) {
	if len(list) == 0 {
		return nil, nil
	}
	now := make(map[sqldb.ID]Finding, len(list))
	ids := make([]sqldb.ID, len(list))
	for i, f := range list {
		ids[i] = f.ID
	}
	err := eachChunk(ids, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + findingColumns + ` FROM finding WHERE kabkota = ` + a.P(int64(list[0].Tenant)) + ` AND id IN ` + sqldb.In(a, some)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			f, err := scanFinding(r)
			now[f.ID] = f
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read findings again: %w", err)
	}
	out := make([]Finding, 0, len(list))
	for _, f := range list {
		if fresh, ok := now[f.ID]; ok {
			out = append(out, fresh)
		}
	}
	return out, nil
}

// pageBy reads the findings that a run is named in, after a family. column is one of
// ours: run_id, verify_id, removal_id.
func (s *Service) pageBy(ctx context.Context, q sqldb.Querier, tenant area.Tenant, column string, run, after sqldb.ID) (page, error) {
	return s.readPage(ctx, q, `WHERE kabkota = $1 AND family_id > $2 AND `+column+` = $3`, int64(tenant), after, run)
}

// pageDue reads the noticed findings whose notice ended before a day, after a family.
func (s *Service) pageDue(ctx context.Context, q sqldb.Querier, tenant area.Tenant, before string, after sqldb.ID) (page, error) {
	return s.readPage(ctx, q, `WHERE kabkota = $1 AND family_id > $2 AND state = 'noticed' AND due_on < $3`, int64(tenant), after, before)
}

// pageFound reads the findings that wait for verification, after a family.
func (s *Service) pageFound(ctx context.Context, q sqldb.Querier, tenant area.Tenant, after sqldb.ID) (page, error) {
	return s.readPage(ctx, q, `WHERE kabkota = $1 AND family_id > $2 AND state = $3`, int64(tenant), after, string(Found))
}

// readPage reads a page by a condition on kabkota ($1), family ($2) and one value more. The
// last family of a full page, which may go on in the next, is left to that, unless the
// page is of that family alone: no family meets so many criteria.
func (s *Service) readPage(ctx context.Context, q sqldb.Querier, where string, tenant int64, after sqldb.ID, value any) (page, error) {
	list, err := sqldb.Collect(ctx, q, `SELECT `+findingColumns+` FROM finding `+where+`
		ORDER BY family_id, id LIMIT $4`, []any{tenant, floor(after), value, s.sizes.page}, scanFinding)
	if err != nil {
		return page{}, fmt.Errorf("read findings: %w", err)
	}
	p := page{findings: list, next: after, more: len(list) == s.sizes.page}
	if p.more {
		if cut := slices.IndexFunc(list, func(f Finding) bool { return f.Family == list[len(list)-1].Family }); cut > 0 {
			p.findings = list[:cut]
		}
	}
	if n := len(p.findings); n > 0 {
		p.next = p.findings[n-1].Family
	}
	return p, nil
}
