package screening

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

// Case is a finding with all that is needed to decide it.
type Case struct {
	Finding   Finding
	Criterion eligibility.Criterion // with reason, way back and legal basis, as of the day of judgement
	Family    registry.Family
	Members   []registry.Person
	// Evidence is what the finding rests on; Others is what else is stated about the same people.
	Evidence []Statement
	Others   []Statement
	Events   []Event
	// Hidden tells that values of facts and evidence are left out, since the actor does not
	// decide findings.
	Hidden bool
	// Alike are those of the registry whom she may be whose record the finding ended: dismissed, it brings her back. Only who
	// decides is told.
	Alike []identity.Resembling
}

// Statement is a row of evidence as a case shows it.
type Statement struct {
	ID     sqldb.ID
	Person sqldb.ID // member it is about
	Kind   string
	Value  string // as kept; empty when hidden
	AsOf   string
	Source string
}

// Open shows one finding with its evidence and family. Who may not decide it, such as the
// village operator who takes an appeal, sees which office stated what and when, but no
// amounts. It is recorded under the person or family it is about.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (c Case, err error) {
	err = s.acts.View(ctx, who, "finding.open", purpose, func(tx *act.Tx) error {
		if c.Finding, err = loadFinding(ctx, tx, tenant, id); err != nil {
			return err
		}
		f := c.Finding
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, &c); err != nil {
			return err
		}
		if c.Hidden = who.Allow(access.DecideFinding, tenant, f.Area) != nil; c.Hidden {
			c.hide()
		} else if err := s.returningIn(ctx, tx, &c); err != nil {
			return err
		}
		facts := map[string]any{"finding": f.ID.String(), "criterion": f.Criterion}
		if len(c.Alike) > 0 {
			facts["shown"] = len(c.Alike)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: f.Subject(), Facts: facts})
	})
	return c, err
}

// Alikes finds who of the registry somebody may be; identity.Service does.
type Alikes interface {
	TellIn(ctx context.Context, tx *act.Tx, asked []identity.Asked) (told [][]identity.Resembling, reach identity.Reach, err error)
}

// Look names who is asked, before somebody is brought back, whether she is in the registry again already. It is set while the
// house is built; without it nobody is asked.
func (s *Service) Look(a Alikes) { s.alikes = a }

// returningIn tells who may be the person whose record the finding ended.
func (s *Service) returningIn(ctx context.Context, tx *act.Tx, c *Case) error {
	if s.alikes == nil || !c.Finding.Ended {
		return nil
	}
	for _, m := range c.Members {
		if m.ID != c.Finding.Person || m.State == registry.Active {
			continue
		}
		all, _, err := s.alikes.TellIn(ctx, tx, []identity.Asked{identity.AskedOf(m, c.Family)})
		if err != nil {
			return fmt.Errorf("find who is alike: %w", err)
		}
		c.Alike = all[0]
	}
	return nil
}

func (s *Service) fill(ctx context.Context, tx *act.Tx, c *Case) (err error) {
	f := c.Finding
	c.Criterion, _ = s.Criterion(f.Criterion, f.Facts.Day)
	if c.Family, err = s.reg.FamilyIn(ctx, tx, f.Tenant, f.Family); err != nil {
		return err
	}
	if c.Members, err = s.reg.MembersIn(ctx, tx, f.Tenant, f.Family); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	about := c.Members
	if !f.Person.IsZero() {
		about = nil
		for _, m := range c.Members {
			if m.ID == f.Person {
				about = append(about, m)
			}
		}
	}
	all, err := s.statementsAbout(ctx, tx, f.Tenant, about)
	if err != nil {
		return err
	}
	ground := map[sqldb.ID]bool{}
	for _, id := range f.Facts.Evidence {
		ground[id] = true
	}
	for _, st := range all {
		if ground[st.ID] {
			c.Evidence = append(c.Evidence, st)
		} else {
			c.Others = append(c.Others, st)
		}
	}
	c.Events, err = s.eventsOf(ctx, tx, f)
	return err
}

// statementsAbout reads all evidence about persons, by the NIKs they have now.
func (s *Service) statementsAbout(ctx context.Context, q sqldb.Querier, tenant area.Tenant, persons []registry.Person) ([]Statement, error) {
	whose := map[sqldb.Hash]sqldb.ID{}
	var hashes []sqldb.Hash
	for _, p := range persons {
		if !p.NIK.IsZero() {
			hash := s.reg.NIKHash(p.NIK)
			whose[hash], hashes = p.ID, append(hashes, hash)
		}
	}
	a := sqldb.NewArgs(q)
	query := `SELECT id, nik_hash, kind, value, as_of, source FROM evidence WHERE kabkota = ` + a.P(int64(tenant)) + ` AND nik_hash IN ` + sqldb.In(a, hashes) +
		` ORDER BY as_of DESC, id LIMIT 500`
	list, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (st Statement, err error) {
		var hash sqldb.Hash
		err = r.Scan(&st.ID, &hash, &st.Kind, &st.Value, &st.AsOf, &st.Source)
		st.Person = whose[hash]
		return st, err
	})
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return list, nil
}

// hide leaves out what only who decides may see.
func (c *Case) hide() {
	for i := range c.Finding.Facts.Because {
		c.Finding.Facts.Because[i].Value = ""
	}
	for _, list := range [][]Statement{c.Evidence, c.Others} {
		for i := range list {
			list[i].Value = ""
		}
	}
}
