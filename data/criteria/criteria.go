// Package criteria keeps the kinds of evidence and the exit and exclusion criteria, as text.
//
// README.md says where they come from; internal/domain/evidence and internal/domain/eligibility read them.
package criteria

import "embed"

// Kinds is the YAML text of the kinds of evidence.
//
//go:embed kinds.yaml
var Kinds []byte

// Files holds the criteria: national.yaml and local.yaml.
//
//go:embed national.yaml local.yaml
var Files embed.FS
