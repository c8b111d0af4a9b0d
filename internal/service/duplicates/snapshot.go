package duplicates

import (
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

const planPurpose = seal.Purpose("merge_plan")

// plan is what a merge is to do and, once done, all that its undo needs. It is kept as
// sealed JSON.
type plan struct {
	Take          []Field `json:"take"`
	SeesKept      bool    `json:"sees_kept"` // what the one who asked covers
	SeesMerged    bool    `json:"sees_merged"`
	KeptVersion   int64   `json:"kept_version"` // the versions she saw
	MergedVersion int64   `json:"merged_version"`

	KeptBefore   snapshot `json:"kept_before"`
	KeptAfter    snapshot `json:"kept_after"`
	MergedBefore snapshot `json:"merged_before"`
	ClaimsBefore []claim  `json:"claims_before,omitempty"`
	ClaimsAfter  []claim  `json:"claims_after,omitempty"`
	FamilyEnded  bool     `json:"family_ended,omitempty"`
	Called       called   `json:"called,omitzero"` // none in plans of merges before this was kept
}

// called is by what name the kept person's family went before and after the merge.
type called struct {
	Family sqldb.ID `json:"family"`
	Before string   `json:"before"`
	After  string   `json:"after"`
	Stale  bool     `json:"stale,omitempty"` // before was no head's name
}

// snapshot is what a merge may change of a person.
type snapshot struct {
	NIK         string            `json:"nik,omitempty"`
	RawNIK      string            `json:"raw_nik,omitempty"`
	NIKState    registry.NIKState `json:"nik_state"`
	Name        string            `json:"name"`
	Sex         person.Sex        `json:"sex"`
	BirthPlace  string            `json:"birth_place,omitempty"`
	BirthDate   string            `json:"birth_date,omitempty"`
	MotherName  string            `json:"mother_name,omitempty"`
	Phone       string            `json:"phone,omitempty"`
	Match       civilmatch.Status `json:"match"`
	MatchFields civilmatch.Fields `json:"match_fields"`
	MatchedAt   int64             `json:"matched_at,omitempty"`
}

func snapshotOf(p registry.Person) snapshot {
	out := snapshot{
		NIK: p.NIK.Plain(), RawNIK: p.RawNIK, NIKState: p.NIKState, Name: p.Name, Sex: p.Sex, BirthPlace: p.BirthPlace, BirthDate: p.BirthDate.Text(),
		MotherName: p.MotherName, Phone: p.Phone.Plain(), Match: p.Match, MatchFields: p.MatchFields,
	}
	if !p.MatchedAt.IsZero() {
		out.MatchedAt = p.MatchedAt.UnixMicro()
	}
	return out
}

// person gives a person who has nothing but what the snapshot holds.
func (s snapshot) person() (p registry.Person, err error) {
	p = registry.Person{
		RawNIK: s.RawNIK, NIKState: s.NIKState, Name: s.Name, Sex: s.Sex, BirthPlace: s.BirthPlace, MotherName: s.MotherName,
		Match: s.Match, MatchFields: s.MatchFields,
	}
	if s.NIK != "" {
		if p.NIK, err = person.ParseNIK(s.NIK); err != nil {
			return p, err
		}
	}
	if s.BirthDate != "" {
		if p.BirthDate, err = period.ParseDate(s.BirthDate); err != nil {
			return p, err
		}
	}
	if s.Phone != "" {
		if p.Phone, err = person.ParsePhone(s.Phone); err != nil {
			return p, err
		}
	}
	if s.MatchedAt > 0 {
		p.MatchedAt = time.UnixMicro(s.MatchedAt).UTC()
	}
	return p, nil
}

func (s *Service) sealPlan(p plan) ([]byte, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write plan: %w", err)
	}
	return s.keys.Seal(nil, planPurpose, data), nil
}

func (s *Service) openPlan(sealed []byte) (p plan, err error) {
	data, err := s.keys.Open(planPurpose, sealed)
	if err != nil {
		return p, fmt.Errorf("open plan: %w", err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("read plan: %w", err)
	}
	return p, nil
}
