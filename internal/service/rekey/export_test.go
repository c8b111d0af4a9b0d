package rekey

// SetChunk makes chunks small enough that a few rows need several.
func (s *Service) SetChunk(n int) { s.chunk = n }
