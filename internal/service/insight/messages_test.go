package insight_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/service/insight"
	"tepat/web/messages"
)

// TestEveryWordHasItsSentence: every code this package refuses with, and every word its figures are called by.
func TestEveryWordHasItsSentence(t *testing.T) {
	t.Parallel()
	catalogue, err := messages.Load()
	must(t, err)
	keys := map[string]bool{}
	sources, err := filepath.Glob("*.go")
	must(t, err)
	raised := regexp.MustCompile(`fail\.\w+\("(insight\.[a-z_]+)"`)
	said := regexp.MustCompile(`(?:named|Text)\("(insight\.[a-z_.]+[a-z])"`)
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		must(t, err)
		for _, m := range raised.FindAllStringSubmatch(string(text), -1) {
			keys["error."+m[1]] = true
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			keys[m[1]] = true
		}
	}
	if len(keys) < 40 {
		t.Fatalf("only %d words found in the sources", len(keys))
	}
	for _, age := range insight.Ages() {
		keys["insight.age."+age] = true
	}
	for _, final := range payment.Finals() {
		keys["insight.pay."+strings.ToLower(string(final))] = true
	}
	for _, s := range proposal.States() {
		keys["proposal.state."+string(s)] = true
	}
	for _, s := range civilmatch.Statuses() {
		keys["civilmatch.status."+s.Code()] = true
	}
	for _, u := range []programme.Unit{programme.UnitFamily, programme.UnitPerson, programme.UnitPupil, programme.UnitHouse} {
		keys["insight.unit."+string(u)] = true
	}
	for _, more := range []string{"pay.credited", "pay.open", "column.enrolled", "column.waiting", "column.suspended", "recap.district", "recap.subdistrict",
		"recap.village", "recap.code", "recap.programme", "recap.unit", "recap.status", "recap.n", "recap.amount", "proposals", "findings"} {
		keys["insight."+more] = true
	}
	for key := range keys { // a message without one of the languages does not load
		if !catalogue.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}
