// Package linkage keeps the name tables and the models of record linkage, as text.
//
// README.md says where they come from; internal/domain/linkage reads them.
package linkage

import (
	_ "embed"
	"maps"
	"slices"
)

// Names is the YAML text of the Indonesian name tables.
//
//go:embed names.yaml
var Names []byte

//go:embed english-names.yaml
var english []byte

// Identity is the YAML text of the model for Indonesian identity, the default of tepat link.
//
//go:embed identity.yaml
var Identity []byte

//go:embed febrl.yaml
var febrl []byte

//go:embed historical.yaml
var historical []byte

// Tables gives the name tables a model may ask for by name, nil for none of that name.
func Tables(name string) []byte {
	return map[string][]byte{"indonesia": Names, "english": english}[name]
}

// Model gives the YAML text of a model by its name, nil for none of that name.
func Model(name string) []byte { return models()[name] }

// Models gives the names of the models that are here, in the order of the alphabet.
func Models() []string { return slices.Sorted(maps.Keys(models())) }

func models() map[string][]byte {
	return map[string][]byte{"identity": Identity, "febrl": febrl, "historical": historical}
}
