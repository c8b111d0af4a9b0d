package screening

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/letters"
)

// The deadlines of data/workflow that a screening keeps.
const (
	noticeDeadline  = proposal.NoticeDeadline  // how long before a removal the family is told
	objectionWindow = proposal.ObjectionWindow // how long after a removal it may be appealed
)

// LetterFacts are what a letter about a finding says (letters.Letter.Decode). Names and
// addresses are the registry's at the time of printing; the words of criterion, reason and
// way back are those of the criterion on its day.
type LetterFacts struct {
	Finding   sqldb.ID    `json:"finding"`
	Family    sqldb.ID    `json:"family"`
	Person    sqldb.ID    `json:"person,omitzero"` // zero: the family as a whole
	Criterion string      `json:"criterion"`
	Reason    string      `json:"reason"` // code of the official reason
	Day       period.Date `json:"day"`    // of judgement
	Evidence  []Ground    `json:"evidence,omitempty"`
	// Until is the last day on which an objection is in time.
	Until period.Date `json:"until,omitzero"`
	// Basis is what that time stands on; Unverified that no regulation with it was found.
	Basis      string      `json:"basis,omitempty"`
	Unverified bool        `json:"unverified,omitempty"`
	Effective  period.Date `json:"effective,omitzero"` // day of removal
	Decision   string      `json:"decision,omitempty"` // reason code of a reinstatement
}

// Ground is one statement a finding rests on, without its value.
type Ground struct {
	Kind   string `json:"kind"`
	Source string `json:"source"` // the office that stated it
	AsOf   string `json:"as_of"`
}

// noticeIn issues the letters of notice for the findings that get one and moves these to
// noticed. Without a notice period in force nobody is noticed (deadline.unknown): then
// nobody can be removed either.
func (s *Service) noticeIn(ctx context.Context, tx *act.Tx, list []Finding, which func(Finding) bool) error {
	var due []*Finding
	for i := range list {
		if which(list[i]) {
			due = append(due, &list[i])
		}
	}
	if len(due) == 0 {
		return nil
	}
	for _, f := range due {
		today := s.places.LocalDate(f.Area, tx.Now)
		rule, err := s.deadlines.Find(noticeDeadline, today)
		if err != nil {
			return err
		}
		f.State, f.DueOn = Noticed, rule.Due(today, s.calendar)
	}
	issued, err := s.writeIn(ctx, tx, due, func(f *Finding) (letters.Kind, LetterFacts) {
		kind := letters.Notice
		if f.Hits == eligibility.HitsPayee {
			kind = letters.Payee
		}
		return kind, s.until(LetterFacts{Until: f.DueOn}, noticeDeadline, s.places.LocalDate(f.Area, tx.Now))
	})
	for i, l := range issued {
		due[i].Notice = l.ID
	}
	return err
}

// until adds what a time limit stands on.
func (s *Service) until(facts LetterFacts, deadline string, today period.Date) LetterFacts {
	rule, err := s.deadlines.Find(deadline, today)
	if err != nil {
		return facts // no limit, so none is printed
	}
	if facts.Until.IsZero() {
		facts.Until = rule.Due(today, s.calendar)
	}
	facts.Basis, facts.Unverified = rule.LegalBasis, rule.Unverified
	return facts
}

// writeIn issues one letter for each finding; what gives the kind and the facts beside
// those every letter has.
func (s *Service) writeIn(ctx context.Context, tx *act.Tx, list []*Finding, what func(*Finding) (letters.Kind, LetterFacts)) ([]letters.Letter, error) {
	if len(list) == 0 {
		return nil, nil
	}
	tenant := list[0].Tenant
	grounds, err := groundsIn(ctx, tx, tenant, list)
	if err != nil {
		return nil, err
	}
	in := make([]letters.New, len(list))
	for i, f := range list {
		kind, facts := what(f)
		facts.Finding, facts.Family, facts.Person, facts.Criterion, facts.Reason, facts.Day = f.ID, f.Family, f.Person, f.Criterion, f.Reason, f.Facts.Day
		for _, id := range f.Facts.Evidence {
			if g, ok := grounds[id]; ok {
				facts.Evidence = append(facts.Evidence, g)
			}
		}
		in[i] = letters.New{Tenant: tenant, Kind: kind, Subject: f.Subject(), Area: f.Area, Facts: facts}
	}
	return s.letters.IssueManyIn(ctx, tx, tenant, in)
}

// groundsIn reads what the findings rest on.
func groundsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []*Finding) (map[sqldb.ID]Ground, error) {
	var ids []sqldb.ID
	for _, f := range list {
		ids = append(ids, f.Facts.Evidence...)
	}
	out := make(map[sqldb.ID]Ground, len(ids))
	err := eachChunk(ids, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT id, kind, source, as_of FROM evidence WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var g Ground
			err := r.Scan(&id, &g.Kind, &g.Source, &g.AsOf)
			out[id] = g
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read evidence of findings: %w", err)
	}
	return out, nil
}
