// Package act runs use cases: one act is one transaction, one access decision and
// one audit entry. A transaction that asked nobody's leave, or left no trace, does
// not commit.
package act

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// Queue takes a job into the act's transaction: it exists if and only if the act commits.
type Queue interface {
	Enqueue(ctx context.Context, tx *sqldb.Tx, job any) error
}

// Acts runs acts on a database.
type Acts struct {
	db    *sqldb.DB
	clock func() time.Time
	queue Queue
}

// New makes Acts. clock gives the present time; queue may be nil where no job is ever enqueued.
func New(db *sqldb.DB, clock func() time.Time, queue Queue) *Acts {
	return &Acts{db: db, clock: clock, queue: queue}
}

// DB gives the database, for reads that show nobody's data.
func (a *Acts) DB() *sqldb.DB { return a.db }

// Now gives the present time, in UTC.
func (a *Acts) Now() time.Time { return a.clock().UTC() }

// Tx is an act under way.
type Tx struct {
	*sqldb.Tx
	// Now is the one time of the whole act.
	Now time.Time
	// Act is the id that every row the act writes carries.
	Act sqldb.ID
	// Who acts.
	Who access.Actor

	name    string
	purpose string
	role    access.Role
	queue   Queue
	view    bool
	allowed bool
	entries []audit.Entry
}

var (
	errNotAsked    = errors.New("act asked for no permission")
	errNotRecorded = errors.New("act recorded nothing")
)

// Write runs f as an act named name. It commits when f returns nil, asked Allow
// and recorded something. f may run more than once, so it must change nothing
// outside the transaction.
func (a *Acts) Write(ctx context.Context, who access.Actor, name string, f func(*Tx) error) error {
	now, id := a.Now(), sqldb.NewID()
	return a.db.Write(ctx, func(db *sqldb.Tx) error {
		tx := &Tx{Tx: db, Now: now, Act: id, Who: who, name: name, queue: a.queue}
		if err := f(tx); err != nil {
			return err
		}
		return tx.complete()
	})
}

// View runs f in a snapshot as an act that reads personal data, and commits the
// audit entry, with the purpose, before it returns: nothing is shown untold.
func (a *Acts) View(ctx context.Context, who access.Actor, name, purpose string, f func(*Tx) error) error {
	tx := &Tx{Now: a.Now(), Act: sqldb.NewID(), Who: who, name: name, purpose: purpose, view: true}
	err := a.db.Read(ctx, func(db *sqldb.Tx) error {
		tx.Tx = db
		return f(tx)
	})
	if err == nil {
		err = tx.complete()
	}
	if err != nil {
		return err
	}
	return a.db.Write(ctx, func(db *sqldb.Tx) error {
		for _, e := range tx.entries {
			if _, err := audit.Append(ctx, db, tx.act(), e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (tx *Tx) complete() error {
	switch {
	case !tx.allowed:
		return fmt.Errorf("%s: %w", tx.name, errNotAsked)
	case len(tx.entries) == 0:
		return fmt.Errorf("%s: %w", tx.name, errNotRecorded)
	}
	return nil
}

func (tx *Tx) act() audit.Act {
	return audit.Act{ID: tx.Act, Name: tx.name, Purpose: tx.purpose, At: tx.Now, Who: tx.Who, Role: tx.role}
}

// Allow asks whether the actor may do this at the row's own place.
func (tx *Tx) Allow(p access.Permission, tenant area.Tenant, at area.Code) error {
	if err := tx.Who.Allow(p, tenant, at); err != nil {
		return err
	}
	tx.allowed = true
	tx.role = tx.Who.RoleFor(p, tenant, at)
	return nil
}

// AllowOwn lets a person without an account see and use what is kept about herself; she has shown before that she is the
// one. No role carries this right and nobody is granted it: the law on personal data gives it to everybody (UU 27/2022,
// articles 5 to 8). role is what the log says she acted as. Error: access.denied for anybody else's record.
func (tx *Tx) AllowOwn(person sqldb.ID, role access.Role) error {
	if person.IsZero() || sqldb.ID(tx.Who.ID) != person {
		return fail.Forbidden("access.denied", "permission", string(role))
	}
	tx.allowed, tx.role = true, role
	return nil
}

// AllowList asks whether the actor may list anything with the permission, and gives the scope.
func (tx *Tx) AllowList(p access.Permission) (access.Scope, error) {
	scope := tx.Who.ScopeOf(p)
	if scope.Empty() {
		return scope, tx.Who.Allow(p, 0, area.Nation)
	}
	tx.allowed = true
	for _, g := range tx.Who.Grants {
		if g.Role.Has(p) {
			tx.role = g.Role
			break
		}
	}
	return scope, nil
}

// Record writes the audit entry and the tenant's change; in a view it keeps the
// entry until the reading is done.
func (tx *Tx) Record(ctx context.Context, e audit.Entry) error {
	tx.entries = append(tx.entries, e)
	if tx.view {
		return nil
	}
	if _, err := audit.Append(ctx, tx.Tx, tx.act(), e); err != nil {
		return err
	}
	return audit.Change(ctx, tx.Tx, tx.act(), e)
}

// ErrNoQueue tells that nobody works jobs here: a command does its work itself.
var ErrNoQueue = errors.New("no queue is open")

// Enqueue puts a job into the act's transaction. Error: ErrNoQueue.
func (tx *Tx) Enqueue(ctx context.Context, job any) error {
	if tx.queue == nil {
		return fmt.Errorf("%s: %w", tx.name, ErrNoQueue)
	}
	return tx.queue.Enqueue(ctx, tx.Tx, job)
}

// NewID makes an id.
func (tx *Tx) NewID() sqldb.ID { return sqldb.NewID() }

// Micros gives the act's time as rows keep it: microseconds since 1970, UTC.
func (tx *Tx) Micros() int64 { return tx.Now.UnixMicro() }
