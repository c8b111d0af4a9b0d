package lookups_test

import (
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
)

// TestTheLockEndsAtMidnightOfTheOffice: five misses lock a NIK until the citizen's day is over, in each zone, and the refusal
// tells the hours until then.
func TestTheLockEndsAtMidnightOfTheOffice(t *testing.T) {
	t.Parallel()
	nik, _ := numbersOf(t, 1)
	for zone, midnight := range map[area.Zone]time.Time{
		area.NoZone: time.Date(2024, 10, 15, 17, 0, 0, 0, time.UTC), // a nation's: the capital's
		area.WIB:    time.Date(2024, 10, 15, 17, 0, 0, 0, time.UTC),
		area.WITA:   time.Date(2024, 10, 15, 16, 0, 0, 0, time.UTC),
		area.WIT:    time.Date(2024, 10, 15, 15, 0, 0, 0, time.UTC),
	} {
		b, hash := lookups.NewBudgets(lookups.DefaultLimits().In(zone.Location())), sqldb.Hash{1}
		noon := midnight.Add(-12 * time.Hour)
		for range 5 {
			b.Miss(hash, nik, noon)
		}
		for at, hours := range map[time.Time]int{noon: 12, midnight.Add(-90 * time.Minute): 2, midnight.Add(-time.Microsecond): 1} {
			if e, ok := fail.As(b.Allow(hash, nik, at)); !ok || e.Code != "check.limited" || !slices.Equal(e.Facts, []fail.Fact{{Key: "hours", Value: hours}}) {
				t.Errorf("%v, %v before midnight: %v", zone, midnight.Sub(at), e)
			}
		}
		if err := b.Allow(hash, nik, midnight); err != nil {
			t.Errorf("%v: locked after midnight: %v", zone, err)
		}
		greenwich := time.Date(2024, 10, 16, 0, 0, 0, 0, time.UTC)
		for range 5 {
			b.Miss(hash, nik, greenwich.Add(-time.Minute))
		}
		if b.Allow(hash, nik, greenwich) == nil {
			t.Errorf("%v: the lock ends at seven, eight or nine o'clock", zone)
		}
	}
}
