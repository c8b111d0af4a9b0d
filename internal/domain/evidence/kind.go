// Package evidence holds what another agency states about a person: the kind of fact, its value, the
// day it holds for, its source, and whether it is still fresh enough to act on.
//
// Evidence is never a verdict. Criteria (package eligibility) read it, a person decides.
package evidence

import "tepat/internal/kit/fail"

// Kind says what a piece of evidence is about.
type Kind uint8

// The kinds of evidence. Their owners, values and ages are data (data/criteria/kinds.yaml).
const (
	Dead Kind = iota + 1
	Moved
	ASN
	TNIPolri
	Pensioner
	CertifiedTeacher
	Wage
	CompanyOwner
	HealthWorker
	VillageOfficial
	OtherAid
	Refused
	RoutineBudgetIncome
	Able
	AddressNotFound
	PersonNotFound
	Vehicle4W
	PLNVA
	CPNSPassed
	OwnsGoodHouse
	Gambling
	Orphan      // yatim, piatu, or yatim piatu
	SchoolClass // the class a pupil sits in, 1 to 13
	lastKind    = SchoolClass
)

// words are the stable words of the kinds, as used in files and as names of facts.
var words = [lastKind + 1]string{
	Dead: "dead", Moved: "moved", ASN: "asn", TNIPolri: "tni_polri", Pensioner: "pensioner", CertifiedTeacher: "certified_teacher",
	Wage: "wage", CompanyOwner: "company_owner", HealthWorker: "health_worker", VillageOfficial: "village_official",
	OtherAid: "other_aid", Refused: "refused", RoutineBudgetIncome: "routine_budget_income", Able: "able",
	AddressNotFound: "address_not_found", PersonNotFound: "person_not_found", Vehicle4W: "vehicle_4w", PLNVA: "pln_va",
	CPNSPassed: "cpns_passed", OwnsGoodHouse: "owns_good_house", Gambling: "gambling",
	Orphan: "orphan", SchoolClass: "school_class",
}

// String gives the kind's stable word; empty for the zero Kind.
func (k Kind) String() string {
	if k > lastKind {
		return ""
	}
	return words[k]
}

// MarshalText gives the kind's stable word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's stable word. Error: evidence.kind_unknown.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// ParseKind reads a kind's stable word. Error: evidence.kind_unknown (fact kind).
func ParseKind(word string) (Kind, error) {
	for k := Dead; k <= lastKind; k++ {
		if words[k] == word {
			return k, nil
		}
	}
	return 0, fail.Invalid("evidence.kind_unknown", "kind", word).On("kind")
}

// Kinds gives all kinds, in a fixed order.
func Kinds() []Kind {
	list := make([]Kind, 0, lastKind)
	for k := Dead; k <= lastKind; k++ {
		list = append(list, k)
	}
	return list
}

// KindSet is a set of kinds; the zero KindSet is empty.
type KindSet uint32

// SetOf gives the set of the kinds.
func SetOf(kinds ...Kind) (s KindSet) {
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// Has tells whether the kind is in the set.
func (s KindSet) Has(k Kind) bool { return s&(1<<k) != 0 }

// Meets tells whether the sets have a kind in common.
func (s KindSet) Meets(other KindSet) bool { return s&other != 0 }

// Kinds lists the kinds of the set, in their fixed order.
func (s KindSet) Kinds() []Kind {
	var list []Kind
	for k := Dead; k <= lastKind; k++ {
		if s.Has(k) {
			list = append(list, k)
		}
	}
	return list
}
