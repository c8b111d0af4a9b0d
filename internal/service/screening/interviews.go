package screening

import (
	"context"
	"encoding/json"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// interviewed adds to families and members the facts of their last interview. It is
// called only when a criterion in force reads one.
func (s *Service) interviewed(ctx context.Context, q sqldb.Querier, tenant area.Tenant, groups []group) error {
	var subjects []sqldb.ID
	for i := range groups {
		subjects = append(subjects, groups[i].ID)
		for _, m := range groups[i].members {
			subjects = append(subjects, m.id)
		}
	}
	list, err := s.reg.AnswersIn(ctx, q, tenant, subjects)
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	held := make(map[sqldb.ID]registry.Answers, len(list))
	for _, a := range list {
		held[a.Subject] = a
	}
	for i := range groups {
		if err := s.derive(&groups[i], held); err != nil {
			return fmt.Errorf("derive facts of family %s: %w", sqldb.ID(groups[i].ID), err)
		}
	}
	return nil
}

// derive works a family's facts out in the version its own form was filled in; a member
// asked in another version stays unknown, and so does a family of a version without facts.
func (s *Service) derive(g *group, held map[sqldb.ID]registry.Answers) error {
	version := held[g.ID].Questionnaire
	members := make([]questionnaire.Answers, len(g.members))
	for i, m := range g.members {
		a, ok := held[m.id]
		if !ok {
			continue
		}
		if version == "" {
			version = a.Questionnaire
		}
		if a.Questionnaire != version {
			continue
		}
		if err := json.Unmarshal([]byte(a.Document), &members[i]); err != nil {
			return err
		}
	}
	if version == "" {
		return nil
	}
	var family questionnaire.Answers
	if a, ok := held[g.ID]; ok {
		if err := json.Unmarshal([]byte(a.Document), &family); err != nil {
			return err
		}
	}
	facts, err := s.forms.Derive(version, family, members)
	if fail.KindOf(err) == fail.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	g.Facts = facts.Family
	for i := range g.Members {
		g.Members[i].Facts = facts.Members[i]
	}
	return nil
}
