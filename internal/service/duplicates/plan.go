package duplicates

import (
	"slices"
	"strings"

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
	Values  []Choice // for every field in which the two differ
}

// Choice says which of two values of a field to use, and why: Because is a code of message duplicates.value.CODE.
type Choice struct {
	Field   Field
	From    Ref
	Because string
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
	for _, f := range Differing(keep, other) {
		theirs, because := f.choose(keep, other)
		c := Choice{Field: f, From: out.Keep, Because: because}
		if theirs {
			c.From, out.Take = Ref{other.Tenant, other.ID}, append(out.Take, f)
		}
		out.Values = append(out.Values, c)
	}
	return out
}

// choose tells whether the other record's value of a field is the better one, and why: one there is before none, a NIK
// before what cannot be one, then what the civil registry confirms, then the newer document, then the fuller value. A NIK
// is never replaced by another for its age: that asks for a document.
func (f Field) choose(keep, other registry.Person) (theirs bool, because string) {
	for _, c := range []struct {
		code       string
		keep, them bool
	}{
		{"only", !f.missing(keep), !f.missing(other)},
		{"valid", f == NIK && !keep.NIK.IsZero(), f == NIK && !other.NIK.IsZero()},
		{"civil", f.compared() && keep.Match == civilmatch.Matched, f.compared() && other.Match == civilmatch.Matched},
		{"newer", f != NIK && newer(keep.SourceDate, other.SourceDate), f != NIK && newer(other.SourceDate, keep.SourceDate)},
		{"fuller", fuller(f.text(keep), f.text(other)), fuller(f.text(other), f.text(keep))},
	} {
		if c.keep != c.them {
			return c.them, c.code
		}
	}
	return false, "kept"
}

// newer reports whether a source is newer than another; of "2023" and "2023-05" nobody knows.
func newer(a, b string) bool { return a > b && b != "" && !strings.HasPrefix(a, b) }

// text gives a field as text where one value can be a fuller writing of another.
func (f Field) text(p registry.Person) string {
	switch f {
	case Name:
		return p.Name
	case BirthPlace:
		return p.BirthPlace
	case BirthDate:
		return strings.ReplaceAll(p.BirthDate.Text(), "-", " ")
	case MotherName:
		return p.MotherName
	}
	return ""
}

// fuller reports whether a text says all that another does, and more: each of its words, perhaps written out.
func fuller(a, b string) bool {
	long, short := strings.Fields(a), strings.Fields(b)
	for _, w := range short {
		at := slices.IndexFunc(long, func(l string) bool { return strings.HasPrefix(l, strings.TrimSuffix(w, ".")) })
		if at < 0 {
			return false
		}
		long = slices.Delete(long, at, at+1)
	}
	return len(short) > 0 && len(strings.Join(strings.Fields(a), " ")) > len(strings.Join(strings.Fields(b), " "))
}
