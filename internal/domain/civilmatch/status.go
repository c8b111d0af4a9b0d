// Package civilmatch compares a record of ours with the civil registry's and says whether the two
// agree (padan), how they differ, and who can mend it.
//
// padan is decided by field rules alone, as Dukcapil compares: the NIK exists and name, birth date
// and sex are the same. There is no score and no tolerance; finding the person meant is the work of
// the linkage engine. The package is pure: it asks nobody and keeps nothing.
package civilmatch

import "tepat/internal/kit/fail"

// Status is the outcome of a comparison: one per person, the most important of what was found. Its
// number is stored and its text (Code) exchanged: neither may ever change its meaning, and a new
// status goes to the end of the list.
type Status uint8

// The statuses, in order of importance: the first that applies is the person's status. What makes
// an answer worthless comes first, then what is wrong with the NIK, then whose record it is, and
// only of a record that is hers what happened to her.
const (
	Pending          Status = iota // not asked yet
	ServiceFailed                  // the registry did not answer; never counts as not matching
	NIKEmpty                       // we hold no NIK
	NIKInvalid                     // what we hold cannot be a NIK
	NIKNotFound                    // the registry knows no such NIK
	NIKAnomaly                     // the registry holds another NIK for her KTP-el than for her KK
	NIKDouble                      // one person with two NIKs, or one NIK on two persons
	NameDiffers                    // the folded names are not the same
	BirthDateDiffers               // the dates of birth are not the same
	SexDiffers                     // the sexes are not the same
	Dead                           // her death is recorded
	Moved                          // she is registered in another area now
	KKDiffers                      // the numbers of the family card are not the same
	NotRecorded                    // an adult whose KTP-el was never recorded
	NIKFound                       // the NIK exists, but what padan needs was not compared
	Matched                        // padan
)

var statusCodes = [...]string{
	"pending", "service_failed", "nik_empty", "nik_invalid", "nik_not_found", "nik_anomaly", "nik_double",
	"name_differs", "birth_date_differs", "sex_differs", "dead", "moved", "kk_differs", "not_recorded", "nik_found", "matched",
}

// Statuses gives all statuses in their order.
func Statuses() []Status {
	all := make([]Status, len(statusCodes))
	for i := range all {
		all[i] = Status(i)
	}
	return all
}

// Code gives the stable code of the status, as stored and as in civilmatch.status.CODE.
func (s Status) Code() string { return statusCodes[min(s, Matched)] }

// String is Code.
func (s Status) String() string { return s.Code() }

// ParseStatus reads a stable code. Error: civilmatch.status.
func ParseStatus(code string) (Status, error) {
	for i, known := range statusCodes {
		if known == code {
			return Status(i), nil
		}
	}
	return Pending, fail.Invalid("civilmatch.status")
}

// MarshalText writes the code.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.Code()), nil }

// UnmarshalText reads the code.
func (s *Status) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStatus(string(text))
	return err
}

// Group is how a status counts in figures.
type Group uint8

// The groups: only NotMatching persons are "tidak padan" and wait in the repair queue.
const (
	Unknown     Group = iota // nobody has compared yet, or the service failed
	NotMatching              // compared, and something has to be mended
	Agreed                   // padan
)

// Group gives the status's group.
func (s Status) Group() Group {
	switch s {
	case Pending, ServiceFailed, NIKFound:
		return Unknown
	case Matched:
		return Agreed
	}
	return NotMatching
}

// Mender is somebody who can mend a difference.
type Mender string

// The menders.
const (
	ByNobody     Mender = ""            // there is nothing to mend
	ByService    Mender = "service"     // Tepat asks again by itself
	ByOperator   Mender = "operator"    // the village operator, from KTP and KK in hand
	ByField      Mender = "field"       // a visit to the family
	ByDukcapil   Mender = "dukcapil"    // the population office; the family goes there with a letter
	ByNewVillage Mender = "new_village" // the village that takes the family over
)

// Repair says how a status is mended. The words are the message civilmatch.repair.CODE.
type Repair struct {
	Status  Status
	First   Mender // who starts
	Then    Mender // who goes on when the first cannot: the KTP itself is wrong, nobody is found
	Rematch bool   // ask the registry again after the mending
	Letter  bool   // a letter to Dukcapil can be printed
}

// RepairOf gives the repair path of a status.
func RepairOf(s Status) Repair {
	r := repairs[min(s, Matched)]
	r.Status = min(s, Matched)
	return r
}

// repairs follows section 4 of the dossier: the table of the padanan statuses.
var repairs = [...]Repair{
	Pending:          {First: ByService, Rematch: true},
	ServiceFailed:    {First: ByService, Rematch: true},
	NIKEmpty:         {First: ByField, Then: ByDukcapil, Rematch: true, Letter: true},
	NIKInvalid:       {First: ByOperator, Then: ByField, Rematch: true},
	NIKNotFound:      {First: ByDukcapil, Then: ByOperator, Rematch: true, Letter: true},
	NIKAnomaly:       {First: ByDukcapil, Rematch: true, Letter: true},
	NIKDouble:        {First: ByOperator, Then: ByDukcapil, Rematch: true, Letter: true},
	NameDiffers:      {First: ByOperator, Then: ByDukcapil, Rematch: true, Letter: true},
	BirthDateDiffers: {First: ByOperator, Then: ByDukcapil, Rematch: true, Letter: true},
	SexDiffers:       {First: ByOperator, Then: ByDukcapil, Rematch: true, Letter: true},
	Dead:             {First: ByField, Then: ByDukcapil, Letter: true},
	Moved:            {First: ByOperator, Then: ByNewVillage},
	KKDiffers:        {First: ByOperator, Then: ByDukcapil, Rematch: true, Letter: true},
	NotRecorded:      {First: ByDukcapil, Rematch: true, Letter: true},
	NIKFound:         {First: ByOperator, Rematch: true},
	Matched:          {},
}
