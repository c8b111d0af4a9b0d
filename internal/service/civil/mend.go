package civil

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Mending is what an operator changes on a person after a look at the KTP and KK. Nil
// leaves a field as it is.
type Mending struct {
	Tenant    area.Tenant
	PersonID  sqldb.ID
	Version   int64 // the version she saw
	NIK       *person.NIK
	KK        *person.KK
	Name      *string
	Sex       *person.Sex
	BirthDate *period.Date
	// Document is what was in hand, one of Documents.
	Document string
	// Seen is identity.Seen of those she was told this person may be, and goes on in spite of.
	Seen string
}

// Documents lists what an operator may have had in hand.
func Documents() []string { return []string{"ktp", "kk", "akta"} }

// check refuses what no document says: a mending replaces a value, it never blanks one.
func (m *Mending) check() error {
	if !slices.Contains(Documents(), m.Document) {
		return fail.Invalid("civil.document").On("document")
	}
	switch {
	case m.NIK != nil && m.NIK.IsZero():
		return fail.Invalid("nik.empty").On("nik")
	case m.KK != nil && m.KK.IsZero():
		return fail.Invalid("kk.empty").On("no_kk")
	case m.Sex != nil && *m.Sex == person.UnknownSex:
		return fail.Invalid("sex.unknown").On("sex")
	case m.BirthDate != nil && m.BirthDate.IsZero():
		return fail.Invalid("date.empty").On("birth_date")
	}
	if m.Name != nil {
		name, err := person.NewName(*m.Name)
		if e, ok := fail.As(err); ok {
			return e.On("name")
		}
		plain := name.Plain()
		m.Name = &plain
	}
	return nil
}

// Mend keeps a repair with its history and compares the person again at once where that
// needs no network; else she waits as pending, with a job that asks. A new No. KK
// concerns everybody in the family: all are compared again.
//
// Before that it looks whether the person the repair makes is in the registry already. Whom she may be is given in
// Bench.Alike, with civil.alike until the actor has seen them.
//
// Errors: civil.document, civil.nothing_changed, civil.alike (fact count) and those of an empty or impossible value;
// registry.changed when somebody else changed her since; registry.not_active.
func (s *Service) Mend(ctx context.Context, who access.Actor, m Mending) (b Bench, err error) {
	if err := m.check(); err != nil {
		return b, err
	}
	told, err := s.look(ctx, who, m)
	if err == nil {
		err = m.asked(told)
	}
	if err != nil {
		return Bench{Alike: told}, err
	}
	err = s.acts.Write(ctx, who, "civil.mend", func(tx *act.Tx) error {
		p, err := s.lockedIn(ctx, tx, m.Tenant, m.PersonID)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, m.Tenant, p.Area); err != nil {
			return err
		}
		switch {
		case p.Version != m.Version:
			return fail.Conflict("registry.changed")
		case p.State != registry.Active:
			return fail.Conflict("registry.not_active")
		}
		changed, err := s.mendIn(ctx, tx, p, m)
		if err != nil {
			return err
		}
		if len(changed) == 0 {
			return fail.Invalid("civil.nothing_changed")
		}
		if b, err = s.benchIn(ctx, tx, m.Tenant, m.PersonID, slices.Contains(changed, "no_kk")); err != nil {
			return err
		}
		if err := s.askLater(ctx, tx, b.Person); err != nil {
			return err
		}
		facts := map[string]any{"fields": changed, "document": m.Document, "status": b.Person.Match.Code()}
		if len(told) > 0 {
			facts["alike_seen"] = len(told)
		}
		return tx.Record(ctx, audit.Entry{Tenant: m.Tenant, Area: p.Area, Subject: p.ID, Facts: facts})
	})
	return b, err
}

// lockedIn reads a person whose row nobody else changes until the act ends. A match run
// changes a status without a new version, so the version alone would not show it.
func (s *Service) lockedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID) (registry.Person, error) {
	if _, err := tx.Exec(ctx, `UPDATE person SET version = version WHERE kabkota = $1 AND id = $2`, int64(tenant), id); err != nil {
		return registry.Person{}, fmt.Errorf("lock person: %w", err)
	}
	return s.reg.PersonIn(ctx, tx, tenant, id)
}

// mendIn keeps what changed and names it, in a fixed order.
func (s *Service) mendIn(ctx context.Context, tx *act.Tx, p registry.Person, m Mending) (changed []string, err error) {
	before := p
	note := func(name string, differs bool) {
		if differs {
			changed = append(changed, name)
		}
	}
	if m.BirthDate != nil {
		p.BirthDate = *m.BirthDate
		note("birth_date", p.BirthDate != before.BirthDate)
	}
	if m.Name != nil {
		p.Name = *m.Name
		note("name", p.Name != before.Name)
	}
	if m.NIK != nil {
		p.NIK, p.RawNIK = *m.NIK, ""
		note("nik", p.NIK != before.NIK)
	}
	if m.Sex != nil {
		p.Sex = *m.Sex
		note("sex", p.Sex != before.Sex)
	}
	if len(changed) > 0 {
		p.Match, p.MatchFields = civilmatch.Pending, 0
		if _, err := s.reg.ChangePersonIn(ctx, tx, p); err != nil {
			return nil, err
		}
	}
	if m.KK == nil {
		return changed, nil
	}
	renewed, err := s.renewCardIn(ctx, tx, p, *m.KK)
	note("no_kk", renewed)
	return changed, err
}

