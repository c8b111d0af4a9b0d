// Package suggestions says of everybody who does not match whom of the civil registry she probably is and what
// is probably wrong with her record, ranks the repair queue by it, and applies the surest repairs in a batch.
//
// Whether somebody matches is decided by the field rules of civilmatch alone; this package never changes that. Where
// the agreement with Dukcapil gives no values, nothing is compared with them: what a line then says comes from our
// own record only.
package suggestions

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// Outcome is what became of looking for somebody. The numbers are stored.
type Outcome int16

// The outcomes.
const (
	NotSought Outcome = 0 // the agreement gives no values to look among
	Nobody    Outcome = 1
	Unsure    Outcome = 2 // somebody has to look: not sure, or another is nearly as likely
	Found     Outcome = 3
)

// Parts are what the service is made of.
type Parts struct {
	Acts     *act.Acts
	Keys     *seal.Keyring
	Registry *registry.Service
	Civil    *civil.Service
	Places   *areas.Service
	Model    *linkage.Model
	Rules    Rules
	// Dir is the folder of the indexes by which one person is looked for at once; empty where a run alone looks.
	Dir string
	// Log is told what went wrong behind a repair that was kept; nil tells nobody.
	Log *slog.Logger
}

// Service suggests.
type Service struct {
	Parts
	model   string // name, version and digest
	workers int
	chunk   int // persons a chunk of a run
	mending int // persons a chunk of a batch
	most    int // rows of the civil file held in memory
	listed  int // lines of the list for the population office read at a time
	held    held
	hand    atHand
}

// Persons a chunk of a run; mending one takes about as long as keeping fifty suggestions.
const (
	keptChunk   = 2000
	mendedChunk = 50
	// mostKnown bounds the memory of a run: about 250 bytes a row of the civil file.
	mostKnown = 4 << 20
	// heldFor is how long a run that was interrupted keeps what it worked out.
	heldFor = 10 * time.Minute
)

// New makes the service.
func New(p Parts) *Service {
	return &Service{Parts: p, model: p.Model.Version(), workers: runtime.NumCPU(), chunk: keptChunk, mending: mendedChunk, most: mostKnown, listed: listedAtOnce}
}

// held is what a run worked out, until its last chunk is prepared: one run at a time.
type held struct {
	mu   sync.Mutex
	run  sqldb.ID
	used time.Time
	list []suggestion
	of   basis
}

// basis is what suggestions were worked out from, beside the records themselves: when one of it changes, all
// of them are old.
type basis struct {
	civilAt int64 // microseconds
	digest  sqldb.Hash
}

// basisIn gives the basis of now.
func (s *Service) basisIn(ctx context.Context, q sqldb.Querier) (b basis, err error) {
	if s.Civil.Scans() {
		if b.civilAt, err = s.Civil.NewestIn(ctx, q); err != nil {
			return b, err
		}
	}
	var text [9]byte
	binary.LittleEndian.PutUint64(text[:], uint64(b.civilAt))
	text[8] = byte(s.Civil.Mode())
	if s.Civil.Scans() {
		text[8] |= 0x80
	}
	sum := sha256.Sum256(append(text[:], s.model...))
	copy(b.digest[:], sum[:])
	return b, nil
}

// purpose binds the sealed part of a suggestion.
const purpose = seal.Purpose("match_suggestion")

// suggestion is what is kept of one person.
type suggestion struct {
	person, family  sqldb.ID
	version         int64
	familyVersion   int64
	status          civilmatch.Status
	outcome         Outcome
	civil           sqldb.Hash
	taken           bool
	probability     float64
	weight, gap     float64 // bits
	causes          []Cause
	levels          []string
	nikSame, unlike bool // her own NIK is the one found; name and birth date both differ
}

// document is the sealed part: how the fields agree says something of both values.
type document struct {
	Causes []Cause  `json:"causes"`
	Levels []string `json:"levels,omitempty"`
}
