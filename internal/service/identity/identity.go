// Package identity tells, before somebody is written into the registry, whether she may be in it already.
//
// It keeps the live index of domain/linkage over every person of the installation: built from the database, sealed
// in a file beside it, brought up to date by the feed of changes (table change), and built anew when it is missing,
// torn, of another model or too far behind. The index only finds and weighs; people decide.
package identity

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"tepat/internal/domain/linkage"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// Parts are what the service stands on.
type Parts struct {
	Acts     *act.Acts
	Keys     *seal.Keyring
	Registry *registry.Service
	Model    *linkage.Model
	// Path is the file of the index; empty where it is kept in memory alone.
	Path string
	// By is who keeps the log of groups: the installation.
	By sqldb.ID
}

// Service keeps the index and asks it. It is safe for concurrent use.
type Service struct {
	acts    *act.Acts
	keys    *seal.Keyring
	reg     *registry.Service
	model   *linkage.Model
	path    string
	by      sqldb.ID
	workers int
	told    func(context.Context, []Found) error
	bounds  bounds
	wake    chan struct{} // has Keep follow at once
	work    progress
	keeping atomic.Bool // Keep follows the database in this process

	building sync.Mutex // held by who builds or brings up to date
	guard    sync.RWMutex
	live     *live // nil until it is built or opened
}

// New makes the service. It reads nothing yet: Follow or the first question does.
func New(p Parts) *Service {
	return &Service{
		acts: p.Acts, keys: p.Keys, reg: p.Registry, model: p.Model, path: p.Path, by: p.By, workers: runtime.GOMAXPROCS(0),
		bounds: bounds{few: 20_000, waited: 2000, changed: 20_000, told: 500, piece: 500, pieces: 20}, wake: make(chan struct{}, 1),
	}
}

// bounds are numbers of persons.
type bounds struct {
	few     int // in a registry an index is built over while somebody waits for the first answer
	waited  int // written or changed, and brought up to date while somebody waits; more wait for Keep
	changed int // brought up to date one by one; beyond it building anew is cheaper
	told    int // written or changed, and asked about at once; more are noted
	piece   int // of those noted, asked about at a time
	pieces  int // asked about before the database is followed again
}

// Reach says over how much of the registry somebody was looked for.
type Reach struct {
	Ready bool // there was an index to ask
	// Missing is how many persons were written or changed who are not in it yet: they were not looked at, or as they were
	// before. It is no less than that, and none when the index is up to date.
	Missing int
}

// Note says so among the facts of an audit entry, where somebody was not looked at.
func (r Reach) Note(facts map[string]any) {
	if !r.Ready {
		facts["unready"] = true
	}
	if r.Missing > 0 {
		facts["missing"] = r.Missing
	}
}

// Standing says how the index stands.
type Standing struct {
	Ready   bool      // it can be asked
	Persons int       // in it
	Behind  int64     // changes of the database it has not seen
	Built   time.Time // when it was built from the database
	Model   string    // version and digest of the model
	Missing int       // persons written or changed who are not in it yet, at least
	// Unasked is how many were written or changed of whom it has not been looked yet who else they may be: Keep goes through them.
	Unasked int
	// Building says what Keep is at while it makes the index anew: the one in use answers meanwhile. Done and Of are persons.
	Building Stage
	Done, Of int
}

// Stage is a piece of the work of making an index.
type Stage string

// The stages, in their order; none when nobody is building.
const (
	StageRead  Stage = "reading"  // persons of the database
	StageWeigh Stage = "weighing" // values, names and groups
	StageWrite Stage = "writing"  // the file
)

// progress is where the work of building stands, for who asks meanwhile.
type progress struct {
	guard    sync.Mutex
	stage    Stage
	done, of int
}

func (p *progress) at(stage Stage, done, of int) {
	p.guard.Lock()
	defer p.guard.Unlock()
	p.stage, p.done, p.of = stage, done, of
}

func (p *progress) read() (Stage, int, int) {
	p.guard.Lock()
	defer p.guard.Unlock()
	return p.stage, p.done, p.of
}
