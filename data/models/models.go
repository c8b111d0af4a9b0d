// Package models keeps welfare models and the signs of poverty, as text.
//
// README.md says where they come from; internal/domain/scoring reads them.
package models

import _ "embed"

// DemoPMT is the YAML text of the demonstration model. It is not official.
//
//go:embed demo-pmt.yaml
var DemoPMT []byte

// PovertySigns is the YAML text of the signs of poverty of Kepmensos 262/HUK/2022.
//
//go:embed kepmensos-262-2022.yaml
var PovertySigns []byte
