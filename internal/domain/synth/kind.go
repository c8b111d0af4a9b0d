package synth

import (
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
)

// Kind says what the generator did to a row of the registry, as truth.csv tells it.
type Kind uint8

// The kinds. From NameNickname to Moved each is a defect a district's list really has; the
// duplicates are second rows of one person; Twin and Namesake are two persons who look like one.
const (
	Clean            Kind = iota
	NameNickname          // WAWAN for HERMAWAN, or only a part of the name
	NameTypo              // one or two letters wrong, missing, added or exchanged
	NameTitle             // with a title: H., S.PD
	NameShort             // M RIZKI for MUHAMMAD RIZKI
	NIKEmpty              // no NIK
	NIKTypo               // a digit wrong or two exchanged: no such NIK exists
	NIKAbsent             // a NIK the civil registry does not have (not consolidated)
	NIKExcel              // the last digit turned to zero by a spreadsheet
	NIKScientific         // 8.17101E+15, as spreadsheets show long numbers
	NIKSwapped            // NIK and No. KK in each other's column
	NIKContested          // two persons with one NIK: the row that claims another's
	NIKHeld               // two persons with one NIK: the row of its owner
	BirthDateOff          // a digit of the date wrong
	BirthDateSwapped      // day and month exchanged
	BirthDateYear         // only the year known
	SexWrong              // the other sex
	KKOld                 // the number of an older family card, on the whole family
	Dead                  // dead in the civil registry
	Moved                 // registered elsewhere in the civil registry
	DuplicatePerson       // once more, in another family of the village
	DuplicateFamily       // once more, in a family of her own in the village
	DuplicateAcross       // once more, in another village
	Twin                  // a twin: not a duplicate
	Namesake              // another person with the same name and birth date: not a duplicate
	kinds
)

var kindWords = [kinds]string{
	"clean", "name_nickname", "name_typo", "name_title", "name_short",
	"nik_empty", "nik_typo", "nik_absent", "nik_excel", "nik_scientific", "nik_kk_swapped", "nik_contested", "nik_held",
	"birth_date_off", "birth_date_swapped", "birth_date_year", "sex_wrong", "kk_old", "dead", "moved",
	"duplicate_person", "duplicate_family", "duplicate_across", "twin", "namesake",
}

// String gives the kind's stable word, as in truth.csv and in a scenario's file.
func (k Kind) String() string { return kindWords[min(k, kinds-1)] }

// ParseKind reads a stable word. Error: synth.kind (fact kind).
func ParseKind(word string) (Kind, error) {
	for k, known := range kindWords {
		if known == word {
			return Kind(k), nil
		}
	}
	return Clean, fail.Invalid("synth.kind", "kind", word)
}

// UnmarshalText reads what ParseKind reads.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// Expected gives the status the field rules of civilmatch must find for a row of the kind. For
// duplicates it depends on the NIK the second row carries, see SecondNIK.
func (k Kind) Expected() civilmatch.Status {
	switch k {
	case NameNickname, NameTypo, NameTitle, NameShort:
		return civilmatch.NameDiffers
	case NIKEmpty:
		return civilmatch.NIKEmpty
	case NIKTypo, NIKAbsent, NIKExcel, NIKSwapped:
		return civilmatch.NIKNotFound
	case NIKScientific:
		return civilmatch.NIKInvalid
	case NIKContested, NIKHeld:
		return civilmatch.NIKDouble
	case BirthDateOff, BirthDateSwapped, BirthDateYear:
		return civilmatch.BirthDateDiffers
	case SexWrong:
		return civilmatch.SexDiffers
	case KKOld:
		return civilmatch.KKDiffers
	case Dead:
		return civilmatch.Dead
	case Moved:
		return civilmatch.Moved
	}
	return civilmatch.Matched
}

// SecondNIK says which NIK the second row of a person carries. The same NIK is not among them: an
// import knows such a row as the person it has.
type SecondNIK uint8

// The NIKs of second rows.
const (
	SecondEmpty SecondNIK = iota // none
	SecondTypo                   // hers with a slip: not in the civil registry
	SecondOwn                    // a second one that the civil registry has too: she is there twice
)

var secondWords = [...]string{"empty", "typo", "second"}

// UnmarshalText reads empty, typo or second. Error: synth.second_nik.
func (s *SecondNIK) UnmarshalText(text []byte) error {
	for i, word := range secondWords {
		if word == string(text) {
			*s = SecondNIK(i)
			return nil
		}
	}
	return fail.Invalid("synth.second_nik")
}

// Expected gives the status civilmatch must find for the second row.
func (s SecondNIK) Expected() civilmatch.Status {
	return [...]civilmatch.Status{civilmatch.NIKEmpty, civilmatch.NIKNotFound, civilmatch.Matched}[min(s, SecondOwn)]
}
