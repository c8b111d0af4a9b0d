// Package layouts keeps the ready mappings of the files that officers hold, one YAML file each, with a
// synthetic sample of each.
//
// README.md says where they come from and explains the keys; internal/domain/layout reads them.
package layouts

import "embed"

// Files holds the mappings, *.yaml, at its root.
//
//go:embed *.yaml
var Files embed.FS

// Samples holds one file of each layout under samples/, named as the mapping. The people in them do
// not exist: subdistrict 81.71.99 is in no list of areas.
//
//go:embed samples
var Samples embed.FS
