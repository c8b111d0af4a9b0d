// Package repair holds the dated rules of mending persons who do not match the civil registry, how sure a
// suggestion must be before a batch may apply it, and the family names the figures of quality are counted by.
package repair

import _ "embed"

// Rules is the YAML text of the rules; service/suggestions reads it.
//
//go:embed rules.yaml
var Rules []byte

// Clans is the YAML text of the family names; service/insight counts by them.
//
//go:embed clans.yaml
var Clans []byte
