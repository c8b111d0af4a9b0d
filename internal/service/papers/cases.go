package papers

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// found is what a case decides about its papers.
type found struct {
	kind  CaseKind
	area  area.Code
	filed bool
	open  bool
	ended time.Time // of one that is not open: when its last step was taken

	// Of a finding: who it is about, under whom looks are kept, and where it lies now. Findings go along when an area goes to
	// another district; what was given with them stays where it was given.
	subject sqldb.ID
	tenant  area.Tenant
}

// read gives the rights of which one is needed to look.
func (c found) read() []access.Permission {
	switch {
	case !c.filed:
		return []access.Permission{access.FileProposal}
	case c.kind != OfProposal:
		return c.changes()
	}
	return []access.Permission{access.ReadRegistry}
}

// changes gives the rights of which one is needed to add or take out.
func (c found) changes() []access.Permission {
	if c.filed && c.kind == OfGrievance {
		return []access.Permission{access.HandleGrievance}
	}
	if c.filed && c.kind == OfFinding { // who takes the objection in, and who decides it
		return []access.Permission{access.HandleGrievance, access.DecideFinding}
	}
	if c.filed {
		return []access.Permission{access.FileProposal, access.VerifyProposal}
	}
	return []access.Permission{access.FileProposal}
}

// caseIn finds the case of a paper; one that is not there is a form that is not sent yet, in the village that is named.
func (s *Service) caseIn(ctx context.Context, q sqldb.Querier, to To) (found, error) {
	c, ok, err := s.readCase(ctx, q, to.Tenant, to.Kind, to.Case)
	if err != nil {
		return c, fmt.Errorf("read case of paper: %w", err)
	}
	if !ok {
		if to.Kind == OfFinding || to.Area.Level() != area.LevelVillage || s.Places.TenantOf(to.Area) != to.Tenant {
			return c, fail.NotFound("papers.unknown")
		}
		c = found{kind: to.Kind, area: to.Area, open: true}
	}
	return c, nil
}

// changeable gives the case of a paper to who may change its papers. Errors: access.denied, papers.closed.
func (s *Service) changeable(ctx context.Context, tx *act.Tx, to To) (c found, err error) {
	if c, err = s.caseIn(ctx, tx, to); err != nil {
		return c, err
	}
	for _, permission := range c.changes() {
		if err = tx.Allow(permission, to.Tenant, c.area); err == nil {
			break
		}
	}
	if err == nil && !c.open {
		err = fail.Conflict("papers.closed")
	}
	return c, err
}

// readable gives the case of a paper to who may look into it.
func (s *Service) readable(ctx context.Context, tx *act.Tx, p Paper) (found, error) {
	c, err := s.caseIn(ctx, tx, To{p.Tenant, p.Kind, p.Case, p.area})
	if err != nil {
		return c, err
	}
	for _, permission := range c.read() {
		if err = tx.Allow(permission, p.Tenant, c.area); err == nil {
			break
		}
	}
	return c, err
}

// held gives the tenants in which the papers of a case may lie.
func (s *Service) held(tenant area.Tenant, c found) []area.Tenant {
	if c.kind != OfFinding {
		return []area.Tenant{tenant}
	}
	return s.Places.TenantsIn(c.area)
}

// readCase looks into the tables proposal, grievance and finding, which belong to the services of these names, for reading only:
// where a case belongs and whether it is over. What the district alone may see of complaints is asked at the district.
func (s *Service) readCase(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kind CaseKind, id sqldb.ID) (found, bool, error) {
	if kind == OfFinding {
		return s.readFinding(ctx, q, tenant, id)
	}
	query := `SELECT area_code, state, recorded_at, 0, 'proposal' FROM proposal WHERE kabkota = $1 AND id = $2`
	if kind == OfGrievance {
		query = `SELECT area_code, state, recorded_at, above, kind FROM grievance WHERE kabkota = $1 AND id = $2`
	}
	var code, at, above int64
	var state, which string
	ok, err := sqldb.Found(q.QueryRow(ctx, query, int64(tenant), id).Scan(&code, &state, &at, &above, &which))
	if err != nil || !ok {
		return found{}, false, err
	}
	c := found{kind: kind, area: area.Code(code), filed: true, ended: time.UnixMicro(at).UTC()}
	if above != 0 {
		c.area = c.area.District()
	}
	switch which {
	case "proposal":
		c.open = proposal.State(state).Open()
	case "objection":
		c.open = proposal.ObjectionState(state).Open()
	default:
		c.open = grievance.State(state).Open()
	}
	return c, true, nil
}

// readFinding looks for a finding where the paper lies, and then in the districts it may have gone to since.
func (s *Service) readFinding(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (found, bool, error) {
	for _, in := range append([]area.Tenant{tenant}, s.Places.Tree().Written()...) {
		var code, at int64
		var state string
		var person, family sqldb.ID
		ok, err := sqldb.Found(q.QueryRow(ctx, `SELECT area_code, state, recorded_at, person_id, family_id FROM finding WHERE kabkota = $1 AND id = $2`, int64(in), id).
			Scan(&code, &state, &at, &person, &family))
		if err != nil {
			return found{}, false, err
		}
		if ok {
			c := found{kind: OfFinding, area: area.Code(code), filed: true, open: state == objected, ended: time.UnixMicro(at).UTC(), subject: person, tenant: in}
			if person.IsZero() {
				c.subject = family
			}
			return c, true, nil
		}
	}
	return found{}, false, nil
}

// objected is the state of a finding while an objection to it is not decided.
const objected = "appealed"
