package suggestions

import (
	"slices"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// own is what our own record of a person holds, for the hints that need nothing else.
type own struct {
	nik    person.NIK
	raw    string // what is held as NIK and cannot be one
	kk     person.KK
	name   person.Name
	birth  period.Date
	sex    person.Sex
	status civilmatch.Status
	differ civilmatch.Fields // what the civil registry said to differ
}

// hints says what a record alone shows to be wrong with it, or what the status itself says. It is all that
// is said where the agreement gives no values: nothing in it comes from the civil registry but the status.
func (o *own) hints(today period.Date) []Cause {
	switch o.status {
	case civilmatch.NIKEmpty:
		return []Cause{NIKMissing}
	case civilmatch.NIKInvalid:
		return []Cause{OwnUnusable}
	case civilmatch.Dead:
		return []Cause{IsDead}
	case civilmatch.Moved:
		return []Cause{HasMoved}
	case civilmatch.NotRecorded:
		return []Cause{Unrecorded}
	case civilmatch.NIKAnomaly:
		return []Cause{Anomaly}
	case civilmatch.NIKDouble:
		return []Cause{Double}
	}
	var list []Cause
	if !o.kk.IsZero() && person.Swapped(o.nik, o.kk, o.birth, o.sex, today) {
		list = append(list, NIKCard)
	}
	warned := o.nik.Warnings(o.birth, o.sex, today)
	if slices.Contains(warned, person.WarnNIKBirthDate) {
		list = append(list, OwnBirth)
	}
	if slices.Contains(warned, person.WarnNIKSex) {
		list = append(list, OwnSex)
	}
	if o.status == civilmatch.NameDiffers && len(o.name.Warnings()) > 0 {
		list = append(list, OwnName)
	}
	if len(list) == 0 {
		return []Cause{Document}
	}
	return list
}
