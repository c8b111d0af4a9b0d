package synth

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// RegistryRow is one row of registry.csv: a person of the registry as a district's list has her,
// with whatever is wrong with it.
type RegistryRow struct {
	RowID       int // from 1, in the order of the file
	Source      string
	Year        int
	HouseholdID string
	RegistryID  string // of the family; the same on all its rows, unlike a damaged No. KK
	NoKK        string
	NIK         string
	Name        string
	Sex         person.Sex
	BirthPlace  string
	BirthDate   period.Date // may be partial
	MotherName  string
	Relation    person.Relation
	Address     string
	RT, RW      int
	Village     string
	Regency     string
	Area        area.Code
	Phone       string
	Items       []int16 // in the order of ItemNames, Unanswered where there is no answer; nil without the questionnaire
}

// CivilRow is one row of civil.csv: a person as the civil registry (Dukcapil) has her.
type CivilRow struct {
	PersonID   string
	NIK        person.NIK
	NoKK       person.KK
	Name       string
	Sex        person.Sex
	BirthPlace string
	BirthDate  period.Date
	MotherName string
	FatherName string
	Relation   person.Relation
	Address    string
	RT, RW     int
	Village    string
	Regency    string
	Area       area.Code
	Phone      string
	Status     CivilStatus
}

// CivilStatus is what the civil registry says has become of a person.
type CivilStatus uint8

// The statuses of civil.csv.
const (
	StatusAlive CivilStatus = iota
	StatusDead
	StatusMoved
)

// String gives alive, dead or moved, as in the file.
func (s CivilStatus) String() string {
	return [...]string{"alive", "dead", "moved"}[min(s, StatusMoved)]
}

// State gives the status in the words of civilmatch.
func (s CivilStatus) State() civilmatch.State {
	return [...]civilmatch.State{civilmatch.Alive, civilmatch.IsDead, civilmatch.HasMoved}[min(s, StatusMoved)]
}

// TruthRow says of one row of the registry who it really is and what was done to it.
type TruthRow struct {
	RowID       int
	PersonID    string // of civil.csv; "" when the civil registry does not have her
	Kind        Kind
	Expected    civilmatch.Status
	DuplicateOf int // the row that is the same person, 0 for none
	Source      string
}

// EvidenceRow is what an agency reports of one NIK.
type EvidenceRow struct {
	NIK    person.NIK
	Kind   string
	Value  string
	AsOf   period.Date
	Agency string // owner of the data; one file of evidence for each
	Source string
}

// DecileRow is the official decile of a family.
type DecileRow struct {
	NoKK       person.KK
	RegistryID string
	Decile     int
	Vintage    string
	Source     string
}

// RequestRow is what a citizen or a village sent in: a self-proposal, a report of an unlisted poor
// family, an objection, a complaint or a request for a service.
type RequestRow struct {
	RequestID  string
	Kind       string
	FiledOn    period.Date
	Subject    string // what it is about, a word of the scenario's file
	NIK        person.NIK
	NoKK       person.KK
	Name       string
	Sex        person.Sex
	BirthDate  period.Date
	MotherName string
	Address    string
	RT, RW     int
	Village    string
	Regency    string
	Area       area.Code
	Phone      string
	Listed     bool // whether the family is in the registry
	Arrived    bool // whether it came from elsewhere within the last three months
	Source     string
}

// Sink receives the rows of a population: those of one kind in the order of the areas. A row is the
// sink's own after the call. The first error ends the work.
type Sink interface {
	Registry(*RegistryRow) error
	Civil(*CivilRow) error
	Truth(*TruthRow) error
	Evidence(*EvidenceRow) error
	Decile(*DecileRow) error
	Request(*RequestRow) error
}

// Batch is the rows of one block.
type Batch struct {
	Registry []RegistryRow
	Civil    []CivilRow
	Truth    []TruthRow
	Evidence []EvidenceRow
	Deciles  []DecileRow
	Requests []RequestRow
}

func (b *Batch) reset() {
	b.Registry, b.Civil, b.Truth = b.Registry[:0], b.Civil[:0], b.Truth[:0]
	b.Evidence, b.Deciles, b.Requests = b.Evidence[:0], b.Deciles[:0], b.Requests[:0]
}

// into hands the rows of the batch to the sink.
func (b *Batch) into(s Sink) error {
	return firstError(
		func() error { return each(b.Registry, s.Registry) },
		func() error { return each(b.Civil, s.Civil) },
		func() error { return each(b.Truth, s.Truth) },
		func() error { return each(b.Evidence, s.Evidence) },
		func() error { return each(b.Deciles, s.Decile) },
		func() error { return each(b.Requests, s.Request) },
	)
}

func each[T any](rows []T, give func(*T) error) error {
	for i := range rows {
		if err := give(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
