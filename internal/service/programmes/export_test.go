package programmes

import (
	"context"

	"tepat/internal/kit/sqldb"
)

// SetChunk makes chunks small, so that a test can stop between two.
func SetChunk(s *Service, n int) { s.chunk = n }

// Proves works the digest of a list out from its rows.
func Proves(ctx context.Context, s *Service, q sqldb.Querier, l List) (bool, error) {
	err := s.verify(ctx, q, l)
	return err == nil, err
}
