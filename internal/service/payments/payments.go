// Package payments pays: it opens a stage from a frozen list, works out what each family is owed and who
// receives it, hands the list to the bank or Pos, takes their answers, and closes the stage when every
// row has one final state and the sums of list, order and bank agree.
//
// An installation pays only what its level pays (installation.PayLocal, PayCentral). Of other programmes
// it keeps the status that the level above sends.
package payments

import (
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/seal"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// Service pays.
type Service struct {
	acts      *act.Acts
	keys      *seal.Keyring
	places    *areas.Service
	reg       *registry.Service
	home      installation.Installation
	catalogue programme.Catalogue
	tables    payment.Tables
	rules     Rules
	chunk     int
}

// Parts are what the service is made of.
type Parts struct {
	Acts      *act.Acts
	Keys      *seal.Keyring
	Places    *areas.Service
	Registry  *registry.Service
	Home      installation.Installation
	Catalogue programme.Catalogue
	Tables    payment.Tables
	Rules     Rules
	// Chunk is how many rows a chunk of a run holds; zero means 10,000.
	Chunk int
}

// chunkRows keeps the writer busy for less than half a second a chunk.
const chunkRows = 10_000

// New makes the service.
func New(p Parts) *Service {
	s := &Service{
		acts: p.Acts, keys: p.Keys, places: p.Places, reg: p.Registry, home: p.Home, catalogue: p.Catalogue, tables: p.Tables, rules: p.Rules, chunk: p.Chunk,
	}
	if s.chunk <= 0 {
		s.chunk = chunkRows
	}
	return s
}

// Kinds gives the runs of the service: "pay" works out and keeps the rows of a stage, "pay.instruct" notes
// the order that released the money, "pay.return" books what nobody collected in time, "pay.close" ends a stage.
func (s *Service) Kinds() []runs.Kind {
	return []runs.Kind{s.payKind(), s.instructKind(), s.returnKind(), s.closeKind()}
}

// district gives today's code of a tenant's district, where the rights over a whole stage are asked.
func (s *Service) district(tenant area.Tenant) (area.Code, error) {
	code, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return 0, fmt.Errorf("find district: %w", err)
	}
	return code, nil
}

// Meaning gives what a status means, in words, with what to do next.
func (s *Service) Meaning(of payment.Status) payment.Meaning { return s.tables.Meaning(of) }
