package runs

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Ended reports whether a run has ended, for who keeps files only while a run needs them.
// It tells nothing else, so it asks for no permission.
func (s *Service) Ended(ctx context.Context, tenant area.Tenant, id sqldb.ID) (bool, error) {
	r, err := load(ctx, s.acts.DB().Direct(), tenant, id)
	return r.State.Ended(), err
}
