package payments_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tepat/data/programmes"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/service/payments"
	"tepat/web/messages"
)

// TestEveryWordHasItsSentence: every code this package refuses with, and every word a page shows of it.
func TestEveryWordHasItsSentence(t *testing.T) {
	t.Parallel()
	catalogue, err := messages.Load()
	must(t, err)
	keys := map[string]bool{}
	sources, err := filepath.Glob("*.go")
	must(t, err)
	raised := regexp.MustCompile(`fail\.\w+\("(payments?\.[a-z_]+)"`)
	for _, name := range sources {
		text, err := os.ReadFile(name)
		must(t, err)
		for _, m := range raised.FindAllStringSubmatch(string(text), -1) {
			if strings.HasSuffix(m[1], "_") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			keys["error."+m[1]] = true
		}
	}
	if len(keys) < 35 {
		t.Fatalf("only %d codes found in the sources", len(keys))
	}
	for _, kind := range []payment.FindingKind{
		payment.FindingUnlisted, payment.FindingTwice, payment.FindingAmount, payment.FindingExcludedPaid, payment.FindingContradiction, payment.FindingCode,
		"person", "ambiguous", "account", "transition",
	} {
		keys["payments.finding."+string(kind)], keys["error.payments.result_"+string(kind)] = true, true
	}
	for _, s := range []payments.CycleState{payments.Open, payments.Instructed, payments.Reconciling, payments.Closing, payments.Closed, payments.Cancelled} {
		keys["payments.cycle."+string(s)] = true
	}
	for _, m := range payments.Mendings() {
		keys["payments.event."+string(m)] = true
	}
	for _, action := range []string{"result", "status", "exclude", "reinstate", "payee"} {
		keys["payments.event."+action] = true
	}
	for _, h := range []payments.Holder{payments.HeldByVillage, payments.HeldByDistrict, payments.HeldByBank, payments.HeldByCivil, payments.HeldByPos, payments.HeldByFamily} {
		keys["payments.who."+string(h)] = true
	}
	catalogueOf, err := programme.Load(programmes.Files)
	must(t, err)
	for _, p := range catalogueOf.At(period.On(2025, 6, 1)).Programmes() {
		for _, channel := range p.Payment.Channels {
			keys["payments.channel."+channel] = true
		}
	}
	for key := range keys { // a message without one of the languages does not load
		if !catalogue.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}
