// Package assessments keeps where families stand by welfare: the official deciles of
// BPS by vintage, the estimates of a demonstration model where there is no official
// one, and the story of both for the family that asks why its decile moved.
//
// An official decile is authoritative: no estimate and no older vintage replaces it.
package assessments

import (
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// Service keeps deciles and estimates.
type Service struct {
	acts   *act.Acts
	reg    *registry.Service
	places *areas.Service
	forms  questionnaire.Set
	keys   keys
	model  scoring.Model
	// workers is how many cores a scoring uses.
	workers int
	chunk   int // changes written at a time
	duePage int // families with new answers ranked by one act
	dueMost int // and by one call
	held    runs.Held[estimates]
}

// Parts are what the service is made of.
type Parts struct {
	Acts     *act.Acts
	Registry *registry.Service
	// Places gives the districts whose families are ranked anew by themselves.
	Places *areas.Service
	Forms  questionnaire.Set
	// Model scores the families without an official decile.
	Model scoring.Model
	// Workers is how many cores a scoring uses; below one means one.
	Workers int
}

// New makes the service.
func New(p Parts) *Service {
	return &Service{acts: p.Acts, reg: p.Registry, places: p.Places, forms: p.Forms, keys: newKeys(p.Forms), model: p.Model, workers: p.Workers, chunk: scoreChunk, duePage: duePage, dueMost: dueMost}
}
