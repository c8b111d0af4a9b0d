// Package holidays holds the national holidays and joint leave days of each year.
package holidays

import "embed"

// Files holds one file for each year; domain/proposal reads them.
//
//go:embed *.yaml
var Files embed.FS
