package duplicates

// WithChunk makes the chunks of a run small enough for a test to stop between them.
func (s *Service) WithChunk(n int) *Service {
	s.chunk = n
	return s
}
