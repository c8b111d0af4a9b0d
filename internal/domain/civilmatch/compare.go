package civilmatch

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// Record is what we hold of a person, as far as it is compared.
type Record struct {
	NIK        person.NIK
	NIKInvalid bool // what was given as NIK cannot be one; NIK is then zero
	NIKShared  bool // another person of our registry claims the same NIK
	KK         person.KK
	Name       person.Name
	Sex        person.Sex
	BirthDate  period.Date
	BirthPlace string
	MotherName person.Name
	Village    area.Code
}

// State is what the civil registry says has happened to a person, beside the fields. Its number is
// stored and never changes its meaning.
type State uint8

// The states of a civil record.
const (
	Alive       State = iota // nothing special, also when the registry does not say
	IsDead                   // death recorded
	HasMoved                 // registered in another area now
	Unrecorded               // adult without recorded KTP-el
	IsAnomalous              // NIK on the KTP-el differs from that on the KK
	IsDouble                 // one person with two NIKs
)

// CivilRecord is what the civil registry holds of a person. An empty field was not given.
type CivilRecord struct {
	KK         person.KK
	Name       person.Name
	Sex        person.Sex
	BirthDate  period.Date
	BirthPlace string
	MotherName person.Name
	Village    area.Code
}

// Mode is how much an agreement lets the registry tell.
type Mode uint8

// The modes of an answer.
const (
	FullValues Mode = iota // the values of the fields
	YesNo                  // for each field asked: the same or not
	FoundOnly              // only whether the NIK exists
)

// ModeNamed gives the mode of a name as settings and commands write it: values, yes_no or found; ok is false
// for any other.
func ModeNamed(name string) (m Mode, ok bool) {
	switch name {
	case "values":
		return FullValues, true
	case "yes_no":
		return YesNo, true
	case "found":
		return FoundOnly, true
	}
	return FoundOnly, false
}

// Outcome says whether there is an answer.
type Outcome uint8

// The outcomes of asking.
const (
	NotAsked Outcome = iota
	Found
	NotFound
	Failed // no answer, a quota used up, an answer nobody can read
)

// Answer is what came back for one NIK.
type Answer struct {
	Outcome Outcome
	Mode    Mode
	State   State
	Civil   CivilRecord // in mode FullValues
	Asked   Fields      // in mode YesNo: the fields answered at all
	Same    Fields      // in mode YesNo: those answered with yes
}

// Rules says which fields are compared, as an agreement with Dukcapil or a circular fixes it.
type Rules struct {
	compare Fields // a difference is a status
	require Fields // of those, what must have been compared before a person counts as padan
	warn    Fields // a difference is only shown
}

// strict are the fields that have a status of their own.
const strict = Name | BirthDate | Sex | KK

// NewRules makes rules. compare may hold name, birth date, sex and No. KK; require is a part of it
// and not empty; warn holds fields that are not in compare. Error: civilmatch.rules.
func NewRules(compare, require, warn Fields) (Rules, error) {
	if !strict.Has(compare) || !compare.Has(require) || require == 0 || warn&compare != 0 || !allFields.Has(warn) {
		return Rules{}, fail.Invalid("civilmatch.rules")
	}
	return Rules{compare, require, warn}, nil
}

// DukcapilRules are the rules of section 4 of the dossier. Name, birth date and sex are compared
// strictly and required; the No. KK is compared when the registry gives it; birth place, mother's
// name and village only warn, because the registry spells places in many ways, old records lack the
// mother, and people live elsewhere than they are registered.
func DukcapilRules() Rules {
	return Rules{compare: strict, require: Name | BirthDate | Sex, warn: BirthPlace | MotherName | Village}
}

// Result is the outcome of one comparison.
type Result struct {
	Status    Status
	Differs   Fields // strict fields that are not the same; a value missing on our side differs
	Warns     Fields // other fields that are not the same
	Unchecked Fields // strict and other compared fields the registry gave no answer for
	State     State  // what the registry says of the holder of the NIK, whoever that is

	// OtherPerson says that the NIK seems to be somebody else's: name and birth date both differ,
	// and the date is not just incomplete. Then nothing of the civil record may be copied; the NIK
	// itself has to be looked up again.
	OtherPerson bool
}

// Compare compares our record with the answer. A record without a usable NIK gets its status
// whatever the answer, since nothing could be asked. It does not allocate for ASCII names.
func Compare(rules Rules, ours *Record, a *Answer) Result {
	switch {
	case ours.NIKInvalid:
		return Result{Status: NIKInvalid}
	case ours.NIK.IsZero():
		return Result{Status: NIKEmpty}
	case a.Outcome == NotAsked:
		return Result{Status: Pending}
	case a.Outcome == NotFound:
		return Result{Status: NIKNotFound}
	case a.Outcome != Found:
		return Result{Status: ServiceFailed}
	}
	same, asked := compareFields(rules.compare|rules.warn, ours, a)
	r := Result{
		Differs:   asked &^ same & rules.compare,
		Warns:     asked &^ same & rules.warn,
		Unchecked: (rules.compare | rules.warn) &^ asked,
		State:     a.State,
	}
	r.OtherPerson = r.Differs.Has(Name|BirthDate) && !incomplete(ours.BirthDate, a)
	r.Status = decide(rules, ours, r)
	return r
}

