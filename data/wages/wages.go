// Package wages keeps the minimum wages of provinces and districts, as text.
//
// README.md says where they come from and how far each row can be trusted.
package wages

import _ "embed"

// UMP is the CSV text of the minimum wages.
//
//go:embed ump.csv
var UMP []byte
