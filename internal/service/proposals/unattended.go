package proposals

import (
	"context"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// The roles of who acts without an account. They carry no permission and nobody is granted them;
// they stand in the audit log and in the histories.
const (
	Citizen access.Role = "citizen" // at the public door; her id is a keyed hash, never an account
	System  access.Role = "system"  // the clock, or an answer that came in; its id is the installation's
)

// Unattended runs f as an act of somebody without an account, whom no grant can allow anything: a
// citizen at the public door, or the passing of time. What may be done so is decided by the few
// functions that call it: they file for oneself, answer to a number and its digits, and take the
// steps of the system. Like every act it is one transaction and leaves its audit entry, with the role.
func Unattended(ctx context.Context, acts *act.Acts, by sqldb.ID, role access.Role, name string, now time.Time, f func(*act.Tx) (audit.Entry, error)) error {
	return acts.Unattended(ctx, by, role, name, now, f)
}
