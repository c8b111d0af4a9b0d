package synth

import (
	"testing"

	"tepat/data/scenarios"
	"tepat/internal/domain/area"
)

// BenchmarkWrite makes and encodes whole populations on one core. "wide" is a million persons of
// one district with the questionnaire, "narrow" without.
func BenchmarkWrite(b *testing.B) {
	w := newTestWorld(b)
	template, err := ReadScenario(scenarios.Template())
	if err != nil {
		b.Fatal(err)
	}
	million := template.For(area.Code(3578_000000), 300_000, template.AsOf)
	for _, c := range []struct {
		name string
		cfg  Config
	}{
		{"ambon", Config{Scenario: scenario(b, "ambon"), Seed: 1}},
		{"asahan", Config{Scenario: scenario(b, "asahan"), Seed: 1}},
		{"million-wide", Config{Scenario: million, Seed: 1}},
		{"million-narrow", Config{Scenario: million, Seed: 1, NoItems: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				p, err := w.New(c.cfg)
				if err != nil {
					b.Fatal(err)
				}
				counts, err := p.Write(1, nowhere{})
				if err != nil {
					b.Fatal(err)
				}
				for _, n := range counts {
					rows += n
				}
			}
			b.ReportMetric(float64(c.cfg.Scenario.Population.Persons)*float64(b.N)/b.Elapsed().Seconds(), "persons/s")
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
