package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

const newPayee = eligibility.EffectNewPayee

// RemoveSettings are the frozen settings of a removal.
type RemoveSettings struct {
	// AsOf is the day the removals are in force from, today or earlier. A finding is taken
	// when its notice ended before it.
	AsOf period.Date `json:"as_of"`
	// Effective takes every noticed finding at once. Only a training installation may.
	Effective bool `json:"effective,omitempty"`
}

// RemoveKind is the run that puts the noticed findings of an area into force whose notice
// is over, each with its letter. Settings: RemoveSettings.
func (s *Service) RemoveKind() runs.Kind {
	return runs.Kind{
		Name: "remove", Counts: runs.Findings, Start: access.RunScreening, Approve: access.ApproveScreening,
		View: s.previewRemove, Prepare: s.prepareRemove, Undo: s.undoRemove,
	}
}

// always is a day that every notice ends before.
const always = "9999-12-31"

// removeSettings reads the settings and the day before which a notice must have ended.
// Errors: screening.day, screening.training.
func (s *Service) removeSettings(r runs.Run) (set RemoveSettings, before string, err error) {
	if err := r.Decode(&set); err != nil {
		return set, "", err
	}
	if !set.AsOf.IsFull() || set.AsOf.After(s.today(r)) {
		return set, "", fail.Invalid("screening.day").On("as_of")
	}
	if !set.Effective {
		return set, set.AsOf.Text(), nil
	}
	if !s.training {
		return set, "", fail.Forbidden("screening.training").On("effective")
	}
	return set, always, nil
}

func (s *Service) previewRemove(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	_, before, err := s.removeSettings(r)
	if err != nil {
		return runs.Preview{}, err
	}
	look := preview{figures: runs.Tally{}, shown: map[string]int{}}
	persons := newCounting()
	for p := (page{more: true}); p.more; {
		if p, err = s.pageDue(ctx, tx, r.Tenant, before, p.next); err != nil {
			return runs.Preview{}, err
		}
		due := slices.DeleteFunc(p.findings, func(f Finding) bool { return !s.isDue(r, f) })
		look.list(due, func(Finding) bool { return true })
		if err := s.countIn(ctx, tx, r.Tenant, due, persons); err != nil {
			return runs.Preview{}, err
		}
	}
	persons.into(look.figures)
	samples, err := s.samplesIn(ctx, tx, r, look.samples)
	return runs.Preview{Total: look.figures["findings"], Figures: look.figures, Samples: samples}, err
}

// isDue tells whether the run is about a finding whose notice is over.
func (s *Service) isDue(r runs.Run, f Finding) bool {
	return f.State == Noticed && r.Area.Contains(f.Area) && s.mayBeNoticed(f)
}

// countIn counts whom findings, which are not in force yet, take off the list. Families
// must be whole in the list.
func (s *Service) countIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []Finding, c *counting) error {
	byFamily := map[sqldb.ID][]Finding{}
	var families []sqldb.ID
	for _, f := range list {
		if criterion, ok := s.Criterion(f.Criterion, f.Facts.Day); !ok || !effectRemoves(criterion.Effect) {
			continue
		}
		if byFamily[f.Family] == nil {
			families = append(families, f.Family)
		}
		byFamily[f.Family] = append(byFamily[f.Family], f)
	}
	members, err := activeMembers(ctx, q, tenant, families)
	if err != nil {
		return err
	}
	known, err := findingsOf(ctx, q, tenant, families)
	if err != nil {
		return err
	}
	for _, f := range known {
		if criterion, ok := s.Criterion(f.Criterion, f.Facts.Day); ok && f.InForce() && effectRemoves(criterion.Effect) {
			c.before(f, members[f.Family])
		}
	}
	for _, family := range families {
		c.add(byFamily[family], members[family])
	}
	return nil
}

