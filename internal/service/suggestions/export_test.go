package suggestions

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// WithChunk makes the chunks of runs small enough for a test to stop between them.
func (s *Service) WithChunk(n int) *Service {
	s.chunk, s.mending, s.listed = n, n, n
	return s
}

// WithMost makes the service read the civil file up to so many rows.
func (s *Service) WithMost(n int) *Service {
	s.most = n
	return s
}

// Overtaken is overtaken.
func (s *Service) Overtaken(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (bool, error) {
	return s.overtaken(ctx, q, tenant, at)
}
