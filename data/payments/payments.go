// Package payments holds the dated rules of paying that are not a programme's own: who receives a
// family's money, who mends a failure, and how the simulated bank of a training installation answers.
package payments

import _ "embed"

// Rules is the YAML text of the rules; service/payments reads it.
//
//go:embed rules.yaml
var Rules []byte

// Simulation is the YAML text of the simulated bank.
//
//go:embed simulation.yaml
var Simulation []byte
