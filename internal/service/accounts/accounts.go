// Package accounts keeps who may sign in and which roles they hold where.
//
// An administrator asks for a role, a second person grants it; passwords are kept as argon2id
// digests, failed sign-ins lock for a growing time, and a second factor (RFC 6238) may be
// required by the person herself. Load turns an account into the access.Actor that acts.
package accounts

import (
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/installation"
)

// Places knows where areas are stored and what day it is there; service/areas does.
type Places interface {
	// TenantOf gives the storage tenant of a code of a district or below, zero above.
	TenantOf(at area.Code) area.Tenant
	// TenantsIn gives the tenants whose rows may lie in an area; none for the nation, which means all.
	TenantsIn(at area.Code) []area.Tenant
	// RecordTenant gives the tenant an audit entry about the area belongs to.
	RecordTenant(at area.Code) area.Tenant
	// Former gives the abolished codes of what lies in the area now.
	Former(at area.Code) []area.Code
	// LocalDate gives the date at the area at an instant.
	LocalDate(at area.Code, now time.Time) period.Date
	// Known reports whether the code is in use.
	Known(at area.Code) bool
}

// Options tune the cost of passwords. The zero Options are those of a server.
type Options struct {
	// Cost is what one password costs to try.
	Cost Cost
	// Hashes is how many passwords are tried at the same time, each taking Cost.Memory; 0 means 4.
	Hashes int
}

// Service keeps the accounts. Get one from New.
type Service struct {
	acts   *act.Acts
	keys   *seal.Keyring
	places Places
	home   installation.Installation
	hasher *hasher
}

// New makes the service for an installation.
func New(acts *act.Acts, keys *seal.Keyring, places Places, home installation.Installation, o Options) *Service {
	return &Service{acts: acts, keys: keys, places: places, home: home, hasher: newHasher(o)}
}

// State is whether an account may sign in.
type State string

// The states of an account.
const (
	Active    State = "active"
	Suspended State = "suspended"
)

// Account is a person who may sign in, with her roles. It holds no secret.
type Account struct {
	ID        sqldb.ID
	Login     string
	Name      string
	State     State
	Demo      bool
	Factor    bool      // a second factor is asked for at sign-in
	Temporary bool      // the password was given out by an administrator and must be changed
	NIKKnown  bool      // the keyed hash of her own NIK is kept
	Locked    time.Time // until when sign-in is locked, zero when it is not
	LastLogin time.Time // zero: never
	Created   time.Time
	Grants    []Grant
	Requests  []Request // not yet decided
}

// Grant is a role in an area with the days it holds.
type Grant struct {
	Role access.Role
	Area area.Code
	From period.Date
	To   period.Date // first day it no longer holds; zero while it has no end
}

// Holds reports whether the grant is in force on a local date.
func (g Grant) Holds(day period.Date) bool {
	return !g.From.After(day) && (g.To.IsZero() || day.Before(g.To))
}

// Request is a role asked for that waits for the second person.
type Request struct {
	ID          sqldb.ID
	Account     sqldb.ID
	Login       string
	Name        string
	Grant       Grant
	RequestedBy sqldb.ID
	RequestedAt time.Time
}
