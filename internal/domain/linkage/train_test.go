package linkage_test

import (
	"bytes"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
)

// blunt is the model of FEBRL-shaped data with m and u anybody could guess: training has to find the rest.
func blunt(t *testing.T) *engine.Model {
	t.Helper()
	return crude(t, "../../../data/linkage/febrl.yaml", 0.4, 0.2)
}

func trained(t *testing.T, m *engine.Model, s *sheet, workers int) ([]byte, engine.Training) {
	t.Helper()
	fit, err := prepare(t, m, s, nil, engine.Options{Workers: workers}).Train()
	if err != nil {
		t.Fatal(err)
	}
	return fit.Text, fit
}

// TestTrain fits a blunt model on rows without labels and measures it on others.
func TestTrain(t *testing.T) {
	t.Parallel()
	m := blunt(t)
	text, fit := trained(t, m, febrl(61, 500), 2)
	next, err := engine.ParseModel(text, tablesOf)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range fit.Levels {
		if l.Comparison == "ssid" && l.Level == "exact" && (l.M < 0.75 || l.M > 0.95 || l.U > 1e-4) {
			t.Errorf("ssid exact: m %.3f u %.2g", l.M, l.U)
		}
		if l.Comparison == "born" && l.Level == "exact" && (l.M < 0.75 || l.M > 0.95) {
			t.Errorf("born exact: m %.3f", l.M)
		}
	}
	other := febrl(62, 500)
	before := evaluated(t, prepare(t, m, other, nil, engine.Options{Workers: 2}), false)
	after := evaluated(t, prepare(t, next, other, nil, engine.Options{Workers: 2}), false)
	t.Logf("F1 %.4f, after training %.4f", before.Chosen.F1, after.Chosen.F1)
	if after.Chosen.F1 < 0.99 || after.Chosen.F1 < before.Chosen.F1 {
		t.Errorf("F1 %.4f, after training %.4f", before.Chosen.F1, after.Chosen.F1)
	}
	if !bytes.Contains(text, []byte("# A model for data shaped like")) || !strings.Contains(next.Version(), "-trained-") {
		t.Error("the file lost its comments or its version")
	}
}

func TestTrainingIsTheSame(t *testing.T) {
	t.Parallel()
	s, m := febrl(71, 150), blunt(t)
	want, _ := trained(t, m, s, 1)
	for workers, seed := range map[int]uint64{2: 5, 7: 6} {
		if got, _ := trained(t, m, s.shuffled(seed), workers); !bytes.Equal(got, want) {
			t.Errorf("%d workers: another model", workers)
		}
	}
}

func TestTrainNeedsPairs(t *testing.T) {
	t.Parallel()
	_, err := prepare(t, identity(t), crowd(), nil, engine.Options{}).Train()
	if e, ok := fail.As(err); !ok || e.Code != "linkage.train_pairs" || len(e.Facts) != 3 || e.Facts[2].Value != 20 {
		t.Errorf("%v", err)
	}
}
