package grievances

import (
	"context"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Reveal gives the contact of who filed a case in full, to an officer who handles it and says what for,
// such as to call her. It is recorded under the case with the purpose. Errors: grievance.unknown,
// access.denied, grievance.purpose, grievance.no_contact when she gave none.
func (s *Service) Reveal(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (c Contact, err error) {
	if strings.TrimSpace(purpose) == "" {
		return c, fail.Invalid("grievance.purpose").On("purpose")
	}
	err = s.acts.View(ctx, who, "grievance.reveal", purpose, func(tx *act.Tx) error {
		r, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		for _, p := range []access.Permission{handling(who), access.RevealIdentity} {
			if err := tx.Allow(p, r.Tenant, r.HandledAt()); err != nil {
				return err
			}
		}
		d, err := s.open(r.sealed)
		if err != nil {
			return err
		}
		if d.Phone.IsZero() {
			return fail.Conflict("grievance.no_contact")
		}
		c = d.Contact
		return tx.Record(ctx, r.entry(nil))
	})
	return c, err
}
