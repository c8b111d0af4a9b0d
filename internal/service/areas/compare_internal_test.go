package areas

import (
	"testing"

	"tepat/internal/domain/area"
)

// TestNamesHeldToBeOneAreFoundTogether: whatever sameName holds to be one name has one plain name, whichever kind of code the
// list gives the area.
func TestNamesHeldToBeOneAreFoundTogether(t *testing.T) {
	t.Parallel()
	names := []string{"Ambon", "Kota Ambon", "KOTA AMBON", "Kabupaten Ambon", "Kab. Ambon", "Desa Adat Sesetan", "desa adat sesetan", "Sesetan", "Kota Baru", "Desa Adat Kota Baru", "Kotabaru", "Batu-Merah", "Batu Merah"}
	codes := []area.Code{8171000000, 8101000000, 8171010000, 8171011001, 5171012001, 5171013001, 5171014001, 5171016001}
	same := 0
	for _, from := range codes {
		for _, to := range codes {
			for _, a := range names {
				for _, b := range names {
					if from.Level() == to.Level() && sameName(to, a, b) {
						if same++; plainName(from, a) != plainName(to, b) {
							t.Errorf("%s (%s) and %s (%s) are one name, and not found together: %+v, %+v", a, from.Dotted(), b, to.Dotted(), plainName(from, a), plainName(to, b))
						}
					}
				}
			}
		}
	}
	if same < 200 {
		t.Errorf("%d pairs of names are one", same)
	}
}
