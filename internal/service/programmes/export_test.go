package programmes

// SetChunk makes chunks small, so that a test can stop between two.
func SetChunk(s *Service, n int) { s.chunk = n }
