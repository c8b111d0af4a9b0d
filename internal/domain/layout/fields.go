// Package layout maps the tables officers hold to the canonical columns and back.
//
// Every office names its columns differently. A Mapping says how one kind of file is laid out: which
// of its columns is which canonical field, how it writes sexes and dates, where its header stands. It
// comes ready (data/layouts), from a file of the officer, or, when the headers say enough, from
// nothing but the built-in names. Binding a Mapping to the header of a file gives a Binding, which
// turns rows into Records of fixed slots, and back.
//
// A Record holds text in canonical form (dates YYYY[-MM[-DD]], sex L or P, numbers without marks);
// whether a NIK or an area exists is for the packages person and area to say.
package layout

// Field is one canonical column. Its number is the slot in a Record.
type Field uint8

// The canonical columns of all kinds of tables.
const (
	RowID Field = iota
	Source
	Year
	HouseholdID
	RegistryID
	PersonID
	NoKK
	NIK
	Name
	Sex
	BirthPlace
	BirthDate
	MotherName
	FatherName
	Relation
	Address
	RT
	RW
	Village
	Subdistrict
	Regency
	Province
	AreaCode
	Phone
	Status
	EvidenceKind
	Value
	AsOf
	Decile
	Vintage
	Questionnaire
	CollectedAt
	CollectedBy
	Latitude
	Longitude
	Document
	PaymentID
	Programme
	Period
	CardNo
	AccountNo
	AccountName
	Bank
	Amount
	RejectCode
	Reason
	CreditedAt
	FirstUsedAt
	ReturnedAt
	Match
	MatchNote
	NoKKMatch
	NameMatch
	SexMatch
	BirthPlaceMatch
	BirthDateMatch
	MotherMatch
	AddressMatch
	ProposalNo // of Tepat, as its receipt says
	Decision
	Note
	DecreeNo
	DecidedOn
	SignedBy
	Fields // their number
)

// The fields that are only in files; each stands for several canonical ones, or for none.
const (
	rtRW           Field = Fields + iota // "003/007"
	birthPlaceDate                       // "Ambon, 17-08-1990"
	codeProvince                         // area code in four columns
	codeRegency
	codeSubdistrict
	codeVillage
	rowNumber // a running number: exports write it, imports pass over it
	allFields
	noField Field = 255
)

// form is what the values of a field look like.
type form uint8

const (
	formText     form = iota // blanks tidied
	formNumberID             // NIK and No. KK: marks between digits dropped, damage by spreadsheets refused
	formID                   // any other identifier: damage refused
	formSex                  // L or P
	formDate                 // YYYY[-MM[-DD]]
	formWhole                // digits
	formAmount               // whole rupiah, digits
	formCode                 // area code: one that a spreadsheet took for a fraction is refused
	formYesNo                // yes, no or what the file says
	formDecimal              // digits with a point
)

// names are the stable names of the fields, as in product.md, and their forms.
var names = [allFields]struct {
	name string
	form form
}{
	RowID: {"row_id", formID}, Source: {"source", formText}, Year: {"year", formWhole}, HouseholdID: {"household_id", formID},
	RegistryID: {"registry_id", formID}, PersonID: {"person_id", formID}, NoKK: {"no_kk", formNumberID}, NIK: {"nik", formNumberID},
	Name: {"name", formText}, Sex: {"sex", formSex}, BirthPlace: {"birth_place", formText}, BirthDate: {"birth_date", formDate},
	MotherName: {"mother_name", formText}, FatherName: {"father_name", formText}, Relation: {"relation", formText},
	Address: {"address", formText}, RT: {"rt", formText}, RW: {"rw", formText}, Village: {"village", formText},
	Subdistrict: {"subdistrict", formText}, Regency: {"regency", formText}, Province: {"province", formText},
	AreaCode: {"area_code", formCode}, Phone: {"phone", formID}, Status: {"status", formText},
	EvidenceKind: {"kind", formText}, Value: {"value", formText}, AsOf: {"as_of", formDate},
	Decile: {"decile", formWhole}, Vintage: {"vintage", formText},
	Questionnaire: {"questionnaire", formText}, CollectedAt: {"collected_at", formDate}, CollectedBy: {"collected_by", formText},
	Latitude: {"latitude", formDecimal}, Longitude: {"longitude", formDecimal}, Document: {"document", formText},
	PaymentID: {"payment_id", formID}, Programme: {"programme", formText}, Period: {"period", formText}, CardNo: {"card_no", formID},
	AccountNo: {"account_no", formID}, AccountName: {"account_name", formText}, Bank: {"bank", formText}, Amount: {"amount", formAmount},
	RejectCode: {"reject_code", formText}, Reason: {"reason", formText}, CreditedAt: {"credited_at", formDate}, FirstUsedAt: {"first_used_at", formDate}, ReturnedAt: {"returned_at", formDate},
	Match: {"match", formYesNo}, MatchNote: {"match_note", formText}, NoKKMatch: {"no_kk_match", formYesNo}, NameMatch: {"name_match", formYesNo},
	SexMatch: {"sex_match", formYesNo}, BirthPlaceMatch: {"birth_place_match", formYesNo}, BirthDateMatch: {"birth_date_match", formYesNo},
	MotherMatch: {"mother_name_match", formYesNo}, AddressMatch: {"address_match", formYesNo},
	ProposalNo: {"proposal", formID}, Decision: {"decision", formText}, Note: {"note", formText}, DecreeNo: {"decree", formText},
	DecidedOn: {"decided_on", formDate}, SignedBy: {"signed_by", formText},
	rtRW: {"rt_rw", formText}, birthPlaceDate: {"birth_place_date", formText}, rowNumber: {"row_number", formText},
	codeProvince: {"code_province", formText}, codeRegency: {"code_regency", formText},
	codeSubdistrict: {"code_subdistrict", formText}, codeVillage: {"code_village", formText},
}

// byName finds a field by its name.
var byName = func() map[string]Field {
	m := make(map[string]Field, allFields)
	for f := range allFields {
		m[names[f].name] = f
	}
	return m
}()

// String gives the field's stable name, as it stands in the header of a canonical file.
func (f Field) String() string {
	if f >= allFields {
		return ""
	}
	return names[f].name
}

// FieldNamed finds a canonical field by its stable name.
func FieldNamed(name string) (f Field, ok bool) {
	f, ok = byName[name]
	return f, ok && f < Fields
}
