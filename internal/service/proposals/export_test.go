package proposals

// InChunksOf makes determinations work through so many proposals at a time.
func (s *Service) InChunksOf(n int) { s.chunk = n }
