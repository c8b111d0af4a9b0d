// Package insight keeps the figures people steer by: families, persons, matches, recipients, proposals, findings
// and payments of every village, as they stand now and as they stood at the end of each closed month.
//
// The figures are kept in rollup, one row a village (and subdistrict, and district) and metric, worked out anew
// for a whole district in one snapshot (Refresh). Every answer carries the instant its figures were counted at,
// and what they are a part of. They hold no persons, so that reading them is no act; who may read which area is
// asked all the same.
package insight

import (
	"sync"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/runs"
)

// Service keeps and shows figures.
type Service struct {
	acts      *act.Acts
	places    *areas.Service
	runs      *runs.Service
	catalogue programme.Catalogue
	asleep    time.Duration
	names     NameGroups

	refreshing sync.Mutex // one Refresh at a time: a second would only count the same again

	opening sync.Mutex // guards opened
	opened  openShelf

	widening sync.Mutex // guards widened
	widened  openShelf
}

// Parts are what the service is made of.
type Parts struct {
	Acts   *act.Acts
	Places *areas.Service
	// Runs tell what waits for approval; nil where no morning page is shown.
	Runs      *runs.Service
	Catalogue programme.Catalogue
	// Asleep is how long a village may be silent before it counts as asleep; zero means 30 days.
	Asleep time.Duration
	// Names tell kinds of names apart; without them no figures by kind of name are counted.
	Names NameGroups
}

const asleepAfter = 30 * 24 * time.Hour

// New makes the service.
func New(p Parts) *Service {
	s := &Service{acts: p.Acts, places: p.Places, runs: p.Runs, catalogue: p.Catalogue, asleep: p.Asleep, names: p.Names}
	if s.asleep <= 0 {
		s.asleep = asleepAfter
	}
	return s
}

// allow asks whether the actor may read the figures of an area.
func (s *Service) allow(who access.Actor, at area.Code) error {
	return who.Allow(access.ReadInsight, s.places.TenantOf(at), at)
}
