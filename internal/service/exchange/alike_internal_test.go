package exchange

// WithMostAsked bounds how many new persons a preview looks for; it is for tests.
func (s *Service) WithMostAsked(n int64) *Service {
	s.mostAsked = n
	return s
}