// incomplete reports whether our birth date may be the registry's with its end missing. Without
// values to look at, a partial date of ours never shows another person.
func incomplete(birth period.Date, a *Answer) bool {
	if a.Mode == FullValues {
		return birth.Covers(a.Civil.BirthDate)
	}
	return !birth.IsFull()
}

// decide gives the first status that applies, in the order of the statuses. What happened to the
// holder of the NIK is said of our person only when the two are known to be the same: a slip in a
// NIK must never make somebody dead.
func decide(rules Rules, ours *Record, r Result) Status {
	switch {
	case r.State == IsAnomalous:
		return NIKAnomaly
	case r.State == IsDouble || ours.NIKShared:
		return NIKDouble
	case r.Differs&Name != 0:
		return NameDiffers
	case r.Differs&BirthDate != 0:
		return BirthDateDiffers
	case r.Differs&Sex != 0:
		return SexDiffers
	}
	known := r.Unchecked&rules.require == 0
	switch {
	case known && r.State == IsDead:
		return Dead
	case known && r.State == HasMoved:
		return Moved
	case r.Differs&KK != 0:
		return KKDiffers
	case known && r.State == Unrecorded:
		return NotRecorded
	case !known:
		return NIKFound
	}
	return Matched
}

// compareFields gives which of the wanted fields were answered, and which of those are the same.
func compareFields(wanted Fields, ours *Record, a *Answer) (same, asked Fields) {
	switch a.Mode {
	case YesNo:
		return a.Same & a.Asked & wanted, a.Asked & wanted
	case FullValues:
		return compareValues(wanted, ours, &a.Civil)
	}
	return 0, 0
}

func compareValues(wanted Fields, ours *Record, civil *CivilRecord) (same, asked Fields) {
	compare := func(field Fields, given, equal bool) {
		if wanted&field == 0 || !given {
			return
		}
		asked |= field
		if equal {
			same |= field
		}
	}
	compare(Name, civil.Name != "", civil.Name != "" && person.FoldEqual(string(ours.Name), string(civil.Name)))
	compare(BirthDate, !civil.BirthDate.IsZero(), ours.BirthDate == civil.BirthDate)
	compare(Sex, civil.Sex != person.UnknownSex, ours.Sex == civil.Sex)
	compare(KK, !civil.KK.IsZero(), ours.KK == civil.KK)
	// What only warns is compared only when both sides hold it.
	compare(BirthPlace, civil.BirthPlace != "" && ours.BirthPlace != "", person.FoldEqual(ours.BirthPlace, civil.BirthPlace))
	compare(MotherName, civil.MotherName != "" && ours.MotherName != "", person.FoldEqual(string(ours.MotherName), string(civil.MotherName)))
	compare(Village, civil.Village != area.Nation && ours.Village != area.Nation, ours.Village.Contains(civil.Village) || civil.Village.Contains(ours.Village))
	return same, asked
}

// Suggestion is a value of the civil registry an operator may take over after a look at the KTP or
// KK. Only the member of its field is set.
type Suggestion struct {
	Field      Fields
	Name       person.Name
	BirthDate  period.Date
	Sex        person.Sex
	KK         person.KK
	BirthPlace string
	MotherName person.Name
	Village    area.Code
}

// Suggestions gives the values that would mend the differing fields, strict ones first. There are
// none unless the registry gives values, and none when the NIK seems to be somebody else's or in
// doubt: copying would make our person another one.
func (r Result) Suggestions(a *Answer) []Suggestion {
	if a.Outcome != Found || a.Mode != FullValues || r.OtherPerson || r.Status == NIKDouble || r.Status == NIKAnomaly {
		return nil
	}
	var list []Suggestion
	for field := range (r.Differs | r.Warns).Each {
		list = append(list, suggest(field, &a.Civil))
	}
	return list
}

func suggest(field Fields, civil *CivilRecord) Suggestion {
	s := Suggestion{Field: field}
	switch field {
	case Name:
		s.Name = civil.Name
	case BirthDate:
		s.BirthDate = civil.BirthDate
	case Sex:
		s.Sex = civil.Sex
	case KK:
		s.KK = civil.KK
	case BirthPlace:
		s.BirthPlace = civil.BirthPlace
	case MotherName:
		s.MotherName = civil.MotherName
	case Village:
		s.Village = civil.Village
	}
	return s
}
