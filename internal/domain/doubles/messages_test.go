package doubles

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestEveryLevelHasWords holds the catalogue to the levels, guards and decisions of the code.
func TestEveryLevelHasWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../web/messages/doubles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]struct{ ID, EN string }
	if err := yaml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	keys := []string{"linkage.missing", "linkage.prior.population", "linkage.household.capped"}
	for c := range comparisons {
		keys = append(keys, "linkage."+comparisonNames[c])
		for _, l := range levelNames[c] {
			keys = append(keys, "linkage."+comparisonNames[c]+"."+l)
		}
	}
	for g := guard(1); g < guardKinds; g++ {
		keys = append(keys, "linkage.guard."+guardNames[g])
	}
	for d := Reject; d <= Link; d++ {
		keys = append(keys, "linkage.decision."+d.String())
	}
	for _, k := range keys {
		if words[k].ID == "" || words[k].EN == "" {
			t.Errorf("%s has no words", k)
		}
	}
}
