package suggestions

import (
	"slices"
	"strings"

	"tepat/internal/domain/civilmatch"
)

// Cause is what is probably wrong with a record, in a stable code; the words are suggestions.cause.CODE.
type Cause string

// What a comparison with the civil person found shows.
const (
	NIKMissing  Cause = "nik_missing" // we hold none
	NIKDigit    Cause = "nik_digit"   // one digit differs
	NIKSwapped  Cause = "nik_swapped" // two digits changed places
	NIKLost     Cause = "nik_lost"    // a digit too few or too many, or zeroed by a spreadsheet
	NIKWoman    Cause = "nik_woman"   // the 40 added to a woman's day of birth
	NIKCard     Cause = "nik_card"    // the No. KK was written down
	NIKDigits   Cause = "nik_digits"  // two or more digits, or a part of it
	NIKOther    Cause = "nik_other"   // somebody else's, or none at all
	NameForm    Cause = "name_form"   // titles, order, signs
	NameJoined  Cause = "name_joined" // two words written as one
	NameSpelled Cause = "name_spelling"
	NameShort   Cause = "name_short" // words missing or cut
	NameOther   Cause = "name_other"
	BirthSwap   Cause = "birth_swapped" // day and month
	BirthDigit  Cause = "birth_digit"
	BirthYear   Cause = "birth_year" // the year is one or ten off
	BirthGuess  Cause = "birth_guess"
	BirthOther  Cause = "birth_other"
	SexDiffers  Cause = "sex"
	CardDiffers Cause = "kk"
)

// What the civil registry says of the person herself, and what else keeps her from being mended.
const (
	IsDead     Cause = "dead"
	HasMoved   Cause = "moved"
	Unrecorded Cause = "not_recorded"
	Anomaly    Cause = "nik_anomaly"
	Double     Cause = "nik_double"
	Taken      Cause = "taken"      // another of our persons holds the NIK, or is likely to be the same civil person
	Unknown    Cause = "nobody"     // nobody in the civil registry is likely to be her
	SharedNIK  Cause = "nik_shared" // another person, or a row of the same list under another name, bears the NIK
	Namesake   Cause = "namesake"   // somebody else in the civil registry has her name and birth date to the letter, as a twin whose NIK was mixed up
)

// What our own record shows, whatever the agreement.
const (
	OwnBirth    Cause = "own_birth"    // the birth date is not the one in the NIK
	OwnSex      Cause = "own_sex"      // the sex is not the one in the NIK
	OwnName     Cause = "own_name"     // the name is abbreviated or has signs
	OwnUnusable Cause = "own_unusable" // what is held as NIK cannot be one
	Document    Cause = "document"     // nothing shows: KTP and KK have to be looked at
)

// What the civil registry says of a field where it gives no value to compare.
const (
	SaidNIK   Cause = "said_nik" // it knows no such NIK
	SaidName  Cause = "said_name"
	SaidBirth Cause = "said_birth"
	SaidSex   Cause = "said_sex"
	SaidCard  Cause = "said_kk"
)

// Causes lists all of them, in the order in which a record names them.
func Causes() []Cause {
	return []Cause{
		Taken, IsDead, HasMoved, Unrecorded, Anomaly, Double,
		NIKMissing, NIKDigit, NIKSwapped, NIKLost, NIKWoman, NIKCard, NIKDigits, NIKOther,
		NameForm, NameJoined, NameSpelled, NameShort, NameOther,
		BirthSwap, BirthDigit, BirthYear, BirthGuess, BirthOther, SexDiffers, CardDiffers, SharedNIK, Namesake, Unknown,
		SaidNIK, SaidName, SaidBirth, SaidSex, SaidCard,
		OwnUnusable, OwnBirth, OwnSex, OwnName, Document,
	}
}

// nikCauses words the levels of the model's comparison of NIKs.
var nikCauses = map[string]Cause{
	"transposed": NIKSwapped, "zeroed": NIKLost, "woman_day": NIKWoman, "is_card": NIKCard,
	"one_digit": NIKDigits, "two_digits": NIKDigits, "area_differs": NIKDigits, "area_slip": NIKDigits, "place_own": NIKDigits,
	"serial_last": NIKDigits, "serial_first": NIKDigits, "date_differs": NIKDigits, "other_birth": NIKDigits,
}

var nameCauses = map[string]Cause{
	"exact": NameForm, "joined": NameJoined, "spelling": NameSpelled, "rhyme": NameSpelled, "near": NameSpelled, "subset": NameShort, "weak": NameShort,
}

