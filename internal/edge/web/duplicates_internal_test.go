package web

import (
	"strings"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/duplicates"
	"tepat/web/messages"
)

// TestALineOfTheQueueIsCalledByWhomTheViewerSees: also where the other person of a pair of two districts stands first in it; and no NIK is
// told apart from a damaged one.
func TestALineOfTheQueueIsCalledByWhomTheViewerSees(t *testing.T) {
	t.Parallel()
	words, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := words.Printer(i18n.Indonesian)
	nik, err := person.ParseNIK("8171010102900001")
	if err != nil {
		t.Fatal(err)
	}
	hidden, seen := duplicates.Face{}, duplicates.Face{Visible: true, Name: "SITI", NIK: nik}
	for name, l := range map[string]duplicates.Line{"right": {Left: hidden, Right: seen}, "left": {Left: seen, Right: hidden}} {
		if own, other := facing(l); own.Name != "SITI" || other.Visible {
			t.Errorf("seen on the %s: %v, %v", name, own, other)
		}
	}
	d := &Desk{}
	none, bad := seen, seen
	none.NIK, bad.NIK, bad.BadNIK = person.NIK{}, person.NIK{}, true
	for want, f := range map[string]duplicates.Face{nik.String(): seen, "NIK kosong": none, "NIK rusak": bad} {
		if got := d.faceCell(p, f).Sub; !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
