// Package areas keeps the places an installation works with: the list of the nation's areas,
// the storage tenants, and what became of old codes.
//
// It alone converts between a district's code, which a decree may re-issue, and its storage
// tenant, which never changes. The rows are few (92,000) and read all the time, so the package
// holds them in memory as an immutable Tree that is replaced when a decree changes the areas.
package areas

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Service keeps the areas. Get one from Open.
type Service struct {
	acts   *act.Acts
	tables []sqldb.Table
	tree   atomic.Pointer[Tree]
	reload sync.Mutex // one Refresh at a time
}

// Open reads the areas from the database. tables is the table manifest, by which a change of
// codes finds the rows it must rewrite.
func Open(ctx context.Context, acts *act.Acts, tables []sqldb.Table) (*Service, error) {
	s := &Service{acts: acts, tables: tables}
	if err := s.reread(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Tree gives the areas as they are now. Keep the result for the length of one piece of work
// only: a decree may replace it at any time.
func (s *Service) Tree() *Tree { return s.tree.Load() }

// Refresh reads the areas again when another process has changed them since; it costs one small
// query when nothing has changed.
func (s *Service) Refresh(ctx context.Context) error {
	now, err := revision(ctx, s.acts.DB().Direct())
	if err != nil {
		return fmt.Errorf("read revision of areas: %w", err)
	}
	if now == s.Tree().revision {
		return nil
	}
	return s.reread(ctx)
}

func (s *Service) reread(ctx context.Context) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	tree, err := load(ctx, s.acts.DB(), s.acts.Now())
	if err != nil {
		return fmt.Errorf("load areas: %w", err)
	}
	s.tree.Store(tree)
	return nil
}

// TenantOf gives the storage tenant of the district an area is or lies in; see Tree.TenantOf.
func (s *Service) TenantOf(at area.Code) area.Tenant { return s.Tree().TenantOf(at) }

// TenantsIn gives the storage tenants whose rows may lie in an area; see Tree.TenantsIn.
func (s *Service) TenantsIn(at area.Code) []area.Tenant { return s.Tree().TenantsIn(at) }

// Lineage gives the tenants in which what does not move may lie of a tenant's rows; see Tree.Lineage.
func (s *Service) Lineage(tenant area.Tenant) []area.Tenant { return s.Tree().Lineage(tenant) }

// Written gives the tenants this installation writes for; see Tree.Written.
func (s *Service) Written() []area.Tenant { return s.Tree().Written() }

// RecordTenant gives the tenant an audit entry about an area belongs to: that of its district
// when this installation writes for it, else tenant zero, the installation itself.
func (s *Service) RecordTenant(at area.Code) area.Tenant { return s.Tree().RecordTenant(at) }

// LocalDate gives the date at an area at an instant.
func (s *Service) LocalDate(at area.Code, now time.Time) period.Date {
	return s.Tree().LocalDate(at, now)
}

// Former gives the abolished codes of what lies in an area; see Tree.Former.
func (s *Service) Former(at area.Code) []area.Code { return s.Tree().Former(at) }

// Known reports whether a code is in use; the nation always is.
func (s *Service) Known(at area.Code) bool {
	_, ok := s.Tree().At(at)
	return ok || at == area.Nation
}
