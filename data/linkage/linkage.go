// Package linkage keeps the name tables and the models of record linkage, as text.
//
// README.md says where they come from; internal/domain/linkage reads them.
package linkage

import _ "embed"

// Names is the YAML text of the Indonesian name tables.
//
//go:embed names.yaml
var Names []byte

// Identity is the YAML text of the model for Indonesian identity, the default of tepat link.
//
//go:embed identity.yaml
var Identity []byte

// Tables gives the name tables a model may ask for by name, nil for none of that name.
func Tables(name string) []byte {
	if name == "indonesia" {
		return Names
	}
	return nil
}
