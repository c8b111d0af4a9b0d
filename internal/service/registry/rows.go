package registry

import (
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

const familyColumns = `kabkota, id, version, recorded_at, state, area_code, village_id, no_kk, registry_id, household_id,
	head_name, address, rt, rw, phone, persons, unmatched, source, source_date, since, decile, decile_source, decile_vintage, score`

const personColumns = `kabkota, id, version, recorded_at, state, family_id, member_since, area_code, village_id, nik, nik_state,
	name, sex, birth_place, birth_date, mother_name, relation, phone, match_status, match_fields, matched_at, source, source_date, ended_reason`

func (s *Service) scanFamily(row sqldb.Row) (Family, error) {
	var f Family
	var tenant, recorded, areaCode int64
	var kk, phone []byte
	err := row.Scan(&tenant, &f.ID, &f.Version, &recorded, &f.State, &areaCode, &f.VillageID, &kk, &f.RegistryID, &f.HouseholdID,
		&f.HeadName, &f.Address, &f.RT, &f.RW, &phone, &f.Persons, &f.Unmatched, &f.Source, &f.SourceDate, &f.Since,
		&f.Decile, &f.DecileSource, &f.DecileVintage, &f.Score)
	if err != nil {
		return f, err
	}
	f.Tenant, f.Area, f.RecordedAt = area.Tenant(tenant), area.Code(areaCode), time.UnixMicro(recorded).UTC()
	if f.KK, err = s.openKK(kk); err != nil {
		return f, fmt.Errorf("open family %s: %w", f.ID, err)
	}
	if f.Phone, err = s.openPhone(phone); err != nil {
		return f, fmt.Errorf("open family %s: %w", f.ID, err)
	}
	return f, nil
}

func (s *Service) scanPerson(row sqldb.Row) (Person, error) {
	var p Person
	var tenant, recorded, areaCode, matched, fields int64
	var nik, mother, phone []byte
	var sex, relation, match int64
	var birth string
	err := row.Scan(&tenant, &p.ID, &p.Version, &recorded, &p.State, &p.FamilyID, &p.MemberSince, &areaCode, &p.VillageID, &nik, &p.NIKState,
		&p.Name, &sex, &p.BirthPlace, &birth, &mother, &relation, &phone, &match, &fields, &matched, &p.Source, &p.SourceDate, &p.EndedReason)
	if err != nil {
		return p, err
	}
	p.Tenant, p.Area, p.RecordedAt = area.Tenant(tenant), area.Code(areaCode), time.UnixMicro(recorded).UTC()
	p.Sex, p.Relation = person.Sex(sex), person.Relation(relation)
	p.Match, p.MatchFields = civilmatch.Status(match), civilmatch.Fields(fields)
	if matched > 0 {
		p.MatchedAt = time.UnixMicro(matched).UTC()
	}
	if err := s.openPerson(&p, birth, nik, mother, phone); err != nil {
		return p, fmt.Errorf("open person %s: %w", p.ID, err)
	}
	return p, nil
}

func (s *Service) openPerson(p *Person, birth string, nik, mother, phone []byte) (err error) {
	if birth != "" {
		if p.BirthDate, err = period.ParseDate(birth); err != nil {
			return err
		}
	}
	text, err := s.openText(seal.NIK, nik)
	if err != nil {
		return err
	}
	switch {
	case text == "":
	case p.NIKState == BadNIK:
		p.RawNIK = text
	default:
		if p.NIK, err = person.ParseNIK(text); err != nil {
			return err
		}
	}
	if p.MotherName, err = s.openText(seal.Mother, mother); err != nil {
		return err
	}
	p.Phone, err = s.openPhone(phone)
	return err
}

func (s *Service) openKK(sealed []byte) (person.KK, error) {
	text, err := s.openText(seal.KK, sealed)
	if err != nil || text == "" {
		return person.KK{}, err
	}
	return person.ParseKK(text)
}

func (s *Service) openPhone(sealed []byte) (person.Phone, error) {
	text, err := s.openText(seal.Phone, sealed)
	if err != nil || text == "" {
		return person.Phone{}, err
	}
	return person.ParsePhone(text)
}

func (s *Service) sealNIK(p *Person) []byte {
	if p.NIKState == BadNIK {
		return s.sealText(seal.NIK, p.RawNIK)
	}
	if p.NIK.IsZero() {
		return nil
	}
	var buf [16]byte
	return s.keys.Seal(nil, seal.NIK, p.NIK.AppendPlain(buf[:0]))
}

func (s *Service) sealKK(k person.KK) []byte {
	if k.IsZero() {
		return nil
	}
	var buf [16]byte
	return s.keys.Seal(nil, seal.KK, k.AppendPlain(buf[:0]))
}
