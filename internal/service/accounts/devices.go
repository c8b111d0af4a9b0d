package accounts

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// SignInSeen is one sign-in as the person herself sees it.
type SignInSeen struct {
	At      time.Time
	Refused bool
}

// SignIns gives one's own newest sign-ins, also those that were refused: whoever lent out a
// password, or lost it, sees it here.
func (s *Service) SignIns(ctx context.Context, who access.Actor, limit int) ([]SignInSeen, error) {
	var held []area.Tenant
	for _, g := range who.Grants {
		held = append(held, s.places.RecordTenant(g.Area))
	}
	lines, err := audit.SignIns(ctx, s.acts.DB().Direct(), held, who.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("read own sign-ins: %w", err)
	}
	out := make([]SignInSeen, len(lines))
	for i, l := range lines {
		out[i] = SignInSeen{At: l.At, Refused: l.Act != "account.sign_in"}
	}
	return out, nil
}

// SignOutEverywhere ends all one's own sessions, on every machine; the present one too.
func (s *Service) SignOutEverywhere(ctx context.Context, who access.Actor) error {
	row, err := mustAccount(ctx, s.acts.DB().Direct(), who.ID)
	if err != nil {
		return fmt.Errorf("sign out everywhere: %w", err)
	}
	return s.own(ctx, row, "account.sign_out_everywhere", func(tx *sqldb.Tx) error { return deleteSessionsOf(ctx, tx, who.ID) })
}
