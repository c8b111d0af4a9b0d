package suggestions

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
