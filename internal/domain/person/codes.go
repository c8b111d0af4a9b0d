package person

import (
	"strings"

	"tepat/internal/kit/fail"
)

// Sex as the civil registry codes it.
type Sex uint8

// The sexes of the civil registry; zero is unknown.
const (
	UnknownSex Sex = iota
	Male           // 1, L, laki-laki
	Female         // 2, P, perempuan
)

// String gives L, P or "" when unknown, as in files and in the database.
func (s Sex) String() string { return [...]string{"", "L", "P"}[min(s, Female)] }

// sexWords maps the folded words officers' files hold. M and F are only in exports of other systems.
var sexWords = map[string]Sex{
	"L": Male, "LK": Male, "LAKI": Male, "LAKI LAKI": Male, "LAKILAKI": Male, "PRIA": Male, "1": Male, "M": Male, "MALE": Male,
	"P": Female, "PR": Female, "PEREMPUAN": Female, "WANITA": Female, "2": Female, "F": Female, "FEMALE": Female,
}

// ParseSex reads L, P, 1, 2 and the common words in any case. Error: sex.unknown.
func ParseSex(s string) (Sex, error) {
	switch s { // the two that nearly every file holds, without the cost of folding
	case "L":
		return Male, nil
	case "P":
		return Female, nil
	}
	if sex, ok := sexWords[Fold(s)]; ok {
		return sex, nil
	}
	return UnknownSex, fail.Invalid("sex.unknown")
}

// MarshalText writes L, P or nothing.
func (s Sex) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSex reads; an empty text is unknown.
func (s *Sex) UnmarshalText(text []byte) (err error) {
	*s = UnknownSex
	if len(text) != 0 {
		*s, err = ParseSex(string(text))
	}
	return err
}

// Relation is the relation to the head of the family on the family card (SHDK, status hubungan
// dalam keluarga); its number is the civil registry's code (1 to 11), and zero is unknown.
type Relation uint8

// The relations, in the civil registry's order.
const (
	UnknownRelation Relation = iota
	Head                     // kepala keluarga
	Husband                  // suami
	Wife                     // istri
	Child                    // anak
	ChildInLaw               // menantu
	Grandchild               // cucu
	Parent                   // orang tua
	ParentInLaw              // mertua
	OtherKin                 // famili lain
	Servant                  // pembantu
	OtherRelation            // lainnya
)

var relationNames = [...]string{
	"", "kepala_keluarga", "suami", "istri", "anak", "menantu", "cucu", "orang_tua", "mertua", "famili_lain", "pembantu", "lainnya",
}

// String gives the relation's stable word, such as "kepala_keluarga"; "" when unknown.
func (r Relation) String() string { return relationNames[min(r, OtherRelation)] }

var relationWords = map[string]Relation{
	"KEPALA KELUARGA": Head, "KEPALA": Head, "KK": Head, "KRT": Head, "KEPALA RUMAH TANGGA": Head,
	"SUAMI": Husband, "ISTRI": Wife, "ISTERI": Wife, "ANAK": Child, "ANAK KANDUNG": Child, "ANAK ANGKAT": Child, "ANAK TIRI": Child,
	"MENANTU": ChildInLaw, "CUCU": Grandchild, "ORANG TUA": Parent, "ORANGTUA": Parent, "AYAH": Parent, "IBU": Parent,
	"MERTUA": ParentInLaw, "FAMILI LAIN": OtherKin, "FAMILI": OtherKin, "FAMILI LAINNYA": OtherKin, "KELUARGA LAIN": OtherKin,
	"PEMBANTU": Servant, "PEMBANTU RUMAH TANGGA": Servant, "SOPIR": Servant, "LAINNYA": OtherRelation, "LAIN LAIN": OtherRelation,
}

// ParseRelation reads a code of the civil registry (1 to 11), the stable word or the common words
// in any case. Codes of the Regsosek form are other numbers: use RelationFromRegsosek. Error:
// relation.unknown.
func ParseRelation(s string) (Relation, error) {
	folded := Fold(s)
	if n, ok := smallNumber(folded); ok && n >= int(Head) && n <= int(OtherRelation) {
		return Relation(n), nil
	}
	if r, ok := relationWords[folded]; ok {
		return r, nil
	}
	return UnknownRelation, fail.Invalid("relation.unknown")
}

// MarshalText writes the stable word.
func (r Relation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRelation reads; an empty text is unknown.
func (r *Relation) UnmarshalText(text []byte) (err error) {
	*r = UnknownRelation
	if len(text) != 0 {
		*r, err = ParseRelation(string(text))
	}
	return err
}

// MaritalStatus is the civil registry's marital status; its number is the registry's code (1 to 4).
type MaritalStatus uint8

// The marital statuses; zero is unknown.
const (
	UnknownMarital MaritalStatus = iota
	NeverMarried                 // belum kawin
	Married                      // kawin, recorded or not
	Divorced                     // cerai hidup
	Widowed                      // cerai mati
)

var maritalNames = [...]string{"", "belum_kawin", "kawin", "cerai_hidup", "cerai_mati"}

// String gives the status's stable word, such as "belum_kawin"; "" when unknown.
func (m MaritalStatus) String() string { return maritalNames[min(m, Widowed)] }

var maritalWords = map[string]MaritalStatus{
	"1": NeverMarried, "BELUM KAWIN": NeverMarried, "BELUM MENIKAH": NeverMarried, "LAJANG": NeverMarried,
	"2": Married, "KAWIN": Married, "MENIKAH": Married, "KAWIN TERCATAT": Married, "KAWIN BELUM TERCATAT": Married, "KAWIN TIDAK TERCATAT": Married,
	"3": Divorced, "CERAI HIDUP": Divorced, "CERAI HIDUP TERCATAT": Divorced, "CERAI HIDUP BELUM TERCATAT": Divorced,
	"4": Widowed, "CERAI MATI": Widowed, "JANDA MATI": Widowed, "DUDA MATI": Widowed,
}

// ParseMaritalStatus reads a code (1 to 4), the stable word or the common words in any case.
// Error: marital.unknown.
func ParseMaritalStatus(s string) (MaritalStatus, error) {
	if m, ok := maritalWords[Fold(s)]; ok {
		return m, nil
	}
	return UnknownMarital, fail.Invalid("marital.unknown")
}

// MarshalText writes the stable word.
func (m MaritalStatus) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what ParseMaritalStatus reads; an empty text is unknown.
func (m *MaritalStatus) UnmarshalText(text []byte) (err error) {
	*m = UnknownMarital
	if len(text) != 0 {
		*m, err = ParseMaritalStatus(string(text))
	}
	return err
}

func smallNumber(s string) (n int, ok bool) {
	if s == "" || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	for _, digit := range s {
		n = n*10 + int(digit-'0')
	}
	return n, true
}
