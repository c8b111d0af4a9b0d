// Package questionnaire holds the questionnaires as data: items, answer codes, and what facts follow from them.
package questionnaire

import "embed"

// Files holds the versions, their facts and their mappings; domain/questionnaire reads them.
//
//go:embed *.yaml
var Files embed.FS
