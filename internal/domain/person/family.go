package person

import (
	"log/slog"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Person is one human being as the registry knows her. Only the name is always known: a person is
// stored also while her NIK is empty or contested.
type Person struct {
	NIK        NIK // zero when unknown
	Name       Name
	Sex        Sex
	BirthPlace string
	BirthDate  period.Date // may be partial or unknown
	Marital    MaritalStatus
	MotherName Name // maiden name, asked by banks
	Phone      Phone
}

// NewPerson refuses a person without a name (person.name) and one born after the day, or more than
// 130 years before it (person.birth_date).
func NewPerson(p Person, asOf period.Date) (Person, error) {
	if p.Name == "" {
		return Person{}, fail.Invalid("person.name").On("name")
	}
	if lo, hi, ok := p.BirthDate.AgeRange(asOf); ok && (hi < 0 || lo > longestLife) {
		return Person{}, fail.Invalid("person.birth_date").On("birth_date")
	}
	return p, nil
}

// String shows who is meant with name and NIK masked.
func (p Person) String() string {
	if p.NIK.IsZero() {
		return p.Name.String()
	}
	return p.Name.String() + " (" + p.NIK.String() + ")"
}

// LogValue logs the masked NIK alone; logs tell people apart by their ids.
func (p Person) LogValue() slog.Value { return slog.GroupValue(slog.String("nik", p.NIK.String())) }

// longestLife is an age in years nobody has reached.
const longestLife = 130

// Address is where a family lives, below the village.
type Address struct {
	Street string
	RT, RW int // neighbourhood units, zero when unknown
}

// Member is a person in a family.
type Member struct {
	Person
	Relation Relation
}

// Family is the people of one family card.
type Family struct {
	KK      KK // zero when the family has no card yet
	Village area.Code
	Address Address
	Members []Member
}

// NewFamily checks what holds for every family card. Errors: family.empty, family.village (the area
// is not a village), family.no_head, family.heads (fact heads; there is exactly one head),
// family.nik_twice (one NIK on two members).
func NewFamily(f Family) (Family, error) {
	if len(f.Members) == 0 {
		return Family{}, fail.Invalid("family.empty")
	}
	if f.Village.Level() != area.LevelVillage {
		return Family{}, fail.Invalid("family.village")
	}
	heads := 0
	for _, m := range f.Members {
		if m.Relation == Head {
			heads++
		}
	}
	if heads == 0 {
		return Family{}, fail.Invalid("family.no_head")
	}
	if heads > 1 {
		return Family{}, fail.Invalid("family.heads", "heads", heads)
	}
	if repeats(nil, f.Members) {
		return Family{}, fail.Invalid("family.nik_twice")
	}
	return f, nil
}

// repeats reports whether a NIK of the members is among those seen, or stands twice among them;
// families are small, so that comparing pairs is faster than a map.
func repeats(seen []NIK, members []Member) bool {
	for i, m := range members {
		if m.NIK.IsZero() {
			continue
		}
		for _, other := range seen {
			if other == m.NIK {
				return true
			}
		}
		for _, other := range members[:i] {
			if other.NIK == m.NIK {
				return true
			}
		}
	}
	return false
}

// Head gives the head of the family; ok is false only for a Family not made by NewFamily.
func (f Family) Head() (m Member, ok bool) {
	for _, m := range f.Members {
		if m.Relation == Head {
			return m, true
		}
	}
	return Member{}, false
}

// Warnings of a family card: what is unlikely, but stands on real cards.
const (
	WarnHusbandNotMale    = "family.husband_not_male"
	WarnWifeNotFemale     = "family.wife_not_female"
	WarnChildOlder        = "family.child_older"         // a child born before the head
	WarnParentYounger     = "family.parent_younger"      // a parent born after the head
	WarnHeadIsChild       = "family.head_is_child"       // the head is younger than 17 years
	WarnSpouseNotMarried  = "family.spouse_not_married"  // husband or wife, never married
	WarnSpouseOfHeadTwice = "family.husband_beside_head" // a husband and a male head
)

// Warning is one unlikely thing about one member.
type Warning struct {
	Member int // index into Members
	Code   string
}

// Warnings looks for what is unlikely in the family on the day, member by member.
func (f Family) Warnings(asOf period.Date) []Warning {
	head, ok := f.Head()
	if !ok {
		return nil
	}
	var found []Warning
	for i, m := range f.Members {
		for _, code := range memberWarnings(m, head, asOf) {
			found = append(found, Warning{i, code})
		}
	}
	return found
}

func memberWarnings(m, head Member, asOf period.Date) (codes []string) {
	warn := func(when bool, code string) {
		if when {
			codes = append(codes, code)
		}
	}
	bothKnown := !m.BirthDate.IsZero() && !head.BirthDate.IsZero()
	_, age, ageKnown := m.BirthDate.AgeRange(asOf)
	spouse := m.Relation == Husband || m.Relation == Wife
	warn(m.Relation == Husband && m.Sex == Female, WarnHusbandNotMale)
	warn(m.Relation == Husband && head.Sex == Male, WarnSpouseOfHeadTwice)
	warn(m.Relation == Wife && m.Sex == Male, WarnWifeNotFemale)
	warn(spouse && m.Marital == NeverMarried, WarnSpouseNotMarried)
	warn(m.Relation == Child && bothKnown && m.BirthDate.Latest().Before(head.BirthDate.Earliest()), WarnChildOlder)
	warn(m.Relation == Parent && bothKnown && head.BirthDate.Latest().Before(m.BirthDate.Earliest()), WarnParentYounger)
	warn(m.Relation == Head && ageKnown && age < cardAge, WarnHeadIsChild)
	return codes
}

// cardAge is the age in years from which a person has a KTP (UU 24/2013 art. 63), unless married.
const cardAge = 17