var birthCauses = map[string]Cause{
	"swapped": BirthSwap, "one_digit": BirthDigit, "year_off": BirthYear,
	"partial": BirthGuess, "same_year": BirthGuess, "near": BirthGuess, "default_day": BirthGuess,
}

// differing says which fields of the two records are not the very same, as the field rules compare.
type differing struct {
	noNIK, unusable           bool // ours
	nik, name, birth, sex, kk bool
	oneDigit                  bool // of the two NIKs
}

// causesOf says what is wrong, from the fields that differ and how the model holds them to agree.
func causesOf(d differing, levels map[string]string, state civilmatch.State, shared bool) (list []Cause) {
	add := func(wrong bool, c Cause) {
		if wrong {
			list = append(list, c)
		}
	}
	switch {
	case d.nik:
		list = append(list, nikCause(d, levels["nik"]))
	case state == civilmatch.IsAnomalous:
		list = append(list, Anomaly)
	case state == civilmatch.IsDouble || shared:
		list = append(list, Double)
	}
	add(d.name, named(nameCauses, levels["name"], NameOther))
	add(d.birth, named(birthCauses, levels["birth"], BirthOther))
	add(d.sex, SexDiffers)
	if len(list) == 0 { // what happened to a person is said of her only when she is she
		add(state == civilmatch.IsDead, IsDead)
		add(state == civilmatch.HasMoved, HasMoved)
		add(d.kk, CardDiffers)
		add(state == civilmatch.Unrecorded && !d.kk, Unrecorded)
	} else {
		add(d.kk, CardDiffers)
	}
	if len(list) == 0 {
		return []Cause{Document}
	}
	return list
}

func nikCause(d differing, level string) Cause {
	if d.noNIK {
		return NIKMissing
	}
	cause := named(nikCauses, level, NIKOther)
	if cause == NIKDigits && d.oneDigit {
		return NIKDigit
	}
	return cause
}

// oneDigit tells whether two numbers differ in one digit.
func oneDigit(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	differ := 0
	for i := range a {
		if a[i] != b[i] {
			differ++
		}
	}
	return differ == 1
}

func named(causes map[string]Cause, level string, other Cause) Cause {
	if c, ok := causes[level]; ok {
		return c
	}
	return other
}

// levelsOf reads the engine's comparison=level.
func levelsOf(list []string) map[string]string {
	out := make(map[string]string, len(list))
	for _, one := range list {
		if name, level, ok := strings.Cut(one, "="); ok {
			out[name] = level
		}
	}
	return out
}

// place is the part of the queue a person stands in: the lower, the surer she is to be mended.
func (g *suggestion) place() int {
	first := g.causes[0]
	switch {
	case g.outcome == NotSought:
		return ownPlace(g.causes)
	case g.outcome == Nobody:
		return 9
	case g.taken:
		return 7
	case first == IsDead || first == Anomaly || first == Double || first == Unrecorded:
		return 8
	case g.outcome == Unsure:
		return 6
	case first == HasMoved || first == Document:
		return 5
	case !g.nikSame:
		return 4
	case g.unlike || !slip(g.causes):
		return 3
	case slices.Contains(g.causes, CardDiffers):
		return 2
	}
	return 1
}

// slip tells that everything wrong is a slip in a value, and no value quite another one.
func slip(causes []Cause) bool {
	return !slices.ContainsFunc(causes, func(c Cause) bool { return c != CardDiffers && !slices.Contains(mayBatch, c) })
}

// ownPlace orders those for whom nobody was looked for: first those whose fault is a slip in a value, or shows in our own record.
func ownPlace(causes []Cause) int {
	switch c := causes[0]; c {
	case SaidName, SaidBirth, SaidSex, SaidCard:
		if slices.ContainsFunc(causes, func(c Cause) bool { return c == OwnBirth || c == OwnSex || c == OwnName }) {
			return 1
		}
		return 3
	case SaidNIK, NIKOther:
		return 5
	case OwnBirth, OwnSex, OwnName:
		return 1
	case NIKCard, OwnUnusable:
		return 2
	case NIKMissing, Unknown:
		return 6
	case IsDead, HasMoved, Anomaly, Double, Unrecorded:
		return 8
	case Document:
		return 4
	}
	if slip(causes) {
		return 1
	}
	return 4
}

// Of one place, those that are surer come first, then those with less to mend; persons of one rank stand by
// their ids, which are those of their villages.
const (
	rankPlace = 100_000
	rankSure  = 10
)

func (g *suggestion) rank() int64 {
	doubt := 0
	if g.outcome == Found || g.outcome == Unsure {
		doubt = int((1-g.probability)*1000 + 0.5)
	}
	return int64(g.place()*rankPlace + doubt*rankSure + min(len(g.causes), rankSure-1))
}
