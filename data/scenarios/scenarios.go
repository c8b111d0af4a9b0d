// Package scenarios keeps the descriptions of the synthetic populations, as text.
//
// README.md says what they hold and how their figures are counted; internal/domain/synth reads them.
package scenarios

import (
	"embed"
	"slices"
)

//go:embed *.yaml
var files embed.FS

// names are the five published districts, in the order of the country's codes.
var names = []string{"asahan", "bengkulu", "tasikmalaya", "minsel", "ambon"}

// Names gives the names of the scenarios.
func Names() []string { return slices.Clone(names) }

// Text gives the YAML text of a scenario; ok is false when there is none of that name.
func Text(name string) (text []byte, ok bool) {
	if !slices.Contains(names, name) {
		return nil, false
	}
	return read(name), true
}

// Template gives the YAML text of the population any other area gets, in proportion to its number
// of families.
func Template() []byte { return read("template") }

func read(name string) []byte {
	text, err := files.ReadFile(name + ".yaml")
	if err != nil {
		panic("scenarios: " + err.Error()) // the file is embedded: it is missing only in a broken build
	}
	return text
}
