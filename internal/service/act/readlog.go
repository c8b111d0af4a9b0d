package act

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// ReadLog reads the audit log of the actor's area, the newest entry first. Reading it is an
// act too: who looked, at how many entries, and a digest of their ids, is itself recorded.
// Error: access.denied.
func (a *Acts) ReadLog(ctx context.Context, who access.Actor, f audit.Filter, limit int) (out []audit.Line, err error) {
	err = a.View(ctx, who, "audit.read", "", func(tx *Tx) error {
		scope, err := tx.AllowList(access.ReadAudit)
		if err != nil {
			return err
		}
		if out, err = audit.Lines(ctx, tx, scope, f, limit); err != nil {
			return err
		}
		facts := audit.Shown(out, func(l *audit.Line) sqldb.ID { return l.ID })
		if f.Act != "" {
			facts["act"] = f.Act
		}
		if !f.Actor.IsZero() {
			facts["actor"] = f.Actor.String()
		}
		e := audit.OfReader(who, facts)
		if len(f.Subjects) > 0 {
			e.Subject = f.Subjects[0]
		}
		return tx.Record(ctx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}

// OpenLog reads one entry of the audit log, as ReadLog does. Error: audit.no_entry.
func (a *Acts) OpenLog(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (out audit.Line, err error) {
	err = a.View(ctx, who, "audit.open", "", func(tx *Tx) error {
		scope, err := tx.AllowList(access.ReadAudit)
		if err != nil {
			return err
		}
		if out, err = audit.One(ctx, tx, scope, tenant, id); err != nil {
			return err
		}
		return tx.Record(ctx, audit.OfReader(who, map[string]any{"entry": id.String()}))
	})
	if err != nil {
		return audit.Line{}, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}
