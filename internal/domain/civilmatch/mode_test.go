package civilmatch_test

import (
	"testing"

	"tepat/internal/domain/civilmatch"
)

func TestModesHaveNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]civilmatch.Mode{"values": civilmatch.FullValues, "yes_no": civilmatch.YesNo, "found": civilmatch.FoundOnly} {
		if got, ok := civilmatch.ModeNamed(name); !ok || got != want {
			t.Errorf("%s is %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "Values", "yes-no", "all"} {
		if got, ok := civilmatch.ModeNamed(name); ok || got != civilmatch.FoundOnly {
			t.Errorf("%q is taken for %d: an unknown mode must tell least", name, got)
		}
	}
}
