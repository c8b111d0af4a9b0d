package civil

import (
	"context"

	"tepat/internal/kit/sqldb"
)

// WithChunk makes the chunks of a match run small enough for a test to stop between them.
func (s *Service) WithChunk(n int) *Service {
	s.chunk = n
	return s
}

// WithLarge makes a run read the imported file into memory from so many persons on.
func (s *Service) WithLarge(n int64) *Service {
	s.large = n
	return s
}

// Holds tells whether a run's file is in memory.
func (s *Service) Holds() bool {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	return s.held.file != nil
}

// ReadWhole tells whether the imported file fits into memory for so many rows.
func ReadWhole(ctx context.Context, q sqldb.Querier, most int) (bool, error) {
	f, err := readFile(ctx, q, most)
	return f != nil, err
}

// FindAll puts hashes into a file in memory and gives where each of the wanted was put, -1 for none.
func FindAll(in, wanted []sqldb.Hash) []int {
	f := &inMemory{}
	for i, h := range in {
		f.hashes, f.rows = append(f.hashes, h), append(f.rows, fileRow{name: uint32(i)})
	}
	f.sort()
	out := make([]int, len(wanted))
	for i, h := range wanted {
		out[i] = -1
		if row, ok := f.find(h); ok {
			out[i] = int(row.name)
		}
	}
	return out
}
