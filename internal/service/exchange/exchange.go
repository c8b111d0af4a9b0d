// Package exchange reads and writes the files offices exchange: imports as runs that
// keep every good row and say of every bad one why, and the exports back.
package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/layout"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/assessments"
	"tepat/internal/service/civil"
	"tepat/internal/service/payments"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
)

// Subject is what a file is about.
type Subject string

// The subjects of files.
const (
	Families Subject = "families"
	Civil    Subject = "civil"
	Evidence Subject = "evidence"
	Deciles  Subject = "deciles"
	Answers  Subject = "answers" // decisions of the level above
	Results  Subject = "results" // the bank's results of a payment cycle
)

// Settings are the frozen settings of an import.
type Settings struct {
	Subject Subject `json:"subject"`
	// Path is where the file lies while the run lasts.
	Path string `json:"path"`
	// SHA256 is the digest of the file, in hex.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Name is what its sender calls the file.
	Name string `json:"name,omitempty"`
	// Layout names a ready mapping, or holds one; empty when the headers say enough.
	Layout string `json:"layout,omitempty"`
	// Source stands for rows that name none.
	Source string `json:"source,omitempty"`
	// AsOf stands for rows that name no date: YYYY[-MM[-DD]].
	AsOf string `json:"as_of,omitempty"`
	// Whole makes the preview read the whole file: a dry run.
	Whole bool `json:"whole,omitempty"`
	// Cycle is the payment cycle of a file of results.
	Cycle sqldb.ID `json:"cycle,omitzero"`
	// Rejects is the file the bad rows are told in.
	Rejects string `json:"rejects"`
	// Alike is the file in which a dry run lists the rows whose persons may be registered already, for WriteAlike.
	Alike string `json:"alike,omitempty"`
}

// Service imports and exports.
type Service struct {
	acts        *act.Acts
	places      *areas.Service
	reg         *registry.Service
	civil       *civil.Service
	screening   *screening.Service
	assessments *assessments.Service
	proposals   *proposals.Service
	forms       questionnaire.Set
	ready       []*layout.Mapping
	payments    *payments.Service
	indexes     []sqldb.Index
	reason      func(error) string
	chunk       int
	alikes      Alikes
	mostAsked   int64

	mu   sync.Mutex
	open map[sqldb.ID]*session
}

// Parts are what the service is made of.
type Parts struct {
	Acts        *act.Acts
	Places      *areas.Service
	Registry    *registry.Service
	Civil       *civil.Service
	Screening   *screening.Service
	Assessments *assessments.Service
	// Proposals takes in what the level above decided.
	Proposals *proposals.Service
	Forms     questionnaire.Set
	// Indexes are dropped while a first import fills empty tables.
	Indexes []sqldb.Index
	// Reason says an error in words, for the rejects file.
	Reason func(error) string
	// Alikes finds whom new persons may be, for the preview; nil where nobody looks.
	Alikes Alikes
	// Chunk is how many rows are written at a time; zero is ten thousand.
	Chunk int
}

// New makes the service.
func New(p Parts) (*Service, error) {
	ready, err := readyLayouts()
	if err != nil {
		return nil, err
	}
	return &Service{ready: ready, acts: p.Acts, places: p.Places, reg: p.Registry, civil: p.Civil, screening: p.Screening, assessments: p.Assessments, proposals: p.Proposals,
		forms: p.Forms, indexes: p.Indexes, reason: p.Reason, chunk: cmp.Or(p.Chunk, chunkRows), alikes: p.Alikes, mostAsked: mostAsked, open: map[sqldb.ID]*session{}}, nil
}

// Kinds gives the runs of the service, one a subject.
func (s *Service) Kinds() []runs.Kind {
	var out []runs.Kind
	for _, subject := range append(Subjects(), Results) {
		out = append(out, runs.Kind{Name: KindOf(subject), Counts: runs.Bytes, Start: PermissionOf(subject), View: s.preview, Prepare: s.prepare, Finish: s.finish})
	}
	return out
}

// Subjects lists what files of the registry are about, in the order of the main job; the
// bank's results are sent from the page of their payment cycle.
func Subjects() []Subject { return []Subject{Families, Civil, Evidence, Deciles, Answers} }

// KindOf gives the kind of run that imports a subject.
func KindOf(s Subject) string { return "import." + string(s) }

// PermissionOf gives who may import a subject.
func PermissionOf(s Subject) access.Permission {
	switch s {
	case Civil:
		return access.RunMatch
	case Evidence:
		return access.RunScreening
	case Deciles:
		return access.RunAssessment
	case Results:
		return access.RunPayment
	case Answers:
		return access.ImportAnswers
	default:
		return access.RunImport
	}
}

// Connect names the service that takes the bank's results; it is built after this one.
func (s *Service) Connect(p *payments.Service) { s.payments = p }

// Describe reads what an import needs to know of a file and gives the settings of its run.
func (s *Service) Describe(subject Subject, path, rejects string) (Settings, error) {
	digest, size, err := fileDigest(path)
	if err != nil {
		return Settings{}, err
	}
	return Settings{Subject: subject, Path: path, SHA256: digest, Size: size, Rejects: rejects}, nil
}

func fileDigest(path string) (digest string, size int64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", 0, fail.NotFound("import.no_file")
	}
	if err != nil {
		return "", 0, fmt.Errorf("open file to import: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, fmt.Errorf("read file to import: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// tenantOf gives the tenant of a row's village; the installation must write for it.
func (s *Service) tenantOf(at area.Code) (area.Tenant, error) {
	tenant := s.places.TenantOf(at)
	if tenant == 0 || !s.places.Tree().Writes(tenant) {
		return 0, fail.Invalid("import.area_outside").On("area_code")
	}
	return tenant, nil
}

// finish gives free what the run held open.
func (s *Service) finish(_ context.Context, _ *act.Tx, r runs.Run) (runs.Tally, error) {
	s.close(r.ID)
	return nil, nil
}
