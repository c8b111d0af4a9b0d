package registry

// KeepBackAtMost bounds what a first load remembers.
func (s *Service) KeepBackAtMost(claims, cards int) {
	s.first.claims.most, s.first.cards.most = claims, cards
}
