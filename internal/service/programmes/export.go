package programmes

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

func sortRecap(rows []RecapRow) {
	slices.SortFunc(rows, func(a, b RecapRow) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.State, b.State))
	})
}

// Export is a list as a file.
type Export struct {
	Tenant area.Tenant
	List   sqldb.ID
	State  State // as in Filter
	Area   area.Code
	// Reveal writes NIK and No. KK in full; it needs the permission to reveal and a purpose.
	Reveal  bool
	Purpose string
}

// ExportRow is one line of a list as a file.
type ExportRow struct {
	Position  int64
	Programme programme.ID
	Period    period.Month
	State     State
	Area      area.Code
	Head      string
	Name      string // of the person or payee
	NIK, KK   string // masked unless revealed
	Address   string
	RT, RW    string
	Decile    int64
	Amount    money.Rupiah
}

const exportPage = 2000

// Export writes a list in the order of villages and priority, row by row, as far as the actor may see
// it: memory does not grow with the list. It is recorded, with how many rows left and a digest of their ids,
// before Export returns; whoever writes a file keeps it back until then. Errors: programme.purpose when
// numbers are asked for without one.
func (s *Service) Export(ctx context.Context, who access.Actor, e Export, row func(ExportRow) error) error {
	if e.Reveal && strings.TrimSpace(e.Purpose) == "" {
		return fail.Invalid("programme.purpose").On("purpose")
	}
	return s.Acts.View(ctx, who, "programme.export", e.Purpose, func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ExportData)
		if err != nil {
			return err
		}
		l, err := listByID(ctx, tx, e.Tenant, e.List)
		if err != nil {
			return err
		}
		scope = scope.Within(e.Area)
		if e.Reveal {
			if err := revealable(tx, scope, e.Tenant); err != nil {
				return err
			}
		}
		f := Filter{Tenant: e.Tenant, List: e.List, State: e.State, Limit: exportPage}
		ids, rows := sha256.New(), 0
		for more := true; more; {
			page, err := s.membersIn(ctx, tx.Tx, scope, l, f)
			if err != nil {
				return fmt.Errorf("export list: %w", err)
			}
			for i := range page {
				ids.Write(page[i].ID[:])
				if err := row(page[i].exported(l, e.Reveal)); err != nil {
					return err
				}
			}
			rows += len(page)
			if more = len(page) == exportPage; more {
				f.After = page[len(page)-1].Anchor()
			}
		}
		home, _ := who.Home()
		return tx.Record(ctx, audit.Entry{Tenant: e.Tenant, Area: home, Subject: e.List, Facts: map[string]any{
			"rows": rows, "ids": hex.EncodeToString(ids.Sum(nil)[:16]), "revealed": e.Reveal,
		}})
	})
}

// revealable refuses full numbers where the actor may not see them in the whole area of the file.
func revealable(tx *act.Tx, scope access.Scope, tenant area.Tenant) error {
	if scope.Nation() {
		return tx.Allow(access.RevealIdentity, tenant, area.Nation)
	}
	for _, r := range scope.Ranges() {
		if err := tx.Allow(access.RevealIdentity, tenant, r.From); err != nil {
			return err
		}
	}
	return nil
}

func (m *Member) exported(l List, reveal bool) ExportRow {
	out := ExportRow{Position: m.Position, Programme: m.Programme, Period: l.Period, State: m.State, Area: m.Area, Head: m.Head, Name: m.Name,
		NIK: m.NIK.String(), KK: m.KK.String(), Address: m.Address, RT: m.RT, RW: m.RW, Decile: m.Decile, Amount: m.Amount}
	if reveal {
		out.NIK, out.KK = m.NIK.Plain(), m.KK.Plain()
	}
	return out
}
