package proposals

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
)

// identityDiffers is the reason in data/reasons for not matching the civil registry.
const identityDiffers = "identity_differs"

// questions gives what the civil registry is asked about the people of a document.
func (s *Service) questions(village area.Code, d *Document) []civil.Question {
	out := make([]civil.Question, len(d.Members))
	for i, m := range d.Members {
		out[i] = civil.Question{Hash: s.reg.NIKHash(m.NIK), Record: civilmatch.Record{
			NIK: m.NIK, KK: d.KK, Name: m.Name, Sex: m.Sex, BirthDate: m.BirthDate, BirthPlace: m.BirthPlace, MotherName: m.MotherName, Village: village,
		}}
	}
	return out
}

// hear gives the answers that need no network: all of a registry at hand, and of one elsewhere
// those it gave before. Where nothing answers, nobody was asked.
func (s *Service) hear(ctx context.Context, q sqldb.Querier, questions []civil.Question) ([]civilmatch.Answer, error) {
	answers := make([]civilmatch.Answer, len(questions))
	if remote, ok := s.matcher.(civil.Remote); ok {
		heard, err := remote.Held(ctx, q, questions)
		if err != nil {
			return nil, fmt.Errorf("read held answers: %w", err)
		}
		for i := range heard {
			answers[i] = heard[i].Answer
		}
		return answers, nil
	}
	if !s.matcher.Local() {
		return answers, nil
	}
	answers, err := s.matcher.Ask(ctx, q, questions)
	if err != nil {
		return nil, fmt.Errorf("ask civil registry: %w", err)
	}
	return answers, nil
}

// judge compares everybody of a document with the answers and gives the gravest status. Who has no
// NIK yet, a newborn for one, does not hold up her family, unless she is its head.
func (s *Service) judge(questions []civil.Question, answers []civilmatch.Answer, d *Document) civilmatch.Status {
	worst, unknown := civilmatch.Matched, false
	for i := range d.Members {
		m := &d.Members[i]
		result := civilmatch.Compare(s.compare, &questions[i].Record, &answers[i])
		m.Match, m.Differs = result.Status, result.Differs
		switch {
		case result.Status == civilmatch.NIKEmpty && m.Relation != person.Head:
		case result.Status.Group() == civilmatch.NotMatching:
			worst = min(worst, result.Status)
		case result.Status.Group() == civilmatch.Unknown:
			unknown = true
		}
	}
	if worst == civilmatch.Matched && unknown {
		return civilmatch.Pending
	}
	return worst
}

// matchIn compares a proposal that waits for it, and takes the step the outcome leads to. Without
// an answer it goes on waiting: a registry that is silent never refuses anybody.
func (s *Service) matchIn(ctx context.Context, q sqldb.Querier, r *Row, d *Document, step proposal.Step) error {
	questions := s.questions(r.Area, d)
	answers, err := s.hear(ctx, q, questions)
	if err != nil {
		return err
	}
	return s.conclude(r, s.judge(questions, answers, d), step)
}

// conclude takes the system's step after a comparison.
func (s *Service) conclude(r *Row, status civilmatch.Status, step proposal.Step) error {
	r.Match = status
	if status.Group() == civilmatch.Unknown || r.State != proposal.MatchPending {
		return nil
	}
	by := proposal.Step{At: step.At, On: step.On}
	if status.Group() == civilmatch.NotMatching {
		by.Reason = identityDiffers
	}
	next, err := s.rules.Match(r.Proposal, by)
	if err != nil {
		return fmt.Errorf("record match of %s: %w", r.Number, err)
	}
	r.step(next, System, said{})
	return nil
}

// Checked counts what CheckPending did.
type Checked struct{ Asked, Matched, NotMatching int64 }

// CheckPending asks the civil registry about proposals that wait for its answer, at most so many
// of each tenant, and records what it says. The network is asked outside any transaction; what
// changed meanwhile is left for the next time. It is for a periodic job.
func (s *Service) CheckPending(ctx context.Context, most int) (done Checked, err error) {
	for _, tenant := range s.places.Tree().Written() {
		ids, err := pendingIn(ctx, s.acts.DB().Direct(), tenant, most)
		if err != nil {
			return done, fmt.Errorf("read waiting proposals: %w", err)
		}
		for _, id := range ids {
			if err := s.checkOne(ctx, tenant, id, &done); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

func pendingIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, most int) ([]sqldb.ID, error) {
	return sqldb.Collect(ctx, q, `
		SELECT id FROM proposal WHERE kabkota = $1 AND state = $2 ORDER BY due_on, id LIMIT $3`,
		[]any{int64(tenant), string(proposal.MatchPending), int64(most)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
}

func (s *Service) checkOne(ctx context.Context, tenant area.Tenant, id sqldb.ID, done *Checked) error {
	r, err := rowIn(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return err
	}
	d, err := s.open(r.sealed)
	if err != nil {
		return err
	}
	questions := s.questions(r.Area, &d)
	answers, err := s.matcher.Ask(ctx, s.acts.DB().Direct(), questions)
	if err != nil {
		return fmt.Errorf("ask civil registry: %w", err)
	}
	done.Asked++
	status := s.judge(questions, answers, &d)
	if status.Group() == civilmatch.Unknown {
		return nil
	}
	err = Unattended(ctx, s.acts, s.home.ID, System, "proposal.matched", s.acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
		fresh, err := rowIn(ctx, tx, tenant, id)
		if err != nil || fresh.Version != r.Version {
			return fresh.entry(map[string]any{"moved": true}), err
		}
		if fresh.sealed, err = s.seal(d); err != nil {
			return audit.Entry{}, err
		}
		if err := s.conclude(fresh, status, proposal.Step{At: tx.Now, On: s.today(tx, fresh.Area)}); err != nil {
			return audit.Entry{}, err
		}
		return fresh.entry(map[string]any{"status": status.Code()}), s.updateRows(ctx, tx, []*Row{fresh})
	})
	if err != nil {
		return err
	}
	if status.Group() == civilmatch.Agreed {
		done.Matched++
	} else {
		done.NotMatching++
	}
	return nil
}
