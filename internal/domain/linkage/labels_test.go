package linkage_test

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	engine "tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
)

// decided are labels of the Indonesian model: most pairs held for one agree in the NIK's serial but for a digit.
func decided(n int) (list []engine.Labelled) {
	for i := range n {
		l := engine.Labelled{Same: i%5 > 0, Model: "uji-1", Bits: float64(i%9) - 1, Levels: map[string]string{"nik": "serial_last", "name": "exact", "birth": "exact"}}
		if i%7 == 0 {
			delete(l.Levels, "birth")
		}
		list = append(list, l)
	}
	return list
}

func TestLabelsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	m := identity(t)
	var one, two bytes.Buffer
	list := decided(40)
	if err := m.WriteLabels(&one, list); err != nil {
		t.Fatal(err)
	}
	read, err := m.ParseLabels(one.Bytes())
	if err != nil || len(read) != len(list) {
		t.Fatalf("%d labels, %v", len(read), err)
	}
	if err := m.WriteLabels(&two, read); err != nil || two.String() != one.String() {
		t.Errorf("written again they differ: %v", err)
	}
	// The order of the rows tells nothing of the order of the decisions.
	var turned bytes.Buffer
	back := append([]engine.Labelled(nil), list...)
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	if err := m.WriteLabels(&turned, back); err != nil || turned.String() != one.String() {
		t.Errorf("the order of the decisions shows: %v", err)
	}
}

func TestLabelsThatAreNone(t *testing.T) {
	t.Parallel()
	m := identity(t)
	for name, c := range map[string]struct{ text, code string }{
		"no label":      {"bits,nik\n1,exact\n", "linkage.labels_column"},
		"no weight":     {"label,nik\nsame,exact\n", "linkage.labels_column"},
		"another label": {"label,bits\nsame,1\nmaybe,2\n", "linkage.labels_value"},
		"no number":     {"label,bits\nsame,ten\n", "linkage.labels_value"},
	} {
		if _, err := m.ParseLabels([]byte(c.text)); fail.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := m.ParseLabels([]byte("label,bits,nik,shoe\nsame,1,exact,42\ndifferent,2,of_an_older_model,41\n"))
	want := []engine.Labelled{{Same: true, Bits: 1, Levels: map[string]string{"nik": "exact"}}, {Bits: 2, Levels: map[string]string{}}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestLabelsFeedTraining: what reviewers held for one moves m, by as much as they decided; what they held for two moves no u,
// and both tell how right the weights were.
func TestLabelsFeedTraining(t *testing.T) {
	t.Parallel()
	m := identity(t)
	s := &sheet{header: registryHeader}
	for i, r := range crowd().rows {
		s.add(r...)
		if i%4 == 0 {
			again := append([]string(nil), r...)
			again[0] += "again"
			s.add(again...)
		}
	}
	fit := func(labels []engine.Labelled) engine.Training {
		t.Helper()
		e := prepare(t, m, s, nil, engine.Options{Workers: 2})
		e.Learn(labels)
		out, err := e.Train()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	without, with := fit(nil), fit(decided(500))
	level := func(f engine.Training, name string) engine.LevelFit {
		for _, l := range f.Levels {
			if l.Comparison == "nik" && l.Level == name {
				return l
			}
		}
		t.Fatal("no such level")
		return engine.LevelFit{}
	}
	// Labels are no random pairs; which of those look like matches, and are left out of u, hangs on the fit a little.
	if a, b := level(without, "serial_last"), level(with, "serial_last"); b.M < a.M+0.3 || b.U > 1.5*a.U || b.U < a.U/1.5 {
		t.Errorf("m %.3f became %.3f, u %.2g %.2g", a.M, b.M, a.U, b.U)
	}
	if a, b := level(without, "exact"), level(with, "exact"); b.M > a.M-0.3 {
		t.Errorf("m of equal NIKs %.3f became %.3f", a.M, b.M)
	}
	r := with.Labels
	if r.Same != 400 || r.Different != 100 || r.Bar != m.LinkBits() || r.Right == 0 || r.Right == r.Same || r.Wrong == 0 || r.Wrong == r.Different {
		t.Errorf("report %+v", r)
	}
	if without.Labels.Same != 0 || math.IsNaN(with.Matches) {
		t.Errorf("report %+v", without.Labels)
	}
}
