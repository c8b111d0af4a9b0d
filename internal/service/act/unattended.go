package act

import (
	"context"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// Unattended runs f as an act of somebody without an account, whom no grant can allow anything: what may be done so is
// decided by the few functions that call it. Like every act it is one transaction and leaves its audit entry, with the role.
// by is who acts, the act itself where nobody gave a name.
func (a *Acts) Unattended(ctx context.Context, by sqldb.ID, role access.Role, name string, now time.Time, f func(*Tx) (audit.Entry, error)) error {
	id := sqldb.NewID()
	if by.IsZero() {
		by = id
	}
	return a.db.Write(ctx, func(db *sqldb.Tx) error {
		tx := &Tx{Tx: db, Now: now.UTC(), Act: id, Who: access.Actor{ID: by, Login: string(role)}}
		entry, err := f(tx)
		if err != nil {
			return err
		}
		done := audit.Act{ID: id, Name: name, At: tx.Now, Who: tx.Who, Role: role}
		if _, err := audit.Append(ctx, db, done, entry); err != nil {
			return err
		}
		return audit.Change(ctx, db, done, entry)
	})
}
