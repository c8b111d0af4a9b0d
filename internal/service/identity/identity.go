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

	building sync.Mutex // held by who builds or brings up to date
	guard    sync.RWMutex
	live     *live // nil until it is built or opened
}

// New makes the service. It reads nothing yet: Follow or the first question does.
func New(p Parts) *Service {
	return &Service{acts: p.Acts, keys: p.Keys, reg: p.Registry, model: p.Model, path: p.Path, by: p.By, workers: runtime.GOMAXPROCS(0)}
}

// Standing says how the index stands.
type Standing struct {
	Ready   bool      // it can be asked
	Persons int       // in it
	Behind  int64     // changes of the database it has not seen
	Built   time.Time // when it was built from the database
	Model   string    // version and digest of the model
}
