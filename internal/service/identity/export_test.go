package identity

import "context"

// SetBounds makes a service small enough for a test: how many are indexed while somebody waits, brought up to date while she
// does, and brought up to date one by one.
func (s *Service) SetBounds(few, waited, changed int) {
	s.bounds.few, s.bounds.waited, s.bounds.changed = few, waited, changed
}

// SetPieces says how many are asked about at once, and how many of those noted at a time and before the database is followed again.
func (s *Service) SetPieces(told, piece, pieces int) {
	s.bounds.told, s.bounds.piece, s.bounds.pieces = told, piece, pieces
}

// Rebuild makes the index anew.
func (s *Service) Rebuild(ctx context.Context) error {
	_, err := s.renew(ctx, s.current(), true)
	return err
}
