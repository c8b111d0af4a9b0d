// Package workflow holds the dated deadlines and routes of proposals, objections and grievances.
package workflow

import "embed"

// Files holds deadlines.yaml and routes.yaml; domain/proposal reads them.
//
//go:embed *.yaml
var Files embed.FS
