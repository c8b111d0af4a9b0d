// Package screening holds the registry against the exit and exclusion criteria: it
// keeps what other agencies state about people, finds whom a criterion hits, gives
// notice, removes when the notice is over, and takes all of it back.
package screening

import (
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Service screens.
type Service struct {
	acts      *act.Acts
	reg       *registry.Service
	catalogue *evidence.Catalogue
	library   *eligibility.Library
	wages     *eligibility.Wages
}

// Parts are what the service is made of.
type Parts struct {
	Acts      *act.Acts
	Registry  *registry.Service
	Catalogue *evidence.Catalogue
	Library   *eligibility.Library
	Wages     *eligibility.Wages // nil where no minimum wages are known
}

// New makes the service.
func New(p Parts) *Service {
	return &Service{acts: p.Acts, reg: p.Registry, catalogue: p.Catalogue, library: p.Library, wages: p.Wages}
}
