package papers

import (
	"context"

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

// AddSelf takes in the files of a citizen who has shown that a complaint or objection is hers, by its number and digits: the
// caller answers for that. by stands for her in the log. Errors: papers.unknown, papers.closed, papers.too_many.
func (s *Service) AddSelf(ctx context.Context, tenant area.Tenant, id, by sqldb.ID, files []Checked) error {
	to := To{Tenant: tenant, Kind: OfGrievance, Case: id}
	for _, f := range files {
		sealed, digest := s.sealed(f.content), s.digest(f.content)
		err := proposals.Unattended(ctx, s.Acts, by, proposals.Citizen, "paper.add", s.Acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
			c, ok, err := readCase(ctx, tx, tenant, to.Kind, id)
			switch {
			case err != nil:
				return audit.Entry{}, err
			case !ok:
				return audit.Entry{}, fail.NotFound("papers.unknown")
			case !c.open:
				return audit.Entry{}, fail.Conflict("papers.closed")
			}
			p := Paper{Tenant: tenant, ID: tx.NewID(), Kind: to.Kind, Case: id, Filed: true, What: Other, Format: f.format, Size: int64(len(f.content)),
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

// CountSelf gives how many files a case has, to who has shown that it is hers.
func (s *Service) CountSelf(ctx context.Context, tenant area.Tenant, id sqldb.ID) (int, error) {
	list, err := papersOf(ctx, s.Acts.DB().Direct(), tenant, id)
	return len(list), err
}
