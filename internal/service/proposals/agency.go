package proposals

import (
	"context"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// objectionUpheld is the reason in data/reasons for taking a refused proposal up again.
const objectionUpheld = "objection_upheld"

// RowIn reads one proposal with its history. Error: proposal.unknown.
func (s *Service) RowIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Row, error) {
	r, err := rowIn(ctx, q, tenant, id)
	if err != nil {
		return Row{}, err
	}
	return *r, nil
}

// ReopenIn takes a refused proposal up again after an upheld objection, whose decision is the paper.
// It asks for the permission at the proposal's village; the caller records the act. Errors: those
// of the steps.
func (s *Service) ReopenIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID, paper Paper, note string) (Row, error) {
	r, err := rowIn(ctx, tx, tenant, id)
	if err != nil {
		return Row{}, err
	}
	if err := s.take(tx, r, proposal.ActReopen, Decision{Tenant: tenant, Reason: objectionUpheld, Note: note, Paper: paper.given()}); err != nil {
		return Row{}, r.about(err)
	}
	return *r, s.keepIn(ctx, tx, []*Row{r})
}

// ProposeRemovalIn files, in the name of Dinsos, that a family or one of its people leaves the
// registry, for a reason and on evidence. It goes the way of every proposal, through the village's
// meeting. The caller has asked for the permission by which it decided, and records the act.
func (s *Service) ProposeRemovalIn(ctx context.Context, tx *act.Tx, by access.Permission, f Filing) (Row, error) {
	f.Kind = proposal.Removal
	at, err := s.subjectIn(ctx, tx, f)
	if err != nil {
		return Row{}, err
	}
	who := filer{id: tx.Who.ID, role: tx.Who.RoleFor(by, at.tenant, at.village), origin: proposal.FromAgency}
	r, err := s.fileIn(ctx, tx, who, at, f)
	return r.Row, err
}

// ByNumberIn reads the proposal with a number, as people type it. Errors: number.format,
// proposal.unknown.
func (s *Service) ByNumberIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, typed string) (Row, error) {
	number, ok := canonical(typed)
	if !ok {
		return Row{}, fail.Invalid("number.format").On("proposal")
	}
	ids, err := idsByNumber(ctx, q, tenant, []string{number})
	if err != nil {
		return Row{}, err
	}
	id, found := ids[number]
	if !found {
		return Row{}, fail.NotFound("proposal.unknown")
	}
	return s.RowIn(ctx, q, tenant, id)
}
