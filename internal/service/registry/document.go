package registry

import (
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// personDocument is a superseded row as history keeps it: JSON, sealed as a whole.
type personDocument struct {
	State       State    `json:"state"`
	FamilyID    sqldb.ID `json:"family_id"`
	MemberSince string   `json:"member_since"`
	Area        int64    `json:"area"`
	VillageID   int64    `json:"village_id"`
	NIK         string   `json:"nik,omitempty"`
	NIKState    NIKState `json:"nik_state"`
	Name        string   `json:"name"`
	Sex         int      `json:"sex"`
	BirthPlace  string   `json:"birth_place,omitempty"`
	BirthDate   string   `json:"birth_date,omitempty"`
	MotherName  string   `json:"mother_name,omitempty"`
	Relation    int      `json:"relation"`
	Phone       string   `json:"phone,omitempty"`
	Match       string   `json:"match"`
	MatchFields int      `json:"match_fields"`
	MatchedAt   int64    `json:"matched_at,omitempty"`
	Source      string   `json:"source"`
	SourceDate  string   `json:"source_date"`
	EndedReason string   `json:"ended_reason,omitempty"`
}

func (s *Service) sealPersonDocument(p *Person) ([]byte, error) {
	d := personDocument{
		State: p.State, FamilyID: p.FamilyID, MemberSince: p.MemberSince, Area: int64(p.Area), VillageID: p.VillageID,
		NIK: p.RawNIK, NIKState: p.NIKState, Name: p.Name, Sex: int(p.Sex), BirthPlace: p.BirthPlace, BirthDate: p.BirthDate.Text(),
		MotherName: p.MotherName, Relation: int(p.Relation), Phone: p.Phone.Plain(), Match: p.Match.Code(), MatchFields: int(p.MatchFields),
		Source: p.Source, SourceDate: p.SourceDate, EndedReason: p.EndedReason,
	}
	if !p.NIK.IsZero() {
		d.NIK = p.NIK.Plain()
	}
	if !p.MatchedAt.IsZero() {
		d.MatchedAt = p.MatchedAt.UnixMicro()
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write history of person %s: %w", p.ID, err)
	}
	return s.keys.Seal(nil, seal.History, data), nil
}

func (s *Service) openPersonDocument(tenant area.Tenant, id sqldb.ID, version int64, recorded time.Time, sealed []byte) (Person, error) {
	data, err := s.keys.Open(seal.History, sealed)
	if err != nil {
		return Person{}, fmt.Errorf("open history of person %s: %w", id, err)
	}
	var d personDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return Person{}, fmt.Errorf("read history of person %s: %w", id, err)
	}
	p := Person{
		Tenant: tenant, ID: id, Version: version, RecordedAt: recorded, State: d.State, FamilyID: d.FamilyID, MemberSince: d.MemberSince,
		Area: area.Code(d.Area), VillageID: d.VillageID, NIKState: d.NIKState, Name: d.Name, Sex: person.Sex(d.Sex), BirthPlace: d.BirthPlace,
		MotherName: d.MotherName, Relation: person.Relation(d.Relation), MatchFields: civilmatch.Fields(d.MatchFields),
		Source: d.Source, SourceDate: d.SourceDate, EndedReason: d.EndedReason,
	}
	if d.MatchedAt > 0 {
		p.MatchedAt = time.UnixMicro(d.MatchedAt).UTC()
	}
	return p, d.values(&p)
}

func (d personDocument) values(p *Person) (err error) {
	if p.Match, err = civilmatch.ParseStatus(d.Match); err != nil {
		return err
	}
	if d.BirthDate != "" {
		if p.BirthDate, err = period.ParseDate(d.BirthDate); err != nil {
			return err
		}
	}
	if d.Phone != "" {
		if p.Phone, err = person.ParsePhone(d.Phone); err != nil {
			return err
		}
	}
	switch {
	case d.NIK == "":
	case d.NIKState == BadNIK:
		p.RawNIK = d.NIK
	default:
		p.NIK, err = person.ParseNIK(d.NIK)
	}
	return err
}

// familyDocument is a superseded family row.
type familyDocument struct {
	State         State        `json:"state"`
	Area          int64        `json:"area"`
	VillageID     int64        `json:"village_id"`
	KK            string       `json:"no_kk,omitempty"`
	RegistryID    string       `json:"registry_id,omitempty"`
	HouseholdID   string       `json:"household_id,omitempty"`
	HeadName      string       `json:"head_name"`
	Address       string       `json:"address,omitempty"`
	RT            string       `json:"rt,omitempty"`
	RW            string       `json:"rw,omitempty"`
	Phone         string       `json:"phone,omitempty"`
	Persons       int64        `json:"persons"`
	Unmatched     int64        `json:"unmatched"`
	Source        string       `json:"source"`
	SourceDate    string       `json:"source_date"`
	Since         string       `json:"since"`
	Decile        int64        `json:"decile,omitempty"`
	DecileSource  DecileSource `json:"decile_source,omitempty"`
	DecileVintage string       `json:"decile_vintage,omitempty"`
	Score         *float64     `json:"score,omitempty"`
}

func (s *Service) sealFamilyDocument(f *Family) ([]byte, error) {
	d := familyDocument{
		State: f.State, Area: int64(f.Area), VillageID: f.VillageID, RegistryID: f.RegistryID, HouseholdID: f.HouseholdID, HeadName: f.HeadName,
		Address: f.Address, RT: f.RT, RW: f.RW, Phone: f.Phone.Plain(), Persons: f.Persons, Unmatched: f.Unmatched, Source: f.Source,
		SourceDate: f.SourceDate, Since: f.Since, Decile: f.Decile, DecileSource: f.DecileSource, DecileVintage: f.DecileVintage, Score: f.Score,
	}
	if !f.KK.IsZero() {
		d.KK = f.KK.Plain()
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write history of family %s: %w", f.ID, err)
	}
	return s.keys.Seal(nil, seal.History, data), nil
}

func (s *Service) openFamilyDocument(tenant area.Tenant, id sqldb.ID, version int64, recorded time.Time, sealed []byte) (f Family, err error) {
	data, err := s.keys.Open(seal.History, sealed)
	if err != nil {
		return f, fmt.Errorf("open history of family %s: %w", id, err)
	}
	var d familyDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return f, fmt.Errorf("read history of family %s: %w", id, err)
	}
	f = Family{
		Tenant: tenant, ID: id, Version: version, RecordedAt: recorded, State: d.State, Area: area.Code(d.Area), VillageID: d.VillageID,
		RegistryID: d.RegistryID, HouseholdID: d.HouseholdID, HeadName: d.HeadName, Address: d.Address, RT: d.RT, RW: d.RW,
		Persons: d.Persons, Unmatched: d.Unmatched, Source: d.Source, SourceDate: d.SourceDate, Since: d.Since,
		Decile: d.Decile, DecileSource: d.DecileSource, DecileVintage: d.DecileVintage, Score: d.Score,
	}
	if d.KK != "" {
		if f.KK, err = person.ParseKK(d.KK); err != nil {
			return f, err
		}
	}
	if d.Phone != "" {
		f.Phone, err = person.ParsePhone(d.Phone)
	}
	return f, err
}
