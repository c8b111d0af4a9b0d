package civil

import (
	"context"
	"errors"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/queue"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// CheckAgain is the job that asks a registry elsewhere about a person who was mended or came back,
// for the one who mended her or asked for it. Its worker calls Recheck.
type CheckAgain struct {
	Tenant area.Tenant `json:"tenant"`
	Person sqldb.ID    `json:"person"`
	Actor  sqldb.ID    `json:"actor"`
}

// Kind names the job.
func (CheckAgain) Kind() string { return "civil.check_again" }

// Options ask for one such job at a time for a person.
func (CheckAgain) Options() queue.Options { return queue.Options{Unique: true} }

// askLater enqueues the question that cannot be asked inside the act.
func (s *Service) askLater(ctx context.Context, tx *act.Tx, p registry.Person) error {
	if s.civil.Local() || p.Match != civilmatch.Pending {
		return nil
	}
	return tx.Enqueue(ctx, CheckAgain{p.Tenant, p.ID, tx.Who.ID})
}

// AskAgainIn has the civil registry asked anew about an active person whose status came from before what another act has found: at once
// where that needs no network, and else by a job in the name of an officer who may mend her. Her status stays until it answers. Where
// nobody works jobs, the next match asks.
func (s *Service) AskAgainIn(ctx context.Context, tx *act.Tx, p registry.Person, officer sqldb.ID) error {
	if s.civil.Local() {
		_, err := s.RematchIn(ctx, tx, p)
		return err
	}
	if officer.IsZero() {
		return nil
	}
	if err := tx.Enqueue(ctx, CheckAgain{p.Tenant, p.ID, officer}); !errors.Is(err, act.ErrNoQueue) {
		return err
	}
	return nil
}

// Recheck asks the civil registry about one person now, whatever is held, and keeps what it
// says. Errors: civil.no_answer when it did not answer, so that a job tries again;
// registry.changed when somebody changed her meanwhile; registry.not_active.
func (s *Service) Recheck(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (b Bench, err error) {
	question, err := s.questionOf(ctx, who, tenant, id, &b)
	if err != nil {
		return b, err
	}
	answer, err := s.askNow(ctx, question)
	if err != nil {
		return b, err
	}
	result := civilmatch.Compare(s.rules, &question.Record, &answer)
	if silent(result.Status) {
		return b, fail.Unavailable("civil.no_answer")
	}
	err = s.acts.Write(ctx, who, "civil.recheck", func(tx *act.Tx) error {
		p, err := s.lockedIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, tenant, p.Area); err != nil {
			return err
		}
		family, err := s.reg.FamilyIn(ctx, tx, tenant, p.FamilyID)
		if err != nil {
			return err
		}
		if p.Version != b.Person.Version || family.Version != b.Family.Version {
			return fail.Conflict("registry.changed")
		}
		if result.Status != p.Match || result.Differs != p.MatchFields {
			o := outcome{p.ID, p.FamilyID, p.Version, p.Match, p.MatchFields, result.Status, result.Differs}
			if err := keepAll(ctx, tx, tenant, []outcome{o}); err != nil {
				return err
			}
			p.Match, p.MatchFields, p.MatchedAt = result.Status, result.Differs, tx.Now
		}
		b.Person = p
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.Area, Subject: id, Facts: map[string]any{"status": p.Match.Code()}})
	})
	if err != nil {
		return b, err
	}
	s.judge(&b, Heard{Answer: answer})
	return b, nil
}

// questionOf reads whom to ask about, before anything leaves the house.
func (s *Service) questionOf(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, b *Bench) (q Question, err error) {
	db := s.acts.DB().Direct()
	if b.Person, err = s.reg.PersonIn(ctx, db, tenant, id); err != nil {
		return q, err
	}
	if err := who.Allow(access.RepairMatch, tenant, b.Person.Area); err != nil {
		return q, err
	}
	if b.Person.State != registry.Active {
		return q, fail.Conflict("registry.not_active")
	}
	if b.Family, err = s.reg.FamilyIn(ctx, db, tenant, b.Person.FamilyID); err != nil {
		return q, err
	}
	return s.question(b.Person, b.Family.KK), nil
}

func (s *Service) askNow(ctx context.Context, q Question) (a civilmatch.Answer, err error) {
	var answers []civilmatch.Answer
	if remote, ok := s.civil.(Remote); ok {
		answers, err = remote.Fresh(ctx, []Question{q})
	} else {
		answers, err = s.civil.Ask(ctx, s.acts.DB().Direct(), []Question{q})
	}
	if err != nil {
		return a, fmt.Errorf("ask civil registry: %w", err)
	}
	return answers[0], nil
}
