package papers

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
)

// Checked is a file of a citizen that was found fit to be kept.
type Checked struct {
	content []byte
	format  Format
}

// CheckSelf looks a file over before the case it belongs to is filed. Errors: papers.empty, papers.too_large, papers.format,
// papers.broken.
func CheckSelf(content []byte) (Checked, error) {
	cleaned, format, err := check(Other, content)
	return Checked{cleaned, format}, err
}

// selfCase finds the case a citizen has the number of: a complaint or objection, or the finding she objected to.
func (s *Service) selfCase(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (c found, err error) {
	for _, kind := range []CaseKind{OfGrievance, OfFinding} {
		c, ok, err := s.readCase(ctx, q, tenant, kind, id)
		if err != nil {
			return c, fmt.Errorf("read case of paper: %w", err)
		}
		if ok {
			return c, nil
		}
	}
	return c, fail.NotFound("papers.unknown")
}

// AddSelf takes in the files of a citizen who has shown that a complaint or objection is hers, by its number and digits: the
// caller answers for that. by stands for her in the log. Errors: papers.unknown, papers.closed, papers.too_many.
func (s *Service) AddSelf(ctx context.Context, tenant area.Tenant, id, by sqldb.ID, files []Checked) error {
	for _, f := range files {
		sealed, digest := s.sealed(f.content), s.digest(f.content)
		err := proposals.Unattended(ctx, s.Acts, by, proposals.Citizen, "paper.add", s.Acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
			c, err := s.selfCase(ctx, tx, tenant, id)
			if err != nil {
				return audit.Entry{}, err
			}
			if !c.open {
				return audit.Entry{}, fail.Conflict("papers.closed")
			}
			p := Paper{Tenant: tenant, ID: tx.NewID(), Kind: c.kind, Case: id, Filed: true, What: Other, Format: f.format, Size: int64(len(f.content)),
				AddedBy: sqldb.ID(tx.Who.ID), AddedAt: tx.Now, area: c.area, digest: digest}
			kept, repeated, err := keepIn(ctx, tx, p, sealed)
			if err != nil {
				return audit.Entry{}, err
			}
			return c.entry(kept, repeatedFacts(repeated)), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SelfPaper is a file as it is told to who has shown that its case is hers: which one it is, nothing that is in it.
type SelfPaper struct {
	Paper
	Back bool // she sent it herself, and nobody has looked into the case since: she may take it back
}

// ListSelf gives the files of a case, oldest first, to who has shown that it is hers. by is as in AddSelf.
func (s *Service) ListSelf(ctx context.Context, tenant area.Tenant, id, by sqldb.ID) (out []SelfPaper, err error) {
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		c, err := s.selfCase(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		list, err := papersOf(ctx, tx, []area.Tenant{tenant}, id)
		if err != nil {
			return err
		}
		out = make([]SelfPaper, len(list))
		for i, p := range list {
			if out[i].Paper = p; !c.open || p.AddedBy != by {
				continue
			}
			seen, err := s.seen(ctx, tx, c, p)
			if err != nil {
				return err
			}
			out[i].Back = !seen
		}
		return nil
	})
	return out, err
}

// TakeBack erases a file its sender does not want kept, as long as no officer has opened the case or the file since it came:
// after that it may be what somebody decided on, and goes when the case's papers go. by is as in AddSelf. Errors: papers.unknown
// for a file that is not hers, of this case, or there; papers.closed, papers.seen.
func (s *Service) TakeBack(ctx context.Context, tenant area.Tenant, id, by, paper sqldb.ID) error {
	return proposals.Unattended(ctx, s.Acts, by, proposals.Citizen, "paper.take_back", s.Acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
		c, err := s.selfCase(ctx, tx, tenant, id)
		if err != nil {
			return audit.Entry{}, err
		}
		p, err := paperByID(ctx, tx, tenant, paper)
		switch {
		case err != nil:
			return audit.Entry{}, err
		case p.Case != id || p.AddedBy != by:
			return audit.Entry{}, fail.NotFound("papers.unknown")
		case !c.open:
			return audit.Entry{}, fail.Conflict("papers.closed")
		}
		seen, err := s.seen(ctx, tx, c, p)
		if err == nil && seen {
			err = fail.Conflict("papers.seen")
		}
		if err != nil {
			return audit.Entry{}, err
		}
		return c.entry(p, nil), erase(ctx, tx, p, takenBack)
	})
}

// seen reports whether an officer has opened the case or the file since it came.
func (s *Service) seen(ctx context.Context, q sqldb.Querier, c found, p Paper) (bool, error) {
	look := audit.Look{Subject: p.Case, Acts: []string{"grievance.open", "paper.open"}, Since: p.AddedAt}
	seen, err := audit.Looked(ctx, q, p.Tenant, look)
	if err != nil || seen || c.kind != OfFinding {
		return seen, err
	}
	// A finding is opened under the person or family it is about, and named in the entry.
	return audit.Looked(ctx, q, c.tenant, audit.Look{Subject: c.subject, Acts: []string{"finding.open"}, Since: p.AddedAt, Facts: `"finding":"` + p.Case.String() + `"`})
}
