// Package watch holds the dated rules of what counts as an unusual look at people's records.
package watch

import _ "embed"

// Rules is watch.yaml; service/looks reads it.
//
//go:embed watch.yaml
var Rules []byte
