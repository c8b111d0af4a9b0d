// Package repair holds the dated rules of mending persons who do not match the civil registry: how sure a
// suggestion must be before a batch may apply it.
package repair

import _ "embed"

// Rules is the YAML text of the rules; service/suggestions reads it.
//
//go:embed rules.yaml
var Rules []byte
