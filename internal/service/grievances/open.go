package grievances

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
)

// View is a case as who handles it sees it.
type View struct {
	Row
	Document Document
	Others   []Contact // who joined
	Overdue  int
	// Actions are the steps that lead out of its state for this actor.
	Actions []string
}

// Open shows one case with who filed it, to those who handle it and nobody else. It is recorded under
// its id with the purpose. Errors: grievance.unknown, access.denied.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (v View, err error) {
	err = s.acts.View(ctx, who, "grievance.open", purpose, func(tx *act.Tx) error {
		r, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(handling(who), r.Tenant, r.HandledAt()); err != nil {
			return err
		}
		if err := s.wordsIn(ctx, tx, r); err != nil {
			return err
		}
		v = View{Row: *r, Overdue: r.Overdue(s.today(tx, r)), Actions: s.actions(tx, r)}
		if v.Document, err = s.open(r.sealed); err != nil {
			return err
		}
		for _, e := range r.Events {
			if e.contact != nil {
				v.Others = append(v.Others, *e.contact)
			}
		}
		return tx.Record(ctx, r.entry(nil))
	})
	return v, err
}

// wordsIn opens the words of a case's history.
func (s *Service) wordsIn(ctx context.Context, q sqldb.Querier, r *Row) error {
	i := 0
	err := sqldb.Each(ctx, q, `SELECT `+eventColumns+` FROM grievance_event WHERE kabkota = $1 AND grievance_id = $2 ORDER BY seq`, []any{int64(r.Tenant), r.ID}, func(row sqldb.Row) error {
		_, sealed, err := scanEvent(row)
		if err == nil && i < len(r.Events) {
			err = s.openSaid(&r.Events[i], sealed)
		}
		i++
		return err
	})
	if err != nil {
		return fmt.Errorf("read words of case: %w", err)
	}
	return nil
}

// actions lists the steps of the tables that the actor has the permission for.
func (s *Service) actions(tx *act.Tx, r *Row) []string {
	var out []string
	add := func(action string, p access.Permission) {
		if p != "" && tx.Who.Allow(p, r.Tenant, r.HandledAt()) == nil {
			out = append(out, action)
		}
	}
	if r.Kind == Complaint {
		for _, t := range grievance.Transitions() {
			if string(t.From) == r.State {
				add(string(t.Action), t.Permission)
			}
		}
		return out
	}
	for _, t := range proposal.ObjectionTransitions() {
		if string(t.From) == r.State {
			add(t.Action, t.Permission)
		}
	}
	if r.Open() && r.Topic == string(proposal.AgainstListing) {
		add(actIdentify, access.VerifyProposal)
	}
	return out
}

// Seen is an objection as the family it is about may see it: what was decided and by when, never who
// filed it, how many did, or in which words.
type Seen struct {
	Number  string
	Topic   string
	State   string
	FiledOn period.Date
	Due     period.Date
	Outcome string
	Steps   []SeenStep
}

// SeenStep is one line of it.
type SeenStep struct {
	On    period.Date
	State string
}

// AboutFamily lists the objections to a family without their filers, for its page: the village's own
// officers may know the family, and the family may ask to see its record. It is recorded under the
// family's id.
func (s *Service) AboutFamily(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID) (list []Seen, err error) {
	err = s.acts.View(ctx, who, "grievance.about_family", "", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		cases, err := toFamily(ctx, tx, s.places.Lineage(tenant), family)
		if err != nil {
			return fmt.Errorf("list objections to family: %w", err)
		}
		for _, one := range cases {
			r, err := rowIn(ctx, tx, one.Tenant, one.Case)
			if err != nil {
				return err
			}
			list = append(list, seen(r))
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: map[string]any{"shown": len(list)}})
	})
	return list, err
}

// toFamily gives the objections to a family, in the tenants they may have been filed in.
func toFamily(ctx context.Context, q sqldb.Querier, tenants []area.Tenant, family sqldb.ID) ([]proposals.Found, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT kabkota, id FROM grievance WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND subject_id = ` + a.P(family) + ` AND kind = ` + a.P(string(Objection)) +
		` ORDER BY id LIMIT ` + a.P(int64(maxList))
	return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (f proposals.Found, err error) {
		var tenant int64
		err = r.Scan(&tenant, &f.Case)
		f.Tenant = area.Tenant(tenant)
		return f, err
	})
}

// seen cuts a case down to what its target may see.
func seen(r *Row) Seen {
	o := r.objection().ForTarget()
	out := Seen{Number: r.Number, Topic: r.Topic, State: r.State, FiledOn: r.FiledOn, Due: r.Due, Outcome: r.Outcome}
	for _, e := range o.Events {
		if e.From != e.To {
			out.Steps = append(out.Steps, SeenStep{e.On, string(e.To)})
		}
	}
	return out
}

// Anchor gives where a page of the queue goes on: a case the actor handles.
func (s *Service) Anchor(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (period.Date, error) {
	r, err := rowIn(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return period.Date{}, err
	}
	if err := who.Allow(handling(who), r.Tenant, r.HandledAt()); err != nil {
		return period.Date{}, fail.NotFound("grievance.unknown")
	}
	return r.Due, nil
}
