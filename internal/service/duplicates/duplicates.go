// Package duplicates finds records that may describe one person, lets people compare them
// side by side, and merges them or holds them apart. A merge can be undone for 30 days.
//
// The engine of domain/linkage only finds and explains; a person decides, and where the
// decision touches money or another office's people, a second one.
package duplicates

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// Kind says how a pair came about. The words are stored.
type Kind string

// The kinds of pair.
const (
	Contested Kind = "contested" // both claim one NIK
	Exact     Kind = "exact"     // one NIK, or the same name, birth date and mother
	Fuzzy     Kind = "fuzzy"     // alike, found by the engine
	Passed    Kind = "passed"    // of a record that was merged into one of the two
)

// State is where a pair stands. The words are stored.
type State string

// The states of a pair.
const (
	Open     State = "open"
	Awaiting State = "awaiting" // a merge waits for a second person
	Merged   State = "merged"
	Distinct State = "distinct" // two persons, somebody has made sure
)

// Valid reports whether the state exists.
func (s State) Valid() bool { return slices.Contains([]State{Open, Awaiting, Merged, Distinct}, s) }

// Ref names a person of any district.
type Ref struct {
	Tenant area.Tenant `json:"tenant"`
	ID     sqldb.ID    `json:"id"`
}

// Pair is two records that may describe one person. Tenant is the district that keeps the
// pair: that of the left person.
type Pair struct {
	Tenant      area.Tenant
	ID          sqldb.ID
	Version     int64
	Left, Right Ref
	Area        area.Code // of the left person
	RightArea   area.Code // 0 until a dedupe run has seen the pair
	Kind        Kind
	Weight      float64 // match weight in bits; 0 when the engine has not weighed the pair
	Probability float64
	State       State
	Decision    string // why they are two persons: one of Reasons
	Note        string
	DecidedBy   sqldb.ID
	DecidedAt   time.Time

	reasons string
}

// Service finds, shows, merges and undoes.
type Service struct {
	acts    *act.Acts
	keys    *seal.Keyring
	reg     *registry.Service
	civil   *civil.Service
	model   *linkage.Model
	workers int
	chunk   int // pairs a chunk of a run

	mu   sync.Mutex
	held *computation // of the run under way
}

// New makes the service. The model weighs the pairs; civil compares a merged person again.
func New(acts *act.Acts, keys *seal.Keyring, reg *registry.Service, civil *civil.Service, model *linkage.Model) *Service {
	return &Service{acts: acts, keys: keys, reg: reg, civil: civil, model: model, workers: runtime.GOMAXPROCS(0), chunk: 1000}
}

// Reasons lists why two records are two persons, as codes of messages
// duplicates.reason.CODE; "other" needs a note.
func Reasons() []string {
	return []string{"documents", "visit", "twins", "relatives", "namesakes", "other"}
}

// covers reports whether the actor reviews duplicates at a person's place.
func covers(who access.Actor, p registry.Person) bool {
	return who.Allow(access.ReviewDuplicate, p.Tenant, p.Area) == nil
}

// allowIn asks for the permission at the places of both persons; both must be covered when
// both is set, else one is enough. It gives which are.
func allowIn(tx *act.Tx, left, right registry.Person, both bool) (seesLeft, seesRight bool, err error) {
	errLeft := tx.Allow(access.ReviewDuplicate, left.Tenant, left.Area)
	errRight := tx.Allow(access.ReviewDuplicate, right.Tenant, right.Area)
	switch {
	case errLeft != nil && (both || errRight != nil):
		return false, false, errLeft
	case errRight != nil && both:
		return false, false, errRight
	}
	return errLeft == nil, errRight == nil, nil
}

func wrongState(p Pair) error { return fail.Conflict("duplicates.state", "state", string(p.State)) }
