// Package population makes the synthetic populations of the scenarios as files: it joins
// the generator with the reference data and the list of areas.
package population

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	list "tepat/data/areas"
	"tepat/data/names"
	"tepat/data/scenarios"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/fail"
)

// Scenario reads a scenario by its name; synth.scenario when there is none of it.
func Scenario(name string) (synth.Scenario, error) {
	text, ok := scenarios.Text(name)
	if !ok {
		return synth.Scenario{}, fail.NotFound("population.scenario", "scenario", name)
	}
	return synth.ReadScenario(text)
}

// OfArea gives a scenario of so many families in an area, with the mixture of the template.
func OfArea(at area.Code, families int, asOf period.Date) (synth.Scenario, error) {
	s, err := synth.ReadScenario(scenarios.Template())
	if err != nil {
		return s, fmt.Errorf("read template: %w", err)
	}
	return s.For(at, families, asOf), nil
}

// World joins the names with the list of areas.
func World() (*synth.World, error) {
	var places []area.Place
	for row, err := range list.All("") {
		if err != nil {
			return nil, fmt.Errorf("read area list: %w", err)
		}
		place, err := area.NewPlace(row.Code, row.Name, row.LocalKind, row.Zone)
		if err != nil {
			return nil, fmt.Errorf("read area list: %w", err)
		}
		places = append(places, place)
	}
	return synth.NewWorld(synth.NameTexts{Male: names.Male, Female: names.Female, Clans: names.Clans, Communities: names.Communities, Words: names.Words}, places)
}

// Write makes a population and writes its files into a folder, which it makes.
func Write(world *synth.World, cfg synth.Config, workers int, dir string) (synth.Counts, error) {
	plan, err := world.New(cfg)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	counts, err := plan.Write(workers, folder(dir))
	if err != nil {
		return counts, fmt.Errorf("write population: %w", err)
	}
	return counts, nil
}

// folder creates the generator's files below a directory.
type folder string

func (f folder) Create(name string) (io.WriteCloser, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("file name %q leaves the folder", name)
	}
	path := filepath.Join(string(f), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.Create(path)
}
