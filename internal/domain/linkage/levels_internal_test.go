package linkage

import (
	"testing"

	"pgregory.net/rapid"
)

// Levels that are packed are those that were.
func TestLevelSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var levels [maxComparisons]uint8
		for k := range levels {
			levels[k] = uint8(rapid.IntRange(0, maxLevels).Draw(t, "level"))
		}
		s := packLevels(&levels)
		for k, want := range levels {
			if got := s.at(k); got != want {
				t.Fatalf("comparison %d: %d, not %d", k, got, want)
			}
		}
	})
}
