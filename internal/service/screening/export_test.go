package screening

// SetSizes makes chunks small, so that a few families fill several.
func (s *Service) SetSizes(screen, page int) { s.sizes = sizes{screen: screen, page: page} }
