package identity

import "context"

// SetBounds makes a service small enough for a test: how many are indexed while somebody waits, brought up to date while she
// does, and brought up to date one by one.
func (s *Service) SetBounds(few, waited, changed int) { s.bounds = bounds{few, waited, changed} }

// Rebuild makes the index anew.
func (s *Service) Rebuild(ctx context.Context) error {
	_, err := s.renew(ctx, s.current(), true)
	return err
}
