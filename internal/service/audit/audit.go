// Package audit keeps the append-only log of what was done and seen, by whom and
// for what purpose, and the seals that prove that the log is whole.
//
// Entries hold ids, codes, counts and digests, never personal data, so that
// erasing a person never breaks a seal.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Entry is what an act says of itself.
type Entry struct {
	Tenant  area.Tenant
	Area    area.Code
	Subject sqldb.ID
	// Facts are ids, codes, counts and digests.
	Facts map[string]any
}

// Act is the act an entry belongs to.
type Act struct {
	ID      sqldb.ID
	Name    string
	Purpose string
	At      time.Time
	Who     access.Actor
	Role    access.Role
}

// Append writes an entry in the transaction of its act and gives its id.
func Append(ctx context.Context, tx *sqldb.Tx, a Act, e Entry) (sqldb.ID, error) {
	facts := "{}"
	if len(e.Facts) > 0 {
		data, err := json.Marshal(e.Facts)
		if err != nil {
			return sqldb.ID{}, fmt.Errorf("write audit facts: %w", err)
		}
		facts = string(data)
	}
	id := sqldb.NewID()
	if err := insertEntry(ctx, tx, id, a, e, facts); err != nil {
		return sqldb.ID{}, fmt.Errorf("append audit entry: %w", err)
	}
	return id, nil
}

// Change appends to the tenant's feed of changes, from which packages go to other levels.
func Change(ctx context.Context, tx *sqldb.Tx, a Act, e Entry) error {
	seq, err := nextSeq(ctx, tx, e.Tenant)
	if err != nil {
		return fmt.Errorf("number change: %w", err)
	}
	if err := insertChange(ctx, tx, seq, a, e); err != nil {
		return fmt.Errorf("append change: %w", err)
	}
	return nil
}

// Line is an entry as the auditor reads it.
type Line struct {
	ID      sqldb.ID
	Tenant  area.Tenant
	At      time.Time
	Act     string
	Actor   sqldb.ID
	Role    access.Role
	Subject sqldb.ID
	Area    area.Code
	Purpose string
	Facts   string
}