// renewCardIn gives a person's family a new No. KK; renewed is false when it has it already.
func (s *Service) renewCardIn(ctx context.Context, tx *act.Tx, p registry.Person, kk person.KK) (renewed bool, err error) {
	_, err = tx.Exec(ctx, `UPDATE family SET version = version WHERE kabkota = $1 AND id = $2`, int64(p.Tenant), p.FamilyID)
	if err != nil {
		return false, fmt.Errorf("lock family: %w", err)
	}
	family, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil || family.KK == kk {
		return false, err
	}
	family.KK = kk
	_, err = s.reg.ChangeFamilyIn(ctx, tx, family)
	return err == nil, err
}

// benchIn compares a person again, and with a new card her whole family, and gives her bench.
func (s *Service) benchIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, id sqldb.ID, card bool) (b Bench, err error) {
	if b.Person, err = s.reg.PersonIn(ctx, tx, tenant, id); err != nil {
		return b, err
	}
	if b.Family, err = s.reg.FamilyIn(ctx, tx, tenant, b.Person.FamilyID); err != nil {
		return b, err
	}
	members := []registry.Person{b.Person}
	if card {
		if members, err = s.reg.MembersIn(ctx, tx, tenant, b.Family.ID); err != nil {
			return b, err
		}
		members = slices.DeleteFunc(members, func(m registry.Person) bool { return m.State != registry.Active })
	}
	heard, err := s.rematchIn(ctx, tx, b.Family.KK, members, card)
	if err != nil {
		return b, err
	}
	for i := range members {
		if members[i].ID == id {
			b.Person = members[i]
			s.judge(&b, heard[i])
		}
	}
	b.Family, err = s.reg.FamilyIn(ctx, tx, tenant, b.Person.FamilyID) // its counts moved
	return b, err
}

// RematchIn compares an active person again, after a change of what is compared, with what
// the registry tells without network, and gives her with her status. Without an answer
// her status stays as it is.
func (s *Service) RematchIn(ctx context.Context, tx *act.Tx, p registry.Person) (registry.Person, error) {
	family, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
	if err != nil {
		return p, err
	}
	members := []registry.Person{p}
	_, err = s.rematchIn(ctx, tx, family.KK, members, false)
	return members[0], err
}

// rematchIn compares members of one family again and keeps their statuses, in the
// database and in the slice.
func (s *Service) rematchIn(ctx context.Context, tx *act.Tx, kk person.KK, members []registry.Person, card bool) ([]Heard, error) {
	questions := make([]Question, len(members))
	for i := range members {
		questions[i] = s.question(members[i], kk)
	}
	heard, err := s.hear(ctx, tx, questions)
	if err != nil {
		return nil, err
	}
	var changed []outcome
	for i := range members {
		m := &members[i]
		result := civilmatch.Compare(s.rules, &questions[i].Record, &heard[i].Answer)
		status, differs := result.Status, result.Differs
		if silent(status) {
			status, differs = m.Match, m.MatchFields
			if card && dependsOnCard(status) {
				status, differs = civilmatch.Pending, 0
			}
		}
		if status != m.Match || differs != m.MatchFields {
			changed = append(changed, outcome{m.ID, m.FamilyID, m.Version, m.Match, m.MatchFields, status, differs})
			m.Match, m.MatchFields, m.MatchedAt = status, differs, tx.Now
		}
	}
	if len(changed) == 0 {
		return heard, nil
	}
	return heard, keepAll(ctx, tx, members[0].Tenant, changed)
}

// dependsOnCard tells a status that another No. KK may turn into another one.
func dependsOnCard(s civilmatch.Status) bool {
	switch s {
	case civilmatch.KKDiffers, civilmatch.NotRecorded, civilmatch.NIKFound, civilmatch.Matched:
		return true
	}
	return false
}

// keepAll keeps statuses of persons read in the same act; one that moved is a conflict.
func keepAll(ctx context.Context, tx *act.Tx, tenant area.Tenant, changed []outcome) error {
	n, err := updateStatuses(ctx, tx, tenant, changed)
	if err != nil {
		return fmt.Errorf("keep statuses: %w", err)
	}
	if n != int64(len(changed)) {
		return fail.Conflict("registry.changed")
	}
	return recountFamilies(ctx, tx, tenant, changed)
}
