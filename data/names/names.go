// Package names keeps the name tables of the synthetic population, as text.
//
// README.md says where they come from and under which licence; internal/domain/synth reads them.
package names

import _ "embed"

// Male is the CSV text of men's given and last names: name, role, group, weight, source.
//
//go:embed names_male.csv
var Male []byte

// Female is the CSV text of women's given and last names: name, role, group, weight, source.
//
//go:embed names_female.csv
var Female []byte

// Clans is the CSV text of clan names: name, group, subgroup, weight, source.
//
//go:embed clan_names.csv
var Clans []byte

// Communities is the YAML text that says how each community forms names and where it lives.
//
//go:embed communities.yaml
var Communities []byte

// Words is the YAML text of the words around names: nicknames, short forms, titles, twins, streets.
//
//go:embed words.yaml
var Words []byte
