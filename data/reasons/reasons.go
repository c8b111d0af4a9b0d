// Package reasons holds the reasons for refusing, returning, removing and reinstating, with whom each one hits.
package reasons

import "embed"

// Files holds official.yaml and workflow.yaml; domain/proposal reads them.
//
//go:embed *.yaml
var Files embed.FS
