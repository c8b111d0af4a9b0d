// Package civil matches persons with the civil registry (Dukcapil): the imported file
// or the service that answers, the match run, the repair queue and the repair.
package civil

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Question asks the civil registry about one NIK; the record goes along for a
// registry that answers yes or no a field.
type Question struct {
	Hash   sqldb.Hash
	Record civilmatch.Record
}

// Registry answers questions about NIKs. Answers come in the order of the questions;
// a question that cannot be answered now has the outcome Failed, which is never "not
// matching". An error means that nothing was asked.
type Registry interface {
	Ask(ctx context.Context, q sqldb.Querier, questions []Question) ([]civilmatch.Answer, error)
	// Mode is how much the agreement lets the registry tell.
	Mode() civilmatch.Mode
	// Local tells that asking needs no network, so that it may happen inside an act.
	Local() bool
}

// Remote is a registry elsewhere. It keeps its answers: what it said before needs no network.
type Remote interface {
	Registry
	// Held gives for every question the answer that is held and fresh enough; its outcome
	// is NotAsked when there is none.
	Held(ctx context.Context, q sqldb.Querier, questions []Question) ([]Heard, error)
	// Fresh asks anew, whatever is held. It must not be called inside an act.
	Fresh(ctx context.Context, questions []Question) ([]civilmatch.Answer, error)
}

// Heard is an answer with its age.
type Heard struct {
	civilmatch.Answer
	At time.Time // when it was given; zero for now
}

// None is the registry of an installation without an agreement: nothing is asked.
type None struct{}

// Ask answers that nobody was asked.
func (None) Ask(_ context.Context, _ sqldb.Querier, questions []Question) ([]civilmatch.Answer, error) {
	return make([]civilmatch.Answer, len(questions)), nil
}

// Mode implements Registry.
func (None) Mode() civilmatch.Mode { return civilmatch.FoundOnly }

// Local implements Registry.
func (None) Local() bool { return true }

// Service matches and repairs.
type Service struct {
	acts   *act.Acts
	keys   *seal.Keyring
	reg    *registry.Service
	civil  Registry
	rules  civilmatch.Rules
	chunk  int    // persons a chunk of a match run
	alikes Alikes // nil where nobody looks
	large  int64  // persons from which a run reads the imported file into memory
	held   held
}

// New makes the service. civil says where answers come from.
func New(acts *act.Acts, keys *seal.Keyring, reg *registry.Service, civil Registry) *Service {
	s := &Service{acts: acts, keys: keys, reg: reg, civil: civil, rules: civilmatch.DukcapilRules(), chunk: localChunk, large: largeRun}
	if !civil.Local() {
		s.chunk = remoteChunk
	}
	return s
}

// CivilRow is a row of a civil file.
type CivilRow struct {
	Tenant     area.Tenant
	NIK        person.NIK
	KK         person.KK
	Name       string
	Sex        person.Sex
	BirthPlace string
	BirthDate  period.Date
	MotherName string
	Relation   person.Relation
	Area       area.Code
	Status     civilmatch.State
	AsOf       string

	hash, kkHash sqldb.Hash
	nik, kk      []byte
	mother       []byte
	norm         string
}

// Ready seals and hashes a row, outside any transaction.
func (s *Service) Ready(r *CivilRow) {
	r.hash, r.kkHash = s.reg.NIKHash(r.NIK), s.reg.KKHash(r.KK)
	var buf [16]byte
	r.nik = s.keys.Seal(nil, seal.NIK, r.NIK.AppendPlain(buf[:0]))
	if !r.KK.IsZero() {
		r.kk = s.keys.Seal(nil, seal.KK, r.KK.AppendPlain(buf[:0]))
	}
	if r.MotherName != "" {
		r.mother = s.keys.Seal(nil, seal.Mother, []byte(r.MotherName))
	}
	r.norm = person.Fold(r.Name)
}

// ourRecord is what we hold of a person, as far as it is compared.
func ourRecord(p registry.Person, kk person.KK) civilmatch.Record {
	return civilmatch.Record{
		NIK: p.NIK, NIKInvalid: p.NIKState == registry.BadNIK, NIKShared: p.NIKState == registry.Contested, KK: kk,
		Name: person.Name(p.Name), Sex: p.Sex, BirthDate: p.BirthDate, BirthPlace: p.BirthPlace, MotherName: person.Name(p.MotherName), Village: p.Area,
	}
}

// hear gives what the registry tells without any network: all of a local one's answers,
// and of one elsewhere those it gave before.
func (s *Service) hear(ctx context.Context, q sqldb.Querier, questions []Question) ([]Heard, error) {
	if remote, ok := s.civil.(Remote); ok {
		heard, err := remote.Held(ctx, q, questions)
		if err != nil {
			return nil, fmt.Errorf("read held answers: %w", err)
		}
		return heard, nil
	}
	heard := make([]Heard, len(questions))
	if !s.civil.Local() {
		return heard, nil
	}
	answers, err := s.civil.Ask(ctx, q, questions)
	if err != nil {
		return nil, fmt.Errorf("ask civil registry: %w", err)
	}
	for i := range answers {
		heard[i].Answer = answers[i]
	}
	return heard, nil
}

func (s *Service) question(p registry.Person, kk person.KK) Question {
	return Question{Hash: s.reg.NIKHash(p.NIK), Record: ourRecord(p, kk)}
}