// activeMembers reads who belongs to families now. It reads the registry's table itself
// for the same reason as readGroups.
func activeMembers(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) (map[sqldb.ID][]sqldb.ID, error) {
	out := make(map[sqldb.ID][]sqldb.ID, len(families))
	err := eachChunk(families, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT family_id, id FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = 1 AND family_id IN ` + sqldb.In(a, some)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var family, id sqldb.ID
			err := r.Scan(&family, &id)
			out[family] = append(out[family], id)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return out, nil
}

func (s *Service) prepareRemove(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	set, before, err := s.removeSettings(r)
	if err != nil {
		return runs.Chunk{}, err
	}
	return s.paged(ctx, cursor, pages{
		read: func(tx *sqldb.Tx, after sqldb.ID) (page, error) { return s.pageDue(ctx, tx, r.Tenant, before, after) },
		keep: func(f Finding) bool { return s.isDue(r, f) && f.DueOn.Text() < before },
		apply: func(ctx context.Context, tx *act.Tx, list []Finding) (runs.Tally, error) {
			return s.removeIn(ctx, tx, r, set, list)
		},
	})
}

// removeIn puts findings into force.
func (s *Service) removeIn(ctx context.Context, tx *act.Tx, r runs.Run, set RemoveSettings, list []Finding) (runs.Tally, error) {
	tally, all, persons := runs.Tally{}, newItems(), newCounting()
	if err := s.countIn(ctx, tx, r.Tenant, list, persons); err != nil {
		return nil, err
	}
	persons.into(tally)
	for i := range list {
		f := &list[i]
		f.State, f.EffectiveOn, f.RemovalRun = Removed, set.AsOf, r.ID
		one := all.of(f.Subject(), string(Removed), f.Criterion)
		one.facts.Criteria = append(one.facts.Criteria, f.Criterion)
		one.facts.Findings = append(one.facts.Findings, f.ID.String())
		tally["findings"]++
		tally["criterion."+f.Criterion]++
		if err := s.endIn(ctx, tx, f, tally); err != nil {
			return nil, err
		}
	}
	if err := s.tellRemoved(ctx, tx, list); err != nil {
		return nil, err
	}
	if err := updateFindings(ctx, tx, list); err != nil {
		return nil, err
	}
	_, err := runs.ItemsIn(ctx, tx, r, all.rows())
	return tally, err
}

// endIn ends the person's record where the criterion's effect asks for it. A record that
// has ended already, by another finding or by hand, is left as it is.
func (s *Service) endIn(ctx context.Context, tx *act.Tx, f *Finding, tally runs.Tally) error {
	c, _ := s.Criterion(f.Criterion, f.Facts.Day)
	state, ends := endState(c)
	switch {
	case c.Effect == newPayee:
		tally["payees_wanted"]++
		return nil
	case !ends && f.Hits == eligibility.HitsFamily:
		tally["families_excluded"]++
		return nil
	case !ends:
		return nil
	}
	p, err := s.reg.EndPersonIn(ctx, tx, f.Tenant, f.Person, state, s.endReason(c, f.EffectiveOn))
	if fail.CodeOf(err) == "registry.not_active" {
		tally["ended_before"]++
		return nil
	}
	if err != nil {
		return fmt.Errorf("end person: %w", err)
	}
	f.Ended = true
	tally["ended"]++
	if p.Relation == person.Head {
		tally["heads_ended"]++ // the family stays, and needs a new head
	}
	return nil
}

// endState gives the state in which a criterion leaves a person; ends is false when it
// leaves her record alone.
func endState(c eligibility.Criterion) (state registry.State, ends bool) {
	switch {
	case c.Hits != eligibility.HitsPerson:
		return registry.Active, false
	case c.Effect == eligibility.EffectTransfer:
		return registry.MovedOut, true
	case c.Effect == eligibility.EffectEnd && c.Evidence.Has(evidence.Dead):
		return registry.Died, true
	case c.Effect == eligibility.EffectEnd:
		return registry.Ended, true
	}
	return registry.Active, false
}

// endReason gives the workflow's word for the criterion's reason, or the criterion itself
// where the table of reasons has none for it.
func (s *Service) endReason(c eligibility.Criterion, on period.Date) string {
	if reason, err := s.reasons.ForScreening(c.Reason.Code, on); err == nil {
		return reason.Code
	}
	return c.ID
}

// tellRemoved issues the letters of removal; a family asked for a new payee had that letter
// with the notice.
func (s *Service) tellRemoved(ctx context.Context, tx *act.Tx, list []Finding) error {
	var tell []*Finding
	for i := range list {
		if list[i].Hits != eligibility.HitsPayee {
			tell = append(tell, &list[i])
		}
	}
	issued, err := s.writeIn(ctx, tx, tell, func(f *Finding) (letters.Kind, LetterFacts) {
		facts := LetterFacts{Effective: f.EffectiveOn}
		return letters.Removal, s.until(facts, objectionWindow, s.places.LocalDate(f.Area, tx.Now))
	})
	for i, l := range issued {
		tell[i].Letter = l.ID
	}
	return err
}
