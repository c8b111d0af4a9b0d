package proposals

import (
	"context"

	"tepat/internal/domain/access"
	"tepat/internal/service/identity"
)

// InChunksOf makes determinations work through so many proposals at a time.
func (s *Service) InChunksOf(n int) { s.chunk = n }

// Returning gives whom those who come back may be, as who files is told.
func (s *Service) Returning(ctx context.Context, who access.Actor, f Filing) ([]identity.Resembling, error) {
	return s.returning(ctx, who, f)
}
