package web

import (
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/suggestions"
)

// TestTheKeyboardGoesToWhatIsLeftToFill: a number comes before the document, since nothing fills it in.
func TestTheKeyboardGoesToWhatIsLeftToFill(t *testing.T) {
	t.Parallel()
	card, err := person.ParseKK("8171010102150001")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		ownNIK       bool
		ours, theirs person.KK
		want         string
	}{
		{"only values differ", true, card, card, "document"},
		{"her NIK is another or none", false, card, card, "nik"},
		{"her card is another", true, person.KK{}, card, "no_kk"},
		{"the civil registry tells no card", true, card, person.KK{}, "document"},
	} {
		b := civil.Bench{Family: registry.Family{KK: c.ours}}
		g := suggestions.Suggested{Suggestion: suggestions.Suggestion{OwnNIK: c.ownNIK, Civil: civilmatch.Answer{Civil: civilmatch.CivilRecord{KK: c.theirs}}}}
		if got := nextToFill(b, g); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
