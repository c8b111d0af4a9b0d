// Package messages holds every sentence of Tepat, one YAML fragment per package that speaks.
//
// A fragment maps a key to {id: "...", en: "..."}; keys of errors start with "error." and
// continue with the code of the fail.Error. The loader refuses duplicates, missing languages
// and placeholders that differ (see kit/i18n).
package messages

import (
	"embed"

	"tepat/internal/kit/i18n"
)

//go:embed *.yaml
var fragments embed.FS

// Load reads the whole catalogue. It fails only when a fragment is wrong, so it is called once
// at start and in tests.
func Load() (*i18n.Catalogue, error) { return i18n.Load(fragments) }
