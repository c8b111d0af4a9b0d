package duplicates

import (
	"slices"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/service/registry"
)

// Field is a value of a person a merge may take from either record. The family, the place
// and the relation stay those of the record that is kept.
type Field string

// The fields.
const (
	NIK        Field = "nik"
	Name       Field = "name"
	Sex        Field = "sex"
	BirthPlace Field = "birth_place"
	BirthDate  Field = "birth_date"
	MotherName Field = "mother_name"
	Phone      Field = "phone"
)

// Fields lists them in the order in which they are shown.
func Fields() []Field { return []Field{NIK, Name, Sex, BirthPlace, BirthDate, MotherName, Phone} }

// compared are the fields the civil registry is asked about: another value is another question.
func (f Field) compared() bool { return f == NIK || f == Name || f == Sex || f == BirthDate }

// take gives to with one field as from has it. What goes with a NIK, its state, is the
// claim's work.
func (f Field) take(to, from registry.Person) registry.Person {
	switch f {
	case NIK:
		to.NIK, to.RawNIK = from.NIK, from.RawNIK
	case Name:
		to.Name = from.Name
	case Sex:
		to.Sex = from.Sex
	case BirthPlace:
		to.BirthPlace = from.BirthPlace
	case BirthDate:
		to.BirthDate = from.BirthDate
	case MotherName:
		to.MotherName = from.MotherName
	case Phone:
		to.Phone = from.Phone
	}
	return to
}

// same reports whether two persons have one value in the field.
func (f Field) same(a, b registry.Person) bool { return f.take(a, b) == a }

// missing reports whether a person has no value in the field.
func (f Field) missing(p registry.Person) bool { return f.take(p, registry.Person{}) == p }

// Differing lists the fields in which two records do not say the same.
func Differing(a, b registry.Person) []Field {
	return slices.DeleteFunc(Fields(), func(f Field) bool { return f.same(a, b) })
}

// Suggestion says which record to keep, why, and what to take from the other.
type Suggestion struct {
	Keep    Ref
	Because []string // codes of messages duplicates.keep.CODE, the weightiest first
	Take    []Field
}

// suggest follows section 4 of the dossier: the record with the active aid history stays,
// then the one that matches the civil registry; the unmatched one goes.
func suggest(a, b registry.Person, aidA, aidB Aid) Suggestion {
	var out Suggestion
	keep, other := a, b
	decided := false
	for _, c := range []struct {
		code string
		a, b bool
	}{
		{"aid", aidA.Enrolled, aidB.Enrolled},
		{"listed", len(aidA.Programmes) > 0, len(aidB.Programmes) > 0},
		{"paid", aidA.Payments > 0, aidB.Payments > 0},
		{"matched", a.Match == civilmatch.Matched, b.Match == civilmatch.Matched},
		{"holder", a.NIKState == registry.Holder, b.NIKState == registry.Holder},
		{"older", before(a.ID, b.ID), before(b.ID, a.ID)}, // ids are made in the order of time
	} {
		if c.a == c.b {
			continue
		}
		if !decided && c.b {
			keep, other = b, a
		}
		decided = true
		if c.a == (keep.ID == a.ID) {
			out.Because = append(out.Because, c.code)
		}
	}
	out.Keep = Ref{keep.Tenant, keep.ID}
	trusted := other.Match == civilmatch.Matched && keep.Match != civilmatch.Matched
	for _, f := range Differing(keep, other) {
		switch {
		case f.missing(other):
		case f.missing(keep), trusted && f.compared(), f == NIK && keep.NIK.IsZero() && !other.NIK.IsZero():
			out.Take = append(out.Take, f)
		}
	}
	return out
}
