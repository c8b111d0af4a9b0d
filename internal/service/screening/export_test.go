package screening

import "reflect"

// SetSizes makes chunks small, so that a few families fill several.
func (s *Service) SetSizes(screen, page int) { s.sizes = sizes{screen: screen, page: page} }

// CompareFindings tells whether two findings are the same row; 0 when they are.
func CompareFindings(a, b Finding) int {
	if reflect.DeepEqual(a, b) {
		return 0
	}
	return 1
}
