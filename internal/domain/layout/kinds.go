package layout

import (
	"slices"

	"tepat/internal/kit/fail"
)

// Kind is what a table is about.
type Kind string

// The kinds of tables, as on the command line.
const (
	Families Kind = "families" // persons with their families, and items of a questionnaire
	Civil    Kind = "civil"    // persons of the civil registry, or its answers to a match
	Evidence Kind = "evidence" // what other agencies state about persons
	Deciles  Kind = "deciles"  // official deciles of families
	Answers  Kind = "answers"  // items of a questionnaire for families or persons already known
	Payments Kind = "payments" // results of payments, and memberships under programmes
	// Decisions are what the level above decided about proposals.
	Decisions Kind = "decisions"
)

// table is one kind: its fields in the order of a canonical file, and what a file must have.
type table struct {
	kind     Kind
	fields   []Field
	optional []Field   // understood, but not part of a canonical file
	required [][]Field // of each group the file has at least one
	row      [][]Field // of each group every row has at least one
}

var place = []Field{RT, RW, Village, Subdistrict, Regency, Province, AreaCode}

var tables = []table{
	{
		kind: Families,
		fields: []Field{
			RowID, Source, Year, HouseholdID, RegistryID, NoKK, NIK, Name, Sex, BirthPlace, BirthDate, MotherName, Relation, Address,
			RT, RW, Village, Regency, AreaCode, Phone,
		},
		optional: []Field{FatherName, Subdistrict, Province, CollectedAt, CollectedBy, Questionnaire, Latitude, Longitude, Document},
		required: [][]Field{{Name}, {NIK, NoKK}},
		row:      [][]Field{{Name}, {NIK, NoKK, RegistryID, HouseholdID}},
	},
	{
		kind: Civil,
		fields: []Field{
			PersonID, NIK, NoKK, Name, Sex, BirthPlace, BirthDate, MotherName, FatherName, Relation, Address,
			RT, RW, Village, Regency, AreaCode, Phone, Status,
		},
		optional: []Field{
			RowID, Source, AsOf, Subdistrict, Province, Match, MatchNote, NoKKMatch, NameMatch, SexMatch, BirthPlaceMatch, BirthDateMatch,
			MotherMatch, AddressMatch,
		},
		required: [][]Field{{NIK}, {Name, Match, MatchNote, NameMatch}},
		row:      [][]Field{{NIK}},
	},
	{
		kind:     Evidence,
		fields:   []Field{NIK, EvidenceKind, Value, AsOf, Source},
		optional: append([]Field{RowID, NoKK, Name, Sex, BirthDate, Address}, place...),
		required: [][]Field{{NIK}, {EvidenceKind}},
		row:      [][]Field{{NIK}, {EvidenceKind}},
	},
	{
		kind:     Deciles,
		fields:   []Field{NoKK, RegistryID, Decile, Vintage, Source},
		optional: append([]Field{RowID, HouseholdID, NIK, Name, Address}, place...),
		required: [][]Field{{NoKK, RegistryID}, {Decile}},
		row:      [][]Field{{NoKK, RegistryID}}, // no decile means unranked, which is a value of its own
	},
	{
		kind:     Answers,
		fields:   []Field{RowID, Source, Questionnaire, CollectedAt, CollectedBy, HouseholdID, RegistryID, NoKK, NIK, Latitude, Longitude, Document},
		optional: append([]Field{Name, Address, Year}, place...),
		required: [][]Field{{NoKK, RegistryID, HouseholdID, NIK}},
		row:      [][]Field{{NoKK, RegistryID, HouseholdID, NIK}},
	},
	{
		kind: Payments,
		fields: []Field{
			PaymentID, Programme, Period, NIK, NoKK, Name, AccountNo, AccountName, Bank, Amount, Status, RejectCode, Reason, CreditedAt, FirstUsedAt, ReturnedAt, Source,
		},
		optional: append([]Field{RowID, CardNo, RegistryID, Sex, BirthPlace, BirthDate, MotherName, Relation, Address, Phone, AsOf}, place...),
		required: [][]Field{{PaymentID, NIK}, {Status, CreditedAt, RejectCode}},
		row:      [][]Field{{PaymentID, NIK}},
	},
	{
		kind:     Decisions,
		fields:   []Field{ProposalNo, NIK, NoKK, Decision, Reason, Note, DecreeNo, DecidedOn, SignedBy},
		optional: append([]Field{RowID, Source, Name, Sex, BirthDate, Relation, Programme, Address}, place...),
		required: [][]Field{{ProposalNo, NIK, NoKK}, {Decision}, {DecreeNo}, {DecidedOn}},
		row:      [][]Field{{ProposalNo, NIK, NoKK}, {Decision}},
	},
}

// Kinds gives all kinds, in a fixed order.
func Kinds() []Kind {
	list := make([]Kind, len(tables))
	for i, t := range tables {
		list[i] = t.kind
	}
	return list
}

// ParseKind reads the name of a kind. Error: layout.kind (fact kind).
func ParseKind(name string) (Kind, error) {
	if tableOf(Kind(name)) == nil {
		return "", fail.Invalid("layout.kind", "kind", name)
	}
	return Kind(name), nil
}

// Columns gives the fields of a canonical file of the kind, in their order: the header of a template.
func (k Kind) Columns() []Field {
	if t := tableOf(k); t != nil {
		return slices.Clone(t.fields)
	}
	return nil
}

// Has reports whether a table of the kind can hold the field.
func (k Kind) Has(f Field) bool {
	t := tableOf(k)
	return t != nil && (slices.Contains(t.fields, f) || slices.Contains(t.optional, f))
}

func tableOf(k Kind) *table {
	for i := range tables {
		if tables[i].kind == k {
			return &tables[i]
		}
	}
	return nil
}

// accepts reports whether a column of a file of the kind may be mapped to the field, which may be
// one that stands for several.
func (k Kind) accepts(f Field) bool {
	switch f {
	case rtRW:
		return k.Has(RT)
	case birthPlaceDate:
		return k.Has(BirthDate)
	case codeProvince, codeRegency, codeSubdistrict, codeVillage:
		return k.Has(AreaCode)
	case rowNumber:
		return true
	}
	return k.Has(f)
}
