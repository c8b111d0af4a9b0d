package synth

import (
	"io"
	"sync"
	"testing"

	"tepat/data/areas"
	"tepat/data/names"
	"tepat/data/scenarios"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
)

// world is the reference data of the project, read once for all tests.
var world = sync.OnceValues(func() (*World, error) {
	var places []area.Place
	for row, err := range areas.All("") {
		if err != nil {
			return nil, err
		}
		code := area.Code(row.Code)
		places = append(places, area.Place{Code: code, Name: row.Name, Kind: code.Kind(), LocalKind: row.LocalKind})
	}
	return NewWorld(NameTexts{
		Male: names.Male, Female: names.Female, Clans: names.Clans, Communities: names.Communities, Words: names.Words,
	}, places)
})

func newTestWorld(t testing.TB) *World {
	t.Helper()
	w, err := world()
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
type keep struct {
	Batch
	asOf period.Date
}

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
	k := &keep{asOf: cfg.Scenario.AsOf}
	if err := w.Generate(cfg, 2, k); err != nil {
		t.Fatal(err)
	}
	return k
}
