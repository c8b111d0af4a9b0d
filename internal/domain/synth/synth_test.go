package synth

import (
	"io"
	"testing"

	"tepat/data/areas"
	"tepat/data/names"
	"tepat/data/scenarios"
	"tepat/internal/domain/area"
)

// places gives the embedded list of areas of a day as the generator takes it.
func places(t testing.TB) []area.Place {
	t.Helper()
	var list []area.Place
	for row, err := range areas.All("") {
		if err != nil {
			t.Fatal(err)
		}
		code := area.Code(row.Code)
		list = append(list, area.Place{Code: code, Name: row.Name, Kind: code.Kind(), LocalKind: row.LocalKind})
	}
	return list
}

func nameTexts() NameTexts {
	return NameTexts{Male: names.Male, Female: names.Female, Clans: names.Clans, Communities: names.Communities, Words: names.Words}
}

func newTestWorld(t testing.TB) *World {
	t.Helper()
	w, err := NewWorld(nameTexts(), places(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func scenario(t testing.TB, name string) Scenario {
	t.Helper()
	text, ok := scenarios.Text(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	s, err := ReadScenario(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type nowhere struct{}

func (nowhere) Create(string) (io.WriteCloser, error) { return nowhere{}, nil }
func (nowhere) Write(b []byte) (int, error)           { return len(b), nil }
func (nowhere) Close() error                          { return nil }

// keep holds everything a population consists of.
type keep struct{ Batch }

func (k *keep) Registry(r *RegistryRow) error {
	k.Batch.Registry = append(k.Batch.Registry, *r)
	return nil
}
func (k *keep) Civil(r *CivilRow) error { k.Batch.Civil = append(k.Batch.Civil, *r); return nil }
func (k *keep) Truth(r *TruthRow) error { k.Batch.Truth = append(k.Batch.Truth, *r); return nil }
func (k *keep) Evidence(r *EvidenceRow) error {
	k.Batch.Evidence = append(k.Batch.Evidence, *r)
	return nil
}
func (k *keep) Decile(r *DecileRow) error { k.Batch.Deciles = append(k.Batch.Deciles, *r); return nil }
func (k *keep) Request(r *RequestRow) error {
	k.Batch.Requests = append(k.Batch.Requests, *r)
	return nil
}

func generate(t testing.TB, w *World, cfg Config) *keep {
	t.Helper()
	k := &keep{}
	if err := w.Generate(cfg, 2, k); err != nil {
		t.Fatal(err)
	}
	return k
}
