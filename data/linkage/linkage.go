// Package linkage keeps the name tables and the weight model of record linkage, as text.
//
// README.md says where they come from; internal/domain/doubles reads them.
package linkage

import _ "embed"

// Names is the YAML text of the Indonesian name tables.
//
//go:embed names.yaml
var Names []byte

// Model is the YAML text of the default linkage model.
//
//go:embed model.yaml
var Model []byte
