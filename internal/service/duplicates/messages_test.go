package duplicates_test

import (
	"testing"

	"tepat/internal/service/duplicates"
	"tepat/web/messages"
)

// TestEveryLevelHasWords: each comparison, level and further explanation of the embedded model is said in both languages.
func TestEveryLevelHasWords(t *testing.T) {
	t.Parallel()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := model(t)
	keys := []string{"linkage.missing", "linkage.prior.population"}
	for _, w := range m.Weights() {
		keys = append(keys, "linkage."+w.Comparison, "linkage."+w.Comparison+"."+w.Level)
	}
	for _, name := range m.Relatives() {
		keys = append(keys, "linkage.relatives."+name)
	}
	keys = append(keys, "linkage.doubt.levels", "linkage.guard.held")
	for _, name := range m.Answers() {
		keys = append(keys, "linkage.doubt."+name)
	}
	if len(keys) < 80 {
		t.Errorf("only %d words are asked for: the test is blind", len(keys))
	}
	for _, key := range keys { // a message without one of the languages does not load
		if !catalogue.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}

// TestEveryWordHasItsSentence: what a page shows of a pair is said in both languages.
func TestEveryWordHasItsSentence(t *testing.T) {
	t.Parallel()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, k := range []duplicates.Kind{duplicates.Contested, duplicates.Exact, duplicates.Fuzzy} {
		keys = append(keys, "duplicates.kind."+string(k))
	}
	for _, s := range []duplicates.State{duplicates.Open, duplicates.Awaiting, duplicates.Merged, duplicates.Distinct} {
		keys = append(keys, "duplicates.state."+string(s))
	}
	for _, s := range []duplicates.MergeState{duplicates.MergeAwaiting, duplicates.MergeDone, duplicates.MergeRefused, duplicates.MergeUndone} {
		keys = append(keys, "duplicates.merge."+string(s))
	}
	for _, r := range duplicates.Reasons() {
		keys = append(keys, "duplicates.reason."+r)
	}
	for _, f := range duplicates.Fields() {
		keys = append(keys, "duplicates.field."+string(f))
	}
	for group, codes := range map[string][]string{
		"value": {"only", "valid", "civil", "newer", "fuller", "kept"}, "keep": {"aid", "listed", "paid", "matched", "holder", "older"}, "second": {"aid", "other_area"}, "warn": {"head", "last_member", "one_family"},
	} {
		for _, code := range codes {
			keys = append(keys, "duplicates."+group+"."+code)
		}
	}
	for _, code := range []string{"unknown", "state", "changed", "filter", "reason", "note", "keep", "field", "blind", "too_late", "undo", "later", "race"} {
		keys = append(keys, "error.duplicates."+code)
	}
	for _, key := range keys { // a message without one of the languages does not load
		if !catalogue.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}
