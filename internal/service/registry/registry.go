// Package registry keeps families and persons, who holds which NIK, their answers and
// their history. It is the only package that reads or writes those tables.
package registry

import (
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// State is whether a family or person counts in the registry. The numbers are stored.
type State int16

// The states.
const (
	Active   State = 1
	Ended    State = 2 // removed, with a reason and a way back
	MovedOut State = 3 // a tombstone: lives in another district now
	Merged   State = 4 // the same person as another record
	Erased   State = 5 // personal columns blanked
	Proposed State = 6 // filed, not yet determined
	Died     State = 7 // persons only
)

// NIKState is how a person stands to her NIK. The numbers are stored.
type NIKState int16

// The states of a NIK.
const (
	NoNIK     NIKState = 0
	Holder    NIKState = 1
	Contested NIKState = 2 // another person holds it
	BadNIK    NIKState = 3 // what was given cannot be a NIK; it is kept, sealed, for who mends it
)

// DecileSource tells where a decile comes from. The numbers are stored.
type DecileSource int16

// The sources of a decile.
const (
	Unranked  DecileSource = 0
	Official  DecileSource = 1 // BPS; authoritative
	ModelMade DecileSource = 2 // the demonstration model; only where no official one is
)

// Family is a row of the registry.
type Family struct {
	Tenant        area.Tenant
	ID            sqldb.ID
	Version       int64
	RecordedAt    time.Time
	State         State
	Area          area.Code
	VillageID     int64
	KK            person.KK
	RegistryID    string
	HouseholdID   string
	HeadName      string
	Address       string
	RT, RW        string
	Phone         person.Phone
	Persons       int64
	Unmatched     int64
	Source        string
	SourceDate    string
	Since         string
	Decile        int64 // 0 is unranked
	DecileSource  DecileSource
	DecileVintage string
	Score         *float64
	// RankDue tells, of a family in a list or on its page, that her estimated decile rests on answers that changed since.
	RankDue bool
}

// Person is a row of the registry.
type Person struct {
	Tenant      area.Tenant
	ID          sqldb.ID
	Version     int64
	RecordedAt  time.Time
	State       State
	FamilyID    sqldb.ID
	MemberSince string
	Area        area.Code
	VillageID   int64
	NIK         person.NIK
	RawNIK      string // what was given, when it cannot be a NIK
	NIKState    NIKState
	Name        string
	Sex         person.Sex
	BirthPlace  string
	BirthDate   period.Date
	MotherName  string
	Relation    person.Relation
	Phone       person.Phone
	Match       civilmatch.Status
	MatchFields civilmatch.Fields
	MatchedAt   time.Time
	Source      string
	SourceDate  string
	EndedReason string
}

// Service keeps the registry.
type Service struct {
	acts  *act.Acts
	keys  *seal.Keyring
	first *firstLoad // nil but during a load into an empty registry
}

// New makes the service.
func New(acts *act.Acts, keys *seal.Keyring) *Service { return &Service{acts: acts, keys: keys} }

// NIKHash gives the keyed hash a NIK is found by.
func (s *Service) NIKHash(n person.NIK) sqldb.Hash {
	if n.IsZero() {
		return sqldb.Hash{}
	}
	var buf [16]byte
	return s.keys.Blind(seal.NIK, n.AppendPlain(buf[:0]))
}

// KKHash gives the keyed hash a No. KK is found by.
func (s *Service) KKHash(k person.KK) sqldb.Hash {
	if k.IsZero() {
		return sqldb.Hash{}
	}
	var buf [16]byte
	return s.keys.Blind(seal.KK, k.AppendPlain(buf[:0]))
}

// checkPurpose binds the tags of the public check.
const checkPurpose = seal.Purpose("check")

// TagSize is the number of bytes of a check tag.
const TagSize = 4

// CheckTag gives the tag by which the public check knows that the last six digits of
// a No. KK belong to a NIK: four bytes of a keyed hash of both.
func (s *Service) CheckTag(n person.NIK, last6 string) [TagSize]byte {
	var buf [24]byte
	plain := append(n.AppendPlain(buf[:0]), last6...)
	full := s.keys.Blind(checkPurpose, plain)
	return [TagSize]byte(full[:TagSize])
}

func (s *Service) sealText(p seal.Purpose, text string) []byte {
	if text == "" {
		return nil
	}
	return s.keys.Seal(nil, p, []byte(text))
}

func (s *Service) openText(p seal.Purpose, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.keys.Open(p, sealed)
	return string(plain), err
}
