package registry

// KeepBackAtMost bounds the claims a first load keeps back.
func (s *Service) KeepBackAtMost(n int) { s.claims.most = n }
