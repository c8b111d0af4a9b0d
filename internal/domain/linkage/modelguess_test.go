package linkage_test

import (
	"regexp"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// plain is a model as somebody writes it who knows the columns of a file and nothing of its numbers.
const plain = `format: 1
name: plain
version: "1"
id: [shop]
columns:
  - {name: name, type: text}
  - {name: street, type: text}
  - {name: town, type: text}
  - {name: phone, type: digits}
  - {name: opened, type: text}
comparisons:
  - {name: name, column: name, levels: [{level: exact, when: equal}, {level: close, when: jaro_winkler(0.88)}, {level: other, when: else}]}
  - {name: street, column: street, levels: [{level: exact, when: equal}, {level: close, when: jaro_winkler(0.88)}, {level: other, when: else}]}
  - {name: town, column: town, levels: [{level: exact, when: equal}, {level: close, when: edits(1)}, {level: other, when: else}]}
  - {name: phone, column: phone, levels: [{level: exact, when: equal}, {level: slip, when: digits_off(1) or transposed}, {level: other, when: else}]}
  - {name: opened, column: opened, levels: [{level: same, when: equal}, {level: other, when: else}]}
blocking:
  keys: [phone, name, street, town + opened]
`

// TestAModelWithoutNumbersIsTrained goes the way of somebody who writes a model for a file of her own: no m and no u, then training.
func TestAModelWithoutNumbersIsTrained(t *testing.T) {
	t.Parallel()
	m, err := engine.ParseModel([]byte(plain), nil)
	if err != nil {
		t.Fatal(err)
	}
	f1 := func(m *engine.Model) float64 {
		return evaluated(t, prepare(t, m, shops(912, 2000, 250), nil, engine.Options{Workers: 2}), false).Chosen.F1
	}
	fit, err := prepare(t, m, shops(911, 2000, 250), nil, engine.Options{Workers: 2}).Train()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`m: [0-9.e-]+, u: [0-9.e-]+`).FindAllString(string(fit.Text), -1)); n != strings.Count(plain, "level:") {
		t.Errorf("%d levels have numbers after training:\n%s", n, fit.Text)
	}
	trained, err := engine.ParseModel(fit.Text, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, after := f1(m), f1(trained)
	if after < 0.95 || after < before+0.1 {
		t.Errorf("F1 %.4f, after training %.4f", before, after)
	}
	t.Logf("F1 %.4f, after training %.4f", before, after)
}

func TestABarOfEvenOddsIsABar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{plain: 6, plain + "dedupe: {link_bits: 0, review_bits: -3}\n": 0, plain + "dedupe: {review_bits: -3}\n": 6} {
		m, err := engine.ParseModel([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.LinkBits(); got != want {
			t.Errorf("%g bits, want %g", got, want)
		}
	}
}
