package suggestions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// mendOne takes over the values of one person's civil record, if everything is still as it was suggested, and
// compares her again by the field rules.
func (s *Service) mendOne(ctx context.Context, tx *act.Tx, r runs.Run, m mendable) (runs.Item, error) {
	left := runs.Item{Subject: m.person, Outcome: "left", Code: "changed", Facts: "{}"}
	p, err := s.Civil.LockedIn(ctx, tx, r.Tenant, m.person)
	if err != nil {
		return left, err
	}
	family, err := s.Registry.FamilyIn(ctx, tx, r.Tenant, p.FamilyID)
	if err != nil {
		return left, err
	}
	same := p.Version == m.version && family.Version == m.familyVersion && p.State == registry.Active && p.NIKState == registry.Holder
	if !same || p.Match.Group() != civilmatch.NotMatching || s.Registry.NIKHash(p.NIK) != m.civil {
		return left, nil
	}
	records, err := s.Civil.RecordsIn(ctx, tx, []sqldb.Hash{m.civil})
	if err != nil {
		return left, err
	}
	answer := records[m.civil]
	if answer.Outcome != civilmatch.Found || answer.State != civilmatch.Alive {
		return left, nil
	}
	after, fields, err := s.Civil.MendIn(ctx, tx, p, takenOver(p, &answer.Civil, m.causes))
	if err != nil || len(fields) == 0 {
		return left, err
	}
	text, err := json.Marshal(facts{after.Version, fields})
	if err != nil {
		return left, fmt.Errorf("write item: %w", err)
	}
	return runs.Item{Subject: m.person, Outcome: "mended", Code: string(m.causes[0]), Facts: string(text)}, nil
}

// takenOver says what of the civil record replaces ours: the fields that are wrong, and never a number.
func takenOver(p registry.Person, c *civilmatch.CivilRecord, causes []Cause) (m civil.Mending) {
	about := func(list ...Cause) bool {
		return slices.ContainsFunc(causes, func(c Cause) bool { return slices.Contains(list, c) })
	}
	if c.Name != "" && about(NameForm, NameJoined, NameSpelled, NameShort) {
		name := c.Name.Plain()
		m.Name = &name
	}
	if !c.BirthDate.IsZero() && about(BirthSwap, BirthDigit, BirthYear, BirthGuess) {
		m.BirthDate = &c.BirthDate
	}
	if c.Sex != person.UnknownSex && about(SexDiffers) {
		m.Sex = &c.Sex
	}
	m.Tenant, m.PersonID, m.Version = p.Tenant, p.ID, p.Version
	return m
}

// undoBatch gives back what the batch replaced, to those nobody has changed since.
func (s *Service) undoBatch(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, fmt.Errorf("read cursor: %w", err)
	}
	items, err := runs.Items(ctx, s.Acts.DB().Direct(), r, after, s.mending)
	if err != nil {
		return runs.Chunk{}, fmt.Errorf("read items: %w", err)
	}
	if n := len(items); n > 0 {
		after = items[n-1].Subject
	}
	return runs.Chunk{Next: after.String(), Last: len(items) < s.mending, Units: int64(len(items)), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		var kept []runs.Item
		for _, item := range items {
			if item.Outcome != "mended" {
				continue
			}
			back, err := s.giveBack(ctx, tx, r, item)
			if err != nil {
				return nil, fmt.Errorf("give back person %s: %w", item.Subject, err)
			}
			item.Outcome = "given_back"
			if !back {
				item.Outcome = "not_given_back"
			}
			kept = append(kept, item)
		}
		_, err := runs.ItemsIn(ctx, tx, r, kept)
		return nil, err
	}}, nil
}

func (s *Service) giveBack(ctx context.Context, tx *act.Tx, r runs.Run, item runs.Item) (bool, error) {
	var f facts
	if err := json.Unmarshal([]byte(item.Facts), &f); err != nil {
		return false, err
	}
	p, err := s.Civil.LockedIn(ctx, tx, r.Tenant, item.Subject)
	if err != nil || p.Version != f.Version || p.State != registry.Active {
		return false, err // somebody has changed her since: hers is newer
	}
	old, err := s.Registry.PersonAsOf(ctx, tx, r.Tenant, item.Subject, p.RecordedAt.Add(-time.Microsecond))
	if err != nil {
		return false, err
	}
	m := civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version}
	for _, field := range f.Fields {
		switch field {
		case "name":
			m.Name = &old.Name
		case "birth_date":
			m.BirthDate = &old.BirthDate
		case "sex":
			m.Sex = &old.Sex
		}
	}
	_, _, err = s.Civil.MendIn(ctx, tx, p, m)
	return err == nil, err
}
